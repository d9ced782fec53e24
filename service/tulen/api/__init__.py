"""The HTTP interface `/v1`: it translates and decides nothing."""

from tulen.api import documentation, problems
from tulen.api.guard import Guard
from tulen.api.routes import router

__all__ = ["Guard", "documentation", "problems", "router"]
