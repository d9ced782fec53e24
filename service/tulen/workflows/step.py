"""Write down a step in the life of an application, a certificate or a verification request."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.certificate.life import Step, Subject, life_of
from tulen.database import life
from tulen.database.applications import Application
from tulen.database.life import LifeStep
from tulen.origin.proof.procedure_file import load_procedures
from tulen.values import AgreementCode, PartyCode, instant_text
from tulen.workflows.office import Caller


async def record_step(
    connection: AsyncConnection,
    step: Step,
    id_: str,
    *,
    agreement: AgreementCode,
    by: Caller | tuple[PartyCode, str],
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down that ``step`` was taken, with the agreement's article for it.

    Args:
        connection: The transaction that changes the subject's state, which holds its row.
        step: The step, from the table.
        id_: Whose.
        agreement: The agreement.
        by: Who took it.
        at: When.
        detail: What was said; nothing that may not be read by both parties.
    """
    party, officer = (by.party, by.officer) if isinstance(by, Caller) else by
    article = step.article(load_procedures().get(agreement), at.date())
    await life.record(
        connection,
        step.subject,
        id_,
        event=step.event,
        state=step.target,
        party=party,
        officer=officer,
        at=at,
        article=article.title,
        detail=detail or {},
    )


async def record_decision(
    connection: AsyncConnection,
    event: str,
    row: Application,
    caller: Caller,
    at: datetime,
    **detail: object,
) -> None:
    """Write down what ``caller`` did to an application, whose row says what came of it."""
    await record_step(
        connection,
        step_named(Subject.APPLICATION, event),
        str(row.id),
        agreement=row.agreement,
        by=caller,
        at=at,
        detail=detail,
    )


def step_named(subject: Subject, event: str) -> Step:
    """Return the only step that ``event`` is in the life of ``subject``."""
    (step,) = life_of(subject).steps[event]
    return step


def history(steps: tuple[LifeStep, ...]) -> list[dict[str, Any]]:
    """Return steps as JSON, in order."""
    return [
        {
            "event": step.event,
            "state": step.state,
            "party": step.party,
            "officer": step.officer,
            "at": instant_text(step.at),
            "article": step.article,
            **step.detail,
        }
        for step in steps
    ]
