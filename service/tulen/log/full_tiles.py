"""Full tiles of logs, remembered: they never change."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from typing import Final

from tulen.log.merkle import HASH_BYTES
from tulen.log.tiles import TILE_WIDTH, TileId

FULL_BYTES: Final = TILE_WIDTH * HASH_BYTES
MOST: Final = 4096
"""Tiles that are kept: those of a log of a million entries, 32 MiB."""


class FullTiles:
    """The full tiles that were used last.

    Args:
        most: How many are kept.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, TileId], bytes] = OrderedDict()

    def known(self, log: str, wanted: Collection[TileId]) -> dict[TileId, bytes]:
        """Return those of the ``wanted`` tiles of ``log`` that are kept."""
        found = {tile: self._kept[log, tile] for tile in wanted if (log, tile) in self._kept}
        for tile in found:
            self._kept.move_to_end((log, tile))
        return found

    def keep(self, log: str, tiles: Mapping[TileId, bytes]) -> None:
        """Keep those of the ``tiles`` of ``log`` that are full, in place of the least used."""
        for tile, hashes in tiles.items():
            if len(hashes) == FULL_BYTES:
                self._kept[log, tile] = hashes
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
