"""Dated values: what the law said on a day, with where it says so. Silence is never a default."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Generic, TypeVar

from tulen.errors import InvalidInputError, RuleViolationError
from tulen.values.fields import members_of
from tulen.values.period import Period
from tulen.values.text import line_of_text

T = TypeVar("T")


class NotInForceError(RuleViolationError):
    """No value is in force on the day in question; there is no default."""

    code: ClassVar[str] = "not-in-force"

    def __init__(self, subject: str, day: date) -> None:
        self.subject = subject
        self.day = day
        super().__init__(
            f"{subject}: nothing is in force on {day}; add a dated value that covers it"
        )


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a value can be read: the article, and an address if there is one."""

    title: str
    href: str | None = None

    def __str__(self) -> str:
        """Return the title."""
        return self.title


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """A value in force from ``since`` until the day before ``until``; open-ended where None."""

    since: date
    value: T
    reference: Reference
    until: date | None = None

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins."""
        Period(self.since, self.until)

    def __contains__(self, day: date) -> bool:
        """Return whether the value is in force on ``day``."""
        return day in Period(self.since, self.until)


def in_force(entries: Sequence[Dated[T]], day: date, subject: str) -> Dated[T]:
    """Return the entry in force on ``day``: the latest that has begun, unless it has ended.

    Args:
        entries: The values of one thing, in any order.
        day: The legal date in question.
        subject: What the values are of, for the message.

    Raises:
        NotInForceError: none has begun, or the latest has ended.
    """
    begun = [entry for entry in entries if entry.since <= day]
    latest = max(begun, key=lambda entry: entry.since, default=None)
    if latest is None or day not in latest:
        raise NotInForceError(subject, day)
    return latest


def dated_from(rows: object, field: str, read: Callable[[object, str], T]) -> tuple[Dated[T], ...]:
    """Return the dated values in ``rows``, an array of tables as `tomllib` reads it.

    Each row holds ``since`` (a TOML date), ``value``, ``reference = { title, href? }`` and may hold
    ``until``. Rows stand in order of ``since``, no date twice, none beginning before another ends.

    Args:
        rows: The array.
        field: JSON pointer of the array, for messages.
        read: Reads one ``value``, given it and its pointer.

    Raises:
        InvalidInputError: a row is malformed, or out of order.
    """
    if not isinstance(rows, list) or not rows:
        raise InvalidInputError(field, rows, "is not a list of at least one dated value")
    entries: list[Dated[T]] = []
    for index, row in enumerate(rows):
        entry = _entry_from(row, f"{field}/{index}", read)
        if entries and not _follows(entry.since, entries[-1]):
            before = entries[-1]
            raise InvalidInputError(
                f"{field}/{index}/since",
                str(entry.since),
                f"overlaps the value before it, from {before.since} until {before.until}; "
                "write the values in order of their dates",
            )
        entries.append(entry)
    return tuple(entries)


def _follows(since: date, before: Dated[T]) -> bool:
    return since > before.since and (before.until is None or since >= before.until)


def _entry_from(row: object, field: str, read: Callable[[object, str], T]) -> Dated[T]:
    members = members_of(row, field, ("since", "value", "reference"), ("until",))
    source = members_of(members["reference"], f"{field}/reference", ("title",), ("href",))
    reference = Reference(
        line_of_text(source["title"], f"{field}/reference/title"),
        line_of_text(source["href"], f"{field}/reference/href") if "href" in source else None,
    )
    since = _day(members["since"], f"{field}/since")
    until = _day(members["until"], f"{field}/until") if "until" in members else None
    value = read(members["value"], f"{field}/value")
    try:
        return Dated(since, value, reference, until)
    except InvalidInputError as error:
        raise error.within(f"{field}/") from error


def _day(value: object, field: str) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise InvalidInputError(field, value, "is not a date; write it bare, as 2026-01-15")
    return value
