"""Everything that is stored, page by page in the order of its key, for whoever checks all of it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, literal, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database.applications import Application
from tulen.database.certificates import Certificate
from tulen.database.checkpoints import Checkpoint
from tulen.database.declarations import Declaration
from tulen.database.log import LogState
from tulen.database.tables import (
    APPLICATION,
    CERTIFICATE,
    CHAIN_ATTEMPT,
    CHECKPOINT,
    DECLARATION,
    DRAWDOWN,
    LOG_ENTRY,
    LOG_STATE,
    LOG_TILE,
)
from tulen.values import Digest, Ed25519PublicKey, PartyCode

_LEVEL_BITS = 8
_WIDTH = 1 << _LEVEL_BITS


async def as_of_now(connection: AsyncConnection) -> None:
    """Make everything that the transaction reads be of one moment; nothing may come before it."""
    await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))


async def logs(connection: AsyncConnection) -> list[tuple[PartyCode, LogState]]:
    """Return every log, and how far it says to have come."""
    query = select(LOG_STATE.c.authority, LOG_STATE.c.size, LOG_STATE.c.sealed_size)
    rows = await connection.execute(query.order_by(LOG_STATE.c.authority))
    return [(row[0], LogState(row[1], row[2])) for row in rows]


async def keys_of(connection: AsyncConnection, authority: PartyCode) -> list[Ed25519PublicKey]:
    """Return the keys that the authority's certificates say to be signed with."""
    query = select(CERTIFICATE.c.key).where(CERTIFICATE.c.authority == authority).distinct()
    return list(await connection.scalars(query))


async def surplus_tiles(
    connection: AsyncConnection, authority: PartyCode, sealed: int, limit: int
) -> list[tuple[int, int]]:
    """Return up to ``limit`` tiles, as (level, index), that a log of ``sealed`` has nothing of."""
    nodes = literal(sealed, BigInteger).op(">>")(_LEVEL_BITS * LOG_TILE.c.level)
    query = (
        select(LOG_TILE.c.level, LOG_TILE.c.index)
        .where(LOG_TILE.c.authority == authority, LOG_TILE.c.index * _WIDTH >= nodes)
        .order_by(LOG_TILE.c.level, LOG_TILE.c.index)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in await connection.execute(query)]


async def checkpoints_after(
    connection: AsyncConnection, authority: PartyCode, size: int, limit: int
) -> list[Checkpoint]:
    """Return up to ``limit`` checkpoints over more than ``size`` entries, in order."""
    query = (
        select(CHECKPOINT)
        .where(CHECKPOINT.c.authority == authority, CHECKPOINT.c.size > size)
        .order_by(CHECKPOINT.c.size)
        .limit(limit)
    )
    return [Checkpoint(*row) for row in await connection.execute(query)]


async def unissued_entries(
    connection: AsyncConnection, authority: PartyCode, limit: int
) -> list[tuple[int, Digest, Digest | None]]:
    """Return up to ``limit`` entries of the log that no certificate stands at, or another one.

    Each comes as its index, its digest, and that of the certificate.
    """
    query = (
        select(LOG_ENTRY.c.index, LOG_ENTRY.c.digest, CERTIFICATE.c.digest)
        .outerjoin(
            CERTIFICATE,
            (CERTIFICATE.c.authority == LOG_ENTRY.c.authority)
            & (CERTIFICATE.c.log_index == LOG_ENTRY.c.index),
        )
        .where(
            LOG_ENTRY.c.authority == authority,
            CERTIFICATE.c.digest.is_distinct_from(LOG_ENTRY.c.digest),
        )
        .order_by(LOG_ENTRY.c.index)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in await connection.execute(query)]


async def signed_after(
    connection: AsyncConnection, authority: PartyCode, number: str, limit: int
) -> list[tuple[str, Digest]]:
    """Return number and digest of up to ``limit`` signed certificates after ``number``."""
    query = (
        select(CERTIFICATE.c.number, CERTIFICATE.c.digest)
        .where(
            CERTIFICATE.c.authority == authority,
            CERTIFICATE.c.number > number,
            CERTIFICATE.c.signature.is_not(None),
        )
        .order_by(CERTIFICATE.c.number)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in await connection.execute(query)]


async def certificates_after(
    connection: AsyncConnection, number: str, limit: int
) -> list[Certificate]:
    """Return up to ``limit`` certificates after ``number``."""
    query = select(CERTIFICATE).where(CERTIFICATE.c.number > number)
    rows = await connection.execute(query.order_by(CERTIFICATE.c.number).limit(limit))
    return [Certificate(*row) for row in rows]


async def applications_after(
    connection: AsyncConnection, application: UUID, limit: int
) -> list[Application]:
    """Return up to ``limit`` applications after ``application``."""
    query = select(APPLICATION).where(APPLICATION.c.id > application)
    rows = await connection.execute(query.order_by(APPLICATION.c.id).limit(limit))
    return [Application(*row) for row in rows]


async def declarations_after(
    connection: AsyncConnection, number: str, limit: int
) -> list[Declaration]:
    """Return up to ``limit`` declarations after ``number``."""
    query = select(DECLARATION).where(DECLARATION.c.number > number)
    rows = await connection.execute(query.order_by(DECLARATION.c.number).limit(limit))
    return [Declaration(*row) for row in rows]


async def references_after(
    connection: AsyncConnection, declaration: str, line: int, limit: int
) -> Sequence[Any]:
    """Return declaration, line, salt and reference of up to ``limit`` drawdowns after that one."""
    columns = DRAWDOWN.c
    query = (
        select(columns.declaration, columns.line, columns.salt, columns.reference)
        .where(tuple_(columns.declaration, columns.line) > (declaration, line))
        .order_by(columns.declaration, columns.line)
        .limit(limit)
    )
    return (await connection.execute(query)).all()


async def attempts_after(
    connection: AsyncConnection, tx_hash: Digest, limit: int
) -> list[tuple[Digest, bytes]]:
    """Return hash and bytes of up to ``limit`` signed transactions after ``tx_hash``."""
    columns = CHAIN_ATTEMPT.c
    query = select(columns.tx_hash, columns.raw).where(columns.tx_hash > tx_hash)
    rows = await connection.execute(query.order_by(columns.tx_hash).limit(limit))
    return [(row[0], row[1]) for row in rows]
