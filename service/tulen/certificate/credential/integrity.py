"""Data Integrity proofs of the cryptosuite ``eddsa-jcs-2022``: RFC 8785, SHA-256, Ed25519.

Section 3.3 of "Data Integrity EdDSA Cryptosuites v1.0" (W3C, 2025). What is signed is the hash of
the canonical proof options, followed by the hash of the canonical document without its proof.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from tulen.certificate.credential.encoding import base58btc, from_base58btc
from tulen.certificate.credential.instants import instant_in
from tulen.certificate.credential.refusals import Cause, RefusedCredentialError
from tulen.certificate.seal import SIGNATURE_BYTES
from tulen.errors import InvalidInputError
from tulen.values import Ed25519PublicKey, canonical_bytes, instant_text
from tulen.values.fields import Document

PROOF_TYPE: Final = "DataIntegrityProof"
CRYPTOSUITE: Final = "eddsa-jcs-2022"
PURPOSE: Final = "assertionMethod"

Sign = Callable[[bytes], bytes]
"""Signs a message with an Ed25519 key, as `tulen.keys.Ed25519Signer.sign` does."""


@dataclass(frozen=True, slots=True)
class IntegrityProof:
    """A proof that has been read, not yet checked.

    Attributes:
        method: The verification method: a DID URL.
        created: When it was made, as it says; None where it does not.
        expires: When it ends; None where it does not.
        signed: The bytes that the signature is over.
        signature: The signature.
    """

    method: object
    created: datetime | None
    expires: datetime | None
    signed: bytes
    signature: bytes

    def is_by(self, key: Ed25519PublicKey) -> bool:
        """Return whether ``key`` made the signature."""
        return is_signature(key, self.signed, self.signature)


def is_signature(key: Ed25519PublicKey, message: bytes, signature: bytes) -> bool:
    """Return whether ``signature`` is that of ``key`` over ``message``."""
    try:
        VerifyKey(key).verify(message, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def with_proof(document: Document, *, method: str, created: datetime, sign: Sign) -> Document:
    """Return ``document`` secured by a proof (section 3.3.1).

    Args:
        document: The credential, without a proof.
        method: The verification method of the key that signs.
        created: When.
        sign: Signs with that key.
    """
    options: Document = {
        "type": PROOF_TYPE,
        "cryptosuite": CRYPTOSUITE,
        "created": instant_text(created),
        "verificationMethod": method,
        "proofPurpose": PURPOSE,
    }
    if "@context" in document:
        options["@context"] = document["@context"]
    signature = sign(_hash_data(document, options))
    return {**document, "proof": options | {"proofValue": base58btc(signature)}}


def read_proof(secured: Document) -> IntegrityProof:
    """Return the one proof of a document (section 3.3.2, up to the signature itself).

    Raises:
        RefusedCredentialError: there is none or several, or it is of another kind or purpose.
    """
    proof = _only_proof(secured["proof"])
    _require(proof, "type", PROOF_TYPE, Cause.WRONG_PROOF_TYPE)
    _require(proof, "cryptosuite", CRYPTOSUITE, Cause.WRONG_CRYPTOSUITE)
    _require(proof, "proofPurpose", PURPOSE, Cause.WRONG_PROOF_PURPOSE)
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    document = {name: value for name, value in secured.items() if name != "proof"}
    if "@context" in options:
        _require_beginning(document.get("@context"), options["@context"])
        document["@context"] = options["@context"]
    try:
        signature = _signature_in(proof.get("proofValue"), "/proof/proofValue")
        created, expires = (
            instant_in(proof[name], f"/proof/{name}") if name in proof else None
            for name in ("created", "expires")
        )
        signed = _hash_data(document, options)
    except InvalidInputError as error:
        raise RefusedCredentialError(
            Cause.MALFORMED, error.field or "/proof", error.value, error.problem
        ) from error
    return IntegrityProof(proof.get("verificationMethod"), created, expires, signed, signature)


def _signature_in(value: object, field: str) -> bytes:
    signature = from_base58btc(value, field)
    if len(signature) != SIGNATURE_BYTES:
        raise InvalidInputError(field, f"{len(signature)} bytes", f"are not {SIGNATURE_BYTES}")
    return signature


def _hash_data(document: Document, options: Document) -> bytes:
    return b"".join(
        hashlib.sha256(canonical_bytes(part, fractions=True)).digest()
        for part in (options, document)
    )


def _only_proof(value: object) -> Document:
    proofs = value if isinstance(value, list) else [value]
    if len(proofs) != 1:
        raise RefusedCredentialError(
            Cause.SEVERAL_PROOFS, "/proof", f"{len(proofs)} proofs", "are not one"
        )
    if not isinstance(proofs[0], dict):
        raise RefusedCredentialError(Cause.MALFORMED, "/proof", proofs[0], "is not an object")
    if "previousProof" in proofs[0]:
        raise RefusedCredentialError(
            Cause.SEVERAL_PROOFS,
            "/proof/previousProof",
            proofs[0]["previousProof"],
            "makes it one of a chain of proofs, of which only one is here",
        )
    return proofs[0]


def _require(proof: Document, name: str, expected: str, cause: Cause) -> None:
    if proof.get(name) != expected:
        raise RefusedCredentialError(
            cause, f"/proof/{name}", proof.get(name), f"is not {expected!r}"
        )


def _require_beginning(whole: Any, beginning: Any) -> None:  # noqa: ANN401 - JSON
    """Refuse unless the document's contexts begin with those that were signed."""
    contexts = whole if isinstance(whole, list) else [whole]
    signed = beginning if isinstance(beginning, list) else [beginning]
    if contexts[: len(signed)] != signed:
        raise RefusedCredentialError(
            Cause.CHANGED_CONTEXT,
            "/proof/@context",
            beginning,
            "is not what the document's @context begins with",
        )
