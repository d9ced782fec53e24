"""What an authority may do with a proof of origin, with the finding that says why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tulen.origin.findings import Finding, Outcome, all_of
from tulen.values.dated import Reference


class Decision(StrEnum):
    """What follows from a finding. What nobody can tell yet is UNDETERMINED, never a permission."""

    ISSUE = "issue"
    REFUSE = "refuse"
    ACCEPT = "accept"
    MAY_ACCEPT = "may_accept"
    REJECT = "reject"
    REJECT_PREFERENCE = "reject_preference"
    MAY_DENY_PREFERENCE = "may_deny_preference"
    RELEASE_AT_HIGHER_RATE = "release_at_mfn_or_higher_pref"
    CHECK = "retroactive_check_possible"
    AWAIT = "await"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision on a proof of origin.

    Attributes:
        decision: What the authority does, or may do.
        finding: Why, with article and remedy.
        marks: Words that the proof bears, or ticks that it carries, because of it.
        expires_on: First day on which the proof can no longer be presented; None where it was not
            the question.
    """

    decision: Decision
    finding: Finding
    marks: tuple[str, ...] = ()
    expires_on: date | None = None


def ruled(
    finding: Finding,
    met: Decision,
    not_met: Decision,
    *,
    marks: tuple[str, ...] = (),
    expires_on: date | None = None,
) -> Ruling:
    """Return the ruling that follows from ``finding``; marks are borne only where it is met."""
    decision = {
        Outcome.MET: met,
        Outcome.NOT_MET: not_met,
        Outcome.UNDETERMINED: Decision.UNDETERMINED,
    }[finding.outcome]
    return Ruling(decision, finding, marks if finding.outcome is Outcome.MET else (), expires_on)


def stated(
    name: str,
    fact: bool | None,
    reference: Reference,
    *,
    met: str,
    not_met: str,
    remedy: str,
) -> Finding:
    """Return whether a fact that somebody has to state holds; a fact not stated is undetermined.

    Args:
        name: What was tested.
        fact: What was stated; None where nothing was.
        reference: The article.
        met: The reason where it holds.
        not_met: The reason where it does not.
        remedy: What would change it.
    """
    if fact is None:
        return Finding(name, Outcome.UNDETERMINED, "it was not stated", reference, remedy=remedy)
    if fact:
        return Finding(name, Outcome.MET, met, reference)
    return Finding(name, Outcome.NOT_MET, not_met, reference, remedy=remedy)


def together(name: str, parts: Iterable[Finding], reference: Reference) -> Finding:
    """Return the finding that all ``parts`` hold; it repeats the reason and remedy of the worst."""
    held = tuple(parts)
    outcome = all_of(part.outcome for part in held)
    worst = next((part for part in held if part.outcome is outcome), None)
    reason = "every condition holds"
    if worst is not None and outcome is not Outcome.MET:
        reason = f"{worst.name}: {worst.reason}"
    remedy = worst.remedy if worst is not None and outcome is not Outcome.MET else ""
    return Finding(name, outcome, reason, reference, remedy=remedy, parts=held)


def silent(name: str, agreement: str, day: date) -> Ruling:
    """Return the ruling where the procedures that are loaded do not say: nobody can tell."""
    finding = Finding(
        name,
        Outcome.UNDETERMINED,
        f"the procedures of {agreement} that are loaded do not say for {day}",
        remedy="add the dated value, with its article, to the agreement's procedures",
    )
    return Ruling(Decision.UNDETERMINED, finding)
