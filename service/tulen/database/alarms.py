"""Alarms: each raised once, and ended when what raised it is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database.states import EventType
from tulen.database.webhook_tables import ALARM

_OPEN = text("ended_at IS NULL")


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that somebody should look at.

    Attributes:
        id: Its identifier.
        kind: What it is.
        subject: What it is about; one open alarm for each kind and subject.
        detail: What was found, and what to do.
        raised_at: Since when.
        ended_at: Until when; None while it goes on.
    """

    id: UUID
    kind: EventType
    subject: str
    detail: str
    raised_at: datetime
    ended_at: datetime | None


async def open_alarms(connection: AsyncConnection, *kinds: EventType) -> list[Alarm]:
    """Return the alarms that go on, of the given kinds or of any, the oldest first."""
    query = select(ALARM).where(_OPEN).order_by(ALARM.c.raised_at, ALARM.c.kind, ALARM.c.subject)
    if kinds:
        query = query.where(ALARM.c.kind.in_(kinds))
    return [Alarm(*row) for row in await connection.execute(query)]


async def raise_(
    connection: AsyncConnection, kind: EventType, found: Mapping[str, str]
) -> list[Alarm]:
    """Raise an alarm for each subject that has none; return those that are new."""
    if not found:
        return []
    statement = (
        insert(ALARM)
        .values(
            [
                {"kind": kind, "subject": subject, "detail": detail}
                for subject, detail in found.items()
            ]
        )
        .on_conflict_do_nothing(index_elements=["kind", "subject"], index_where=_OPEN)
        .returning(ALARM)
    )
    return [Alarm(*row) for row in await connection.execute(statement)]


async def end(connection: AsyncConnection, alarms: list[Alarm]) -> list[Alarm]:
    """End ``alarms``; return those that had not ended yet."""
    if not alarms:
        return []
    statement = (
        update(ALARM)
        .where(ALARM.c.id.in_([alarm.id for alarm in alarms]), _OPEN)
        .values(ended_at=func.now())
        .returning(ALARM)
    )
    return [Alarm(*row) for row in await connection.execute(statement)]
