"""What our accounts have sent and the register does not know: read from the blocks, and recorded.

A transaction that none of ours can be stops everything: then somebody else has the key.
"""

import asyncio
from dataclasses import dataclass
from typing import ClassVar, Final
from uuid import uuid5

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.chain import contracts, follower, sender
from tulen.chain.contracts import Contract, Entry
from tulen.chain.deployment import Deployment
from tulen.chain.history import PastTransaction, sent_by
from tulen.chain.sender import Receipt
from tulen.database import certificates, declarations, events, recovery, transactions
from tulen.database.recovery import PastNonce
from tulen.database.states import TransactionState
from tulen.database.transactions import Attempt
from tulen.errors import RuleViolationError, UnavailableError
from tulen.values import Digest, PartyCode
from tulen.workflows.anchor import PURPOSE as ANCHOR
from tulen.workflows.office import Office
from tulen.workflows.replace import PURPOSE as REPLACE
from tulen.workflows.revoke import PURPOSE as REVOKE
from tulen.workflows.revoke import REQUESTS
from tulen.workflows.send import DRAW

CANCEL: Final = "cancel"
"""Purpose of a transaction that only uses its nonce up: to the account itself, of nothing."""
_SELECTOR: Final = 4


class ForeignTransactionError(RuleViolationError):
    """Our account has sent what we never send: somebody else has its key."""

    code: ClassVar[str] = "foreign-transaction"


@dataclass(frozen=True, slots=True)
class LostTransaction:
    """A transaction of ours that the chain has and the register has not.

    Attributes:
        party: Whose account sent it.
        past: The transaction.
        receipt: What became of it.
        call: Which function it calls; None where it only uses its nonce up.
    """

    party: PartyCode
    past: PastTransaction
    receipt: Receipt
    call: Entry | None


async def lost_transactions(office: Office, party: PartyCode) -> list[LostTransaction]:
    """Return what the account of ``party`` sent and the register does not know.

    Raises:
        ForeignTransactionError: one of them can be none of ours.
        UnavailableError: the node does not answer, or some of them are not in a block yet.
    """
    account = await asyncio.to_thread(office.account, party)
    chain, chain_id = office.chain, office.chain.chain_id
    head = await follower.head(chain)
    latest, pending = await asyncio.gather(
        sender.next_nonce(chain, account.address, "latest"),
        sender.next_nonce(chain, account.address, "pending"),
    )
    async with office.database.transaction() as connection:
        made = await transactions.count(connection, chain_id, account.octets)
        last = await recovery.last_block_of(connection, chain_id, account.octets)
        unsettled = await transactions.unsettled(connection, chain_id, account.octets)
    if pending > max(latest, made or 0):
        raise UnavailableError(
            f"{pending - latest} transactions of account {account.address} of {party} are in no "
            "block yet, and unknown here; run this again once they are"
        )
    overtaken = any(row.nonce < latest for row in unsettled)
    if latest <= (made or 0) and not overtaken:
        return []
    first = office.deployment.block if last is None else last
    found = [past async for past in sent_by(chain, {account.octets}, first, head.number)]
    if made is not None:
        missing = set(range(made, latest)) - {past.nonce for past in found}
        if missing:
            raise UnavailableError(
                f"{chain.name}: counts {latest} transactions of account {account.address} and "
                f"shows none with nonce {min(missing)} from block {first} on"
            )
    return await _unknown(office, party, found, known_account=made is not None)


async def _unknown(
    office: Office, party: PartyCode, found: list[PastTransaction], *, known_account: bool
) -> list[LostTransaction]:
    lost: list[LostTransaction] = []
    ours = known_account
    for past in found:
        async with office.database.transaction() as connection:
            if await transactions.find_attempt(connection, past.tx_hash) is not None:
                continue
        try:
            call = _call_of(office.deployment, party, past)
        except ForeignTransactionError:
            if ours:
                raise
            continue  # Sent before the account was put to use here.
        ours = True
        receipt = await sender.receipt(office.chain, past.tx_hash)
        if receipt is None:
            raise UnavailableError(f"{office.chain.name}: shows {past.tx_hash} without a receipt")
        lost.append(LostTransaction(party, past, receipt, call))
    return lost


def _call_of(deployment: Deployment, party: PartyCode, past: PastTransaction) -> Entry | None:
    """Return the function of a contract of ours that is called; None where nothing is."""
    targets = {
        deployment.ledger: contracts.ledger(),
        deployment.drawdowns: contracts.drawdowns(),
    }
    contract = targets.get(f"0x{past.to.hex()}") if past.to is not None else None
    call = _function(contract, past.data) if contract is not None else None
    if past.raw is not None and past.value == 0:
        if call is not None:
            return call
        if past.to == past.sender and not past.data:
            return None
    to = "nobody" if past.to is None else f"0x{past.to.hex()}"
    raise ForeignTransactionError(
        f"account 0x{past.sender.hex()} of {party} has sent {past.tx_hash} (nonce {past.nonce}, "
        f"block {past.block_number}) to {to}, with {past.value} wei and data "
        f"0x{past.data[:_SELECTOR].hex()}: we never send that. Stop, withdraw the account at the "
        "registry, and find out who else has its key"
    )


def _function(contract: Contract, data: bytes) -> Entry | None:
    known = {entry.selector: entry for entry in contract.functions.values()}
    return known.get(data[:_SELECTOR])


async def restore(
    office: Office, connection: AsyncConnection, lost: LostTransaction, finalized: int
) -> bool:
    """Record one, so that its nonce is never given again; return whether it was unknown.

    Raises:
        UnavailableError: its block is not among those that were read.
    """
    past, receipt, chain_id = lost.past, lost.receipt, office.chain.chain_id
    block = await events.find_block(connection, chain_id, receipt.block_number)
    if block is None or block.hash != receipt.block_hash or past.raw is None:
        raise UnavailableError(
            f"block {receipt.block_number} of {past.tx_hash} is not the one that was read; again"
        )
    purpose, ref = await _purpose(connection, lost)
    state = TransactionState.MINED
    if receipt.block_number <= finalized:
        good = receipt.succeeded and lost.call is not None
        state = TransactionState.FINAL if good else TransactionState.FAILED
    attempt = Attempt(
        past.tx_hash,
        chain_id,
        past.sender,
        past.nonce,
        past.raw,
        past.max_fee,
        past.tip,
        lost.call is None,
        block.block_time,
        receipt.block_number,
        receipt.block_hash,
        receipt.gas_used,
        receipt.succeeded,
    )
    past_nonce = PastNonce(purpose, ref, state, block.block_time)
    return await recovery.restore_transaction(connection, attempt, past_nonce)


async def _purpose(connection: AsyncConnection, lost: LostTransaction) -> tuple[str, str]:
    """Return what it was for, in the words in which it was sent."""
    if lost.call is None:
        return CANCEL, lost.past.tx_hash.hex()
    arguments = list(lost.call.decode_inputs(lost.past.data[_SELECTOR:]).values())
    if lost.call.name == "anchor":
        return ANCHOR, f"{lost.party}/{arguments[1]}"
    if lost.call.name in {"revoke", "revokeEach"}:
        digest = arguments[0] if lost.call.name == "revoke" else arguments[0][0]
        row = await certificates.find_by_digest(connection, Digest(digest))
        return REVOKE, str(uuid5(REQUESTS, row.number)) if row else digest.hex()
    if lost.call.name == "replace":
        row = await certificates.find_by_digest(connection, Digest(arguments[0]))
        return REPLACE, row.number if row else arguments[0].hex()
    if lost.call.name == "draw":
        reference = Digest(arguments[-1])
        drawdown = await declarations.find_drawdown_by_reference(connection, reference)
        known = f"{drawdown.declaration}/{drawdown.line}" if drawdown else reference.hex()
        return DRAW, known
    return lost.call.name, lost.past.tx_hash.hex()
