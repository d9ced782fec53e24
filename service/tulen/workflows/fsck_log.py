"""Derive a stored log again: leaf hashes from entries, tiles from those, roots from tiles.

A page of entries and the tiles at the right edge are all that is in memory.
"""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database import log, stored
from tulen.database.checkpoints import Checkpoint
from tulen.database.log import LogState
from tulen.errors import InvalidInputError
from tulen.log import (
    TILE_WIDTH,
    SignedCheckpoint,
    TileId,
    append,
    entry_bytes,
    leaf_hash,
    log_name,
    root,
)
from tulen.log.merkle import HASH_BYTES
from tulen.values import Ed25519PublicKey, PartyCode
from tulen.workflows.tally import MOST_NAMED, Tally

PAGE: Final = 16 * TILE_WIDTH


class LogCheck:
    """Checks one log.

    Args:
        connection: A transaction that sees one moment.
        authority: Whose log.
        state: How far it says to have come.
        keys: Keys that may have signed its checkpoints.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        authority: PartyCode,
        state: LogState,
        keys: list[Ed25519PublicKey],
    ) -> None:
        self._connection, self._authority, self._state = connection, authority, state
        self._keys = keys
        self._edge: dict[TileId, bytes] = {}
        self._size = 0
        self._checkpoints: list[Checkpoint] = []
        self._last = 0

    async def run(self, entries: Tally, tiles: Tally, checkpoints: Tally) -> None:
        """Derive everything, and count what is compared in the three tallies."""
        index = 0
        await self._next_checkpoints()
        while page := await log.entries_since(self._connection, self._authority, index, PAGE):
            leaves = []
            for entry in page:
                derived = leaf_hash(entry_bytes(entry.kind, entry.digest))
                name = f"{self._authority} entry {index}"
                entries.compare(f"{name}, index", entry.index, index)
                entries.compare(f"{name}, leaf hash", entry.leaf_hash, derived)
                leaves.append(derived)
                index = entry.index + 1
            await self._grow(leaves, tiles, checkpoints)
        entries.compare(f"{self._authority} log, size", self._state.size, index)
        await self._compare_tiles(dict(self._edge), tiles)
        for level, surplus in await stored.surplus_tiles(
            self._connection, self._authority, self._state.sealed_size, MOST_NAMED + 1
        ):
            tiles.compare(f"{self._authority} tile {level}/{surplus}", "a tile", "none")
        for beyond in self._checkpoints:
            checkpoints.compare(f"{self._authority} checkpoint, size", beyond.size, self._size)
        name = f"{self._authority} log, sealed size"
        checkpoints.compare(name, self._state.sealed_size, self._last)
        for at, digest, certificate in await stored.unissued_entries(
            self._connection, self._authority, MOST_NAMED + 1
        ):
            entries.compare(
                f"{self._authority} entry {at}, digest", digest, certificate or "no certificate"
            )

    async def _grow(self, leaves: list[bytes], tiles: Tally, checkpoints: Tally) -> None:
        """Append to the tree what is sealed, and stop at each checkpoint to look at it."""
        leaves = leaves[: max(self._state.sealed_size - self._size, 0)]
        full: dict[TileId, bytes] = {}
        while leaves:
            next_size = self._checkpoints[0].size if self._checkpoints else self._size + len(leaves)
            count = min(next_size - self._size, len(leaves))
            changed, self._size = append(self._edge.__getitem__, self._size, leaves[:count])
            leaves = leaves[count:]
            for tile, hashes in changed.items():
                if len(hashes) == TILE_WIDTH * HASH_BYTES:
                    full[tile] = hashes
                    self._edge.pop(tile, None)
                else:
                    self._edge[tile] = hashes
            if self._checkpoints and self._size == self._checkpoints[0].size:
                self._compare_checkpoint(self._checkpoints.pop(0), checkpoints)
                if not self._checkpoints:
                    await self._next_checkpoints()
        await self._compare_tiles(full, tiles)

    async def _next_checkpoints(self) -> None:
        self._checkpoints = await stored.checkpoints_after(
            self._connection, self._authority, self._size, PAGE
        )

    async def _compare_tiles(self, derived: dict[TileId, bytes], tiles: Tally) -> None:
        found = await log.read_tiles(self._connection, self._authority, derived)
        for tile, hashes in sorted(derived.items()):
            level, index = tile
            name, held = f"{self._authority} tile {level}/{index}", found.get(tile, b"")
            tiles.compare(f"{name}, bytes", len(held), len(hashes))
            for at in range(0, min(len(held), len(hashes)), HASH_BYTES):
                end = at + HASH_BYTES
                if held[at:end] != hashes[at:end]:
                    tiles.compare(f"{name}, hash {at // HASH_BYTES}", held[at:end], hashes[at:end])

    def _compare_checkpoint(self, row: Checkpoint, checkpoints: Tally) -> None:
        """Compare root and note with the tree as it is now, and look for who signed."""
        name = f"{self._authority} checkpoint {row.size}"
        derived = root(self._edge.__getitem__, row.size)
        self._last = row.size
        checkpoints.compare(f"{name}, root", row.root_hash, derived)
        try:
            note = SignedCheckpoint.parse(row.note)
        except InvalidInputError as error:
            checkpoints.differ(f"{name}, note: stored {error}; derived a signed note")
            return
        said = note.checkpoint
        checkpoints.compare(f"{name}, log in the note", said.log_name, log_name(self._authority))
        checkpoints.compare(f"{name}, size in the note", said.size, row.size)
        checkpoints.compare(f"{name}, root in the note", said.root, derived)
        if not any(note.verify(key) for key in self._keys):
            known = ", ".join(key.hex() for key in self._keys) or "none"
            checkpoints.differ(
                f"{name}, signature: stored one by key id {note.key_id.hex()} that no known key "
                f"made; known keys {known}"
            )
