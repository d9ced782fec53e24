"""The stored log: one writer, no gap, no fork, and never another past."""

import asyncio
import hashlib
import os
import time
from datetime import timedelta

import pytest
from small_register import CUSTOMS, MOIT, NOON, alone, digest_of
from sqlalchemy import text

from tulen.database import Database, checkpoints, events, log
from tulen.database.errors import ConstraintError, LogRewriteError, OtherContentError
from tulen.values import Digest, PartyCode

pytestmark = pytest.mark.anyio


async def entries(database: Database) -> tuple[log.LogEntry, ...]:
    return await alone(database, lambda c: log.entries_since(c, MOIT, 0, 1_000_000))


async def test_writers_that_append_at_once_make_one_log_without_gap(
    register: Database, postgres_url: str
) -> None:
    async def write(start: int) -> None:
        own = Database(postgres_url, connections=1)
        for number in range(start, start + 30):
            await alone(own, lambda c, n=number: log.append_entry(c, MOIT, 1, digest_of(n)))
        await own.close()

    await asyncio.gather(*(write(start) for start in (0, 1000, 2000, 3000)))
    stored = await entries(register)
    assert [entry.index for entry in stored] == list(range(120))
    assert len({entry.digest for entry in stored}) == 120
    assert await alone(register, lambda c: log.state(c, MOIT)) == log.LogState(120, 0)


async def test_an_append_that_is_undone_leaves_no_gap(register: Database) -> None:
    await alone(register, lambda c: log.append_entry(c, MOIT, 1, digest_of(1)))
    with pytest.raises(ConstraintError):
        await alone(
            register, lambda c: log.append_entries(c, MOIT, 1, [digest_of(2), digest_of(1)])
        )
    assert await alone(register, lambda c: log.append_entry(c, MOIT, 1, digest_of(3))) == 1


async def test_the_database_refuses_a_gap(register: Database) -> None:
    await alone(register, lambda c: log.append_entry(c, MOIT, 1, digest_of(1)))
    statement = text(
        "INSERT INTO log_entry (authority, index, kind, digest) VALUES ('VN.MOIT', 2, 1, :digest)"
    )
    with pytest.raises(ConstraintError, match="previous_fkey"):
        await alone(register, lambda c: c.execute(statement, {"digest": bytes(32)}))


async def test_a_digest_stands_in_a_log_once_and_in_each_log_by_itself(
    register: Database,
) -> None:
    assert await alone(register, lambda c: log.append_entry(c, MOIT, 1, digest_of(5))) == 0
    assert await alone(register, lambda c: log.append_entry(c, MOIT, 1, digest_of(6))) == 1
    assert await alone(register, lambda c: log.append_entry(c, MOIT, 1, digest_of(5))) == 0
    assert await alone(register, lambda c: log.append_entry(c, CUSTOMS, 1, digest_of(5))) == 0
    with pytest.raises(OtherContentError, match="kind 1"):
        await alone(register, lambda c: log.append_entry(c, MOIT, 2, digest_of(5)))
    assert await alone(register, lambda c: log.state(c, MOIT)) == log.LogState(2, 0)


async def test_the_database_computes_the_leaf_hash_of_the_specification(
    register: Database,
) -> None:
    for kind in (1, 255):
        await alone(register, lambda c, k=kind: log.append_entry(c, MOIT, k, digest_of(k)))
    for entry in await entries(register):
        expected = hashlib.sha256(b"\0" + bytes([entry.kind]) + entry.digest).digest()
        assert entry.leaf_hash == expected
    assert await alone(register, lambda c: log.leaf_hashes_since(c, MOIT, 1, 9)) == [
        (await entries(register))[1].leaf_hash
    ]


async def test_a_hundred_thousand_entries_go_in_and_out_in_seconds(register: Database) -> None:
    digests = [Digest(os.urandom(32)) for _ in range(100_000)]
    started = time.monotonic()
    first = await alone(register, lambda c: log.append_entries(c, MOIT, 1, digests))
    hashes = await alone(register, lambda c: log.leaf_hashes_since(c, MOIT, 0, 200_000))
    assert time.monotonic() - started < 20
    assert first == 0
    assert len(hashes) == 100_000
    last = await alone(register, lambda c: log.entries_since(c, MOIT, 99_999, 10))
    assert [entry.digest for entry in last] == digests[-1:]


async def test_tiles_are_read_as_they_were_written(register: Database) -> None:
    await alone(register, lambda c: log.lock(c, MOIT))
    tiles = {(0, 0): os.urandom(8192), (0, 1): os.urandom(64), (1, 0): os.urandom(32)}
    await alone(register, lambda c: log.write_tiles(c, MOIT, tiles))
    assert await alone(register, lambda c: log.read_tiles(c, MOIT, {*tiles, (2, 0)})) == tiles
    assert await alone(register, lambda c: log.read_tiles(c, MOIT, set())) == {}
    assert await alone(register, lambda c: log.read_tiles(c, CUSTOMS, set(tiles))) == {}


async def test_a_tile_may_grow_but_never_change(register: Database) -> None:
    await alone(register, lambda c: log.lock(c, MOIT))
    short = os.urandom(64)
    grown = short + os.urandom(32)
    for content in (short, grown, grown):
        await alone(register, lambda c, t=content: log.write_tiles(c, MOIT, {(0, 0): t}))
    for lie in (short, os.urandom(96), grown[:64] + os.urandom(32)):
        with pytest.raises(LogRewriteError, match=r"tiles \[\(0, 0\)\]"):
            await alone(
                register,
                lambda c, t=lie: log.write_tiles(c, MOIT, {(0, 0): t, (0, 1): bytes(32)}),
            )
    assert await alone(register, lambda c: log.read_tiles(c, MOIT, {(0, 0), (0, 1)})) == {
        (0, 0): grown
    }


@pytest.mark.parametrize("length", [0, 31, 33, 8224])
async def test_a_tile_of_no_whole_hashes_is_refused(register: Database, length: int) -> None:
    await alone(register, lambda c: log.lock(c, MOIT))
    with pytest.raises(ConstraintError, match="hashes_check"):
        await alone(register, lambda c: log.write_tiles(c, MOIT, {(0, 0): bytes(length)}))


def checkpoint(size: int) -> checkpoints.Checkpoint:
    return checkpoints.Checkpoint(MOIT, size, digest_of(9000 + size), f"note {size}", NOON)


async def filled(database: Database, *sizes: int) -> None:
    async with database.transaction() as connection:
        await log.append_entries(connection, MOIT, 1, [digest_of(i) for i in range(1, 11)])
        for size in sizes:
            await checkpoints.record_checkpoint(connection, checkpoint(size))


@pytest.mark.parametrize("size", [0, 3, 5, 11])
async def test_a_checkpoint_covers_more_than_the_last_and_no_more_than_there_is(
    register: Database, size: int
) -> None:
    await filled(register, 5)
    with pytest.raises(LogRewriteError, match="5 are sealed, 10 exist"):
        await alone(register, lambda c: checkpoints.record_checkpoint(c, checkpoint(size)))


async def test_a_checkpoint_cannot_be_changed(register: Database) -> None:
    await filled(register, 5)
    for statement in ("UPDATE checkpoint SET note = 'x'", "DELETE FROM checkpoint"):
        with pytest.raises(ConstraintError, match="checkpoint_is_kept"):
            await alone(register, lambda c, s=statement: c.execute(text(s)))


async def anchor(
    database: Database, size: int, number: int, *, final: bool, authority: PartyCode = MOIT
) -> None:
    block = events.Block(
        31337, digest_of(number), number, digest_of(number - 1), NOON + timedelta(seconds=number)
    )
    event = events.Event(
        31337,
        digest_of(100 + number),
        block.hash,
        0,
        number,
        bytes(20),
        "CheckpointAnchored",
        checkpoint(size).root_hash,
        {"authority": authority.on_chain.hex(), "size": size},
    )
    async with database.transaction() as connection:
        await events.record_block(connection, block, [event])
        if final:
            await events.mark_final(connection, 31337, number)


async def test_the_best_checkpoint_is_final_then_anchored_then_sealed(register: Database) -> None:
    await filled(register, 4, 7, 10)

    async def covering(index: int) -> tuple[int, bool | None] | None:
        found = await alone(register, lambda c: checkpoints.checkpoint_covering(c, MOIT, index))
        if found is None:
            return None
        return found[0].size, None if found[1] is None else found[1].final

    assert await covering(10) is None
    assert await covering(9) == (10, None)
    assert await covering(0) == (4, None)
    assert await alone(register, lambda c: checkpoints.latest_anchored(c, MOIT)) is None
    await anchor(register, 7, 70, final=False)
    assert await covering(0) == (7, False)
    assert await covering(8) == (10, None)
    await anchor(register, 10, 100, final=True)
    assert await covering(0) == (7, True)
    found, where = await alone(register, lambda c: checkpoints.latest_anchored(c, MOIT))
    assert (found.size, where.block_number, where.final) == (10, 100, True)
    assert where.anchored_at == NOON + timedelta(seconds=100)
    latest = await alone(register, lambda c: checkpoints.latest_checkpoint(c, MOIT))
    assert latest == checkpoint(10)
    assert await alone(register, lambda c: checkpoints.checkpoint_at(c, MOIT, 7)) == checkpoint(7)


async def test_another_authoritys_anchor_of_the_same_tree_head_says_nothing(
    register: Database,
) -> None:
    await filled(register, 4)
    await anchor(register, 4, 40, final=True, authority=PartyCode("TH.DFT"))
    assert await alone(register, lambda c: checkpoints.latest_anchored(c, MOIT)) is None
    assert await alone(register, lambda c: checkpoints.checkpoint_covering(c, MOIT, 0)) == (
        checkpoint(4),
        None,
    )


async def test_an_orphaned_block_takes_its_anchor_with_it(register: Database) -> None:
    await filled(register, 4)
    await anchor(register, 4, 40, final=False)
    assert (await alone(register, lambda c: checkpoints.checkpoint_covering(c, MOIT, 0)))[
        1
    ] is not None
    assert await alone(register, lambda c: events.roll_back(c, 31337, 39)) == 1
    assert (await alone(register, lambda c: checkpoints.checkpoint_covering(c, MOIT, 0)))[1] is None
