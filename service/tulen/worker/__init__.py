"""The worker: rounds of `tulen.workflows.work`, led by one process at a time."""

import asyncio
import logging

from tulen.errors import TulenError, UnavailableError
from tulen.workflows.office import Office
from tulen.workflows.work import work_once

REST_SECONDS = 0.5
RETRY_SECONDS = 2.0
LONGEST_RETRY_SECONDS = 60.0
LEADERSHIP = "worker"

_log = logging.getLogger("tulen.worker")


async def work(office: Office) -> None:
    """Work for ever; where another process leads, wait to take over.

    What stops a round is said in the log and tried again, each time after twice as long a rest, up
    to a minute: an outage ends by itself, and what nobody foresaw must not end the work for good.
    """
    rest = RETRY_SECONDS
    while True:
        try:
            async with office.database.leadership(LEADERSHIP) as leadership:
                while leadership is not None:
                    await leadership.confirm()
                    await work_once(office)
                    rest = RETRY_SECONDS
                    await asyncio.sleep(REST_SECONDS)
        except TulenError as error:
            _log.warning("worker:interrupted code=%s cause=%s", error.code, error)
        except Exception:  # noqa: BLE001 - said with its trace, and tried again like an outage
            _log.exception("worker:failed")
        else:
            rest = RETRY_SECONDS
        await asyncio.sleep(rest)
        rest = min(2 * rest, LONGEST_RETRY_SECONDS)


async def work_until_idle(office: Office, within: float) -> bool:
    """Work until everything is anchored and final; return False where another process leads.

    Raises:
        HaltedError: somebody must look first.
        UnavailableError: that has not come about after ``within`` seconds; the log says why.
    """
    async with office.database.leadership(LEADERSHIP) as leadership:
        if leadership is None:
            return False
        try:
            async with asyncio.timeout(within):
                under_way = True
                while under_way:
                    under_way = await work_once(office)
                    office.require_going()
                    await asyncio.sleep(REST_SECONDS / 2)
        except TimeoutError:
            raise UnavailableError(
                f"not everything is anchored and final after {within:g} s; run it again, "
                "and see `tulen doctor`"
            ) from None
    return True
