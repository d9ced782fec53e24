"""Which account signed the root of a batch."""

from typing import Final

from eth_keys.constants import SECPK1_N
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature

from tulen.values.digest import bytes_of_hex
from tulen.verify.open_attestation.hashes import signed_message

_SIGNATURE_BYTES: Final = 65
_SCALAR_BYTES: Final = 32
_FIRST_PARITY: Final = 27
"""Signatures end with 27 or 28 where others have the parity, 0 or 1 (yellow paper, appendix F)."""


def signer_of(root: bytes, signature: str) -> str | None:
    """Return the address that signed ``root``, in lower case; None where nobody did.

    Args:
        root: The root of the batch.
        signature: ``0x`` and 65 bytes in hexadecimal: r, s, and 27 or 28.
    """
    raw = bytes_of_hex(signature.removeprefix("0x").lower(), _SIGNATURE_BYTES)
    if raw is None:
        return None
    r, s = int.from_bytes(raw[:_SCALAR_BYTES]), int.from_bytes(raw[_SCALAR_BYTES:-1])
    parity = raw[-1] - _FIRST_PARITY
    if parity not in {0, 1} or not 0 < r < SECPK1_N or not 0 < s < SECPK1_N:
        return None
    try:
        key = Signature(vrs=(parity, r, s)).recover_public_key_from_msg_hash(signed_message(root))
    except BadSignature:
        return None
    return key.to_address()
