"""What each material of a good counts as under one agreement: originating, or not, or in part."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from tulen.origin.inputs import OriginInputs
from tulen.origin.materials import NO_DETAILS, Details, LotMethod, Material, Role
from tulen.origin.terms import PartialCumulation, Terms, Treatment
from tulen.values.amounts import MAX_FRACTION_DIGITS

_SEEDS = ("0601", "0602", "1209")
"""Bulbs, live plants and seeds, which a crop grows from; cut flowers are of chapter 6 too."""
WHOLLY_OBTAINED_KIND = "wholly obtained"
"""What `Details.kinds` says of a material that is wholly obtained, not merely originating."""


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
        doubt: What more of its value may count as non-originating, for all that is stated.
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
    doubt: int = 0

    @property
    def label(self) -> str:
        """The material as a trace names it."""
        material = self.material
        return f"{material.description} ({material.country or 'undetermined origin'})"

    @property
    def claimed(self) -> bool:
        """Whether it is declared to originate, in full or in part."""
        details = self.material.details
        in_part = details is not None and details.partial_content is not None
        return self.material.originating or in_part

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


_Relief = tuple[int, tuple[str, int], str]
"""What counts as originating, what is let off under which name, and why a relief is refused."""
_NO_RELIEF: _Relief = (0, ("", 0), "")


@dataclass(slots=True)
class Counting:
    """Counts the materials of one good.

    Attributes:
        inputs: What was declared.
        terms: What the agreement says on that day.
    """

    inputs: OriginInputs
    terms: Terms
    _lots: dict[str, set[LotMethod | None]] | None = None
    """The methods that each lot is accounted for by; None until a lot is met."""

    def of(self, material: Material) -> CountedMaterial:
        """Return ``material`` as the agreement counts it."""
        terms = self.terms
        originates, refused = material.originating, ""
        if originates:  # What is declared to originate must come from a party, with a proof.
            if material.country not in terms.sources:
                refused = f"{material.country} is no party"
            elif material.country != self.inputs.exporting_country:
                refused = self._not_cumulated(material, "proof of origin from")
                if not refused and material.country not in terms.parties.value:
                    refused = terms.not_diagonal(material)
            originates = not refused
        if material.details is not None or material.value is None or not terms.rolls_up:
            return self._in_detail(material, originates, refused)
        value = micro(material.value)
        if originates:
            return CountedMaterial(material, value, True, refused, 0, value)
        return CountedMaterial(material, value, False, refused, value, 0)

    def _not_cumulated(self, material: Material, evidence: str) -> str:
        """Return why what comes from another country does not count; else nothing."""
        if not self.terms.cumulation.value:
            return "materials of other parties do not cumulate"
        return "" if material.evidence else f"no {evidence} {material.country} is named"

    def _in_detail(self, material: Material, originates: bool, refused: str) -> CountedMaterial:
        """Count a material with details: its lot first, then its content, then its role."""
        details = material.details or NO_DETAILS
        if originates and details.lot is not None:
            refused = self._lot_refused(details.lot, details.lot_method)
            originates = not refused
        known = material.value is not None
        value = micro(material.value) if material.value is not None else 0
        doubt, relief = 0, ("", 0)
        if originates:
            foreign, doubt = (0, 0) if self.terms.rolls_up else _content(value, details)
            home = value - foreign - doubt
        else:
            home, relief, reason = self._relief(material, value, details)
            refused = refused or reason
            foreign = value - relief[1]
        classified: bool | None = True
        if details.role is not None:
            taken = self.terms.treatment(details.role)
            meant = is_accessory(details) if details.role is Role.ACCESSORY else True
            if meant is not False and taken.classification is not Treatment.COUNTED:
                classified = False if meant else None
            if meant and taken.value is Treatment.DISREGARDED:
                foreign = home = doubt = 0
                known = True
            elif meant and taken.value is Treatment.ORIGINATING:
                foreign, home, doubt = 0, value, 0
        return CountedMaterial(
            material, value, originates, refused, foreign, home, known, classified, relief, doubt
        )

    def _lot_refused(self, lot: str, method: LotMethod | None) -> str:
        """Return why origin from a lot of interchangeable materials does not count, or nothing."""
        if method is None:
            return f"no accounting method for lot {lot} is named"
        accepted = self.terms.lot_methods
        if accepted is not None and method not in accepted.value:
            return f"{method} is no accepted method for lot {lot}"
        if self._lots is None:
            self._lots = {}
            for told in [other.details for other in self.inputs.materials]:
                if told is not None and told.lot is not None:
                    self._lots.setdefault(told.lot, set()).add(told.lot_method)
        several = len(self._lots[lot]) > 1
        return f"lot {lot} is accounted for by more than one method" if several else ""

    def _relief(self, material: Material, value: int, details: Details) -> _Relief:
        partial, deductions = self.terms.partial_cumulation, self.terms.deductions
        if (share := details.partial_content) is not None and partial is not None:
            if wrong := _not_partial(material, share, self.terms, partial.value):
                return 0, ("", 0), wrong
            home = value * share.numerator // share.denominator
            return home, ("partial cumulation", home), ""
        if (content := details.non_originating_content) is not None and (
            added := self._added(material, max(value - micro(content), 0))
        ) is not None:
            return added
        if details.deductions and deductions is not None:
            off = sum(micro(cost) for name, cost in details.deductions if name in deductions.value)
            if material.value is not None and off > value:
                return 0, ("", 0), "its deductions exceed its value"
            return 0, ("deductions", min(off, value)), ""
        return _NO_RELIEF

    def _added(self, material: Material, off: int) -> _Relief | None:
        """Return what was added to a material where it was made; None where that never counts."""
        terms = self.terms
        if material.country not in terms.parties.value:
            return None
        if terms.tracing is not None and terms.tracing.value:
            return off, ("tracing", off), ""
        if terms.full_cumulation is None or not terms.full_cumulation.value:
            return None
        if material.country != self.inputs.exporting_country and (
            wrong := self._not_cumulated(material, "evidence of the production in")
        ):
            return 0, ("", 0), wrong
        return off, ("full cumulation", off), ""


def _content(value: int, details: Details) -> tuple[int, int]:
    """Return what is non-originating in an originating material, and what more may be."""
    if details.non_originating_content is not None:
        return min(micro(details.non_originating_content), value), 0
    return (0, 0) if WHOLLY_OBTAINED_KIND in details.kinds else (0, value)


def is_accessory(details: Details) -> bool | None:
    """Return whether it is customary and invoiced with the good; None where not all is stated."""
    answers = (
        None if details.separately_invoiced is None else not details.separately_invoiced,
        details.customary,
    )
    return False if False in answers else None if None in answers else True


def _not_partial(
    material: Material, share: Fraction, terms: Terms, partial: PartialCumulation
) -> str:
    """Return why a material does not count in proportion; else nothing."""
    if material.country not in terms.parties.value:
        return f"{material.country} is no party"
    if material.evidence is None:
        return "no proof for partial cumulation is named"
    if not partial.minimum <= share < partial.below:
        return "its content is outside the limits of partial cumulation"
    return ""
