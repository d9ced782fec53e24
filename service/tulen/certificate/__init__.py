"""The certificate of origin: model, application, seal, disclosure and bundle."""

from tulen.certificate.application import Application, ApplicationLine
from tulen.certificate.bundle import (
    FILE_SUFFIX,
    AnchorReceipt,
    Bundle,
    LogProof,
    Signature,
)
from tulen.certificate.consignment import (
    CertificateNumber,
    Consignment,
    Goods,
    Invoice,
    Tick,
    Transport,
)
from tulen.certificate.disclosure import redact
from tulen.certificate.model import (
    Approval,
    Certificate,
    CertificateLine,
    IssuingAuthority,
    OriginStatement,
)
from tulen.certificate.particulars import (
    Declaration,
    InvoicingParty,
    Particulars,
    PriorProof,
    Trader,
)
from tulen.certificate.presentation import (
    DisclosedAllowance,
    DisclosedClaim,
    FullPresentation,
    Heading,
    Presentation,
    RedactedPresentation,
)
from tulen.certificate.seal import (
    SALT_BYTES,
    SEED_BYTES,
    Allowance,
    AllowanceProof,
    Sealed,
    allowance_proof,
    claims_of,
    declaration_reference,
    seal,
    signing_bytes,
    verify_signature,
)

__all__ = [
    "FILE_SUFFIX",
    "SALT_BYTES",
    "SEED_BYTES",
    "Allowance",
    "AllowanceProof",
    "AnchorReceipt",
    "Application",
    "ApplicationLine",
    "Approval",
    "Bundle",
    "Certificate",
    "CertificateLine",
    "CertificateNumber",
    "Consignment",
    "Declaration",
    "DisclosedAllowance",
    "DisclosedClaim",
    "FullPresentation",
    "Goods",
    "Heading",
    "Invoice",
    "InvoicingParty",
    "IssuingAuthority",
    "LogProof",
    "OriginStatement",
    "Particulars",
    "Presentation",
    "PriorProof",
    "RedactedPresentation",
    "Sealed",
    "Signature",
    "Tick",
    "Trader",
    "Transport",
    "allowance_proof",
    "claims_of",
    "declaration_reference",
    "redact",
    "seal",
    "signing_bytes",
    "verify_signature",
]
