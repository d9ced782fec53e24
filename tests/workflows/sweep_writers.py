"""The leader is stopped or killed, over and over, at any moment; see `scripts/sweep-writers`."""

import asyncio
import json
import os
import random
import signal
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from desk import Desk
from writers import (
    TAKEN_OVER_WITHIN,
    Worker,
    blocks,
    leader,
    nothing_lost_or_doubled,
    published,
    worker,
)

from anvil_fixtures import rpc

pytestmark = pytest.mark.anyio

ROUNDS = int(os.environ.get("ROUNDS", "20"))
SEED = int(os.environ.get("SEED", "1"))
LONGEST_WAIT_SECONDS = 2.0
"""A round of work, from seal to anchor, takes much less: the leader is caught anywhere in it."""


async def test_whenever_the_leader_is_stopped_or_killed_another_goes_on(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(SEED)  # noqa: S311 - to be run again alike
    issued = revoked = started = 0
    longest = {"stopped": 0.0, "killed": 0.0}
    done = asyncio.Event()

    async def issue() -> None:
        """Issue, and revoke some, as a process that leads nothing."""
        nonlocal issued, revoked
        while not done.is_set():
            number = await desk.issued()
            issued += 1
            if issued % 5 == 0:
                await desk.revoke(number)
                revoked += 1

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(blocks(desk))
        workers: dict[int, Worker] = {}

        async def start() -> None:
            nonlocal started
            started += 1
            new = await stack.enter_async_context(worker(desk, tmp_path / f"errors-{started}"))
            workers[new.process.pid] = new

        await start()
        await start()
        issuing = asyncio.create_task(issue())
        for turn in range(ROUNDS):
            leads = await leader(desk)
            await asyncio.sleep(chance.random() * LONGEST_WAIT_SECONDS)
            if turn % 4 == 1:
                rpc(desk.node, "anvil_dropAllTransactions")
            way = "killed" if turn % 3 == 2 else "stopped"
            workers[leads].process.send_signal(
                signal.SIGKILL if way == "killed" else signal.SIGSTOP
            )
            at = time.monotonic()
            await leader(desk, leads)
            longest[way] = max(longest[way], time.monotonic() - at)
            if way == "killed":
                await start()
            else:
                workers[leads].process.send_signal(signal.SIGCONT)
        done.set()
        await issuing
        await published(desk)
        assert not any(one.said("work:halted", "Traceback") for one in workers.values())
    await desk.until_idle()
    await nothing_lost_or_doubled(desk, issued)
    assert await desk.rows("SELECT count(*) FROM revocation") == [(revoked,)]
    result = {"metric": "sweep_writers", "value": ROUNDS, "unit": "leaders", "issued": issued}
    result |= {f"longest_{way}_s": round(seconds, 1) for way, seconds in longest.items()}
    with capsys.disabled():
        print(f"\n{json.dumps(result)}")  # noqa: T201 - the result line
    assert max(longest.values()) < TAKEN_OVER_WITHIN
