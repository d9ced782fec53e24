"""The checkpoint as the public log serves it: with cosignatures (docs/specs/log.md, section 7).

The authority's own signature comes first. Whatever lines of the right form follow are kept, and
written again byte for byte: a signature by a key that we do not know is evidence to somebody else.
A bundle carries no such lines; see ADR 0017.
"""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from tulen.errors import InvalidInputError
from tulen.log.checkpoint import (
    KEY_ID_BYTES,
    SIGNATURE_BYTES,
    Checkpoint,
    SignedCheckpoint,
    note_body,
)
from tulen.values import Ed25519PublicKey

MAX_OTHER_SIGNATURES: Final = 16
MAX_LINE_CHARACTERS: Final = 8_192
"""A signature after FIPS 204 or FIPS 205 at their usual sizes fits."""
MAX_NOTE_BYTES: Final = 4 * (MAX_OTHER_SIGNATURES + 1) * MAX_LINE_CHARACTERS
MAX_TIME: Final = 2**63 - 1

_COSIGNED: Final = b"\x04"  # C2SP tlog-cosignature: the signature type within the key id.
_TIME_BYTES: Final = 8
# C2SP signed-note: a key name holds neither spaces nor plus; a note, no control characters.
_NAME: Final = re.compile(r"[^\s+\x00-\x1f\x7f]+")
_LINE: Final = re.compile(rf"— ({_NAME.pattern}) ([A-Za-z0-9+/]+={{0,2}})")


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line of a note.

    Attributes:
        name: Who says to have signed.
        key_id: The four bytes that, with the name, say which key and which kind of signature.
        signature: The bytes after it; what they mean, whoever knows the key knows.
    """

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        """Refuse a name that no note can hold, and a key id of another length."""
        if not _NAME.fullmatch(self.name):
            raise InvalidInputError("name", self.name, "is empty, or has spaces or a plus in it")
        if len(self.key_id) != KEY_ID_BYTES or not self.signature:
            raise InvalidInputError(
                "signature", self.key_id.hex(), f"is not {KEY_ID_BYTES} bytes and a signature"
            )

    @classmethod
    def parse(cls, line: str) -> Self:
        """Return the signature in a line, given without its end.

        Raises:
            InvalidInputError: it is none, or spelled in another way than `line`.
        """
        read = _LINE.fullmatch(line) if len(line) <= MAX_LINE_CHARACTERS else None
        if read is None:
            raise InvalidInputError("checkpoint", line, "is not a signature line")
        try:
            signed = b64decode(read[2])
        except ValueError:
            raise InvalidInputError("checkpoint", line, "is not of base64") from None
        signature = cls(read[1], signed[:KEY_ID_BYTES], signed[KEY_ID_BYTES:])
        if signature.line != line:
            raise InvalidInputError("checkpoint", line, "is spelled in another way than base64's")
        return signature

    @property
    def line(self) -> str:
        """The line, without its end."""
        return f"— {self.name} {b64encode(self.key_id + self.signature).decode()}"


@dataclass(frozen=True, slots=True)
class PublishedCheckpoint:
    """A checkpoint with the authority's signature, and whoever else's.

    Attributes:
        signed: The checkpoint as the authority signed it.
        others: Further signatures, in the order in which they came.
    """

    signed: SignedCheckpoint
    others: tuple[NoteSignature, ...] = ()

    def __post_init__(self) -> None:
        """Refuse too many signatures, and two by one key."""
        if len(self.others) > MAX_OTHER_SIGNATURES:
            raise InvalidInputError(
                "checkpoint", f"{len(self.others)} lines", f"are more than {MAX_OTHER_SIGNATURES}"
            )
        keys = {(self.signed.checkpoint.log_name, self.signed.key_id)}
        for other in self.others:
            if (other.name, other.key_id) in keys:
                raise InvalidInputError("checkpoint", other.line, "is another signature by one key")
            keys.add((other.name, other.key_id))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the checkpoint that ``text`` spells.

        Raises:
            InvalidInputError: ``text`` is not exactly a note whose first signature is the log's.
        """
        body, blank, lines = text.partition("\n\n")
        first, *others = lines.split("\n")
        if others.pop() if others else True:
            raise InvalidInputError("checkpoint", text, "does not end with a line's end")
        signed = SignedCheckpoint.parse(f"{body}{blank}{first}\n")
        return cls(signed, tuple(map(NoteSignature.parse, others)))

    @property
    def note(self) -> str:
        """The note's text."""
        return self.signed.note + "".join(f"{other.line}\n" for other in self.others)

    def cosigned_by(self, other: NoteSignature) -> Self:
        """Return the same with one more signature; a newer one takes its key's earlier place.

        Raises:
            InvalidInputError: there would be too many.
        """
        kept = [
            each for each in self.others if (each.name, each.key_id) != (other.name, other.key_id)
        ]
        return type(self)(self.signed, (*kept, other))

    def cosigned_at(self, witness: str, key: Ed25519PublicKey) -> int | None:
        """Return when ``witness`` cosigned with ``key``, in seconds since 1970.

        Returns:
            None where it has not, or where the signature is not good.
        """
        for other in self.others:
            if (other.name, other.key_id) == (witness, cosignature_key_id(witness, key)):
                return _time_of(other, self.signed.checkpoint, key)
        return None


def cosignature_key_id(name: str, key: Ed25519PublicKey) -> bytes:
    """Return the four bytes that name a witness's key in a cosignature."""
    return sha256(name.encode() + b"\n" + _COSIGNED + key).digest()[:KEY_ID_BYTES]


def cosigned_bytes(checkpoint: Checkpoint, at: int) -> bytes:
    """Return what a witness signs who saw ``checkpoint`` as the log's latest ``at`` that second."""
    if not 0 <= at <= MAX_TIME:
        raise InvalidInputError("time", at, f"is not between 0 and {MAX_TIME}")
    return b"cosignature/v1\ntime %d\n" % at + note_body(checkpoint)


def cosignature(name: str, key: Ed25519PublicKey, at: int, signature: bytes) -> NoteSignature:
    """Return the line of the ``signature`` that ``key`` made over `cosigned_bytes`.

    Raises:
        InvalidInputError: the signature is not of 64 bytes. Whether it is good is not looked at.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise InvalidInputError("signature", signature.hex(), f"is not {SIGNATURE_BYTES} bytes")
    return NoteSignature(name, cosignature_key_id(name, key), at.to_bytes(_TIME_BYTES) + signature)


def _time_of(line: NoteSignature, checkpoint: Checkpoint, key: Ed25519PublicKey) -> int | None:
    at = int.from_bytes(line.signature[:_TIME_BYTES])
    if len(line.signature) != _TIME_BYTES + SIGNATURE_BYTES or at > MAX_TIME:
        return None
    try:
        VerifyKey(key).verify(cosigned_bytes(checkpoint, at), line.signature[_TIME_BYTES:])
    except BadSignatureError:
        return None
    return at
