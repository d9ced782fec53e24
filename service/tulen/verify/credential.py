"""The verifier of docs/specs/credential.md: six steps over a credential, and one verdict.

Nothing is fetched here, and nothing is raised for what a credential holds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tulen.certificate import Bundle
from tulen.certificate.credential import PROOF_TYPE, Cause, Credential, RefusedCredentialError
from tulen.values import instant_text
from tulen.verify import credential_steps as steps
from tulen.verify.credential_steps import Answer, Outside
from tulen.verify.result import FAIL, PASS, UNKNOWN, Check, Verdict, Verification


@dataclass(frozen=True, slots=True)
class CredentialVerification:
    """The result of verifying one credential.

    Attributes:
        verdict: The verdict.
        checks: The checks in order; only the first where the credential cannot be read.
        at: The instant that it was verified for.
        credential: What was read; None where it cannot be.
        evidence: What the bundle inside gave; None where there is none.
    """

    verdict: Verdict
    checks: tuple[Check, ...]
    at: datetime
    credential: Credential | None = None
    evidence: Verification | None = None

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form; what is not known is left out."""
        document: dict[str, Any] = {
            "verdict": self.verdict.value,
            "at": instant_text(self.at),
            "checks": [check.to_document() for check in self.checks],
        }
        if self.credential is not None:
            document["issuer"] = self.credential.issuer["id"]
            document["types"] = list(self.credential.types)
            if self.credential.id is not None:
                document["id"] = self.credential.id
        if self.evidence is not None:
            document["evidence"] = self.evidence.to_document()
        return document


def evidence_in(credential: Credential) -> Bundle | None:
    """Return the bundle that ``credential`` carries, or None.

    Raises:
        InvalidInputError: there is evidence of that type, and it is no bundle.
    """
    item = credential.evidence(PROOF_TYPE)
    return None if item is None else Bundle.from_document(item.get("bundle"))


def verify_credential(
    credential: Credential | RefusedCredentialError, at: datetime, outside: Outside
) -> CredentialVerification:
    """Return what ``credential`` proves at ``at``.

    Args:
        credential: What was read, or why it could not be.
        at: The instant.
        outside: What was read elsewhere for it.
    """
    # Step 1: read it. Only this step is answered where that fails.
    question = "Is this a credential of the data model 2.0, secured in a way known here?"
    if isinstance(credential, RefusedCredentialError):
        check = Check(
            1,
            "format",
            question,
            FAIL,
            str(credential),
            "Ask the holder for the credential again.",
            True,
            credential.cause.value,
        )
        return CredentialVerification(Verdict.INVALID, (check,), at)
    types = ", ".join(credential.types)
    checks = [Check(1, "format", question, PASS, f"the credential is well formed: {types}")]

    # Steps 2 to 6: each is taken, whatever the others say.
    for step, (name, question, take) in enumerate(_STEPS, 2):
        answer = take(credential, at, outside)
        checks.append(Check(step, name, question, *answer))
    return CredentialVerification(
        _verdict(checks, outside.evidence), tuple(checks), at, credential, outside.evidence
    )


_STEPS: Final[tuple[tuple[str, str, Callable[[Credential, datetime, Outside], Answer]], ...]] = (
    ("proof", "Did the issuer's key sign exactly these contents?", steps.proof),
    ("period", "Is it valid at the instant asked for?", steps.period),
    ("issuer", "Is the issuer an authority of the registry, with that key?", steps.issuer),
    ("status", "Is it neither revoked nor suspended?", steps.status),
    ("evidence", "Does the bundle in it prove what it says?", steps.evidence),
)

_AUTHENTIC = frozenset({"proof", "issuer"})
"""The steps that show that the issuer made it: only its own lists and log can take it back."""
_TAKEN_BACK = {Cause.REVOKED: Verdict.REVOKED, Cause.SUSPENDED: Verdict.SUSPENDED}


def _verdict(checks: list[Check], evidence: Verification | None) -> Verdict:
    """Return the verdict, in the order of docs/specs/credential.md."""
    failed = [check for check in checks if check.outcome is FAIL]
    if all(check.outcome is PASS for check in checks if check.name in _AUTHENTIC):
        for cause, verdict in _TAKEN_BACK.items():
            if any(check.cause == cause for check in failed):
                replaced = evidence is not None and evidence.verdict is Verdict.REPLACED
                return Verdict.REPLACED if replaced else verdict
    if any(check.cause != Cause.EXPIRED for check in failed):
        return Verdict.INVALID
    if any(check.outcome is UNKNOWN and check.required for check in checks):
        return Verdict.UNKNOWN
    return Verdict.EXPIRED if failed else Verdict.VALID
