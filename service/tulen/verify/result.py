"""What a verification answers: each check with its reason, and one verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

from tulen.certificate import Bundle
from tulen.values import Digest, instant_text
from tulen.verify.facts import CertificateStatus, ChainFacts, State


class CheckOutcome(StrEnum):
    """What one check answers. UNKNOWN is an answer of its own, never a weak PASS or FAIL."""

    PASS = "PASS"  # noqa: S105 - not a password
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"


PASS, FAIL, UNKNOWN = CheckOutcome  # Python 3.11 takes a tenth of a microsecond for each member.


class Verdict(StrEnum):
    """What all checks together say (docs/specs/bundle.md)."""

    VALID = "VALID"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    REPLACED = "REPLACED"
    SUSPENDED = "SUSPENDED"
    INVALID = "INVALID"
    UNKNOWN = "UNKNOWN"


class StatusReason(IntEnum):
    """Why an authority changed a certificate's status (docs/specs/log.md section 6)."""

    FRAUD = 1
    ERROR = 2
    WITHDRAWN = 3
    NOT_EXPORTED = 4
    SUPERSEDED = 5
    COURT = 6
    UNDER_VERIFICATION = 7
    VERIFIED = 8

    @property
    def words(self) -> str:
        """The reason for people."""
        return _WORDS[self]


_WORDS = {
    StatusReason.FRAUD: "fraud: obtained by false statements or documents",
    StatusReason.ERROR: "error: issued in error",
    StatusReason.WITHDRAWN: "withdrawn: at the exporter's request",
    StatusReason.NOT_EXPORTED: "not exported: the goods did not leave",
    StatusReason.SUPERSEDED: "superseded: replaced by another certificate",
    StatusReason.COURT: "court: by order of a court",
    StatusReason.UNDER_VERIFICATION: (
        "under verification: suspended while a request of the importing customs is open"
    ),
    StatusReason.VERIFIED: "verified: suspension ended, found in order",
}


def reason_words(code: int) -> str:
    """Return the words for a reason code, also for one that this version does not know."""
    try:
        return StatusReason(code).words
    except ValueError:
        return f"reason {code}, which this version does not know"


class Check(NamedTuple):
    """One step of the verification; a named tuple, which is made five times as fast.

    Attributes:
        step: Its number in docs/specs/bundle.md.
        name: Its name there.
        question: What it asks, in plain words.
        outcome: The answer.
        reason: Why, with the figures and dates.
        advice: What can be done now; empty where nothing need be.
        required: Whether the verdict waits for it.
        cause: Stable name of what is wrong, for programs; empty where nothing is, or where the
            step has one cause only.
    """

    step: int
    name: str
    question: str
    outcome: CheckOutcome
    reason: str
    advice: str = ""
    required: bool = True
    cause: str = ""

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        document: dict[str, Any] = {
            "step": self.step,
            "name": self.name,
            "question": self.question,
            "outcome": self.outcome.value,
            "reason": self.reason,
            "required": self.required,
        }
        if self.advice:
            document["advice"] = self.advice
        if self.cause:
            document["cause"] = self.cause
        return document


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of verifying one bundle.

    Attributes:
        verdict: The verdict.
        checks: The checks in order; only the first where the bundle cannot be read.
        on: The day that was asked for.
        bundle: What was read; None where it cannot be.
        digest: The certificate's digest; None where it cannot be recomputed.
        facts: What was read on chain; None where it was not, or is not to be used.
        at: The instant of the answer; None where nobody said.
    """

    verdict: Verdict
    checks: tuple[Check, ...]
    on: date
    bundle: Bundle | None = None
    digest: Digest | None = None
    facts: ChainFacts | None = None
    at: datetime | None = None

    @property
    def status(self) -> CertificateStatus | None:
        """The certificate's status on chain; None where it is not known."""
        return None if self.facts is None else self.facts.status

    @property
    def as_of_block(self) -> int | None:
        """The block that the chain was read at; None where it was not."""
        return None if self.facts is None else self.facts.as_of_block

    @property
    def as_of(self) -> datetime | None:
        """That block's time."""
        return None if self.facts is None else self.facts.as_of

    @property
    def age(self) -> timedelta | None:
        """How long before the answer the chain was read; None where it was not."""
        if self.facts is None:
            return None
        # A clock that was set back meanwhile does not make the reading one of the future.
        return max((self.at or self.facts.read_at) - self.facts.read_at, timedelta())

    @property
    def claims(self) -> Mapping[str, str | bool | int]:
        """What the certificate says, as far as it is disclosed, by JSON pointer."""
        return {} if self.bundle is None else self.bundle.certificate.claims

    @property
    def first_failure(self) -> Check | None:
        """The first check that failed."""
        return next((check for check in self.checks if check.outcome is FAIL), None)

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form; what is not known is left out."""
        document: dict[str, Any] = {
            "verdict": self.verdict.value,
            "on": self.on.isoformat(),
            "checks": [check.to_document() for check in self.checks],
            "certificate": {
                pointer: value for pointer, value in self.claims.items() if _is_summary(pointer)
            },
        }
        if self.digest is not None:
            document["digest"] = self.digest.hex()
        if self.status is not None and self.status.since is not None:
            document["status"] = {
                "state": self.status.state.name,
                "reason": self.status.reason,
                "reason_words": reason_words(self.status.reason),
                "since": instant_text(self.status.since),
            }
            if self.status.successor is not None:
                document["status"]["successor"] = self.status.successor.hex()
        if self.facts is not None and self.age is not None:
            document["as_of"] = {
                "block": self.facts.as_of_block,
                "time": instant_text(self.facts.as_of),
                "read_at": instant_text(self.facts.read_at),
                "age_ms": self.age // timedelta(milliseconds=1),
            }
            document["issuing_paused"] = self.facts.issuing_paused
        return document


def _is_summary(pointer: str) -> bool:
    """Return whether a claim belongs on one page: all but what origin was judged on."""
    return "/origin/inputs" not in pointer


_STATES = {
    State.REVOKED: Verdict.REVOKED,
    State.REPLACED: Verdict.REPLACED,
    State.SUSPENDED: Verdict.SUSPENDED,
}
_AUTHENTIC = range(2, 6)
"""The steps that show that the authority made this certificate: only its own can be revoked."""
_PERIOD_STEP = 12


def verdict_of(checks: Sequence[Check], *, state: State | None, expired: bool) -> Verdict:
    """Return the verdict over ``checks``, in the order of docs/specs/bundle.md.

    Args:
        checks: All steps, or the first where the bundle cannot be read.
        state: The status that step 11 read; None where it is not known.
        expired: Whether step 12 failed only because the day is past.
    """
    authentic = [check for check in checks if check.step in _AUTHENTIC]
    if (
        state in _STATES
        and len(authentic) == len(_AUTHENTIC)
        and all(check.outcome is PASS for check in authentic)
    ):
        return _STATES[state]
    failed = {check.step for check in checks if check.outcome is FAIL}
    if failed - ({_PERIOD_STEP} if expired else set()):
        return Verdict.INVALID
    if any(check.outcome is UNKNOWN and check.required for check in checks):
        return Verdict.UNKNOWN
    return Verdict.EXPIRED if failed else Verdict.VALID
