"""Goods wholly obtained, goods made of nothing else, and materials that must be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from tulen.origin.case import Case
from tulen.origin.counting import WHOLLY_OBTAINED_KIND, CountedMaterial
from tulen.origin.findings import MET, NOT_MET, UNDETERMINED, Claim, Finding, Outcome
from tulen.origin.rules import CHANGE, OBTAINED, Kind
from tulen.origin.selection import Selection
from tulen.origin.tariff_change import (
    Words,
    all_materials,
    aside,
    material_finding,
    no_materials,
)
from tulen.values import Country
from tulen.values.dated import Reference

_COMPLETE = (
    frozenset({"born_in", "raised_in"}),
    frozenset({"grown_in"}),
    frozenset({"harvested_in"}),
    frozenset({"obtained_in"}),
    frozenset({"hunted_in"}),
    frozenset({"fished_in"}),
    frozenset({"farmed_in"}),
    frozenset({"mined_in"}),
    frozenset({"caught_by_flag", "caught_by_registry"}),
    frozenset({"processed_on_flag", "caught_by_flag", "caught_by_registry"}),
    frozenset({"seabed_rights_of"}),
    frozenset({"collected_in"}),
    frozenset({"scrap_of"}),
)
"""Facts that make a good wholly obtained if each names the country (ATIGA Art. 27): an animal
must be born and raised there, sea fish caught by vessels that fly its flag and are registered."""
_CROP = frozenset({"grown_in", "harvested_in"})


@dataclass(frozen=True, slots=True)
class WhollyObtained:
    """The good is obtained in the exporting country from nothing that comes from elsewhere.

    Attributes:
        in_any_party: Whether it may be obtained in other parties as well.
        unasked: Whether no rule asks for it: then it is a reason only where it is claimed.
    """

    in_any_party: bool = False
    unasked: bool = False
    kinds: ClassVar[frozenset[Kind]] = OBTAINED

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge by the declared facts or category, and the absence of other materials."""
        exporter = case.inputs.exporting_country
        area = case.terms.parties.value if self.in_any_party else frozenset({exporter})
        category, facts = case.inputs.wholly_obtained, dict(case.inputs.facts)
        foreign = [
            item
            for item in case.materials
            if not (item.originates and item.material.country in area) and _matters(item, facts)
        ]
        claimed = category is not None or (
            bool(facts) and any(needed <= facts.keys() for needed in _COMPLETE)
        )
        # What may be an accessory leaves a claim open; without a claim nothing is left open by it.
        elsewhere = [item for item in foreign if item.classified] if claimed else foreign
        remedy = ""
        if case.inputs.set_items and any(
            item.originating is False for item in case.inputs.set_items
        ):
            outcome, reason = NOT_MET, "an article of the set does not originate"
        elif wrong := [f"{name} {land}" for name, land in facts.items() if land not in area]:
            outcome, reason = NOT_MET, f"not obtained in {_names(area)}: {', '.join(wrong)}"
        elif elsewhere:
            outcome = NOT_MET
            reason = (
                f"{len(elsewhere)} of {len(case.materials)} materials, worth "
                f"{case.money(sum([item.value for item in elsewhere]))}, do not originate in "
                f"{_names(area)}"
            )
        elif claimed and (unknown := _unknown(case, foreign)):
            outcome, reason, remedy = UNDETERMINED, unknown, "state what is not known"
        elif category is not None:
            outcome = MET
            reason = f"{category}: {case.terms.wholly_obtained.value[category]}"
        elif claimed:
            outcome = MET
            reason = ", ".join([f"{name} {land}" for name, land in sorted(facts.items())])
        else:
            outcome = UNDETERMINED
            reason = "it is not stated how the good was wholly obtained"
            remedy = "name the category of wholly obtained goods, if it belongs to one"
        return Finding(
            "WO",
            outcome,
            reason,
            reference,
            remedy=remedy,
            claim=self._claim(case, facts) if outcome is MET else None,
            aside=self.unasked and category is None and not facts,
        )

    def _claim(self, case: Case, facts: Mapping[str, Country]) -> Claim:
        """Return whether the exporting country alone is enough, or only the parties together."""
        home = case.inputs.exporting_country
        lands = {
            *facts.values(),
            *(item.material.country for item in case.materials if _matters(item, facts)),
        }
        return Claim(("WO" if lands <= {home} else "WO-region",))


def _unknown(case: Case, foreign: Sequence[CountedMaterial]) -> str:
    """Return what could still defeat a claim; else nothing."""
    if foreign:
        label = min([item.label for item in foreign])
        return f"whether {label} is an accessory, which does not count, is not known"
    if any(item.originating is None for item in case.inputs.set_items):
        return "the origin of an article of the set is not known"
    return ""


def _matters(item: CountedMaterial, facts: Mapping[str, Country]) -> bool:
    """Return whether a material from elsewhere is part of the good: a crop forgets its seed."""
    return item.classified is not False and not (facts and _CROP & facts.keys() and item.is_seed)


def _names(area: frozenset[Country]) -> str:
    return ", ".join(sorted(area))


@dataclass(frozen=True, slots=True)
class ProducedExclusively:
    """The good is made in a party only from materials that originate in parties (PE)."""

    kinds: ClassVar[frozenset[Kind]] = OBTAINED

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge by the origin of every material that is an ingredient."""
        if not case.materials:
            return no_materials("PE", reference)
        foreign = [item for item in case.foreign() if item.classified is not False]
        failed = [item for item in foreign if item.classified]
        if failed:
            outcome = NOT_MET
            reason = (
                f"{len(failed)} of {len(case.materials)} materials do not originate: "
                f"{', '.join(sorted(item.label for item in failed))}"
            )
        elif foreign:
            outcome, reason = UNDETERMINED, "whether an accessory counts is not stated"
        else:
            outcome, reason = MET, "every material originates in a party"
        return Finding(
            "PE",
            outcome,
            reason,
            reference,
            remedy="originating materials instead" if outcome is NOT_MET else "",
            claim=Claim(("PE",)) if outcome is MET else None,
        )


_OBTAINED_WORDS = Words(
    "are not wholly obtained", "every material named is wholly obtained", "such materials"
)


@dataclass(frozen=True, slots=True)
class WhollyObtainedMaterials:
    """All materials of some ranges are wholly obtained; de minimis may rescue those that are not.

    Attributes:
        of: The materials.
    """

    of: Selection
    kinds: ClassVar[frozenset[Kind]] = CHANGE

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge each material, then what failed against the de minimis share."""
        name = f"materials of {self.of.text} wholly obtained"
        if not case.materials:
            return no_materials(name, reference)
        parts = tuple(
            [
                material_finding(item, *aside(item, *self._material(item)), case)
                for item in case.materials
            ]
        )
        return all_materials(
            name,
            parts=parts,
            criterion="other",
            words=_OBTAINED_WORDS,
            case=case,
            reference=reference,
        )

    def _material(self, item: CountedMaterial) -> tuple[Outcome, str]:
        held = self.of.holds(item.material)
        code = item.material.hs_code or "unclassified"
        if held is False:
            return MET, f"{code} is not named"
        if not item.originates:
            if held:
                return NOT_MET, f"{code} does not originate"
            return UNDETERMINED, f"{code} may be named"
        details = item.material.details
        if details is not None and WHOLLY_OBTAINED_KIND in details.kinds:
            return MET, f"{code} is declared wholly obtained"
        return UNDETERMINED, f"{code} originates, but is not declared wholly obtained"
