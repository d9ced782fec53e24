"""Whether what was sent gets mined: the doctor's look at the queues of our accounts."""

from datetime import timedelta
from decimal import Decimal
from typing import ClassVar, Final

from tulen.chain.sender import Fees, raised
from tulen.database import replacements
from tulen.database.replacements import Waiting
from tulen.errors import RuleViolationError
from tulen.settings import WEI_PER_GWEI, Settings
from tulen.values import decimal_text
from tulen.workflows.office import Office

STUCK_AFTER: Final = timedelta(minutes=5)
"""A transaction that no block holds for so long is a matter for the operator."""


class TransactionsStuckError(RuleViolationError):
    """Transactions wait for a block longer than they should, or at the fee cap."""

    code: ClassVar[str] = "transactions-stuck"


async def none_stuck(office: Office) -> str:
    """Return what waits for a block: of each account, its first.

    Raises:
        TransactionsStuckError: one waits too long, or at the cap.
    """
    async with office.database.transaction() as connection:
        waiting = await replacements.waiting(connection, office.chain.chain_id)
    stuck = [item for item in waiting if _is_stuck(item, office.settings)]
    if stuck:
        told = "; ".join(_told(item, office.settings) for item in stuck)
        raise TransactionsStuckError(
            f"{told}: does the chain make blocks, does a worker run, is the fee cap too low?"
        )
    return "; ".join(_told(item, office.settings) for item in waiting) or "none waits for a block"


def _is_stuck(item: Waiting, settings: Settings) -> bool:
    patience = timedelta(seconds=settings.bump_seconds)
    overdue = item.attempt_since > patience and _at_cap(item, settings)
    return item.since > STUCK_AFTER or overdue


def _at_cap(item: Waiting, settings: Settings) -> bool:
    offer = Fees(item.attempt.max_fee, item.attempt.tip)
    return offer.max_fee > 0 and raised(offer, offer, settings.fee_cap) is None


def _told(item: Waiting, settings: Settings) -> str:
    transaction = item.transaction
    cap = f", at the cap of {_gwei(settings.fee_cap)}" if _at_cap(item, settings) else ""
    return (
        f"{transaction.purpose} {transaction.ref} (nonce {transaction.nonce} of "
        f"0x{transaction.sender.hex()}) waits {item.since.total_seconds():.0f} s for a block and "
        f"offers {_gwei(item.attempt.max_fee)}{cap}"
    )


def _gwei(wei: int) -> str:
    return f"{decimal_text(Decimal(wei) / WEI_PER_GWEI)} gwei"
