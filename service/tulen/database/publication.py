"""How far each log is published, what becomes final, and who waits too long.

An entry is published once the anchor of a checkpoint over it is final. That boundary is kept, not
looked for: whoever asks what waits reads the end of a log and never the register.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database.checkpoints import STANDS_ON_CHAIN
from tulen.database.events import Event
from tulen.database.states import EventType
from tulen.database.tables import APPLICATION, CERTIFICATE, CHAIN_BLOCK, CHAIN_EVENT, CHECKPOINT
from tulen.database.webhook_tables import PUBLISHED
from tulen.values import Digest, PartyCode

_BECOMING = and_(
    CHAIN_BLOCK.c.chain_id == CHAIN_EVENT.c.chain_id,
    CHAIN_BLOCK.c.hash == CHAIN_EVENT.c.block_hash,
    text("NOT chain_block.final"),  # To the letter, for the partial index.
)
_CONCERNED = select(
    CERTIFICATE.c.number,
    CERTIFICATE.c.digest,
    CERTIFICATE.c.authority,
    APPLICATION.c.exporter,
    CERTIFICATE.c.precommitted_at,
).join(APPLICATION, APPLICATION.c.id == CERTIFICATE.c.application)


@dataclass(frozen=True, slots=True)
class Concerned:
    """A certificate and whom it concerns.

    Attributes:
        number: Its number.
        digest: Its digest.
        authority: Who issued it.
        exporter: Who applied for it.
        precommitted_at: When it was written down, which is when its deadline begins.
    """

    number: str
    digest: Digest
    authority: PartyCode
    exporter: PartyCode
    precommitted_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A certificate without a final anchor.

    Attributes:
        number: Its number.
        authority: Who issued it.
        precommitted_at: When it was written down.
    """

    number: str
    authority: PartyCode
    precommitted_at: datetime


async def becoming_published(
    connection: AsyncConnection, chain_id: int, up_to: int
) -> list[tuple[PartyCode, int]]:
    """Return each authority and size whose anchor becomes final with the blocks up to a height."""
    query = (
        select(CHECKPOINT.c.authority, func.max(CHECKPOINT.c.size))
        .join(CHAIN_EVENT, STANDS_ON_CHAIN)
        .join(CHAIN_BLOCK, _BECOMING)
        .where(CHAIN_BLOCK.c.chain_id == chain_id, CHAIN_BLOCK.c.number <= up_to)
        .group_by(CHECKPOINT.c.authority)
    )
    return [(row[0], row[1]) for row in await connection.execute(query)]


async def finally_anchored(connection: AsyncConnection, authority: PartyCode, above: int) -> int:
    """Return the largest size above one whose anchor is final by now; 0 where there is none."""
    query = (
        select(func.max(CHECKPOINT.c.size))
        .join(CHAIN_EVENT, STANDS_ON_CHAIN)
        .join(
            CHAIN_BLOCK,
            and_(
                CHAIN_BLOCK.c.chain_id == CHAIN_EVENT.c.chain_id,
                CHAIN_BLOCK.c.hash == CHAIN_EVENT.c.block_hash,
            ),
        )
        .where(CHECKPOINT.c.authority == authority, CHECKPOINT.c.size > above, CHAIN_BLOCK.c.final)
    )
    return int(await connection.scalar(query) or 0)


async def advance(connection: AsyncConnection, authority: PartyCode, size: int) -> range:
    """Record that entries below ``size`` are published; return those that were not before."""
    before = await published_size(connection, authority)
    if size <= before:
        return range(0)
    await connection.execute(
        insert(PUBLISHED)
        .values(authority=authority, size=size)
        .on_conflict_do_update(
            index_elements=["authority"], set_={"size": size, "final_at": func.now()}
        )
    )
    return range(before, size)


async def published_size(connection: AsyncConnection, authority: PartyCode) -> int:
    """Return how many entries of a log are published."""
    query = select(PUBLISHED.c.size).where(PUBLISHED.c.authority == authority)
    return int(await connection.scalar(query) or 0)


async def becoming_final(
    connection: AsyncConnection, chain_id: int, up_to: int, names: tuple[str, ...]
) -> list[tuple[Event, Concerned]]:
    """Return the events about certificates issued here that become final with those blocks."""
    query = (
        _CONCERNED.add_columns(*CHAIN_EVENT.c)
        .join(CHAIN_EVENT, CHAIN_EVENT.c.subject == CERTIFICATE.c.digest)
        .join(CHAIN_BLOCK, _BECOMING)
        .where(
            CHAIN_BLOCK.c.chain_id == chain_id,
            CHAIN_BLOCK.c.number <= up_to,
            CHAIN_EVENT.c.name.in_(names),
        )
        .order_by(CHAIN_EVENT.c.block_number, CHAIN_EVENT.c.log_index)
    )
    width = len(_CONCERNED.selected_columns)
    return [
        (Event(*row[width:]), Concerned(*row[:width])) for row in await connection.execute(query)
    ]


async def logged_in(
    connection: AsyncConnection, authority: PartyCode, indices: range
) -> list[Concerned]:
    """Return the certificates whose entries have these indices in a log, in its order."""
    query = _CONCERNED.where(
        CERTIFICATE.c.authority == authority,
        CERTIFICATE.c.log_index >= indices.start,
        CERTIFICATE.c.log_index < indices.stop,
    ).order_by(CERTIFICATE.c.log_index)
    return [Concerned(*row) for row in await connection.execute(query)]


async def issued_as(connection: AsyncConnection, digest: Digest) -> Concerned | None:
    """Return the certificate with ``digest`` if it was issued here, else None."""
    row = (await connection.execute(_CONCERNED.where(CERTIFICATE.c.digest == digest))).first()
    return None if row is None else Concerned(*row)


_WAITING = """
    SELECT waiting.number, waiting.authority, waiting.precommitted_at FROM (
        (SELECT number, authority, application, precommitted_at FROM certificate
         WHERE state <> 'logged' AND precommitted_at < :before {unless}
         ORDER BY precommitted_at LIMIT :most)
        UNION ALL
        SELECT logged.* FROM log_state
        LEFT JOIN published ON published.authority = log_state.authority
        CROSS JOIN LATERAL (
            SELECT number, authority, application, precommitted_at FROM certificate
            WHERE certificate.authority = log_state.authority
            AND log_index >= coalesce(published.size, 0) AND precommitted_at < :before {unless}
            ORDER BY log_index LIMIT :most) AS logged
    ) AS waiting
"""


async def waiting(connection: AsyncConnection, before: datetime, most: int) -> list[Waiting]:
    """Return certificates written down before an instant without a final anchor, oldest first.

    Args:
        connection: Within a transaction.
        before: The instant.
        most: How many of each log at most, and of those that are in none.
    """
    query = text(_WAITING.format(unless="") + " ORDER BY waiting.precommitted_at, waiting.number")
    rows = await connection.execute(query, {"before": before, "most": most})
    return [Waiting(row[0], PartyCode(row[1]), row[2]) for row in rows]


async def untold(
    connection: AsyncConnection, party: PartyCode, before: datetime, most: int
) -> list[Concerned]:
    """Return those of them that concern ``party`` and of which it was not told yet."""
    unless = """
        AND (certificate.authority = :party OR EXISTS (SELECT FROM application
            WHERE application.id = certificate.application AND application.exporter = :party))
        AND NOT EXISTS (SELECT FROM webhook_event WHERE webhook_event.party = :party
            AND webhook_event.type = :type AND webhook_event.key = certificate.number)"""
    numbers = text(_WAITING.format(unless=unless))
    rows = await connection.execute(
        numbers,
        {"before": before, "most": most, "party": party, "type": EventType.CERTIFICATE_LATE},
    )
    query = _CONCERNED.where(CERTIFICATE.c.number.in_([row[0] for row in rows]))
    return [Concerned(*row) for row in await connection.execute(query)]
