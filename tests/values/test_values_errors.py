"""The error families."""

import pytest

from tulen.errors import (
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    RuleViolationError,
    TulenError,
    UnavailableError,
    shown,
)


def test_the_families_are_three() -> None:
    families = (InvalidInputError, RuleViolationError, UnavailableError)
    assert all(issubclass(family, TulenError) for family in families)
    assert not any(a is not b and issubclass(a, b) for a in families for b in families)
    assert issubclass(NotFoundError, RuleViolationError)
    assert issubclass(NotPermittedError, RuleViolationError)


def test_the_codes_are_distinct() -> None:
    errors = (
        TulenError,
        InvalidInputError,
        RuleViolationError,
        NotFoundError,
        NotPermittedError,
        UnavailableError,
    )
    assert len({error.code for error in errors}) == len(errors)


def test_a_message_names_field_value_and_problem() -> None:
    error = InvalidInputError("/quantity", "-1", "is not a decimal")
    assert str(error) == "/quantity: '-1' is not a decimal"
    assert (error.field, error.value, error.problem) == ("/quantity", "'-1'", "is not a decimal")
    assert str(InvalidInputError("", "x", "is not JSON")) == "document: 'x' is not JSON"


def test_a_parser_puts_its_own_field_before() -> None:
    inner = InvalidInputError("/hs", "99", "is not an HS code")
    outer = inner.within("/goods/0")
    assert str(outer) == "/goods/0/hs: '99' is not an HS code"
    assert (outer.field, outer.value, outer.problem) == ("/goods/0/hs", "'99'", inner.problem)
    assert inner.field == "/hs"


def test_a_subclass_with_its_own_arguments_nests_as_itself() -> None:
    class TooLateError(InvalidInputError):
        code = "too-late"

        def __init__(self, *, days: int) -> None:
            self.days = days
            super().__init__("/on", days, "is too late")

    nested = TooLateError(days=3).within("/claim")
    assert type(nested) is TooLateError
    assert nested.days == 3
    assert str(nested) == "/claim/on: '3' is too late"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("VN", "'VN'"),
        ("", "''"),
        (None, "'None'"),
        (0.5, "'0.5'"),
        (b"\xff", r"'b'\xff''"),
        ("a\nb\x1b", r"'a\nb\x1b'"),
        ("\ud800", r"'\ud800'"),
        ("\u202e", r"'\u202e'"),
        ("é", "'é'"),
        ("x" * 80, f"'{'x' * 80}'"),
        ("x" * 81, f"'{'x' * 80}…'"),
        (-(10**30), f"'{-(10**30)}'"),
    ],
)
def test_a_value_is_shown_short_and_printable(value: object, text: str) -> None:
    assert shown(value) == text
    assert shown(value).isprintable()


def test_an_integer_too_long_to_spell_is_shown_by_its_length() -> None:
    assert shown(10**5000) == "'an integer of 16610 bits'"


def test_a_huge_value_is_shown_by_its_beginning() -> None:
    assert len(shown("\x00" * 10**6)) < 400
    assert len(shown(list(range(10_000)))) < 100
