"""Dated values as a shipped file writes them, for showing; reading them is done elsewhere."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from tulen.values import AgreementCode

Shown = dict[str, Any]


def shipped_bytes(folder: str, agreement: AgreementCode) -> tuple[str, bytes]:
    """Return name and bytes of the file for ``agreement`` in a folder of this package."""
    name = f"{agreement.lower()}.toml"
    return name, resources.files("tulen.origin").joinpath(folder, name).read_bytes()


@cache
def shipped_document(folder: str, agreement: AgreementCode) -> Mapping[str, Any]:
    """Return what that file holds, read once; nobody may change it."""
    return tomllib.loads(shipped_bytes(folder, agreement)[1].decode())


def current(entries: Sequence[Mapping[str, Any]], on: date) -> Mapping[str, Any] | None:
    """Return the one of ``entries`` that is in force on a day; None where none is."""
    begun = [entry for entry in entries if entry["since"] <= on]
    if not begun or ("until" in begun[-1] and on >= begun[-1]["until"]):
        return None
    return begun[-1]


def stated(entry: Mapping[str, Any]) -> Shown:
    """Return an entry with its dates as text."""
    return {
        "value": entry["value"],
        "since": entry["since"].isoformat(),
        "until": entry["until"].isoformat() if "until" in entry else None,
        "reference": entry["reference"],
    }
