"""Fees: raised by a tenth, never over the cap; what is stuck or dropped drains in order."""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from desk import MOIT, Desk

from anvil_fixtures import mine, rpc
from tulen.settings import WEI_PER_GWEI, Settings
from tulen.workflows import send as sending
from tulen.workflows.work import work_once

pytestmark = pytest.mark.anyio

GWEI = WEI_PER_GWEI
ATTEMPTS = "SELECT nonce, max_fee, tip FROM chain_attempt ORDER BY nonce, max_fee"
STATES = "SELECT nonce, purpose, state FROM chain_transaction ORDER BY sender, nonce"


@pytest.fixture(autouse=True)
def in_a_hurry(desk_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sending, "MINED_WITHIN_SECONDS", 0.1)
    (node,) = desk_settings.chain_rpc_urls
    before = rpc(node, "eth_getBlockByNumber", "latest", False)["baseFeePerGas"]
    yield
    # Anvil sets blocks back, but not what the next one's base fee is.
    rpc(node, "anvil_setNextBlockBaseFeePerGas", before)
    mine(node, 1)


def set_to(desk: Desk, *, cap: object = None, bump_seconds: int = 0) -> Desk:
    """Return the same desk with other settings; by default every round raises what waits."""
    changes: dict[str, object] = {"bump_seconds": bump_seconds}
    if cap is not None:
        changes["fee_cap_gwei"] = Decimal(str(cap))
    settings = desk.office.settings.model_copy(update=changes)
    return Desk(replace(desk.office, settings=settings))


def hold_blocks(desk: Desk) -> None:
    rpc(desk.node, "evm_setAutomine", False)


def base_fee(desk: Desk, wei: int) -> None:
    """Make a block with a base fee."""
    rpc(desk.node, "anvil_setNextBlockBaseFeePerGas", hex(wei))
    mine(desk.node, 1)


def pool_of(desk: Desk, party: object = MOIT) -> dict[int, dict[str, str]]:
    """Return what the node's pool holds of a party's account, by nonce."""
    address = desk.office.account(party).address.lower()  # type: ignore[arg-type] - a party
    found: dict[int, dict[str, str]] = {}
    for part in rpc(desk.node, "txpool_content").values():
        for sender, by_nonce in part.items():
            if sender.lower() == address:
                found |= {int(nonce): one for nonce, one in by_nonce.items()}
    return dict(sorted(found.items()))


async def fees_of(desk: Desk, nonce: int | None = None) -> list[tuple[int, int]]:
    rows = await desk.rows(ATTEMPTS)
    return [(int(fee), int(tip)) for n, fee, tip in rows if nonce in (None, n)]


async def test_what_waits_is_raised_by_a_tenth_each_time_and_the_last_is_mined(desk: Desk) -> None:
    await desk.issued()
    hold_blocks(desk)
    await work_once(desk.office)
    desk = set_to(desk)
    for _ in range(3):
        await work_once(desk.office)
    offers = await fees_of(desk)
    assert len(offers) == 4, "the first, and one for each further round"
    for old, new in itertools.pairwise(offers):
        for before, after in zip(old, new, strict=True):
            assert after * 10 >= before * 11
            assert after <= -(-before * 11 // 10), "no more than that, where the chain asks no more"
    (pooled,) = pool_of(desk).values()
    assert int(pooled["maxFeePerGas"], 16) == offers[-1][0]
    rpc(desk.node, "evm_setAutomine", True)
    mine(desk.node, 1)
    await desk.until_idle()
    won = await desk.rows("SELECT max_fee FROM chain_attempt WHERE succeeded")
    assert won == [(offers[-1][0],)]
    assert await desk.complaints() == []


async def test_what_has_not_waited_long_enough_is_only_handed_over_again(desk: Desk) -> None:
    desk = set_to(desk, bump_seconds=3600)
    await desk.issued()
    hold_blocks(desk)
    for _ in range(3):
        await work_once(desk.office)
    assert len(await fees_of(desk)) == 1
    await desk.rows("UPDATE chain_attempt SET signed_at = now() - interval '3600 seconds'")
    await work_once(desk.office)
    assert len(await fees_of(desk)) == 2


async def test_what_is_raised_offers_what_the_chain_asks_by_then(desk: Desk) -> None:
    await desk.issued()
    hold_blocks(desk)
    await work_once(desk.office)
    desk = set_to(desk)
    rpc(desk.node, "anvil_dropAllTransactions")
    base_fee(desk, 30 * GWEI)
    await work_once(desk.office)
    tip = int(rpc(desk.node, "eth_maxPriorityFeePerGas"), 16)
    ((_, _), (fee, offered_tip)) = await fees_of(desk)
    assert fee == 60 * GWEI + tip
    assert offered_tip >= tip
    mine(desk.node, 1)
    rpc(desk.node, "evm_setAutomine", True)
    await desk.until_idle()


async def test_nothing_is_ever_offered_over_the_cap_and_at_the_cap_it_goes_on_to_be_sent(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.issued()
    hold_blocks(desk)
    await work_once(desk.office)
    [(first, _)] = await fees_of(desk)
    cap = Decimal(first * 5 // 4) / GWEI
    low = set_to(desk, cap=cap)
    for _ in range(6):
        rpc(desk.node, "anvil_dropAllTransactions")
        await work_once(low.office)
        (pooled,) = pool_of(desk).values()
    offers = await fees_of(desk)
    assert len(offers) == 3, "1, 1.1 and 1.21 times the first"
    assert max(fee for fee, _ in offers) <= first * 5 // 4
    assert int(pooled["maxFeePerGas"], 16) == offers[-1][0]
    said = [line for line in caplog.messages if "why=at-the-cap" in line]
    assert len(said) == 1
    await desk.rows("UPDATE chain_attempt SET signed_at = now() - interval '60 seconds'")
    settings = low.office.settings
    (complaint,) = await Desk(replace(desk.office, settings=settings)).complaints()
    assert complaint.startswith("transactions FAIL: anchor VN.MOIT/1")
    assert "at the cap of" in complaint
    await work_once(set_to(desk).office)
    assert len(await fees_of(desk)) == 4, "with a higher cap it goes on to be raised"
    mine(desk.node, 1)
    rpc(desk.node, "evm_setAutomine", True)
    await desk.until_idle()
    assert await desk.complaints() == []


async def test_what_is_asked_while_the_chain_is_too_dear_is_kept_and_sent_when_it_is_not(
    desk: Desk,
) -> None:
    number, other = await desk.issued(), await desk.issued()
    await desk.until_idle()
    desk = set_to(desk, cap=5)
    hold_blocks(desk)
    base_fee(desk, 500 * GWEI)
    for revoked in (number, other):
        assert (await desk.revoke(revoked)).transaction
    third = await desk.issued()
    for _ in range(3):
        await work_once(desk.office)
    assert pool_of(desk) == {}, "the node takes nothing below the base fee"
    assert {fee for fee, _ in (await fees_of(desk))[1:]} == {5 * GWEI}
    base_fee(desk, 2 * GWEI)
    await work_once(desk.office)
    assert len(pool_of(desk)) == 3
    mine(desk.node, 1)
    rpc(desk.node, "evm_setAutomine", True)
    await desk.until_idle()
    assert await desk.status(number) == await desk.status(other) == "REVOKED"
    assert await desk.status(third) == "GOOD"
    assert {state for *_, state in await desk.rows(STATES)} == {"final"}
    assert await desk.complaints() == []


@pytest.mark.parametrize("winner", [0, 1, 2])
async def test_any_that_was_signed_for_a_nonce_may_win(desk: Desk, winner: int) -> None:
    await desk.issued()
    hold_blocks(desk)
    await work_once(desk.office)
    desk = set_to(desk)
    for _ in range(2):
        await work_once(desk.office)
    raw = await desk.rows("SELECT raw, tx_hash FROM chain_attempt ORDER BY max_fee")
    rpc(desk.node, "anvil_dropAllTransactions")
    rpc(desk.node, "eth_sendRawTransaction", f"0x{raw[winner][0].hex()}")
    mine(desk.node, 1)
    rpc(desk.node, "evm_setAutomine", True)
    await desk.until_idle()
    won = await desk.rows("SELECT tx_hash FROM chain_attempt WHERE succeeded")
    assert won == [(raw[winner][1],)]
    assert len(await fees_of(desk)) == 3, "all are kept"
    assert await desk.complaints() == []


async def test_one_that_wins_while_another_is_handed_over_halts_nothing(desk: Desk) -> None:
    await desk.issued()
    hold_blocks(desk)
    await work_once(desk.office)
    desk = set_to(desk)

    class Overtaking:
        """A node whose next block comes just before it is handed something."""

        def __init__(self) -> None:
            self.real = desk.office.chain
            self.chain_id, self.name = self.real.chain_id, self.real.name

        async def request(self, method: str, *params: object) -> object:
            if method == "eth_sendRawTransaction":
                await asyncio.to_thread(mine, desk.node, 1)
            return await self.real.request(method, *params)

    await work_once(replace(desk.office, chain=Overtaking()))
    assert desk.office.halted == {}
    assert len(await fees_of(desk)) == 2
    rpc(desk.node, "evm_setAutomine", True)
    await desk.until_idle()
    assert await desk.complaints() == []


@pytest.mark.parametrize("lost", ["the first", "one in the middle", "all"])
async def test_a_queue_that_lost_transactions_drains_in_order_without_a_gap(
    desk: Desk, lost: str
) -> None:
    numbers = [await desk.issued() for _ in range(4)]
    await desk.until_idle()
    hold_blocks(desk)
    for number in numbers:
        await desk.revoke(number)
    queue = pool_of(desk)
    assert len(queue) == 4
    gone = {"the first": [0], "one in the middle": [2], "all": [0, 1, 2, 3]}[lost]
    nonces = list(queue)
    for place in gone:
        rpc(desk.node, "anvil_dropTransaction", queue[nonces[place]]["hash"])
    assert len(pool_of(desk)) < 4
    await work_once(desk.office)
    assert list(pool_of(desk)) == nonces
    mine(desk.node, 1)
    rpc(desk.node, "evm_setAutomine", True)
    await desk.until_idle()
    assert [await desk.status(number) for number in numbers] == ["REVOKED"] * 4
    mined = await desk.rows(
        "SELECT t.nonce, a.block_number FROM chain_transaction t JOIN chain_attempt a "
        "USING (chain_id, sender, nonce) WHERE a.succeeded AND t.state = 'final' ORDER BY nonce"
    )
    assert [nonce for nonce, _ in mined] == list(range(mined[0][0], mined[0][0] + 5))
    assert [block for _, block in mined] == sorted(block for _, block in mined)
    assert await desk.complaints() == []


async def test_only_the_first_of_a_queue_is_raised(desk: Desk) -> None:
    numbers = [await desk.issued() for _ in range(3)]
    await desk.until_idle()
    hold_blocks(desk)
    for number in numbers:
        await desk.revoke(number)
    first, *others = pool_of(desk)
    await work_once(set_to(desk).office)
    assert len(await fees_of(desk, first)) == 2
    assert [len(await fees_of(desk, nonce)) for nonce in others] == [1, 1]
    mine(desk.node, 1)
    rpc(desk.node, "evm_setAutomine", True)
    await desk.until_idle()
    assert [await desk.status(number) for number in numbers] == ["REVOKED"] * 3


async def test_what_waits_too_long_is_told_by_the_doctor(desk: Desk) -> None:
    await desk.issued()
    hold_blocks(desk)
    await work_once(desk.office)
    assert await desk.complaints() == []
    await desk.rows("UPDATE chain_transaction SET created_at = now() - interval '301 seconds'")
    (complaint,) = await desk.complaints()
    assert "transactions FAIL: anchor VN.MOIT/1 (nonce" in complaint
    assert "waits 301 s for a block" in complaint


async def test_without_the_accounts_key_it_goes_on_to_be_sent_as_it_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.issued()
    hold_blocks(desk)
    await work_once(desk.office)
    desk = set_to(desk)
    monkeypatch.setattr(type(desk.office.keys), "find", lambda *_: None)
    rpc(desk.node, "anvil_dropAllTransactions")
    await work_once(desk.office)
    assert len(pool_of(desk)) == len(await fees_of(desk)) == 1
    assert any("why=key-not-here" in line for line in caplog.messages)
    monkeypatch.undo()
    rpc(desk.node, "evm_setAutomine", True)
    mine(desk.node, 1)
    await desk.until_idle()
