"""Worked cases of proofs of origin, each put to the function of the core that answers it."""

import re

from case_facts import DAY, Answer, Facts, Handler, answer_of, criteria_in, must, number
from tulen.origin.findings import Outcome
from tulen.origin.proof.back_to_back import OriginalProof, judge_back_to_back
from tulen.origin.proof.clocks import deadlines, judge_visit_consent
from tulen.origin.proof.consignment import Sale, judge_exhibition
from tulen.origin.proof.discrepancy import judge_classification, judge_discrepancy, judge_items
from tulen.origin.proof.issuing import alteration_of, judge_certified_copy, judge_issue
from tulen.origin.proof.presenting import (
    fob_shown,
    judge_invoice,
    judge_partial_cumulation,
    judge_presentation,
    judge_self_certification,
    judge_uses,
    proof_needed,
    within_partial_cumulation,
)
from tulen.origin.proof.procedure import BackToBack, Exhibition, Invoicing, Parties, Procedure
from tulen.values import Currency, HsCode, Money

_DISCREPANCIES = {
    "missing signature": ("missing signature", "no signature", "unsigned", "not signed"),
    "erasure": ("erasure", "erased"),
    "superimposition": ("superimpos", "overwrit"),
    "typing error": ("typographical", "typing", "typo", "spelling", "misspel"),
    "tick": ("tick", "cross", "✓", "✗"),
    "signature": ("signature",),
    "unit of measure": ("unit",),
    "paper size": ("a4", "paper", "size"),
    "ink colour": ("ink", "colour", "color"),
    "exporter database description": ("database", "keyword"),
    "omission": ("omission", "omitted"),
    "protrusion from the field": ("protru",),
    "difference between documents": ("between documents",),
    "description": ("description",),
}


_SIGN = {
    kind: re.compile("|".join(rf"(?<![^\W_]){re.escape(sign)}" for sign in signs), re.IGNORECASE)
    for kind, signs in _DISCREPANCIES.items()
}


def _back_to_back(facts: Facts, procedure: Procedure) -> Answer:
    rows = facts.take("originals")
    if rows is None:
        rows = [
            {
                "issue": facts.take("original_issue"),
                "qty": facts.take("original_qty"),
                "already_reexported": facts.take("already_reexported"),
            }
        ]
    originals = []
    for row in rows:
        fields = Facts(row)
        originals.append(
            OriginalProof(
                must(fields.day("issue", "original_issue"), "issue"),
                number(must(fields.take("qty", "original_qty"), "qty")),
                number(fields.take("already_reexported") or 0),
            )
        )
        if fields.left():
            raise ValueError(f"of an original, {', '.join(fields.left())} is not understood")
    quantity = number(must(facts.take("this_qty"), "this_qty"))
    if (before := facts.take("already_reexported")) is not None:
        quantity += number(before)  # Stated of all the originals together.
    ruling = judge_back_to_back(
        originals,
        quantity,
        must(facts.day("b2b_issue"), "b2b_issue"),
        procedure,
        DAY,
        presented_on=facts.day("presented"),
        operations=facts.operations("operations_in_intermediate", "operations") or frozenset(),
    )
    covered = sum(original.quantity - original.re_exported for original in originals)
    return answer_of(ruling) | {"remaining_qty": covered - quantity}


def _re_export(facts: Facts, procedure: Procedure) -> Answer:
    first = must(facts.country("first_exporter"), "first_exporter")
    intermediate = must(facts.country("intermediate"), "intermediate")
    entry = procedure.on(DAY, BackToBack)
    operations = facts.operations("operations_in_intermediate")
    valid = str(facts.take("original_proof")).startswith("valid ")
    if entry is None or not entry.value.allowed or operations is None or not valid:
        return {"required_proof": None, "retains_origin": None}
    if not operations <= entry.value.operations:
        return {"required_proof": None, "retains_origin": None}
    return {
        "required_proof": f"{entry.value.proof} issued by {intermediate}",
        "retains_origin": str(first),
    }


def _copy(facts: Facts, procedure: Procedure) -> Answer:
    copy = judge_certified_copy(
        must(facts.day("original_issue"), "original_issue"),
        must(facts.day("copy_issue"), "copy_issue"),
        procedure,
        DAY,
    )
    answer = answer_of(copy.ruling) | {"date_shown": copy.dated.isoformat()}
    if copy.box is not None and copy.ruling.marks:
        answer[f"box{copy.box}"] = copy.ruling.marks[0]
    return answer


def _issue(facts: Facts, procedure: Procedure) -> Answer:
    return answer_of(
        judge_issue(
            must(facts.day("shipment_date", "departure_date"), "shipment_date"),
            must(facts.day("issue_date", "co_date"), "issue_date"),
            procedure,
            DAY,
            valid_cause=facts.take("valid_cause"),
        )
    )


def _presentation(facts: Facts, procedure: Procedure) -> Answer:
    return answer_of(
        judge_presentation(
            must(facts.day("issue_date"), "issue_date"),
            must(facts.day("presented"), "presented"),
            procedure,
            DAY,
            force_majeure=facts.take("force_majeure"),
            imported_on=facts.day("goods_imported"),
        )
    )


def _waiver(facts: Facts, procedure: Procedure) -> Answer:
    fob = facts.take("consignment_fob_usd")
    basis = "FOB" if fob is not None else "customs-value"
    value = fob if fob is not None else facts.take("consignment_customs_value_usd")
    need = proof_needed(
        Money(number(value), Currency("USD")),
        basis,
        procedure,
        DAY,
        splitting=bool(facts.take("split_to_evade", "part_of_series")),
    )
    return {"proof_required": need.required, "simplified_declaration": need.declaration}


def _fob(facts: Facts, procedure: Procedure) -> Answer:
    finding = fob_shown(
        frozenset(criteria_in(must(facts.take("criterion"), "criterion"))),
        must(facts.country("exporter"), "exporter"),
        must(facts.country("importer"), "importer"),
        procedure,
        DAY,
    )
    required = {Outcome.MET: True, Outcome.NOT_MET: False, Outcome.UNDETERMINED: None}
    return {"fob_required": required[finding.outcome]}


def _exhibition(facts: Facts, procedure: Procedure) -> Answer:
    ticks = facts.take("box13")
    rule = procedure.on(DAY, Exhibition)
    sent = facts.take("consigned")
    after = ("after exhibition", "immediately after", "immediately thereafter")
    sale = Sale(
        must(facts.country("exporter"), "exporter"),
        must(facts.country("exhibition_in"), "exhibition_in"),
        must(facts.country("importer"), "importer"),
        customs_control=facts.take("under_customs_control", "customs_control"),
        sent=None
        if sent is None
        else "during exhibition"
        if sent.startswith("during")
        else "immediately after exhibition"
        if sent.startswith(after)
        else "later",
        unchanged=facts.take("same_state"),
        named=facts.take("exhibition_name_stated"),
        ticked=None if ticks is None or rule is None else rule.value.mark in ticks,
    )
    return answer_of(judge_exhibition(sale, procedure, DAY))


def _discrepancy(facts: Facts, procedure: Procedure) -> Answer:
    text = facts.take("discrepancy")
    kind = next(
        (kind for kind in _DISCREPANCIES if _SIGN[kind].search(text)),
        text,
    )
    return answer_of(
        judge_discrepancy(
            kind,
            procedure,
            DAY,
            in_doubt=facts.take("origin_in_doubt"),
            corresponds=facts.take("corresponds_to_goods"),
        )
    )


def _items(facts: Facts, procedure: Procedure) -> Answer:
    rows = {}
    for item in map(Facts, facts.take("items")):
        rows[must(item.take("no"), "no")] = item.take("ok")
        if item.left():
            raise ValueError(f"of an item, {', '.join(item.left())} is not understood")
    rulings = judge_items(rows, procedure, DAY)
    return {"items": {str(number): str(item.decision) for number, item in rulings.items()}}


def _classification(facts: Facts, procedure: Procedure) -> Answer:
    found = judge_classification(
        HsCode(facts.take("exporter_hs")),
        HsCode(facts.take("importer_hs")),
        procedure,
        DAY,
        met_under_both=facts.take("roo_met_under_both"),
    )
    return answer_of(found.ruling) | {
        "penalty": found.penalty,
        "refund_when_resolved": found.refund,
    }


def _clock(facts: Facts, procedure: Procedure) -> Answer:
    limits = deadlines(must(facts.day("request_received"), "request_received"), procedure, DAY)
    names = {
        "reply": "reply_due",
        "process": "process_complete_due",
        "reply_earliest": "reply_earliest",
        "determination": "determination_due",
    }
    return {names[name]: day.isoformat() for name, day in limits.items() if name in names}


def _return(facts: Facts, procedure: Procedure) -> Answer:
    limits = deadlines(must(facts.day("rejected_on"), "rejected_on"), procedure, DAY)
    return {"return_due": limits["return"].isoformat()} if "return" in limits else {}


def _visit(facts: Facts, procedure: Procedure) -> Answer:
    notified = must(facts.day("notification_received"), "notification_received")
    ruling = judge_visit_consent(
        notified,
        facts.day("consent_received"),
        facts.day("today") or DAY,
        procedure,
        DAY,
    )
    limits = deadlines(notified, procedure, DAY)
    due = {"consent_due": limits["visit_consent"].isoformat()} if limits else {}
    return answer_of(ruling) | due


def _self_certification(facts: Facts, procedure: Procedure) -> Answer:
    return answer_of(
        judge_self_certification(
            must(facts.take("proof"), "proof"),
            procedure,
            DAY,
            exporter_registered=facts.take("ce_in_database", "approved_exporter"),
            product_registered=facts.take("product_in_database"),
        )
    )


def _invoice(facts: Facts, procedure: Procedure) -> Answer:
    rule = procedure.on(DAY, Invoicing)
    ticks = facts.take("box13")
    ticked = None if ticks is None or rule is None else rule.value.mark in ticks
    says_so = facts.take("co_states_third_country_invoice")
    ruling = judge_invoice(
        must(facts.country("exporter"), "exporter"),
        must(facts.country("invoice_issuer_country"), "invoice_issuer_country"),
        procedure,
        DAY,
        says_so=ticked if says_so is None else says_so,
        originating=facts.take("good_originating"),
    )
    return answer_of(ruling)


def _alteration(facts: Facts, procedure: Procedure) -> Answer:
    action = facts.take("action")
    if action not in {"alteration", "correction", "amendment"}:
        raise ValueError(f"the action {action} is not understood")
    electronic = str(facts.take("form")).lower().startswith("e-")
    return {"action_required": alteration_of(procedure, DAY, electronic=electronic)}


def _uses(facts: Facts, procedure: Procedure) -> Answer:
    return answer_of(judge_uses(facts.take("certificate_uses"), procedure, DAY))


def _partial_cumulation(facts: Facts, procedure: Procedure) -> Answer:
    ruling = judge_partial_cumulation(frozenset(facts.take("box13") or ()), procedure, DAY)
    answer = answer_of(ruling)
    if (percent := facts.take("good_rvc_pct")) is not None:
        finding = within_partial_cumulation(number(percent), procedure, DAY)
        answer["cumulates"] = finding.outcome is Outcome.MET
    return answer


def _between_parties(facts: Facts, procedure: Procedure) -> None:
    """Read the ends of a trade where the question does not turn on them."""
    parties = procedure.on(DAY, Parties)
    facts.take("form")
    for end in ("exporter", "importer"):
        country = facts.country(end)
        if country is not None and (parties is None or country not in parties.value.countries):
            raise ValueError(f"{country} is not a party")


_PROOF: tuple[tuple[str, Handler], ...] = (
    ("b2b_issue", _back_to_back),
    ("intermediate", _re_export),
    ("copy_issue", _copy),
    ("shipment_date", _issue),
    ("departure_date", _issue),
    ("presented", _presentation),
    ("consignment_fob_usd", _waiver),
    ("consignment_customs_value_usd", _waiver),
    ("exhibition_in", _exhibition),
    ("discrepancy", _discrepancy),
    ("items", _items),
    ("exporter_hs", _classification),
    ("request_received", _clock),
    ("rejected_on", _return),
    ("notification_received", _visit),
    ("product_in_database", _self_certification),
    ("ce_in_database", _self_certification),
    ("approved_exporter", _self_certification),
    ("invoice_issuer_country", _invoice),
    ("action", _alteration),
    ("certificate_uses", _uses),
    ("criterion", _fob),
    ("box13", _partial_cumulation),
)
"""The member of the input that shows what is asked; the first that is there decides."""


def proof(facts: Facts, procedure: Procedure) -> Answer:
    """Return what the core answers to a case of proof."""
    for name, handler in _PROOF:
        if facts.has(name):
            answer = handler(facts, procedure)
            _between_parties(facts, procedure)
            return answer
    raise ValueError(f"{', '.join(facts.left())} ask nothing that is understood")
