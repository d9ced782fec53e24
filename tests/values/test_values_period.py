"""Dates, instants and periods."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tulen.errors import InvalidInputError
from tulen.values import Period, date_from, instant_from, instant_text

NOT_DATES: list[Any] = [
    "",
    "2026",
    "2026-1-5",
    "26-01-05",
    "20260105",
    "2026-W01-1",
    "2026-001",
    "2026-02-29",
    "2026-00-10",
    "2026-13-01",
    "2026-01-32",
    "0000-01-01",
    "2026-01-05 ",
    " 2026-01-05",
    "2026-01-05\n",
    "2026-01-05T00:00:00Z",
    "+2026-01-05",
    "2026/01/05",
    "05-01-2026",
    "\u0662\u0660\u0662\u0666-01-05",
    None,
    20260105,
    date(2026, 1, 5),
]
NOT_INSTANTS: list[Any] = [
    "",
    "2026-01-15",
    "2026-01-15T08:30Z",
    "2026-01-15T08:30:00",
    "2026-01-15 08:30:00Z",
    "2026-01-15t08:30:00z",
    "2026-01-15T08:30:00+00:00",
    "2026-01-15T08:30:00+07:00",
    "2026-01-15T08:30:00.000Z",
    "2026-01-15T08:30:60Z",
    "2026-01-15T08:60:00Z",
    "2026-01-15T24:00:00Z",
    "2026-02-30T08:30:00Z",
    "2026-01-15T08:30:00Z\n",
    "2026-01-15T08:30:00ZZ",
    None,
    1768465800,
    datetime(2026, 1, 15, tzinfo=UTC),
]


@given(st.dates())
def test_a_date_reads_back_as_it_is_written(day: date) -> None:
    assert date_from(day.isoformat(), "x") == day


AWARE = st.datetimes(
    timezones=st.timezones(),
    min_value=datetime(1, 1, 3),  # noqa: DTZ001 - Hypothesis wants its bounds naive
    max_value=datetime(9999, 12, 29),  # noqa: DTZ001 - the same
)


@given(AWARE)
def test_an_instant_reads_back_as_it_is_written(instant: datetime) -> None:
    text = instant_text(instant)
    read = instant_from(text, "x")
    assert read == instant.astimezone(UTC).replace(microsecond=0)
    assert read.utcoffset() == timedelta(0)
    assert instant_text(read) == text


@pytest.mark.parametrize("text", NOT_DATES)
def test_what_is_not_a_date_is_refused(text: object) -> None:
    with pytest.raises(InvalidInputError, match=r"^/issued_on: .* is not a date such as"):
        date_from(text, "/issued_on")


@pytest.mark.parametrize("text", NOT_INSTANTS)
def test_what_is_not_an_instant_is_refused(text: object) -> None:
    with pytest.raises(InvalidInputError, match=r"^/at: .* is not an instant such as"):
        instant_from(text, "/at")


def test_an_instant_is_written_in_utc_and_whole_seconds() -> None:
    jakarta = timezone(timedelta(hours=7))
    assert instant_text(datetime(2026, 1, 15, 3, 0, 59, 999_999, jakarta)) == "2026-01-14T20:00:59Z"


def test_early_years_keep_their_four_digits() -> None:
    assert instant_text(datetime(999, 1, 1, tzinfo=UTC)) == "0999-01-01T00:00:00Z"


def test_an_instant_without_a_time_zone_is_not_written() -> None:
    """It would be read in the time zone of whatever machine this runs on."""
    with pytest.raises(InvalidInputError, match="has no time zone"):
        instant_text(datetime(2026, 1, 15))  # noqa: DTZ001 - on purpose


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "America/New_York"])
def test_the_machine_s_time_zone_changes_nothing(zone: str) -> None:
    program = (
        "from tulen.values import *\n"
        "print(instant_text(instant_from('2026-01-15T20:30:00Z', 'x')))\n"
        "print(date_from('2026-01-15', 'x'))"
    )
    run = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program],
        env={"TZ": zone},
        capture_output=True,
        check=True,
        text=True,
    )
    assert run.stdout == "2026-01-15T20:30:00Z\n2026-01-15\n"


def test_a_period_holds_its_first_day_and_not_its_end() -> None:
    period = Period(date(2026, 1, 1), date(2026, 2, 1))
    assert date(2025, 12, 31) not in period
    assert date(2026, 1, 1) in period
    assert date(2026, 1, 31) in period
    assert date(2026, 2, 1) not in period


def test_an_open_period_has_no_last_day() -> None:
    assert date.max in Period(date(2026, 1, 1))
    assert date(2025, 12, 31) not in Period(date(2026, 1, 1))


@pytest.mark.parametrize("until", [date(2026, 1, 1), date(2025, 12, 31)])
def test_a_period_without_a_day_is_refused(until: date) -> None:
    with pytest.raises(InvalidInputError, match=r"^until: .* is not after 2026-01-01"):
        Period(date(2026, 1, 1), until)
