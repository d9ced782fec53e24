"""One real PostgreSQL server for the whole run, and a fresh database for whoever asks.

All workers of a run, and runs side by side, share the server in pytest's cache folder; the last one
stops it. A new database is a copy of a migrated template, which takes some hundredths of a second.
"""

import hashlib
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

import tulen.database
from tulen.database import Database, EmbeddedPostgres, migrate

pytest_plugins = ["office_fixtures"]

_COUNT = itertools.count()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run tests marked ``anyio`` on asyncio alone."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> Iterator[EmbeddedPostgres]:
    """The server."""
    folder = pytestconfig.cache.mkdir("postgres")
    with EmbeddedPostgres(folder, durable=False) as server:
        with _administration(server) as connection:
            _drop_leftovers(connection)
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: EmbeddedPostgres) -> str:
    """Name of a migrated database that nobody is connected to."""
    migrations = Path(tulen.database.__file__).parent / "migrations"
    content = b"".join(path.read_bytes() for path in sorted(migrations.rglob("v*.*")))
    template = f"template_{hashlib.sha256(content).hexdigest()[:12]}"
    with _administration(postgres_server) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtextextended('template', 0))")
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (template,))
        if known.fetchone() is None:
            _create(connection, "unfinished", "template1")
            migrate(_url_of(postgres_server, "unfinished"))
            connection.execute(
                sql.SQL("ALTER DATABASE unfinished RENAME TO {}").format(sql.Identifier(template))
            )
    return template


@pytest.fixture
def postgres_url(postgres_server: EmbeddedPostgres, postgres_template: str) -> Iterator[str]:
    """URL of a fresh migrated database for one test."""
    with fresh_database(postgres_server, postgres_template) as url:
        yield url


@pytest.fixture(scope="module")
def module_postgres_url(postgres_server: EmbeddedPostgres, postgres_template: str) -> Iterator[str]:
    """URL of a fresh migrated database for all tests of a module."""
    with fresh_database(postgres_server, postgres_template) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """URL of a fresh database without any table."""
    with fresh_database(postgres_server, "template1") as url:
        yield url


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    """A fresh migrated database, for a test marked ``anyio``."""
    database = Database(postgres_url)
    yield database
    await database.close()


@contextmanager
def fresh_database(server: EmbeddedPostgres, template: str) -> Iterator[str]:
    """Make a database from ``template``, yield its URL, and drop it."""
    name = f"test_{os.getpid()}_{next(_COUNT)}"
    with _administration(server) as connection:
        _create(connection, name, template)
    yield _url_of(server, name)
    with _administration(server) as connection:
        _drop(connection, name)


@contextmanager
def _administration(server: EmbeddedPostgres) -> Iterator[psycopg.Connection]:
    url = make_url(server.url).set(drivername="postgresql", database="postgres")
    with psycopg.connect(url.render_as_string(), autocommit=True) as connection:
        yield connection


def _url_of(server: EmbeddedPostgres, name: str) -> str:
    return make_url(server.url).set(database=name).render_as_string()


def _create(connection: psycopg.Connection, name: str, template: str) -> None:
    _drop(connection, name)
    connection.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
    )


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    )


def _drop_leftovers(connection: psycopg.Connection) -> None:
    """Drop the databases of runs that were killed."""
    names = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'")
    for (name,) in names.fetchall():
        try:
            os.kill(int(name.split("_")[1]), 0)
        except ProcessLookupError:
            with suppress(psycopg.errors.InvalidCatalogName):
                _drop(connection, name)
        except PermissionError:
            continue
