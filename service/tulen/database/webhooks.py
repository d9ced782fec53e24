"""Webhooks, their deliveries, and every attempt that was made."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database import jobs
from tulen.database.states import DeliveryState, EventType, WebhookState
from tulen.database.webhook_tables import (
    WEBHOOK,
    WEBHOOK_ATTEMPT,
    WEBHOOK_DELIVERY,
    WEBHOOK_EVENT,
)
from tulen.values import PartyCode

_HOOK, _DELIVERY, _EVENT = WEBHOOK.c, WEBHOOK_DELIVERY.c, WEBHOOK_EVENT.c


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a party is told things.

    Attributes:
        id: Its identifier.
        party: Whose it is.
        url: Where to.
        types: Which events.
        secret: What signs, in the vault's envelope; None once it is deleted.
        previous_secret: What signs beside it for a while, in an envelope; None where there is none.
        previous_until: Until when that is.
        state: Whether it is told things.
        reason: Why it was disabled; None unless it was.
        created_by: Who made it.
        created_at: When.
    """

    id: UUID
    party: PartyCode
    url: str
    types: Sequence[str]
    secret: bytes | None = field(repr=False)
    previous_secret: bytes | None = field(repr=False)
    previous_until: datetime | None
    state: WebhookState
    reason: str | None
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """What a party is told.

    Attributes:
        id: Its identifier, the same in every attempt and replay.
        party: Who is told.
        type: What it is.
        key: What makes it this one.
        occurred_at: When it came to be here.
        data: What is said.
    """

    id: UUID
    party: PartyCode
    type: EventType
    key: str
    occurred_at: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one webhook.

    Attributes:
        id: Its identifier.
        webhook: The webhook.
        event: The event.
        state: How far it has come.
        version: Rises with each try and replay.
        tries: How often it was tried since it was last asked for.
        created_at: When it was made.
        due_at: When it is tried next; None when it is settled.
        settled_at: When it was delivered, or given up.
    """

    id: UUID
    webhook: UUID
    event: UUID
    state: DeliveryState
    version: int
    tries: int
    created_at: datetime
    due_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try.

    Attributes:
        delivery: Of which delivery.
        number: Its number; a replay leaves one out.
        attempted_at: When it began.
        milliseconds: How long it took.
        status: HTTP status of the answer; None where there was none.
        error: What went wrong; None where it was delivered.
    """

    delivery: UUID
    number: int
    attempted_at: datetime
    milliseconds: int
    status: int | None
    error: str | None


async def add(connection: AsyncConnection, webhook: Webhook) -> None:
    """Record a webhook."""
    values = {name: getattr(webhook, name) for name in WEBHOOK.c.keys()}  # noqa: SIM118 - columns
    await connection.execute(insert(WEBHOOK).values(values | {"types": list(webhook.types)}))


async def of_party(connection: AsyncConnection, party: PartyCode) -> list[Webhook]:
    """Return a party's webhooks that are not deleted, the oldest first."""
    query = (
        select(WEBHOOK)
        .where(_HOOK.party == party, _HOOK.state != WebhookState.DELETED)
        .order_by(_HOOK.created_at, _HOOK.id)
    )
    return [Webhook(*row) for row in await connection.execute(query)]


async def find(
    connection: AsyncConnection, identifier: UUID, *, for_update: bool = False
) -> Webhook | None:
    """Return the webhook unless it is deleted or unknown; locked, where it is to be changed."""
    query = select(WEBHOOK).where(_HOOK.id == identifier, _HOOK.state != WebhookState.DELETED)
    row = (await connection.execute(query.with_for_update() if for_update else query)).first()
    return None if row is None else Webhook(*row)


async def rotate(
    connection: AsyncConnection,
    identifier: UUID,
    secret: bytes,
    previous: bytes | None,
    until: datetime,
) -> None:
    """Sign with ``secret`` from now on, and with the previous one beside it until then."""
    await connection.execute(
        update(WEBHOOK)
        .where(_HOOK.id == identifier)
        .values(secret=secret, previous_secret=previous, previous_until=until)
    )


async def disable(connection: AsyncConnection, identifier: UUID, reason: str) -> None:
    """Tell a webhook nothing any more, and give up what is on its way to it."""
    await connection.execute(
        update(WEBHOOK)
        .where(_HOOK.id == identifier, _HOOK.state == WebhookState.ACTIVE)
        .values(state=WebhookState.DISABLED, reason=reason)
    )
    await _give_up(connection, identifier)


async def remove(connection: AsyncConnection, identifier: UUID) -> None:
    """Delete a webhook: its secrets go, what it was told stays for as long as events are kept."""
    await connection.execute(
        update(WEBHOOK)
        .where(_HOOK.id == identifier)
        .values(
            state=WebhookState.DELETED,
            reason=None,
            secret=None,
            previous_secret=None,
            previous_until=None,
        )
    )
    await _give_up(connection, identifier)


async def _give_up(connection: AsyncConnection, webhook: UUID) -> None:
    await connection.execute(
        update(WEBHOOK_DELIVERY)
        .where(_DELIVERY.webhook == webhook, _DELIVERY.state == DeliveryState.PENDING)
        .values(state=DeliveryState.FAILED, due_at=None, settled_at=func.now())
    )


async def pending(
    connection: AsyncConnection, delivery: UUID, version: int
) -> tuple[Webhook, WebhookEvent, Delivery] | None:
    """Return what is to be tried; None where that version was tried, replayed or given up."""
    query = (
        select(WEBHOOK, WEBHOOK_EVENT, WEBHOOK_DELIVERY)
        .select_from(WEBHOOK_DELIVERY.join(WEBHOOK).join(WEBHOOK_EVENT))
        .where(
            _DELIVERY.id == delivery,
            _DELIVERY.version == version,
            _DELIVERY.state == DeliveryState.PENDING,
            _HOOK.state == WebhookState.ACTIVE,
        )
    )
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    first, second = len(_HOOK), len(_HOOK) + len(_EVENT)
    return Webhook(*row[:first]), WebhookEvent(*row[first:second]), Delivery(*row[second:])


async def record(
    connection: AsyncConnection, attempt: Attempt, state: DeliveryState, due: datetime | None
) -> bool:
    """Keep an attempt and what follows from it; return False where another was faster.

    Args:
        connection: Within a transaction.
        attempt: The attempt; its number is the delivery's version plus one.
        state: What the delivery is now.
        due: When it is tried again, by a job that this puts in; None where it is not.
    """
    statement = (
        update(WEBHOOK_DELIVERY)
        .where(
            _DELIVERY.id == attempt.delivery,
            _DELIVERY.version == attempt.number - 1,
            _DELIVERY.state == DeliveryState.PENDING,
        )
        .values(
            state=state,
            version=attempt.number,
            tries=_DELIVERY.tries + 1,
            due_at=due,
            settled_at=None if due else func.now(),
        )
    )
    if (await connection.execute(statement)).rowcount != 1:
        return False
    values = {name: getattr(attempt, name) for name in WEBHOOK_ATTEMPT.c.keys()}  # noqa: SIM118 - columns
    await connection.execute(insert(WEBHOOK_ATTEMPT).values(values))
    if due is not None:
        await jobs.defer_deliveries(connection, [(attempt.delivery, attempt.number)], due)
    return True


async def deliveries(
    connection: AsyncConnection, webhook: UUID, most: int, before: datetime | None = None
) -> list[tuple[Delivery, WebhookEvent]]:
    """Return a webhook's deliveries, the latest first, those from an instant on left out."""
    query = _with_events().where(_DELIVERY.webhook == webhook)
    if before is not None:
        query = query.where(_DELIVERY.created_at < before)
    query = query.order_by(_DELIVERY.created_at.desc(), _DELIVERY.id).limit(most)
    width = len(_DELIVERY)
    return [
        (Delivery(*row[:width]), WebhookEvent(*row[width:]))
        for row in await connection.execute(query)
    ]


def _with_events() -> Select[Any]:
    return select(WEBHOOK_DELIVERY, WEBHOOK_EVENT).select_from(WEBHOOK_DELIVERY.join(WEBHOOK_EVENT))


async def attempts(connection: AsyncConnection, of: Sequence[UUID]) -> list[Attempt]:
    """Return the attempts of some deliveries, in order."""
    query = (
        select(WEBHOOK_ATTEMPT)
        .where(WEBHOOK_ATTEMPT.c.delivery.in_(of))
        .order_by(WEBHOOK_ATTEMPT.c.delivery, WEBHOOK_ATTEMPT.c.number)
    )
    return [Attempt(*row) for row in await connection.execute(query)]


async def replay_one(connection: AsyncConnection, webhook: UUID, delivery: UUID) -> int:
    """Make one delivery due again; return 0 where the webhook has no such delivery."""
    return await _again(
        connection,
        select(_DELIVERY.id).where(_DELIVERY.webhook == webhook, _DELIVERY.id == delivery),
    )


async def replay_events(
    connection: AsyncConnection,
    webhook: Webhook,
    *,
    since: datetime | None = None,
    after: UUID | None = None,
    most: int,
) -> tuple[int, UUID | None]:
    """Make every event of the webhook's types due, whether it was delivered before or not.

    Args:
        connection: Within a transaction.
        webhook: Which.
        since: From which instant on; from the first that is kept where None.
        after: From the event after this one on, in place of an instant.
        most: How many at once.

    Returns:
        How many, the oldest first; and the last of them where there are more, else None.
    """
    query = (
        select(_EVENT.id)
        .where(_EVENT.party == webhook.party, _EVENT.type.in_(webhook.types))
        .order_by(_EVENT.occurred_at, _EVENT.id)
        .limit(most + 1)
    )
    if since is not None:
        query = query.where(_EVENT.occurred_at >= since)
    if after is not None:
        at = select(_EVENT.occurred_at).where(_EVENT.id == after).scalar_subquery()
        query = query.where(tuple_(_EVENT.occurred_at, _EVENT.id) > tuple_(at, after))
    found = list(await connection.scalars(query))
    events = found[:most]
    if events:
        await connection.execute(
            insert(WEBHOOK_DELIVERY).on_conflict_do_nothing(index_elements=["webhook", "event"]),
            [{"webhook": webhook.id, "event": event} for event in events],
        )
    count = await _again(
        connection,
        select(_DELIVERY.id).where(_DELIVERY.webhook == webhook.id, _DELIVERY.event.in_(events)),
    )
    return count, events[-1] if len(found) > most else None


async def _again(connection: AsyncConnection, which: Select[Any]) -> int:
    statement = (
        update(WEBHOOK_DELIVERY)
        .where(_DELIVERY.id.in_(which))
        .values(
            state=DeliveryState.PENDING,
            version=_DELIVERY.version + 1,
            tries=0,
            due_at=func.now(),
            settled_at=None,
        )
        .returning(_DELIVERY.id, _DELIVERY.version)
    )
    due = [(row[0], row[1]) for row in await connection.execute(statement)]
    await jobs.defer_deliveries(connection, due)
    return len(due)
