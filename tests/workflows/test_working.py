"""The worker: one leads, another takes over, and what is wrong is said once."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from desk import Desk
from failing import FailingDatabase, Plan

from tulen import worker
from tulen.errors import UnavailableError
from tulen.worker import work, work_until_idle
from tulen.workflows.office import HaltedError

pytestmark = [
    pytest.mark.anyio,
    # A worker that is cancelled while it connects leaves that connection to the collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

LEADER = (
    "SELECT pid FROM pg_locks JOIN pg_database d ON d.oid = database "
    "WHERE locktype = 'advisory' AND granted AND d.datname = current_database() "
    "AND objid = (hashtextextended('worker', 0) & 4294967295)::oid"
)
FINAL = "SELECT count(*) FROM chain_event JOIN chain_block b ON b.hash = block_hash WHERE b.final"


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "REST_SECONDS", 0.02)
    monkeypatch.setattr(worker, "STANDBY_SECONDS", 0.05)


@asynccontextmanager
async def working(*desks: Desk) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(work(desk.office)) for desk in desks]
    try:
        yield
        assert not any(task.done() for task in tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        gc.collect()


async def until(desk: Desk, query: str, enough: Callable[[list[tuple[object, ...]]], bool]) -> None:
    async with asyncio.timeout(10):
        while not enough(await desk.rows(query)):
            desk.mine(1)
            await asyncio.sleep(0.02)


async def test_when_the_leaders_connection_dies_another_process_takes_over(desk: Desk) -> None:
    async with desk.second_process() as other, working(desk, other):
        await until(desk, LEADER, bool)
        await desk.issued()
        await until(desk, FINAL, lambda rows: rows >= [(1,)])
        for already in (1, 2):
            [(leader,)] = await desk.rows(LEADER)
            await desk.rows(f"SELECT pg_terminate_backend({leader})")
            await until(desk, LEADER, lambda rows, old=leader: bool(rows) and rows != [(old,)])
            assert len(await desk.rows(LEADER)) == 1
            await desk.issued()
            await until(desk, FINAL, lambda rows, more=already: rows >= [(more + 1,)])
    await desk.until_idle()
    assert await desk.complaints() == []


async def test_while_one_process_leads_another_is_not_needed(desk: Desk) -> None:
    async with desk.second_process() as other, working(desk):
        await until(desk, LEADER, bool)
        assert not await work_until_idle(other.office, 1)


async def test_working_until_idle_ends_when_everything_is_final(desk: Desk) -> None:
    await desk.issued()

    async def blocks() -> None:
        while True:
            await asyncio.sleep(0.02)
            await asyncio.to_thread(desk.mine, 1)

    mining = asyncio.create_task(blocks())
    assert await work_until_idle(desk.office, 10)
    mining.cancel()
    await asyncio.gather(mining, return_exceptions=True)
    assert await desk.complaints() == []


async def test_working_until_idle_gives_up_in_time(desk: Desk) -> None:
    await desk.issued()
    with pytest.raises(UnavailableError, match="not everything is anchored and final"):
        await work_until_idle(desk.office, 0.3)


async def test_working_until_idle_says_at_once_that_somebody_must_look(desk: Desk) -> None:
    await desk.issued()
    await desk.until_idle()
    await desk.rows("ALTER TABLE checkpoint DISABLE TRIGGER ALL")
    await desk.rows("UPDATE checkpoint SET root_hash = sha256('x')")
    with pytest.raises(HaltedError, match="another history"):
        await work_until_idle(desk.office, 10)


async def test_what_halts_is_said_once_and_again_when_it_goes_on(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING")
    await desk.issued()
    await desk.until_idle()
    await desk.rows("ALTER TABLE checkpoint DISABLE TRIGGER ALL")
    [(root,)] = await desk.rows("SELECT root_hash FROM checkpoint")
    await desk.rows("UPDATE checkpoint SET root_hash = sha256('x')")
    async with working(desk):
        await asyncio.sleep(0.3)
        await desk.rows("UPDATE checkpoint SET root_hash = %s", root)
        await asyncio.sleep(0.3)
    said = [message for message in caplog.messages if message.startswith("work:")]
    assert [message.partition(" cause=")[0] for message in said] == [
        "work:halted what=VN.MOIT code=chain-ahead",
        "work:resumed what=VN.MOIT",
    ]


async def test_what_nobody_foresaw_does_not_end_the_work(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    plan = Plan(2, ZeroDivisionError, "before")
    office = replace(desk.office, database=FailingDatabase(desk.office.database, plan))
    await desk.issued()
    async with working(Desk(office)):
        await until(desk, FINAL, lambda rows: rows >= [(1,)])
    assert plan.struck
    assert "worker:failed" in caplog.messages
