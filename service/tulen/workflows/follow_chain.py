"""Follow the chain: settle what was sent, and keep every event under the hash of its block."""

import logging
from collections.abc import Mapping
from typing import Any

from tulen.chain import follower
from tulen.chain.events import ChainEvent
from tulen.database import declarations, events, transactions
from tulen.database.states import DrawdownState, TransactionState
from tulen.database.transactions import ChainTransaction
from tulen.values import Digest
from tulen.workflows.office import Office
from tulen.workflows.send import settle

BLOCKS_AT_ONCE = 200

_SUBJECTS = ("root", "digest", "party", "country")
"""Which argument of an event says what it is about: the first that it has."""
_DRAWN = {
    TransactionState.READY: DrawdownState.REQUESTED,
    TransactionState.SENT: DrawdownState.REQUESTED,
    TransactionState.MINED: DrawdownState.MINED,
    TransactionState.FINAL: DrawdownState.FINAL,
    TransactionState.FAILED: DrawdownState.REFUSED,
}

_log = logging.getLogger("tulen.chain")


async def follow_chain(office: Office) -> bool:
    """Take one look at the chain; return whether anything is still on its way.

    Raises:
        FinalityViolationError: a final block was orphaned; somebody must look.
        UnavailableError: node or database does not answer; nothing is half-done.
    """
    finalized = await follower.finalized(office.chain)
    await _read_blocks(office, finalized.number)
    waiting = False
    async with office.database.transaction() as connection:
        senders = await transactions.senders_unsettled(connection, office.chain.chain_id)
    for address in senders:
        async with office.database.transaction() as connection:
            unsettled = await transactions.unsettled(connection, office.chain.chain_id, address)
        for transaction in unsettled:
            state = await settle(office, transaction, finalized.number)
            await _settle_drawdown(office, transaction, state)
            waiting |= state not in (TransactionState.FINAL, TransactionState.FAILED)
    return waiting


async def _read_blocks(office: Office, finalized: int) -> None:
    """Record new blocks with their events, after taking back those that the chain has dropped."""
    chain, deployment = office.chain, office.deployment
    head = await follower.head(chain)
    first = await _resume_at(office)
    while first <= head.number:
        last = min(first + BLOCKS_AT_ONCE - 1, head.number)
        span = await follower.span(chain, first, last, deployment.addresses)
        by_block: dict[int, list[events.Event]] = {}
        for event in span.events:
            by_block.setdefault(event.block_number, []).append(_row(chain.chain_id, event))
        async with office.database.transaction() as connection:
            for block in span.blocks:
                await events.record_block(
                    connection,
                    events.Block(
                        chain.chain_id, block.hash, block.number, block.parent_hash, block.time
                    ),
                    by_block.get(block.number, ()),
                )
            await events.move_cursor(connection, chain.chain_id, last, span.blocks[-1].hash)
        first = last + 1
    async with office.database.transaction() as connection:
        await events.mark_final(connection, chain.chain_id, finalized)


async def _resume_at(office: Office) -> int:
    """Return the first block to read, having rolled back to what the chain still has."""
    chain, chain_id = office.chain, office.chain.chain_id
    async with office.database.transaction() as connection:
        cursor = await events.cursor(connection, chain_id)
        pending = await events.pending_blocks(connection, chain_id)
    if cursor is None:
        return office.deployment.block
    now = await follower.block(chain, cursor.block_number)
    if now is not None and now.hash == cursor.block_hash:
        return cursor.block_number + 1
    stored = [(block.number, block.hash) for block in reversed(pending)]
    ancestor = await follower.common_ancestor(stored, lambda n: follower.block(chain, n))
    # With none of the pending blocks left, the chain must go on from the last final one.
    number = ancestor[0] if ancestor else min((n for n, _ in stored), default=1) - 1
    async with office.database.transaction() as connection:
        dropped = await events.roll_back(connection, chain_id, number)
        block = await events.find_block(connection, chain_id, number)
        if block is not None:
            await events.move_cursor(connection, chain_id, number, block.hash)
    _log.warning("chain:reorganised blocks=%d ancestor=%d", dropped, number)
    return number + 1


async def _settle_drawdown(
    office: Office, transaction: ChainTransaction, state: TransactionState
) -> None:
    if transaction.purpose != "draw":
        return
    settled = _DRAWN[state]
    refusal = "the contract refused it when it was mined" if state == "failed" else None
    async with office.database.transaction() as connection:
        await declarations.settle_drawdown(
            connection, Digest(bytes.fromhex(transaction.ref)), settled, refusal=refusal
        )


def _row(chain_id: int, event: ChainEvent) -> events.Event:
    subject = next(event.arguments[name] for name in _SUBJECTS if name in event.arguments)
    return events.Event(
        chain_id,
        event.tx_hash,
        event.block_hash,
        event.log_index,
        event.block_number,
        bytes.fromhex(event.address.removeprefix("0x")),
        event.name,
        subject,
        _as_json(event.arguments),
    )


def _as_json(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in arguments.items()
    }
