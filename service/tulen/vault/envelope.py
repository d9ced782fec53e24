"""The encrypted form of a document.

``magic(16) ‖ readers(1) ‖ sealed document key(80) per reader ‖ nonce(24) ‖ ciphertext``: the
document under XChaCha20-Poly1305 with a random key, everything before the ciphertext being
authenticated with it; the key to each reader as an X25519 sealed box. Nothing says who the readers
are: a reader tries each box.
"""

import secrets
from collections.abc import Sequence
from typing import ClassVar, Final

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_ABYTES,
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    crypto_box_seal,
    crypto_box_seal_open,
    crypto_box_SEALBYTES,
    crypto_scalarmult_base,
)
from nacl.exceptions import CryptoError

from tulen.errors import InvalidInputError, NotPermittedError

MAX_READERS: Final = 32

_MAGIC: Final = b"tulen/vault/v1\0\0"
_KEY_BYTES: Final = crypto_aead_xchacha20poly1305_ietf_KEYBYTES
_BOX_BYTES: Final = crypto_box_SEALBYTES + _KEY_BYTES
_NONCE_BYTES: Final = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES


class NotAReaderError(NotPermittedError):
    """The envelope is whole, but was not sealed to this key."""

    code: ClassVar[str] = "not-a-reader"


def seal_envelope(data: bytes, readers: Sequence[bytes]) -> bytes:
    """Return the envelope of ``data`` for readers with these X25519 public keys.

    Raises:
        InvalidInputError: there is no reader, or there are too many, or one is no public key.
    """
    if not 1 <= len(readers) <= MAX_READERS:
        raise InvalidInputError("readers", len(readers), f"is not 1 to {MAX_READERS}")
    if any(len(reader) != _KEY_BYTES for reader in readers):
        raise InvalidInputError("readers", "(a key)", f"is not of {_KEY_BYTES} bytes")
    key = secrets.token_bytes(_KEY_BYTES)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    boxes = b"".join(crypto_box_seal(key, reader) for reader in readers)
    header = b"".join((_MAGIC, bytes((len(readers),)), boxes, nonce))
    return header + crypto_aead_xchacha20poly1305_ietf_encrypt(data, header, nonce, key)


def open_envelope(envelope: bytes, private_key: bytes) -> bytes:
    """Return the document in ``envelope`` for the reader with this X25519 private key.

    Raises:
        InvalidInputError: it is no envelope.
        NotAReaderError: it was not sealed to this key, or was altered.
    """
    start = len(_MAGIC) + 1
    if len(envelope) < start or not envelope.startswith(_MAGIC):
        raise InvalidInputError("envelope", f"({len(envelope)} bytes)", "is no vault envelope")
    nonce_at = start + envelope[start - 1] * _BOX_BYTES
    body_at = nonce_at + _NONCE_BYTES
    if len(envelope) < body_at + crypto_aead_xchacha20poly1305_ietf_ABYTES:
        raise InvalidInputError("envelope", f"({len(envelope)} bytes)", "is cut off")
    public_key = crypto_scalarmult_base(private_key)
    for at in range(start, nonce_at, _BOX_BYTES):
        try:
            key = crypto_box_seal_open(envelope[at : at + _BOX_BYTES], public_key, private_key)
            return crypto_aead_xchacha20poly1305_ietf_decrypt(
                envelope[body_at:], envelope[:body_at], envelope[nonce_at:body_at], key
            )
        except CryptoError:
            continue
    raise NotAReaderError(f"none of its {envelope[start - 1]} readers has this key")
