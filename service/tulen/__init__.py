"""Tulen: a ledger for electronic certificates of origin."""
