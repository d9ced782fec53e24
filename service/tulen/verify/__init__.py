"""The verifier: numbered steps over a bundle, with trust and chain facts passed in."""

from tulen.verify.case import question_of
from tulen.verify.facts import (
    AnchoredRoot,
    AnchorTransaction,
    CertificateStatus,
    ChainFacts,
    ChainQuestion,
    LineAccount,
    RegisteredKey,
    RegisteredMandate,
    RegisteredParty,
    State,
    TrustPolicy,
    Unavailable,
)
from tulen.verify.proof import Proof, Proofs, prove
from tulen.verify.replay import Packs
from tulen.verify.result import (
    Check,
    CheckOutcome,
    StatusReason,
    Verdict,
    Verification,
    reason_words,
)
from tulen.verify.verifier import unread, verify

__all__ = [
    "AnchorTransaction",
    "AnchoredRoot",
    "CertificateStatus",
    "ChainFacts",
    "ChainQuestion",
    "Check",
    "CheckOutcome",
    "LineAccount",
    "Packs",
    "Proof",
    "Proofs",
    "RegisteredKey",
    "RegisteredMandate",
    "RegisteredParty",
    "State",
    "StatusReason",
    "TrustPolicy",
    "Unavailable",
    "Verdict",
    "Verification",
    "prove",
    "question_of",
    "reason_words",
    "unread",
    "verify",
]
