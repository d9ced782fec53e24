"""Quantities and money: exact decimals with a unit. No float comes in or goes out."""

import re
from dataclasses import dataclass
from decimal import Decimal

from tulen.errors import InvalidInputError
from tulen.values.codes import Currency, UnitCode

MAX_INTEGER_DIGITS = 18
MAX_FRACTION_DIGITS = 6
MICRO: int = 10**MAX_FRACTION_DIGITS
MAX_EXPONENT = 100

_DECIMAL = re.compile(
    rf"(?:0|[1-9][0-9]{{0,{MAX_INTEGER_DIGITS - 1}}})(?:\.[0-9]{{1,{MAX_FRACTION_DIGITS}}})?"
)


def decimal_from(text: object, field: str) -> Decimal:
    """Return the non-negative decimal that ``text`` spells.

    Only a string of plain digits with at most one point is read: up to 18 digits before it and 6
    after. Signs, exponents, grouping, NaN and JSON numbers are refused.

    Raises:
        InvalidInputError: ``text`` is anything else.
    """
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        raise InvalidInputError(
            field,
            text,
            "is not a decimal: a string of up to 18 digits, optionally a point and up to 6 more, "
            "without sign, exponent or separators",
        )
    return Decimal(text)


def decimal_text(value: Decimal) -> str:
    """Return the one spelling of ``value``: no exponent, no trailing zeros after the point."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def check_decimal(value: Decimal, field: str) -> None:
    """Refuse a ``value`` outside what `decimal_from` can read, however it is spelled.

    Raises:
        InvalidInputError: always then.
    """
    if type(value) is Decimal and _DECIMAL.fullmatch(str(value)):
        return  # Nearly every value.
    if not isinstance(value, Decimal):
        raise InvalidInputError(field, value, "is not a Decimal")
    if not value.is_finite() or value.is_signed():
        raise InvalidInputError(field, value, "is not finite and non-negative")
    if abs(value.adjusted()) > MAX_EXPONENT:  # Spelled out, it could fill the memory.
        raise InvalidInputError(field, value, "is too big or too small to be spelled out")
    decimal_from(decimal_text(value), field)


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount in a UN/ECE Recommendation 20 unit, e.g. ``Quantity(Decimal("12.5"), KGM)``."""

    amount: Decimal
    unit: UnitCode

    def __post_init__(self) -> None:
        """Refuse an amount outside the format's bounds."""
        check_decimal(self.amount, "quantity")

    @property
    def micro(self) -> int:
        """The amount in millionths of the unit: the integer that the chain counts in."""
        numerator, denominator = self.amount.as_integer_ratio()  # Exact in any decimal context.
        return numerator * MICRO // denominator

    @classmethod
    def from_micro(cls, micro: int, unit: UnitCode) -> "Quantity":
        """Return the quantity of ``micro`` millionths of ``unit``."""
        return cls(Decimal(f"{micro}e-{MAX_FRACTION_DIGITS}"), unit)

    def __str__(self) -> str:
        """Return the amount and unit, as in ``600 KGM``."""
        return f"{decimal_text(self.amount)} {self.unit}"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of a currency, e.g. ``Money(Decimal("10600"), USD)``."""

    amount: Decimal
    currency: Currency

    def __post_init__(self) -> None:
        """Refuse an amount outside the format's bounds."""
        check_decimal(self.amount, "money")

    def __str__(self) -> str:
        """Return the currency and amount, as in ``USD 10600``."""
        return f"{self.currency} {decimal_text(self.amount)}"
