"""The code beside the QR: the start of the certificate's digest, as a person can type it.

Sixteen characters of Crockford's base 32, which has no I, L, O and U, hold 80 bits; two more check
them as a pure system of ISO 7064 does, with radix 32 and the prime 1021 as modulus. Any one wrong
character is found, and any two that changed places.
"""

from typing import Final
from urllib.parse import quote

from tulen.errors import InvalidInputError
from tulen.values import Digest

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
START_BYTES: Final = 10
_RADIX, _MODULUS, _CHECKS, _GROUP = 32, 1021, 2, 4
_BITS = 5
_LENGTH: Final = START_BYTES * 8 // _BITS + _CHECKS
_ALIKE = str.maketrans("ILO", "110")


def code_of(digest: Digest) -> str:
    """Return the code of a certificate's digest, in groups of four, the check last."""
    number = int.from_bytes(digest[:START_BYTES], "big")
    checked = number * _RADIX**_CHECKS
    whole = checked + (1 - checked) % _MODULUS
    text = "".join(ALPHABET[whole >> _BITS * place & _RADIX - 1] for place in range(_LENGTH))[::-1]
    return "-".join(text[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def digest_start(code: str) -> bytes:
    """Return the first bytes of the digest that ``code``, as typed, stands for.

    Raises:
        InvalidInputError: it is not 18 characters of a code, or was mistyped.
    """
    text = code.upper().replace("-", "").replace(" ", "").translate(_ALIKE)
    if len(text) != _LENGTH or not set(text) <= set(ALPHABET):
        raise InvalidInputError("code", code, f"is not a code of {_LENGTH} digits and capitals")
    whole: int = 0
    for character in text:
        whole = whole * _RADIX + ALPHABET.index(character)
    if whole % _MODULUS != 1:
        raise InvalidInputError("code", code, "is mistyped: its check does not agree; type it anew")
    start: int = whole // _RADIX**_CHECKS
    return start.to_bytes(START_BYTES, "big")


def verify_url(public_url: str, digest: Digest) -> str:
    """Return the address that the QR holds: the page on which anyone verifies, and the code."""
    return f"{public_url.rstrip('/')}/?code={quote(code_of(digest))}"
