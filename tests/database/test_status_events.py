"""Which status of a log entry counts for a status list: the last final one of its own authority."""

import pytest
from small_register import MOIT, NOON, PARTIES, alone, digest_of

from tulen.database import Database, events, log, parties
from tulen.database.status_lists import final_statuses
from tulen.log import Kind
from tulen.values import PartyCode

pytestmark = pytest.mark.anyio

CHAIN = 31337
OTHER = PartyCode("TH.DFT")
ENTRIES = 6
FINAL, PENDING = 10, 11


async def logged(database: Database) -> None:
    """Register the authority and log entries 0 to 5, whose digests are 100 to 105."""
    async with database.transaction() as connection:
        await parties.register(connection, PARTIES[0])
        for index in range(ENTRIES):
            await log.append_entry(connection, MOIT, Kind.CERTIFICATE, digest_of(100 + index))


async def happened(
    database: Database, block: int, *declared: tuple[int, str, PartyCode], chain: int = CHAIN
) -> None:
    """Record a block in which authorities declared statuses of digests."""
    hashes = digest_of(1_000 * chain + block)
    await alone(
        database,
        lambda connection: events.record_block(
            connection,
            events.Block(chain, hashes, block, digest_of(1_000 * chain + block - 1), NOON),
            [
                events.Event(
                    chain,
                    digest_of(9_000 + place),
                    hashes,
                    place,
                    block,
                    bytes(20),
                    name,
                    digest_of(digest),
                    {"authority": authority.on_chain.hex()},
                )
                for place, (digest, name, authority) in enumerate(declared)
            ],
        ),
    )


async def statuses(database: Database, first: int = 0, count: int = ENTRIES) -> dict[int, str]:
    return await alone(database, lambda c: final_statuses(c, CHAIN, MOIT, first, count))


async def test_the_last_final_status_of_each_entry_counts(database: Database) -> None:
    await logged(database)
    await happened(
        database,
        FINAL,
        (100, "Revoked", MOIT),
        (101, "Suspended", MOIT),
        (102, "Suspended", MOIT),
        (102, "Resumed", MOIT),
        (103, "Replaced", MOIT),
        (104, "Revoked", OTHER),
        (105, "Drawn", MOIT),
        (999, "Revoked", MOIT),
    )
    assert await statuses(database) == {}
    await alone(database, lambda c: events.mark_final(c, CHAIN, FINAL))
    found = {0: "Revoked", 1: "Suspended", 2: "Resumed", 3: "Replaced"}
    assert await statuses(database) == found
    await happened(database, PENDING, (101, "Revoked", MOIT), (104, "Revoked", MOIT))
    assert await statuses(database) == found
    await alone(database, lambda c: events.mark_final(c, CHAIN, PENDING))
    assert await statuses(database) == found | {1: "Revoked", 4: "Revoked"}
    assert await statuses(database, 1, 2) == {1: "Revoked", 2: "Resumed"}


async def test_another_chain_says_nothing(database: Database) -> None:
    await logged(database)
    await happened(database, FINAL, (100, "Revoked", MOIT), chain=1)
    await alone(database, lambda c: events.mark_final(c, 1, FINAL))
    assert await statuses(database) == {}
