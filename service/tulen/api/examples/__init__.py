"""Example documents: what OpenAPI shows, and what the story sends."""

import json
from importlib import resources
from typing import Any


def example(name: str) -> Any:  # noqa: ANN401 - it is JSON
    """Return a fresh copy of the example document ``name``."""
    file = resources.files(__name__) / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8"))
