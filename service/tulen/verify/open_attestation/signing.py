"""Which account signed the root of a batch."""

from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils import ValidationError

from tulen.values.digest import bytes_of_hex
from tulen.verify.open_attestation.hashes import signed_message

_SIGNATURE_BYTES = 65
_FIRST_PARITY = 27
"""Signatures end with 27 or 28 where others have the parity, 0 or 1 (yellow paper, appendix F)."""


def signer_of(root: bytes, signature: str) -> str | None:
    """Return the address that signed ``root``, in lower case; None where nobody did.

    Args:
        root: The root of the batch.
        signature: ``0x`` and 65 bytes in hexadecimal: r, s, and 27 or 28.
    """
    raw = bytes_of_hex(signature.removeprefix("0x").lower(), _SIGNATURE_BYTES)
    if raw is None or raw[-1] not in {_FIRST_PARITY, _FIRST_PARITY + 1}:
        return None
    try:
        found = Signature(raw[:-1] + bytes([raw[-1] - _FIRST_PARITY]))
        return found.recover_public_key_from_msg_hash(signed_message(root)).to_address()
    except (BadSignature, ValidationError):
        return None
