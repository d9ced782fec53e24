"""Import declarations, and what they draw from certificates."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database.errors import OtherContentError, StateChangedError
from tulen.database.states import DrawdownState
from tulen.database.tables import DECLARATION, DRAWDOWN
from tulen.values import Digest, PartyCode


@dataclass(frozen=True, slots=True)
class Declaration:
    """An import declaration as filed.

    Attributes:
        number: Its number.
        importer: Who filed it.
        content_digest: Digest of its canonical bytes: what makes two declarations the same.
        document_ref: Address of the document in the vault.
        assessment: Customs value, duties and taxes, as JSON without floats.
        declared_on: Legal date.
        filed_at: When it came in.
    """

    number: str
    importer: PartyCode
    content_digest: Digest
    document_ref: Digest
    assessment: dict[str, Any]
    declared_on: date
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class Drawdown:
    """What one line of a declaration draws from one line of a certificate.

    Attributes:
        declaration: The declaration's number.
        line: Its line, from 1.
        certificate: The certificate's number, for people.
        digest: The certificate's digest, which counts.
        certificate_line: The certificate's line.
        quantity_micro: Quantity in millionths of that line's unit.
        office: The customs office, such as a port.
        customs: The customs administration.
        salt: What blinds the reference; kept by customs alone.
        reference: The reference on chain (docs/specs/certificate.md, section 6).
        requested_at: When it was asked for.
        state: How far it has come.
        refusal: Why the contract refused it; None unless refused.
        settled_at: When the chain answered; None while it has not.
    """

    declaration: str
    line: int
    certificate: str
    digest: Digest
    certificate_line: int
    quantity_micro: int
    office: str
    customs: PartyCode
    salt: bytes = field(repr=False)
    reference: Digest
    requested_at: datetime
    state: DrawdownState = DrawdownState.REQUESTED
    refusal: str | None = None
    settled_at: datetime | None = None


_CONTENT = ("certificate", "digest", "certificate_line", "quantity_micro", "office", "customs")
"""What a repeat must say again; salt and reference of the first request stay."""


async def file(connection: AsyncConnection, declaration: Declaration) -> Declaration:
    """Record a declaration and return it; the same content once more returns the first.

    Raises:
        OtherContentError: the number belongs to a declaration that differs.
    """
    await connection.execute(
        insert(DECLARATION)
        .values(_values(declaration))
        .on_conflict_do_nothing(index_elements=["number"])
    )
    known = await find(connection, declaration.number)
    asked = (declaration.importer, declaration.content_digest)
    if known is None or (known.importer, known.content_digest) != asked:
        raise OtherContentError(f"declaration {declaration.number}", "another digest or importer")
    return known


async def find(connection: AsyncConnection, number: str) -> Declaration | None:
    """Return the declaration with ``number``, or None."""
    row = (
        await connection.execute(select(DECLARATION).where(DECLARATION.c.number == number))
    ).first()
    return None if row is None else Declaration(*row)


async def request_drawdown(connection: AsyncConnection, drawdown: Drawdown) -> Drawdown:
    """Record a drawdown and return it; the same content once more returns the first.

    Raises:
        OtherContentError: that declaration line has drawn something else.
    """
    await connection.execute(
        insert(DRAWDOWN)
        .values(_values(drawdown))
        # Of either key: who is an instant later meets the reference before the line.
        .on_conflict_do_nothing()
    )
    what = f"drawdown of declaration {drawdown.declaration} line {drawdown.line}"
    known = await find_drawdown(connection, drawdown.declaration, drawdown.line)
    if known is None:
        raise StateChangedError(what, expected="recorded", actual=None)
    for name in _CONTENT:
        before, asked = getattr(known, name), getattr(drawdown, name)
        if before != asked:
            raise OtherContentError(what, f"{name} was {before}, now {asked}")
    return known


async def request_again(connection: AsyncConnection, drawdown: Drawdown) -> None:
    """Record what is to be drawn now, in place of what was refused under the same reference."""
    await connection.execute(
        update(DRAWDOWN)
        .where(
            DRAWDOWN.c.reference == drawdown.reference, DRAWDOWN.c.state == DrawdownState.REFUSED
        )
        .values(
            quantity_micro=drawdown.quantity_micro,
            customs=drawdown.customs,
            requested_at=drawdown.requested_at,
            state=DrawdownState.REQUESTED,
            refusal=None,
            settled_at=None,
        )
    )


async def find_drawdown(
    connection: AsyncConnection, declaration: str, line: int
) -> Drawdown | None:
    """Return what a declaration line draws, or None."""
    query = select(DRAWDOWN).where(DRAWDOWN.c.declaration == declaration, DRAWDOWN.c.line == line)
    row = (await connection.execute(query)).first()
    return None if row is None else Drawdown(*row)


async def find_drawdown_by_reference(
    connection: AsyncConnection, reference: Digest
) -> Drawdown | None:
    """Return the drawdown with the reference on chain, or None."""
    query = select(DRAWDOWN).where(DRAWDOWN.c.reference == reference)
    row = (await connection.execute(query)).first()
    return None if row is None else Drawdown(*row)


async def drawdowns_of(connection: AsyncConnection, digest: Digest) -> tuple[Drawdown, ...]:
    """Return what was drawn, or asked for, from a certificate, the oldest first."""
    query = (
        select(DRAWDOWN)
        .where(DRAWDOWN.c.digest == digest)
        .order_by(DRAWDOWN.c.requested_at, DRAWDOWN.c.declaration, DRAWDOWN.c.line)
    )
    return tuple(Drawdown(*row) for row in await connection.execute(query))


async def settle_drawdown(
    connection: AsyncConnection,
    reference: Digest,
    state: DrawdownState,
    *,
    refusal: str | None = None,
) -> Drawdown:
    """Record what the chain says of a drawdown; back to ``requested`` when its block is orphaned.

    Raises:
        StateChangedError: it is final already, or unknown.
    """
    settled = (
        None
        if state is DrawdownState.REQUESTED
        else func.coalesce(DRAWDOWN.c.settled_at, func.now())
    )
    statement = (
        update(DRAWDOWN)
        .where(
            DRAWDOWN.c.reference == reference,
            (DRAWDOWN.c.state != DrawdownState.FINAL) | (DRAWDOWN.c.state == state),
        )
        .values(state=state, refusal=refusal, settled_at=settled)
        .returning(DRAWDOWN)
    )
    row = (await connection.execute(statement)).first()
    if row is None:
        known = await find_drawdown_by_reference(connection, reference)
        raise StateChangedError(
            f"drawdown {reference}",
            expected="not final",
            actual=None if known is None else known.state,
        )
    return Drawdown(*row)


def _values(record: Declaration | Drawdown) -> dict[str, Any]:
    return {part.name: getattr(record, part.name) for part in fields(record)}
