"""Fixtures of the command line's tests."""

from cli_home import home

__all__ = ["home"]
