"""What has to be done now and then: forget what is old, compare with the chain, read documents."""

import asyncio
from datetime import timedelta
from typing import Final

from tulen.database import idempotency, outbox, verification
from tulen.database.states import EventType
from tulen.workflows import clock
from tulen.workflows.alarms import keep
from tulen.workflows.doctor import FAIL, UNKNOWN, examined
from tulen.workflows.office import Office
from tulen.workflows.verification_steps import lapse

ANSWERS_KEPT: Final = timedelta(days=7)
"""How long a request may be repeated under its idempotency key; afterwards it is a new one, which
changes nothing either."""
EVENTS_KEPT: Final = timedelta(days=30)
"""How far back a webhook can be told again."""


async def forget(office: Office) -> None:
    """Drop answers and events that nobody may ask for any more.

    Raises:
        UnavailableError: the database does not answer.
    """
    now = clock.now()
    async with office.database.transaction() as connection:
        await idempotency.purge(connection, before=now - ANSWERS_KEPT)
        await outbox.purge(connection, before=now - EVENTS_KEPT)


async def lapse_overdue(office: Office) -> int:
    """End every wait of customs whose time limit has passed; return how many it were.

    Raises:
        UnavailableError: the database does not answer.
    """
    lapsed = 0
    async with office.database.transaction() as connection:
        due = await verification.overdue(connection, clock.today())
    for request in due:
        lapsed += await lapse(office, request)
    return lapsed


async def reconcile(office: Office) -> None:
    """Compare database and chain as `tulen doctor` does; each difference is an alarm.

    What the chain does not answer now is neither: an alarm of it goes on. Nothing is corrected.

    Raises:
        UnavailableError: the database does not answer.
    """
    # The documents have a night of their own, lateness an alarm of its own.
    findings = await examined(office, "documents", "worker")
    await keep(
        office,
        EventType.RECONCILIATION_DIFFERS,
        {item.subject: item.detail for item in findings if item.outcome == FAIL},
        [item.subject for item in findings if item.outcome == UNKNOWN],
    )


async def scrub(office: Office) -> None:
    """Read every document in the vault; each damaged copy is an alarm.

    Raises:
        UnavailableError: the database does not answer.
    """
    damaged = await asyncio.to_thread(office.vault.scrub)
    detail = "our copy is damaged; restore it from a backup"
    await keep(office, EventType.DOCUMENTS_DAMAGED, {ref.hex(): detail for ref in damaged})
