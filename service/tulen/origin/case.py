"""One good under one agreement, with every material counted as the agreement counts it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from tulen.origin.inputs import OriginInputs
from tulen.origin.materials import NO_DETAILS, Details, Material, Role
from tulen.origin.terms import Basis, PartialCumulation, Terms, Treatment, WeightOf
from tulen.values.amounts import MAX_FRACTION_DIGITS, MICRO

_SEEDS = ("06", "1209")
"""Chapter 6 and heading 1209: live plants and seeds, which a crop grows from."""


def micro(value: Decimal) -> int:
    """Return ``value`` in millionths: exact, as amounts have at most six decimals."""
    return int(value.scaleb(MAX_FRACTION_DIGITS))


class CountedMaterial(NamedTuple):
    """A material as the agreement counts it. Amounts are in millionths.

    Attributes:
        material: What was declared.
        value: Its value; nothing where it is unknown, which ``known`` tells.
        originates: Whether it counts as originating.
        refused: Why it does not although it was declared to; empty otherwise.
        foreign: What of its value counts as non-originating.
        home: What of its value counts as originating.
        known: Whether its value is known.
        classified: Whether tests of classification and process look at it; None where whether
            they do depends on what is not stated.
        relief: Name and amount of what an agreement lets off its non-originating value.
    """

    material: Material
    value: int
    originates: bool
    refused: str
    foreign: int
    home: int
    known: bool = True
    classified: bool | None = True
    relief: tuple[str, int] = ("", 0)

    @property
    def label(self) -> str:
        """The material as a trace names it."""
        material = self.material
        return f"{material.description} ({material.country or 'undetermined origin'})"

    @property
    def weight(self) -> int | None:
        """Its weight in millionths of a kilogram; None where it is unknown."""
        details = self.material.details
        return None if details is None or details.weight is None else micro(details.weight)

    @property
    def is_seed(self) -> bool:
        """Whether it is what a crop grows from, which takes no origin from the crop."""
        details, code = self.material.details, self.material.hs_code
        if details is not None and details.role is Role.SEED:
            return True
        return code is not None and code.startswith(_SEEDS)


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
        counted = tuple([_counted(material, inputs, terms) for material in inputs.materials])
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

    def money(self, millionths: int) -> str:
        """Return an amount in the good's currency, not below zero, as text: ``USD 3750``."""
        whole, rest = divmod(millionths, MICRO)
        return f"{self.unit}{whole}.{rest:06}".rstrip("0") if rest else f"{self.unit}{whole}"


_PRICES = {
    Basis.CIF: "cif",
    Basis.EXW: "ex_works",
    Basis.AV: "adjusted",
    Basis.TV: "transaction",
    Basis.NC: "net_cost",
}


def _counted(material: Material, inputs: OriginInputs, terms: Terms) -> CountedMaterial:
    originates, refused = material.originating, ""
    if originates:  # What is declared to originate must come from a party, with a proof.
        if material.country not in terms.sources:
            refused = f"{material.country} is no party"
        elif material.country != inputs.exporting_country:
            if not terms.cumulation.value:
                refused = "materials of other parties do not cumulate"
            elif material.evidence is None:
                refused = f"no proof of origin from {material.country} is named"
        originates = not refused
    if material.details is not None or material.value is None:
        return _counted_in_detail(material, originates, refused, inputs, terms)
    value = micro(material.value)
    if originates:
        return CountedMaterial(material, value, True, refused, 0, value)
    return CountedMaterial(material, value, False, refused, value, 0)


def _counted_in_detail(
    material: Material,
    originates: bool,
    refused: str,
    inputs: OriginInputs,
    terms: Terms,
) -> CountedMaterial:
    """Count a material with details: its lot first, then its content, then its role."""
    details = material.details or NO_DETAILS
    if originates and details.lot is not None and (wrong := _lot_refused(details, inputs, terms)):
        originates, refused = False, wrong
    known = material.value is not None
    value = micro(material.value) if material.value is not None else 0
    if originates:
        inner = micro(details.non_originating_content or Decimal(0))
        rolled_up = terms.roll_up is None or terms.roll_up.value
        foreign, relief = (0, ("", 0)) if rolled_up else (min(inner, value), ("", 0))
        home = value - foreign
    else:
        home, relief, reason = _relief(material, value, details, terms)
        refused = refused or reason
        foreign = value - relief[1]
    classified: bool | None = True
    if details.role is not None:
        taken = terms.treatment(details.role)
        meant = _is_accessory(details) if details.role is Role.ACCESSORY else True
        if meant is not False and taken.classification is not Treatment.COUNTED:
            classified = False if meant else None
        if meant and taken.value is Treatment.DISREGARDED:
            foreign = home = 0
            known = True
        elif meant and taken.value is Treatment.ORIGINATING:
            foreign, home = 0, value
    return CountedMaterial(
        material, value, originates, refused, foreign, home, known, classified, relief
    )


def _is_accessory(details: Details) -> bool | None:
    """Return whether it is customary and invoiced with the good; None where not all is stated."""
    answers = (
        None if details.separately_invoiced is None else not details.separately_invoiced,
        details.customary,
    )
    return False if False in answers else None if None in answers else True


def _lot_refused(details: Details, inputs: OriginInputs, terms: Terms) -> str:
    """Return why origin from a lot of interchangeable materials does not count; else nothing."""
    if details.lot_method is None:
        return f"no accounting method for lot {details.lot} is named"
    if terms.lot_methods is not None and details.lot_method not in terms.lot_methods.value:
        return f"{details.lot_method} is no accepted method for lot {details.lot}"
    for other in inputs.materials:
        told = other.details
        if told is not None and told.lot == details.lot and told.lot_method != details.lot_method:
            return f"lot {details.lot} is accounted for by more than one method"
    return ""


def _relief(
    material: Material, value: int, details: Details, terms: Terms
) -> tuple[int, tuple[str, int], str]:
    """Return what counts as originating, what is let off, and why a relief is refused."""
    if (share := details.partial_content) is not None and terms.partial_cumulation is not None:
        if wrong := _not_partial(material, share, terms, terms.partial_cumulation.value):
            return 0, ("", 0), wrong
        home = value * share.numerator // share.denominator
        return home, ("partial cumulation", home), ""
    if details.non_originating_content is not None and _traced(material, terms):
        off = max(value - micro(details.non_originating_content), 0)
        return off, ("tracing", off), ""
    if details.deductions and terms.deductions is not None:
        admitted = terms.deductions.value
        off = sum(micro(v) for name, v in details.deductions if name in admitted)
        return 0, ("deductions", min(off, value)), ""
    return 0, ("", 0), ""


def _not_partial(
    material: Material, share: Fraction, terms: Terms, partial: PartialCumulation
) -> str:
    """Return why a material does not count in proportion; else nothing."""
    if material.country not in terms.sources:
        return f"{material.country} is no party"
    if material.evidence is None:
        return "no proof for partial cumulation is named"
    if not partial.minimum <= share < partial.below:
        return "its content is outside the limits of partial cumulation"
    return ""


def _traced(material: Material, terms: Terms) -> bool:
    traced = terms.tracing is not None and terms.tracing.value
    return traced and material.country in terms.parties.value
