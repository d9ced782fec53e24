"""All that must be kept of a tree to extend it and to know its root: at most 64 hashes.

Whoever follows a log from outside keeps no tiles. Leaf by leaf, equal subtrees merge as in binary
counting (RFC 9162 section 2.1.1 read from left to right).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from tulen.errors import InvalidInputError
from tulen.log.merkle import EMPTY_ROOT, HASH_BYTES, node_hash


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree.

    Attributes:
        size: Number of leaves.
        hashes: Heads of the complete subtrees over them, the biggest first: one for each bit that
            is set in ``size``.

    Raises:
        InvalidInputError: the hashes are not as many as that, or not of 32 bytes.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no right edge."""
        if self.size < 0:
            raise InvalidInputError("/size", self.size, "is negative")
        if len(self.hashes) != self.size.bit_count():
            raise InvalidInputError(
                "/hashes", f"{len(self.hashes)} hashes", f"are not {self.size.bit_count()}"
            )
        for index, node in enumerate(self.hashes):
            if len(node) != HASH_BYTES:
                raise InvalidInputError(f"/hashes/{index}", node.hex(), "is not 32 bytes")

    @property
    def root(self) -> bytes:
        """The tree head."""
        if not self.hashes:
            return EMPTY_ROOT
        return reduce(lambda right, left: node_hash(left, right), reversed(self.hashes))

    def extended(self, leaf_hashes: Iterable[bytes]) -> "Frontier":
        """Return the right edge after more leaves."""
        size, hashes = self.size, list(self.hashes)
        for leaf in leaf_hashes:
            node, full = leaf, size
            while full & 1:
                node, full = node_hash(hashes.pop(), node), full >> 1
            hashes.append(node)
            size += 1
        return Frontier(size, tuple(hashes))
