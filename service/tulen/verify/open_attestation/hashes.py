"""The hashes of OpenAttestation 2.0: the document's from its values, the batch's from that.

Keccak-256 as Ethereum has it, which is not SHA3-256 (FIPS 202), whatever the format's names say.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from eth_hash.auto import keccak

HASH_BYTES: Final = 32


def target_hash(shown: Iterable[bytes], hidden: Iterable[bytes]) -> bytes:
    """Return the hash of a document.

    Args:
        shown: The JSON text of each value that it shows (`Leaf.hashed`).
        hidden: The hash of each value that it does not.
    """
    each = sorted([*(keccak(text).hex() for text in shown), *(known.hex() for known in hidden)])
    return keccak(b"[" + ",".join(f'"{text}"' for text in each).encode() + b"]")


def path_upwards(target: bytes, proof: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return every hash from ``target`` to the root that ``proof`` leads to, both included.

    Each is of the two below it in the order of their bytes, so the proof needs no sides.
    """
    path = [target]
    for beside in proof:
        path.append(keccak(b"".join(sorted((path[-1], beside)))))
    return tuple(path)


def signed_message(root: bytes) -> bytes:
    """Return what an issuer's key signs for ``root``: 32 bytes as EIP-191, version 0x45."""
    return keccak(b"\x19Ethereum Signed Message:\n32" + root)
