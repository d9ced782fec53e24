"""Judges the origin of a good: wholly obtained, or by the rule that the agreement has for it."""

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from tulen.errors import InvalidInputError, RuleViolationError
from tulen.origin.case import Case
from tulen.origin.criterion import printed_criterion
from tulen.origin.editions.transposed import in_edition
from tulen.origin.editions.transposition import Correlation
from tulen.origin.findings import (
    ACCUMULATION,
    MET,
    NOT_MET,
    UNDETERMINED,
    Claim,
    Finding,
    OriginVerdict,
    any_of,
    whichever,
)
from tulen.origin.inputs import OriginInputs
from tulen.origin.materials import NO_DETAILS
from tulen.origin.obtained import ProducedExclusively, WhollyObtained
from tulen.origin.pack import Pack, ProductRule, RuleBook
from tulen.origin.rules import AllOf, AnyOf, Rule, judged
from tulen.origin.sets import by_set
from tulen.origin.terms import Terms
from tulen.values import Country
from tulen.values.dated import Dated

_WHOLLY_OBTAINED = WhollyObtained(unasked=True)
_PRODUCED_EXCLUSIVELY = ProducedExclusively()


class NotAPartyError(RuleViolationError):
    """A country is no party to the agreement on the day in question."""

    code: ClassVar[str] = "not-a-party"

    def __init__(self, country: Country, agreement: str, on: date) -> None:
        self.country = country
        super().__init__(f"{country}: is no party to {agreement} on {on}")


def assess(
    inputs: OriginInputs, pack: Pack, on: date, correlation: Correlation | None = None
) -> OriginVerdict:
    """Return whether the good originates under ``pack`` as its values stand on ``on``.

    It originates if it is wholly obtained or meets the rule for its classification, or one that
    the agreement has as an alternative to that. The pack says where it holds every product rule;
    elsewhere the general rule is shown but decides nothing.

    Args:
        inputs: What is declared about the good.
        pack: The rules of the agreement that the inputs name.
        on: The legal date that decides which dated values apply, such as the day of issue.
        correlation: The table that carries codes to the pack's edition of the HS where the inputs
            name another; without one such a good is undetermined.

    Raises:
        InvalidInputError: the inputs name another agreement, or a method or a category of goods
            wholly obtained that the agreement does not know.
        NotAPartyError: the exporting or importing country is no party on that day.
        NotInForceError: the pack says nothing for that day.
    """
    if inputs.agreement != pack.agreement:
        raise InvalidInputError("/agreement", inputs.agreement, f"is not {pack.agreement}")
    book = pack.on(on)
    _check(inputs, book.terms, on)
    if inputs.hs_edition in (None, pack.hs_edition):
        finding = _finding(inputs, pack, book)
    else:
        finding = in_edition(
            inputs, pack.hs_edition, correlation, lambda asked: _finding(asked, pack, book)
        )
    return OriginVerdict(pack.agreement, pack.rule_set, pack.digest, pack.hs_edition, on, finding)


def _finding(inputs: OriginInputs, pack: Pack, book: RuleBook) -> Finding:
    """Judge a good whose codes are of the pack's edition."""
    case = Case.of(inputs, book.terms)
    # Wholly obtained comes first: no rule about materials can take it away.
    exclusively = book.terms.produced_exclusively
    parts = (
        _printed(_WHOLLY_OBTAINED.judge(case, book.terms.wholly_obtained.reference), case),
        *(
            [
                _printed(
                    _PRODUCED_EXCLUSIVELY.judge(case, exclusively.reference)._replace(aside=True),
                    case,
                )
            ]
            if exclusively is not None and exclusively.value
            else []
        ),
        by_set(case, lambda: _by_rule(case, book)),
        *_alternatives(case, book),
    )
    if "cumulation" in pack.not_held and _cumulation_matters(case):
        parts = tuple([_unless_cumulated(part) for part in parts])
    met = [part for part in parts if part.outcome is MET]
    shown = next((part for part in met if part.criterion), met[0] if met else None)
    outcome = any_of([part.outcome for part in parts])
    return Finding(
        f"origin of {inputs.hs_code}",
        outcome,
        _CONCLUSIONS[outcome].format(inputs.exporting_country),
        figures=_cumulated(case),
        parts=parts,
        criterion=shown.criterion if shown is not None else "",
        unprinted=shown.unprinted if shown is not None else "",
    )


_CONCLUSIONS = {
    MET: "the good originates in {}",
    NOT_MET: "the good does not originate in {}",
    UNDETERMINED: "whether the good originates in {} cannot be said from what is known",
}


def _check(inputs: OriginInputs, terms: Terms, on: date) -> None:
    for country in (inputs.exporting_country, inputs.importing_country):
        if country not in terms.parties.value:
            raise NotAPartyError(country, inputs.agreement, on)
    if inputs.method not in terms.methods.value:
        raise InvalidInputError(
            "/method", inputs.method, f"is not {' or '.join(terms.methods.value)}"
        )
    method = terms.method_for(inputs.exporting_country)
    if method not in (None, inputs.method):
        raise InvalidInputError(
            "/method", inputs.method, f"is not the method of {inputs.exporting_country}, {method}"
        )
    categories = terms.wholly_obtained.value
    if inputs.wholly_obtained is not None and inputs.wholly_obtained not in categories:
        raise InvalidInputError(
            "/wholly_obtained",
            inputs.wholly_obtained,
            f"is not one of {', '.join(categories)}"
            if categories
            else f"cannot be claimed: the pack does not hold the categories of {inputs.agreement}",
        )


def _cumulation_matters(case: Case) -> bool:
    """Return whether another party's material is declared to originate, or to do so in part."""
    others = case.terms.parties.value - {case.inputs.exporting_country}
    return any(
        item.material.country in others
        and (
            item.material.originating
            or (item.material.details or NO_DETAILS).non_originating_content is not None
        )
        for item in case.materials
    )


def _unless_cumulated(part: Finding) -> Finding:
    """Return ``part``, where it is not met as undetermined: cumulation might have met it."""
    if part.outcome is not NOT_MET:
        return part
    return part._replace(
        outcome=UNDETERMINED,
        reason=f"{part.reason}; but the pack does not hold the agreement's terms of cumulation",
        remedy="add the agreement's cumulation to the pack",
    )


def _cumulated(case: Case) -> tuple[tuple[str, str], ...]:
    value = sum(
        item.value
        for item in case.materials
        if item.originates and item.material.country != case.inputs.exporting_country
    )
    if not value:
        return ()
    article = case.terms.cumulation.reference
    return (("cumulated from other parties", f"{case.money(value)} [{article}]"),)


def _by_rule(case: Case, book: RuleBook) -> Finding:
    """Judge by the most specific rule; by all rules that may be it where that is open."""
    code = case.inputs.hs_code
    certain: list[tuple[ProductRule, Dated[Rule]]] = []
    possible: list[tuple[ProductRule, Dated[Rule]]] = []
    for product, rule in book.products.get(code.chapter, ()):
        if certain and product.hs.width > certain[0][0].hs.width:
            break  # What follows is wider.
        held = product.hs.holds(code)
        meant = product.ex is None or _attested(product.ex, case)
        if meant is False:
            continue  # Somebody answers for it that the good is no such thing.
        if held and meant:
            if certain and product.ex is None:
                break
            certain.append((product, rule))
        elif held is not False and not certain:
            possible.append((product, rule))
    findings = [
        _named(product.name, rule, case, product=True) for product, rule in (*possible, *certain)
    ]
    if not certain:
        findings.append(_general(case, book))
    if len(findings) == 1:
        return findings[0]
    return whichever(
        "rule for this good",
        findings,
        "whichever of these rules applies, the outcome is the same",
        "the good's description or classification decides which of these rules applies",
    )


def _general(case: Case, book: RuleBook) -> Finding:
    code = case.inputs.hs_code
    if book.general is None:
        general = Finding("general rule", NOT_MET, "the agreement has none")
    else:
        general = _named("general rule", book.general, case)
    if book.covered(code) is not None:
        return general
    return Finding(
        "rule for this good",
        UNDETERMINED,
        f"the pack does not hold every product rule for {code}; one may displace the general rule",
        remedy=f"add the product rule for {code} to the pack, or state that there is none",
        parts=(general,),
    )


def _alternatives(case: Case, book: RuleBook) -> Iterator[Finding]:
    """Judge by the rules that are enough beside every other: a failed one takes nothing away."""
    code = case.inputs.hs_code
    for alternative, rule in book.alternatives.get(code.chapter, ()):
        held = alternative.holds(code)
        meant = alternative.ex is None or _attested(alternative.ex, case)
        if held is False or meant is False:
            continue
        found = _named(alternative.name, rule, case)
        if (held and meant) or found.outcome is NOT_MET:
            yield found
        else:
            yield Finding(
                alternative.name,
                UNDETERMINED,
                "whether the rule is for this good is not known",
                rule.reference,
                remedy=f"attest that the good is, or is not, of these: {alternative.ex}"
                if meant is None
                else f"state the subheading of {code}",
                parts=(found,),
            )


def _attested(words: str, case: Case) -> bool | None:
    production = case.inputs.production
    return production.attested(words) if production is not None else None


def _named(name: str, rule: Dated[Rule], case: Case, *, product: bool = False) -> Finding:
    found = judged(rule.value, case, rule.reference)
    if found.claim is not None and _by_cumulation(found.claim, rule, case):
        taken = found.claim.circumstances | {ACCUMULATION}
        found = found._replace(claim=found.claim._replace(circumstances=taken))
    named = Finding(
        name,
        found.outcome,
        found.reason,
        rule.reference,
        claim=found.claim,
        parts=found.parts if _is_expression(rule.value, found) else (found,),
    )
    return _printed(named, case, product_rule=product)


def _printed(found: Finding, case: Case, *, product_rule: bool = False) -> Finding:
    """Return ``found`` with what the form prints for it, if it is met."""
    if found.claim is None:
        return found
    printed = printed_criterion(found.claim, case.terms.criteria, product_rule=product_rule)
    return found._replace(criterion=printed.box, unprinted=printed.unprinted)


def _by_cumulation(claim: Claim, rule: Dated[Rule], case: Case) -> bool:
    """Return whether ``claim`` holds only as materials of other parties count as originating.

    It is looked into only where the form prints it. A good that is wholly obtained or produced
    exclusively needs no cumulation: its own article counts what originates in any party.
    """
    criteria = case.terms.criteria
    if criteria is None or ACCUMULATION not in criteria.value.suffixes:
        return False
    if not case.cumulates or _OBTAINED.issuperset(claim.criteria):
        return False
    alone = judged(rule.value, case.without_cumulation(), rule.reference).claim
    return alone is None or alone._replace(share=claim.share) != claim


_OBTAINED = frozenset({"WO", "WO-region", "PE"})


def _is_expression(rule: Rule, found: Finding) -> bool:
    """Return whether the finding's parts say all, so that its own level can be left out."""
    return isinstance(rule, AnyOf | AllOf) and found.name in ("any of", "all of")
