"""The queue's part of a process: Procrastinate does what is due, beside the log writer.

What is put in, and by which transaction: `tulen.database.jobs`. Any number of processes may run
this; each job is done by one of them, and taken up by another where that one dies.
"""

import asyncio
import logging
from typing import Final
from uuid import UUID

from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job

from tulen.database import jobs
from tulen.workflows import upkeep
from tulen.workflows.deliver import deliver
from tulen.workflows.office import Office

AT_ONCE: Final = 8
"""Deliveries under way at once in one process; each may take its five seconds."""
CONNECTIONS: Final = 2
"""Of the queue's own pool; one more listens. A process so has 13 at most."""
GRACE_SECONDS: Final = 1.0
"""What jobs under way are given when the process ends; then they go back into the queue."""
STALLED_SECONDS: Final = 30
"""After that long without a sign of life from its process, a job is done again."""
KEPT_HOURS: Final = 24 * 7
"""How long a job that failed is kept for somebody to look at."""
RETRY_SECONDS: Final = 15
MOST_RETRIES: Final = 240
_REST_SECONDS: Final = 2.0
_LONGEST_REST_SECONDS: Final = 60.0

_log = logging.getLogger("tulen.jobs")


class _Again(BaseRetryStrategy):
    """At once where the process ended under it, else after a rest: the database was away."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_in={"seconds": 0})
        if job.attempts >= MOST_RETRIES:
            return None
        return RetryDecision(retry_in={"seconds": RETRY_SECONDS})


async def do_jobs(office: Office) -> None:
    """Do jobs for ever; an outage of the database is waited for."""
    rest = _REST_SECONDS
    while True:
        app = queue_of(office)
        try:
            async with app.open_async():
                await app.run_worker_async(
                    queues=[jobs.QUEUE],
                    concurrency=AT_ONCE,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=GRACE_SECONDS,
                    delete_jobs="successful",
                    stalled_worker_timeout=STALLED_SECONDS,
                )
                rest = _REST_SECONDS
        except Exception:  # noqa: BLE001 - said with its trace, and tried again like an outage
            _log.exception("jobs:failed")
        await asyncio.sleep(rest)
        rest = min(2 * rest, _LONGEST_REST_SECONDS)


def queue_of(office: Office) -> App:
    """Return the queue with all its tasks; not opened."""
    app = App(
        connector=PsycopgConnector(
            conninfo=office.database.conninfo,
            kwargs={"options": f"-c search_path={jobs.SCHEMA}", "application_name": "tulen-jobs"},
            min_size=1,
            max_size=CONNECTIONS,
        )
    )

    @app.task(name=jobs.DELIVER, queue=jobs.QUEUE, retry=_Again())
    async def _deliver(delivery: str, version: int) -> None:
        await deliver(office, UUID(delivery), version)

    @app.periodic(cron="* * * * *")
    @app.task(name="take-up", queue=jobs.QUEUE, queueing_lock="take-up")
    async def _take_up(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate says for when
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            _log.warning("job:taken-up task=%s job=%s", job.task_name, job.id)
            await app.job_manager.retry_job(job)

    @app.periodic(cron="7 * * * *")
    @app.task(name="forget", queue=jobs.QUEUE, queueing_lock="forget")
    async def _forget(timestamp: int) -> None:  # noqa: ARG001 - as above
        await upkeep.forget(office)
        await app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS, include_failed=True)

    @app.periodic(cron="11 * * * *")
    @app.task(name="lapse", queue=jobs.QUEUE, queueing_lock="lapse")
    async def _lapse(timestamp: int) -> None:  # noqa: ARG001 - as above
        await upkeep.lapse_overdue(office)

    @app.periodic(cron="23 * * * *")
    @app.task(name="reconcile", queue=jobs.QUEUE, queueing_lock="reconcile")
    async def _reconcile(timestamp: int) -> None:  # noqa: ARG001 - as above
        await upkeep.reconcile(office)

    @app.periodic(cron="41 2 * * *")
    @app.task(name="scrub", queue=jobs.QUEUE, queueing_lock="scrub")
    async def _scrub(timestamp: int) -> None:  # noqa: ARG001 - as above
        await upkeep.scrub(office)

    return app
