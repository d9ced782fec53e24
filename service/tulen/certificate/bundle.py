"""The bundle: one file that proves a certificate without us (docs/specs/bundle.md)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from tulen.certificate.presentation import (
    FullPresentation,
    Presentation,
    RedactedPresentation,
    hashes,
)
from tulen.certificate.seal import SIGNATURE_BYTES
from tulen.errors import InvalidInputError
from tulen.log import SignedCheckpoint
from tulen.values import (
    Digest,
    Ed25519PublicKey,
    instant_from,
    instant_text,
    parse_strict,
)
from tulen.values.fields import (
    Document,
    constant,
    hex_bytes,
    members,
    part,
    whole_number,
)

FORMAT: Final = "tulen/bundle/v1"
FILE_SUFFIX: Final = ".tulen.json"

_BUNDLE = frozenset({"format", "certificate", "signature", "log"})
_SIGNATURE = frozenset({"key", "value"})
_LOG = frozenset({"index", "checkpoint", "path"})
_ANCHOR = frozenset(
    {"chain_id", "ledger", "transaction", "block_number", "block_hash", "anchored_at"}
)
_ADDRESS = re.compile(r"0x[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Signature:
    """The issuing authority's signature over the digest."""

    key: Ed25519PublicKey
    value: bytes

    @classmethod
    def from_document(cls, value: object) -> "Signature":
        """Return the signature that ``value`` spells, or raise `InvalidInputError`."""
        document = members(value, _SIGNATURE)
        return cls(
            Ed25519PublicKey.from_hex(document["key"], "/key"),
            hex_bytes(document["value"], "/value", SIGNATURE_BYTES),
        )

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {"key": self.key.hex(), "value": self.value.hex()}


@dataclass(frozen=True, slots=True)
class LogProof:
    """Where the certificate stands in its authority's log.

    Attributes:
        index: Index of its entry.
        checkpoint: A signed checkpoint of a log that holds it.
        path: Inclusion proof of the entry under the checkpoint's root.
    """

    index: int
    checkpoint: SignedCheckpoint
    path: tuple[Digest, ...]

    @classmethod
    def from_document(cls, value: object) -> "LogProof":
        """Return the proof that ``value`` spells, or raise `InvalidInputError`."""
        document = members(value, _LOG)
        return cls(
            whole_number(document["index"], "/index"),
            SignedCheckpoint.parse(document["checkpoint"], "/checkpoint"),
            hashes(document, "path"),
        )

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {
            "index": self.index,
            "checkpoint": self.checkpoint.note,
            "path": [node.hex() for node in self.path],
        }


@dataclass(frozen=True, slots=True)
class AnchorReceipt:
    """Where the checkpoint was anchored, as far as the bundle's maker says.

    Attributes:
        chain_id: EIP-155 chain id.
        ledger: Address of the CertificateLedger, lower case.
        transaction: Hash of the transaction.
        block_number: Number of its block.
        block_hash: Hash of its block.
        anchored_at: Time of its block.
    """

    chain_id: int
    ledger: str
    transaction: Digest
    block_number: int
    block_hash: Digest
    anchored_at: datetime

    def __post_init__(self) -> None:
        """Refuse an address in another spelling than the format's own."""
        if not isinstance(self.ledger, str) or not _ADDRESS.fullmatch(self.ledger):
            raise InvalidInputError(
                "/ledger", self.ledger, "is not 0x and 40 lower-case hexadecimal digits"
            )

    @classmethod
    def from_document(cls, value: object) -> "AnchorReceipt":
        """Return the receipt that ``value`` spells, or raise `InvalidInputError`."""
        document = members(value, _ANCHOR)
        return cls(
            whole_number(document["chain_id"], "/chain_id", least=1),
            document["ledger"],
            Digest.from_hex(document["transaction"], "/transaction"),
            whole_number(document["block_number"], "/block_number"),
            Digest.from_hex(document["block_hash"], "/block_hash"),
            instant_from(document["anchored_at"], "/anchored_at"),
        )

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {
            "chain_id": self.chain_id,
            "ledger": self.ledger,
            "transaction": self.transaction.hex(),
            "block_number": self.block_number,
            "block_hash": self.block_hash.hex(),
            "anchored_at": instant_text(self.anchored_at),
        }


@dataclass(frozen=True, slots=True)
class Bundle:
    """A certificate with everything that proves it.

    Attributes:
        certificate: The certificate, in full or redacted.
        signature: The authority's signature.
        log: Where it stands in the authority's log.
        anchor: Where that log was anchored; None until the anchor is final.
    """

    certificate: Presentation
    signature: Signature
    log: LogProof
    anchor: AnchorReceipt | None = None

    @classmethod
    def parse(cls, data: bytes) -> "Bundle":
        """Return the bundle in the bytes of a file.

        Raises:
            InvalidInputError: it is not exactly a bundle; the field is a JSON pointer. No other
                error escapes, whatever the bytes.
        """
        return cls.from_document(parse_strict(data))

    @classmethod
    def from_document(cls, value: object) -> "Bundle":
        """Return the bundle in a document of `parse_strict`, or raise `InvalidInputError`."""
        document = members(value, _BUNDLE, frozenset({"anchor"}))
        constant(document["format"], "/format", FORMAT)
        return cls(
            part(document, "certificate", _presentation),
            part(document, "signature", Signature.from_document),
            part(document, "log", LogProof.from_document),
            part(document, "anchor", AnchorReceipt.from_document) if "anchor" in document else None,
        )

    def to_document(self) -> Document:
        """Return the JSON form."""
        document: Document = {
            "format": FORMAT,
            "certificate": self.certificate.to_document(),
            "signature": self.signature.to_document(),
            "log": self.log.to_document(),
        }
        if self.anchor is not None:
            document["anchor"] = self.anchor.to_document()
        return document

    def to_bytes(self) -> bytes:
        """Return the bytes of the file: always the same ones for the same bundle."""
        return orjson.dumps(self.to_document(), option=orjson.OPT_SORT_KEYS)


def _presentation(value: object) -> Presentation:
    if type(value) is not dict or "document" not in value:
        return RedactedPresentation.from_document(value)
    return FullPresentation.from_document(value)
