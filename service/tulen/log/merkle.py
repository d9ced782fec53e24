"""The Merkle tree of RFC 9162 section 2.1 over SHA-256: heads, and proofs read by those who doubt.

A tree is a sequence of leaf hashes; order and number count. What a proof says is recomputed, never
believed: a path of the wrong length, a hash of the wrong size or an index beyond the tree proves
nothing, and the functions that check proofs answer so instead of raising.

A proof alone does not fix the size of the tree: some neighbouring sizes have paths of one shape.
Root and size belong together, and they do in a checkpoint and in the ledger contract.
"""

from collections.abc import Collection, Sequence
from enum import IntEnum
from hashlib import sha256
from typing import Final

from tulen.errors import InvalidInputError
from tulen.values import Digest

HASH_BYTES: Final = 32

# RFC 9162 section 2.1.1: distinct prefixes keep an inner node from passing as a leaf.
_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"
_new_node: Final = sha256(_NODE).copy
"""Starts the hash of an inner node: a copy takes less time than a new state."""

EMPTY_ROOT: Final = sha256(b"").digest()
"""The head of the tree without leaves."""


class Kind(IntEnum):
    """What a log entry records (docs/specs/log.md, section 1)."""

    CERTIFICATE = 1


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of the leaf that holds ``data``."""
    return sha256(_LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the inner node over two subtrees."""
    return sha256(_NODE + left + right).digest()


def entry_leaf_hash(kind: Kind, digest: Digest) -> bytes:
    """Return the leaf hash of the log entry that records ``digest``."""
    return sha256(_LEAF + kind.to_bytes(1) + digest).digest()


def tree_head(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the root over ``leaf_hashes``, each of 32 bytes (RFC 9162 section 2.1.1)."""
    level = leaf_hashes
    while len(level) > 1:
        level = _next_level(level)
    return level[0] if level else EMPTY_ROOT


def inclusion_path(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the inclusion path of the leaf at ``index`` (RFC 9162 section 2.1.3.1).

    Raises:
        InvalidInputError: there is no such leaf.
    """
    return inclusion_paths(leaf_hashes, [index])[index]


def inclusion_paths(
    leaf_hashes: Sequence[bytes], indices: Collection[int]
) -> dict[int, list[bytes]]:
    """Return the inclusion path of each leaf of ``indices``, hashing the tree only once.

    Raises:
        InvalidInputError: one of the leaves does not exist.
    """
    for index in indices:
        check_index(index, len(leaf_hashes))
    paths: dict[int, list[bytes]] = {index: [] for index in indices}
    level, height = leaf_hashes, 0
    while len(level) > 1:
        for index, path in paths.items():
            sibling = (index >> height) ^ 1
            if sibling < len(level):  # The last node of an odd level has none and moves up as is.
                path.append(level[sibling])
        level, height = _next_level(level), height + 1
    return paths


def root_from_inclusion_path(
    leaf: bytes, index: int, size: int, path: Sequence[bytes]
) -> bytes | None:
    """Return the root that ``path`` leads to from the leaf hash ``leaf``.

    Returns:
        The root, or None where ``path`` cannot be the path of that leaf in a tree of ``size``
        leaves: RFC 9162 section 2.1.3.2, with every length exact.
    """
    if not 0 <= index < size or not _all_hashes([leaf, *path]):
        return None
    inner, border = _path_shape(index, size - 1)
    if len(path) != inner + border:
        return None
    root = leaf
    for height, sibling in enumerate(path):
        if height >= inner or index >> height & 1:
            root = node_hash(sibling, root)
        else:
            root = node_hash(root, sibling)
    return root


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Return whether ``path`` proves the leaf hash ``leaf`` at ``index`` under ``root``."""
    return root_from_inclusion_path(leaf, index, size, path) == root


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Return whether ``proof`` shows that the new tree begins with all leaves of the old.

    RFC 9162 section 2.1.4.2, with every length exact. From the empty tree, which everything
    extends, and between equal sizes the proof is empty.
    """
    if not 0 <= old_size <= new_size or not _all_hashes([old_root, new_root, *proof]):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    # The proof is the path of the old tree's last complete subtree, which comes first itself
    # unless it is the whole old tree.
    height = (old_size & -old_size).bit_length() - 1
    node, last = (old_size >> height) - 1, (new_size - 1) >> height
    start, *path = [old_root, *proof] if node == 0 else proof or [b""]
    inner, border = _path_shape(node, last)
    if len(path) != inner + border:
        return False
    old = new = start
    for step, sibling in enumerate(path):
        if step >= inner or node >> step & 1:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
    return old == old_root and new == new_root


def check_index(index: int, size: int) -> None:
    """Refuse an ``index`` that is no leaf of a tree of ``size`` leaves.

    Raises:
        InvalidInputError: always then.
    """
    if not 0 <= index < size:
        raise InvalidInputError("index", index, f"is not a leaf of a log of {size} entries")


def _next_level(level: Sequence[bytes]) -> list[bytes]:
    """Return the level above; a last node without a sibling moves up as it is."""
    nodes = iter(level)
    above = []
    for left, right in zip(nodes, nodes, strict=False):
        node = _new_node()
        node.update(left + right)
        above.append(node.digest())
    if len(level) & 1:
        above.append(level[-1])
    return above


def _path_shape(index: int, last: int) -> tuple[int, int]:
    """Return the length of a path in two parts.

    Below the point where the ways to the root of nodes ``index`` and ``last`` meet, the bits of
    ``index`` say on which side a sibling stands; above it, every sibling stands on the left.
    """
    inner = (index ^ last).bit_length()
    return inner, (index >> inner).bit_count()


def _all_hashes(hashes: Sequence[bytes]) -> bool:
    return all(len(each) == HASH_BYTES for each in hashes)
