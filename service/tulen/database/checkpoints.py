"""The authorities' checkpoints as stored, and where each stands on chain."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, Select, and_, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database import log
from tulen.database.errors import LogRewriteError
from tulen.database.tables import CHAIN_BLOCK, CHAIN_EVENT, CHECKPOINT, LOG_STATE
from tulen.values import Digest, PartyCode
from tulen.values.codes import PARTY_CONTEXT

ANCHORED_EVENT = "CheckpointAnchored"
"""`ICertificateLedger`'s event; its row's subject is the root hash."""

_ON_CHAIN = func.sha256(
    literal(PARTY_CONTEXT, LargeBinary).op("||")(func.convert_to(CHECKPOINT.c.authority, "UTF8"))
)
STANDS_ON_CHAIN = and_(
    CHAIN_EVENT.c.name == ANCHORED_EVENT,
    CHAIN_EVENT.c.subject == CHECKPOINT.c.root_hash,
    CHAIN_EVENT.c.arguments["authority"].astext
    == func.encode(func.substring(_ON_CHAIN, 1, 16), "hex"),
)
"""Joins a checkpoint to its anchor: the same tree head under its own authority's name. Another
authority may anchor that tree head too, which says nothing of this log."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed tree head.

    Attributes:
        authority: Whose log it is of.
        size: Number of entries under it.
        root_hash: The tree head.
        note: The signed note.
        sealed_at: When it was made.
    """

    authority: PartyCode
    size: int
    root_hash: Digest
    note: str
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a checkpoint stands on chain, as last seen.

    Attributes:
        chain_id: The chain.
        ledger: Address of the CertificateLedger, 20 bytes.
        tx_hash: The transaction.
        block_number: Its block.
        block_hash: Its block.
        anchored_at: Time of its block.
        final: Whether the block is final.
    """

    chain_id: int
    ledger: bytes
    tx_hash: Digest
    block_number: int
    block_hash: Digest
    anchored_at: datetime
    final: bool


_ANCHORED = select(
    CHECKPOINT,
    CHAIN_EVENT.c.chain_id,
    CHAIN_EVENT.c.address,
    CHAIN_EVENT.c.tx_hash,
    CHAIN_EVENT.c.block_number,
    CHAIN_EVENT.c.block_hash,
    CHAIN_BLOCK.c.block_time,
    CHAIN_BLOCK.c.final,
).select_from(
    CHECKPOINT.outerjoin(
        CHAIN_EVENT,
        STANDS_ON_CHAIN,
    ).outerjoin(
        CHAIN_BLOCK,
        (CHAIN_BLOCK.c.chain_id == CHAIN_EVENT.c.chain_id)
        & (CHAIN_BLOCK.c.hash == CHAIN_EVENT.c.block_hash),
    )
)
"""Checkpoints with their anchors. An orphaned block takes its events, so no anchor is stale."""


async def record_checkpoint(connection: AsyncConnection, checkpoint: Checkpoint) -> None:
    """Record a checkpoint over more entries than the last one covers, and no more than exist.

    Raises:
        LogRewriteError: the log's size or its latest checkpoint says otherwise.
    """
    known = await log.lock(connection, checkpoint.authority)
    if not known.sealed_size < checkpoint.size <= known.size:
        raise LogRewriteError(
            f"a checkpoint of {checkpoint.authority}'s log at {checkpoint.size} entries does not "
            f"fit: {known.sealed_size} are sealed, {known.size} exist"
        )
    await connection.execute(
        insert(CHECKPOINT).values(
            authority=checkpoint.authority,
            size=checkpoint.size,
            root_hash=checkpoint.root_hash,
            note=checkpoint.note,
            sealed_at=checkpoint.sealed_at,
        )
    )
    await connection.execute(
        update(LOG_STATE)
        .where(LOG_STATE.c.authority == checkpoint.authority)
        .values(sealed_size=checkpoint.size)
    )


async def latest_checkpoint(connection: AsyncConnection, authority: PartyCode) -> Checkpoint | None:
    """Return the checkpoint over the most entries, or None before the first."""
    query = (
        select(CHECKPOINT)
        .where(CHECKPOINT.c.authority == authority)
        .order_by(CHECKPOINT.c.size.desc())
        .limit(1)
    )
    row = (await connection.execute(query)).first()
    return None if row is None else Checkpoint(*row)


async def checkpoint_at(
    connection: AsyncConnection, authority: PartyCode, size: int
) -> Checkpoint | None:
    """Return the checkpoint over exactly ``size`` entries, or None."""
    query = select(CHECKPOINT).where(CHECKPOINT.c.authority == authority, CHECKPOINT.c.size == size)
    row = (await connection.execute(query)).first()
    return None if row is None else Checkpoint(*row)


async def checkpoint_covering(
    connection: AsyncConnection, authority: PartyCode, index: int
) -> tuple[Checkpoint, Anchor | None] | None:
    """Return the best checkpoint over the entry ``index``, and where it stands on chain.

    The first final one is preferred, then the first anchored one, then the first. None while no
    checkpoint covers the entry.
    """
    covering = _ANCHORED.where(CHECKPOINT.c.authority == authority, CHECKPOINT.c.size > index)
    # In the log's order, so that an old entry's answer does not look at all that came after it.
    final = await _first(
        connection, covering.where(CHAIN_BLOCK.c.final).order_by(CHECKPOINT.c.size).limit(1)
    )
    if final is not None:
        return final
    rest = covering.order_by(CHAIN_BLOCK.c.final.nulls_last(), CHECKPOINT.c.size).limit(1)
    return await _first(connection, rest)


async def latest_anchored(
    connection: AsyncConnection, authority: PartyCode
) -> tuple[Checkpoint, Anchor | None] | None:
    """Return the anchored checkpoint over the most entries, or None before the first."""
    query = (
        _ANCHORED.where(CHECKPOINT.c.authority == authority, CHAIN_EVENT.c.block_hash.is_not(None))
        .order_by(CHECKPOINT.c.size.desc())
        .limit(1)
    )
    return await _first(connection, query)


async def _first(
    connection: AsyncConnection, query: Select[Any]
) -> tuple[Checkpoint, Anchor | None] | None:
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    width = len(CHECKPOINT.c)
    anchor = None if row[width] is None else Anchor(*row[width:])
    return Checkpoint(*row[:width]), anchor
