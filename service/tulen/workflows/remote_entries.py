"""The entries and tiles of a published log, as far as one checkpoint says that there must be some.

Bundles of entries and tiles of level 0 are fetched side by side and held against each other.
"""

import asyncio
from typing import Final, Protocol

from tulen.errors import InvalidInputError
from tulen.log import BUNDLED_BYTES, TILE_WIDTH, LogPart, entries_in, leaf_hash, part_of
from tulen.log.merkle import HASH_BYTES
from tulen.workflows.watched_log import AlarmError, AlarmKind

AHEAD: Final = 8
"""Bundles that are fetched at once: a log is read from its beginning to its end."""


class PublishedLog(Protocol):
    """Where a log is read: over HTTP (`RemoteLog`) or in a folder (`FolderLog`)."""

    @property
    def name(self) -> str:
        """What messages call it."""
        ...

    async def checkpoint(self) -> bytes | None:
        """Return the latest checkpoint; None where there is none."""
        ...

    async def part(self, part: LogPart) -> bytes | None:
        """Return a tile or a bundle of entries; None where there is none."""
        ...


Bundle = tuple[list[bytes], list[bytes]]
"""Entries, and their leaf hashes."""


class RemoteEntries:
    """What a log serves under one checkpoint; at most `AHEAD` bundles are in memory.

    Args:
        log: The log.
        size: The checkpoint's size.

    Attributes:
        count: How many entries were read and hashed.
    """

    def __init__(self, log: PublishedLog, size: int) -> None:
        self.count = 0
        self._log = log
        self._size = size
        self._bundles: dict[int, Bundle] = {}

    async def bundle(self, index: int) -> Bundle:
        """Return a bundle, which the tile of level 0 agrees with.

        Raises:
            AlarmError: it is not there, not whole, or tells another story than the tile.
            UnavailableError: the log does not answer.
        """
        if index not in self._bundles:
            ahead = range(index, min(index + AHEAD, -(-self._size // TILE_WIDTH)))
            found = await asyncio.gather(*map(self._fetched, ahead))
            self._bundles = dict(zip(ahead, found, strict=True))
        return self._bundles[index]

    async def tile(self, level: int, index: int) -> bytes:
        """Return as much of a tile as the log must have.

        Raises:
            AlarmError: it is not there, or not of that length.
            UnavailableError: the log does not answer.
        """
        return await self._part(part_of(level, index, self._size), HASH_BYTES)

    async def _fetched(self, index: int) -> Bundle:
        part = part_of(None, index, self._size)
        data, tile = await asyncio.gather(self._part(part, BUNDLED_BYTES), self.tile(0, index))
        try:
            entries = entries_in(data)
        except InvalidInputError as error:
            raise AlarmError(
                AlarmKind.UNREADABLE, f"tile/{part.path}", "a bundle of entries", str(error)
            ) from error
        leaves = [leaf_hash(entry) for entry in entries]
        for place, leaf in enumerate(leaves):
            stored = tile[place * HASH_BYTES : (place + 1) * HASH_BYTES]
            if leaf != stored:
                raise AlarmError(
                    AlarmKind.TILE,
                    f"leaf {index * TILE_WIDTH + place} in its tile",
                    f"{leaf.hex()}, the hash of the entry served",
                    stored.hex(),
                )
        self.count += len(entries)
        return entries, leaves

    async def _part(self, part: LogPart, each: int) -> bytes:
        """Return a part whole; where it is gone, the full one that has taken its place."""
        length = part.width * each
        data = await self._log.part(part)
        if data is None and part.width < TILE_WIDTH:
            full = await self._log.part(LogPart(part.level, part.index))
            data = None if full is None else full[:length]
        if data is None or len(data) != length:
            found = "nothing" if data is None else f"{len(data)} bytes"
            if data is not None and len(data) > length:
                found = f"more than {length} bytes"
            raise AlarmError(
                AlarmKind.GAP,
                f"tile/{part.path}",
                f"{length} bytes, as the checkpoint over {self._size} entries promises",
                found,
            )
        return data
