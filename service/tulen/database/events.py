"""The chain as followed: blocks, the events in them, and how far we have read.

Every fact stands under the hash of its block; when the chain drops a block, the facts go with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database.errors import FinalityViolationError
from tulen.database.tables import CHAIN_BLOCK, CHAIN_CURSOR, CHAIN_EVENT
from tulen.values import Digest


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the canonical chain.

    Attributes:
        chain_id: The chain.
        hash: Its hash.
        number: Its height.
        parent_hash: Hash of the block below.
        block_time: Its time.
        final: Whether it is final.
    """

    chain_id: int
    hash: Digest
    number: int
    parent_hash: Digest
    block_time: datetime
    final: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """An event of one of our contracts.

    Attributes:
        chain_id: The chain.
        tx_hash: Its transaction.
        block_hash: Its block.
        log_index: Its place in the block.
        block_number: Height of its block.
        address: The contract, 20 bytes.
        name: Its name.
        subject: What it is about: a root hash, certificate digest or declaration reference.
        arguments: All its arguments, as JSON; what is bytes is written in hexadecimal.
    """

    chain_id: int
    tx_hash: Digest
    block_hash: Digest
    log_index: int
    block_number: int
    address: bytes
    name: str
    subject: bytes
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """An event, when it happened, and whether it can still be undone.

    Attributes:
        event: The event.
        block_time: Time of its block.
        final: Whether its block is final.
    """

    event: Event
    block_time: datetime
    final: bool


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a chain has been read.

    Attributes:
        block_number: Height of the last block read.
        block_hash: Its hash.
    """

    block_number: int
    block_hash: Digest


async def record_block(
    connection: AsyncConnection, block: Block, events: Sequence[Event] = ()
) -> None:
    """Record a block and its events; the same once more changes nothing.

    Raises:
        ConstraintError: another block of that height is recorded; roll back first.
    """
    await connection.execute(
        insert(CHAIN_BLOCK)
        .values(_values(block))
        .on_conflict_do_nothing(index_elements=["chain_id", "hash"])
    )
    if events:
        await connection.execute(
            insert(CHAIN_EVENT).on_conflict_do_nothing(), [_values(event) for event in events]
        )


async def find_block(connection: AsyncConnection, chain_id: int, number: int) -> Block | None:
    """Return the block recorded at a height, or None."""
    query = select(CHAIN_BLOCK).where(
        CHAIN_BLOCK.c.chain_id == chain_id, CHAIN_BLOCK.c.number == number
    )
    row = (await connection.execute(query)).first()
    return None if row is None else Block(*row)


async def pending_blocks(connection: AsyncConnection, chain_id: int) -> tuple[Block, ...]:
    """Return the recorded blocks that are not final, the highest first."""
    query = (
        select(CHAIN_BLOCK)
        .where(CHAIN_BLOCK.c.chain_id == chain_id, ~CHAIN_BLOCK.c.final)
        .order_by(CHAIN_BLOCK.c.number.desc())
    )
    return tuple(Block(*row) for row in await connection.execute(query))


async def roll_back(connection: AsyncConnection, chain_id: int, ancestor: int) -> int:
    """Drop every block above the height ``ancestor`` with its events; return how many blocks.

    Raises:
        FinalityViolationError: one of them was final.
    """
    above = (CHAIN_BLOCK.c.chain_id == chain_id) & (CHAIN_BLOCK.c.number > ancestor)
    final = await connection.scalar(
        select(func.max(CHAIN_BLOCK.c.number)).where(above, CHAIN_BLOCK.c.final)
    )
    if final is not None:
        raise FinalityViolationError(
            f"chain {chain_id} drops block {final}, which was final: stop, and look at the chain"
        )
    return (await connection.execute(delete(CHAIN_BLOCK).where(above))).rowcount


async def mark_final(connection: AsyncConnection, chain_id: int, up_to: int) -> int:
    """Record that blocks up to a height are final; return how many became so."""
    result = await connection.execute(
        update(CHAIN_BLOCK)
        .where(
            CHAIN_BLOCK.c.chain_id == chain_id, CHAIN_BLOCK.c.number <= up_to, ~CHAIN_BLOCK.c.final
        )
        .values(final=True)
    )
    return result.rowcount


async def about(connection: AsyncConnection, subject: bytes, *names: str) -> tuple[SeenEvent, ...]:
    """Return the events about ``subject``, of the given names or of any, in chain order."""
    query = (
        select(CHAIN_EVENT, CHAIN_BLOCK.c.block_time, CHAIN_BLOCK.c.final)
        .join(
            CHAIN_BLOCK,
            (CHAIN_BLOCK.c.chain_id == CHAIN_EVENT.c.chain_id)
            & (CHAIN_BLOCK.c.hash == CHAIN_EVENT.c.block_hash),
        )
        .where(CHAIN_EVENT.c.subject == subject)
        .order_by(CHAIN_EVENT.c.chain_id, CHAIN_EVENT.c.block_number, CHAIN_EVENT.c.log_index)
    )
    if names:
        query = query.where(CHAIN_EVENT.c.name.in_(names))
    return tuple(
        SeenEvent(Event(*row[:-2]), row[-2], row[-1]) for row in await connection.execute(query)
    )


async def cursor(connection: AsyncConnection, chain_id: int) -> Cursor | None:
    """Return how far the chain has been read, or None before the first block."""
    query = select(CHAIN_CURSOR.c.block_number, CHAIN_CURSOR.c.block_hash)
    row = (await connection.execute(query.where(CHAIN_CURSOR.c.chain_id == chain_id))).first()
    return None if row is None else Cursor(*row)


async def move_cursor(
    connection: AsyncConnection, chain_id: int, block_number: int, block_hash: Digest
) -> None:
    """Record how far the chain has been read, forwards or back."""
    place = {"block_number": block_number, "block_hash": block_hash}
    await connection.execute(
        insert(CHAIN_CURSOR)
        .values(chain_id=chain_id, **place)
        .on_conflict_do_update(index_elements=["chain_id"], set_={**place, "moved_at": func.now()})
    )


def _values(record: Block | Event) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}
