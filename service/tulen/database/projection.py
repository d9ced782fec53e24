"""What was kept of the chain, page by page, for whoever reads the chain again and compares."""

from sqlalchemy import and_, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database.declarations import Drawdown
from tulen.database.events import Block, Event
from tulen.database.states import DrawdownState, TransactionState
from tulen.database.tables import (
    CHAIN_ATTEMPT,
    CHAIN_BLOCK,
    CHAIN_EVENT,
    CHAIN_TRANSACTION,
    DRAWDOWN,
)
from tulen.database.transactions import Attempt, ChainTransaction
from tulen.values import Digest

_TX = CHAIN_TRANSACTION.c
_ATTEMPT = CHAIN_ATTEMPT.c


async def blocks_between(
    connection: AsyncConnection, chain_id: int, first: int, last: int
) -> list[Block]:
    """Return the recorded blocks from ``first`` to ``last``, in order."""
    query = (
        select(CHAIN_BLOCK)
        .where(CHAIN_BLOCK.c.chain_id == chain_id, CHAIN_BLOCK.c.number.between(first, last))
        .order_by(CHAIN_BLOCK.c.number)
    )
    return [Block(*row) for row in await connection.execute(query)]


async def blocks_outside(
    connection: AsyncConnection, chain_id: int, first: int, last: int, limit: int
) -> list[Block]:
    """Return up to ``limit`` recorded blocks below ``first`` or above ``last``."""
    query = (
        select(CHAIN_BLOCK)
        .where(
            CHAIN_BLOCK.c.chain_id == chain_id,
            or_(CHAIN_BLOCK.c.number < first, CHAIN_BLOCK.c.number > last),
        )
        .order_by(CHAIN_BLOCK.c.number)
        .limit(limit)
    )
    return [Block(*row) for row in await connection.execute(query)]


async def events_in(
    connection: AsyncConnection, chain_id: int, blocks: list[Digest]
) -> list[Event]:
    """Return the events recorded in ``blocks``, by block and place."""
    query = (
        select(CHAIN_EVENT)
        .where(CHAIN_EVENT.c.chain_id == chain_id, CHAIN_EVENT.c.block_hash.in_(blocks))
        .order_by(CHAIN_EVENT.c.block_number, CHAIN_EVENT.c.log_index)
    )
    return [Event(*row) for row in await connection.execute(query)]


async def mined_after(
    connection: AsyncConnection, chain_id: int, tx_hash: Digest, limit: int
) -> list[Attempt]:
    """Return up to ``limit`` attempts that a recorded block holds, after that one.

    A block that was dropped is none; what it held is looked at again in the same round.
    """
    query = (
        select(CHAIN_ATTEMPT)
        .join(
            CHAIN_BLOCK,
            and_(
                CHAIN_BLOCK.c.chain_id == _ATTEMPT.chain_id,
                CHAIN_BLOCK.c.number == _ATTEMPT.block_number,
            ),
        )
        .where(
            _ATTEMPT.chain_id == chain_id,
            or_(CHAIN_BLOCK.c.final, CHAIN_BLOCK.c.hash == _ATTEMPT.block_hash),
            _ATTEMPT.tx_hash > tx_hash,
        )
        .order_by(_ATTEMPT.tx_hash)
        .limit(limit)
    )
    return [Attempt(*row) for row in await connection.execute(query)]


async def settled_without_block(
    connection: AsyncConnection, chain_id: int, limit: int
) -> list[ChainTransaction]:
    """Return up to ``limit`` transactions said to be settled of which no block holds an attempt."""
    held = exists().where(
        _ATTEMPT.chain_id == _TX.chain_id,
        _ATTEMPT.sender == _TX.sender,
        _ATTEMPT.nonce == _TX.nonce,
        _ATTEMPT.block_hash.is_not(None),
    )
    query = (
        select(CHAIN_TRANSACTION)
        .where(
            _TX.chain_id == chain_id,
            _TX.state.in_((TransactionState.FINAL, TransactionState.FAILED)),
            ~held,
        )
        .order_by(_TX.sender, _TX.nonce)
        .limit(limit)
    )
    return [ChainTransaction(*row) for row in await connection.execute(query)]


async def drawn_after(
    connection: AsyncConnection, chain_id: int, declaration: str, line: int, limit: int
) -> list[tuple[Drawdown, int | None]]:
    """Return up to ``limit`` final drawdowns after that one, with what their event says."""
    arguments = CHAIN_EVENT.c.arguments
    said = (
        select(func.sum(arguments["quantity"].as_numeric(39, 0)))
        .where(
            CHAIN_EVENT.c.chain_id == chain_id,
            CHAIN_EVENT.c.name == "Drawn",
            CHAIN_EVENT.c.subject == DRAWDOWN.c.digest,
            and_(
                arguments["declaration"].astext == func.encode(DRAWDOWN.c.reference, "hex"),
                arguments["line"].as_integer() == DRAWDOWN.c.certificate_line,
            ),
        )
        .correlate(DRAWDOWN)
        .scalar_subquery()
    )
    query = (
        select(DRAWDOWN, said)
        .where(
            DRAWDOWN.c.state == DrawdownState.FINAL,
            tuple_(DRAWDOWN.c.declaration, DRAWDOWN.c.line) > (declaration, line),
        )
        .order_by(DRAWDOWN.c.declaration, DRAWDOWN.c.line)
        .limit(limit)
    )
    return [
        (Drawdown(*row[:-1]), None if row[-1] is None else int(row[-1]))
        for row in await connection.execute(query)
    ]
