"""The HTTP interface `/v1`, and the public logs: it translates and decides nothing."""

from tulen.api import (
    applications,
    credentials,
    documentation,
    origin,
    problems,
    public_log,
    webhooks,
)
from tulen.api.guard import Guard
from tulen.api.routes import router

__all__ = [
    "Guard",
    "applications",
    "credentials",
    "documentation",
    "origin",
    "problems",
    "public_log",
    "router",
    "webhooks",
]
