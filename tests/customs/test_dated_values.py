from datetime import UTC, date, datetime

import pytest

from tulen.errors import InvalidInputError, RuleViolationError
from tulen.values.dated import Dated, NotInForceError, Reference, dated_from, in_force

LAW = Reference("Law 1")
FIRST = Dated(date(2020, 1, 1), "first", LAW)
SECOND = Dated(date(2022, 7, 1), "second", LAW, until=date(2023, 1, 1))
THIRD = Dated(date(2024, 1, 1), "third", LAW)
ENTRIES = (THIRD, FIRST, SECOND)


@pytest.mark.parametrize(
    ("day", "value"),
    [
        (date(2020, 1, 1), "first"),
        (date(2022, 6, 30), "first"),
        (date(2022, 7, 1), "second"),
        (date(2022, 12, 31), "second"),
        (date(2024, 1, 1), "third"),
        (date(9999, 12, 31), "third"),
    ],
)
def test_the_latest_value_that_has_begun_is_in_force(day: date, value: str) -> None:
    assert in_force(ENTRIES, day, "rate").value == value


@pytest.mark.parametrize("day", [date(2019, 12, 31), date(2023, 1, 1), date(2023, 12, 31)])
def test_no_value_is_assumed_before_the_first_or_after_an_end(day: date) -> None:
    with pytest.raises(NotInForceError, match=f"rate: nothing is in force on {day}") as caught:
        in_force(ENTRIES, day, "rate")
    assert caught.value.code == "not-in-force"
    assert isinstance(caught.value, RuleViolationError)


def test_nothing_is_in_force_where_nothing_is_dated() -> None:
    with pytest.raises(NotInForceError):
        in_force((), date(2024, 1, 1), "rate")


def test_a_value_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        Dated(date(2024, 1, 1), 1, LAW, until=date(2024, 1, 1))


def _row(**changes: object) -> dict[str, object]:
    row = {"since": date(2024, 1, 1), "value": "5", "reference": {"title": "Law 1"}} | changes
    return {name: value for name, value in row.items() if value is not None}


def _read(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise InvalidInputError(field, value, "is not text")
    return value


def test_rows_become_dated_values_with_their_reference() -> None:
    rows = [
        _row(until=date(2025, 1, 1), reference={"title": "Law 1", "href": "https://law.example/1"}),
        _row(since=date(2025, 1, 1), value="6"),
    ]
    first, second = dated_from(rows, "/rate", _read)
    assert first.reference.href == "https://law.example/1"
    assert str(first.reference) == "Law 1"
    assert (first.until, second.until) == (date(2025, 1, 1), None)
    assert date(2024, 12, 31) in first
    assert date(2025, 1, 1) not in first


MALFORMED = {
    "no list": ("/rate", "is not a list", {}),
    "an empty list": ("/rate", "is not a list", []),
    "a row that is text": ("/rate/0", "not an object", ["5%"]),
    "no since": ("/rate/0/since", "is missing", [_row(since=None)]),
    "no value": ("/rate/0/value", "is missing", [_row(value=None)]),
    "no reference": ("/rate/0/reference", "is missing", [_row(reference=None)]),
    "a reference that is text": ("/rate/0/reference", "not an object", [_row(reference="Law 1")]),
    "a reference without title": (
        "/rate/0/reference/title",
        "is missing",
        [_row(reference={"href": "https://law.example/1"})],
    ),
    "a date in quotes": ("/rate/0/since", "write it bare", [_row(since="2024-01-01")]),
    "an instant for a date": (
        "/rate/0/since",
        "write it bare",
        [_row(since=datetime(2024, 1, 1, tzinfo=UTC))],
    ),
    "a value of another type": ("/rate/0/value", "is not text", [_row(value=5)]),
    "an unknown member": ("/rate/0/from_", "known are reference, since", [_row(from_="2024")]),
    "an end before the beginning": (
        "/rate/0/until",
        "is not after 2024-01-01",
        [_row(until=date(2023, 1, 1))],
    ),
    "one date twice": ("/rate/1/since", "overlaps", [_row(), _row()]),
    "dates out of order": ("/rate/1/since", "overlaps", [_row(), _row(since=date(2023, 1, 1))]),
    "a beginning before an end": (
        "/rate/1/since",
        "overlaps",
        [_row(until=date(2025, 1, 1)), _row(since=date(2024, 12, 31))],
    ),
}


@pytest.mark.parametrize(("field", "message", "rows"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_rows_are_refused_with_their_place(
    field: str, message: str, rows: object
) -> None:
    with pytest.raises(InvalidInputError, match=message) as caught:
        dated_from(rows, "/rate", _read)
    assert caught.value.field == field
