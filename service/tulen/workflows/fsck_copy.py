"""Hold the copy of a log against the database, part for part: it must be whole before it is needed.

A bundle of entries and its tile are in memory.
"""

import asyncio

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database import log
from tulen.database.log import LogState
from tulen.errors import RuleViolationError
from tulen.log import TILE_HEIGHT, TILE_WIDTH, part_of
from tulen.log.merkle import HASH_BYTES
from tulen.values import PartyCode
from tulen.workflows.folder_log import FolderLog
from tulen.workflows.log_copy import copied_checkpoint
from tulen.workflows.office import Office
from tulen.workflows.remote_entries import RemoteEntries
from tulen.workflows.tally import Tally


async def compare_copy(
    office: Office, connection: AsyncConnection, authority: PartyCode, state: LogState, tally: Tally
) -> None:
    """Compare everything under the copy's checkpoint; a log that is not anchored needs none.

    Raises:
        UnavailableError: the copy cannot be read.
    """
    try:
        note = await asyncio.to_thread(copied_checkpoint, office, authority)
        if note is None:
            return
        size = note.checkpoint.size
        tally.compare(f"{authority} copy, size", size, min(size, state.sealed_size))
        size = min(size, state.sealed_size)
        entries = RemoteEntries(FolderLog(office.settings.log_folder, authority), size)
        for index in range(-(-size // TILE_WIDTH)):
            _, leaves = await entries.bundle(index)
            held = await log.leaf_hashes_since(
                connection, authority, index * TILE_WIDTH, len(leaves)
            )
            for place, (copied, stored) in enumerate(zip(leaves, held, strict=True)):
                name = f"{authority} copy, entry {index * TILE_WIDTH + place}"
                tally.compare(name, copied, stored)
        await _compare_tiles(connection, authority, size, entries, tally)
    except RuleViolationError as error:
        tally.differ(f"{authority} copy: {error}")


async def _compare_tiles(
    connection: AsyncConnection,
    authority: PartyCode,
    size: int,
    entries: RemoteEntries,
    tally: Tally,
) -> None:
    """Compare the tiles above level 0, which lies beside the entries."""
    level = 1
    while nodes := size >> TILE_HEIGHT * level:
        for index in range(-(-nodes // TILE_WIDTH)):
            found = await log.read_tiles(connection, authority, [(level, index)])
            length = part_of(level, index, size).width * HASH_BYTES
            held = found.get((level, index), b"")[:length]
            tally.compare(
                f"{authority} copy, tile {level}/{index}", await entries.tile(level, index), held
            )
        level += 1
