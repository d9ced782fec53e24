"""Editions of the Harmonized System: codes carried from one to another by a loaded table."""
