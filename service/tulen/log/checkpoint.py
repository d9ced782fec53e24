"""Checkpoints: a log's name, size and root as a C2SP signed note (docs/specs/log.md, section 4).

The signature is made elsewhere, by whoever holds the key; here the bytes to be signed are built and
signatures are checked. Two notes that differ in one character are never the same checkpoint: what
is read is written again and compared.
"""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from tulen.errors import InvalidInputError
from tulen.log.merkle import EMPTY_ROOT
from tulen.values import Digest, Ed25519PublicKey, PartyCode

MAX_SIZE: Final = 2**64 - 1
"""The ledger contract counts entries in 64 bits."""
MAX_NOTE_CHARACTERS: Final = 256
REMEMBERED_NOTES: Final = 256
KEY_ID_BYTES: Final = 4
SIGNATURE_BYTES: Final = 64

_NAME_PREFIX: Final = "tulen/"
_ED25519: Final = b"\x01"  # C2SP signed-note: the signature type within the key id.
_NOTE: Final = re.compile(
    r"([!-~]+)\n(0|[1-9][0-9]{0,19})\n([A-Za-z0-9+/]{43}=)\n\n— ([!-~]+) ([A-Za-z0-9+/]{91}=)\n"
)


def log_name(authority: PartyCode) -> str:
    """Return the name of an issuing authority's log, e.g. ``tulen/VN.MOIT``."""
    return f"{_NAME_PREFIX}{authority}"


def key_id(name: str, key: Ed25519PublicKey) -> bytes:
    """Return the four bytes by which a note under ``name`` says which key signed it."""
    return sha256(name.encode() + b"\n" + _ED25519 + key).digest()[:KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of one log.

    Attributes:
        log_name: ``tulen/`` and the code of the issuing authority.
        size: Number of entries.
        root: RFC 9162 tree head over them.
    """

    log_name: str
    size: int
    root: Digest

    def __post_init__(self) -> None:
        """Refuse another kind of name, a size out of bounds, and an empty log with a root."""
        if not self.log_name.startswith(_NAME_PREFIX):
            raise InvalidInputError(
                "log_name", self.log_name, f"does not begin with {_NAME_PREFIX}"
            )
        PartyCode(self.log_name.removeprefix(_NAME_PREFIX), "log_name")
        if not 0 <= self.size <= MAX_SIZE:
            raise InvalidInputError("size", self.size, f"is not between 0 and {MAX_SIZE}")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise InvalidInputError("root", self.root.hex(), "is not the root of an empty log")


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with a signature that may or may not be good: ask `verify`.

    Attributes:
        checkpoint: What is said.
        key_id: The four bytes that name the signing key.
        signature: Ed25519 signature, 64 bytes.
    """

    checkpoint: Checkpoint
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        """Refuse a key id or a signature of another length."""
        if len(self.key_id) != KEY_ID_BYTES:
            raise InvalidInputError("key_id", self.key_id.hex(), f"is not {KEY_ID_BYTES} bytes")
        if len(self.signature) != SIGNATURE_BYTES:
            raise InvalidInputError(
                "signature", self.signature.hex(), f"is not {SIGNATURE_BYTES} bytes"
            )

    @staticmethod
    def parse(text: object, field: str = "checkpoint") -> "SignedCheckpoint":
        """Return the signed checkpoint that ``text`` spells.

        Raises:
            InvalidInputError: ``text`` is not exactly one note with one signature line by the log
                itself, or spells it in another way than `note` does.
        """
        if not isinstance(text, str) or len(text) > MAX_NOTE_CHARACTERS:
            raise InvalidInputError(
                field, text, f"is not a signed note of up to {MAX_NOTE_CHARACTERS} characters"
            )
        try:
            return _parsed(text)
        except InvalidInputError as error:
            raise error.within(field) from error

    @property
    def signed_bytes(self) -> bytes:
        """The bytes that the signature covers."""
        return note_body(self.checkpoint)

    @property
    def note(self) -> str:
        """The note's text."""
        signed = b64encode(self.key_id + self.signature).decode()
        return f"{_body(self.checkpoint)}\n— {self.checkpoint.log_name} {signed}\n"

    def verify(self, key: Ed25519PublicKey) -> bool:
        """Return whether ``key`` signed this checkpoint."""
        if self.key_id != key_id(self.checkpoint.log_name, key):
            return False
        try:
            VerifyKey(key).verify(self.signed_bytes, self.signature)
        except BadSignatureError:
            return False
        return True


@lru_cache(maxsize=REMEMBERED_NOTES)  # Many certificates stand under one checkpoint.
def _parsed(text: str) -> SignedCheckpoint:
    read = _NOTE.fullmatch(text)
    if not read:
        raise InvalidInputError(
            "", text, "is not log name, size, root, a blank line and one signature line"
        )
    name, size, root, _, signed = read.groups()
    try:
        checkpoint = Checkpoint(name, int(size), Digest(b64decode(root)))
    except InvalidInputError as error:
        raise error.within("/") from error
    by = b64decode(signed)
    note = SignedCheckpoint(checkpoint, by[:KEY_ID_BYTES], by[KEY_ID_BYTES:])
    if note.note != text:  # Another signer's name, or bits that base64 would ignore.
        raise InvalidInputError("", text, "is spelled in another way than the format's own")
    return note


def note_body(checkpoint: Checkpoint) -> bytes:
    """Return the bytes to be signed: three lines, up to and including the third line's end."""
    return _body(checkpoint).encode()


def signed_note(checkpoint: Checkpoint, key: Ed25519PublicKey, signature: bytes) -> str:
    """Return the note of ``checkpoint`` with the ``signature`` that ``key`` made over `note_body`.

    Raises:
        InvalidInputError: the signature is not of 64 bytes. Whether it is good is not looked at.
    """
    return SignedCheckpoint(checkpoint, key_id(checkpoint.log_name, key), signature).note


def _body(checkpoint: Checkpoint) -> str:
    root = b64encode(checkpoint.root).decode()
    return f"{checkpoint.log_name}\n{checkpoint.size}\n{root}\n"
