"""An OpenAttestation 2.0 document, read strictly: what is hashed, what is signed, who issued it.

Nothing is believed here; the steps judge. What two readers could read differently is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import orjson

from tulen.errors import InvalidInputError
from tulen.values import Limits, parse_strict
from tulen.values.fields import Document, constant, each, hex_bytes, members, part
from tulen.verify.open_attestation.hashes import HASH_BYTES, path_upwards, target_hash
from tulen.verify.open_attestation.issuer import Issuer, issuers_in
from tulen.verify.open_attestation.salted import Leaf, Value, leaves

VERSION: Final = "https://schema.openattestation.com/2.0/schema.json"
LIMITS: Final = Limits(size_bytes=2 << 20, string_characters=2 << 20)
"""Twice our own documents: scans are attached in base64."""
MAX_PROOF: Final = 32
"""Enough for a batch of four thousand million documents."""
MAX_SIGNATURES: Final = 8

_BATCH_TYPE: Final = "SHA3MerkleProof"
_SIGNATURE_TYPE: Final = "OpenAttestationSignature2018"
_DOCUMENT: Final = frozenset({"version", "data", "signature"})
_SIGNED: Final = frozenset({"schema", "privacy", "proof"})
_BATCH: Final = frozenset({"type", "targetHash", "proof", "merkleRoot"})
_PROOF: Final = frozenset({"type", "created", "proofPurpose", "verificationMethod", "signature"})
_MARKS: Final = ("openattestation.com/", "open-attestation")
"""What the addresses of the format's schemas hold, in all its versions."""


class UnreadVersionError(InvalidInputError):
    """It is an OpenAttestation document of a version that is not read here."""

    code: ClassVar[str] = "open-attestation-version"


@dataclass(frozen=True, slots=True)
class Signature:
    """What one key signed.

    Attributes:
        key: The key, in lower case.
        value: What stands as the signature; who verifies it says whether it is one.
    """

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Attestation:
    """One OpenAttestation document.

    Attributes:
        size: Bytes of the file.
        values: What it says, by JSON pointer into its data.
        issuers: Who issued it, as it says.
        hidden: How many values are hidden.
        target: The document's hash as it states it.
        recomputed: The same from its values, shown and hidden.
        root: The root of its batch as it states it.
        path: Every hash from `target` to the root that its proof leads to.
        signatures: What was signed.
    """

    size: int
    values: Mapping[str, Value]
    issuers: tuple[Issuer, ...]
    hidden: int
    target: bytes
    recomputed: bytes
    root: bytes
    path: tuple[bytes, ...]
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, data: bytes) -> "Attestation":
        """Return the document in ``data``.

        Raises:
            UnreadVersionError: it is one of another version.
            InvalidInputError: it is none, is ambiguous, or exceeds a maximum.
        """
        document = parse_strict(data, LIMITS)
        if isinstance(document, dict) and document.get("version") != VERSION and _marked(document):
            raise UnreadVersionError("/version", _version_in(document), f"is not {VERSION}")
        read = members(document, _DOCUMENT, _SIGNED)
        constant(read["version"], "/version", VERSION)
        hidden = part(read, "privacy", _hidden) if "privacy" in read else ()
        target, root, proof = part(read, "signature", _batch)
        found = part(read, "data", _values)
        values = {leaf.pointer: leaf.value for leaf in found}
        return cls(
            len(data),
            values,
            issuers_in(values, _issuers(read["data"])),
            len(hidden),
            target,
            target_hash((leaf.hashed for leaf in found), hidden),
            root,
            path_upwards(target, proof),
            each(read, "proof", _signature, most=MAX_SIGNATURES, least=0)
            if "proof" in read
            else (),
        )


def is_attestation(data: bytes) -> bool:
    """Return whether ``data`` gives itself out as an OpenAttestation document of any version."""
    if len(data) > LIMITS.size_bytes:
        return False
    try:
        document = orjson.loads(data)
    except ValueError:
        return False
    return isinstance(document, dict) and _marked(document)


def _marked(document: Document) -> bool:
    named = [document.get("version"), document.get("schema"), document.get("@context")]
    context = named.pop()
    named += context if isinstance(context, list) else [context]
    batch = document.get("signature")
    return (isinstance(batch, dict) and batch.get("type") == _BATCH_TYPE) or any(
        mark in name for name in named if isinstance(name, str) for mark in _MARKS
    )


def _version_in(document: Document) -> object:
    """Return what ``document`` says its version is: version 4 only has a context."""
    for name in ("version", "schema", "@context"):
        if name in document:
            return document[name]
    return ""


def _hidden(value: object) -> tuple[bytes, ...]:
    privacy = members(value, frozenset(), frozenset({"obfuscatedData"}))
    if not privacy:
        return ()
    return each(privacy, "obfuscatedData", _hash, most=LIMITS.nodes, least=0)


def _hash(value: object) -> bytes:
    return hex_bytes(value, "", HASH_BYTES)


def _batch(value: object) -> tuple[bytes, bytes, tuple[bytes, ...]]:
    batch = members(value, _BATCH)
    constant(batch["type"], "/type", _BATCH_TYPE)
    return (
        part(batch, "targetHash", _hash),
        part(batch, "merkleRoot", _hash),
        each(batch, "proof", _hash, most=MAX_PROOF, least=0),
    )


def _values(value: object) -> list[Leaf]:
    if not isinstance(value, dict):
        raise InvalidInputError("", value, "is not an object")
    return list(leaves(value, ""))


def _issuers(data: dict[str, Any]) -> int:
    """Return how many issuers ``data`` shows."""
    issuers = data.get("issuers", [])
    if not isinstance(issuers, list):
        raise InvalidInputError("/data/issuers", issuers, "is not an array")
    return len(issuers)


def _signature(value: object) -> Signature:
    proof = members(value, _PROOF)
    for name in sorted(_PROOF):
        if not isinstance(proof[name], str):
            raise InvalidInputError(f"/{name}", proof[name], "is not text")
    constant(proof["type"], "/type", _SIGNATURE_TYPE)
    constant(proof["proofPurpose"], "/proofPurpose", "assertionMethod")
    return Signature(proof["verificationMethod"].lower(), proof["signature"])
