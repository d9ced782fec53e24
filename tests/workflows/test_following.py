"""Following the chain: reorganisations at every stage, and what must not happen."""

import asyncio

import pytest
from desk import MOIT, PERSONS, Desk
from failing import interrupted

from anvil_fixtures import rpc
from tulen.errors import UnavailableError
from tulen.workflows.certificate import certificate_of, export_bundle
from tulen.workflows.doctor import not_ready
from tulen.workflows.log_of import ChainAheadError
from tulen.workflows.office import CHAIN, HaltedError
from tulen.workflows.work import work_once

pytestmark = pytest.mark.anyio

ANCHORED = "SELECT count(*) FROM chain_event WHERE name = 'CheckpointAnchored'"


async def state_of(desk: Desk, number: str) -> str:
    view = await certificate_of(desk.office, PERSONS["exporter"], number)
    state: str = view.to_document()["state"]
    return state


async def test_an_anchor_that_a_reorganisation_takes_back_is_sent_again(desk: Desk) -> None:
    number = await desk.issued()
    await work_once(desk.office)
    await work_once(desk.office)
    assert await state_of(desk, number) == "mined"
    desk.reorganise(1)
    rpc(desk.node, "anvil_dropAllTransactions")
    rpc(desk.node, "evm_setAutomine", False)
    await work_once(desk.office)
    assert await state_of(desk, number) == "checkpointed"
    rpc(desk.node, "evm_setAutomine", True)
    desk.mine(1)
    await desk.until_idle()
    assert await state_of(desk, number) == "final"
    assert await desk.rows(ANCHORED) == [(1,)]
    assert await export_bundle(desk.office, PERSONS["exporter"], number)
    assert await desk.complaints() == []


async def test_an_anchor_that_the_pool_dropped_is_sent_again(desk: Desk) -> None:
    number = await desk.issued()
    rpc(desk.node, "evm_setAutomine", False)
    await work_once(desk.office)
    rpc(desk.node, "anvil_dropAllTransactions")
    rpc(desk.node, "evm_setAutomine", True)
    await desk.until_idle()
    assert await state_of(desk, number) == "final"
    assert await desk.rows(ANCHORED) == [(1,)]


@pytest.mark.parametrize("depth", [1, 2])
async def test_a_reorganisation_that_is_not_yet_final_leaves_no_trace(
    desk: Desk, depth: int
) -> None:
    number = await desk.issued()
    await work_once(desk.office)
    desk.mine(depth - 1)
    await work_once(desk.office)
    assert await state_of(desk, number) == "mined"
    desk.reorganise(depth)
    await desk.until_idle()
    assert await state_of(desk, number) == "final"
    assert await desk.rows(ANCHORED) == [(1,)]
    await blocks_follow_each_other(desk)
    assert await desk.complaints() == []


async def blocks_follow_each_other(desk: Desk) -> None:
    """Check that what was recorded is one chain, and the node's."""
    broken = await desk.rows(
        "SELECT a.number FROM chain_block a JOIN chain_block b ON b.number = a.number - 1 "
        "WHERE a.parent_hash <> b.hash"
    )
    assert broken == []
    for number, block_hash in await desk.rows("SELECT number, hash FROM chain_block"):
        block = rpc(desk.node, "eth_getBlockByNumber", hex(number), False)
        assert block["hash"] == f"0x{block_hash.hex()}"


async def test_a_reorganisation_while_blocks_are_read_leaves_no_orphan(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.until_idle()
    monkeypatch.setattr("tulen.workflows.follow_chain.BLOCKS_AT_ONCE", 2)
    head = int(rpc(desk.node, "eth_blockNumber"), 16)
    desk.mine(6)
    # Blocks head + 1 and head + 2 are read; then they are replaced, before the next two are read.
    reorganised = interrupted(
        desk,
        "eth_getLogs",
        lambda: asyncio.to_thread(desk.reorganise, 6),
        fromBlock=hex(head + 3),
    )
    await work_once(reorganised.office)
    await desk.until_idle()
    await blocks_follow_each_other(desk)


async def test_a_final_block_that_is_replaced_halts_the_work_until_it_is_put_right(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    number, bundle = await desk.certified()
    declaration = await desk.declared(number, bundle)
    waiting = await desk.approved()
    [(final, right)] = await desk.rows(
        "SELECT number, hash FROM chain_block WHERE final ORDER BY number DESC LIMIT 1"
    )
    await desk.rows("ALTER TABLE chain_event DISABLE TRIGGER ALL")
    await desk.rows("UPDATE chain_block SET hash = sha256('lost') WHERE number = %s", final)
    await desk.rows("UPDATE chain_cursor SET block_hash = sha256('lost')")
    for _ in range(3):
        await work_once(desk.office)
    assert desk.office.halted.keys() == {CHAIN}
    assert f"block {final} was final" in await not_ready(desk.office)
    assert len([item for item in caplog.messages if "work:halted" in item]) == 1
    for work in (desk.issue(waiting), desk.draw(declaration, "600")):
        with pytest.raises(HaltedError):
            await work
    assert [complaint.split()[0] for complaint in await desk.complaints()] == ["history"]

    await desk.rows("UPDATE chain_block SET hash = %s WHERE number = %s", right, final)
    await desk.until_idle()
    assert desk.office.halted == {}
    await desk.issue(waiting)
    await desk.draw(declaration, "600")
    await desk.until_idle()
    assert await desk.complaints() == []


async def test_a_node_that_is_behind_is_waited_for(desk: Desk) -> None:
    await desk.until_idle()
    before = rpc(desk.node, "evm_snapshot")
    desk.mine(6)
    await desk.until_idle()
    [(recorded,)] = await desk.rows("SELECT max(number) FROM chain_block")
    rpc(desk.node, "evm_revert", before)
    await work_once(desk.office)
    assert desk.office.halted == {}
    assert await desk.rows("SELECT max(number) FROM chain_block") == [(recorded,)]


@pytest.mark.parametrize("poor", ["officer-1", "priok"])
async def test_a_transaction_that_the_node_does_not_take_stops_no_other(
    desk: Desk, poor: str
) -> None:
    number, bundle = await desk.certified()
    declaration = await desk.declared(number, bundle)
    account = desk.office.account(PERSONS[poor].party).address
    rpc(desk.node, "evm_setAutomine", False)
    drawing = asyncio.create_task(desk.draw(declaration, "600"))
    revoking = asyncio.create_task(desk.revoke(number))
    await desk.pooled(2)
    for task in (drawing, revoking):
        task.cancel()
    await asyncio.gather(drawing, revoking, return_exceptions=True)
    rpc(desk.node, "anvil_dropAllTransactions")
    balance = rpc(desk.node, "eth_getBalance", account, "latest")
    rpc(desk.node, "anvil_setBalance", account, "0x0")
    rpc(desk.node, "evm_setAutomine", True)
    for _ in range(3):
        await work_once(desk.office)
        desk.mine()
    states = dict(
        await desk.rows("SELECT purpose, state FROM chain_transaction WHERE purpose <> 'anchor'")
    )
    stuck, other = ("revoke", "draw") if poor == "officer-1" else ("draw", "revoke")
    assert (states[other], states[stuck] in {"ready", "sent"}) == ("final", True)
    rpc(desk.node, "anvil_setBalance", account, balance)
    await desk.until_idle()
    assert await desk.status(number) == "REVOKED"
    [(state, refusal)] = await desk.rows("SELECT state, refusal FROM drawdown")
    if other == "draw":
        assert (state, refusal) == ("final", None)
    else:  # It was revoked before customs could pay.
        assert state == "refused"
        assert "is revoked" in refusal


async def test_while_the_chain_is_away_nothing_is_lost_and_all_goes_on_by_itself(
    desk: Desk,
) -> None:
    numbers = [await desk.issued()]
    async with desk.without_chain() as cut_off:
        for _ in range(2):
            assert await work_once(cut_off.office)
    assert await desk.rows("SELECT count(*) FROM checkpoint") == [(0,)]
    await work_once(desk.office)
    async with desk.without_chain() as cut_off:
        assert await work_once(cut_off.office)
    numbers.append(await desk.issued())
    await desk.until_idle()
    assert [await state_of(desk, number) for number in numbers] == ["final"] * 2
    assert desk.office.halted == {}
    assert await desk.complaints() == []


async def test_a_foreign_transaction_of_our_account_halts_the_authority(desk: Desk) -> None:
    await desk.issued()
    await desk.until_idle()
    account = desk.office.account(MOIT).address
    rpc(desk.node, "anvil_setNonce", account, "0x9")
    with pytest.raises(ChainAheadError, match=r"the chain has 9 transactions of account .* 1: "):
        await desk.issue(await desk.approved())
    await work_once(desk.office)
    assert "find out who else has its key" in desk.office.halted[MOIT]
    assert MOIT in await not_ready(desk.office)
    with pytest.raises(HaltedError):
        await desk.issue(await desk.approved())


async def test_an_outage_of_the_database_is_said_and_ends(desk: Desk) -> None:
    await desk.issued()
    await desk.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    try:
        await work_once(desk.office)
    except UnavailableError:
        await asyncio.sleep(0)
    await desk.until_idle()
    assert await desk.complaints() == []
