"""Rules about the classification of materials: a change (CTC), or any heading but some."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, NamedTuple

from tulen.origin.case import Case
from tulen.origin.counting import CountedMaterial
from tulen.origin.findings import DE_MINIMIS, MET, NOT_MET, UNDETERMINED, Claim, Finding, Outcome
from tulen.origin.hs import HsRange
from tulen.origin.rules import CHANGE, Kind
from tulen.origin.selection import Selection
from tulen.origin.tolerance import Tolerance, rescue, spared
from tulen.values import HsCode
from tulen.values.dated import Reference


class Change(StrEnum):
    """How deep a classification must change."""

    CC = "CC"
    CTH = "CTH"
    CTSH = "CTSH"


class Words(NamedTuple):
    """How a rule about materials words what it finds.

    Attributes:
        failed: What failing materials did, such as ``did not change``.
        passed: What is said where none fails.
        these: What failing materials are called in the remedy.
    """

    failed: str
    passed: str
    these: str


_DEPTH = {Change.CC: (2, "chapter"), Change.CTH: (4, "heading"), Change.CTSH: (6, "subheading")}
_AS_IT_IS: frozenset[str] = frozenset()
_RESCUED = frozenset({DE_MINIMIS})
_CHANGED = Words("did not change", "every non-originating material changed", "unchanged materials")
_ADMITTED = Words("are excluded", "no excluded material is used", "excluded materials")


def material_finding(item: CountedMaterial, outcome: Outcome, reason: str, case: Case) -> Finding:
    """Return what was found about one material."""
    if item.refused:
        declared = "declared originating, but " if item.claimed else ""
        reason = f"{reason} ({declared}{item.refused})"
    material = item.material
    label = f"{material.description} ({material.country or 'undetermined origin'})"
    value = case.money(item.value) if material.value is not None else "value unknown"
    return Finding(f"{label}, {value}", outcome, reason)


def originating_reason(item: CountedMaterial) -> str:
    """Return why an originating material passes."""
    proof = f" by {item.material.evidence}" if item.material.evidence else ""
    return f"{item.material.hs_code or 'unclassified'} originates{proof} and need not change"


def all_materials(
    name: str,
    *,
    parts: tuple[Finding, ...],
    criterion: str,
    words: Words,
    case: Case,
    reference: Reference,
    figures: tuple[tuple[str, str], ...] = (),
) -> Finding:
    """Return what findings about each material come to, what failed held against de minimis."""
    failed: list[CountedMaterial] = []
    unknown = 0
    for item, part in zip(case.materials, parts, strict=True):
        if part.outcome is NOT_MET:
            failed.append(item)
        elif part.outcome is UNDETERMINED:
            unknown += 1
    saved = rescue(failed, case)
    value = case.money(sum([item.value for item in failed]))
    if saved.within is False:
        outcome, reason = NOT_MET, f"{value} of materials {words.failed}"
    elif unknown:
        outcome = UNDETERMINED
        reason = f"the classification of {unknown} of {len(parts)} materials is not known enough"
    elif saved.within is None:
        outcome = UNDETERMINED
        reason = f"whether {value} of materials that {words.failed} are de minimis is not known"
    elif failed:
        outcome, reason = MET, f"{value} of materials {words.failed}, within de minimis"
    else:
        outcome, reason = MET, words.passed
    return Finding(
        name,
        outcome,
        reason,
        reference,
        figures + saved.figures,
        _remedy(outcome, saved.limit, words, classify=unknown > 0),
        Claim((criterion,), circumstances=_RESCUED if failed else _AS_IT_IS)
        if outcome is MET
        else None,
        parts,
    )


def _remedy(outcome: Outcome, limit: str, words: Words, *, classify: bool) -> str:
    if outcome is NOT_MET and limit:
        return f"{words.these} of at most {limit} together, or originating ones instead"
    if outcome is NOT_MET:
        return f"originating materials instead of those that {words.failed}"
    if outcome is UNDETERMINED and classify:
        return "classify the materials to the digits that the rule compares"
    return "state the prices and weights that de minimis compares" if outcome is not MET else ""


def no_materials(name: str, reference: Reference) -> Finding:
    """Return what any rule about materials finds without a bill of materials."""
    return Finding(
        name,
        UNDETERMINED,
        "there is no bill of materials",
        reference,
        remedy="state what went into the good",
    )


def aside(item: CountedMaterial, outcome: Outcome, reason: str) -> tuple[Outcome, str]:
    """Return an outcome as the material's role changes it: packing and the like are no part."""
    if item.classified is True or outcome is MET:
        return outcome, reason
    details = item.material.details
    role = details.role if details is not None and details.role is not None else ""
    if item.classified is False:
        return MET, f"{role}, disregarded"
    return UNDETERMINED, f"{reason}; as an {role} it is disregarded if customary and not invoiced"


@dataclass(frozen=True, slots=True)
class TariffChange:
    """No non-originating material is of the good's own chapter, heading or subheading.

    Materials that fail may still not exceed the agreement's de minimis share together; a material
    whose classification nobody knows can fail the rule, but the rule is never met with it.

    Attributes:
        change: How deep the classification must change.
        exceptions: Codes that non-originating materials may not have at all.
        allowed: Codes that they may have although the classification does not change.
        tolerance: What the rule itself lets fail.
    """

    change: Change
    exceptions: tuple[HsRange, ...] = ()
    allowed: tuple[HsRange, ...] = ()
    tolerance: Tolerance | None = None
    kinds: ClassVar[frozenset[Kind]] = CHANGE

    @property
    def name(self) -> str:
        """The rule as a trace names it."""
        if not self.exceptions:
            return self.change.value
        return f"{self.change} except from {', '.join([item.text for item in self.exceptions])}"

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge each material, then what failed against the de minimis share."""
        if not case.materials:
            return no_materials(self.name, reference)
        good = case.inputs.hs_code
        parts = [self._material(item, good, case) for item in case.materials]
        if self.tolerance is not None:
            parts = spared(parts, case.materials, self.tolerance, case)
        digits, level = _DEPTH[self.change]
        return all_materials(
            self.name,
            parts=tuple(parts),
            figures=(("good", f"{level} {good[:digits]}"),),
            criterion=self.change.value,
            words=_CHANGED,
            case=case,
            reference=reference,
        )

    def _material(self, item: CountedMaterial, good: HsCode, case: Case) -> Finding:
        code = item.material.hs_code
        if item.originates:
            return material_finding(item, MET, originating_reason(item), case)
        if code is None:
            outcome, reason = UNDETERMINED, "its classification is unknown"
        else:
            outcome, reason = (
                (self.exceptions and _excluded(code, self.exceptions))
                or (self.allowed and self._let(code))
                or self._changed(code, good)
            )
        if item.classified is not True:
            outcome, reason = aside(item, outcome, reason)
        return material_finding(item, outcome, reason, case)

    def _let(self, code: HsCode) -> tuple[Outcome, str] | None:
        for item in self.allowed:
            if item.holds(code):
                return MET, f"{code} is allowed by {item.text}"
        return None

    def _changed(self, code: HsCode, good: HsCode) -> tuple[Outcome, str]:
        digits, level = _DEPTH[self.change]
        known = min(digits, len(code), len(good))
        if code[:known] != good[:known]:
            return MET, f"{level} {code[:digits]} is not {good[:digits]}"
        if known == digits:
            if self.allowed and None in [item.holds(code) for item in self.allowed]:
                return UNDETERMINED, f"{code} may be allowed"
            return NOT_MET, f"{level} {code[:digits]} is the good's own"
        return UNDETERMINED, f"{code} and {good} do not both name a {level}"


def _excluded(code: HsCode, exceptions: tuple[HsRange, ...]) -> tuple[Outcome, str] | None:
    for exception in exceptions:
        held = exception.holds(code)
        if held:
            return NOT_MET, f"{code} is excluded by {exception.text}"
        if held is None:
            return UNDETERMINED, f"{code} may be excluded by {exception.text}"
    return None


@dataclass(frozen=True, slots=True)
class AnyHeading:
    """Materials of any heading may be used, except those named.

    Attributes:
        exceptions: Non-originating materials that may not be used.
    """

    exceptions: Selection | None = None
    kinds: ClassVar[frozenset[Kind]] = CHANGE

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge each material, then what failed against the de minimis share."""
        name = "any heading"
        if self.exceptions is None:
            reason = "materials of any heading may be used"
            return Finding(name, MET, reason, reference, claim=Claim(("other",)))
        name = f"any heading except {self.exceptions.text}"
        if not case.materials:
            return no_materials(name, reference)
        parts = tuple([self._material(item, self.exceptions, case) for item in case.materials])
        return all_materials(
            name,
            parts=parts,
            criterion="other",
            words=_ADMITTED,
            case=case,
            reference=reference,
        )

    def _material(self, item: CountedMaterial, exceptions: Selection, case: Case) -> Finding:
        if item.originates:
            return material_finding(item, MET, originating_reason(item), case)
        held = exceptions.holds(item.material)
        code = item.material.hs_code or "unclassified"
        if held:
            outcome, reason = NOT_MET, f"{code} is excluded"
        elif held is None:
            outcome, reason = UNDETERMINED, f"{code} may be excluded"
        else:
            outcome, reason = MET, f"{code} is not excluded"
        return material_finding(item, *aside(item, outcome, reason), case)
