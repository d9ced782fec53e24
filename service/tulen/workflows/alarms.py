"""Raise alarms once, say when they are over, and tell both to whoever runs the office."""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database import alarms, outbox, publication
from tulen.database.alarms import Alarm
from tulen.database.outbox import Fact
from tulen.database.publication import Waiting
from tulen.database.states import EventType
from tulen.values import instant_text
from tulen.workflows import clock, tell
from tulen.workflows.office import OFFICE, Office

MOST: Final = 1000
"""How many late certificates of one log are counted, and told of at once."""

_log = logging.getLogger("tulen.alarm")


async def look(office: Office) -> None:
    """Look for certificates that are half-way to their deadline, or past it.

    Any process may, and every process that works does: the alarm that nothing is anchored must not
    depend on whoever anchors. An open alarm and an event are unique, so that each is said once.

    Raises:
        UnavailableError: the database does not answer.
    """
    within, now = office.settings.publish_within, clock.now()
    async with office.database.transaction() as connection:
        late = await publication.waiting(connection, now - within, MOST)
        for authority in {item.authority for item in late}:  # Before anybody is called.
            await tell.catch_up(connection, authority)
        late = await publication.waiting(connection, now - within, MOST) if late else late
        slow = await publication.waiting(connection, now - within / 2, MOST)
        for party in await outbox.listeners(connection, EventType.CERTIFICATE_LATE):
            numbers = await publication.untold(connection, party, now - within, MOST)
            await tell.late(connection, numbers, within)
        changes = await _keep(
            connection, EventType.PUBLICATION_LATE, _by_authority(late, "without a final anchor")
        ) + await _keep(
            connection, EventType.PUBLICATION_SLOW, _by_authority(slow, "past half its deadline")
        )
    _say(changes)


async def note_halts(office: Office) -> None:
    """Raise an alarm for everything that this process, which leads, has halted.

    Raises:
        UnavailableError: the database does not answer.
    """
    await keep(office, EventType.WORK_HALTED, office.halted)


async def keep(
    office: Office, kind: EventType, found: Mapping[str, str], unknown: Collection[str] = ()
) -> None:
    """Make the open alarms of a kind those that were found.

    Args:
        office: Where.
        kind: Which.
        found: By subject, what is wrong.
        unknown: Subjects of which nothing is known now: their alarms go on as they are.

    Raises:
        UnavailableError: the database does not answer.
    """
    async with office.database.transaction() as connection:
        changes = await _keep(connection, kind, found, unknown)
    _say(changes)


async def open_alarms(office: Office) -> list[Alarm]:
    """Return the alarms that go on.

    Raises:
        UnavailableError: the database does not answer.
    """
    async with office.database.transaction() as connection:
        return await alarms.open_alarms(connection)


async def _keep(
    connection: AsyncConnection,
    kind: EventType,
    found: Mapping[str, str],
    unknown: Collection[str] = (),
) -> list[Alarm]:
    known = {alarm.subject: alarm for alarm in await alarms.open_alarms(connection, kind)}
    new = {subject: detail for subject, detail in found.items() if subject not in known}
    over = [
        alarm for subject, alarm in known.items() if subject not in found and subject not in unknown
    ]
    raised = await alarms.raise_(connection, kind, new)
    ended = await alarms.end(connection, over)
    await outbox.tell(connection, kind, [_fact(alarm) for alarm in raised])
    await outbox.tell(connection, EventType.ALARM_ENDED, [_fact(alarm) for alarm in ended])
    return raised + ended


def _fact(alarm: Alarm) -> Fact:
    data = {
        "alarm": str(alarm.id),
        "kind": alarm.kind,
        "subject": alarm.subject,
        "detail": alarm.detail,
        "since": instant_text(alarm.raised_at),
    }
    return Fact(frozenset((OFFICE,)), str(alarm.id), data)


def _by_authority(waiting: list[Waiting], what: str) -> dict[str, str]:
    """Return for each authority how many wait, and which has waited longest."""
    each: dict[str, list[Waiting]] = defaultdict(list)
    for item in waiting:
        each[item.authority].append(item)
    return {
        authority: f"{_count(items)} {what}, first {items[0].number}, written down at "
        f"{instant_text(items[0].precommitted_at)}; does a worker run, and does the chain answer?"
        for authority, items in each.items()
    }


def _count(items: list[Waiting]) -> str:
    return f"{len(items)}" if len(items) < MOST else f"{MOST} or more"


def _say(changes: list[Alarm]) -> None:
    """Say each change once, after it is committed."""
    for alarm in changes:
        if alarm.ended_at is not None:
            _log.warning(
                "alarm:over kind=%s subject=%s since=%s",
                alarm.kind,
                alarm.subject,
                instant_text(alarm.raised_at),
            )
            continue
        slow = alarm.kind is EventType.PUBLICATION_SLOW
        level = logging.WARNING if slow else logging.ERROR
        words = "alarm:raised kind=%s subject=%s detail=%s"
        _log.log(level, words, alarm.kind, alarm.subject, alarm.detail)
