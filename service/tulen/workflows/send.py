"""Send a transaction so that no crash loses or doubles it, and settle what was sent.

The order is fixed: ask the contract, then take the nonce and keep the signed bytes in one database
transaction together with whatever they are for, and only then hand the bytes to the node. A crash
leaves nothing, or bytes that the worker hands over again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.chain import sender
from tulen.chain.calls import Call
from tulen.chain.refusals import ContractRefusalError
from tulen.chain.sender import NonceTakenError, Receipt
from tulen.database import declarations, transactions
from tulen.database.errors import StateChangedError
from tulen.database.states import DrawdownState, TransactionState
from tulen.database.transactions import Attempt, ChainTransaction
from tulen.errors import UnavailableError
from tulen.values import Digest, PartyCode, UnitCode
from tulen.workflows import tell
from tulen.workflows.office import Office

DRAW = "draw"
"""Purpose of a transaction whose reference is declaration and line, as in ``NUMBER/1``."""
NO_LEASE = 0
"""Fencing token of who needs no lease: the nonce's own lock orders these."""
NOTHING = -1
"""Number of the last final block where none is known to be."""
MINED_WITHIN_SECONDS = 10.0
_SETTLED = (TransactionState.FINAL, TransactionState.FAILED)
_POLL_SECONDS = 0.05

_log = logging.getLogger("tulen.chain")


class OvertakenError(ContractRefusalError):
    """The contract refused a transaction that it would have let pass when it was sent."""

    code: ClassVar[str] = "overtaken"


@dataclass(frozen=True, slots=True)
class Sent:
    """A transaction that was kept and, if the node answered, handed over.

    Attributes:
        tx_hash: Its hash.
    """

    tx_hash: Digest


async def send(
    office: Office,
    party: PartyCode,
    call: Call,
    *,
    purpose: str,
    ref: str,
    unit: UnitCode | None = None,
    record: Callable[[AsyncConnection], Awaitable[object]] | None = None,
) -> Sent:
    """Send ``call`` from the account of ``party``.

    Args:
        office: Where.
        party: Whose account sends.
        call: What is sent.
        purpose: What it does, such as ``anchor``.
        ref: What it does that to; one live transaction for each purpose and reference.
        unit: Unit of quantities, for the words of a refusal.
        record: Writes what the transaction is for, in the same database transaction.

    Raises:
        ContractRefusalError: the contract refuses; nothing is kept.
        PurposeTakenError: a live transaction serves this purpose.
        UnavailableError: the node or the database does not answer; nothing is kept, unless it is
            the database that has kept it and could not say so.
    """
    account = await asyncio.to_thread(office.account, party)
    gas, offer, count = await asyncio.gather(
        sender.preflight(office.chain, account.address, call, unit),
        sender.fees(office.chain),
        sender.next_nonce(office.chain, account.address),
    )
    address = bytes.fromhex(account.address.removeprefix("0x"))
    chain_id = office.chain.chain_id
    async with office.database.transaction() as connection:
        if record is not None:
            await record(connection)
        nonce = await transactions.reserve(
            connection,
            chain_id=chain_id,
            sender=address,
            purpose=purpose,
            ref=ref,
            fence=NO_LEASE,
            chain_count=count,
        )
        signed = sender.sign(
            account, chain_id=chain_id, call=call, nonce=nonce, gas=gas, offer=offer
        )
        await transactions.record_attempt(
            connection,
            Attempt(signed.tx_hash, chain_id, address, nonce, signed.raw, offer.max_fee, offer.tip),
        )
    try:
        await _hand_over(office, signed.raw, signed.tx_hash)
    except (UnavailableError, NonceTakenError) as error:  # Kept all the same; the worker goes on.
        _log.warning("transaction:kept purpose=%s tx=%s cause=%s", purpose, signed.tx_hash, error)
    return Sent(signed.tx_hash)


async def mined(office: Office, sent: Sent) -> Receipt | None:
    """Return the receipt of ``sent`` once it is mined; None if that takes too long.

    The worker settles it all the same; waiting here only lets the caller see the answer at once.
    """
    deadline = asyncio.get_running_loop().time() + MINED_WITHIN_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        try:
            receipt = await sender.receipt(office.chain, sent.tx_hash)
        except UnavailableError:
            receipt = None
        if receipt is not None:
            return receipt
        await asyncio.sleep(_POLL_SECONDS)
    return None


async def attempt_for(office: Office, purpose: str, ref: str) -> Attempt | None:
    """Return the attempt that stands on chain for a purpose, else the last made, else None."""
    async with office.database.transaction() as connection:
        rows = await transactions.history(connection, office.chain.chain_id, purpose, ref)
        attempts = (
            await transactions.attempts(
                connection, rows[-1].chain_id, rows[-1].sender, rows[-1].nonce
            )
            if rows
            else ()
        )
    standing = [attempt for attempt in attempts if attempt.block_hash is not None]
    return next(iter(standing or attempts[-1:]), None)


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
        UnavailableError: the node does not answer; nothing has changed.
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
    await _hand_over(office, last.raw, last.tx_hash)
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


async def _hand_over(office: Office, raw: bytes, tx_hash: Digest) -> None:
    await sender.broadcast(office.chain, raw)
    async with office.database.transaction() as connection:
        await transactions.mark_sent(connection, tx_hash)
