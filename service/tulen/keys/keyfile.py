"""One private key in one JSON file, encrypted under a passphrase.

Argon2id (RFC 9106) makes the key that XChaCha20-Poly1305 seals the private key with; everything
else in the file is authenticated along with it. A checksum over the file tells a damaged file from
a wrong passphrase.
"""

import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Final

from eth_account import Account
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    crypto_scalarmult_base,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from tulen.errors import InvalidInputError, RuleViolationError
from tulen.values import canonical_bytes, parse_strict

FORMAT: Final = "tulen/key/v1"
PRIVATE_KEY_BYTES: Final = 32

MAX_OPERATIONS: Final = 20
MAX_MEMORY_BYTES: Final = 1 << 30
"""A file that asks for more is not one of ours, and would stall whoever opens it."""


class KeyKind(StrEnum):
    """What a key is for."""

    ED25519 = "ed25519"
    SECP256K1 = "secp256k1"
    X25519 = "x25519"


@dataclass(frozen=True, slots=True)
class PassphraseCost:
    """How dear it is to try one passphrase.

    Attributes:
        operations: Argon2id passes.
        memory_bytes: Argon2id memory.
    """

    operations: int
    memory_bytes: int


RESISTANT: Final = PassphraseCost(argon2id.OPSLIMIT_MODERATE, argon2id.MEMLIMIT_MODERATE)
"""For keys that matter: 3 passes over 256 MiB, the best part of a second."""

QUICK: Final = PassphraseCost(argon2id.OPSLIMIT_MIN, argon2id.MEMLIMIT_MIN)
"""For tests and demonstrations: about a millisecond, and no protection for a weak passphrase."""


class DamagedKeyFileError(InvalidInputError):
    """The file is not, or is no longer, a key file."""

    code: ClassVar[str] = "key-file-damaged"


class WrongPassphraseError(RuleViolationError):
    """The file is whole, but this passphrase does not open it."""

    code: ClassVar[str] = "wrong-passphrase"


class WrongKeyKindError(RuleViolationError):
    """The file holds a key of another kind than is needed."""

    code: ClassVar[str] = "wrong-key-kind"


class KeyFileExistsError(RuleViolationError):
    """A key file is never written over: the key in it may be the only copy."""

    code: ClassVar[str] = "key-file-exists"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key file, read but not opened.

    Attributes:
        path: Where it lies.
        kind: What its key is for.
        public: Its public key in hexadecimal, or its account's address.
    """

    path: Path
    kind: KeyKind
    public: str
    _cost: PassphraseCost
    _salt: bytes
    _nonce: bytes
    _sealed: bytes

    @classmethod
    def create(
        cls,
        path: Path,
        kind: KeyKind,
        passphrase: str,
        *,
        private_key: bytes | None = None,
        cost: PassphraseCost = RESISTANT,
    ) -> "KeyFile":
        """Write a key file, readable by its owner alone, and return it.

        Args:
            path: Where; nothing may be there.
            kind: What the key is for.
            passphrase: What opens it.
            private_key: The 32-byte key; a new random one if None.
            cost: How dear trying a passphrase is; `QUICK` for tests.

        Raises:
            KeyFileExistsError: something lies at ``path``.
            InvalidInputError: the passphrase is empty, or the key is not of 32 bytes.
        """
        if not passphrase:
            raise InvalidInputError("passphrase", "", "is empty")
        key = secrets.token_bytes(PRIVATE_KEY_BYTES) if private_key is None else private_key
        if len(key) != PRIVATE_KEY_BYTES:
            raise InvalidInputError(
                "private_key", f"({len(key)} bytes)", f"is not of {PRIVATE_KEY_BYTES} bytes"
            )
        salt = secrets.token_bytes(argon2id.SALTBYTES)
        nonce = secrets.token_bytes(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
        unsealed = cls(path, kind, _public_of(kind, key), cost, salt, nonce, b"")
        sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(
            key, unsealed._header(), nonce, _derive(passphrase, salt, cost)
        )
        file = cls(path, kind, unsealed.public, cost, salt, nonce, sealed)
        document = file._document()
        document["checksum"] = _checksum(document)
        _write_new(path, canonical_bytes(document) + b"\n")
        return file

    @classmethod
    def read(cls, path: Path) -> "KeyFile":
        """Return the file at ``path``, checked but not opened.

        Raises:
            DamagedKeyFileError: it is no whole key file.
            OSError: it cannot be read.
        """
        content = path.read_bytes()
        try:
            return cls._parse(path, content)
        except (InvalidInputError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedKeyFileError(
                "key file", str(path), f"is damaged; restore it from a copy: {error}"
            ) from error

    @classmethod
    def _parse(cls, path: Path, content: bytes) -> "KeyFile":
        document = parse_strict(content)
        if document.pop("checksum") != _checksum(document):
            raise ValueError("its checksum does not fit")
        cost = PassphraseCost(document["operations"], document["memory_bytes"])
        if not (
            argon2id.OPSLIMIT_MIN <= cost.operations <= MAX_OPERATIONS
            and argon2id.MEMLIMIT_MIN <= cost.memory_bytes <= MAX_MEMORY_BYTES
        ):
            raise ValueError("its passphrase cost is out of bounds")
        file = cls(
            path,
            KeyKind(document["kind"]),
            document["public"],
            cost,
            bytes.fromhex(document["salt"]),
            bytes.fromhex(document["nonce"]),
            bytes.fromhex(document["sealed"]),
        )
        if file._document() != document:
            raise ValueError("it has unknown members or another format")
        return file

    def private_key(self, kind: KeyKind, passphrase: str) -> bytes:
        """Return the 32-byte private key. Whoever calls keeps it out of messages and logs.

        Raises:
            WrongKeyKindError: the file's key is not of ``kind``.
            WrongPassphraseError: ``passphrase`` does not open it.
        """
        if self.kind is not kind:
            raise WrongKeyKindError(f"{self.path} holds a key of kind {self.kind}, not {kind}")
        try:
            key = crypto_aead_xchacha20poly1305_ietf_decrypt(
                self._sealed,
                self._header(),
                self._nonce,
                _derive(passphrase, self._salt, self._cost),
            )
        except CryptoError as error:
            raise WrongPassphraseError(f"the passphrase does not open {self.path}") from error
        return key

    def _document(self) -> dict[str, Any]:
        return {**self._parts(), "sealed": self._sealed.hex()}

    def _header(self) -> bytes:
        """Return what is authenticated with the private key."""
        return canonical_bytes(self._parts())

    def _parts(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "kind": str(self.kind),
            "public": self.public,
            "derivation": "argon2id13",
            "operations": self._cost.operations,
            "memory_bytes": self._cost.memory_bytes,
            "salt": self._salt.hex(),
            "cipher": "xchacha20-poly1305",
            "nonce": self._nonce.hex(),
        }


def _derive(passphrase: str, salt: bytes, cost: PassphraseCost) -> bytes:
    return argon2id.kdf(
        crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
        passphrase.encode(),
        salt,
        opslimit=cost.operations,
        memlimit=cost.memory_bytes,
    )


def _public_of(kind: KeyKind, key: bytes) -> str:
    match kind:
        case KeyKind.ED25519:
            return crypto_sign_seed_keypair(key)[0].hex()
        case KeyKind.X25519:
            return crypto_scalarmult_base(key).hex()
        case KeyKind.SECP256K1:
            return str(Account.from_key(key).address)


def _checksum(document: dict[str, Any]) -> str:
    return hashlib.sha256(canonical_bytes(document)).hexdigest()


def _write_new(path: Path, content: bytes) -> None:
    """Write ``content`` so that at ``path`` there is ever nothing or all of it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
    try:
        with os.fdopen(descriptor, "wb") as file:  # mkstemp makes it 0600.
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, path)  # Unlike a rename, never over an existing file.
    except FileExistsError as error:
        raise KeyFileExistsError(f"{path} exists; a key file is never written over") from error
    finally:
        Path(unfinished).unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
