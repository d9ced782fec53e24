"""One answer per idempotency key, so that a repeated request does nothing twice."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement

from tulen.database.tables import IDEMPOTENCY
from tulen.values import PartyCode

ABANDONED_AFTER = timedelta(seconds=60)
"""After that, a claim without an answer is one whose process died; a repeat takes it over."""


@dataclass(frozen=True, slots=True)
class EarlierRequest:
    """A request that came before with the same key.

    Attributes:
        request_hash: SHA-256 of its body.
        status: Status of its answer; None while it has none.
        response: Body of its answer; None while it has none.
    """

    request_hash: bytes
    status: int | None
    response: bytes | None


async def claim(
    connection: AsyncConnection, *, party: PartyCode, route: str, key: str, request_hash: bytes
) -> EarlierRequest | None:
    """Return None if the work is the caller's to do, or the earlier request with this key.

    A claim with the same body that has had no answer for `ABANDONED_AFTER` is taken over. Two
    callers at once: one gets None; the other waits for that transaction and gets its request.
    """
    new = insert(IDEMPOTENCY).values(party=party, route=route, key=key, request_hash=request_hash)
    statement = new.on_conflict_do_update(
        index_elements=["party", "route", "key"],
        set_={"created_at": func.now()},
        where=(IDEMPOTENCY.c.status.is_(None))
        & (IDEMPOTENCY.c.request_hash == request_hash)
        & (IDEMPOTENCY.c.created_at < func.now() - ABANDONED_AFTER),
    ).returning(IDEMPOTENCY.c.key)
    if (await connection.execute(statement)).first() is not None:
        return None
    columns = IDEMPOTENCY.c
    query = select(columns.request_hash, columns.status, columns.response)
    row = (await connection.execute(query.where(_is(party, route, key)))).first()
    if row is None:  # Forgotten in between: ask once more.
        return await claim(connection, party=party, route=route, key=key, request_hash=request_hash)
    return EarlierRequest(*row)


async def answer(
    connection: AsyncConnection,
    *,
    party: PartyCode,
    route: str,
    key: str,
    status: int,
    response: bytes,
) -> None:
    """Keep the answer for every repeat; the first one given stays."""
    await connection.execute(
        update(IDEMPOTENCY)
        .where(_is(party, route, key), IDEMPOTENCY.c.status.is_(None))
        .values(status=status, response=response)
    )


async def forget(connection: AsyncConnection, *, party: PartyCode, route: str, key: str) -> None:
    """Give the key back where the work failed; an answer that was given stays."""
    await connection.execute(
        delete(IDEMPOTENCY).where(_is(party, route, key), IDEMPOTENCY.c.status.is_(None))
    )


async def purge(connection: AsyncConnection, *, before: datetime) -> int:
    """Drop what was claimed before an instant, and return how much that was."""
    result = await connection.execute(delete(IDEMPOTENCY).where(IDEMPOTENCY.c.created_at < before))
    return result.rowcount


def _is(party: PartyCode, route: str, key: str) -> ColumnElement[bool]:
    columns = IDEMPOTENCY.c
    return (columns.party == party) & (columns.route == route) & (columns.key == key)
