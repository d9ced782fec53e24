"""A desk on an old copy of its database, and what happens meanwhile on the other one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from desk import PERSONS, Desk, Foundation, name_of

from tulen.workflows.certificate import export_bundle
from tulen.workflows.fsck import fsck
from tulen.workflows.fsck_projection import fsck_projection
from tulen.workflows.office import open_office


@asynccontextmanager
async def copied(desk: Desk, foundation: Foundation) -> AsyncIterator[Desk]:
    """Yield the desk on a copy of its database as it is now: same chain, keys and documents."""
    await desk.office.database.close()
    with foundation.copied(name_of(desk.office.settings)) as before:
        async with open_office(before) as office:
            yield Desk(office)


@dataclass
class Past:
    """What happened after the copy was made."""

    numbers: list[str]
    bundles: list[bytes]


def serial(number: str) -> int:
    return int(number.rpartition("-")[2])


async def bundle_of(desk: Desk, number: str) -> bytes:
    return await export_bundle(desk.office, PERSONS["exporter"], number)


async def issued_in(desk: Desk, rounds: int) -> Past:
    """Issue two certificates in each round; a round ends with everything final."""
    numbers = []
    for _ in range(rounds):
        numbers += [await desk.issued(), await desk.issued()]
        await desk.until_idle()
    return Past(numbers, [await bundle_of(desk, number) for number in numbers])


async def assert_whole(desk: Desk) -> None:
    """Check that doctor and both kinds of fsck find nothing."""
    assert await desk.complaints() == []
    found = [*await fsck(desk.office.settings), *await fsck_projection(desk.office.settings)]
    assert [item for item in found if item.outcome != "PASS"] == []
