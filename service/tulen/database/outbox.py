"""What is told to webhooks, written in the transaction of the fact: neither is without the other.

Only what somebody listens to is written: a register without webhooks pays one look at an index for
each fact, and nothing for its events.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database import jobs
from tulen.database.states import EventType, WebhookState
from tulen.database.webhook_tables import WEBHOOK, WEBHOOK_DELIVERY, WEBHOOK_EVENT
from tulen.values import PartyCode

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that has come to be and does not go away again.

    Attributes:
        parties: Whom it concerns.
        key: What makes it this one; told once for each party, type and key.
        data: Identifiers and links, as JSON; nothing of a document.
    """

    parties: frozenset[PartyCode]
    key: str
    data: dict[str, Any]


async def listeners(connection: AsyncConnection, kind: EventType) -> frozenset[PartyCode]:
    """Return the parties that have a webhook for ``kind``, disabled ones included."""
    query = (
        select(WEBHOOK.c.party)
        .distinct()
        .where(WEBHOOK.c.state != WebhookState.DELETED, WEBHOOK.c.types.contains([kind.value]))
    )
    return frozenset(await connection.scalars(query))


async def tell(connection: AsyncConnection, kind: EventType, facts: Iterable[Fact]) -> None:
    """Write down ``facts`` for whoever listens, with their deliveries and the jobs that make them.

    Args:
        connection: Within the transaction that makes them true.
        kind: What they are.
        facts: Each; what was told before changes nothing.
    """
    every = list(facts)
    listening = await listeners(connection, kind) if every else frozenset()
    rows = [
        {"party": party, "type": kind, "key": fact.key, "data": fact.data}
        for fact in every
        for party in sorted(fact.parties & listening)
    ]
    for start in range(0, len(rows), _AT_ONCE):
        told = (
            insert(WEBHOOK_EVENT)
            .values(rows[start : start + _AT_ONCE])
            .on_conflict_do_nothing(index_elements=["party", "type", "key"])
            .returning(WEBHOOK_EVENT.c.id, WEBHOOK_EVENT.c.party, WEBHOOK_EVENT.c.type)
            .cte("told")
        )
        due = (
            insert(WEBHOOK_DELIVERY)
            .from_select(
                ["webhook", "event"],
                select(WEBHOOK.c.id, told.c.id)
                .join(told, told.c.party == WEBHOOK.c.party)
                .where(
                    WEBHOOK.c.state == WebhookState.ACTIVE,
                    WEBHOOK.c.types.contains([kind.value]),
                ),
            )
            .returning(WEBHOOK_DELIVERY.c.id, WEBHOOK_DELIVERY.c.version)
        )
        made = await connection.execute(due)
        await jobs.defer_deliveries(connection, [(row[0], row[1]) for row in made])


async def purge(connection: AsyncConnection, *, before: datetime) -> int:
    """Drop the events of before an instant with their deliveries; return how many that was."""
    result = await connection.execute(
        delete(WEBHOOK_EVENT).where(WEBHOOK_EVENT.c.occurred_at < before)
    )
    return result.rowcount
