"""W3C Verifiable Credentials 2.0 of certificates of origin: made, secured, read."""

from tulen.certificate.credential.did import (
    IssuerKey,
    did_document,
    did_web,
    jose_method_of,
    key_in,
    method_of,
    parts_of,
)
from tulen.certificate.credential.integrity import IntegrityProof, with_proof
from tulen.certificate.credential.issued import (
    CONTEXT_PATH,
    PROOF_TYPE,
    credential_document,
)
from tulen.certificate.credential.jose import Token, token
from tulen.certificate.credential.model import (
    LIMITS,
    Credential,
    StatusEntry,
    parse_credential,
    read_credential,
)
from tulen.certificate.credential.refusals import Cause, RefusedCredentialError
from tulen.certificate.credential.status_list import (
    LIST_BITS,
    ListName,
    Purpose,
    is_set,
    list_document,
)
from tulen.certificate.credential.subject import subject_of
from tulen.certificate.credential.vocabulary import context_bytes

__all__ = [
    "CONTEXT_PATH",
    "LIMITS",
    "LIST_BITS",
    "PROOF_TYPE",
    "Cause",
    "Credential",
    "IntegrityProof",
    "IssuerKey",
    "ListName",
    "Purpose",
    "RefusedCredentialError",
    "StatusEntry",
    "Token",
    "context_bytes",
    "credential_document",
    "did_document",
    "did_web",
    "is_set",
    "jose_method_of",
    "key_in",
    "list_document",
    "method_of",
    "parse_credential",
    "parts_of",
    "read_credential",
    "subject_of",
    "token",
    "with_proof",
]
