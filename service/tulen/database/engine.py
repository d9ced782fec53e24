"""The one way to the database: connections, transactions, leadership.

Here alone do the driver's errors become ours.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

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
IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000


class Database:
    """A pool of connections to one PostgreSQL database.

    Args:
        url: SQLAlchemy or libpq URL of the database.
        connections: How many connections may be open at once; whoever needs one more waits.
    """

    def __init__(self, url: str, *, connections: int = 10) -> None:
        self._engine = create_async_engine(
            driver_url(url),
            pool_size=connections,
            max_overflow=0,
            pool_timeout=10,
            pool_pre_ping=True,  # A restarted server costs nobody a failed request.
            hide_parameters=True,  # An error message must not hold a document or a secret.
            connect_args=connect_arguments(
                lock_timeout_ms=LOCK_TIMEOUT_MS, statement_timeout_ms=STATEMENT_TIMEOUT_MS
            ),
        )
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Commit what the block does, or, when it raises, nothing of it.

        Raises:
            UnavailableError: the server does not answer, or the wait was too long; try again.
            ConstraintError: a constraint of the database refused a change.
        """
        with errors_of_ours():
            async with self._engine.begin() as connection:
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

        Raises:
            UnavailableError: the server does not answer.
        """
        with errors_of_ours():
            async with self._engine.connect() as pooled:
                connection = await pooled.execution_options(isolation_level="AUTOCOMMIT")
                if not await locks.exclusive(connection, name):
                    yield None
                    return
                try:
                    yield Leadership(name, await locks.next_fence(connection), connection)
                finally:
                    await connection.invalidate()  # Closed, so that the lock surely goes.

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


@dataclass(frozen=True, slots=True)
class Leadership:
    """The right to be the only worker of a kind, as long as its connection lives.

    Attributes:
        name: What is led.
        fence: Fencing token, higher than that of any earlier leader; goes into what is written.
    """

    name: str
    fence: int
    connection: AsyncConnection

    async def confirm(self) -> None:
        """Return if the leadership stands.

        Raises:
            UnavailableError: the connection is gone, and the leadership with it.
        """
        with errors_of_ours():
            await self.connection.exec_driver_sql("SELECT 1")


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
    }
    return {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "application_name": "tulen",
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
    }


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(cause).strip().partition("\n")[0]
