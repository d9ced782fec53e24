"""Send a transaction so that no crash loses or doubles it, and settle what was sent.

The order is fixed: ask the contract, then take the nonce and keep the signed bytes in one database
transaction together with whatever they are for, and only then hand the bytes to the node. A crash
leaves nothing, or bytes that the worker hands over again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.chain import sender
from tulen.chain.calls import Call
from tulen.chain.sender import Receipt
from tulen.database import transactions
from tulen.database.errors import StateChangedError
from tulen.database.states import TransactionState
from tulen.database.transactions import Attempt, ChainTransaction
from tulen.errors import UnavailableError
from tulen.values import Digest, PartyCode, UnitCode
from tulen.workflows.office import Office

NO_LEASE = 0
"""Fencing token of who needs no lease: the nonce's own lock orders these."""
MINED_WITHIN_SECONDS = 10.0
_POLL_SECONDS = 0.05

_log = logging.getLogger("tulen.chain")


@dataclass(frozen=True, slots=True)
class Sent:
    """A transaction that was kept and, if the node answered, handed over.

    Attributes:
        tx_hash: Its hash.
        sender: The account, 20 bytes.
        nonce: Its nonce.
    """

    tx_hash: Digest
    sender: bytes
    nonce: int


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
        UnavailableError: the node or the database does not answer; nothing is kept.
    """
    account = office.account(party)
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
    except UnavailableError as error:
        _log.warning("transaction:kept purpose=%s tx=%s cause=%s", purpose, signed.tx_hash, error)
    return Sent(signed.tx_hash, address, nonce)


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


async def settle(office: Office, transaction: ChainTransaction, finalized: int) -> TransactionState:
    """Bring ``transaction`` to where the chain has it, forwards or back, and return its state.

    Args:
        office: Where.
        transaction: One that is neither final nor failed.
        finalized: Number of the last block that no reorganisation can take back.

    Raises:
        UnavailableError: the node does not answer; nothing has changed.
    """
    async with office.database.transaction() as connection:
        attempts = await transactions.attempts(
            connection, transaction.chain_id, transaction.sender, transaction.nonce
        )
    for attempt in attempts:
        receipt = await sender.receipt(office.chain, attempt.tx_hash)
        if receipt is not None:
            return await _record(office, attempt, receipt, finalized)
    last = attempts[-1]
    if transaction.state is TransactionState.MINED:
        async with office.database.transaction() as connection:
            await transactions.mark_unmined(connection, last.tx_hash)
        _log.warning("transaction:orphaned purpose=%s tx=%s", transaction.purpose, last.tx_hash)
    await _hand_over(office, last.raw, last.tx_hash)
    return TransactionState.SENT


async def _record(
    office: Office, attempt: Attempt, receipt: Receipt, finalized: int
) -> TransactionState:
    state = TransactionState.MINED
    async with office.database.transaction() as connection:
        if attempt.block_hash != receipt.block_hash:
            await transactions.mark_mined(
                connection,
                attempt.tx_hash,
                block_number=receipt.block_number,
                block_hash=receipt.block_hash,
                gas_used=receipt.gas_used,
                succeeded=receipt.succeeded,
            )
        if receipt.block_number <= finalized:
            state = await transactions.mark_final(connection, attempt.tx_hash, receipt.block_hash)
    return state


async def record_mined(office: Office, receipt: Receipt) -> None:
    """Keep a receipt that was seen at once; what the worker kept meanwhile stays."""
    try:
        async with office.database.transaction() as connection:
            await transactions.mark_mined(
                connection,
                receipt.tx_hash,
                block_number=receipt.block_number,
                block_hash=receipt.block_hash,
                gas_used=receipt.gas_used,
                succeeded=receipt.succeeded,
            )
    except StateChangedError:
        _log.info("transaction:settled-meanwhile tx=%s", receipt.tx_hash)


async def _hand_over(office: Office, raw: bytes, tx_hash: Digest) -> None:
    await sender.broadcast(office.chain, raw)
    async with office.database.transaction() as connection:
        await transactions.mark_sent(connection, tx_hash)
