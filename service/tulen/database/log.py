"""The authorities' logs as stored: entries and tiles.

Whoever appends holds the log's one row in ``log_state`` until its transaction ends, so a log has
one writer at a time, and no index is given twice or left out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    LargeBinary,
    SmallInteger,
    bindparam,
    column,
    func,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database.errors import LogRewriteError, OtherContentError
from tulen.database.tables import LOG_ENTRY, LOG_STATE, LOG_TILE
from tulen.values import Digest, PartyCode


@dataclass(frozen=True, slots=True)
class LogState:
    """How far a log has come.

    Attributes:
        size: Number of its entries.
        sealed_size: How many of them the latest checkpoint covers.
    """

    size: int
    sealed_size: int


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry.

    Attributes:
        authority: Whose log it stands in.
        index: Where, from 0.
        kind: What it is (docs/specs/log.md, section 1).
        digest: What it commits to.
        leaf_hash: Its leaf hash, computed by the database.
        logged_at: When it was added.
    """

    authority: PartyCode
    index: int
    kind: int
    digest: Digest
    leaf_hash: bytes
    logged_at: datetime


_ENTRIES = select(
    LOG_ENTRY.c.authority,
    LOG_ENTRY.c.index,
    LOG_ENTRY.c.kind,
    LOG_ENTRY.c.digest,
    LOG_ENTRY.c.leaf_hash,
    LOG_ENTRY.c.logged_at,
)

_TILES = text(
    "SELECT level, index, hashes FROM log_tile JOIN unnest(:levels, :indexes) wanted(level, index) "
    "USING (level, index) WHERE authority = :authority"
).bindparams(
    bindparam("authority", type_=LOG_TILE.c.authority.type),
    bindparam("levels", type_=ARRAY(SmallInteger)),
    bindparam("indexes", type_=ARRAY(BigInteger)),
)
"""In words of its own: this is read for each proof, and goes by half the time of a built one."""


async def state(connection: AsyncConnection, authority: PartyCode) -> LogState:
    """Return how far the log has come; an unknown log is empty."""
    query = select(LOG_STATE.c.size, LOG_STATE.c.sealed_size)
    row = (await connection.execute(query.where(LOG_STATE.c.authority == authority))).first()
    return LogState(0, 0) if row is None else LogState(*row)


async def lock(connection: AsyncConnection, authority: PartyCode) -> LogState:
    """Become the log's only writer until the transaction ends, and return how far it has come."""
    await connection.execute(
        insert(LOG_STATE)
        .values(authority=authority, size=0, sealed_size=0)
        .on_conflict_do_nothing()
    )
    query = (
        select(LOG_STATE.c.size, LOG_STATE.c.sealed_size)
        .where(LOG_STATE.c.authority == authority)
        .with_for_update()
    )
    return LogState(*(await connection.execute(query)).one())


async def append_entry(
    connection: AsyncConnection, authority: PartyCode, kind: int, digest: Digest
) -> int:
    """Add an entry and return its index; a digest that stands in the log keeps its own.

    Raises:
        OtherContentError: the digest stands in the log as another kind.
    """
    await lock(connection, authority)
    known = await find_entry(connection, authority, digest)
    if known is None:
        return await append_entries(connection, authority, kind, [digest])
    if known.kind != kind:
        raise OtherContentError(f"log entry {digest}", f"it is of kind {known.kind}")
    return known.index


async def append_entries(
    connection: AsyncConnection, authority: PartyCode, kind: int, digests: Sequence[Digest]
) -> int:
    """Add entries, all new, in order, and return the index of the first.

    Raises:
        ConstraintError: a digest stands in the log already.
    """
    first = (await lock(connection, authority)).size
    given = func.unnest(literal([bytes(digest) for digest in digests], ARRAY(LargeBinary)))
    added = given.table_valued("digest", with_ordinality="position").render_derived(name="added")
    await connection.execute(
        insert(LOG_ENTRY).from_select(
            ["authority", "index", "kind", "digest"],
            select(
                literal(authority, LOG_ENTRY.c.authority.type),
                added.c.position - 1 + first,
                literal(kind, SmallInteger),
                added.c.digest,
            ),
        )
    )
    await connection.execute(
        update(LOG_STATE)
        .where(LOG_STATE.c.authority == authority)
        .values(size=first + len(digests))
    )
    return first


async def find_entry(
    connection: AsyncConnection, authority: PartyCode, digest: Digest
) -> LogEntry | None:
    """Return the entry that commits to ``digest``, or None."""
    query = _ENTRIES.where(LOG_ENTRY.c.authority == authority, LOG_ENTRY.c.digest == digest)
    row = (await connection.execute(query)).first()
    return None if row is None else LogEntry(*row)


async def entries_since(
    connection: AsyncConnection, authority: PartyCode, index: int, limit: int
) -> tuple[LogEntry, ...]:
    """Return up to ``limit`` entries from ``index`` on, in order."""
    query = (
        _ENTRIES.where(LOG_ENTRY.c.authority == authority, LOG_ENTRY.c.index >= index)
        .order_by(LOG_ENTRY.c.index)
        .limit(limit)
    )
    return tuple(LogEntry(*row) for row in await connection.execute(query))


async def leaf_hashes_since(
    connection: AsyncConnection, authority: PartyCode, index: int, limit: int
) -> list[bytes]:
    """Return the leaf hashes of up to ``limit`` entries from ``index`` on, in order."""
    query = (
        select(LOG_ENTRY.c.leaf_hash)
        .where(LOG_ENTRY.c.authority == authority, LOG_ENTRY.c.index >= index)
        .order_by(LOG_ENTRY.c.index)
        .limit(limit)
    )
    return list(await connection.scalars(query))


async def read_tiles(
    connection: AsyncConnection, authority: PartyCode, tiles: Collection[tuple[int, int]]
) -> dict[tuple[int, int], bytes]:
    """Return the hashes of those of ``tiles``, given as (level, index), that are stored."""
    levels, indexes = _columns(tiles)
    given = {"authority": authority, "levels": levels, "indexes": indexes}
    return {(row[0], row[1]): row[2] for row in await connection.execute(_TILES, given)}


async def write_tiles(
    connection: AsyncConnection,
    authority: PartyCode,
    tiles: Mapping[tuple[int, int], bytes],
) -> None:
    """Store tiles. A stored one may only grow: what it holds stays its beginning.

    Raises:
        LogRewriteError: a tile would lose or change a hash.
    """
    levels, indexes = _columns(tiles)
    given = (
        func.unnest(
            literal(levels, ARRAY(SmallInteger)),
            literal(indexes, ARRAY(BigInteger)),
            literal(list(tiles.values()), ARRAY(LargeBinary)),
        )
        .table_valued(
            column("level", SmallInteger),
            column("index", BigInteger),
            column("hashes", LargeBinary),
        )
        .render_derived(name="given")
    )
    new = insert(LOG_TILE).from_select(
        ["authority", "level", "index", "hashes"],
        select(
            literal(authority, LOG_TILE.c.authority.type),
            given.c.level,
            given.c.index,
            given.c.hashes,
        ),
    )
    stored = LOG_TILE.c.hashes
    beginning = func.substring(new.excluded.hashes, 1, func.length(stored))
    written = await connection.execute(
        new.on_conflict_do_update(
            index_elements=["authority", "level", "index"],
            set_={"hashes": new.excluded.hashes},
            where=beginning == stored,
        ).returning(LOG_TILE.c.level, LOG_TILE.c.index)
    )
    refused = tiles.keys() - {(row[0], row[1]) for row in written}
    if refused:
        raise LogRewriteError(
            f"tiles {sorted(refused)} of {authority}'s log would change what they hold; undo all"
        )


def _columns(tiles: Collection[tuple[int, int]]) -> tuple[list[int], list[int]]:
    return [level for level, _ in tiles], [index for _, index in tiles]
