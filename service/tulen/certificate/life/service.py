"""The time that an office has for an application; it stands still while the exporter is asked."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources

from tulen.values import Country
from tulen.values.dated import Dated, dated_from
from tulen.values.fields import constant, members_of, whole_number

FORMAT = "tulen/service/v1"
SATURDAY = 5
MAX_WORKING_DAYS = 365


@dataclass(frozen=True, slots=True)
class ServiceLimit:
    """How long an office has.

    Attributes:
        working_days: Days, Saturdays and Sundays left out. Public holidays are not held, so an
            office that keeps them has at least this.
    """

    working_days: int


def service_limit(country: Country, day: date) -> Dated[ServiceLimit] | None:
    """Return the limit for applications of ``day``; None where none is held."""
    entries = _limits().get(country, ())
    return next((entry for entry in reversed(entries) if day in entry), None)


def due_at(
    submitted_at: datetime, limit: ServiceLimit, pauses: Iterable[tuple[datetime, datetime]]
) -> datetime:
    """Return until when the application is to be decided.

    Args:
        submitted_at: When it came in.
        limit: How long the office has.
        pauses: From when to when the exporter was asked; each is added in full.
    """
    left, due = limit.working_days, submitted_at
    while left:
        due += timedelta(days=1)
        left -= due.weekday() < SATURDAY
    return due + sum((end - start for start, end in pauses), timedelta())


@cache
def _limits() -> Mapping[str, tuple[Dated[ServiceLimit], ...]]:
    file = resources.files(__package__).joinpath("service.toml")
    document = tomllib.loads(file.read_text("utf-8"))
    constant(document.pop("format"), "/format", FORMAT)
    return {
        Country(name, f"/{name}"): dated_from(entries, f"/{name}", _limit)
        for name, entries in document.items()
    }


def _limit(value: object, field: str) -> ServiceLimit:
    table = members_of(value, field, ("working_days",))
    days = whole_number(
        table["working_days"], f"{field}/working_days", least=1, most=MAX_WORKING_DAYS
    )
    return ServiceLimit(days)
