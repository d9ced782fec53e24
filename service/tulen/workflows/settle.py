"""Settle what was sent: bring its records to where the chain has it, forwards or back."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.chain import sender
from tulen.chain.refusals import ContractRefusalError
from tulen.chain.sender import Receipt
from tulen.database import declarations, transactions
from tulen.database.errors import StateChangedError
from tulen.database.states import DrawdownState, TransactionState
from tulen.database.transactions import ChainTransaction
from tulen.values import UnitCode
from tulen.workflows import tell
from tulen.workflows.bump import bump
from tulen.workflows.office import Office
from tulen.workflows.send import DRAW, hand_over

NOTHING = -1
"""Number of the last final block where none is known to be."""
_SETTLED = (TransactionState.FINAL, TransactionState.FAILED)

_log = logging.getLogger("tulen.chain")


class OvertakenError(ContractRefusalError):
    """The contract refused a transaction that it would have let pass when it was sent."""

    code: ClassVar[str] = "overtaken"


class CancelledTransactionError(ContractRefusalError):
    """An officer had the transaction's nonce used up by one that does nothing."""

    code: ClassVar[str] = "transaction-cancelled"


async def settle(office: Office, transaction: ChainTransaction, finalized: int) -> bool:
    """Bring ``transaction`` to where the chain has it, forwards or back.

    Args:
        office: Where.
        transaction: One that is neither final nor failed.
        finalized: Number of the last block that no reorganisation can take back.

    Returns:
        Whether it is still on its way.

    Raises:
        NonceTakenError: it can never be mined.
        UnavailableError: the node does not answer, or does not take it now.
    """
    async with office.database.transaction() as connection:
        attempts = await transactions.attempts(
            connection, transaction.chain_id, transaction.sender, transaction.nonce
        )
    receipts = await asyncio.gather(
        *(sender.receipt(office.chain, attempt.tx_hash) for attempt in attempts)
    )
    for attempt, receipt in zip(attempts, receipts, strict=True):
        if receipt is not None:
            final = receipt.block_number <= finalized
            if final or attempt.block_hash != receipt.block_hash:
                await record_mined(office, receipt, finalized=finalized)
            return not final
    last = attempts[-1]
    if transaction.state is TransactionState.MINED:
        _log.warning("transaction:orphaned purpose=%s tx=%s", transaction.purpose, last.tx_hash)
        async with _unless_settled_meanwhile(office) as connection:
            await transactions.mark_unmined(connection, last.tx_hash)
            await _settle_drawdown(connection, transaction, DrawdownState.REQUESTED)
    replacement = await bump(office, last)
    await hand_over(office, attempts if replacement is None else (*attempts, replacement))
    return True


async def record_mined(
    office: Office, receipt: Receipt, *, finalized: int = NOTHING, unit: UnitCode | None = None
) -> ContractRefusalError | None:
    """Keep what became of a transaction and, in the same breath, of what it was for.

    Args:
        office: Where.
        receipt: The transaction's receipt.
        finalized: Number of the last block that no reorganisation can take back.
        unit: Unit of quantities, for the words of a refusal.

    Returns:
        Why the contract refused it when it was mined; None where it did not.
    """
    refusal = None
    if not receipt.succeeded:
        why = await sender.reason(office.chain, receipt.tx_hash, unit)
        refusal = why or OvertakenError("something else was faster, and nothing is done; ask again")
        _log.warning("transaction:reverted tx=%s cause=%s", receipt.tx_hash, refusal)
    async with _unless_settled_meanwhile(office) as connection:
        await _record(connection, receipt, finalized, refusal)
    office.facts.seen(receipt.events)
    return refusal


@asynccontextmanager
async def _unless_settled_meanwhile(office: Office) -> AsyncIterator[AsyncConnection]:
    """Yield a transaction that comes to nothing where somebody else was faster."""
    try:
        async with office.database.transaction() as connection:
            yield connection
    except StateChangedError as error:
        _log.info("transaction:settled-meanwhile cause=%s", error)


async def _record(
    connection: AsyncConnection,
    receipt: Receipt,
    finalized: int,
    refusal: ContractRefusalError | None,
) -> None:
    attempt = await transactions.find_attempt(connection, receipt.tx_hash)
    if attempt is None:
        return
    transaction = await transactions.find(
        connection, attempt.chain_id, attempt.sender, attempt.nonce
    )
    if attempt.cancels:
        refusal = CancelledTransactionError("it was cancelled before a block held it; ask again")
    if transaction is None or transaction.state in _SETTLED:
        return
    if attempt.block_hash != receipt.block_hash:
        await transactions.mark_mined(
            connection,
            receipt.tx_hash,
            block_number=receipt.block_number,
            block_hash=receipt.block_hash,
            gas_used=receipt.gas_used,
            succeeded=receipt.succeeded,
        )
    state = DrawdownState.MINED
    if receipt.block_number <= finalized:
        await transactions.mark_final(connection, receipt.tx_hash, receipt.block_hash)
        state = DrawdownState.FINAL
    await _settle_drawdown(connection, transaction, state, refusal)
    if state is DrawdownState.FINAL and transaction.purpose == DRAW:
        await tell.drawn(connection, transaction.ref, str(receipt.tx_hash))


async def _settle_drawdown(
    connection: AsyncConnection,
    transaction: ChainTransaction,
    state: DrawdownState,
    refusal: ContractRefusalError | None = None,
) -> None:
    """Record what the chain says of the drawdown that ``transaction`` is for, if it is for one."""
    if transaction.purpose != DRAW:
        return
    number, _, line = transaction.ref.rpartition("/")
    known = await declarations.find_drawdown(connection, number, int(line))
    if known is None or (refusal is not None and known.state is DrawdownState.REFUSED):
        return  # Refused already; the words of that moment stay.
    await declarations.settle_drawdown(
        connection,
        known.reference,
        state if refusal is None else DrawdownState.REFUSED,
        refusal=None if refusal is None else str(refusal),
    )
