"""Rules that cap non-originating materials by value (MaxNOM) or by weight."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from tulen.origin.case import Case, named_by
from tulen.origin.counting import CountedMaterial
from tulen.origin.findings import MET, NOT_MET, UNDETERMINED, Claim, Finding, Outcome, all_of
from tulen.origin.rules import CHANGE, VALUE, Kind
from tulen.origin.selection import Selection
from tulen.origin.shares import hundredths, percent_text
from tulen.origin.tariff_change import no_materials
from tulen.origin.terms import Basis, WeightOf
from tulen.values.dated import Reference


@dataclass(frozen=True, slots=True)
class MaxNonOriginating:
    """The value of non-originating materials does not exceed a share of the price.

    Attributes:
        share: The share.
        basis: The price.
        of: The only materials that count; None for all.
    """

    share: Fraction
    basis: Basis = Basis.EXW
    of: Selection | None = None
    kinds: ClassVar[frozenset[Kind]] = VALUE

    @property
    def name(self) -> str:
        """The rule as a trace names it."""
        of = f" for {self.of.text}" if self.of is not None else ""
        return f"MaxNOM {percent_text(self.share)} of {self.basis}{of}"

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge by the counted value of the materials."""
        if not case.materials:
            return no_materials(self.name, reference)
        whole = case.price(self.basis)
        if whole is None:
            return Finding(
                self.name,
                UNDETERMINED,
                f"the price on the basis {self.basis} is not stated",
                reference,
                remedy=f"state the price on the basis {self.basis}",
            )
        sure, doubtful = _selected(case.valued(), self.of)
        lowest = sum([item.foreign for item in sure])
        highest = lowest + sum([item.foreign for item in doubtful])
        highest += sum([item.doubt for item in (*sure, *doubtful)])
        known = not case.unvalued((*sure, *doubtful))
        spared = sum([item.foreign for item in sure if self.of and item.classified is None])
        outcome = _capped(lowest - spared, highest, whole, self.share, known=known)
        part = Fraction(lowest, whole)
        return Finding(
            self.name,
            outcome,
            _reason(outcome, part, self.share, "value"),
            reference,
            (
                (str(self.basis), case.money(whole)),
                ("non-originating materials", case.money(lowest)),
                ("MaxNOM", f"{part} = {hundredths(part)}"),
            ),
            _remedy(outcome, "value"),
            Claim(("other",)) if outcome is MET else None,
        )


@dataclass(frozen=True, slots=True)
class MaxWeight:
    """The weight of some non-originating materials does not exceed a share of the good's.

    Attributes:
        share: The share of the good's net weight.
        of: The materials.
        each: Whether each entry of ``of`` may reach it, instead of all together.
    """

    share: Fraction
    of: Selection
    each: bool = False
    kinds: ClassVar[frozenset[Kind]] = CHANGE

    @property
    def name(self) -> str:
        """The rule as a trace names it."""
        each = " each" if self.each else ""
        return f"at most {percent_text(self.share)} by weight of {self.of.text}{each}"

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge by the net weights."""
        if not case.materials:
            return no_materials(self.name, reference)
        selections = self.of.parts() if self.each else [self.of]
        parts = tuple([self._together(of, case) for of in selections])
        outcome = all_of([part.outcome for part in parts])
        claim = Claim(("other",)) if outcome is MET else None
        if len(parts) == 1:
            return parts[0]._replace(name=self.name, reference=reference, claim=claim)
        return Finding(
            self.name,
            outcome,
            "each is judged on its own",
            reference,
            claim=claim,
            parts=parts,
        )

    def _together(self, of: Selection, case: Case) -> Finding:
        sure, doubtful = _selected(case.foreign(), of)
        name = f"weight of {of.text}"
        if not sure and not doubtful:
            return Finding(name, MET, "no such non-originating material is used")
        whole = case.weight(WeightOf.NET)
        if whole is None:
            return Finding(
                name,
                UNDETERMINED,
                "the good's net weight is not stated",
                remedy="state the net weights of the good and its materials",
            )
        lowest = sum([item.weight or 0 for item in sure])
        highest = lowest + sum([item.weight or 0 for item in doubtful])
        known = all(item.weight is not None for item in (*sure, *doubtful))
        spared = sum([item.weight or 0 for item in sure if item.classified is None])
        outcome = _capped(lowest - spared, highest, whole, self.share, known=known)
        part = Fraction(lowest, whole)
        return Finding(
            name,
            outcome,
            _reason(outcome, part, self.share, "weight"),
            figures=(("share by weight", f"{part} = {hundredths(part)}"),),
            remedy=_remedy(outcome, "weight"),
        )


def _selected(
    items: Iterable[CountedMaterial], of: Selection | None
) -> tuple[list[CountedMaterial], list[CountedMaterial]]:
    """Return the non-originating materials that surely count, and those that may."""
    if of is None:
        return named_by(of, items)
    # Packing and the like is nothing that a rule names.
    return named_by(of, [item for item in items if item.classified is not False])


def _capped(lowest: int, highest: int, whole: int, share: Fraction, *, known: bool) -> Outcome:
    """Return the outcome; ``lowest`` is without what may be an accessory, which no rule names."""
    if Fraction(lowest, whole) > share:
        return NOT_MET
    return MET if known and Fraction(highest, whole) <= share else UNDETERMINED


def _reason(outcome: Outcome, part: Fraction, share: Fraction, measure: str) -> str:
    if outcome is UNDETERMINED:
        return f"not every material's classification and {measure} is known"
    compared = "does not exceed" if outcome is MET else "exceeds"
    return f"{hundredths(part)} {compared} {percent_text(share)}"


def _remedy(outcome: Outcome, measure: str) -> str:
    if outcome is NOT_MET:
        return f"less non-originating material by {measure}, or originating material instead"
    return f"state every material's classification and {measure}" if outcome is not MET else ""
