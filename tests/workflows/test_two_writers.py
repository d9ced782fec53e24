"""Two worker processes on one database and one chain: one is stopped, or killed, and comes back."""

import asyncio
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from desk import MOIT, Desk
from writers import (
    FENCE,
    SEALED,
    TAKEN_OVER_WITHIN,
    blocks,
    leader,
    nothing_lost_or_doubled,
    published,
    until,
    worker,
)

from tulen.database.errors import StaleFenceError
from tulen.worker import LEADERSHIP
from tulen.workflows.anchor import anchor
from tulen.workflows.follow_chain import follow_chain
from tulen.workflows.seal_checkpoint import seal_checkpoint
from tulen.workflows.work import work_once

pytestmark = pytest.mark.anyio

WAITING = (
    "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND state = 'active' "
    "AND datname = current_database() AND starts_with(query, 'INSERT INTO checkpoint')"
)


async def test_a_stopped_leader_is_followed_and_one_that_comes_back_spoils_nothing(
    desk: Desk, tmp_path: Path
) -> None:
    async with blocks(desk), worker(desk, tmp_path / "first") as first:
        one, [(old_fence,)] = await leader(desk), await desk.rows(FENCE)
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
            two = await leader(desk, one)
            assert (await desk.rows(FENCE)) > [(old_fence,)]

            first.process.send_signal(signal.SIGCONT)

            async def stands_by() -> bool:
                return first.said("worker:followed", "worker:interrupted")

            await until(stands_by)
            await desk.issued()
            await published(desk)
            assert await leader(desk) == two
            assert not first.said("work:halted", "Traceback")
            assert not second.said("work:halted", "Traceback", "worker:")

            # A leader that is killed is followed at once.
            second.process.kill()
            killed = time.monotonic()
            await leader(desk, two)
            assert time.monotonic() - killed < TAKEN_OVER_WITHIN / 2
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
            words = f"worker {late.fence} has been followed"
            with pytest.raises(StaleFenceError, match=words), led.watched(str(MOIT)):
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
