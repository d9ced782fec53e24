"""Nonces, attempts and events: no gap, no double, and nothing left of an orphaned block."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest
from small_register import NOON, alone, digest_of
from sqlalchemy import text

from tulen.database import Database, events, transactions
from tulen.database.errors import (
    ConstraintError,
    FinalityViolationError,
    ForeignNonceError,
    PurposeTakenError,
    StaleFenceError,
    StateChangedError,
)
from tulen.database.states import TransactionState

pytestmark = pytest.mark.anyio

CHAIN = 31337


class CrashedError(Exception):
    pass


SENDER = b"\x11" * 20


async def send(
    database: Database, ref: str, *, fence: int = 1, chain_count: int = 0, fee: int = 100
) -> transactions.Attempt:
    async with database.transaction() as connection:
        nonce = await transactions.reserve(
            connection,
            chain_id=CHAIN,
            sender=SENDER,
            purpose="anchor",
            ref=ref,
            fence=fence,
            chain_count=chain_count,
        )
        attempt = transactions.Attempt(
            digest_of(nonce + 1), CHAIN, SENDER, nonce, b"raw", fee, fee // 10
        )
        await transactions.record_attempt(connection, attempt)
        return attempt


async def state_of(database: Database, attempt: transactions.Attempt) -> TransactionState:
    found = await alone(database, lambda c: transactions.find(c, CHAIN, SENDER, attempt.nonce))
    return found.state


async def mine(
    database: Database, attempt: transactions.Attempt, *, succeeded: bool = True
) -> None:
    await alone(
        database,
        lambda c: transactions.mark_mined(
            c,
            attempt.tx_hash,
            block_number=5,
            block_hash=digest_of(500),
            gas_used=21_000,
            succeeded=succeeded,
        ),
    )


async def test_many_who_reserve_at_once_get_each_nonce_once_and_leave_no_gap(
    database: Database,
) -> None:
    async def attempt(number: int) -> int | None:
        with suppress(CrashedError):
            async with database.transaction() as connection:
                nonce = await transactions.reserve(
                    connection,
                    chain_id=CHAIN,
                    sender=SENDER,
                    purpose="draw",
                    ref=str(number),
                    fence=1,
                    chain_count=3,
                )
                if number % 3 == 0:
                    raise CrashedError  # A third of the writers do, before they commit.
                return nonce
        return None

    taken = [n for n in await asyncio.gather(*map(attempt, range(30))) if n is not None]
    assert sorted(taken) == list(range(3, 23))


async def test_one_connection_can_send_on_and_on(database: Database) -> None:
    """PostgreSQL plans a statement anew, without its parameters, from about the tenth time on."""
    for count in range(30):
        attempt = await send(database, f"ref-{count}")
        assert attempt.nonce == count


async def test_a_purpose_has_one_live_transaction(database: Database) -> None:
    first = await send(database, "VN.MOIT/10")
    with pytest.raises(PurposeTakenError, match="follow that one"):
        await send(database, "VN.MOIT/10")
    found = await alone(database, lambda c: transactions.live(c, CHAIN, "anchor", "VN.MOIT/10"))
    assert (found.nonce, found.state) == (first.nonce, TransactionState.READY)
    assert (await send(database, "VN.MOIT/20")).nonce == first.nonce + 1


async def test_a_writer_whose_lease_has_passed_is_refused(database: Database) -> None:
    await send(database, "a", fence=7)
    with pytest.raises(StaleFenceError, match="writer 6 has been followed by writer 7"):
        await send(database, "b", fence=6)
    await send(database, "b", fence=7)


async def test_transactions_that_we_did_not_make_are_noticed(database: Database) -> None:
    await send(database, "a", chain_count=4)
    with pytest.raises(ForeignNonceError, match="seen 6 transactions"):
        await send(database, "b", chain_count=6)
    assert (await send(database, "b", chain_count=5)).nonce == 5


async def test_a_transaction_goes_from_ready_to_final(database: Database) -> None:
    attempt = await send(database, "a")
    await alone(database, lambda c: transactions.mark_sent(c, attempt.tx_hash))
    assert await state_of(database, attempt) is TransactionState.SENT
    await mine(database, attempt)
    assert await state_of(database, attempt) is TransactionState.MINED
    assert len(await alone(database, lambda c: transactions.unsettled(c, CHAIN, SENDER))) == 1
    with pytest.raises(StateChangedError, match="mined in block"):
        await alone(database, lambda c: transactions.mark_final(c, attempt.tx_hash, digest_of(501)))
    settled = await alone(
        database, lambda c: transactions.mark_final(c, attempt.tx_hash, digest_of(500))
    )
    assert settled is TransactionState.FINAL
    assert await alone(database, lambda c: transactions.unsettled(c, CHAIN, SENDER)) == ()
    with pytest.raises(StateChangedError, match="final"):
        await mine(database, attempt)


async def test_an_orphaned_block_sends_the_transaction_back(database: Database) -> None:
    attempt = await send(database, "a")
    await mine(database, attempt)
    await alone(database, lambda c: transactions.mark_unmined(c, attempt.tx_hash))
    assert await state_of(database, attempt) is TransactionState.SENT
    stored = await alone(database, lambda c: transactions.attempts(c, CHAIN, SENDER, attempt.nonce))
    assert [known.block_hash for known in stored] == [None]


async def test_any_attempt_of_a_nonce_may_win_and_only_one(database: Database) -> None:
    cheap = await send(database, "a")
    dear = replace(cheap, tx_hash=digest_of(900), raw=b"dear", max_fee=200, tip=20)
    for _ in range(2):
        await alone(database, lambda c: transactions.record_attempt(c, dear))
    await mine(database, dear)
    await mine(database, cheap)
    stored = await alone(database, lambda c: transactions.attempts(c, CHAIN, SENDER, cheap.nonce))
    assert [(a.raw, a.succeeded) for a in stored] == [(b"raw", True), (b"dear", None)]


@pytest.mark.parametrize("way", ["reverted", "cancelled"])
async def test_a_failed_transaction_frees_its_purpose_but_not_its_nonce(
    database: Database, way: str
) -> None:
    attempt = await send(database, "a")
    if way == "cancelled":
        attempt = replace(attempt, tx_hash=digest_of(900), cancels=True)
        await alone(database, lambda c: transactions.record_attempt(c, attempt))
    await mine(database, attempt, succeeded=way == "cancelled")
    settled = await alone(
        database, lambda c: transactions.mark_final(c, attempt.tx_hash, digest_of(500))
    )
    assert settled is TransactionState.FAILED
    assert (await send(database, "a")).nonce == attempt.nonce + 1
    past = await alone(database, lambda c: transactions.history(c, CHAIN, "anchor", "a"))
    assert [known.state for known in past] == [TransactionState.FAILED, TransactionState.READY]


async def test_the_largest_fee_comes_back_exactly(database: Database) -> None:
    attempt = await send(database, "a", fee=2**256 - 1)
    stored = await alone(database, lambda c: transactions.attempts(c, CHAIN, SENDER, attempt.nonce))
    assert stored[0].max_fee == 2**256 - 1


@pytest.mark.parametrize("table", ["chain_attempt", "chain_transaction"])
async def test_nothing_that_was_signed_is_ever_deleted(database: Database, table: str) -> None:
    await send(database, "a")
    with pytest.raises(ConstraintError, match="is_kept"):
        await alone(database, lambda c: c.execute(text(f"DELETE FROM {table}")))  # noqa: S608 - of a list


def block(number: int, fork: int = 0) -> events.Block:
    return events.Block(CHAIN, digest_of(1000 * fork + number), number, digest_of(number - 1), NOON)


def event(number: int, fork: int = 0, name: str = "Drawn") -> events.Event:
    return events.Event(
        CHAIN,
        digest_of(77),
        block(number, fork).hash,
        0,
        number,
        bytes(20),
        name,
        b"subject",
        {"quantity": "600"},
    )


async def test_a_reorganisation_replaces_facts_and_keeps_those_below(database: Database) -> None:
    async with database.transaction() as connection:
        for number in (1, 2, 3):
            await events.record_block(connection, block(number), [event(number)])
        await events.record_block(connection, block(2), [event(2)])
        assert await events.mark_final(connection, CHAIN, 1) == 1
        await events.move_cursor(connection, CHAIN, 3, block(3).hash)
    with pytest.raises(ConstraintError, match="chain_block_chain_id_number_key"):
        await alone(database, lambda c: events.record_block(c, block(2, fork=1)))
    async with database.transaction() as connection:
        assert [b.number for b in await events.pending_blocks(connection, CHAIN)] == [3, 2]
        assert await events.roll_back(connection, CHAIN, 1) == 2
        await events.record_block(connection, block(2, fork=1), [event(2, fork=1)])
        await events.move_cursor(connection, CHAIN, 2, block(2, fork=1).hash)
        seen = await events.about(connection, b"subject", "Drawn")
        assert [(s.event.block_hash, s.final) for s in seen] == [
            (block(1).hash, True),
            (block(2, fork=1).hash, False),
        ]
        assert await events.about(connection, b"subject", "Released") == ()
        assert len(await events.about(connection, b"subject")) == 2
        assert await events.cursor(connection, CHAIN) == events.Cursor(2, block(2, fork=1).hash)
        assert await events.cursor(connection, 1) is None
        assert await events.find_block(connection, CHAIN, 2) == block(2, fork=1)


async def test_a_final_block_is_never_rolled_back(database: Database) -> None:
    async with database.transaction() as connection:
        await events.record_block(connection, block(1))
        await events.mark_final(connection, CHAIN, 1)
    with pytest.raises(FinalityViolationError, match="block 1"):
        await alone(database, lambda c: events.roll_back(c, CHAIN, 0))
    assert await alone(database, lambda c: events.find_block(c, CHAIN, 1)) is not None
