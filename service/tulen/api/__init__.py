"""The HTTP interface `/v1`: it translates and decides nothing."""

from tulen.api import problems
from tulen.api.routes import router

__all__ = ["problems", "router"]
