"""OpenAttestation 2.0 (TradeTrust) documents: the verifier, with trust and facts passed in."""

from tulen.verify.open_attestation.document import (
    LIMITS,
    Attestation,
    UnreadVersionError,
    is_attestation,
)
from tulen.verify.open_attestation.facts import (
    IssuanceFacts,
    IssuanceQuestion,
    IssuerPolicy,
    NameRecords,
    Seen,
    StoreAnswer,
    domains_of,
    question_of,
)
from tulen.verify.open_attestation.result import AttestationVerification
from tulen.verify.open_attestation.verifier import verify_attestation

__all__ = [
    "LIMITS",
    "Attestation",
    "AttestationVerification",
    "IssuanceFacts",
    "IssuanceQuestion",
    "IssuerPolicy",
    "NameRecords",
    "Seen",
    "StoreAnswer",
    "UnreadVersionError",
    "domains_of",
    "is_attestation",
    "question_of",
    "verify_attestation",
]
