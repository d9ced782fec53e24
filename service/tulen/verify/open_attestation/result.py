"""What verifying an OpenAttestation document answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tulen.values import instant_text
from tulen.verify.open_attestation.document import Attestation
from tulen.verify.open_attestation.facts import IssuanceFacts
from tulen.verify.result import FAIL, PASS, UNKNOWN, Check, Verdict

MAX_SHOWN_CHARACTERS: Final = 8_192
"""Values that are longer, such as attached scans, are left out of an answer."""

_AUTHENTIC: Final = range(1, 5)
"""The steps that show that the issuer made this document: only its own can be revoked."""


@dataclass(frozen=True, slots=True)
class AttestationVerification:
    """The result of verifying one document.

    Attributes:
        verdict: The verdict; never EXPIRED, REPLACED or SUSPENDED, which the format does not know.
        checks: The checks in order; only the first where the document cannot be read.
        document: What was read; None where it cannot be.
        facts: What was read on chain; None where it was not, or is not to be used.
    """

    verdict: Verdict
    checks: tuple[Check, ...]
    document: Attestation | None = None
    facts: IssuanceFacts | None = None

    @property
    def as_of_block(self) -> int | None:
        """The block that the chain was read at; None where it was not."""
        return None if self.facts is None else self.facts.as_of_block

    @property
    def as_of(self) -> datetime | None:
        """That block's time."""
        return None if self.facts is None else self.facts.as_of

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form; what is not known is left out."""
        document: dict[str, Any] = {
            "verdict": self.verdict.value,
            "checks": [check.to_document() for check in self.checks],
        }
        if self.document is not None:
            document |= {
                "document": {
                    pointer: value
                    for pointer, value in self.document.values.items()
                    if value is not None
                    and not (isinstance(value, str) and len(value) > MAX_SHOWN_CHARACTERS)
                },
                "hidden": self.document.hidden,
                "target_hash": self.document.target.hex(),
                "root": self.document.root.hex(),
                "issuers": [
                    issuer.stands_for for issuer in self.document.issuers if issuer.stands_for
                ],
            }
        if self.facts is not None:
            document["as_of"] = {
                "chain_id": self.facts.chain_id,
                "block": self.facts.as_of_block,
                "time": instant_text(self.facts.as_of),
                "read_at": instant_text(self.facts.read_at),
            }
        return document


def verdict_of(checks: Sequence[Check], *, revoked: bool) -> Verdict:
    """Return the verdict over ``checks``.

    Args:
        checks: All steps, or the first where the document cannot be read.
        revoked: Whether a store that an issuer names has revoked it.
    """
    authentic = [check.outcome is PASS for check in checks if check.step in _AUTHENTIC]
    if revoked and len(authentic) == len(_AUTHENTIC) and all(authentic):
        return Verdict.REVOKED
    outcomes = {check.outcome for check in checks}
    if FAIL in outcomes:
        return Verdict.INVALID
    return Verdict.UNKNOWN if UNKNOWN in outcomes else Verdict.VALID
