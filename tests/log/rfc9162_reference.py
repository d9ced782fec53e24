"""RFC 9162 section 2.1 word for word: slow, recursive, and sharing nothing with `tulen.log`."""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256


class ReferenceTree:
    """The definitions of MTH, PATH, PROOF and SUBPROOF over given leaves."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.leaves = leaves
        self._head = cache(self._head_uncached)

    def root(self, size: int) -> bytes:
        return self._head(0, size)

    def leaf_hash(self, index: int) -> bytes:
        return sha256(b"\x00" + self.leaves[index]).digest()

    def path(self, index: int, size: int) -> list[bytes]:
        """2.1.3.1: PATH(m, D_n)."""
        return self._path(index, 0, size)

    def proof(self, old_size: int, new_size: int) -> list[bytes]:
        """2.1.4.1: PROOF(m, D_n) = SUBPROOF(m, D_n, true)."""
        return self._subproof(old_size, 0, new_size, known=True)

    def _head_uncached(self, start: int, end: int) -> bytes:
        """2.1.1: MTH(D[start:end])."""
        if end == start:
            return sha256(b"").digest()
        if end - start == 1:
            return self.leaf_hash(start)
        middle = start + split(end - start)
        return sha256(b"\x01" + self._head(start, middle) + self._head(middle, end)).digest()

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        k = split(end - start)
        if index < k:
            return [*self._path(index, start, start + k), self._head(start + k, end)]
        return [*self._path(index - k, start + k, end), self._head(start, start + k)]

    def _subproof(self, old: int, start: int, end: int, *, known: bool) -> list[bytes]:
        if old == end - start:
            return [] if known else [self._head(start, end)]
        k = split(end - start)
        if old <= k:
            return [
                *self._subproof(old, start, start + k, known=known),
                self._head(start + k, end),
            ]
        return [
            *self._subproof(old - k, start + k, end, known=False),
            self._head(start, start + k),
        ]


def split(n: int) -> int:
    """Return the largest power of two smaller than ``n``."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def inclusion_holds(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """2.1.3.2, step by step."""
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = sha256(b"\x01" + p + r).digest()
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha256(b"\x01" + r + p).digest()
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def consistency_holds(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """2.1.4.2, step by step, for ``0 < old_size < new_size``."""
    if not proof:
        return False
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = sha256(b"\x01" + c + fr).digest(), sha256(b"\x01" + c + sr).digest()
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = sha256(b"\x01" + sr + c).digest()
        fn, sn = fn >> 1, sn >> 1
    return fr == old_root and sr == new_root and sn == 0
