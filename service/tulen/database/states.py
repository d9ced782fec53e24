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
    SUPPLEMENTING = "supplementing"
    RECOMMENDED = "recommended"
    APPROVED = "approved"
    ISSUED = "issued"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


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


class EventType(StrEnum):
    """What a webhook may be told. Those from `WORK_HALTED` on are the office's own alarms."""

    CERTIFICATE_ISSUED = "certificate.issued"
    CERTIFICATE_FINAL = "certificate.final"
    CERTIFICATE_LATE = "certificate.late"
    CERTIFICATE_REVOKED = "certificate.revoked"
    CERTIFICATE_SUSPENDED = "certificate.suspended"
    CERTIFICATE_RESUMED = "certificate.resumed"
    CERTIFICATE_REPLACED = "certificate.replaced"
    DRAWDOWN_FINAL = "drawdown.final"
    DRAWDOWN_REFUSED = "drawdown.refused"
    WORK_HALTED = "work.halted"
    PUBLICATION_SLOW = "publication.slow"
    PUBLICATION_LATE = "publication.late"
    RECONCILIATION_DIFFERS = "reconciliation.differs"
    DOCUMENTS_DAMAGED = "documents.damaged"
    ALARM_ENDED = "alarm.ended"

    @property
    def of_the_office(self) -> bool:
        """Whether it concerns whoever runs the office, and no party."""
        return not self.startswith(("certificate.", "drawdown."))


class WebhookState(StrEnum):
    """Whether a webhook is told things; disabled by its receiver, deleted by its party."""

    ACTIVE = "active"
    DISABLED = "disabled"
    DELETED = "deleted"


class DeliveryState(StrEnum):
    """How far a delivery has come; a replay takes it back to ``pending``."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
