"""Bring the stored log of one authority forward to its copy, as far as chain and signature agree.

What is appended is checked before it counts: the root over what the database has and what the copy
adds must be every root that the ledger was given, and the one that the copy's checkpoint signs.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import ClassVar, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.chain.facts import checkpoint_hash
from tulen.database import checkpoints, log, recovery, stored
from tulen.errors import InvalidInputError, RuleViolationError
from tulen.log import (
    TILE_WIDTH,
    Checkpoint,
    PublishedCheckpoint,
    SignedCheckpoint,
    append,
    log_name,
    note_body,
    root,
    signed_note,
    tiles_for_append,
)
from tulen.values import Digest, PartyCode
from tulen.workflows import clock
from tulen.workflows.log_of import head_of
from tulen.workflows.office import Office
from tulen.workflows.remote_entries import PublishedLog, RemoteEntries

_BUNDLES_AT_ONCE: Final = 16


class CannotReplayError(RuleViolationError):
    """The log cannot be brought forward from what is there; nothing has changed."""

    code: ClassVar[str] = "cannot-replay"


@dataclass(frozen=True, slots=True)
class Forwarded:
    """How far a log was brought.

    Attributes:
        authority: Whose log.
        before: Where the database stood.
        size: Where it stands now.
        anchored: How many entries the ledger holds.
        checkpoints: How many checkpoints were recorded.
    """

    authority: PartyCode
    before: log.LogState
    size: int
    anchored: int
    checkpoints: int


@dataclass(frozen=True, slots=True)
class _Head:
    """A tree head that must come out.

    Attributes:
        size: Over how many entries.
        root: The root; None where only the ledger's hash of it is known.
        at: When it was made, as far as anybody knows.
        source: Who says so.
    """

    size: int
    root: Digest | None
    at: datetime
    source: str


async def replay_log(
    office: Office, connection: AsyncConnection, authority: PartyCode, published: PublishedLog
) -> Forwarded:
    """Append what the database lacks, with its tiles and checkpoints.

    Args:
        office: Where.
        connection: A transaction; after an error it must be undone.
        authority: Whose log.
        published: The copy.

    Raises:
        CannotReplayError: there is no copy, or it ends too early, or is another history.
        AlarmError: the copy lacks a part, or contradicts itself.
        UnavailableError: chain or copy does not answer.
    """
    size, head = await head_of(office, authority)
    before = await log.lock(connection, authority)
    note = await _note_of(published, authority)
    said = note.checkpoint if note else None
    if max(size, said.size if said else 0) <= before.sealed_size:
        return Forwarded(authority, before, before.size, size, 0)
    if note is None or said is None or said.size < size:
        raise CannotReplayError(
            f"the ledger holds {size} entries of {authority}, the {published.name} "
            f"{said.size if said else 0}: give a newer copy with --log"
        )
    await _require_signature(office, connection, authority, note)
    await _append_entries(
        connection, authority, before, RemoteEntries(published, said.size), said.size
    )
    heads = await _heads(office, connection, authority, before.sealed_size, said)
    if size > before.sealed_size and size not in {item.size for item in heads}:
        heads.append(_Head(size, None, clock.now(), "ledger"))
    at = before.sealed_size
    for item in sorted(heads, key=lambda item: item.size):
        found = await _grow(connection, authority, at, item.size)
        if item.root not in (None, found):
            raise CannotReplayError(
                f"the first {item.size} entries of {authority} have root {found}, the "
                f"{item.source} says {item.root}: the copy or the database is another history"
            )
        if item.size == size and checkpoint_hash(found, size) != head:
            raise CannotReplayError(
                f"the first {size} entries of {authority} have root {found}, hashed "
                f"{checkpoint_hash(found, size)}; the ledger has {head.hex()}"
            )
        text = (
            note.note if item.size == said.size else await _signed(office, authority, item, found)
        )
        await checkpoints.record_checkpoint(
            connection, checkpoints.Checkpoint(authority, item.size, found, text, item.at)
        )
        at = item.size
    return Forwarded(authority, before, said.size, size, len(heads))


async def _note_of(published: PublishedLog, authority: PartyCode) -> SignedCheckpoint | None:
    data = await published.checkpoint()
    if data is None:
        return None
    try:
        note = PublishedCheckpoint.parse(data.decode()).signed
    except (InvalidInputError, UnicodeDecodeError) as error:
        raise CannotReplayError(f"the {published.name} has no checkpoint: {error}") from error
    if note.checkpoint.log_name != log_name(authority):
        raise CannotReplayError(f"the {published.name} is {note.checkpoint.log_name}")
    return note


async def _require_signature(
    office: Office, connection: AsyncConnection, authority: PartyCode, note: SignedCheckpoint
) -> None:
    signer = await asyncio.to_thread(office.signer, authority)
    keys = [signer.public_key, *await stored.keys_of(connection, authority)]
    if not any(note.verify(key) for key in keys):
        raise CannotReplayError(
            f"the copy's checkpoint over {note.checkpoint.size} entries of {authority} is not "
            f"signed by a known key: {', '.join(key.hex() for key in keys)}"
        )


async def _heads(
    office: Office,
    connection: AsyncConnection,
    authority: PartyCode,
    sealed: int,
    said: Checkpoint,
) -> list[_Head]:
    """Return every tree head that ledger and copy name beyond what is sealed."""
    anchored = await recovery.anchored_since(connection, office.chain.chain_id, authority, sealed)
    heads = {
        seen.event.arguments["size"]: _Head(
            seen.event.arguments["size"], Digest(seen.event.subject), seen.block_time, "ledger"
        )
        for seen in anchored
    }
    known = heads.get(said.size)
    if known is not None and known.root != said.root:
        raise CannotReplayError(
            f"checkpoint of {authority} at {said.size}: ledger {known.root}, copy {said.root}"
        )
    return (
        [*heads.values()]
        if known
        else [
            *heads.values(),
            _Head(said.size, said.root, clock.now(), "copy's checkpoint"),
        ]
    )


async def _append_entries(
    connection: AsyncConnection,
    authority: PartyCode,
    before: log.LogState,
    entries: RemoteEntries,
    size: int,
) -> None:
    """Add what the database has not, after what it has and has not sealed, which must be same."""
    index = before.sealed_size
    while index < size:
        bundle, _ = await entries.bundle(index // TILE_WIDTH)
        new = bundle[index % TILE_WIDTH :]
        known = await log.entries_since(connection, authority, index, len(new))
        for entry, theirs in zip(known, new, strict=False):
            if bytes((entry.kind, *entry.digest)) != theirs:
                raise CannotReplayError(
                    f"entry {entry.index} of {authority} is {entry.digest} in the database and "
                    f"{theirs[1:].hex()} in the copy: something was issued after the database "
                    "was set back"
                )
        for kind, group in groupby(new[len(known) :], key=lambda entry: entry[0]):
            digests = [Digest(entry[1:]) for entry in group]
            await log.append_entries(connection, authority, kind, digests)
        index += len(new)


async def _grow(connection: AsyncConnection, authority: PartyCode, at: int, size: int) -> Digest:
    """Bring the stored tiles from ``at`` entries to ``size``, and return the root."""
    while at < size:
        count = min(size - at, _BUNDLES_AT_ONCE * TILE_WIDTH)
        leaves = await log.leaf_hashes_since(connection, authority, at, count)
        tiles = await log.read_tiles(connection, authority, tiles_for_append(at))
        changed, at = append(tiles.__getitem__, at, leaves)
        await log.write_tiles(connection, authority, changed)
    tiles = await log.read_tiles(connection, authority, tiles_for_append(size))
    return Digest(root(tiles.__getitem__, size))


async def _signed(office: Office, authority: PartyCode, head: _Head, found: Digest) -> str:
    """Sign a checkpoint again; Ed25519 is deterministic, so the note is the one that was lost."""
    signer = await asyncio.to_thread(office.signer, authority)
    checkpoint = Checkpoint(log_name(authority), head.size, found)
    return signed_note(checkpoint, signer.public_key, signer.sign(note_body(checkpoint)))
