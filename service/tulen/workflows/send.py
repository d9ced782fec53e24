"""Send a transaction so that no crash loses or doubles it.

The order is fixed: ask the contract, then take the nonce and keep the signed bytes in one database
transaction together with whatever they are for, and only then hand the bytes to the node. A crash
leaves nothing, or bytes that the worker hands over again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.chain import sender
from tulen.chain.calls import Call
from tulen.chain.rpc import RpcError
from tulen.chain.sender import NonceTakenError, Receipt
from tulen.database import transactions
from tulen.database.transactions import Attempt
from tulen.errors import UnavailableError
from tulen.values import Digest, PartyCode, UnitCode
from tulen.workflows.log_of import require_whole_log
from tulen.workflows.office import Office

DRAW = "draw"
"""Purpose of a transaction whose reference is declaration and line, as in ``NUMBER/1``."""
MINED_WITHIN_SECONDS = 10.0
_POLL_SECONDS = 0.05

_log = logging.getLogger("tulen.chain")


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
    """Send ``call`` from the account of ``party``, for what the chain asks or the cap allows.

    Args:
        office: Where.
        party: Whose account sends.
        call: What is sent.
        purpose: What it does, such as ``anchor``.
        ref: What it does that to; one live transaction for each purpose and reference.
        unit: Unit of quantities, for the words of a refusal.
        record: Writes what the transaction is for, in the same database transaction.

    Raises:
        ChainAheadError: the database was set back; nothing is kept.
        ContractRefusalError: the contract refuses; nothing is kept.
        PurposeTakenError: a live transaction serves this purpose.
        UnavailableError: the node or the database does not answer; nothing is kept, unless it is
            the database that has kept it and could not say so.
    """
    await require_whole_log(office, party)
    account = await asyncio.to_thread(office.account, party)
    gas, asked, count = await asyncio.gather(
        sender.preflight(office.chain, account.address, call, unit),
        sender.fees(office.chain),
        sender.next_nonce(office.chain, account.address),
    )
    offer = sender.capped(asked, office.settings.fee_cap)
    address = account.octets
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
            fence=office.database.fence,
            chain_count=count,
        )
        signed = sender.sign(
            account, chain_id=chain_id, call=call, nonce=nonce, gas=gas, offer=offer
        )
        attempt = Attempt(
            signed.tx_hash, chain_id, address, nonce, signed.raw, offer.max_fee, offer.tip
        )
        await transactions.record_attempt(connection, attempt)
    try:
        await hand_over(office, [attempt])
    except (UnavailableError, NonceTakenError) as error:  # Kept all the same; the worker goes on.
        _log.warning("transaction:kept purpose=%s tx=%s cause=%s", purpose, signed.tx_hash, error)
    return Sent(signed.tx_hash)


async def mined(office: Office, sent: Sent) -> Receipt | None:
    """Return the receipt of ``sent`` once it is mined; None if that takes too long.

    The worker settles it all the same; waiting here only lets the caller see the answer at once.
    """
    return await first_mined(office, [sent.tx_hash])


async def first_mined(office: Office, tx_hashes: Sequence[Digest]) -> Receipt | None:
    """Return the receipt of whichever of ``tx_hashes`` is mined, as `mined` does."""
    deadline = asyncio.get_running_loop().time() + MINED_WITHIN_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        for tx_hash in tx_hashes:
            try:
                receipt = await sender.receipt(office.chain, tx_hash)
            except UnavailableError:
                continue
            if receipt is not None:
                return receipt
        await asyncio.sleep(_POLL_SECONDS)
    return None


async def attempt_for(office: Office, purpose: str, ref: str) -> Attempt | None:
    """Return the attempt that stands on chain for a purpose, else the last made, else None.

    A cancellation serves no purpose: where it stands, none does.
    """
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
    serving = [attempt for attempt in standing or attempts if not attempt.cancels]
    return serving[-1] if serving else None


async def hand_over(office: Office, attempts: Sequence[Attempt]) -> None:
    """Hand what was signed for a nonce to the node: the last, or what it takes of the others.

    Once something is to cancel, the node is not given again what is to be cancelled.

    Raises:
        NonceTakenError: none of them can ever be mined.
        UnavailableError: the node takes none of them now, or does not answer.
    """
    failure: UnavailableError | NonceTakenError | None = None
    for attempt in reversed(attempts):
        # That the nonce is used up is said only where nothing of ours has used it.
        used_up = isinstance(failure, NonceTakenError)
        if attempts[-1].cancels and not attempt.cancels and not used_up:
            break
        try:
            await sender.broadcast(office.chain, attempt.raw)
        except (RpcError, NonceTakenError) as error:
            failure = failure or error
            continue
        async with office.database.transaction() as connection:
            await transactions.mark_sent(connection, attempt.tx_hash)
        return
    if failure is not None:
        raise failure
