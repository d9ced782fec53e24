"""Advisory locks, leases and fencing tokens: one leader per task, one order per account."""

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database.errors import StaleFenceError
from tulen.database.tables import LEASE

_END_SILENT = text("""
    SELECT count(*) FILTER (WHERE ended) FROM (
        SELECT pg_terminate_backend(session.pid, :patience_ms) AS ended
        FROM pg_stat_activity session
        JOIN pg_stat_activity leader USING (datid, application_name)
        JOIN pg_locks held ON held.pid = leader.pid AND held.database = leader.datid,
            hashtextextended(:name, 0) AS key
        WHERE session.pid <> pg_backend_pid()
            AND held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
            AND held.classid = (key >> 32 & 4294967295)::oid
            AND held.objid = (key & 4294967295)::oid
            AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND leader.state_change < clock_timestamp() - make_interval(secs => :silent_seconds)
    ) AS sessions
""")
"""`objsubid` is 1 where the key of an advisory lock is one number, in two halves."""


async def exclusive(connection: AsyncConnection, name: str) -> bool:
    """Return whether this session has got the lock ``name``; it keeps it until it ends.

    The lock outlives the transaction, so the connection must not go back to a pool with it:
    `tulen.database.Database.leadership` sees to that.
    """
    statement = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
    return bool(await connection.scalar(statement, {"name": name}))


async def end_silent(
    connection: AsyncConnection, name: str, silent_seconds: float, patience_ms: int
) -> int:
    """End every session of the process that holds ``name``, if that session has been silent.

    All of them, since a stopped process may hold locks in any; the server's clock decides. What
    was not committed is undone.

    Returns:
        How many sessions were ended; 0 where the holder is alive, or nobody holds the lock.
    """
    ended = await connection.scalar(
        _END_SILENT,
        {"name": name, "silent_seconds": silent_seconds, "patience_ms": patience_ms},
    )
    return int(ended or 0)


async def in_order(connection: AsyncConnection, name: str) -> None:
    """Wait until no other transaction holds ``name``, and hold it until this one ends."""
    statement = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
    await connection.execute(statement, {"name": name})


async def take_lease(connection: AsyncConnection, name: str) -> int:
    """Write a fencing token into the lease that is higher than every earlier one; return it.

    It waits for the predecessor's transactions that are about to commit; those that come later are
    refused by `require_fence`.
    """
    statement = text(
        "INSERT INTO lease (name, fence) VALUES (:name, nextval('fence')) "
        "ON CONFLICT (name) DO UPDATE SET fence = excluded.fence, taken_at = now() RETURNING fence"
    )
    return int(await connection.scalar(statement, {"name": name}) or 0)


async def require_fence(connection: AsyncConnection, name: str, fence: int) -> None:
    """Return if ``fence`` is the lease's, which then nobody takes before this transaction ends.

    Raises:
        StaleFenceError: a later leader has taken it.
    """
    query = select(LEASE.c.fence).where(LEASE.c.name == name).with_for_update(read=True)
    current = await connection.scalar(query)
    if current != fence:
        raise StaleFenceError(
            f"{name} {fence} has been followed by {name} {current}; it may not write any more"
        )
