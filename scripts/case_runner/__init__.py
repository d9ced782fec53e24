"""Runs worked cases through the public API of the core and compares what is expected of them."""
