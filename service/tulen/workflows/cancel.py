"""Cancel a transaction that no block holds: use its nonce up by one that does nothing.

Which of the two a block will hold, the chain decides; until it has, both are kept and followed.
"""

import asyncio
import re
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from tulen.chain import sender
from tulen.chain.calls import Call
from tulen.chain.sender import Fees, Receipt
from tulen.database import transactions
from tulen.database.states import Role, TransactionState
from tulen.database.transactions import Attempt, ChainTransaction
from tulen.errors import (
    InvalidInputError,
    NotFoundError,
    RuleViolationError,
    TulenError,
    UnavailableError,
)
from tulen.keys import AccountSigner
from tulen.values import Digest
from tulen.workflows.bump import keep
from tulen.workflows.office import Caller, Office
from tulen.workflows.send import first_mined, hand_over
from tulen.workflows.settle import record_mined

CANCELLED: Final = "cancelled"
MINED: Final = "mined"
UNDER_WAY: Final = "under way"

_NONCE = re.compile("[0-9]{1,18}")
_HASH = re.compile("(?:0x)?([0-9a-fA-F]{64})")


class TooLateToCancelError(RuleViolationError):
    """A block holds the transaction already."""

    code: ClassVar[str] = "too-late-to-cancel"


class FeeCapError(UnavailableError):
    """What must be offered is more than the operator allows."""

    code: ClassVar[str] = "fee-cap"


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What became of an attempt to cancel.

    Attributes:
        transaction: What was to be cancelled.
        outcome: ``cancelled``; ``mined``, where the transaction itself came first; or ``under
            way``, where no block holds either yet.
        tx_hash: The transaction that a block holds; that which cancels, where none does.
        block_number: Its block; None where none holds it yet.
    """

    transaction: ChainTransaction
    outcome: str
    tx_hash: Digest
    block_number: int | None

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        document: dict[str, Any] = {
            "nonce": self.transaction.nonce,
            "purpose": self.transaction.purpose,
            "reference": self.transaction.ref,
            "outcome": self.outcome,
            "transaction": self.tx_hash.hex(),
        }
        if self.block_number is not None:
            document["block_number"] = self.block_number
        return document


async def cancel(office: Office, caller: Caller, which: str) -> Cancellation:
    """Cancel a transaction of the caller's party; the same once more changes nothing.

    Args:
        office: Where.
        caller: An officer of the authority, or customs, whose account has sent it.
        which: Its nonce, or the hash of anything that was signed for it.

    Raises:
        WrongRoleError: the caller's role sends no transactions.
        InvalidInputError: ``which`` is neither.
        NotFoundError: the party's account has no such transaction.
        TooLateToCancelError: a block holds it, or it is settled.
        StateChangedError: it was raised or mined at this moment; ask again.
        FeeCapError: the cap does not allow what it takes.
        UnavailableError: node or database does not answer.
    """
    caller.must_be(Role.OFFICER, Role.CUSTOMS)  # Who sends transactions, and may cancel its own.
    account = await asyncio.to_thread(office.account, caller.party)
    transaction, attempts = await _find(office, account, which)
    if not attempts[-1].cancels:
        attempts = (*attempts, await _sign(office, account, attempts[-1]))
    failure: TulenError | None = None
    try:
        await hand_over(office, attempts)
    except UnavailableError as error:  # Kept all the same; the worker goes on.
        failure = error
    receipt = await first_mined(office, [attempt.tx_hash for attempt in attempts])
    if receipt is None:
        if failure is not None:
            raise failure
        return Cancellation(transaction, UNDER_WAY, attempts[-1].tx_hash, None)
    await record_mined(office, receipt)
    return Cancellation(
        transaction, _outcome(receipt, attempts), receipt.tx_hash, receipt.block_number
    )


def _outcome(receipt: Receipt, attempts: tuple[Attempt, ...]) -> str:
    won = next(attempt for attempt in attempts if attempt.tx_hash == receipt.tx_hash)
    return CANCELLED if won.cancels else MINED


async def _find(
    office: Office, account: AccountSigner, which: str
) -> tuple[ChainTransaction, tuple[Attempt, ...]]:
    """Return the transaction with everything that was signed for it."""
    address = account.octets
    chain_id = office.chain.chain_id
    by_hash = _HASH.fullmatch(which)
    if not by_hash and not _NONCE.fullmatch(which):
        raise InvalidInputError(
            "transaction", which, "is neither a nonce nor the hash of a transaction"
        )
    async with office.database.transaction() as connection:
        if by_hash:
            named = await transactions.find_attempt(
                connection, Digest(bytes.fromhex(by_hash.group(1)))
            )
            nonce = named.nonce if named and named.sender == address else -1
        else:
            nonce = int(which)
        transaction = await transactions.find(connection, chain_id, address, nonce)
        if transaction is None:
            raise NotFoundError(f"account {account.address} has sent no transaction {which} here")
        attempts = await transactions.attempts(connection, chain_id, address, nonce)
    if transaction.state not in (TransactionState.READY, TransactionState.SENT):
        raise TooLateToCancelError(
            f"transaction {nonce} of account {account.address} is {transaction.state}: what a "
            "block holds cannot be cancelled"
        )
    return transaction, attempts


async def _sign(office: Office, account: AccountSigner, last: Attempt) -> Attempt:
    """Sign and keep what does nothing, at the nonce of ``last``."""
    call = Call(account.address, b"")
    gas, asked = await asyncio.gather(
        sender.preflight(office.chain, account.address, call), sender.fees(office.chain)
    )
    offered, cap = Fees(last.max_fee, last.tip), office.settings.fee_cap
    # Where gas is free nothing can be offered more; which of the two is mined, the chain decides.
    free = not (offered.max_fee or asked.max_fee)
    offer = offered if free else sender.raised(offered, asked, cap)
    if offer is None:
        raise FeeCapError(
            f"transaction {last.nonce} offers {last.max_fee} wei per unit of gas, and what takes "
            f"its place must offer a tenth more; the cap is {cap}: raise TULEN_FEE_CAP_GWEI"
        )
    signed = sender.sign(
        account,
        chain_id=office.chain.chain_id,
        call=call,
        nonce=last.nonce,
        gas=gas,
        offer=offer,
    )
    return await keep(office, last, signed, offer, cancels=True)
