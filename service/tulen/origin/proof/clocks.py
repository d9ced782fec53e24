"""Time limits between authorities: replies, visits, and the return of a rejected proof."""

from collections.abc import Mapping
from datetime import date

from tulen.origin.findings import Finding, Outcome
from tulen.origin.proof.procedure import Clocks, Procedure
from tulen.origin.proof.ruling import Decision, Ruling, silent


def deadlines(started: date, procedure: Procedure, on: date) -> Mapping[str, date]:
    """Return the last day of each limit that the agreement sets; empty where none is loaded.

    Args:
        started: The day from which they run, such as that on which a request was received.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
    """
    entry = procedure.on(on, Clocks)
    if entry is None:
        return {}
    return {name: limit.after(started) for name, limit in entry.value.limits.items()}


def judge_visit_consent(
    notified_on: date, consented_on: date | None, today: date, procedure: Procedure, on: date
) -> Ruling:
    """Return whether a verification visit goes ahead, or preference may be denied.

    Args:
        notified_on: When the notification of the visit was received.
        consented_on: When written consent was received; None: not yet.
        today: The day on which it is asked.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
    """
    name = "consent to a visit"
    entry = procedure.on(on, Clocks)
    limit = entry.value.limits.get("visit_consent") if entry is not None else None
    if entry is None or limit is None:
        return silent(name, procedure.agreement, on)
    due = limit.after(notified_on)
    figures = (("due", due.isoformat()),)
    if consented_on is not None and consented_on <= due:
        finding = Finding(name, Outcome.MET, "given in time", entry.reference, figures)
        return Ruling(Decision.ACCEPT, finding)
    if consented_on is None and today <= due:
        finding = Finding(
            name,
            Outcome.UNDETERMINED,
            "not given yet",
            entry.reference,
            figures,
            f"consent in writing by {due}",
        )
        return Ruling(Decision.AWAIT, finding)
    reason = f"given on {consented_on}, after {due}" if consented_on else f"not given by {due}"
    finding = Finding(name, Outcome.NOT_MET, reason, entry.reference, figures)
    return Ruling(Decision.MAY_DENY_PREFERENCE, finding)
