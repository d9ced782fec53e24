"""Transactions that we send: the nonce is the key of the row that holds the signed bytes.

There is no counter that could drift. A row comes to be in the database transaction that also holds
its signed bytes, and only then are they sent; a crash leaves no row, or bytes that can be sent
again. No row is ever deleted.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Exists, exists, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database import locks
from tulen.database.errors import (
    ForeignNonceError,
    PurposeTakenError,
    StaleFenceError,
    StateChangedError,
)
from tulen.database.states import TransactionState
from tulen.database.tables import CHAIN_ATTEMPT, CHAIN_TRANSACTION
from tulen.values import Digest

_TX = CHAIN_TRANSACTION.c
_ATTEMPT = CHAIN_ATTEMPT.c
_LIVE = text("state <> 'failed'")
"""The partial index's condition, to the letter: a prepared plan does not match a parameter."""


@dataclass(frozen=True, slots=True)
class ChainTransaction:
    """A nonce of an account, and what it is for.

    Attributes:
        chain_id: The chain.
        sender: The account, 20 bytes.
        nonce: The nonce.
        purpose: What it does, such as ``anchor`` or ``draw``.
        ref: What it does that to; one live transaction per chain, purpose and reference.
        fence: Fencing token of the writer that made the row.
        state: How far it has come.
        created_at: When the row was made.
    """

    chain_id: int
    sender: bytes
    nonce: int
    purpose: str
    ref: str
    fence: int
    state: TransactionState
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """A signed transaction. A nonce may have several, at rising fees; any of them may win.

    Attributes:
        tx_hash: Its hash.
        chain_id: Key of its `ChainTransaction`.
        sender: Key of its `ChainTransaction`.
        nonce: Key of its `ChainTransaction`.
        raw: The signed bytes.
        max_fee: Highest fee per gas, in wei.
        tip: Priority fee per gas, in wei.
        cancels: Whether it does nothing but use up the nonce.
        sent_at: When it was last sent; None before.
        block_number: Block that holds it; None while none does.
        block_hash: Block that holds it.
        gas_used: What it cost there.
        succeeded: Whether it did there what it was for.
        signed_at: When it was kept; None before.
    """

    tx_hash: Digest
    chain_id: int
    sender: bytes
    nonce: int
    raw: bytes
    max_fee: int
    tip: int
    cancels: bool = False
    sent_at: datetime | None = None
    block_number: int | None = None
    block_hash: Digest | None = None
    gas_used: int | None = None
    succeeded: bool | None = None
    signed_at: datetime | None = None


async def reserve(
    connection: AsyncConnection,
    *,
    chain_id: int,
    sender: bytes,
    purpose: str,
    ref: str,
    fence: int,
    chain_count: int,
) -> int:
    """Take the account's next nonce; `record_attempt` must follow in the same transaction.

    Others wait until this transaction ends; rolled back, the nonce is free again, so there are no
    gaps.

    Args:
        connection: Within a transaction.
        chain_id: The chain.
        sender: The account, 20 bytes.
        purpose: What the transaction does.
        ref: What it does that to.
        fence: The writer's fencing token; 0 of those that need none.
        chain_count: How many transactions of the account the chain has seen, pending ones
            included; the first nonce where the account is new to us.

    Raises:
        StaleFenceError: a later writer has been here.
        ForeignNonceError: the chain has seen more than we made: somebody else has our key.
        PurposeTakenError: a live transaction serves this purpose.
    """
    await locks.in_order(connection, f"nonce/{chain_id}/{sender.hex()}")
    query = select(func.max(_TX.nonce), func.max(_TX.fence)).where(
        _TX.chain_id == chain_id, _TX.sender == sender
    )
    last, last_fence = (await connection.execute(query)).one()
    if fence and last_fence is not None and fence < last_fence:
        raise StaleFenceError(
            f"writer {fence} has been followed by writer {last_fence}; it may not send any more"
        )
    nonce = chain_count if last is None else int(last) + 1
    if chain_count > nonce:
        raise ForeignNonceError(
            f"the chain has seen {chain_count} transactions of account 0x{sender.hex()}, but "
            f"{nonce} were made here: stop, and find out who else has its key"
        )
    statement = (
        insert(CHAIN_TRANSACTION)
        .values(
            chain_id=chain_id,
            sender=sender,
            nonce=nonce,
            purpose=purpose,
            ref=ref,
            fence=fence,
            state=TransactionState.READY,
        )
        .on_conflict_do_nothing(index_elements=["chain_id", "purpose", "ref"], index_where=_LIVE)
        .returning(_TX.nonce)
    )
    if (await connection.execute(statement)).first() is None:
        raise PurposeTakenError(f"a live transaction to {purpose} {ref} exists; follow that one")
    return nonce


async def record_attempt(connection: AsyncConnection, attempt: Attempt) -> None:
    """Keep signed bytes before they are sent; the same once more changes nothing."""
    await connection.execute(
        insert(CHAIN_ATTEMPT)
        .values(
            tx_hash=attempt.tx_hash,
            chain_id=attempt.chain_id,
            sender=attempt.sender,
            nonce=attempt.nonce,
            raw=attempt.raw,
            max_fee=attempt.max_fee,
            tip=attempt.tip,
            cancels=attempt.cancels,
        )
        .on_conflict_do_nothing(index_elements=["tx_hash"])
    )


async def find(
    connection: AsyncConnection, chain_id: int, sender: bytes, nonce: int
) -> ChainTransaction | None:
    """Return the transaction at a nonce, or None."""
    query = select(CHAIN_TRANSACTION).where(
        _TX.chain_id == chain_id, _TX.sender == sender, _TX.nonce == nonce
    )
    row = (await connection.execute(query)).first()
    return None if row is None else ChainTransaction(*row)


async def count(connection: AsyncConnection, chain_id: int, sender: bytes) -> int | None:
    """Return how many nonces of the account have been given; None where it is new to us."""
    last = await connection.scalar(
        select(func.max(_TX.nonce)).where(_TX.chain_id == chain_id, _TX.sender == sender)
    )
    return None if last is None else int(last) + 1


async def live(
    connection: AsyncConnection, chain_id: int, purpose: str, ref: str
) -> ChainTransaction | None:
    """Return the transaction that serves a purpose and has not failed, or None."""
    query = select(CHAIN_TRANSACTION).where(
        _TX.chain_id == chain_id,
        _TX.purpose == purpose,
        _TX.ref == ref,
        _TX.state != TransactionState.FAILED,
    )
    row = (await connection.execute(query)).first()
    return None if row is None else ChainTransaction(*row)


async def history(
    connection: AsyncConnection, chain_id: int, purpose: str, ref: str
) -> tuple[ChainTransaction, ...]:
    """Return every transaction that ever served a purpose, failed ones included, oldest first."""
    query = (
        select(CHAIN_TRANSACTION)
        .where(_TX.chain_id == chain_id, _TX.purpose == purpose, _TX.ref == ref)
        .order_by(_TX.created_at, _TX.nonce)
    )
    return tuple(ChainTransaction(*row) for row in await connection.execute(query))


async def unsettled(
    connection: AsyncConnection, chain_id: int, sender: bytes
) -> tuple[ChainTransaction, ...]:
    """Return the account's transactions that are neither final nor failed, by nonce."""
    query = (
        select(CHAIN_TRANSACTION)
        .where(
            _TX.chain_id == chain_id,
            _TX.sender == sender,
            _TX.state.in_((TransactionState.READY, TransactionState.SENT, TransactionState.MINED)),
        )
        .order_by(_TX.nonce)
    )
    return tuple(ChainTransaction(*row) for row in await connection.execute(query))


async def senders_unsettled(connection: AsyncConnection, chain_id: int) -> list[bytes]:
    """Return the accounts that have transactions which are neither final nor failed."""
    query = (
        select(_TX.sender)
        .distinct()
        .where(
            _TX.chain_id == chain_id,
            _TX.state.in_((TransactionState.READY, TransactionState.SENT, TransactionState.MINED)),
        )
        .order_by(_TX.sender)
    )
    return list(await connection.scalars(query))


async def find_attempt(connection: AsyncConnection, tx_hash: Digest) -> Attempt | None:
    """Return the attempt with ``tx_hash``, or None."""
    query = select(CHAIN_ATTEMPT).where(_ATTEMPT.tx_hash == tx_hash)
    row = (await connection.execute(query)).first()
    return None if row is None else Attempt(*row)


async def attempts(
    connection: AsyncConnection, chain_id: int, sender: bytes, nonce: int
) -> tuple[Attempt, ...]:
    """Return what was signed for a nonce, the lowest fee first; of equal ones, the earliest."""
    query = (
        select(CHAIN_ATTEMPT)
        .where(_ATTEMPT.chain_id == chain_id, _ATTEMPT.sender == sender, _ATTEMPT.nonce == nonce)
        .order_by(_ATTEMPT.max_fee, _ATTEMPT.signed_at, _ATTEMPT.tx_hash)
    )
    return tuple(Attempt(*row) for row in await connection.execute(query))


async def mark_sent(connection: AsyncConnection, tx_hash: Digest) -> None:
    """Record that an attempt went out; sending again is harmless and updates the time."""
    await connection.execute(
        update(CHAIN_ATTEMPT).where(_ATTEMPT.tx_hash == tx_hash).values(sent_at=func.now())
    )
    await connection.execute(
        update(CHAIN_TRANSACTION)
        .where(_belongs(tx_hash), _TX.state == TransactionState.READY)
        .values(state=TransactionState.SENT)
    )


async def mark_mined(
    connection: AsyncConnection,
    tx_hash: Digest,
    *,
    block_number: int,
    block_hash: Digest,
    gas_used: int,
    succeeded: bool,
) -> None:
    """Record the block that holds an attempt, in place of any block seen before.

    Raises:
        StateChangedError: the transaction is final or failed, or the attempt is unknown.
    """
    await mark_unmined(connection, tx_hash)
    await connection.execute(
        update(CHAIN_ATTEMPT)
        .where(_ATTEMPT.tx_hash == tx_hash)
        .values(
            block_number=block_number,
            block_hash=block_hash,
            gas_used=gas_used,
            succeeded=succeeded,
        )
    )
    await connection.execute(
        update(CHAIN_TRANSACTION).where(_belongs(tx_hash)).values(state=TransactionState.MINED)
    )


async def mark_unmined(connection: AsyncConnection, tx_hash: Digest) -> None:
    """Record that no block holds the attempt or another of its nonce: it must be sent again.

    Raises:
        StateChangedError: the transaction is final or failed, or the attempt is unknown.
    """
    statement = (
        update(CHAIN_TRANSACTION)
        .where(
            _belongs(tx_hash),
            _TX.state.not_in((TransactionState.FINAL, TransactionState.FAILED)),
        )
        .values(state=TransactionState.SENT)
        .returning(_TX.chain_id, _TX.sender, _TX.nonce)
    )
    row = (await connection.execute(statement)).first()
    if row is None:
        raise await _state_changed(connection, tx_hash, "ready, sent or mined")
    await connection.execute(
        update(CHAIN_ATTEMPT)
        .where(
            _ATTEMPT.chain_id == row.chain_id,
            _ATTEMPT.sender == row.sender,
            _ATTEMPT.nonce == row.nonce,
        )
        .values(block_number=None, block_hash=None, gas_used=None, succeeded=None)
    )


async def mark_final(
    connection: AsyncConnection, tx_hash: Digest, block_hash: Digest
) -> TransactionState:
    """Settle a transaction whose block is final, and return how.

    It is ``final`` where the attempt did what it was for, and ``failed`` where it reverted or only
    cancelled; its purpose may then be served anew.

    Raises:
        StateChangedError: that block is not the one recorded, or it is settled already.
    """
    query = select(_ATTEMPT.succeeded, _ATTEMPT.cancels).where(
        _ATTEMPT.tx_hash == tx_hash, _ATTEMPT.block_hash == block_hash
    )
    row = (await connection.execute(query)).first()
    if row is None:
        raise await _state_changed(connection, tx_hash, f"mined in block {block_hash}")
    good = row.succeeded and not row.cancels
    settled = TransactionState.FINAL if good else TransactionState.FAILED
    result = await connection.execute(
        update(CHAIN_TRANSACTION)
        .where(_belongs(tx_hash), _TX.state == TransactionState.MINED)
        .values(state=settled)
    )
    if result.rowcount != 1:
        raise await _state_changed(connection, tx_hash, "mined")
    return settled


def _belongs(tx_hash: Digest) -> Exists:
    return exists().where(
        _ATTEMPT.tx_hash == tx_hash,
        _ATTEMPT.chain_id == _TX.chain_id,
        _ATTEMPT.sender == _TX.sender,
        _ATTEMPT.nonce == _TX.nonce,
    )


async def _state_changed(
    connection: AsyncConnection, tx_hash: Digest, expected: str
) -> StateChangedError:
    actual = await connection.scalar(select(_TX.state).where(_belongs(tx_hash)))
    return StateChangedError(f"transaction 0x{tx_hash}", expected=expected, actual=actual)
