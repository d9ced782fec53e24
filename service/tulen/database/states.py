"""The states that records go through, as the tables spell them."""

from enum import StrEnum


class Role(StrEnum):
    """What an API key may do for its party."""

    EXPORTER = "exporter"
    OFFICER = "officer"
    IMPORTER = "importer"
    CUSTOMS = "customs"
    STEWARD = "steward"
    AUDITOR = "auditor"


class ApplicationState(StrEnum):
    """How far an application has come."""

    SUBMITTED = "submitted"
    RECOMMENDED = "recommended"
    APPROVED = "approved"
    ISSUED = "issued"
    REJECTED = "rejected"


class CertificateState(StrEnum):
    """How far an issued certificate has come; never back."""

    PRECOMMITTED = "precommitted"
    SIGNED = "signed"
    LOGGED = "logged"


class RevocationKind(StrEnum):
    """What the authority asks the ledger to record."""

    REVOKE = "revoke"
    SUSPEND = "suspend"
    RESUME = "resume"


class TransactionState(StrEnum):
    """How far a chain transaction has come; a reorganisation takes ``mined`` back to ``sent``."""

    READY = "ready"
    SENT = "sent"
    MINED = "mined"
    FINAL = "final"
    FAILED = "failed"


class DrawdownState(StrEnum):
    """How far a drawdown has come; a reorganisation takes ``mined`` back to ``requested``."""

    REQUESTED = "requested"
    MINED = "mined"
    FINAL = "final"
    REFUSED = "refused"
