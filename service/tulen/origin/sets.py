"""Sets put up for retail sale: articles that originate, and how much may not."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from tulen.origin.case import Case
from tulen.origin.circumstances import SetItem, SetRule
from tulen.origin.counting import micro
from tulen.origin.findings import MET, NOT_MET, UNDETERMINED, Claim, Finding, Outcome, whichever
from tulen.origin.hs import HsRange
from tulen.origin.rules import CHANGE, Kind, judged
from tulen.origin.shares import hundredths, percent_text
from tulen.origin.terms import Basis
from tulen.values.dated import Reference


@dataclass(frozen=True, slots=True)
class RetailSet:
    """Every article of a set originates, or those that do not are worth little.

    Attributes:
        limit: Share of the price that articles may reach that do not originate; None for none.
        basis: The price.
        gir: The general interpretative rule that makes it a set, for the trace.
    """

    limit: Fraction | None
    basis: Basis = Basis.FOB
    gir: str = ""
    kinds: ClassVar[frozenset[Kind]] = CHANGE

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge by the articles that were declared."""
        name = f"set by general rule {self.gir}" if self.gir else "set"
        items = case.inputs.set_items
        if not items:
            return Finding(
                name,
                UNDETERMINED,
                "the articles of the set are not stated",
                reference,
                remedy="state each article, its value and whether it originates",
            )
        whole = case.price(self.basis)
        foreign = [item for item in items if item.originating is not True]
        surely = sum([micro(item.value) for item in foreign if item.value and not _open(item)])
        most = sum([micro(item.value) for item in foreign if item.value])
        known = all(item.value is not None for item in foreign)
        figures: tuple[tuple[str, str], ...] = ()
        if whole is not None:
            part = Fraction(most, whole)
            figures = (("non-originating articles", f"{part} = {hundredths(part)}"),)
        outcome, reason = self._outcome(foreign, surely, most, whole, known=known)
        return Finding(
            name,
            outcome,
            reason,
            reference,
            figures,
            "" if outcome is MET else "originating articles instead, or state origin and value",
            Claim(("other",)) if outcome is MET else None,
        )

    def _outcome(
        self,
        foreign: list[SetItem],
        surely: int,
        most: int,
        whole: int | None,
        *,
        known: bool,
    ) -> tuple[Outcome, str]:
        if not foreign:
            return MET, "every article originates"
        if self.limit is None and not all(_open(item) for item in foreign):
            return NOT_MET, f"{len(foreign)} articles are not shown to originate"
        if self.limit is None:
            return UNDETERMINED, "the origin of an article is not known"
        if whole is not None and Fraction(surely, whole) > self.limit:
            return NOT_MET, f"articles that do not originate exceed {percent_text(self.limit)}"
        limit = f"{percent_text(self.limit)} of {self.basis}"
        if whole is not None and known and Fraction(most, whole) <= self.limit:
            return MET, f"articles that do not originate do not exceed {limit}"
        return UNDETERMINED, "an article's origin or value, or the price, is not known"


def _open(item: SetItem) -> bool:
    return item.originating is None


@dataclass(frozen=True, slots=True)
class SetRow:
    """What an agreement asks of sets, whatever rule it has for their classification.

    Attributes:
        rule: The rule.
        goods: The goods that it is for; empty for all.
        by: General rules of classification whose sets it is for; empty for all.
    """

    rule: RetailSet
    goods: tuple[HsRange, ...] = ()
    by: frozenset[SetRule] = frozenset()

    def concerns(self, case: Case) -> bool | None:
        """Return whether it is for the set; None where that is not known."""
        held = [item.holds(case.inputs.hs_code) for item in self.goods]
        goods = not held or (True if True in held else None if None in held else False)
        rule = case.inputs.set_by
        by = not self.by or (None if rule is None else rule in self.by)
        return False if False in (goods, by) else None if None in (goods, by) else True


def by_set(case: Case, by_rule: Callable[[], Finding]) -> Finding:
    """Return what the agreement's rule for sets finds; ``by_rule`` where it has none for the good.

    Several are judged where it depends on the unknown which is the right one.
    """
    rows = case.terms.sets
    if rows is None or not case.inputs.set_items:
        return by_rule()
    findings: list[Finding] = []
    for row in rows.value:
        concerned = row.concerns(case)
        if concerned is not False:
            findings.append(judged(row.rule, case, rows.reference))
        if concerned:
            break
    else:
        findings.append(by_rule())
    if len(findings) == 1:
        return findings[0]
    return whichever(
        "rule for this set",
        findings,
        "whichever of these rules applies, the outcome is the same",
        "the general rule by which it is a set decides which of these rules applies",
        "state by which general rule it is classified as a set",
    )
