"""One good under one agreement, with every material counted as the agreement counts it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tulen.origin.counting import (
    WHOLLY_OBTAINED_KIND,
    CountedMaterial,
    Counting,
    is_accessory,
    micro,
)
from tulen.origin.inputs import OriginInputs
from tulen.origin.materials import NO_DETAILS, Role
from tulen.origin.selection import Selection
from tulen.origin.terms import Basis, Terms, Treatment, WeightOf
from tulen.values.amounts import MICRO


@dataclass(frozen=True, slots=True)
class Case:
    """One good under one agreement on one day, with what every test needs worked out once.

    Attributes:
        inputs: What was declared.
        terms: What the agreement says on that day.
        materials: The materials as counted.
        fob: FOB price in millionths; None where it is unknown.
        originating: Value of the originating materials in millionths, as far as known.
        non_originating: Value of the others, those of undetermined origin included.
        all_known: Whether the value of every material is known.
        unit: What an amount is printed after: the currency and a space, or nothing.
    """

    inputs: OriginInputs
    terms: Terms
    materials: tuple[CountedMaterial, ...]
    fob: int | None
    originating: int
    non_originating: int
    all_known: bool = True
    unit: str = ""

    @classmethod
    def of(cls, inputs: OriginInputs, terms: Terms) -> "Case":
        """Return the case of ``inputs`` under ``terms``."""
        count = Counting(inputs, terms).of
        counted = tuple([count(material) for material in inputs.materials])
        fob, currency = inputs.fob_amount, inputs.currency
        return cls(
            inputs,
            terms,
            counted,
            None if fob is None else micro(fob),
            sum([item.home for item in counted]),
            sum([item.foreign for item in counted]),
            False not in [item.known for item in counted],
            "" if currency is None else f"{currency} ",
        )

    @property
    def cumulates(self) -> bool:
        """Whether a material of another country counts as originating."""
        home = self.inputs.exporting_country
        return any(item.originates and item.material.country != home for item in self.materials)

    def without_cumulation(self) -> "Case":
        """Return the same good with nothing but its own country's materials as originating."""
        own = replace(self.terms.cumulation, value=False)
        return Case.of(self.inputs, replace(self.terms, cumulation=own))

    def price(self, basis: Basis) -> int | None:
        """Return the price on ``basis`` in millionths; None where it is not stated."""
        if basis is Basis.FOB:
            return self.fob
        prices = self.inputs.prices
        amount = getattr(prices, _PRICES[basis]) if prices is not None else None
        return None if amount is None else micro(amount)

    def weight(self, of: WeightOf) -> int | None:
        """Return a weight of the good in millionths of a kilogram; None where it is not stated."""
        weights = self.inputs.weights
        amount = getattr(weights, of.value) if weights is not None else None
        return None if amount is None else micro(amount)

    def foreign(self) -> Iterable[CountedMaterial]:
        """Yield the materials that do not originate."""
        return (item for item in self.materials if not item.originates)

    def valued(self) -> Iterable[CountedMaterial]:
        """Yield the materials whose value counts, or may count, as non-originating."""
        if self.terms.rolls_up:
            return self.foreign()
        return (item for item in self.materials if not item.originates or _inside(item))

    @property
    def doubt(self) -> int:
        """What more than ``non_originating`` may be non-originating, in millionths."""
        return 0 if self.terms.rolls_up else sum([item.doubt for item in self.materials])

    def unvalued(self, items: Iterable[CountedMaterial]) -> list[CountedMaterial]:
        """Return those of ``items`` whose unknown value may be non-originating."""
        return [item for item in items if not item.known and not self._deemed(item)]

    def _deemed(self, item: CountedMaterial) -> bool:
        """Return whether an unknown value counts as originating, however much it is."""
        details = item.material.details
        if details is None or details.role is None:
            return False
        if self.terms.treatment(details.role).value is not Treatment.ORIGINATING:
            return False
        return details.role is not Role.ACCESSORY or is_accessory(details) is True

    def money(self, millionths: int) -> str:
        """Return an amount in the good's currency, not below zero, as text: ``USD 3750``."""
        whole, rest = divmod(millionths, MICRO)
        return f"{self.unit}{whole}.{rest:06}".rstrip("0") if rest else f"{self.unit}{whole}"


def named_by(
    of: Selection | None, items: Iterable[CountedMaterial]
) -> tuple[list[CountedMaterial], list[CountedMaterial]]:
    """Return those of ``items`` that ``of`` surely means, and those that it may mean.

    Of an originating material only what is in it counts, and that may be classified otherwise.
    """
    sure: list[CountedMaterial] = []
    doubtful: list[CountedMaterial] = []
    for item in items:
        held = True if of is None else None if item.originates else of.holds(item.material)
        if held:
            sure.append(item)
        elif held is None:
            doubtful.append(item)
    return sure, doubtful


_PRICES = {
    Basis.CIF: "cif",
    Basis.EXW: "ex_works",
    Basis.AV: "adjusted",
    Basis.TV: "transaction",
    Basis.NC: "net_cost",
}


def _inside(item: CountedMaterial) -> bool:
    """Return whether what an originating material is made of counts, or may."""
    details = item.material.details or NO_DETAILS
    domestic = details.non_originating_content == 0 or WHOLLY_OBTAINED_KIND in details.kinds
    return item.foreign > 0 or item.doubt > 0 or not (item.known or domestic)
