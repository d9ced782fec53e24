"""The public log of an authority: its checkpoint, its tiles and its entries, for anybody to check.

What is served lies under the latest checkpoint, which is signed and so can be held against the
authority; of what comes after it, nothing is shown.
"""

from tulen.database import checkpoints, cosignatures, log
from tulen.errors import InvalidInputError, NotFoundError
from tulen.log import (
    TILE_WIDTH,
    BrokenTileError,
    LogPart,
    NoteSignature,
    PublishedCheckpoint,
    SignedCheckpoint,
    entry_bundle,
    entry_bytes,
)
from tulen.log.merkle import HASH_BYTES
from tulen.values import PartyCode
from tulen.workflows.office import Office


async def public_checkpoint(office: Office, authority: PartyCode) -> str:
    """Return the latest checkpoint of the log as a signed note, with what others signed beneath.

    Raises:
        NotFoundError: there is none yet.
    """
    async with office.database.transaction() as connection:
        checkpoint = await checkpoints.latest_checkpoint(connection, authority)
        if checkpoint is None:
            raise NotFoundError(f"{authority} has published no checkpoint here")
        lines = await cosignatures.beneath(connection, authority, checkpoint.size)
    others = tuple(NoteSignature(*line) for line in lines)
    return PublishedCheckpoint(SignedCheckpoint.parse(checkpoint.note), others).note


async def public_part(office: Office, authority: PartyCode, path: str) -> bytes:
    """Return the tile, or the bundle of entries, at ``path``; it never changes.

    Raises:
        NotFoundError: ``path`` is none, or the latest checkpoint does not cover all of it.
        BrokenTileError: the stored tile is too short; the store needs repair.
    """
    try:
        part = LogPart.parse(path)
    except InvalidInputError as error:
        raise NotFoundError(str(error)) from error
    first = part.index * TILE_WIDTH
    async with office.database.transaction() as connection:
        sealed = (await log.state(connection, authority)).sealed_size
        if not part.is_within(sealed):
            raise NotFoundError(f"{path} is not of the {sealed} entries of {authority}'s log")
        if part.level is None:
            entries = await log.entries_since(connection, authority, first, part.width)
            return entry_bundle(entry_bytes(entry.kind, entry.digest) for entry in entries)
        tile = part.level, part.index
        hashes = (await log.read_tiles(connection, authority, [tile])).get(tile, b"")
    length = part.width * HASH_BYTES
    if len(hashes) < length:
        raise BrokenTileError(tile, len(hashes), f"{length} or more")
    return hashes[:length]
