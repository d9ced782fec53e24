"""Tiles of logs, remembered: what one holds never changes, it only grows."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from typing import Final

from tulen.log.merkle import HASH_BYTES
from tulen.log.tiles import TILE_HEIGHT, TILE_WIDTH, TileId

MOST: Final = 4096
"""Tiles that are kept: those of a log of a million entries, 32 MiB."""


class TileMemory:
    """The tiles that were used last.

    Args:
        most: How many are kept.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, TileId], bytes] = OrderedDict()

    def known(self, log: str, wanted: Collection[TileId], size: int) -> dict[TileId, bytes]:
        """Return those of the ``wanted`` tiles of ``log`` that are kept as far as ``size`` goes."""
        found = {}
        for tile in wanted:
            hashes = self._kept.get((log, tile), b"")
            if len(hashes) >= _held_at(size, tile) * HASH_BYTES:
                found[tile] = hashes
                self._kept.move_to_end((log, tile))
        return found

    def keep(self, log: str, tiles: Mapping[TileId, bytes]) -> None:
        """Keep ``tiles`` of ``log`` in place of those that were used least."""
        for tile, hashes in tiles.items():
            if len(hashes) > len(self._kept.get((log, tile), b"")):
                self._kept[log, tile] = hashes
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


def _held_at(size: int, tile: TileId) -> int:
    """Return how many hashes a tile holds in a log of ``size``, at least one."""
    level, index = tile
    return max(1, min(TILE_WIDTH, (size >> TILE_HEIGHT * level) - index * TILE_WIDTH))
