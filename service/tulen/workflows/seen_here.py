"""Which of the events that a party is named in came from the account that it has here.

A party may have several accounts, and other services that act for it; what those do is theirs.
"""

import asyncio
from collections.abc import Sequence
from typing import TypeVar

from tulen.chain.history import sender_of
from tulen.database import recovery
from tulen.database.recovery import SeenDraw, SeenRevocation
from tulen.values import PartyCode
from tulen.workflows.office import Office

Seen = TypeVar("Seen", SeenDraw, SeenRevocation)

MOST_COMPARED = 1000
"""Events that are held against the register one by one: the latest."""


async def draws_differing(office: Office, customs: PartyCode) -> tuple[int, list[SeenDraw]]:
    """Return how many drawdowns were compared, and those of our account that are not so here.

    Raises:
        UnavailableError: database or node does not answer.
    """
    async with office.database.transaction() as connection:
        seen = await recovery.draws_seen(connection, office.chain.chain_id, customs, MOST_COMPARED)
    differing = [item for item in seen if item.micro != item.seen.event.arguments["quantity"]]
    return len(seen), await _ours(office, customs, differing)


async def revocations_missing(
    office: Office, authority: PartyCode
) -> tuple[int, list[SeenRevocation]]:
    """Return how many revocations were compared, and those of our account that are not here.

    Raises:
        UnavailableError: database or node does not answer.
    """
    async with office.database.transaction() as connection:
        seen = await recovery.revocations_seen(
            connection, office.chain.chain_id, authority, MOST_COMPARED
        )
    missing = [item for item in seen if not item.recorded]
    return len(seen), await _ours(office, authority, missing)


async def _ours(office: Office, party: PartyCode, items: Sequence[Seen]) -> list[Seen]:
    account = await asyncio.to_thread(office.account, party)
    senders = await asyncio.gather(
        *(sender_of(office.chain, item.seen.event.tx_hash) for item in items)
    )
    return [item for item, by in zip(items, senders, strict=True) if by in (None, account.octets)]
