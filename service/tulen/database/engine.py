"""The one way to the database: connections, transactions, leadership.

Here alone do the driver's errors become ours.
"""

import asyncio
import logging
import os
import secrets
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import psycopg
from sqlalchemy import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.exc import (
    TimeoutError as PoolTimeoutError,
)
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from tulen.database import locks
from tulen.database.errors import ConstraintError
from tulen.errors import InvalidInputError, UnavailableError

CONNECT_TIMEOUT_SECONDS = 5
LOCK_TIMEOUT_MS = 10_000
STATEMENT_TIMEOUT_MS = 30_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 8_000
"""Shorter than the wait for a lock: who waits for what a stopped process holds still gets it."""
CLIENT_CHECK_MS = 1_000
"""How soon the server notices, in the middle of a statement, that the client is gone."""

PULSE_SECONDS = 1.0
LEASE_SECONDS = 6.0
"""A leader that has been silent for so long is ended by whoever waits to lead."""
END_WITHIN_MS = 1_000
NO_LEASE = 0
"""Fencing token of who needs no leadership: rows and their locks order these."""

Result = TypeVar("Result")

_log = logging.getLogger("tulen.database")


class Database:
    """A pool of connections to one PostgreSQL database.

    Args:
        url: SQLAlchemy or libpq URL of the database.
        connections: How many connections may be open at once; whoever needs one more waits.
    """

    _leadership: "Leadership | None" = None

    def __init__(self, url: str, *, connections: int = 10) -> None:
        # By this name a standby finds all sessions of a process that has stopped.
        process = f"tulen {os.getpid()} {secrets.token_hex(8)}"
        self._engine = create_async_engine(
            driver_url(url),
            pool_size=connections,
            max_overflow=0,
            pool_timeout=10,
            pool_pre_ping=True,  # A restarted server costs nobody a failed request.
            hide_parameters=True,  # An error message must not hold a document or a secret.
            connect_args=connect_arguments(
                lock_timeout_ms=LOCK_TIMEOUT_MS, statement_timeout_ms=STATEMENT_TIMEOUT_MS
            )
            | {"application_name": process},
        )
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def fence(self) -> int:
        """The fencing token of what is written here; `NO_LEASE` where nothing is led."""
        return NO_LEASE if self._leadership is None else self._leadership.fence

    def led(self, leadership: "Leadership") -> Self:
        """Return the same database for the work of a leader: a late one's transactions fail."""
        database = copy(self)
        database._leadership = leadership  # noqa: SLF001 - a copy of itself
        return database

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Commit what the block does, or, when it raises, nothing of it.

        Raises:
            UnavailableError: the server does not answer, or the wait was too long; try again.
            ConstraintError: a constraint of the database refused a change.
            StaleFenceError: it is a leader's, and a later leader has followed.
        """
        with errors_of_ours():
            async with self._engine.begin() as connection:
                if self._leadership is not None:
                    name, fence = self._leadership.name, self._leadership.fence
                    await locks.require_fence(connection, name, fence)
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Read without a transaction: each statement sees what is committed at its own moment.

        Two round trips to the server less than `transaction`, for what one statement answers.

        Raises:
            UnavailableError: the server does not answer, or the wait was too long; try again.
        """
        with errors_of_ours():
            async with self._reading.connect() as connection:
                yield connection

    @asynccontextmanager
    async def leadership(self, name: str) -> AsyncIterator["Leadership | None"]:
        """Yield the leadership of ``name`` while the block runs, or None if another has it.

        Another that has been silent for `LEASE_SECONDS` has it no more: its sessions are ended.

        Raises:
            UnavailableError: the server does not answer.
        """
        with errors_of_ours():
            async with self._engine.connect() as pooled:
                connection = await pooled.execution_options(isolation_level="AUTOCOMMIT")
                if not await _taken(connection, name):
                    yield None
                    return
                try:
                    yield Leadership(name, await locks.take_lease(connection, name), connection)
                finally:
                    await connection.invalidate()  # Closed, so that the lock surely goes.

    @property
    def conninfo(self) -> str:
        """How libpq connects to the same database, password included: never to be logged."""
        url = self._engine.url.set(drivername="postgresql")
        return url.render_as_string(hide_password=False)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


@dataclass(frozen=True, slots=True)
class Leadership:
    """The right to be the only worker of a kind, as long as its session lives and is heard of.

    Attributes:
        name: What is led.
        fence: Fencing token, higher than that of any earlier leader; goes into what is written.
        connection: The session that holds it; nothing else may use it.
    """

    name: str
    fence: int
    connection: AsyncConnection

    async def while_it_stands(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do ``work`` and return what it returns; the end of the leadership ends it at once.

        Raises:
            UnavailableError: the session is gone, and the leadership with it.
        """
        working = asyncio.create_task(work)
        pulse = asyncio.create_task(self._pulse())
        try:
            await asyncio.wait((working, pulse), return_when=asyncio.FIRST_COMPLETED)
            return await (working if working.done() else pulse)
        finally:
            for task in (working, pulse):
                task.cancel()
            await asyncio.gather(working, pulse, return_exceptions=True)

    async def _pulse(self) -> Any:  # noqa: ANN401 - it only ends by raising
        """Let the server hear of this session, however long the work takes."""
        while True:
            try:
                with errors_of_ours():
                    async with asyncio.timeout(LEASE_SECONDS):
                        await self.connection.exec_driver_sql("SELECT 1")
            except TimeoutError:
                raise UnavailableError(
                    f"the database does not answer: {self.name} {self.fence} was not heard of for "
                    f"{LEASE_SECONDS:g} s, and leads no more"
                ) from None
            await asyncio.sleep(PULSE_SECONDS)


async def _taken(connection: AsyncConnection, name: str) -> bool:
    """Return whether this session leads ``name`` now, where need be in place of a silent one."""
    if await locks.exclusive(connection, name):
        return True
    ended = await locks.end_silent(connection, name, LEASE_SECONDS, END_WITHIN_MS)
    if not ended:
        return False
    _log.warning(
        "leadership:silent name=%s seconds=%g sessions-ended=%d", name, LEASE_SECONDS, ended
    )
    return await locks.exclusive(connection, name)


@contextmanager
def errors_of_ours() -> Iterator[None]:
    """Turn what the driver raises into the project's errors."""
    try:
        yield
    except IntegrityError as error:
        cause = error.orig
        name = cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
        raise ConstraintError(name or "unnamed") from error
    except (OperationalError, InterfaceError, PoolTimeoutError, psycopg.OperationalError) as error:
        raise UnavailableError(f"the database does not answer: {_first_line(error)}") from error
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise UnavailableError(f"the database went away: {_first_line(error)}") from error


def driver_url(url: str) -> URL:
    """Return ``url`` for the one driver that is used.

    Raises:
        InvalidInputError: it is not the URL of a PostgreSQL database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise InvalidInputError("url", "(not shown)", "is not a database URL") from None
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise InvalidInputError("url", parsed.drivername, "is not postgresql://")
    return parsed.set(drivername="postgresql+psycopg")


def connect_arguments(*, lock_timeout_ms: int, statement_timeout_ms: int) -> dict[str, Any]:
    """Return what the driver is told for each connection."""
    settings = {
        "timezone": "UTC",
        "lock_timeout": lock_timeout_ms,
        "statement_timeout": statement_timeout_ms,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_TIMEOUT_MS,
        "client_connection_check_interval": CLIENT_CHECK_MS,
    }
    return {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "application_name": "tulen",
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
    }


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(cause).strip().partition("\n")[0]
