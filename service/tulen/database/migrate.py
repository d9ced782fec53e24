"""Bring a database to the schema of this version."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import NullPool

from tulen.database.engine import connect_arguments, driver_url, errors_of_ours
from tulen.database.errors import WrongSchemaError

LOCK_TIMEOUT_MS = 10_000
"""How long a migration waits for a table; longer would stop everybody behind it."""

STATEMENT_TIMEOUT_MS = 600_000


def migrate(url: str) -> None:
    """Apply what is missing, all or nothing. Several processes may call it at once.

    Args:
        url: SQLAlchemy or libpq URL of the database.

    Raises:
        UnavailableError: the database does not answer, or is busy for too long.
    """
    config = _config()
    engine = create_engine(
        driver_url(url),
        poolclass=NullPool,
        connect_args=connect_arguments(
            lock_timeout_ms=LOCK_TIMEOUT_MS, statement_timeout_ms=STATEMENT_TIMEOUT_MS
        ),
    )
    with errors_of_ours(), engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('migrate', 0))"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


async def require_current(connection: AsyncConnection) -> str:
    """Return the schema's revision if it is this version's.

    Raises:
        WrongSchemaError: it is another one, or there is no schema yet.
    """
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    found = await connection.run_sync(_revision)
    if wanted is None or found != wanted:
        raise WrongSchemaError(found=found, wanted=wanted)
    return wanted


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
