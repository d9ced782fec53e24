"""Change in tariff classification (CTC): every non-originating material comes from elsewhere."""

from dataclasses import dataclass
from enum import StrEnum

from tulen.origin.findings import MET, NOT_MET, UNDETERMINED, Finding, Outcome
from tulen.origin.hs import HsRange
from tulen.origin.rules import Case, CountedMaterial, percent_text
from tulen.values import HsCode
from tulen.values.dated import Reference


class Change(StrEnum):
    """How deep a classification must change."""

    CC = "CC"
    CTH = "CTH"
    CTSH = "CTSH"


_DEPTH = {Change.CC: (2, "chapter"), Change.CTH: (4, "heading"), Change.CTSH: (6, "subheading")}


@dataclass(frozen=True, slots=True)
class TariffChange:
    """No non-originating material is of the good's own chapter, heading or subheading.

    Materials that fail may still not exceed the agreement's de minimis share together; a material
    whose classification nobody knows can fail the rule, but the rule is never met with it.

    Attributes:
        change: How deep the classification must change.
        exceptions: Codes that non-originating materials may not have at all.
    """

    change: Change
    exceptions: tuple[HsRange, ...] = ()

    @property
    def name(self) -> str:
        """The rule as a trace names it."""
        if not self.exceptions:
            return self.change.value
        return f"{self.change} except from {', '.join(item.text for item in self.exceptions)}"

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge each material, then what failed against the de minimis share."""
        if not case.materials:
            return Finding(
                self.name,
                UNDETERMINED,
                "there is no bill of materials",
                reference,
                remedy="state what went into the good",
            )
        good = case.inputs.hs_code
        parts = tuple([self._material(item, good, case) for item in case.materials])
        failed = unknown = 0
        for item, part in zip(case.materials, parts, strict=True):
            if part.outcome is NOT_MET:
                failed += item.value
            elif part.outcome is UNDETERMINED:
                unknown += 1
        share = case.terms.de_minimis.value
        exceeded = failed * share.denominator > case.fob * share.numerator
        if exceeded:
            outcome, reason = NOT_MET, f"{case.money(failed)} of materials did not change"
        elif unknown:
            outcome = UNDETERMINED
            reason = (
                f"the classification of {unknown} of {len(parts)} materials is not known enough"
            )
        elif any(part.outcome is NOT_MET for part in parts):
            outcome = MET
            reason = f"{case.money(failed)} of materials did not change, within de minimis"
        else:
            outcome, reason = MET, "every non-originating material changed"
        limit = case.fob * share.numerator // share.denominator
        return Finding(
            self.name,
            outcome,
            reason,
            reference,
            self._figures(case, failed, limit),
            _remedy(outcome, case.money(limit)),
            case.terms.criteria.value.tariff_change.replace("{change}", self.change.value)
            if outcome is MET
            else "",
            parts,
        )

    def _figures(self, case: Case, failed: int, limit: int) -> tuple[tuple[str, str], ...]:
        digits, level = _DEPTH[self.change]
        figures = [("good", f"{level} {case.inputs.hs_code[:digits]}")]
        if failed:
            share = case.terms.de_minimis
            allowed = f"{percent_text(share.value)} of FOB = {case.money(limit)}"
            figures += [
                ("unchanged materials", case.money(failed)),
                ("de minimis", f"{allowed} [{share.reference}]"),
            ]
        return tuple(figures)

    def _material(self, item: CountedMaterial, good: HsCode, case: Case) -> Finding:
        code = item.material.hs_code
        if item.originates:
            proof = f" by {item.material.evidence}" if item.material.evidence else ""
            outcome = MET
            reason = f"{code or 'unclassified'} originates{proof} and need not change"
        elif code is None:
            outcome, reason = UNDETERMINED, "its classification is unknown"
        else:
            outcome, reason = self._excluded(code) or self._changed(code, good)
        if item.refused:
            reason = f"{reason} (declared originating, but {item.refused})"
        return Finding(f"{item.label}, {case.money(item.value)}", outcome, reason)

    def _excluded(self, code: HsCode) -> tuple[Outcome, str] | None:
        for exception in self.exceptions:
            held = exception.holds(code)
            if held:
                return NOT_MET, f"{code} is excluded by {exception.text}"
            if held is None:
                return UNDETERMINED, f"{code} may be excluded by {exception.text}"
        return None

    def _changed(self, code: HsCode, good: HsCode) -> tuple[Outcome, str]:
        digits, level = _DEPTH[self.change]
        known = min(digits, len(code), len(good))
        if code[:known] != good[:known]:
            return MET, f"{level} {code[:digits]} is not {good[:digits]}"
        if known == digits:
            return NOT_MET, f"{level} {code[:digits]} is the good's own"
        return UNDETERMINED, f"{code} and {good} do not both name a {level}"


def _remedy(outcome: Outcome, limit: str) -> str:
    if outcome is NOT_MET:
        return f"unchanged materials of at most {limit} together, or originating ones instead"
    if outcome is UNDETERMINED:
        return "classify the materials to the digits that the rule compares"
    return ""
