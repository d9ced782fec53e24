"""Domain names: what the TXT records of a domain say, or that nobody could be asked."""

from tulen.names.names import Names

__all__ = ["Names"]
