"""The worker: rounds of `tulen.workflows.work_once`, led by one process at a time."""

import asyncio
import logging

from tulen.errors import TulenError
from tulen.workflows import Office, work_once

REST_SECONDS = 0.5
RETRY_SECONDS = 2.0
LEADERSHIP = "worker"

_log = logging.getLogger("tulen.worker")


async def work(office: Office) -> None:
    """Work for ever; where another process leads, wait to take over."""
    while True:
        try:
            async with office.database.leadership(LEADERSHIP) as leadership:
                while leadership is not None:
                    await leadership.confirm()
                    await work_once(office)
                    await asyncio.sleep(REST_SECONDS)
        except TulenError as error:
            _log.warning("worker:interrupted code=%s cause=%s", error.code, error)
        await asyncio.sleep(RETRY_SECONDS)


async def work_until_idle(office: Office) -> None:
    """Work until everything is anchored and final; where another process leads, let it."""
    async with office.database.leadership(LEADERSHIP) as leadership:
        while leadership is not None and await work_once(office):
            await asyncio.sleep(REST_SECONDS / 2)
