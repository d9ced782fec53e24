from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tulen.customs import ExchangeRate, customs_value, exact_text, money_text
from tulen.errors import InvalidInputError
from tulen.values import Currency

AMOUNTS = st.decimals(min_value=0, max_value=Decimal(10) ** 17, places=4)


def test_the_customs_value_of_the_story_is_159_million_rupiah() -> None:
    value = customs_value(Decimal(10000), Decimal(100), Decimal(500), Decimal(15000))
    assert value.cif == 10600  # SEED-DUTY-02
    assert value.national == 159_000_000


def test_the_yen_is_quoted_per_100() -> None:
    value = customs_value(Decimal(1_000_000), Decimal(0), Decimal(0), Decimal("11371.25"), per=100)
    assert value.national == 113_712_500  # KURS-01


def test_no_digit_of_the_customs_value_is_lost() -> None:
    value = customs_value(Decimal("10552.50"), Decimal(0), Decimal(0), Decimal("16235.5"))
    assert value.national == Fraction("171325113.75")  # ROUND-05


def test_the_largest_amounts_are_exact_beyond_the_precision_of_decimal() -> None:
    most = Decimal("999999999999999999.999999")
    value = customs_value(most, most, most, most)
    assert value.national == 3 * Fraction(10**24 - 1, 10**6) ** 2


def test_goods_without_a_price_have_a_value_of_zero() -> None:
    assert customs_value(Decimal(0), Decimal(0), Decimal(0), Decimal(1)).national == 0


@pytest.mark.parametrize("wrong", ["-0.01", "NaN", "Infinity"])
@pytest.mark.parametrize("position", range(4))
def test_an_amount_that_is_no_amount_is_refused_by_name(position: int, wrong: str) -> None:
    amounts = [Decimal(1)] * 4
    amounts[position] = Decimal(wrong)
    with pytest.raises(InvalidInputError) as caught:
        customs_value(*amounts)
    assert caught.value.field == ("cost", "insurance", "freight", "rate")[position]


@pytest.mark.parametrize(("rate", "per"), [("0", 1), ("-1", 1), ("NaN", 1), ("1", 0), ("1", 7)])
def test_an_exchange_rate_that_no_table_could_hold_is_refused(rate: str, per: int) -> None:
    with pytest.raises(InvalidInputError):
        ExchangeRate(Currency("USD"), Decimal(rate), per)


@given(AMOUNTS, AMOUNTS, st.decimals(min_value=1, max_value=20000, places=4))
def test_the_parts_of_a_consignment_are_worth_as_much_as_the_whole(
    one: Decimal, other: Decimal, rate: Decimal
) -> None:
    def worth(cost: Decimal) -> Fraction:
        return customs_value(cost, Decimal(0), Decimal(0), rate, 100).national

    assert worth(one) + worth(other) == worth(one + other)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Fraction(159_000_000), "Rp159,000,000"),
        (Decimal("1506882.069"), "Rp1,506,882.069"),
        (Decimal("1E+6"), "Rp1,000,000"),
        (Decimal("0.10"), "Rp0.1"),
        (0, "Rp0"),
        (999, "Rp999"),
        (Fraction(1, 3), "Rp0.333333…"),
        (Fraction(10**7, 3), "Rp3,333,333.333333…"),
        (Fraction(-2001, 2), "-Rp1,000.5"),
    ],
)
def test_money_reads_as_people_write_it(amount: Fraction, text: str) -> None:
    assert money_text(amount) == text


@given(st.fractions())
def test_the_exact_text_of_a_fraction_gives_it_back(amount: Fraction) -> None:
    assert Fraction(exact_text(amount)) == amount
