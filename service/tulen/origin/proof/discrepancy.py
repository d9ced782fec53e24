"""Differences between a proof, other papers and the goods: minor, grave, or left for later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tulen.origin.findings import Finding, Outcome
from tulen.origin.proof.procedure import Discrepancies, Procedure
from tulen.origin.proof.ruling import Decision, Ruling, ruled, silent, stated, together
from tulen.values import HsCode
from tulen.values.dated import Reference


def judge_discrepancy(
    kind: str,
    procedure: Procedure,
    on: date,
    *,
    in_doubt: bool | None,
    corresponds: bool | None,
) -> Ruling:
    """Return whether a proof stands in spite of a difference.

    A minor one defeats nothing where the origin is not in doubt and the proof is for these goods.
    A doubt leads to a check with the exporting party, not to a refusal.

    Args:
        kind: What differs; names as in the procedures.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
        in_doubt: Whether the origin is in doubt.
        corresponds: Whether the proof corresponds to the goods.
    """
    name = f"discrepancy: {kind}"
    entry = procedure.on(on, Discrepancies)
    if entry is None:
        return silent(name, procedure.agreement, on)
    rule, article = entry.value, entry.reference
    minor = Finding(
        "minor",
        Outcome.MET
        if kind in rule.minor
        else Outcome.NOT_MET
        if kind in rule.grave
        else Outcome.UNDETERMINED,
        f"minor are {', '.join(sorted(rule.minor))}",
        article,
    )
    goods = stated(
        "corresponds to the goods",
        corresponds,
        article,
        met="the proof is for these goods",
        not_met="the proof is for other goods",
        remedy="present the proof for these goods",
    )
    trusted = stated(
        "origin not in doubt",
        None if in_doubt is None else not in_doubt,
        article,
        met="nobody doubts the origin",
        not_met="the origin is in doubt",
        remedy="ask the issuing authority for a retroactive check",
    )
    finding = together(name, (goods, minor, trusted), article)
    doubted_alone = in_doubt and Outcome.NOT_MET not in (goods.outcome, minor.outcome)
    return ruled(finding, Decision.ACCEPT, Decision.CHECK if doubted_alone else Decision.REJECT)


def judge_items(
    items: Mapping[int, bool | None], procedure: Procedure, on: date
) -> Mapping[int, Ruling]:
    """Return the ruling on each item: a problem with one delays no other.

    Args:
        items: By item number whether it is in order; None: not known.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
    """
    entry = procedure.on(on, Discrepancies)
    if entry is None or not entry.value.item_by_item:
        return {number: silent(f"item {number}", procedure.agreement, on) for number in items}
    return {number: _item(number, in_order, entry.reference) for number, in_order in items.items()}


def _item(number: int, in_order: bool | None, article: Reference) -> Ruling:
    finding = stated(
        f"item {number}",
        in_order,
        article,
        met="it is in order",
        not_met="there is a problem with it; the others are released",
        remedy="ask the issuing authority for a retroactive check",
    )
    return ruled(finding, Decision.ACCEPT, Decision.CHECK)


@dataclass(frozen=True, slots=True)
class ClassificationRuling:
    """What follows where exporter and importer classify differently.

    Attributes:
        ruling: The ruling.
        penalty: Whether a penalty may follow from the difference alone.
        refund: Whether overpaid duty is refunded once it is resolved.
    """

    ruling: Ruling
    penalty: bool
    refund: bool


def judge_classification(
    exporters: HsCode,
    importers: HsCode,
    procedure: Procedure,
    on: date,
    *,
    met_under_both: bool | None,
) -> ClassificationRuling:
    """Return what follows from two classifications of one good.

    Args:
        exporters: The subheading on the proof.
        importers: The subheading that customs of the importing party find right.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
        met_under_both: Whether the rules of origin are met under both.
    """
    name = "classification"
    entry = procedure.on(on, Discrepancies)
    if exporters[:6] == importers[:6]:
        finding = Finding(name, Outcome.MET, "both are the same subheading")
        return ClassificationRuling(Ruling(Decision.ACCEPT, finding), penalty=False, refund=False)
    if entry is None or entry.value.classification is None:
        ruling = silent(name, procedure.agreement, on)
        return ClassificationRuling(ruling, penalty=False, refund=False)
    finding = stated(
        name,
        met_under_both,
        entry.reference,
        met="the rules of origin are met under both; released at the higher rate until resolved",
        not_met="the rules of origin are not met under both",
        remedy="judge the rule for the importer's subheading",
    )
    ruling = ruled(finding, Decision.RELEASE_AT_HIGHER_RATE, Decision.REJECT_PREFERENCE)
    released = ruling.decision is Decision.RELEASE_AT_HIGHER_RATE
    return ClassificationRuling(ruling, penalty=False, refund=released)
