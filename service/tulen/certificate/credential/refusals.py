"""What can be wrong with a credential, each under a name that programs can rely on."""

from enum import StrEnum
from typing import ClassVar

from tulen.errors import InvalidInputError


class Cause(StrEnum):
    """Why a credential, its proof or its status list is refused (docs/specs/credential.md)."""

    MALFORMED = "malformed"
    MISSING_CONTEXT = "missing-context"
    WRONG_TYPE = "wrong-type"
    UNSECURED = "unsecured"
    SEVERAL_PROOFS = "several-proofs"
    WRONG_PROOF_TYPE = "wrong-proof-type"
    WRONG_CRYPTOSUITE = "wrong-cryptosuite"
    WRONG_PROOF_PURPOSE = "wrong-proof-purpose"
    CHANGED_CONTEXT = "changed-context"
    WRONG_ALGORITHM = "wrong-algorithm"
    WRONG_TOKEN_TYPE = "wrong-token-type"  # noqa: S105 - not a password
    ISSUER_DIFFERS = "issuer-differs"
    UNKNOWN_KEY = "unknown-key"
    BAD_SIGNATURE = "bad-signature"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    UNKNOWN_ISSUER = "unknown-issuer"
    KEY_NOT_GOOD = "key-not-good"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    NO_STATUS_LIST = "no-status-list"
    WRONG_STATUS_LIST = "wrong-status-list"
    STALE_STATUS_LIST = "stale-status-list"
    EVIDENCE_DIFFERS = "evidence-differs"
    EVIDENCE_FAILS = "evidence-fails"


class RefusedCredentialError(InvalidInputError):
    """A credential, or something in it, is not what it has to be.

    Args:
        cause: What is wrong, for programs.
        field: JSON pointer of the offending member.
        value: The offending value.
        problem: What is wrong, as the end of a sentence.
    """

    code: ClassVar[str] = "credential-refused"

    def __init__(self, cause: Cause, field: str, value: object, problem: str) -> None:
        self.cause = cause
        super().__init__(field, value, problem)
