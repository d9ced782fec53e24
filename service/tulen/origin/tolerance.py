"""De minimis: how much material may fail a rule of classification without defeating the claim."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from tulen.origin.case import Case
from tulen.origin.counting import CountedMaterial
from tulen.origin.findings import MET, NOT_MET, UNDETERMINED, Finding, Outcome
from tulen.origin.selection import Selection
from tulen.origin.shares import hundredths, percent_text
from tulen.origin.terms import Basis, DeMinimis, WeightOf
from tulen.values import HsCode
from tulen.values.dated import Dated


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What a rule itself allows of certain materials that fail it.

    Attributes:
        same: 4 for materials of the good's own heading, 6 for its subheading, 0 for ``of``.
        of: Other materials.
        share: How much is allowed.
        basis: The price it is measured against; None where it is weight.
    """

    same: int
    of: Selection | None
    share: Fraction
    basis: Basis | None

    def holds(self, item: CountedMaterial, good: HsCode) -> bool:
        """Return whether ``item`` is surely of the materials that are allowed."""
        if self.of is not None:
            return self.of.holds(item.material) is True
        code = item.material.hs_code
        if code is None or min(len(code), len(good)) < self.same:
            return False
        return code[: self.same] == good[: self.same]


class Measured(NamedTuple):
    """Materials measured against a limit.

    Attributes:
        within: Whether they keep to it; None where that is not known.
        text: The figures.
    """

    within: bool | None
    text: str


def by_value(
    items: Sequence[CountedMaterial], share: Fraction, basis: Basis, case: Case
) -> Measured:
    """Return whether the declared value of ``items`` keeps to ``share`` of the price."""
    return _measured(
        sum(item.value for item in items),
        case.price(basis),
        share,
        str(basis),
        complete=all(item.material.value is not None for item in items),
    )


def by_weight(
    items: Sequence[CountedMaterial], share: Fraction, of: WeightOf, case: Case
) -> Measured:
    """Return whether the weight of ``items`` keeps to ``share`` of a weight of the good."""
    weights = [item.weight for item in items]
    return _measured(
        sum(weight for weight in weights if weight is not None),
        case.weight(of),
        share,
        f"{of.value.replace('_', ' ')} weight",
        complete=None not in weights,
    )


def _measured(
    amount: int, whole: int | None, share: Fraction, of: str, *, complete: bool
) -> Measured:
    limit = f"at most {percent_text(share)} of {of}"
    if whole is None:
        within = False if amount and not share else None
        return Measured(within, f"{limit}, which is not stated")
    part = Fraction(amount, whole)
    if part > share:
        return Measured(False, f"{part} = {hundredths(part)}, {limit}")
    if not complete:
        return Measured(None, f"{part} = {hundredths(part)} as far as known, {limit}")
    return Measured(True, f"{part} = {hundredths(part)}, {limit}")


class Rescue(NamedTuple):
    """What de minimis makes of the materials that failed.

    Attributes:
        within: Whether they may be left aside; None where that is not known.
        figures: The figures that show it.
        limit: The most that may fail, as text; empty where nothing may.
    """

    within: bool | None
    figures: tuple[tuple[str, str], ...]
    limit: str = ""


def rescue(failed: Sequence[CountedMaterial], case: Case) -> Rescue:
    """Return whether ``failed`` may be left aside as de minimis."""
    terms = case.terms
    if terms.de_minimis_by_chapter is None:
        return _by_share(failed, case)
    return _by_rows(failed, terms.de_minimis_by_chapter, case, "unchanged")


def waiver(case: Case) -> Rescue:
    """Return whether so little does not originate that no value content is asked for.

    De minimis of this kind, as in NAFTA Art. 405(2), looks at all non-originating materials.
    """
    terms = case.terms.value_content_waiver
    if terms is None:
        return Rescue(False, ())
    foreign = [item for item in case.valued() if item.foreign or item.doubt or not item.known]
    return _by_rows(foreign, terms, case, "non-originating")


def _by_rows(
    failed: Sequence[CountedMaterial],
    terms: Dated[tuple[DeMinimis, ...]],
    case: Case,
    what: str,
) -> Rescue:
    """Judge by the row for the good; ``what`` says in the figures what is measured."""
    source = terms.reference
    row, certain = _row_for(case.inputs.hs_code, terms.value)
    if not failed:
        return Rescue(True, (), _limit(row))
    figures: list[tuple[str, str]] = []
    outcomes: list[bool | None] = [False]
    if row is not None and row.value is not None:
        measured = by_value(failed, row.value, row.basis, case)
        outcomes.append(measured.within)
        figures.append((f"{what} by value", f"{measured.text} [{source}]"))
    if row is not None and row.weight is not None:
        measured = by_weight(failed, row.weight, row.weight_of, case)
        outcomes.append(measured.within)
        figures.append((f"{what} by weight", f"{measured.text} [{source}]"))
    within = True if True in outcomes else None if None in outcomes else False
    if not figures:
        measured = by_value(failed, Fraction(0), Basis.FOB, case)
        figures.append((f"{what} by value", measured.text))
        figures.append(("de minimis", f"none for {case.inputs.hs_code} [{source}]"))
    if row is not None and row.barred is not None:
        held = [row.barred.holds(item.material) for item in failed]
        if True in held:
            within = False
            figures.append(("de minimis", f"not for {row.barred.text} [{source}]"))
        elif None in held and within:
            within = None
    return Rescue(within if certain else None, tuple(figures), _limit(row))


def _by_share(failed: Sequence[CountedMaterial], case: Case) -> Rescue:
    """Judge by one share of FOB for all goods, as most agreements of ASEAN have it."""
    share = case.terms.de_minimis
    if share is None or case.fob is None:
        why = "the pack does not hold it" if share is None else "the FOB price is not stated"
        figures = (("de minimis", why),) if failed else ()
        none_admitted = share is not None and not share.value and any(item.value for item in failed)
        return Rescue(False if none_admitted else None if failed else True, figures)
    value = sum([item.value for item in failed])
    limit = case.money(case.fob * share.value.numerator // share.value.denominator)
    exceeded = value * share.value.denominator > case.fob * share.value.numerator
    within: bool | None = not exceeded
    if within and any(item.material.value is None for item in failed):
        within = None
    if not value:
        return Rescue(within, (), limit)
    allowed = f"{percent_text(share.value)} of FOB = {limit}"
    return Rescue(
        within,
        (
            ("unchanged materials", case.money(value)),
            ("de minimis", f"{allowed} [{share.reference}]"),
        ),
        limit,
    )


def _row_for(good: HsCode, rows: Sequence[DeMinimis]) -> tuple[DeMinimis | None, bool]:
    """Return the row for ``good``, and whether it is surely the one."""
    for row in rows:
        held = row.holds(good)
        if held is not False:
            return row, held is True
    return None, True


def _limit(row: DeMinimis | None) -> str:
    if row is None:
        return ""
    value = "" if row.value is None else f"{percent_text(row.value)} of {row.basis}"
    weight = "" if row.weight is None else f"{percent_text(row.weight)} by weight"
    return " or ".join(text for text in (value, weight) if text)


def spared(
    parts: Sequence[Finding],
    items: Sequence[CountedMaterial],
    tolerance: Tolerance,
    case: Case,
) -> list[Finding]:
    """Return the findings of materials with those met that the rule itself tolerates."""
    good = case.inputs.hs_code
    places = [
        index
        for index, (part, item) in enumerate(zip(parts, items, strict=True))
        if part.outcome is NOT_MET and tolerance.holds(item, good)
    ]
    chosen = [items[index] for index in places]
    if not chosen:
        return list(parts)
    measured = (
        by_weight(chosen, tolerance.share, WeightOf.NET, case)
        if tolerance.basis is None
        else by_value(chosen, tolerance.share, tolerance.basis, case)
    )
    if measured.within is False:
        return list(parts)
    outcome: Outcome = MET if measured.within else UNDETERMINED
    spared_parts = list(parts)
    for index in places:
        part = spared_parts[index]
        reason = f"{part.reason}, tolerated by the rule: {measured.text}"
        spared_parts[index] = part._replace(outcome=outcome, reason=reason)
    return spared_parts
