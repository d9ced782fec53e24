"""How a certificate stood at an instant, in one word, and what to do then.

Chain time counts: what the ledger had recorded by then. The period is one of legal dates, in UTC.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from tulen.values import Digest, date_from, instant_text
from tulen.verify.facts import CertificateStatus, State
from tulen.verify.result import StatusReason, Verdict, Verification, reason_words


class Standing(StrEnum):
    """The words for it."""

    NOT_YET_ISSUED = "not yet issued"
    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    REPLACED = "replaced"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    INVALID = "invalid"
    UNKNOWN = "UNKNOWN"


_ADVICE: Final = {
    Standing.NOT_YET_ISSUED: (
        "Ask about a later instant; goods shipped before may need a retroactive certificate."
    ),
    Standing.VALID: "Nothing stood against preference on it.",
    Standing.SUSPENDED: (
        "Wait for the authority's answer; preference may be given against security."
    ),
    Standing.REVOKED: "Give no preference on it, and check what was given on it before.",
    Standing.REPLACED: "Ask the holder for the certificate that replaces it.",
    Standing.CANCELLED: "Give no preference on it; nothing of it was to be used.",
    Standing.EXPIRED: (
        "Give preference only where the agreement excuses lateness, or ask for a new certificate."
    ),
    Standing.INVALID: "Give no preference on it; the checks say what is wrong.",
    Standing.UNKNOWN: "Ask again when the chain answers.",
}
_CANCELLING: Final = (StatusReason.WITHDRAWN, StatusReason.NOT_EXPORTED)
"""Reasons of a revocation which say that the certificate was not used, rather than wrong."""
_STATES: Final = {
    State.REVOKED: Standing.REVOKED,
    State.SUSPENDED: Standing.SUSPENDED,
    State.REPLACED: Standing.REPLACED,
}


_WITHOUT: Final = {Verdict.INVALID: Standing.INVALID, Verdict.UNKNOWN: Standing.UNKNOWN}
"""Verdicts that say nothing of how it stood."""


@dataclass(frozen=True, slots=True)
class Stood:
    """How it stood.

    Attributes:
        at: The instant.
        standing: The word.
        since: Chain time, or first day, from which it stood so; None where that was not read.
        reason: Why the authority changed it; empty where it did not.
        successor: Digest of what replaced it.
    """

    at: datetime
    standing: Standing
    since: datetime | date | None = None
    reason: str = ""
    successor: Digest | None = None

    @property
    def advice(self) -> str:
        """What to do."""
        return _ADVICE[self.standing]

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form; what is not known is left out."""
        document = {
            "at": instant_text(self.at),
            "standing": self.standing.value,
            "advice": self.advice,
        }
        if self.since is not None:
            document["since"] = (
                instant_text(self.since)
                if isinstance(self.since, datetime)
                else self.since.isoformat()
            )
        if self.reason:
            document["reason"] = self.reason
        if self.successor is not None:
            document["successor"] = self.successor.hex()
        return document


def stood(
    at: datetime,
    status: CertificateStatus,
    *,
    anchored_at: datetime | None,
    valid_until: date | None,
) -> Stood:
    """Return how a certificate stood.

    Args:
        at: The instant.
        status: What the ledger had declared of it by then.
        anchored_at: When the ledger first held it; None: not yet.
        valid_until: First day on which it is no longer valid; None where that is not known.
    """
    if anchored_at is None or at < anchored_at:
        return Stood(at, Standing.NOT_YET_ISSUED)
    if status.state in (State.REVOKED, State.REPLACED):
        word = _STATES[status.state]
        if status.state is State.REVOKED and status.reason in _CANCELLING:
            word = Standing.CANCELLED
        return _changed(at, word, status)
    if valid_until is not None and at.date() >= valid_until:
        return Stood(at, Standing.EXPIRED, valid_until)
    if status.state is State.SUSPENDED:
        return _changed(at, Standing.SUSPENDED, status)
    if valid_until is None:
        return Stood(at, Standing.UNKNOWN)
    return Stood(at, Standing.VALID, status.since or anchored_at)


def stood_in(at: datetime, verification: Verification) -> Stood:
    """Return how a certificate stood, by a verification with the chain as it was then.

    Args:
        at: The instant.
        verification: Of the bundle on the day of ``at``, with the facts of the last block that was
            not later.
    """
    facts, bundle = verification.facts, verification.bundle
    receipt = None if bundle is None else bundle.anchor
    unheld = facts is not None and facts.anchored is None
    if verification.authentic and verification.verdict in _WITHOUT:
        # By the chain, or else by the bundle's own word: nothing claims to be younger than it is.
        invalid = verification.verdict is Verdict.INVALID
        early = receipt is not None and at < receipt.anchored_at and (unheld or invalid)
        if early or (receipt is None and unheld):
            return Stood(at, Standing.NOT_YET_ISSUED)
    if verification.verdict in _WITHOUT:
        return Stood(at, _WITHOUT[verification.verdict])
    assert facts is not None  # noqa: S101 - no other verdict is given without
    until = verification.claims.get("/valid_until")
    return stood(
        at,
        facts.status,
        anchored_at=None if facts.anchored is None else facts.anchored.anchored_at,
        valid_until=None if until is None else date_from(until, "/valid_until"),
    )


def _changed(at: datetime, word: Standing, status: CertificateStatus) -> Stood:
    return Stood(at, word, status.since, reason_words(status.reason), status.successor)
