"""The encodings of keys, signatures and lists: multibase, multikey, and base64url without padding.

Each has one spelling for the same bytes; another one is refused, so that nothing can be written in
two ways under one signature.
"""

import base64
import binascii
from typing import Final

from tulen.errors import InvalidInputError
from tulen.values import Ed25519PublicKey

MAX_BASE58_CHARACTERS: Final = 128
"""Above the 89 of a signature; the decoding takes time with the square of the length."""

_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES: Final = {character: value for value, character in enumerate(_BASE58)}
_ED25519: Final = b"\xed\x01"
"""Multicodec of an Ed25519 public key, as a varint (Controlled Identifiers 1.0, section 2.2.2)."""


def base58btc(data: bytes) -> str:
    """Return ``data`` in multibase: ``z`` and its base-58 digits."""
    number, digits = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    zeros = len(data) - len(data.lstrip(b"\x00"))
    return f"z{_BASE58[0] * zeros}{digits}"


def from_base58btc(text: object, field: str) -> bytes:
    """Return the bytes that ``text`` spells in multibase, base-58.

    Raises:
        InvalidInputError: it does not, or is longer than any key or signature.
    """
    digits = text[1:] if isinstance(text, str) and text.startswith("z") else ""
    if not 0 < len(digits) <= MAX_BASE58_CHARACTERS or not _VALUES.keys() >= set(digits):
        raise InvalidInputError(field, text, "is not multibase: z and base-58 digits")
    number = 0
    for digit in digits:
        number = number * 58 + _VALUES[digit]
    zeros = len(digits) - len(digits.lstrip(_BASE58[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)


def multikey(key: Ed25519PublicKey) -> str:
    """Return ``key`` as a Multikey: ``z6Mk`` and more."""
    return base58btc(_ED25519 + key)


def from_multikey(text: object, field: str) -> Ed25519PublicKey:
    """Return the Ed25519 key that ``text`` spells as a Multikey.

    Raises:
        InvalidInputError: it is none, or a key of another kind.
    """
    data = from_base58btc(text, field)
    if not data.startswith(_ED25519) or len(data) != len(_ED25519) + Ed25519PublicKey.length:
        raise InvalidInputError(field, text, "is not the Multikey of an Ed25519 key")
    return Ed25519PublicKey(data.removeprefix(_ED25519))


def base64url(data: bytes) -> str:
    """Return ``data`` in base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def from_base64url(text: str, field: str) -> bytes:
    """Return the bytes that ``text`` spells in base64url without padding.

    Raises:
        InvalidInputError: it does not, or not in the one spelling that these bytes have.
    """
    try:
        data = base64.b64decode(f"{text}{'=' * (-len(text) % 4)}", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        data = None
    if data is None or base64url(data) != text:
        raise InvalidInputError(field, text, "is not base64url without padding")
    return data
