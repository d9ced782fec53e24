"""Reads members of a case, and refuses what nobody here understands."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from tulen.values import decimal_text


class NotUnderstoodError(Exception):
    """A case has a member or a word that this runner does not know."""


def only(value: Mapping[str, Any], known: Collection[str], where: str) -> None:
    """Refuse members of ``value`` that are not ``known``."""
    if unknown := sorted(set(value) - set(known)):
        raise NotUnderstoodError(f"{where}: {', '.join(unknown)} is not understood")


def decimal(value: object, where: str) -> str:
    """Return a number of a case as the project spells decimals."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise NotUnderstoodError(f"{where}: {value!r} is no number")
    return decimal_text(Decimal(value))


def percent(value: object, where: str) -> str:
    """Return a number of percents as the project spells shares."""
    return f"{decimal(value, where)}%"


def hyphens(value: object) -> str:
    """Return a word of a case with hyphens, as the project spells codes."""
    return str(value).strip().lower().replace("_", "-").replace(" ", "-")
