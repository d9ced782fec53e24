"""All that a working process does, side by side: the log writer, the queue's jobs, the alarms."""

import asyncio
import logging
from typing import Final

from tulen.errors import TulenError
from tulen.worker import work
from tulen.worker.jobs import do_jobs
from tulen.workflows.alarms import look
from tulen.workflows.office import Office

LOOK_EVERY_SECONDS: Final = 2.0

_log = logging.getLogger("tulen.alarm")


async def work_beside(office: Office) -> None:
    """Do everything for ever; cancelled, end everything."""
    async with asyncio.TaskGroup() as together:
        together.create_task(work(office), name="log writer")
        together.create_task(do_jobs(office), name="jobs")
        together.create_task(watch(office), name="alarms")


async def watch(office: Office) -> None:
    """Look for what is late, for ever, whoever leads and whether anybody does."""
    while True:
        try:
            await look(office)
        except TulenError as error:
            _log.warning("alarm:cannot-look cause=%s", error)
        except Exception:  # noqa: BLE001 - said with its trace; an alarm must not end for good
            _log.exception("alarm:failed")
        await asyncio.sleep(LOOK_EVERY_SECONDS)
