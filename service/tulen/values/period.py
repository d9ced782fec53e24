"""Legal dates, instants and half-open periods. A date is never an instant."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from tulen.errors import InvalidInputError

REMEMBERED_DATES = 4096

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}Z")


def date_from(text: object, field: str) -> date:
    """Return the legal date that ``text`` spells as YYYY-MM-DD.

    Raises:
        InvalidInputError: it does not, or there is no such day.
    """
    if isinstance(text, str):
        try:
            return _date(text)
        except ValueError:
            pass
    raise InvalidInputError(field, text, "is not a date such as 2026-01-15")


@lru_cache(maxsize=REMEMBERED_DATES)  # Most days come again and again; refusals are not kept.
def _date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)


def instant_from(text: object, field: str) -> datetime:
    """Return the UTC instant that ``text`` spells as YYYY-MM-DDThh:mm:ssZ.

    Raises:
        InvalidInputError: it does not, or there is no such instant.
    """
    if isinstance(text, str) and _INSTANT.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise InvalidInputError(field, text, "is not an instant such as 2026-01-15T08:30:00Z")


def instant_text(instant: datetime) -> str:
    """Return the one spelling of an aware instant: UTC, whole seconds, Z.

    Raises:
        InvalidInputError: the instant has no time zone, so it could be any of several.
    """
    if instant.tzinfo is None:
        raise InvalidInputError("instant", instant, "has no time zone")
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``since`` up to, but not including, ``until``; open-ended where None."""

    since: date
    until: date | None = None

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins."""
        if self.until is not None and self.until <= self.since:
            raise InvalidInputError("until", self.until, f"is not after {self.since}")

    def __contains__(self, day: date) -> bool:
        """Return whether ``day`` lies within."""
        return self.since <= day and (self.until is None or day < self.until)
