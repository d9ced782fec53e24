"""Seal what an authority's log has gathered under a signed checkpoint."""

import asyncio
from datetime import timedelta

from tulen.database import checkpoints
from tulen.database import log as log_rows
from tulen.log import (
    Checkpoint,
    append,
    log_name,
    note_body,
    root,
    signed_note,
    tiles_for_append,
)
from tulen.values import Digest, PartyCode
from tulen.workflows import clock
from tulen.workflows.office import Office

MOST_ENTRIES = 65_536
"""Entries of one checkpoint; what lies beyond waits for the next."""


async def seal_checkpoint(office: Office, authority: PartyCode) -> checkpoints.Checkpoint | None:
    """Seal the entries of ``authority``'s log that are due; None where none are.

    They are due when the oldest has reached the configured age, or enough have gathered. All is one
    database transaction that holds the log's row: two workers cannot seal two histories.

    Raises:
        LogRewriteError: the stored log contradicts itself; nothing is sealed, somebody must look.
        UnavailableError: the database does not answer.
    """
    settings = office.settings
    async with office.database.transaction() as connection:
        state = await log_rows.lock(connection, authority)
        fresh = min(state.size - state.sealed_size, MOST_ENTRIES)
        if not fresh:
            return None
        oldest = await log_rows.entries_since(connection, authority, state.sealed_size, 1)
        age = clock.now() - oldest[0].logged_at
        due = timedelta(seconds=settings.checkpoint_seconds)
        if fresh < settings.checkpoint_entries and age < due:
            return None
        signer = await asyncio.to_thread(office.signer, authority)
        leaves = await log_rows.leaf_hashes_since(connection, authority, state.sealed_size, fresh)
        needed = tiles_for_append(state.sealed_size)
        tiles = await log_rows.read_tiles(connection, authority, needed)
        changed, size = append(tiles.__getitem__, state.sealed_size, leaves)
        tiles |= changed
        await log_rows.write_tiles(connection, authority, changed)
        head = Checkpoint(log_name(authority), size, Digest(root(tiles.__getitem__, size)))
        note = signed_note(head, signer.public_key, signer.sign(note_body(head)))
        checkpoint = checkpoints.Checkpoint(authority, size, head.root, note, clock.now())
        await checkpoints.record_checkpoint(connection, checkpoint)
        return checkpoint
