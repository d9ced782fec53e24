"""Transactions, errors and leadership on the real server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from small_register import alone
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database import Database, engine, migrate
from tulen.database.engine import driver_url
from tulen.database.errors import ConstraintError, StaleFenceError
from tulen.errors import InvalidInputError, UnavailableError

pytestmark = pytest.mark.anyio

COUNT = text("SELECT count(*) FROM party")
ADD = text("INSERT INTO party VALUES ('VN.MOIT', 'Ministry', 'VN', '{authority}')")
END_LEADER = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


async def count(database: Database) -> int:
    async with database.transaction() as connection:
        return await connection.scalar(COUNT)


async def test_a_transaction_commits_all_or_nothing(database: Database) -> None:
    async def fail(connection: AsyncConnection) -> None:
        await connection.execute(ADD)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await alone(database, fail)
    assert await count(database) == 0
    async with database.transaction() as connection:
        await connection.execute(ADD)
    assert await count(database) == 1


async def add_twice(connection: AsyncConnection) -> None:
    await connection.execute(ADD)
    await connection.execute(ADD)


async def test_a_broken_constraint_is_named(database: Database) -> None:
    with pytest.raises(ConstraintError, match="party_pkey") as caught:
        await alone(database, add_twice)
    assert caught.value.constraint == "party_pkey"


async def test_no_value_of_a_query_gets_into_a_message(database: Database) -> None:
    statement = text("SELECT :v FROM canary_table")
    with pytest.raises(ProgrammingError, match="canary_table") as caught:
        await alone(database, lambda c: c.execute(statement, {"v": "canary value"}))
    assert "canary value" not in str(caught.value)


async def test_a_wait_that_is_too_long_is_an_outage(database: Database) -> None:
    async def wait(connection: AsyncConnection) -> None:
        await connection.execute(text("SET LOCAL statement_timeout = 10"))
        await connection.execute(text("SELECT pg_sleep(5)"))

    with pytest.raises(UnavailableError, match="statement timeout"):
        await alone(database, wait)


async def test_every_session_has_its_timeouts(database: Database) -> None:
    async with database.transaction() as connection:
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            assert await connection.scalar(text(f"SHOW {name}")) not in {"0", ""}


async def test_an_outage_is_said_and_the_next_request_after_it_succeeds(
    database: Database, postgres_url: str
) -> None:
    assert await count(database) == 0
    name = make_url(postgres_url).database
    administration = make_url(postgres_url).set(drivername="postgresql", database="postgres")
    with psycopg.connect(administration.render_as_string(), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
            (name,),
        )
        for _ in range(2):
            with pytest.raises(UnavailableError, match="database"):
                await count(database)
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert await count(database) == 0


async def test_a_server_that_is_gone_is_an_outage() -> None:
    with TemporaryDirectory() as place:
        database = Database(f"postgresql://tulen@/tulen?host={place}")
        with pytest.raises(UnavailableError, match="database"):
            await count(database)
        await database.close()


async def test_a_restarted_server_costs_no_request(database: Database) -> None:
    assert await count(database) == 0
    async with database.transaction() as connection:
        url = connection.engine.url.set(drivername="postgresql").render_as_string()
    with psycopg.connect(url, autocommit=True) as killer:
        killer.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert await count(database) == 0


async def test_a_connection_lost_within_a_transaction_is_an_outage(database: Database) -> None:
    async def lose(connection: AsyncConnection) -> None:
        own = await connection.scalar(text("SELECT pg_backend_pid()"))
        url = connection.engine.url.set(drivername="postgresql").render_as_string()
        with psycopg.connect(url) as killer:
            killer.execute("SELECT pg_terminate_backend(%s, 5000)", (own,))
        await connection.execute(ADD)

    with pytest.raises(UnavailableError):
        await alone(database, lose)
    assert await count(database) == 0


def test_no_server_is_an_outage_for_a_migration_too(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        migrate(f"postgresql://nobody@/nothing?host={tmp_path}")


@pytest.mark.parametrize("url", ["sqlite://", "mysql://a/b", "", "secret"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError, match="url"):
        driver_url(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_every_spelling_of_a_postgresql_url_gets_our_driver(scheme: str) -> None:
    assert driver_url(f"{scheme}://u:p@h:5/d").drivername == "postgresql+psycopg"


async def test_one_leads_and_the_next_has_a_higher_fence(database: Database) -> None:
    async with database.leadership("worker") as first:
        assert first is not None
        async with database.leadership("worker") as second:
            assert second is None
        async with database.leadership("another task") as other:
            assert other is not None
    async with database.leadership("worker") as third:
        assert third is not None
        assert third.fence > first.fence


async def test_a_leader_whose_connection_dies_leads_no_more(database: Database) -> None:
    async with database.leadership("worker") as leader:
        own = await leader.connection.scalar(text("SELECT pg_backend_pid()"))
        async with database.transaction() as connection:
            await connection.execute(text(f"SELECT pg_terminate_backend({own}, 5000)"))
        with pytest.raises(UnavailableError):
            await leader.while_it_stands(asyncio.sleep(30))
        async with database.leadership("worker") as successor:
            assert successor is not None


async def test_a_cancelled_transaction_leaves_the_pool_whole(database: Database) -> None:
    async def slow() -> None:
        async with database.transaction() as connection:
            await connection.execute(ADD)
            await connection.execute(text("SELECT pg_sleep(30)"))

    task = asyncio.create_task(slow())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await count(database) == 0


async def test_work_ends_at_once_when_its_leadership_does(database: Database) -> None:
    ended = asyncio.Event()

    async def rounds() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()

    async with database.leadership("worker") as leader:
        work = asyncio.create_task(leader.while_it_stands(rounds()))
        await asyncio.sleep(0.1)
        async with database.transaction() as connection:
            await connection.execute(END_LEADER)
        with pytest.raises(UnavailableError):
            await work
        assert ended.is_set()


async def test_what_is_done_under_a_leadership_comes_back(database: Database) -> None:
    async with database.leadership("worker") as leader:
        assert await leader.while_it_stands(asyncio.sleep(0.01, "done")) == "done"
        with pytest.raises(ZeroDivisionError):
            await leader.while_it_stands(failing())


async def failing() -> None:
    await asyncio.sleep(0)
    raise ZeroDivisionError


@pytest.fixture
async def standby(postgres_url: str) -> AsyncIterator[Database]:
    """The same database in another process."""
    database = Database(postgres_url)
    yield database
    await database.close()


async def test_a_leader_that_is_heard_of_keeps_its_leadership(
    database: Database, standby: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LEASE_SECONDS", 0.5)
    monkeypatch.setattr(engine, "PULSE_SECONDS", 0.05)

    async def look() -> None:
        for _ in range(10):
            async with standby.leadership("worker") as leadership:
                assert leadership is None
            await asyncio.sleep(0.1)

    async with database.leadership("worker") as leader:
        await leader.while_it_stands(look())


async def test_a_silent_leader_is_followed_and_its_late_writes_fail(
    database: Database, standby: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LEASE_SECONDS", 0.3)
    async with database.leadership("worker") as late:
        led = database.led(late)
        await count(led)
        assert (database.fence, led.fence) == (engine.NO_LEASE, late.fence)
        await asyncio.sleep(0.5)
        async with standby.leadership("worker") as leader:
            assert leader is not None
            assert leader.fence > late.fence
            with pytest.raises(StaleFenceError, match=f"followed by worker {leader.fence}"):
                await count(led)
            assert await count(database) == 0, "what needs no leadership goes on"
            assert await count(standby.led(leader)) == 0


async def test_what_a_silent_leader_holds_is_given_up_and_undone(
    database: Database, standby: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LEASE_SECONDS", 0.3)
    async with database.leadership("worker") as late:

        async def stop(connection: AsyncConnection) -> None:
            await connection.execute(ADD)
            await asyncio.sleep(0.5)
            # Ended, and not undone by the server after 8 s without a word.
            async with asyncio.timeout(6), standby.leadership("worker") as leader:
                assert leader is not None
            await alone(standby, lambda other: other.execute(ADD))
            await connection.execute(text("SELECT 1"))

        with pytest.raises(UnavailableError):
            await alone(database.led(late), stop)
    assert await count(standby) == 1


async def test_a_transaction_that_was_under_way_is_waited_for(
    database: Database, standby: Database
) -> None:
    """The leader's session has gone, but not the transaction that it had begun to commit."""
    async with database.leadership("worker") as late:
        async with database.led(late).transaction() as connection:
            await connection.execute(ADD)
            await late.connection.invalidate()
            taking = asyncio.create_task(fence_of(standby))
            await asyncio.sleep(0.3)
            assert not taking.done()
        assert await taking > late.fence
    assert await count(standby) == 1


async def fence_of(database: Database) -> int:
    async with database.leadership("worker") as leadership:
        assert leadership is not None
        return leadership.fence


async def test_what_a_stopped_process_has_locked_comes_free_in_time(
    postgres_url: str, standby: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engine.IDLE_IN_TRANSACTION_TIMEOUT_MS < engine.LOCK_TIMEOUT_MS
    monkeypatch.setattr(engine, "IDLE_IN_TRANSACTION_TIMEOUT_MS", 500)
    stopped = Database(postgres_url)

    async def stop(connection: AsyncConnection) -> None:
        await connection.execute(ADD)
        await alone(standby, lambda other: other.execute(ADD))
        await connection.execute(text("SELECT 1"))

    with pytest.raises(UnavailableError):
        await alone(stopped, stop)
    assert await count(standby) == 1
    await stopped.close()
