"""Steps in the life of applications, certificates and verification requests, as taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.certificate.life import Subject
from tulen.database import locks
from tulen.database.tables import LIFE_STEP
from tulen.values import PartyCode


@dataclass(frozen=True, slots=True)
class LifeStep:
    """A step that was taken.

    Attributes:
        subject: Whose life.
        id: Which one: an application's identifier, a certificate's number.
        step: Its number, from 1.
        event: What happened.
        state: The state that followed.
        party: Whose officer took it.
        officer: Who.
        at: When.
        article: What allowed it.
        detail: What was said.
    """

    subject: Subject
    id: str
    step: int
    event: str
    state: str
    party: PartyCode
    officer: str
    at: datetime
    article: str
    detail: Mapping[str, Any]


async def record(
    connection: AsyncConnection,
    subject: Subject,
    id_: str,
    *,
    event: str,
    state: str,
    party: PartyCode,
    officer: str,
    at: datetime,
    article: str,
    detail: Mapping[str, Any],
) -> None:
    """Write a step down as the next of its subject; others wait for this transaction to end."""
    await locks.in_order(connection, f"life/{subject}/{id_}")
    last = select(func.coalesce(func.max(LIFE_STEP.c.step), 0)).where(
        LIFE_STEP.c.subject == subject, LIFE_STEP.c.id == id_
    )
    await connection.execute(
        insert(LIFE_STEP).values(
            subject=subject,
            id=id_,
            step=last.scalar_subquery() + 1,
            event=event,
            state=state,
            party=party,
            officer=officer,
            at=at,
            article=article,
            detail=dict(detail),
        )
    )


async def steps_of(connection: AsyncConnection, subject: Subject, id_: str) -> tuple[LifeStep, ...]:
    """Return what happened to one, in order."""
    query = (
        select(LIFE_STEP)
        .where(LIFE_STEP.c.subject == subject, LIFE_STEP.c.id == id_)
        .order_by(LIFE_STEP.c.step)
    )
    return tuple(LifeStep(*row) for row in await connection.execute(query))
