"""A copy of each log outside the database: what a database that was set back is replayed from.

Nothing is anchored whose entries do not stand in the copy, on the disk. It lies in files as C2SP
tlog-tiles lays a log out, so that any web server can serve it as it is, and is written in that
order: entries and tiles, then the checkpoint that covers them.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import ClassVar, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database import checkpoints, log
from tulen.errors import InvalidInputError, RuleViolationError, UnavailableError
from tulen.log import (
    TILE_HEIGHT,
    TILE_WIDTH,
    BrokenTileError,
    LogPart,
    SignedCheckpoint,
    entry_bundle,
    entry_bytes,
    log_name,
    part_of,
)
from tulen.log.merkle import HASH_BYTES
from tulen.values import PartyCode
from tulen.vault.durable import PUBLIC, sync_folder, write_durably
from tulen.workflows.office import Office

CHECKPOINT: Final = "checkpoint"
_BUNDLES_AT_ONCE: Final = 64


class CopyDiffersError(RuleViolationError):
    """The copy of a log tells another history than the database."""

    code: ClassVar[str] = "log-copy-differs"


def folder_of(office: Office, authority: PartyCode) -> Path:
    """Return the folder of the copy of ``authority``'s log."""
    return office.settings.log_folder / authority


def copied_checkpoint(office: Office, authority: PartyCode) -> SignedCheckpoint | None:
    """Return the checkpoint of the copy; None where there is no copy yet.

    Raises:
        CopyDiffersError: what lies there is no checkpoint of this log.
        UnavailableError: it cannot be read.
    """
    file = folder_of(office, authority) / CHECKPOINT
    try:
        note = SignedCheckpoint.parse(file.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnavailableError(f"{file} cannot be read: {error.strerror}") from error
    except (InvalidInputError, UnicodeDecodeError) as error:
        raise CopyDiffersError(
            f"{file} is no checkpoint: {error}; move the folder away, and it is made anew"
        ) from error
    if note.checkpoint.log_name != log_name(authority):
        raise CopyDiffersError(f"{file} is of {note.checkpoint.log_name}, not {authority}")
    return note


async def keep_copy(office: Office, checkpoint: checkpoints.Checkpoint) -> None:
    """Return once the copy holds everything under ``checkpoint``; done again, it changes nothing.

    Raises:
        CopyDiffersError: the copy holds another history, or more than ``checkpoint``.
        BrokenTileError: the database lacks something that the checkpoint covers.
        UnavailableError: the database does not answer, or the copy cannot be written.
    """
    authority, size = checkpoint.authority, checkpoint.size
    copied = await asyncio.to_thread(copied_checkpoint, office, authority)
    before = copied.checkpoint.size if copied else 0
    if copied is not None and copied.note == checkpoint.note:
        return
    if before >= size:
        raise CopyDiffersError(
            f"the copy of {authority}'s log ends with {before} entries under root "
            f"{copied.checkpoint.root if copied else ''}, the database with {size} under "
            f"{checkpoint.root_hash}: run `tulen replay`"
        )
    folder = folder_of(office, authority)
    try:
        touched: set[Path] = set()
        async for part, data in _parts(office, authority, before, size):
            touched |= await asyncio.to_thread(_write, folder / "tile" / part.path, data)
        await asyncio.to_thread(_finish, folder, touched, checkpoint.note)
        await asyncio.to_thread(_drop_outgrown, folder / "tile", before, size)
    except OSError as error:
        raise UnavailableError(
            f"the copy of {authority}'s log in {folder} cannot be written "
            f"({error.strerror}), so nothing is anchored"
        ) from error


async def _parts(
    office: Office, authority: PartyCode, before: int, size: int
) -> AsyncIterator[tuple[LogPart, bytes]]:
    """Yield every bundle and tile that a log of ``size`` has and one of ``before`` had not."""
    bundles = range(before // TILE_WIDTH, -(-size // TILE_WIDTH))
    for start in range(bundles.start, bundles.stop, _BUNDLES_AT_ONCE):
        async with office.database.transaction() as connection:
            for index in range(start, min(start + _BUNDLES_AT_ONCE, bundles.stop)):
                part = part_of(None, index, size)
                yield part, await _bundle(connection, authority, part)
    level = 0
    while nodes := size >> TILE_HEIGHT * level:
        first = (before >> TILE_HEIGHT * level) // TILE_WIDTH
        tiles = range(first, -(-nodes // TILE_WIDTH))
        for start in range(tiles.start, tiles.stop, _BUNDLES_AT_ONCE):
            wanted = range(start, min(start + _BUNDLES_AT_ONCE, tiles.stop))
            async with office.database.transaction() as connection:
                found = await log.read_tiles(
                    connection, authority, [(level, index) for index in wanted]
                )
            for index in wanted:
                part = part_of(level, index, size)
                yield part, _tile(found.get((level, index), b""), part)
        level += 1


async def _bundle(connection: AsyncConnection, authority: PartyCode, part: LogPart) -> bytes:
    first = part.index * TILE_WIDTH
    entries = await log.entries_since(connection, authority, first, part.width)
    if [entry.index for entry in entries] != list(range(first, first + part.width)):
        raise BrokenTileError((0, part.index), len(entries), f"{part.width} entries")
    return entry_bundle(entry_bytes(entry.kind, entry.digest) for entry in entries)


def _tile(stored: bytes, part: LogPart) -> bytes:
    length = part.width * HASH_BYTES
    if len(stored) < length:
        raise BrokenTileError((part.level or 0, part.index), len(stored), f"{length} or more")
    return stored[:length]


def _write(path: Path, data: bytes) -> set[Path]:
    """Write one file and return the folders whose entries are not on the disk yet."""
    touched = {path.parent}
    for folder in path.parents:
        if folder.exists():
            touched.add(folder)  # It has got a new folder in it, or had all of them.
            break
        touched.add(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, data, mode=PUBLIC)
    return touched


def _finish(folder: Path, touched: set[Path], note: str) -> None:
    """Make what was written durable, and only then say that it is there."""
    for touched_folder in touched:
        sync_folder(touched_folder)
    write_durably(folder / CHECKPOINT, note.encode(), mode=PUBLIC)
    sync_folder(folder)


def _drop_outgrown(tiles: Path, before: int, size: int) -> None:
    """Remove the beginnings of parts that now lie there in full: readers ask for those then."""
    for level in (None, *range((size.bit_length() + TILE_HEIGHT - 1) // TILE_HEIGHT)):
        index = (before >> TILE_HEIGHT * (level or 0)) // TILE_WIDTH
        whole = LogPart(level, index)
        if whole.is_within(size):
            shutil.rmtree(tiles / f"{whole.path}.p", ignore_errors=True)
