"""Worked cases of proof, transit, coding and tariff differentials, put to the core.

Each case is translated into one call of `tulen.origin`, and every member of its `expected` compared
with the answer. A member of the input that nothing here reads is a failure: a case that is not
understood has not passed.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from case_facts import DAY, Answer, Facts, Handler, answer_of, criteria_in, must, number
from case_proof import proof
from tulen.errors import TulenError
from tulen.origin import pack_of
from tulen.origin.criterion import printed_criterion
from tulen.origin.findings import Claim
from tulen.origin.proof.consignment import Journey, judge_journey
from tulen.origin.proof.differential import DifferentialCase, Option, origin_country, rate_for
from tulen.origin.proof.procedure import Parties, Procedure
from tulen.origin.proof.procedure_file import procedure_of
from tulen.origin.proof.ruling import Decision
from tulen.values import AgreementCode, Country

REMARKS = {"note", "notes"}
"""Members of input and `expected` that explain and state nothing."""


def _transit(facts: Facts, procedure: Procedure) -> Answer:
    route = tuple(Country(item) for item in facts.take("route"))
    ends = (facts.country("exporter") or route[0], facts.country("importer") or route[-1])
    if ends != (route[0], route[-1]):
        raise ValueError("the route does not lead from the exporter to the importer")
    papers = facts.take("documents")
    documents = None if papers is None else frozenset(papers)
    issued_nowhere = facts.has("through_bl_issued_in")
    bill = facts.country("through_bl_issued_in")
    if issued_nowhere and bill is None:
        documents = (documents or frozenset()) - {"through_bl"}
    for paper in ("through_bl", "customs_certificate"):
        if (held := facts.take(paper)) is not None:
            documents = (documents or frozenset()) | ({paper} if held else set())
    journey = Journey(
        route,
        operations=facts.operations("operations"),
        customs_control=facts.take("customs_control", "under_customs_control"),
        entered_trade=facts.take("entered_trade"),
        justified_by=facts.reason("justified_by"),
        documents=documents,
        bill_issued_in=bill,
        by_exporter=facts.take("by_exporter"),
    )
    originating = facts.take("good_originating")
    facts.take("rvc_pct")  # What the good reached; whether it originates is stated beside it.
    outside = facts.take("non_member_transit")
    parties = procedure.on(DAY, Parties)
    if (
        outside is not None
        and parties is not None
        and outside is (set(route) <= parties.value.countries)
    ):
        raise ValueError("non_member_transit is not what the route says")
    answer = answer_of(judge_journey(journey, procedure, DAY))
    if originating is False or answer["verdict"] != Decision.ACCEPT:
        # The format knows two verdicts: what is not shown to customs is not accepted by them.
        answer["verdict"] = str(Decision.REJECT_PREFERENCE)
    return answer


def _coding(facts: Facts, procedure: Procedure) -> Answer:
    share = facts.take("rvc_pct", "pct")
    option = facts.take("option", "tariff_differential")
    region = facts.take("region")
    satisfied = [
        "WO-region" if region and item == "WO" else item
        for item in criteria_in(must(facts.take("satisfied"), "satisfied"))
    ]
    flags = {
        "accumulation": facts.take("accumulation", "cumulation"),
        "de-minimis": facts.take("de_minimis"),
        **({option: True} if option else {}),
    }
    claim = Claim(
        tuple(satisfied),
        Fraction(str(share)) / 100 if share is not None else None,
        frozenset(name for name, holds in flags.items() if holds),
    )
    printing = pack_of(procedure.agreement).on(DAY).terms.criteria
    printed = printed_criterion(claim, printing, product_rule=bool(facts.take("psr")))
    return {"code": list(printed.codes), "percentage": printed.percentage, "box8": printed.box}


def _differential(facts: Facts, procedure: Procedure) -> Answer:
    answer: Answer = {}
    rates = facts.take("rates")
    rates = {Country(name): number(rate) for name, rate in rates.items()} if rates else None
    importing = must(facts.country("importer"), "importer")
    if facts.has("criterion"):
        share = facts.take("exporter_domestic_value_pct")
        contributions = facts.take("contributions") or {}
        case = DifferentialCase(
            exporting=must(facts.country("exporter"), "exporter"),
            importing=importing,
            criterion=" + ".join(criteria_in(must(facts.take("criterion"), "criterion"))),
            contributions={Country(name): number(part) for name, part in contributions.items()},
            on_appendix=facts.take("on_appendix_of_importer"),
            beyond_minimal=facts.take("beyond_minimal_operations"),
            exporting_share=number(share) if share is not None else None,
        )
        country = origin_country(case, procedure, DAY).country
        answer["rcep_country_of_origin"] = country
        if rates is not None and not facts.has("option"):
            answer["applicable_rate_pct"] = rates.get(country) if country is not None else None
    if facts.has("option"):
        facts.take("exporter")
        option = cast("Option", facts.take("option"))
        contributors = [Country(name) for name in facts.take("contributors") or ()]
        answer["applicable_rate_pct"] = rate_for(
            rates or {}, contributors, option, procedure, DAY
        ).percent
        printing = pack_of(procedure.agreement).on(DAY).terms.criteria
        answer["code"] = printing.value.suffixes.get(option) if printing is not None else None
    return answer


def _same(expected: object, given: object) -> bool:
    if isinstance(expected, list) and isinstance(given, list):
        # Codes and ticks are boxes of a form: which of them are filled, in no order.
        return sorted(map(str, expected)) == sorted(map(str, given))
    if isinstance(expected, int | float | Decimal) and not isinstance(expected, bool):
        return isinstance(given, int | Decimal) and number(expected) == number(given)
    return bool(expected == given) and isinstance(given, bool) is isinstance(expected, bool)


def _check(case: Mapping[str, Any], handler: Handler) -> list[str]:
    """Return one line for each way in which the case fails."""
    stated = case["input"]
    facts = Facts({name: stated[name] for name in stated if name not in REMARKS})
    try:
        procedure = procedure_of(AgreementCode(case["agreement"].replace(" ", "-")))
        answer = handler(facts, procedure)
    except (
        TulenError,
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        return [f"not understood: {error}"]
    failures = [f"input member {name} is not understood" for name in facts.left()]
    for name, expected in case["expected"].items():
        if name in REMARKS:
            continue
        if name not in answer:
            failures.append(f"expected member {name} has no answer")
        elif not _same(expected, answer[name]):
            failures.append(f"{name} is {answer[name]!r}, expected {expected!r}")
    return failures


def _domain(handler: Handler) -> Callable[[dict[str, Any]], list[str]]:
    return lambda case: _check(case, handler)


DOMAINS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "proof": _domain(proof),
    "transit": _domain(_transit),
    "coding": _domain(_coding),
    "tariff_differential": _domain(_differential),
}
"""By domain what returns the failures of a case; none where it passes."""
