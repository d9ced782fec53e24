"""Whether a certificate is issued in time, retroactively, or too late."""

from datetime import date
from typing import ClassVar

from tulen.certificate import Consignment, Tick
from tulen.errors import RuleViolationError
from tulen.origin.proof.issuing import judge_issue
from tulen.origin.proof.procedure import Procedure
from tulen.origin.proof.procedure_file import load_procedures
from tulen.origin.proof.ruling import Decision, silent


class NotInTimeError(RuleViolationError):
    """A certificate is not issued on that day for goods shipped then, or not without its mark."""

    code: ClassVar[str] = "not-in-time"


def time_of_issue(consignment: Consignment, issued_on: date) -> dict[str, str]:
    """Return what the history says of the time of issue, and the mark that it asks for.

    The tick states that there is a valid cause for issuing late; two officers judge whether there
    is. Where the goods have not left before the day of issue, no window is needed.

    Args:
        consignment: The goods, with the day of their departure and the ticks.
        issued_on: The day of issue.

    Raises:
        NotInTimeError: it is too late, the window is not known, or the tick is missing or wrong.
    """
    shipped_on = consignment.transport.departure_on
    marked = Tick.ISSUED_RETROSPECTIVELY in consignment.ticks
    procedure: Procedure | None = load_procedures().get(consignment.agreement)
    ruling = (
        silent("time of issue", consignment.agreement, issued_on)
        if procedure is None
        else judge_issue(shipped_on, issued_on, procedure, issued_on, valid_cause=True)
    )
    finding = ruling.finding
    said = f" ({finding.reference.title})" if finding.reference else ""
    goods = f"/transport/departure_on: the goods leave on {shipped_on}, and issue is on {issued_on}"
    if ruling.decision is Decision.REFUSE:
        raise NotInTimeError(f"{goods}: {finding.reason}{said}")
    if ruling.decision is Decision.UNDETERMINED:
        if shipped_on < issued_on:
            raise NotInTimeError(f"{goods}: {finding.reason}{said}; {finding.remedy}")
        if marked:
            raise NotInTimeError(_unmarked(goods, said))
        return {"time_of_issue": f"UNKNOWN: {finding.reason}; the goods had not left"}
    if ruling.marks and not marked:
        raise NotInTimeError(
            f"{goods}: it bears '{ruling.marks[0]}'{said}; ask the exporter for a supplement with "
            f"the tick {Tick.ISSUED_RETROSPECTIVELY}"
        )
    if marked and not ruling.marks:
        raise NotInTimeError(_unmarked(goods, said))
    marks = {"mark": ruling.marks[0]} if ruling.marks else {}
    return {"time_of_issue": finding.reason} | marks


def _unmarked(goods: str, said: str) -> str:
    return (
        f"{goods}: that is in time{said}; ask the exporter for a supplement without the tick "
        f"{Tick.ISSUED_RETROSPECTIVELY}"
    )
