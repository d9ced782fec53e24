"""Fixtures of the chain tests."""

from anchored_certificates import issued
from lying_nodes import liar, serve

from anvil_fixtures import authority, chain, customs, send, world

__all__ = ["authority", "chain", "customs", "issued", "liar", "send", "serve", "world"]
