"""Regional value content (RVC): how much of the price was made in the parties."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar, assert_never

from tulen.origin.case import Case, named_by
from tulen.origin.counting import CountedMaterial, micro
from tulen.origin.findings import (
    DE_MINIMIS,
    MET,
    NOT_MET,
    UNDETERMINED,
    Claim,
    Finding,
    Outcome,
    all_of,
)
from tulen.origin.rules import VALUE, Kind
from tulen.origin.selection import Selection
from tulen.origin.shares import hundredths, percent_text
from tulen.origin.tariff_change import no_materials
from tulen.origin.terms import Basis
from tulen.origin.tolerance import waiver
from tulen.values.dated import Reference


class Formula(StrEnum):
    """How value content is worked out. VNM is the value of non-originating materials."""

    BUILD_DOWN = "build-down"
    BUILD_UP = "build-up"
    FOCUSED = "focused"
    NET_COST = "net-cost"
    TRANSACTION_VALUE = "transaction-value"


FORMULAS = {
    Formula.BUILD_DOWN: "({} - non-originating materials) / {}",
    Formula.BUILD_UP: "(originating materials + labour + overhead + other + profit) / {}",
    Formula.FOCUSED: "({} - non-originating materials that the rule names) / {}",
    Formula.NET_COST: "({} - non-originating materials) / {}",
    Formula.TRANSACTION_VALUE: "({} - non-originating materials) / {}",
}
_OF_MATERIALS_ALONE = "originating materials / {}"
"""Build-up of the agreements that measure against the adjusted value (CPTPP Art. 3.5)."""


class FinalProcess(StrEnum):
    """Where a rule asks that the last process of production is performed."""

    PARTY = "party"
    EXPORTING_PARTY = "exporting-party"


@dataclass(frozen=True, slots=True)
class ValueContent:
    """The share of the price made in the parties is not less than ``minimum``.

    The share is compared exactly; only the printed percentage is rounded, downwards.

    Attributes:
        minimum: The share asked for.
        formulas: The formulas that may be used; empty where the exporting country's method
            decides.
        basis: The price that the content is a share of.
        of: For the focused formula: the only non-originating materials that count.
        final_process: Where the last process must be performed; None where that is open.
    """

    minimum: Fraction
    formulas: tuple[Formula, ...] = ()
    basis: Basis = Basis.FOB
    of: Selection | None = None
    final_process: FinalProcess | None = None
    kinds: ClassVar[frozenset[Kind]] = VALUE

    @property
    def name(self) -> str:
        """The rule as a trace names it."""
        text = f"RVC {percent_text(self.minimum)}"
        if self.basis is not Basis.FOB:
            text += f" of {self.basis}"
        return f"{text}, {self.formulas[0]}" if len(self.formulas) == 1 else text

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge by the rule's formula, or by the exporting country's method."""
        if not case.materials:
            return no_materials(self.name, reference)
        own = Formula(case.inputs.method.value)
        # Who may choose is bound by the method of the exporting country (ATIGA Art. 29(3)).
        formulas = (own,) if not self.formulas or own in self.formulas else self.formulas
        whole = case.price(self.basis)
        if whole is None:
            found = Finding(
                self.name,
                UNDETERMINED,
                f"the price on the basis {self.basis} is not stated",
                reference,
                remedy=f"state the price on the basis {self.basis}",
            )
        else:
            findings = [self._by(formula, whole, case, reference) for formula in formulas]
            found = max(findings, key=lambda item: _RANK[item.outcome])
        if found.outcome is not MET and case.terms.value_content_waiver is not None:
            found = self._waived(found, case)
        return found if self.final_process is None else self._finished(found, case, reference)

    def _by(self, formula: Formula, whole: int, case: Case, reference: Reference) -> Finding:
        count = _Count(self, formula, whole, case, reference)
        match formula:
            case Formula.BUILD_UP:
                return _build_up(count)
            case Formula.BUILD_DOWN | Formula.NET_COST | Formula.TRANSACTION_VALUE:
                return _build_down(count)
            case Formula.FOCUSED:
                return _focused(count)
            case _:
                assert_never(formula)

    def _waived(self, found: Finding, case: Case) -> Finding:
        """Return ``found``, unless so little does not originate that nothing is asked for."""
        saved = waiver(case)
        figures = (*found.figures, *saved.figures)
        if saved.within is False:
            return found._replace(figures=figures)
        if saved.within is None:
            return found._replace(
                outcome=UNDETERMINED,
                reason="whether so little does not originate that none is asked for is not known",
                figures=figures,
                remedy=found.remedy or "state the prices and weights that de minimis compares",
            )
        return Finding(
            self.name,
            MET,
            "not asked for: the materials that do not originate are de minimis",
            found.reference,
            figures,
            claim=Claim(("RVC",), circumstances=frozenset({DE_MINIMIS})),
        )

    def _finished(self, found: Finding, case: Case, reference: Reference) -> Finding:
        production = case.inputs.production
        country = production.last_process if production is not None else None
        exporter = case.inputs.exporting_country
        name = f"last process in the {str(self.final_process).replace('-', ' ')}"
        if country is None:
            outcome, reason = UNDETERMINED, "where the last process was performed is not stated"
        elif country == exporter or (
            self.final_process is FinalProcess.PARTY and country in case.terms.parties.value
        ):
            outcome, reason = MET, f"it was performed in {country}"
        else:
            outcome, reason = NOT_MET, f"it was performed in {country}"
        remedy = "state where the last process was performed" if outcome is UNDETERMINED else ""
        where = Finding(name, outcome, reason, reference, remedy=remedy)
        both = all_of([found.outcome, outcome])
        return Finding(
            f"{self.name} with the {name}",
            both,
            reason if outcome is not MET else found.reason,
            reference,
            remedy=remedy or found.remedy,
            claim=found.claim if both is MET else None,
            parts=(found, where),
        )


_RANK = {MET: 2, UNDETERMINED: 1, NOT_MET: 0}


@dataclass(frozen=True, slots=True)
class _Count:
    """One computation of value content."""

    rule: ValueContent
    formula: Formula
    whole: int
    case: Case
    reference: Reference

    def reaches(self, content: int) -> bool:
        """Return whether ``content`` is enough of the price."""
        minimum = self.rule.minimum
        return content * minimum.denominator >= self.whole * minimum.numerator

    def finding(
        self,
        content: int,
        outcome: Outcome,
        *,
        reason: str = "",
        remedy: str = "",
        more: Sequence[tuple[str, str]] = (),
    ) -> Finding:
        """Return the finding with its figures."""
        case, rule = self.case, self.rule
        minimum = percent_text(rule.minimum)
        share = Fraction(content, self.whole)
        percent = hundredths(share)
        compared = "is not less than" if outcome is MET else "is less than"
        figures = [
            ("formula", f"{self._formula()}, {self.formula} [{case.terms.methods.reference}]"),
            (str(rule.basis), self._price()),
            ("originating materials", case.money(case.originating)),
            ("non-originating materials", case.money(case.non_originating)),
            *more,
        ]
        if self.formula is Formula.BUILD_UP and rule.basis is Basis.FOB:
            figures += [(name, case.money(value)) for name, value in _costs(case).items()]
        figures.append(("RVC", f"{share} = {percent}"))
        figures += self._reliefs(content)
        if refused := [item for item in case.materials if item.refused]:
            figures += _not_counted(refused)
        return Finding(
            rule.name,
            outcome,
            reason or f"{percent} {compared} {minimum}",
            self.reference,
            tuple(figures),
            remedy,
            Claim(("RVC",), share) if outcome is MET else None,
        )

    def _formula(self) -> str:
        basis = self.rule.basis
        text = FORMULAS[self.formula]
        if self.formula is Formula.BUILD_UP and basis is not Basis.FOB:
            text = _OF_MATERIALS_ALONE
        return text.format(basis, basis)

    def _price(self) -> str:
        fob = self.case.inputs.fob
        if self.rule.basis is Basis.FOB and fob is not None:
            return str(fob)
        return self.case.money(self.whole)

    def _reliefs(self, content: int) -> list[tuple[str, str]]:
        totals: dict[str, int] = {}
        for item in self.case.materials:
            name, amount = item.relief
            if amount:
                totals[name] = totals.get(name, 0) + amount
        return [
            (f"RVC without {name}", f"{share} = {hundredths(share)}")
            for name, amount in totals.items()
            for share in [Fraction(content - amount, self.whole)]
        ]


def _not_counted(refused: Sequence[CountedMaterial]) -> Iterator[tuple[str, str]]:
    """Yield what was declared of materials and does not count, with the reasons."""
    for what, originating in (("originating", True), ("added value", False)):
        texts = [f"{item.label}: {item.refused}" for item in refused if item.claimed is originating]
        if texts:
            yield f"declared {what} but not counted", "; ".join(sorted(texts))


def _build_down(count: _Count) -> Finding:
    case, whole = count.case, count.whole
    content = whole - case.non_originating
    if not count.reaches(content):
        most = whole * (1 - count.rule.minimum)
        return count.finding(
            content,
            NOT_MET,
            remedy="non-originating materials of at most "
            f"{case.money(most.numerator // most.denominator)}",
        )
    if not case.all_known and (unknown := case.unvalued(case.valued())):
        return count.finding(
            content,
            UNDETERMINED,
            reason=f"the value of {', '.join([item.label for item in unknown])} is unknown",
            remedy="state the value of every material",
        )
    if (doubt := case.doubt) and not count.reaches(content - doubt):
        return count.finding(content, UNDETERMINED, reason=_DOUBT, remedy=_STATE_CONTENT)
    return count.finding(content, MET)


_DOUBT = "what the originating materials are made of counts, and is not stated for each"
_STATE_CONTENT = "state the non-originating content of every originating material"


def _focused(count: _Count) -> Finding:
    of, case = count.rule.of, count.case
    named, doubtful = named_by(of, case.valued())
    foreign = sum([item.foreign for item in named])
    more = [("named by the rule", case.money(foreign))]
    content = count.whole - foreign
    if not count.reaches(content):
        return count.finding(content, NOT_MET, more=more)
    doubt = sum([item.doubt for item in named]) + sum(
        [item.foreign + item.doubt for item in doubtful]
    )
    if case.unvalued(named) or not count.reaches(content - doubt):
        return count.finding(
            content,
            UNDETERMINED,
            reason="whether the rule names all materials, or what they are worth, is not known",
            remedy="state the classification and the value of every material",
            more=more,
        )
    if case.unvalued(doubtful):
        return count.finding(
            content,
            UNDETERMINED,
            reason="the value of a material that the rule may name is unknown",
            remedy="state the value of every material",
            more=more,
        )
    return count.finding(content, MET, more=more)


def _costs(case: Case) -> dict[str, int]:
    costs = case.inputs.costs.items() if case.inputs.costs is not None else []
    return {name: micro(value) for name, value in costs if value is not None}


def _build_up(count: _Count) -> Finding:
    case = count.case
    with_costs = count.rule.basis is Basis.FOB
    stated = _costs(case) if with_costs else {}
    content = case.originating + sum(stated.values())
    if content + case.non_originating > count.whole:
        return count.finding(
            content,
            UNDETERMINED,
            reason=f"materials and costs together exceed the {count.rule.basis} price",
            remedy="correct the costs or the price",
        )
    if count.reaches(content):
        return count.finding(content, MET)
    missing = [
        name
        for name in ("labour", "overhead", "other", "profit")
        if with_costs and name not in stated
    ]
    if not case.all_known:
        missing.append("the value of every material")
    if case.doubt:
        missing.append("the content of every originating material")
    # What is not stated cannot come to more than what is left of the price.
    if missing and count.reaches(count.whole - case.non_originating):
        return count.finding(
            content,
            UNDETERMINED,
            reason=f"below the minimum without {', '.join(missing)}, which nobody stated",
            remedy=f"state {', '.join(missing)}",
        )
    return count.finding(content, NOT_MET)
