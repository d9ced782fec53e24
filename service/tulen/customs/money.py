"""Exact amounts as people and programs read them. Nothing here rounds."""

from decimal import Decimal
from fractions import Fraction

TIMES = "\N{MULTIPLICATION SIGN}"

SHOWN_FRACTION_DIGITS = 6
"""How many digits of an endless fraction are shown, before the mark that more would follow."""


def exact_text(amount: Decimal | Fraction) -> str:
    """Return ``amount`` as a decimal where it ends, else as ``numerator/denominator``."""
    exact = Fraction(amount)
    digits = _fraction_digits(exact.denominator)
    if digits is None:
        return f"{exact.numerator}/{exact.denominator}"
    return _decimal(exact, digits)


def percent_text(rate: Fraction) -> str:
    """Return ``rate`` in percent, as in ``2.5%``."""
    return f"{exact_text(rate * 100)}%"


def money_text(amount: Decimal | Fraction | int, symbol: str = "Rp") -> str:
    """Return ``amount`` with its symbol and grouped thousands, as in ``Rp159,000,000``.

    An endless fraction is cut and marked: ``Rp0.333333…``.
    """
    exact = Fraction(amount)
    digits = _fraction_digits(exact.denominator)
    shown = SHOWN_FRACTION_DIGITS if digits is None else digits
    whole, point, rest = _decimal(abs(exact), shown).partition(".")
    sign = "-" if exact < 0 else ""
    return f"{sign}{symbol}{int(whole):,}{point}{rest}{'…' if digits is None else ''}"


def _fraction_digits(denominator: int) -> int | None:
    """Return how many decimals a fraction over ``denominator`` has; None if they never end."""
    counts = []
    for prime in (2, 5):
        count = 0
        while denominator % prime == 0:
            denominator //= prime
            count += 1
        counts.append(count)
    return max(counts) if denominator == 1 else None


def _decimal(exact: Fraction, digits: int) -> str:
    scaled = abs(exact.numerator) * 10**digits // exact.denominator
    text = str(scaled).rjust(digits + 1, "0")
    sign = "-" if exact < 0 else ""
    return sign + (f"{text[:-digits]}.{text[-digits:]}" if digits else text)
