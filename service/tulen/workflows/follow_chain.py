"""Follow the chain: settle what was sent, and keep every event under the hash of its block."""

import logging
from collections.abc import Mapping
from typing import Any

from tulen.chain import follower
from tulen.chain.events import ChainEvent
from tulen.chain.rpc import RpcError
from tulen.database import audit, events, transactions
from tulen.database.errors import FinalityViolationError
from tulen.database.transactions import ChainTransaction
from tulen.errors import UnavailableError
from tulen.values import Digest
from tulen.workflows import tell
from tulen.workflows.office import Office
from tulen.workflows.settle import settle

BLOCKS_AT_ONCE = 200

_SUBJECTS = ("root", "digest", "party", "country", "authority")
"""Which argument of an event says what it is about: the first that it has. Where it has none, as
those of the governorship, it is about the contract itself."""

_log = logging.getLogger("tulen.chain")


async def follow_chain(office: Office) -> bool:
    """Take one look at the chain; return whether anything is still on its way.

    Raises:
        FinalityViolationError: a final block was orphaned; somebody must look.
        UnavailableError: node or database does not answer; nothing is half-done.
    """
    finalized = await follower.finalized(office.chain)
    await read_blocks(office, finalized.number)
    waiting = False
    async with office.database.transaction() as connection:
        senders = await transactions.senders_unsettled(connection, office.chain.chain_id)
    for address in senders:
        async with office.database.transaction() as connection:
            unsettled = await transactions.unsettled(connection, office.chain.chain_id, address)
        for transaction in unsettled:
            waiting |= await _settle(office, transaction, finalized.number)
    return waiting


async def _require_final(office: Office) -> None:
    """Return if the chain still has the last block that we know as final.

    Raises:
        FinalityViolationError: it has another block in its place.
        UnavailableError: the node is behind that block, or does not answer.
    """
    async with office.database.transaction() as connection:
        known = await audit.last_final_block(connection, office.chain.chain_id)
    if known is None:
        return
    number, block_hash = known
    now = await follower.block(office.chain, number)
    if now is None:
        raise UnavailableError(f"the chain node is behind block {number}, which was final")
    if now.hash != block_hash:
        raise FinalityViolationError(
            f"block {number} was final as {block_hash}, and the chain has {now.hash} in its "
            "place: stop, and look at the chain"
        )


async def _settle(office: Office, transaction: ChainTransaction, finalized: int) -> bool:
    """Settle one transaction; what is wrong with it alone does not stop the others."""
    try:
        with office.watched(f"{transaction.purpose} {transaction.ref}"):
            return await settle(office, transaction, finalized)
    except RpcError as error:  # The node answers, but does not take this one.
        _log.warning(
            "transaction:not-taken purpose=%s ref=%s cause=%s",
            transaction.purpose,
            transaction.ref,
            error,
        )
    return True


async def read_blocks(office: Office, finalized: int) -> None:
    """Record new blocks with their events, after taking back those that the chain has dropped."""
    chain, deployment = office.chain, office.deployment
    head = await follower.head(chain)
    first, parent = await _resume_at(office)
    while first <= head.number:
        last = min(first + BLOCKS_AT_ONCE - 1, head.number)
        span = await follower.span(chain, first, last, deployment.addresses)
        if parent not in (None, span.blocks[0].parent_hash):
            raise UnavailableError(
                f"the chain was reorganised below block {first} while it was read"
            )
        by_block: dict[int, list[events.Event]] = {}
        for event in span.events:
            by_block.setdefault(event.block_number, []).append(row_of(chain.chain_id, event))
        parent = span.blocks[-1].hash
        async with office.database.transaction() as connection:
            for block in span.blocks:
                await events.record_block(
                    connection,
                    events.Block(
                        chain.chain_id, block.hash, block.number, block.parent_hash, block.time
                    ),
                    by_block.get(block.number, ()),
                )
            await events.move_cursor(connection, chain.chain_id, last, parent)
        office.facts.seen(span.events)
        first = last + 1
    async with office.database.transaction() as connection:
        await tell.becoming_final(connection, chain.chain_id, finalized)
        await events.mark_final(connection, chain.chain_id, finalized)


async def _resume_at(office: Office) -> tuple[int, Digest | None]:
    """Return the first block to read and its parent, having rolled back to what still stands."""
    chain, chain_id = office.chain, office.chain.chain_id
    async with office.database.transaction() as connection:
        cursor = await events.cursor(connection, chain_id)
        pending = await events.pending_blocks(connection, chain_id)
    if cursor is None:
        return office.deployment.block, None
    now = await follower.block(chain, cursor.block_number)
    if now is not None and now.hash == cursor.block_hash:
        return cursor.block_number + 1, cursor.block_hash
    await _require_final(office)
    stored = [(block.number, block.hash) for block in reversed(pending)]
    ancestor = await follower.common_ancestor(stored, lambda n: follower.block(chain, n))
    # With none of the pending blocks left, the chain goes on from the last final one.
    lowest = stored[0][0] if stored else office.deployment.block
    number = ancestor[0] if ancestor else lowest - 1
    async with office.database.transaction() as connection:
        dropped = await events.roll_back(connection, chain_id, number)
        block = await events.find_block(connection, chain_id, number)
        if block is not None:
            await events.move_cursor(connection, chain_id, number, block.hash)
    office.facts.forget()
    _log.warning("chain:reorganised blocks=%d ancestor=%d", dropped, number)
    return number + 1, None if block is None else block.hash


def row_of(chain_id: int, event: ChainEvent) -> events.Event:
    """Return the row that keeps ``event``."""
    address = bytes.fromhex(event.address.removeprefix("0x"))
    named = (event.arguments[name] for name in _SUBJECTS if name in event.arguments)
    subject = next(named, address)
    return events.Event(
        chain_id,
        event.tx_hash,
        event.block_hash,
        event.log_index,
        event.block_number,
        address,
        event.name,
        subject,
        _as_json(event.arguments),
    )


def _as_json(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in arguments.items()
    }
