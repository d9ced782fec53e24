"""Transactions that wait, and the further signatures that are to bring them into a block."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import exists, func, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database import transactions
from tulen.database.errors import StateChangedError
from tulen.database.states import TransactionState
from tulen.database.tables import CHAIN_ATTEMPT, CHAIN_TRANSACTION
from tulen.database.transactions import Attempt, ChainTransaction

UNMINED = (TransactionState.READY, TransactionState.SENT)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A transaction that no block holds, and the last that was signed for it.

    Attributes:
        transaction: The transaction.
        attempt: The attempt with the highest fee.
        since: How long the transaction has waited.
        attempt_since: How long that attempt has waited.
    """

    transaction: ChainTransaction
    attempt: Attempt
    since: timedelta
    attempt_since: timedelta


async def is_overdue(connection: AsyncConnection, attempt: Attempt, seconds: int) -> bool:
    """Return whether ``attempt`` has waited so long, and for nothing but its own fee.

    A transaction behind another one of its account waits for that one. The server's clock counts.
    """
    earlier = exists().where(
        CHAIN_TRANSACTION.c.chain_id == attempt.chain_id,
        CHAIN_TRANSACTION.c.sender == attempt.sender,
        CHAIN_TRANSACTION.c.nonce < attempt.nonce,
        CHAIN_TRANSACTION.c.state.in_(UNMINED),
    )
    waited = func.clock_timestamp() - CHAIN_ATTEMPT.c.signed_at
    query = select((waited >= timedelta(seconds=seconds)) & ~earlier)
    return bool(await connection.scalar(query.where(CHAIN_ATTEMPT.c.tx_hash == attempt.tx_hash)))


async def record_replacement(connection: AsyncConnection, attempt: Attempt, last: Attempt) -> None:
    """Keep another signature for a nonce, in place of ``last``, before it is sent.

    Raises:
        StateChangedError: a block holds the nonce, or somebody else has replaced ``last``.
    """
    query = (
        select(CHAIN_TRANSACTION.c.state)
        .where(
            CHAIN_TRANSACTION.c.chain_id == last.chain_id,
            CHAIN_TRANSACTION.c.sender == last.sender,
            CHAIN_TRANSACTION.c.nonce == last.nonce,
        )
        .with_for_update()
    )
    state = await connection.scalar(query)
    if state not in UNMINED:
        raise StateChangedError(
            f"transaction 0x{last.tx_hash}", expected="ready or sent", actual=state
        )
    known = await transactions.attempts(connection, last.chain_id, last.sender, last.nonce)
    if known[-1].tx_hash != last.tx_hash:
        raise StateChangedError(
            f"transaction 0x{last.tx_hash}",
            expected="the last for its nonce",
            actual=f"replaced by 0x{known[-1].tx_hash}",
        )
    await transactions.record_attempt(connection, attempt)


async def waiting(connection: AsyncConnection, chain_id: int) -> tuple[Waiting, ...]:
    """Return the first transaction of each account that no block holds, the oldest first."""
    first = (
        select(CHAIN_TRANSACTION)
        .where(CHAIN_TRANSACTION.c.chain_id == chain_id, CHAIN_TRANSACTION.c.state.in_(UNMINED))
        .ext(distinct_on(CHAIN_TRANSACTION.c.sender))
        .order_by(CHAIN_TRANSACTION.c.sender, CHAIN_TRANSACTION.c.nonce)
        .subquery()
    )
    last = (
        select(CHAIN_ATTEMPT)
        .where(
            CHAIN_ATTEMPT.c.chain_id == first.c.chain_id,
            CHAIN_ATTEMPT.c.sender == first.c.sender,
            CHAIN_ATTEMPT.c.nonce == first.c.nonce,
        )
        .order_by(CHAIN_ATTEMPT.c.max_fee.desc(), CHAIN_ATTEMPT.c.signed_at.desc())
        .limit(1)
        .lateral()
    )
    now = func.clock_timestamp()
    query = (
        select(first, last, now - first.c.created_at, now - last.c.signed_at)
        .select_from(first)
        .join(last, true())
        .order_by(first.c.created_at)
    )
    own, theirs = len(CHAIN_TRANSACTION.c), len(CHAIN_ATTEMPT.c)
    return tuple(
        Waiting(ChainTransaction(*row[:own]), Attempt(*row[own : own + theirs]), row[-2], row[-1])
        for row in await connection.execute(query)
    )
