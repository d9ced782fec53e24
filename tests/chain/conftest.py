"""Fixtures of the chain tests."""

from lying_nodes import liar, serve

from anvil_fixtures import authority, chain, customs, send, world

__all__ = ["authority", "chain", "customs", "liar", "send", "serve", "world"]
