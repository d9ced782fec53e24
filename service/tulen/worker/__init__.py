"""The worker: rounds of `tulen.workflows.work`, led by one process at a time."""

import asyncio
import logging
from dataclasses import replace

from tulen.database import Leadership
from tulen.database.errors import StaleFenceError
from tulen.errors import TulenError, UnavailableError
from tulen.workflows.office import Office
from tulen.workflows.work import work_once

REST_SECONDS = 0.5
STANDBY_SECONDS = 1.0
"""How often a process that does not lead looks whether it must."""
LONGEST_RETRY_SECONDS = 4.0
"""Short of what another process may take to lead after a silent one: 10 s, less the lease."""
LEADERSHIP = "worker"

_log = logging.getLogger("tulen.worker")


async def work(office: Office) -> None:
    """Work for ever; where another process leads, wait to take over.

    What stops a round is said in the log and tried again, after twice as long a rest, up to some
    seconds: an outage ends by itself, and what nobody foresaw must not end the work for good.
    """
    rest = STANDBY_SECONDS

    async def rounds(leadership: Leadership) -> None:
        nonlocal rest
        led = _led(office, leadership)
        while True:
            await work_once(led)
            rest = STANDBY_SECONDS
            await asyncio.sleep(REST_SECONDS)

    while True:
        try:
            async with office.database.leadership(LEADERSHIP) as leadership:
                if leadership is not None:
                    _log.info("worker:leads fence=%d", leadership.fence)
                    await leadership.while_it_stands(rounds(leadership))
        except StaleFenceError as error:
            _log.warning("worker:followed cause=%s", error)
        except TulenError as error:
            _log.warning("worker:interrupted code=%s cause=%s", error.code, error)
        except Exception:  # noqa: BLE001 - said with its trace, and tried again like an outage
            _log.exception("worker:failed")
        else:
            rest = STANDBY_SECONDS
        await asyncio.sleep(rest)
        rest = min(2 * rest, LONGEST_RETRY_SECONDS)


async def work_until_idle(office: Office, within: float) -> bool:
    """Work until everything is anchored and final; return False where another process leads.

    Raises:
        HaltedError: somebody must look first.
        StaleFenceError: this process stood still, and another has taken over.
        UnavailableError: that has not come about after ``within`` seconds; the log says why.
    """
    async with office.database.leadership(LEADERSHIP) as leadership:
        if leadership is None:
            return False
        try:
            async with asyncio.timeout(within):
                await leadership.while_it_stands(_rounds_until_idle(_led(office, leadership)))
        except TimeoutError:
            raise UnavailableError(
                f"not everything is anchored and final after {within:g} s; run it again, "
                "and see `tulen doctor`"
            ) from None
    return True


async def _rounds_until_idle(office: Office) -> None:
    under_way = True
    while under_way:
        under_way = await work_once(office)
        office.require_going()
        await asyncio.sleep(REST_SECONDS / 2)


def _led(office: Office, leadership: Leadership) -> Office:
    """Return the same office, whose every database transaction proves the leader's fence."""
    return replace(office, database=office.database.led(leadership))
