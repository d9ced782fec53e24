"""Two worker processes on one database and one chain: one is stopped, or killed, and comes back."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from desk import MOIT, Desk

from tulen.database.errors import StaleFenceError
from tulen.worker import LEADERSHIP
from tulen.workflows.anchor import anchor
from tulen.workflows.follow_chain import follow_chain
from tulen.workflows.seal_checkpoint import seal_checkpoint
from tulen.workflows.work import work_once

pytestmark = pytest.mark.anyio

TULEN = Path(sys.executable).with_name("tulen")
TAKEN_OVER_WITHIN = 10
PATIENCE = 60
LEADER = (
    "SELECT a.application_name FROM pg_locks JOIN pg_stat_activity a USING (pid) "
    "WHERE locktype = 'advisory' AND granted AND a.datname = current_database() "
    "AND objid = (hashtextextended('worker', 0) & 4294967295)::oid"
)
FENCE = "SELECT fence FROM lease WHERE name = 'worker'"
WAITING = (
    "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND state = 'active' "
    "AND datname = current_database() AND starts_with(query, 'INSERT INTO checkpoint')"
)
SEALED = "SELECT count(*) FROM checkpoint"
UNPUBLISHED = (
    "SELECT count(*) FROM log_entry e WHERE NOT EXISTS (SELECT 1 FROM checkpoint c "
    "JOIN chain_event v ON v.subject = c.root_hash JOIN chain_block b ON b.hash = v.block_hash "
    "WHERE b.final AND c.size > e.index)"
)


@dataclass(frozen=True)
class Worker:
    """A `tulen worker`, and the file that holds what it said."""

    process: asyncio.subprocess.Process
    errors: Path

    def said(self, *any_of: str) -> bool:
        text = self.errors.read_text()
        return any(words in text for words in any_of)


@asynccontextmanager
async def worker(desk: Desk, errors: Path) -> AsyncIterator[Worker]:
    """Run a worker until the block ends."""
    settings = desk.office.settings
    assert settings.database_url is not None
    environment = os.environ | {
        "TULEN_HOME": str(settings.home),
        "TULEN_DATABASE_URL": settings.database_url.get_secret_value(),
        "TULEN_CHAIN_RPC_URLS": settings.chain_rpc_urls[0],
        "TULEN_CHECKPOINT_SECONDS": "0",
    }
    with errors.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(TULEN, "worker"), env=environment, stderr=stderr, start_new_session=True
        )
    try:
        yield Worker(process, errors)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        await process.wait()


@asynccontextmanager
async def blocks(desk: Desk) -> AsyncIterator[None]:
    """Make blocks all the time."""

    async def make() -> None:
        while True:
            await asyncio.to_thread(desk.mine, 1)
            await asyncio.sleep(0.05)

    making = asyncio.create_task(make())
    try:
        yield
    finally:
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)


async def until(true: Callable[[], Awaitable[object]]) -> float:
    """Wait for a condition and return how many seconds that took."""
    started = time.monotonic()
    async with asyncio.timeout(PATIENCE):
        while not await true():  # noqa: ASYNC110 - other processes bring it about
            await asyncio.sleep(0.02)
    return time.monotonic() - started


async def published(desk: Desk) -> None:
    """Wait until every entry of the log is under a final anchor."""

    async def done() -> bool:
        return await desk.rows(UNPUBLISHED) == [(0,)]

    await until(done)


async def leader(desk: Desk, other_than: object = None) -> tuple[object, float]:
    """Wait until one leads that is not ``other_than``; return it, and how long that took."""

    async def leads() -> bool:
        rows = await desk.rows(LEADER)
        return bool(rows) and rows[0][0] != other_than

    seconds = await until(leads)
    [(name,)] = await desk.rows(LEADER)
    return name, seconds


async def nothing_lost_or_doubled(desk: Desk, issued: int) -> None:
    entries = await desk.rows("SELECT index FROM log_entry ORDER BY index")
    assert [index for (index,) in entries] == list(range(issued))
    logged = await desk.rows("SELECT count(*), count(DISTINCT log_index) FROM certificate")
    assert logged == [(issued, issued)]
    anchored = await desk.rows(
        "SELECT count(*), count(DISTINCT subject) FROM chain_event WHERE name='CheckpointAnchored'"
    )
    assert anchored[0][0] == anchored[0][1]
    nonces = await desk.rows("SELECT nonce, state FROM chain_transaction ORDER BY nonce")
    assert [nonce for nonce, _ in nonces] == list(range(nonces[0][0], nonces[0][0] + len(nonces)))
    assert {state for _, state in nonces} == {"final"}
    assert await desk.complaints() == []


async def test_a_stopped_leader_is_followed_and_one_that_comes_back_spoils_nothing(
    desk: Desk, tmp_path: Path
) -> None:
    async with blocks(desk), worker(desk, tmp_path / "first") as first:
        (one, _), [(old_fence,)] = await leader(desk), await desk.rows(FENCE)
        async with worker(desk, tmp_path / "second") as second:
            await desk.issued()
            await published(desk)

            # The leader is stopped while it seals: it holds the log's row, and its lease.
            async with desk.office.database.transaction() as connection:
                await connection.exec_driver_sql("LOCK TABLE checkpoint IN EXCLUSIVE MODE")
                await desk.issued()
                await until(lambda: desk.rows(WAITING))
                first.process.send_signal(signal.SIGSTOP)
                [(sealed,)] = await desk.rows(SEALED)
            stopped = time.monotonic()
            issuing = asyncio.create_task(desk.issued())  # It needs the log's row as well.

            async def sealed_again() -> bool:
                return await desk.rows(SEALED) > [(sealed,)]

            await until(sealed_again)
            took = time.monotonic() - stopped
            assert took < TAKEN_OVER_WITHIN
            await issuing
            two, _ = await leader(desk, one)
            assert (await desk.rows(FENCE)) > [(old_fence,)]

            first.process.send_signal(signal.SIGCONT)

            async def stands_by() -> bool:
                return first.said("worker:followed", "worker:interrupted")

            await until(stands_by)
            await desk.issued()
            await published(desk)
            assert (await leader(desk))[0] == two
            assert not first.said("work:halted", "Traceback")
            assert not second.said("work:halted", "Traceback", "worker:")

            # A leader that is killed is followed at once.
            second.process.kill()
            _, took = await leader(desk, two)
            assert took < TAKEN_OVER_WITHIN / 2
            await desk.issued()
            await published(desk)
    await desk.until_idle()
    await nothing_lost_or_doubled(desk, 5)


async def test_whatever_a_late_leader_writes_fails_on_its_fence(desk: Desk, tmp_path: Path) -> None:
    """The late leader is this process, which lets nobody hear of it."""
    office = desk.office
    async with blocks(desk), office.database.leadership(LEADERSHIP) as late:
        assert late is not None
        led = replace(office, database=office.database.led(late))
        await work_once(led)
        await desk.issued()
        async with worker(desk, tmp_path / "next") as following:
            await published(desk)
            assert following.said("leadership:silent name=worker")
        assert (await desk.rows(FENCE)) > [(late.fence,)]
        await desk.issued()
        before = await everything(desk)
        for write in (seal_checkpoint(led, MOIT), follow_chain(led), work_once(led)):
            with pytest.raises(StaleFenceError, match=f"worker {late.fence} has been followed"):
                await write
        assert await everything(desk) == before
        assert await seal_checkpoint(office, MOIT) is not None
        with pytest.raises(StaleFenceError):
            await anchor(led, MOIT)
        assert office.halted == {}
        await desk.until_idle()
    await nothing_lost_or_doubled(desk, 2)


async def everything(desk: Desk) -> list[tuple[object, ...]]:
    """Return what a leader writes."""
    return [
        row
        for table in ("log_state", "checkpoint", "chain_transaction", "chain_cursor")
        for row in await desk.rows(f"SELECT * FROM {table} ORDER BY 1, 2")  # noqa: S608 - of a list
    ]


async def test_those_who_lead_nothing_send_beside_the_leader(desk: Desk, tmp_path: Path) -> None:
    async with blocks(desk), worker(desk, tmp_path / "errors"):
        numbers = [await desk.issued() for _ in range(2)]
        await published(desk)
        for number in numbers:
            assert (await desk.revoke(number)).transaction
        numbers.append(await desk.issued())
        await published(desk)
        fences = await desk.rows("SELECT purpose, fence > 0 FROM chain_transaction ORDER BY nonce")
        assert set(fences) == {("anchor", True), ("revoke", False)}
        assert fences[-1] == ("anchor", True), "what nobody leads does not lower the guard"
    await desk.until_idle()
    await nothing_lost_or_doubled(desk, 3)
