"""Quantities and money: exact, or not at all."""

import re
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tulen.errors import InvalidInputError
from tulen.values import Currency, Money, Quantity, UnitCode, decimal_from, decimal_text
from tulen.values.fields import exact_decimal

KGM = UnitCode("KGM")
USD = Currency("USD")
MOST = Decimal("999999999999999999.999999")
MICROS = st.integers(0, 10**24 - 1)

REFUSED: dict[str, Any] = {
    "nothing": "",
    "a blank": " ",
    "a blank before": " 1",
    "a blank after": "1 ",
    "a newline after": "1\n",
    "minus one": "-1",
    "minus nothing": "-0",
    "plus one": "+1",
    "an exponent": "1e3",
    "a capital exponent": "1E+3",
    "no digit before the point": ".5",
    "no digit after the point": "1.",
    "two points": "1.2.3",
    "a comma": "1,5",
    "grouping": "1,000",
    "underscores": "1_000",
    "a leading zero": "01",
    "two zeros": "00",
    "seven decimals": "0.0000001",
    "19 digits": "1" + "0" * 18,
    "30 digits": "9" * 30,
    "a million digits": "9" * 10**6,
    "NaN": "NaN",
    "infinity": "Infinity",
    "hexadecimal": "0x10",
    "Arabic digits": "\u0661\u0662",
    "full-width digits": "\uff11",
    "a number": 1,
    "a float": 0.5,
    "a truth value": True,
    "null": None,
    "a list": ["1"],
    "a Decimal": Decimal(1),
    "bytes": b"1",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_a_plain_decimal_is_refused_in_the_name_of_its_field(text: object) -> None:
    with pytest.raises(InvalidInputError, match=r"^/quantity: .* is not a decimal") as caught:
        decimal_from(text, "/quantity")
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", Decimal(0)),
        ("1000", Decimal(1000)),
        ("0.000001", Decimal("0.000001")),
        ("999999999999999999.999999", MOST),
        ("12.50", Decimal("12.5")),
    ],
)
def test_a_plain_decimal_is_read_exactly(text: str, value: Decimal) -> None:
    assert decimal_from(text, "x") == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("0.000", "0"),
        ("0E+5", "0"),
        ("0E-30", "0"),
        ("1E+3", "1000"),
        ("1000", "1000"),
        ("12.500", "12.5"),
        ("100.00", "100"),
        ("1E-6", "0.000001"),
        ("999999999999999999.999999", "999999999999999999.999999"),
    ],
)
def test_a_decimal_has_one_spelling(value: str, text: str) -> None:
    assert decimal_text(Decimal(value)) == text


@settings(max_examples=300)
@given(MICROS)
def test_the_spelling_reads_back_as_the_same_value(micro: int) -> None:
    value = Decimal(micro).scaleb(-6)
    text = decimal_text(value)
    assert decimal_from(text, "x") == value
    assert decimal_text(decimal_from(text, "x")) == text


@settings(max_examples=300)
@given(MICROS | st.sampled_from([0, 1, 10**6 - 1, 10**6, 10**24 - 1]), st.integers(1, 60))
def test_micro_units_and_quantities_are_the_same_thing(micro: int, precision: int) -> None:
    """Whatever decimal context a library has left behind."""
    with localcontext(prec=precision):
        quantity = Quantity.from_micro(micro, KGM)
        assert quantity.micro == micro
    assert Fraction(quantity.amount) == Fraction(micro, 10**6)


def test_trailing_zeros_do_not_change_the_micro_units() -> None:
    assert Quantity(Decimal("123456789012345678.123456000000000000"), KGM).micro == (
        123456789012345678123456
    )


@pytest.mark.parametrize("micro", [-1, 10**24, 10**30, 10**40])
def test_micro_units_out_of_bounds_make_no_quantity(micro: int) -> None:
    with pytest.raises(InvalidInputError, match=r"^quantity: "):
        Quantity.from_micro(micro, KGM)


NOT_AMOUNTS: dict[str, Any] = {
    "negative": Decimal(-1),
    "negative zero": Decimal("-0"),
    "NaN": Decimal("NaN"),
    "signalling NaN": Decimal("sNaN"),
    "infinite": Decimal("Infinity"),
    "too many digits": Decimal(10**18),
    "too many decimals": Decimal("1E-7"),
    "too big to be spelled out": Decimal("1E+999999999999999"),
    "too small to be spelled out": Decimal("1E-999999999999999"),
    "no decimals, and too many": Decimal("0E-999999999999999"),
    "a float": 1.5,
    "an integer": 1,
    "text": "1",
}


@pytest.mark.parametrize("amount", NOT_AMOUNTS.values(), ids=NOT_AMOUNTS.keys())
def test_what_is_not_an_amount_makes_neither_quantity_nor_money(amount: Any) -> None:  # noqa: ANN401 - on purpose of any type
    with pytest.raises(InvalidInputError, match=r"^quantity: "):
        Quantity(amount, KGM)
    with pytest.raises(InvalidInputError, match=r"^money: "):
        Money(amount, USD)


def test_amounts_print_with_their_unit() -> None:
    assert str(Quantity(Decimal("600.00"), KGM)) == "600 KGM"
    assert str(Money(Decimal("10600.50"), USD)) == "USD 10600.5"
    assert str(Money(MOST, USD)) == "USD 999999999999999999.999999"


@settings(max_examples=500)
@given(st.from_regex(r"\A[0-9]{1,20}(\.[0-9]{0,8})?\Z") | st.text("0123456789.-+eE", max_size=9))
def test_an_exact_decimal_is_the_one_spelling_of_its_value(text: str) -> None:
    try:
        shortest = decimal_text(decimal_from(text, "/x"))
    except InvalidInputError as error:
        with pytest.raises(InvalidInputError, match=re.escape(str(error))):
            exact_decimal(text, "/x")
        return
    if text == shortest:
        assert exact_decimal(text, "/x") == Decimal(text)
    else:
        with pytest.raises(InvalidInputError, match=f"not in its shortest spelling, {shortest}"):
            exact_decimal(text, "/x")
