"""The queue beside the log writer: several processes, a process that dies, and a quick end."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from desk import Desk
from receiver import SLOW, Receiver, hooked, hurry, work_off

from tulen.worker import jobs
from tulen.worker.beside import work_beside
from tulen.worker.jobs import do_jobs, queue_of

pytestmark = pytest.mark.anyio

JOBS = "SELECT count(*) FROM procrastinate.procrastinate_jobs WHERE task_name = 'deliver'"
WORKER = """
import asyncio, sys
from tulen.settings import settings_of_environment
from tulen.worker.jobs import do_jobs
from tulen.workflows.office import open_office

async def run():
    async with open_office(settings_of_environment()) as office:
        print("open", flush=True)
        await do_jobs(office)

asyncio.run(run())
"""


def process(desk: Desk) -> subprocess.Popen[bytes]:
    """Start a process that does jobs, and nothing else."""
    settings = desk.office.settings
    assert settings.database_url is not None
    started = subprocess.Popen(  # noqa: S603 - this interpreter
        [sys.executable, "-c", WORKER],
        stdout=subprocess.PIPE,
        env=os.environ
        | {
            "TULEN_HOME": str(settings.home),
            "TULEN_DATABASE_URL": settings.database_url.get_secret_value(),
            "TULEN_CHAIN_RPC_URLS": desk.node,
            "TULEN_WEBHOOK_NETWORKS": "127.0.0.0/8",
        },
        cwd=Path(__file__).parents[2],
    )
    assert started.stdout is not None
    return started


async def until_got(receiver: Receiver, count: int, within: float = 60) -> None:
    async with asyncio.timeout(within):
        while len(receiver.got) < count:  # noqa: ASYNC110 - another task fills it
            await asyncio.sleep(0.02)


async def test_what_was_told_before_a_process_died_is_delivered_after_its_restart(
    told: Desk, receiver: Receiver
) -> None:
    """Nothing but the database knows of the delivery when the process is gone."""
    await hooked(told, receiver)
    number = await told.issued()
    async with told.second_process() as other:
        assert await other.rows(JOBS) == [(1,)]
    assert receiver.got == []
    running = process(told)
    try:
        await until_got(receiver, 1)
    finally:
        running.terminate()
        running.communicate(timeout=20)
    assert receiver.got[0].said["data"]["certificate"] == number


async def test_a_delivery_whose_process_is_killed_is_taken_up_with_the_same_identifier(
    told: Desk, receiver: Receiver
) -> None:
    await hooked(told, receiver)
    receiver.next = [SLOW]
    await told.issued()
    running = process(told)
    await until_got(receiver, 1)
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=20)
    await work_off(told)
    assert len(receiver.got) == 1  # It is still the dead process's.
    await told.rows(
        "UPDATE procrastinate.procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
    )
    app = queue_of(told.office)
    async with app.open_async():
        await app.tasks["take-up"](0)
    await work_off(told)
    first, again = receiver.got
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.body == again.body
    await hurry(told)
    await work_off(told)
    assert len(receiver.got) == 2
    assert await told.rows("SELECT state, tries FROM webhook_delivery") == [("delivered", 1)]


async def test_several_processes_do_each_job_once(told: Desk, receiver: Receiver) -> None:
    await hooked(told, receiver)
    numbers = [await told.issued() for _ in range(10)]
    async with told.second_process() as other:
        both = (told.office, replace(other.office, settings=told.office.settings))
        tasks = [asyncio.create_task(do_jobs(office)) for office in both]
        await until_got(receiver, 10)
        await asyncio.sleep(0.5)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert Counter(r.said["data"]["certificate"] for r in receiver.got) == dict.fromkeys(numbers, 1)


async def test_a_process_that_ends_gives_back_what_it_was_doing_and_ends_quickly(
    told: Desk, receiver: Receiver
) -> None:
    await hooked(told, receiver)
    receiver.next = [SLOW]
    await told.issued()
    task = asyncio.create_task(work_beside(told.office))
    await until_got(receiver, 1)
    began = time.monotonic()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert time.monotonic() - began < jobs.GRACE_SECONDS + 3
    states = await told.rows("SELECT status::text FROM procrastinate.procrastinate_jobs")
    assert ("todo",) in states
    await work_off(told)
    assert len(receiver.got) == 2
    assert receiver.got[0].headers["webhook-id"] == receiver.got[1].headers["webhook-id"]


async def test_a_job_is_done_within_a_moment_of_its_fact(told: Desk, receiver: Receiver) -> None:
    await hooked(told, receiver)
    task = asyncio.create_task(do_jobs(told.office))
    workers = "SELECT count(*) FROM procrastinate.procrastinate_workers"
    async with asyncio.timeout(20):
        while await told.rows(workers) != [(1,)]:  # noqa: ASYNC110 - another task's row
            await asyncio.sleep(0.02)
    await told.issued()
    await until_got(receiver, 1, within=4)  # It listens: the next poll would be later.
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_an_outage_of_the_database_is_waited_for(
    told: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_REST_SECONDS", 0.1)
    await hooked(told, receiver)
    task = asyncio.create_task(do_jobs(told.office))
    ours = (
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'tulen-jobs' "
        "AND datname = current_database()"
    )
    async with asyncio.timeout(20):
        while len(await told.rows(ours)) < 2:  # noqa: ASYNC110 - another task's connections
            await asyncio.sleep(0.02)
    for (pid,) in await told.rows(ours):
        await told.rows("SELECT pg_terminate_backend(%s)", pid)
    await told.issued()
    await until_got(receiver, 1)
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_periodic_work_is_known_and_does_not_fail(told: Desk) -> None:
    app = queue_of(told.office)
    periodic = {name for name, _ in app.periodic_registry.periodic_tasks}
    assert periodic == {"take-up", "forget", "lapse", "reconcile", "scrub"}
    async with app.open_async():
        for name in periodic:
            await app.tasks[name].defer_async(timestamp=0)
        await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)
    ended = await told.rows(
        "SELECT task_name, status::text FROM procrastinate.procrastinate_jobs ORDER BY task_name"
    )
    assert {name for name, _ in ended} >= periodic
    assert {status for _, status in ended} == {"succeeded"}
