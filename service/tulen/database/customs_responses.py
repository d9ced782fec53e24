"""What customs tells issuers that it has done with their certificates."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database.states import ResponseKind
from tulen.database.tables import APPLICATION, CERTIFICATE
from tulen.database.verification_tables import CUSTOMS_RESPONSE, CUSTOMS_RESPONSE_LINE
from tulen.values import AgreementCode, PartyCode, UnitCode


@dataclass(frozen=True, slots=True)
class CustomsResponse:
    """One response.

    Attributes:
        id: Its identifier.
        certificate: The certificate's number.
        authority: Who issued it.
        customs: Who responds.
        agreement: The certificate's agreement.
        kind: What was done with it.
        reason: Code of the reason; None where all was accepted.
        note: What customs adds.
        received_on: Day on which customs received the certificate; its clock runs from there.
        responded_by: The officer of customs.
        responded_at: When.
    """

    id: UUID
    certificate: str
    authority: PartyCode
    customs: PartyCode
    agreement: AgreementCode
    kind: ResponseKind
    reason: str | None
    note: str | None
    received_on: date
    responded_by: str
    responded_at: datetime


@dataclass(frozen=True, slots=True)
class CustomsResponseLine:
    """What was used of one line.

    Attributes:
        response: The response.
        line: The certificate's line.
        unit: The line's unit.
        used_micro: Quantity in millionths of it.
    """

    response: UUID
    line: int
    unit: UnitCode
    used_micro: int


async def respond(
    connection: AsyncConnection, response: CustomsResponse, lines: Iterable[CustomsResponseLine]
) -> bool:
    """Record a response; return False where its identifier is taken, and nothing is recorded."""
    statement = (
        insert(CUSTOMS_RESPONSE)
        .values(_values(response))
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(CUSTOMS_RESPONSE.c.id)
    )
    if (await connection.execute(statement)).first() is None:
        return False
    if rows := [_values(line) for line in lines]:
        await connection.execute(insert(CUSTOMS_RESPONSE_LINE), rows)
    return True


async def find(connection: AsyncConnection, response: UUID) -> CustomsResponse | None:
    """Return the response, or None."""
    query = select(CUSTOMS_RESPONSE).where(CUSTOMS_RESPONSE.c.id == response)
    row = (await connection.execute(query)).first()
    return None if row is None else CustomsResponse(*row)


async def lines_of(connection: AsyncConnection, response: UUID) -> tuple[CustomsResponseLine, ...]:
    """Return what was used of each line, in order."""
    query = (
        select(CUSTOMS_RESPONSE_LINE)
        .where(CUSTOMS_RESPONSE_LINE.c.response == response)
        .order_by(CUSTOMS_RESPONSE_LINE.c.line)
    )
    return tuple(CustomsResponseLine(*row) for row in await connection.execute(query))


async def of_customs(
    connection: AsyncConnection, customs: PartyCode, *, limit: int = 100
) -> tuple[CustomsResponse, ...]:
    """Return what ``customs`` responded, the latest first."""
    return await _latest(connection, CUSTOMS_RESPONSE.c.customs == customs, limit)


async def of_authority(
    connection: AsyncConnection, authority: PartyCode, *, limit: int = 100
) -> tuple[CustomsResponse, ...]:
    """Return the responses about certificates of ``authority``, the latest first."""
    return await _latest(connection, CUSTOMS_RESPONSE.c.authority == authority, limit)


async def of_exporter(
    connection: AsyncConnection, exporter: PartyCode, *, limit: int = 100
) -> tuple[CustomsResponse, ...]:
    """Return the responses about certificates of ``exporter``, the latest first."""
    own = (
        select(CERTIFICATE.c.number)
        .join(APPLICATION, APPLICATION.c.id == CERTIFICATE.c.application)
        .where(APPLICATION.c.exporter == exporter)
    )
    return await _latest(connection, CUSTOMS_RESPONSE.c.certificate.in_(own), limit)


async def _latest(
    connection: AsyncConnection, which: ColumnElement[bool], limit: int
) -> tuple[CustomsResponse, ...]:
    query = (
        select(CUSTOMS_RESPONSE)
        .where(which)
        .order_by(CUSTOMS_RESPONSE.c.responded_at.desc(), CUSTOMS_RESPONSE.c.id)
        .limit(limit)
    )
    return tuple(CustomsResponse(*row) for row in await connection.execute(query))


def _values(record: CustomsResponse | CustomsResponseLine) -> dict[str, Any]:
    return {part.name: getattr(record, part.name) for part in fields(record)}
