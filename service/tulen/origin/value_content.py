"""Regional value content (RVC): how much of the price was made in the parties."""

from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from tulen.origin.findings import MET, NOT_MET, UNDETERMINED, Finding, Outcome
from tulen.origin.inputs import Method
from tulen.origin.rules import Case, micro, percent_text
from tulen.values.dated import Reference

FORMULAS = {
    Method.BUILD_DOWN: "(FOB - non-originating materials) / FOB",
    Method.BUILD_UP: "(originating materials + labour + overhead + other + profit) / FOB",
}


@dataclass(frozen=True, slots=True)
class ValueContent:
    """The share of the FOB price made in the parties is not less than ``minimum``.

    The share is compared exactly; only the printed percentage is rounded, downwards.
    """

    minimum: Fraction

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge by the exporting country's method."""
        if not case.materials:
            return Finding(
                f"RVC {percent_text(self.minimum)}",
                UNDETERMINED,
                "there is no bill of materials",
                reference,
                remedy="state what went into the good",
            )
        method = case.inputs.method
        match method:
            case Method.BUILD_DOWN:
                return self._build_down(case, reference)
            case Method.BUILD_UP:
                return self._build_up(case, reference)
            case _:
                assert_never(method)

    def _reaches(self, part: int, whole: int) -> bool:
        return part * self.minimum.denominator >= whole * self.minimum.numerator

    def _build_down(self, case: Case, reference: Reference) -> Finding:
        content = case.fob - case.non_originating
        if self._reaches(content, case.fob):
            return self._finding(case, reference, content, MET)
        most = case.fob * (1 - self.minimum)
        return self._finding(
            case,
            reference,
            content,
            NOT_MET,
            remedy="non-originating materials of at most "
            f"{case.money(most.numerator // most.denominator)}",
        )

    def _build_up(self, case: Case, reference: Reference) -> Finding:
        costs = case.inputs.costs.items() if case.inputs.costs is not None else []
        stated = {name: micro(value) for name, value in costs if value is not None}
        content = case.originating + sum(stated.values())
        if content + case.non_originating > case.fob:
            return self._finding(
                case,
                reference,
                content,
                UNDETERMINED,
                reason="materials and costs together exceed the FOB price",
                remedy="correct the costs or the price",
            )
        if self._reaches(content, case.fob):
            return self._finding(case, reference, content, MET)
        missing = [name for name in ("labour", "overhead", "other", "profit") if name not in stated]
        # What is not stated cannot come to more than what is left of the price.
        if missing and self._reaches(case.fob - case.non_originating, case.fob):
            return self._finding(
                case,
                reference,
                content,
                UNDETERMINED,
                reason=f"below the minimum without {', '.join(missing)}, which nobody stated",
                remedy=f"state {', '.join(missing)}",
            )
        return self._finding(case, reference, content, NOT_MET)

    def _finding(
        self,
        case: Case,
        reference: Reference,
        content: int,
        outcome: Outcome,
        *,
        reason: str = "",
        remedy: str = "",
    ) -> Finding:
        minimum = percent_text(self.minimum)
        share = Fraction(content, case.fob)
        percent = _hundredths(share)
        compared = "is not less than" if outcome is MET else "is less than"
        method = case.inputs.method
        figures = [
            ("formula", f"{FORMULAS[method]}, {method} [{case.terms.methods.reference}]"),
            ("FOB", str(case.inputs.fob)),
            ("originating materials", case.money(case.originating)),
            ("non-originating materials", case.money(case.non_originating)),
        ]
        if method is Method.BUILD_UP and case.inputs.costs is not None:
            figures += [
                (name, case.money(micro(value)))
                for name, value in case.inputs.costs.items()
                if value is not None
            ]
        figures.append(("RVC", f"{share} = {percent}"))
        refused = sorted(f"{item.label}: {item.refused}" for item in case.materials if item.refused)
        if refused:
            figures.append(("declared originating but not counted", "; ".join(refused)))
        return Finding(
            f"RVC {minimum}",
            outcome,
            reason or f"{percent} {compared} {minimum}",
            reference,
            tuple(figures),
            remedy,
            case.terms.criteria.value.value_content.replace(
                "{percent}", str(content * 100 // case.fob)
            )
            if outcome is MET
            else "",
        )


def _hundredths(share: Fraction) -> str:
    """Return ``share`` in percent, cut (not rounded) to two decimals."""
    cut = abs(share.numerator) * 10_000 // share.denominator
    return f"{'-' if share < 0 else ''}{cut // 100}.{cut % 100:02}%"
