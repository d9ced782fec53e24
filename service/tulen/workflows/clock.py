"""The only place that reads the clock."""

from datetime import UTC, date, datetime


def now() -> datetime:
    """Return this instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one place


def today() -> date:
    """Return the legal date, in UTC."""
    return now().date()
