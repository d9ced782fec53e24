"""The log's tree kept in tiles: append and prove with a handful of reads at any size.

Tile ``(level, index)`` holds up to 256 hashes of the tree's level ``8 * level`` (docs/specs/log.md,
section 2). Nothing here reads by itself: the caller hands in a function from a tile's id to its
bytes, such as ``dict.__getitem__``, and `tiles_for_append`, `tiles_for_inclusion` and
`tiles_for_consistency` say beforehand exactly which tiles that will be, for one query.

A tile may hold more hashes than a proof for an earlier size needs: the surplus is not looked at.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, reduce
from typing import Final

from tulen.errors import InvalidInputError, UnavailableError
from tulen.log.merkle import EMPTY_ROOT, HASH_BYTES, check_index, node_hash, tree_head

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
REMEMBERED_SUBTREES: Final = 1024
"""The upper ones stand in every proof; at most 8 MiB."""

TileId = tuple[int, int]
"""A tile's level and its index in the level; hashes of a level root ``256 ** level`` leaves."""

ReadTile = Callable[[TileId], bytes]
"""Returns the concatenated hashes of a tile; may be asked for one tile several times."""

_Node = tuple[int, int]
"""A complete subtree: its height and its index among those of ``2 ** height`` leaves."""


class BrokenTileError(UnavailableError):
    """A stored tile does not hold what the log's size says it must; the store needs repair."""

    code = "broken-tile"

    def __init__(self, tile: TileId, held: int, needed: str) -> None:
        level, index = tile
        super().__init__(
            f"tile {level}/{index} of the log holds {held} bytes instead of {needed}; "
            "check the log's storage before anything is added to it"
        )


def append(
    read_tile: ReadTile, size: int, new_leaf_hashes: Sequence[bytes]
) -> tuple[dict[TileId, bytes], int]:
    """Return the tiles that change when leaves are added to a log of ``size``, and its new size.

    Of the tiles that `tiles_for_append` names, those are read that change.

    Raises:
        InvalidInputError: a leaf hash is not of 32 bytes.
        BrokenTileError: a tile holds more or less than ``size`` says: it was damaged, or another
            writer was here.
    """
    for position, leaf in enumerate(new_leaf_hashes):
        if len(leaf) != HASH_BYTES:
            raise InvalidInputError(f"/{position}", leaf.hex(), "is not a hash of 32 bytes")
    changed: dict[TileId, bytes] = {}
    added, level = new_leaf_hashes, 0
    while added:
        index, held = divmod(size >> TILE_HEIGHT * level, TILE_WIDTH)
        row = b"".join(added)
        if held:
            before = read_tile((level, index))
            if len(before) != held * HASH_BYTES:
                raise BrokenTileError((level, index), len(before), f"{held * HASH_BYTES}")
            row = before + row
        roots = []
        for start in range(0, len(row), TILE_WIDTH * HASH_BYTES):
            data = row[start : start + TILE_WIDTH * HASH_BYTES]
            changed[level, index] = data
            index += 1
            if len(data) == TILE_WIDTH * HASH_BYTES:
                roots.append(_head(data))
        added, level = roots, level + 1
    return changed, size + len(new_leaf_hashes)


def root(read_tile: ReadTile, size: int) -> bytes:
    """Return the root over the first ``size`` leaves, from the tiles that `tiles_for_root` names.

    Raises:
        BrokenTileError: a tile holds fewer hashes than it must.
    """
    return _fold(read_tile, _complete_subtrees(0, size)) if size else EMPTY_ROOT


def inclusion_proof(read_tile: ReadTile, index: int, size: int) -> list[bytes]:
    """Return the inclusion path of leaf ``index`` in the tree of the first ``size`` leaves.

    Raises:
        InvalidInputError: there is no such leaf.
        BrokenTileError: a tile holds fewer hashes than it must.
    """
    return [_fold(read_tile, part) for part in _inclusion_parts(index, size)]


def consistency_proof(read_tile: ReadTile, old_size: int, new_size: int) -> list[bytes]:
    """Return the RFC 9162 section 2.1.4.1 proof from the first ``old_size`` leaves on.

    Raises:
        InvalidInputError: the sizes are out of order.
        BrokenTileError: a tile holds fewer hashes than it must.
    """
    return [_fold(read_tile, part) for part in _consistency_parts(old_size, new_size)]


def tiles_for_append(size: int) -> set[TileId]:
    """Return the partial tiles at the right edge of a log of ``size``: at most one a level."""
    return _tiles_of([_complete_subtrees(0, size)])


tiles_for_root = tiles_for_append
"""The root is folded from the very tiles that grow."""


def tiles_for_inclusion(index: int, size: int) -> set[TileId]:
    """Return the tiles that `inclusion_proof` reads.

    Raises:
        InvalidInputError: there is no such leaf.
    """
    return _tiles_of(_inclusion_parts(index, size))


def tiles_for_consistency(old_size: int, new_size: int) -> set[TileId]:
    """Return the tiles that `consistency_proof` reads.

    Raises:
        InvalidInputError: the sizes are out of order.
    """
    return _tiles_of(_consistency_parts(old_size, new_size))


def _inclusion_parts(index: int, size: int) -> list[list[_Node]]:
    check_index(index, size)
    return list(_siblings((0, index), size))


def _consistency_parts(old_size: int, new_size: int) -> list[list[_Node]]:
    if not 0 <= old_size <= new_size:
        raise InvalidInputError("old_size", old_size, f"is not between 0 and {new_size}")
    if old_size in (0, new_size):
        return []
    height = (old_size & -old_size).bit_length() - 1
    last = height, (old_size >> height) - 1  # The old tree's last complete subtree.
    start = [] if old_size == 1 << height else [[last]]  # The whole old tree: its root is known.
    return [*start, *_siblings(last, new_size)]


def _siblings(node: _Node, size: int) -> Iterator[list[_Node]]:
    """Yield what stands beside ``node`` and beside each node above it in a tree of ``size``.

    Each is given as the complete subtrees that it is folded from: one, or several at the right
    edge.
    """
    lowest, index = node
    for height in range(lowest, (size - 1).bit_length()):
        first = (index ^ 1) << height
        if first < size:  # Else the node has no sibling and moves up as it is.
            yield _complete_subtrees(first, min(first + (1 << height), size))
        index >>= 1


def _complete_subtrees(first: int, end: int) -> list[_Node]:
    """Return the biggest complete subtrees over the leaves from ``first`` to before ``end``.

    ``first`` is a multiple of the biggest power of two that fits between the two.
    """
    nodes = []
    while first < end:
        height = (end - first).bit_length() - 1
        nodes.append((height, first >> height))
        first += 1 << height
    return nodes


def _tile_of(node: _Node) -> tuple[TileId, int, int]:
    """Return the tile, and the bytes from where to where in it, that ``node`` is computed from."""
    height, place = node
    level, within = divmod(height, TILE_HEIGHT)
    index, start = divmod(place << within, TILE_WIDTH)
    return (level, index), start * HASH_BYTES, (start + (1 << within)) * HASH_BYTES


def _tiles_of(parts: Iterable[list[_Node]]) -> set[TileId]:
    return {_tile_of(node)[0] for part in parts for node in part}


def _fold(read_tile: ReadTile, nodes: list[_Node]) -> bytes:
    """Return the hash over adjacent complete subtrees, which shrink from left to right."""
    hashes = [_node(read_tile, node) for node in reversed(nodes)]
    return reduce(lambda right, left: node_hash(left, right), hashes)


def _node(read_tile: ReadTile, node: _Node) -> bytes:
    tile, start, end = _tile_of(node)
    data = read_tile(tile)
    if len(data) < end or len(data) % HASH_BYTES:
        raise BrokenTileError(tile, len(data), f"{end} or more, in hashes of {HASH_BYTES}")
    return _head(data[start:end])


@lru_cache(REMEMBERED_SUBTREES)
def _head(data: bytes) -> bytes:
    return tree_head([data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)])
