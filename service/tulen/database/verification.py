"""Requests for verification. Which step may follow which, `tulen.certificate.life` says."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.certificate.life import Subject, life_of
from tulen.database.states import Answer, Doubt, Preference, VerificationState
from tulen.database.tables import CERTIFICATE
from tulen.database.verification_tables import VERIFICATION_LINE, VERIFICATION_REQUEST
from tulen.values import AgreementCode, Digest, PartyCode

_ENDED = tuple(sorted(life_of(Subject.VERIFICATION).ends))


@dataclass(frozen=True, slots=True)
class VerificationRequest:
    """What customs asks about a certificate.

    Attributes:
        id: Its identifier.
        certificate: The certificate's number.
        authority: Who issued it, and is asked.
        customs: Who asks.
        agreement: The certificate's agreement.
        doubt: Whether it was picked at random, or gave reason to doubt.
        reason: Why it is asked.
        question: What is asked.
        asked_by: The officer of customs.
        asked_at: When.
        state: How far it has come.
        changed_at: Since when.
        due_clock: The clock after which it lapses by itself; None where nothing is waited for.
        due_on: That clock's last day; None where it is not known, or there is none.
    """

    id: UUID
    certificate: str
    authority: PartyCode
    customs: PartyCode
    agreement: AgreementCode
    doubt: Doubt
    reason: str
    question: str
    asked_by: str
    asked_at: datetime
    state: VerificationState
    changed_at: datetime
    due_clock: str | None
    due_on: date | None


@dataclass(frozen=True, slots=True)
class VerificationLine:
    """One line of the certificate that is asked about.

    Attributes:
        request: The request.
        line: The certificate's line.
        answer: What the authority said last; None before.
        note: What it added.
        preference: What customs determined; None before.
        denial: Code of the reason where it is denied.
    """

    request: UUID
    line: int
    answer: Answer | None = None
    note: str | None = None
    preference: Preference | None = None
    denial: str | None = None


async def ask(
    connection: AsyncConnection, request: VerificationRequest, lines: Iterable[int]
) -> bool:
    """Record a request; return False where its identifier is taken, and nothing is recorded."""
    values = {part.name: getattr(request, part.name) for part in fields(request)}
    statement = (
        insert(VERIFICATION_REQUEST)
        .values(values)
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(VERIFICATION_REQUEST.c.id)
    )
    if (await connection.execute(statement)).first() is None:
        return False
    rows = [{"request": request.id, "line": line} for line in lines]
    await connection.execute(insert(VERIFICATION_LINE), rows)
    return True


async def find(
    connection: AsyncConnection, request: UUID, *, held: bool = False
) -> VerificationRequest | None:
    """Return the request, or None; ``held`` for this transaction alone where it is to change."""
    query = select(VERIFICATION_REQUEST).where(VERIFICATION_REQUEST.c.id == request)
    row = (await connection.execute(query.with_for_update() if held else query)).first()
    return None if row is None else VerificationRequest(*row)


async def lines_of(connection: AsyncConnection, request: UUID) -> tuple[VerificationLine, ...]:
    """Return the lines that a request is about, in order."""
    query = (
        select(VERIFICATION_LINE)
        .where(VERIFICATION_LINE.c.request == request)
        .order_by(VERIFICATION_LINE.c.line)
    )
    return tuple(VerificationLine(*row) for row in await connection.execute(query))


async def advance(
    connection: AsyncConnection,
    request: UUID,
    *,
    state: str,
    at: datetime,
    due_clock: str | None,
    due_on: date | None,
) -> VerificationRequest:
    """Record the state that follows. The caller has found the request ``held``."""
    statement = (
        update(VERIFICATION_REQUEST)
        .where(VERIFICATION_REQUEST.c.id == request)
        .values(state=state, changed_at=at, due_clock=due_clock, due_on=due_on)
        .returning(VERIFICATION_REQUEST)
    )
    return VerificationRequest(*(await connection.execute(statement)).one())


async def say(connection: AsyncConnection, lines: Iterable[VerificationLine]) -> None:
    """Record what is said of lines now, in place of what was said before."""
    for line in lines:
        await connection.execute(
            update(VERIFICATION_LINE)
            .where(
                VERIFICATION_LINE.c.request == line.request, VERIFICATION_LINE.c.line == line.line
            )
            .values(
                answer=line.answer,
                note=line.note,
                preference=line.preference,
                denial=line.denial,
            )
        )


async def of_customs(
    connection: AsyncConnection,
    customs: PartyCode,
    state: VerificationState | None = None,
    *,
    limit: int = 100,
) -> tuple[VerificationRequest, ...]:
    """Return what ``customs`` asked, the latest first; only those in ``state``, if given."""
    query = (
        select(VERIFICATION_REQUEST)
        .where(VERIFICATION_REQUEST.c.customs == customs, *_in(state))
        .order_by(VERIFICATION_REQUEST.c.asked_at.desc(), VERIFICATION_REQUEST.c.id)
        .limit(limit)
    )
    return tuple(VerificationRequest(*row) for row in await connection.execute(query))


async def of_authority(
    connection: AsyncConnection,
    authority: PartyCode,
    state: VerificationState | None = None,
    *,
    limit: int = 100,
) -> tuple[VerificationRequest, ...]:
    """Return what ``authority`` was asked, the oldest first; only those in ``state``, if given."""
    query = (
        select(VERIFICATION_REQUEST)
        .where(VERIFICATION_REQUEST.c.authority == authority, *_in(state))
        .order_by(VERIFICATION_REQUEST.c.asked_at, VERIFICATION_REQUEST.c.id)
        .limit(limit)
    )
    return tuple(VerificationRequest(*row) for row in await connection.execute(query))


async def open_of(connection: AsyncConnection, certificate: str) -> tuple[VerificationRequest, ...]:
    """Return the requests about a certificate that nothing has ended, the oldest first."""
    query = (
        select(VERIFICATION_REQUEST)
        .where(
            VERIFICATION_REQUEST.c.certificate == certificate,
            VERIFICATION_REQUEST.c.state.not_in(_ENDED),
        )
        .order_by(VERIFICATION_REQUEST.c.asked_at, VERIFICATION_REQUEST.c.id)
    )
    return tuple(VerificationRequest(*row) for row in await connection.execute(query))


async def about_line(
    connection: AsyncConnection, digest: Digest, line: int
) -> tuple[tuple[VerificationRequest, VerificationLine], ...]:
    """Return what was asked about a line and not withdrawn, as last changed.

    Args:
        connection: The transaction.
        digest: Of the certificate: a forged one of the same number is another.
        line: The certificate's line.
    """
    query = (
        select(VERIFICATION_REQUEST, VERIFICATION_LINE)
        .join(VERIFICATION_LINE, VERIFICATION_LINE.c.request == VERIFICATION_REQUEST.c.id)
        .join(CERTIFICATE, CERTIFICATE.c.number == VERIFICATION_REQUEST.c.certificate)
        .where(
            CERTIFICATE.c.digest == digest,
            VERIFICATION_LINE.c.line == line,
            VERIFICATION_REQUEST.c.state != VerificationState.WITHDRAWN,
        )
        .order_by(VERIFICATION_REQUEST.c.changed_at, VERIFICATION_REQUEST.c.id)
    )
    width = len(VERIFICATION_REQUEST.c)
    return tuple(
        (VerificationRequest(*row[:width]), VerificationLine(*row[width:]))
        for row in await connection.execute(query)
    )


async def overdue(
    connection: AsyncConnection, today: date, *, limit: int = 100
) -> tuple[UUID, ...]:
    """Return requests whose clock's last day is before ``today``, those due first first."""
    query = (
        select(VERIFICATION_REQUEST.c.id)
        .where(VERIFICATION_REQUEST.c.due_on < today)
        .order_by(VERIFICATION_REQUEST.c.due_on, VERIFICATION_REQUEST.c.id)
        .limit(limit)
    )
    return tuple(await connection.scalars(query))


def _in(state: VerificationState | None) -> list[ColumnElement[bool]]:
    return [] if state is None else [VERIFICATION_REQUEST.c.state == state]
