"""Customs value: what the goods cost delivered to the border, in national currency.

Method 1, the transaction value, on the CIF basis (PMK 144/PMK.04/2022).
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tulen.errors import InvalidInputError
from tulen.values import Currency

QUOTED_PER = (1, 10, 100, 1000)
"""How many units of a currency one quotation may be for; the yen is quoted per 100."""


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """The customs exchange rate (kurs) of the day of submission, which the declarant states.

    Attributes:
        currency: The foreign currency.
        rate: National currency for ``per`` units of it.
        per: How many units the rate is quoted for.
    """

    currency: Currency
    rate: Decimal
    per: int = 1

    def __post_init__(self) -> None:
        """Refuse a rate that no table could hold."""
        if not self.rate.is_finite() or self.rate <= 0:
            raise InvalidInputError("/rate", self.rate, "is not an exchange rate above zero")
        if type(self.per) is not int or self.per not in QUOTED_PER:
            raise InvalidInputError("/per", self.per, "is not 1, 10, 100 or 1000")

    @property
    def unit_text(self) -> str:
        """What the rate is for, as in ``per USD`` or ``per 100 JPY``."""
        return f"per {self.per} {self.currency}" if self.per != 1 else f"per {self.currency}"


@dataclass(frozen=True, slots=True)
class CustomsValue:
    """An exact customs value.

    Attributes:
        cif: Cost, insurance and freight in the currency of the invoice.
        national: The same in national currency: what the duty is reckoned on.
    """

    cif: Fraction
    national: Fraction


def customs_value(
    cost: Decimal, insurance: Decimal, freight: Decimal, rate: Decimal, per: int = 1
) -> CustomsValue:
    """Return the customs value of goods, exactly.

    Args:
        cost: Price of the goods, in a foreign currency.
        insurance: Insurance to the place of import, in the same currency.
        freight: Freight to the place of import, in the same currency.
        rate: National currency for ``per`` units of that currency.
        per: How many units the rate is quoted for.

    Raises:
        InvalidInputError: an amount is negative or not finite, or the rate is not above zero.
    """
    for field, amount in (("cost", cost), ("insurance", insurance), ("freight", freight)):
        if not amount.is_finite() or amount < 0:
            raise InvalidInputError(field, amount, "is not finite and non-negative")
    if not rate.is_finite() or rate <= 0 or per < 1:
        raise InvalidInputError("rate", f"{rate} per {per}", "is not an exchange rate above zero")
    cif = Fraction(cost) + Fraction(insurance) + Fraction(freight)
    return CustomsValue(cif, cif * Fraction(rate) / per)
