"""Bloom filters of logs (yellow paper, section 4.4.3): what a node cannot leave out unnoticed."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from web3 import Web3

BLOOM_BYTES: Final = 256


def bloom_of(things: Iterable[bytes]) -> int:
    """Return the filter that admits ``things``, addresses and topics, as an integer."""
    bloom = 0
    for thing in things:
        bloom |= _bits(thing)
    return bloom


@lru_cache(maxsize=1024)
def _bits(thing: bytes) -> int:
    digest = Web3.keccak(thing)
    bits = 0
    for start in (0, 2, 4):
        bits |= 1 << (int.from_bytes(digest[start : start + 2]) % (8 * BLOOM_BYTES))
    return bits
