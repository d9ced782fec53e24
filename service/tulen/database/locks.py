"""Advisory locks: one leader per task, one order per account."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def exclusive(connection: AsyncConnection, name: str) -> bool:
    """Return whether this session has got the lock ``name``; it keeps it until it ends.

    The lock outlives the transaction, so the connection must not go back to a pool with it:
    `tulen.database.Database.leadership` sees to that.
    """
    statement = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
    return bool(await connection.scalar(statement, {"name": name}))


async def in_order(connection: AsyncConnection, name: str) -> None:
    """Wait until no other transaction holds ``name``, and hold it until this one ends."""
    statement = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
    await connection.execute(statement, {"name": name})


async def next_fence(connection: AsyncConnection) -> int:
    """Return a fencing token that is higher than every earlier one."""
    fence = await connection.scalar(text("SELECT nextval('fence')"))
    return int(fence or 0)
