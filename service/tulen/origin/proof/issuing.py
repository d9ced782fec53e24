"""When a proof of origin may be issued, copied or changed, and what it then bears."""

from dataclasses import dataclass, replace
from datetime import date

from tulen.origin.findings import Finding, Outcome
from tulen.origin.proof.procedure import Alteration, CertifiedCopy, IssueWindow, Procedure
from tulen.origin.proof.ruling import Decision, Ruling, ruled, silent


def judge_issue(
    shipped_on: date,
    issued_on: date,
    procedure: Procedure,
    on: date,
    *,
    valid_cause: bool | None = None,
) -> Ruling:
    """Return whether a proof may be issued for goods shipped then, and with which mark.

    A proof that is not issued in time is issued retroactively: for an involuntary error, an
    omission or another valid cause, within the limit after shipment, its last day included.

    Args:
        shipped_on: The day of shipment.
        issued_on: The day of issue.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
        valid_cause: Whether there is such a cause; None: not stated.
    """
    name = "time of issue"
    entry = procedure.on(on, IssueWindow)
    if entry is None:
        return silent(name, procedure.agreement, on)
    rule, article = entry.value, entry.reference
    late = (issued_on - shipped_on).days
    figures = (("shipped", shipped_on.isoformat()), ("issued", issued_on.isoformat()))
    if late <= rule.days_after:
        finding = Finding(name, Outcome.MET, "issued in time", article, figures)
        return ruled(finding, Decision.ISSUE, Decision.REFUSE)
    last = rule.retroactive.after(shipped_on) if rule.retroactive is not None else None
    if last is None:
        finding = Finding(
            name,
            Outcome.UNDETERMINED,
            "the limit for issue after shipment is not loaded",
            article,
            figures,
            "add the limit, with its article, to the agreement's procedures",
        )
    elif issued_on > last:
        finding = Finding(
            name,
            Outcome.NOT_MET,
            f"no proof is issued after {last}, {rule.retroactive} after shipment",
            article,
            figures,
        )
    elif valid_cause is None:
        finding = Finding(
            name,
            Outcome.UNDETERMINED,
            "why it was not issued in time was not stated",
            article,
            figures,
            "state the involuntary error, omission or other valid cause",
        )
    elif not valid_cause:
        finding = Finding(
            name, Outcome.NOT_MET, "there is no valid cause for the delay", article, figures
        )
    else:
        finding = Finding(
            name, Outcome.MET, f"issued for a valid cause by {last}", article, figures
        )
    ruling = ruled(finding, Decision.ISSUE, Decision.REFUSE)
    if ruling.decision is Decision.REFUSE:
        return ruling
    return replace(ruling, marks=(rule.mark,))  # Whatever the cause, one that late is marked.


@dataclass(frozen=True, slots=True)
class CopyRuling:
    """Whether a certified true copy may be issued, and what it shows.

    Attributes:
        ruling: The ruling; its mark is the endorsement.
        box: The box that bears it; None where the agreement names none.
        dated: The date that the copy shows: the original's.
    """

    ruling: Ruling
    box: str | None
    dated: date


def judge_certified_copy(
    original_issued_on: date, copied_on: date, procedure: Procedure, on: date
) -> CopyRuling:
    """Return whether a copy of a lost proof may be issued on ``copied_on``.

    Args:
        original_issued_on: When the original was issued.
        copied_on: When the copy is.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
    """
    name = "certified true copy"
    entry = procedure.on(on, CertifiedCopy)
    if entry is None:
        return CopyRuling(silent(name, procedure.agreement, on), None, original_issued_on)
    rule, article = entry.value, entry.reference
    last = rule.within.after(original_issued_on)
    figures = (("original issued", original_issued_on.isoformat()), ("last day", last.isoformat()))
    if copied_on < original_issued_on:
        finding = Finding(
            name, Outcome.NOT_MET, "the original was not yet issued", article, figures
        )
    elif copied_on > last:
        finding = Finding(
            name,
            Outcome.NOT_MET,
            f"{copied_on} is more than {rule.within} after the original",
            article,
            figures,
        )
    else:
        finding = Finding(name, Outcome.MET, f"{copied_on} is within the limit", article, figures)
    ruling = ruled(finding, Decision.ISSUE, Decision.REFUSE, marks=(rule.words,))
    return CopyRuling(ruling, rule.box, original_issued_on)


def alteration_of(procedure: Procedure, on: date, *, electronic: bool) -> str | None:
    """Return what is done to a proof that has to change after issue; None: not loaded.

    Args:
        procedure: The agreement's procedures.
        on: The day whose rules apply.
        electronic: Whether the proof is data rather than paper.
    """
    entry = procedure.on(on, Alteration)
    if entry is None:
        return None
    return entry.value.electronic if electronic else entry.value.paper
