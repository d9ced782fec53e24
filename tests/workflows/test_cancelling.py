"""Cancelling: what does nothing uses up the nonce, unless the transaction itself is faster."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from desk import PERSONS, Desk
from failing import Crashed, FailingChain, Plan, interrupted

from anvil_fixtures import mine, rpc
from tulen.chain.rpc import RpcError
from tulen.database import transactions
from tulen.database.errors import StateChangedError
from tulen.errors import InvalidInputError, NotFoundError
from tulen.workflows import send as sending
from tulen.workflows.cancel import (
    CANCELLED,
    MINED,
    UNDER_WAY,
    Cancellation,
    FeeCapError,
    TooLateToCancelError,
    cancel,
)
from tulen.workflows.office import WrongRoleError
from tulen.workflows.work import work_once

pytestmark = pytest.mark.anyio

LAST = "SELECT nonce, tx_hash FROM chain_attempt WHERE block_hash IS NULL ORDER BY signed_at DESC"


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MINED_WITHIN_SECONDS", 0.3)


async def cancelled(desk: Desk, which: object, who: str = "officer-1") -> Cancellation:
    return await cancel(desk.office, PERSONS[who], str(which))


async def waiting_revocation(desk: Desk) -> tuple[str, int, str]:
    """Return a certificate, and nonce and hash of its revocation, which no block holds."""
    number = await desk.issued()
    await desk.until_idle()
    rpc(desk.node, "evm_setAutomine", False)
    await desk.revoke(number)
    [(nonce, tx_hash), *_] = await desk.rows(LAST)
    return number, nonce, tx_hash.hex()


async def release(desk: Desk) -> None:
    """Let blocks be made again, and everything become final."""
    mine(desk.node, 1)
    rpc(desk.node, "evm_setAutomine", True)
    await desk.until_idle()


@pytest.mark.parametrize("by", ["nonce", "hash", "0x-hash"])
async def test_a_cancelled_revocation_is_not_made_and_may_be_asked_for_again(
    desk: Desk, by: str
) -> None:
    number, nonce, tx_hash = await waiting_revocation(desk)
    which = {"nonce": nonce, "hash": tx_hash, "0x-hash": f"0x{tx_hash}"}[by]
    answer = (await cancelled(desk, which)).to_document()
    assert (answer["outcome"], answer["nonce"], answer["purpose"]) == (UNDER_WAY, nonce, "revoke")
    mine(desk.node, 1)
    assert (await cancelled(desk, which)).outcome == CANCELLED
    await release(desk)
    assert await desk.status(number) == "GOOD"
    rows = await desk.rows("SELECT state FROM chain_transaction WHERE purpose = 'revoke'")
    assert rows == [("failed",)]
    [(ref,)] = await desk.rows("SELECT ref FROM chain_transaction WHERE purpose = 'revoke'")
    assert await sending.attempt_for(desk.office, "revoke", ref) is None
    view = await desk.revoke(number)
    assert view.transaction
    await release(desk)
    assert await desk.status(number) == "REVOKED"
    assert await desk.complaints() == []


async def test_a_cancellation_that_a_block_holds_says_so_at_once(desk: Desk) -> None:
    _, nonce, tx_hash = await waiting_revocation(desk)
    in_time = interrupted(
        desk, "eth_getTransactionReceipt", lambda: asyncio.to_thread(mine, desk.node, 1)
    )
    answer = (await cancelled(in_time, nonce)).to_document()
    assert answer["outcome"] == CANCELLED
    assert answer["transaction"] != tx_hash
    assert answer["block_number"]
    with pytest.raises(TooLateToCancelError, match="is mined"):
        await cancelled(desk, nonce)
    await release(desk)
    with pytest.raises(TooLateToCancelError, match="is failed"):
        await cancelled(desk, nonce)
    block = rpc(desk.node, "eth_getTransactionByHash", f"0x{answer['transaction']}")
    account = desk.office.account(PERSONS["officer-1"].party).address
    assert (block["to"], block["value"], block["input"]) == (account.lower(), "0x0", "0x")


async def test_cancelling_twice_signs_once(desk: Desk) -> None:
    _, nonce, _ = await waiting_revocation(desk)
    first, second = await cancelled(desk, nonce), await cancelled(desk, nonce)
    assert first == second
    [(count,)] = await desk.rows("SELECT count(*) FROM chain_attempt WHERE cancels")
    assert count == 1
    await release(desk)


async def test_where_the_transaction_itself_is_faster_that_is_said(desk: Desk) -> None:
    number, nonce, tx_hash = await waiting_revocation(desk)
    late = interrupted(
        desk, "eth_sendRawTransaction", lambda: asyncio.to_thread(mine, desk.node, 1)
    )
    answer = (await cancelled(late, nonce)).to_document()
    assert (answer["outcome"], answer["transaction"]) == (MINED, tx_hash)
    await release(desk)
    assert await desk.status(number) == "REVOKED"
    states = await desk.rows("SELECT state FROM chain_transaction WHERE purpose = 'revoke'")
    assert states == [("final",)]
    assert await desk.complaints() == []


async def test_a_cancelled_drawdown_draws_nothing_and_customs_may_draw_anew(desk: Desk) -> None:
    number, bundle = await desk.certified()
    declaration = await desk.declared(number, bundle)
    rpc(desk.node, "evm_setAutomine", False)
    await desk.draw(declaration, "600")
    [(nonce, _)] = await desk.rows(LAST)
    await cancelled(desk, nonce, "priok")
    await release(desk)
    [(state, refusal)] = await desk.rows("SELECT state, refusal FROM drawdown")
    assert state == "refused"
    assert "cancelled" in refusal
    assert await desk.drawn(number) == 0
    await desk.draw(declaration, "600")
    await release(desk)
    assert await desk.drawn(number) == 600_000_000
    assert await desk.rows("SELECT state, refusal FROM drawdown") == [("final", None)]
    assert await desk.complaints() == []


async def test_a_cancelled_anchor_is_followed_by_another_one(desk: Desk) -> None:
    await desk.issued()
    rpc(desk.node, "evm_setAutomine", False)
    await work_once(desk.office)
    [(nonce, _)] = await desk.rows(LAST)
    await cancelled(desk, nonce)
    await release(desk)
    states = await desk.rows("SELECT state FROM chain_transaction ORDER BY nonce")
    assert states == [("failed",), ("final",)]
    assert await desk.complaints() == []


async def test_a_cancellation_that_waits_is_raised_and_goes_on_to_cancel(desk: Desk) -> None:
    number, nonce, _ = await waiting_revocation(desk)
    await cancelled(desk, nonce)
    settings = desk.office.settings.model_copy(update={"bump_seconds": 0})
    await work_once(replace(desk.office, settings=settings))
    rows = await desk.rows(
        "SELECT cancels FROM chain_attempt WHERE nonce = %s ORDER BY max_fee", nonce
    )
    assert rows == [(False,), (True,), (True,)]
    await release(desk)
    assert await desk.status(number) == "GOOD"


async def test_what_is_cancelled_is_never_handed_over_again(desk: Desk) -> None:
    number, nonce, tx_hash = await waiting_revocation(desk)
    await cancelled(desk, nonce)
    [(raw,)] = await desk.rows("SELECT raw FROM chain_attempt WHERE cancels")
    rpc(desk.node, "anvil_dropAllTransactions")

    class Choosy(FailingChain):
        """A node that does not take what cancels."""

        async def request(self, method: str, *params: object) -> object:
            if params == (f"0x{raw.hex()}",):
                raise RpcError(-32000, "transaction underpriced", b"")
            return await super().request(method, *params)

    choosy = Choosy(desk.office.chain, Plan(0, Crashed, "never"))
    await work_once(replace(desk.office, chain=choosy))
    assert rpc(desk.node, "txpool_status")["pending"] == "0x0"
    await work_once(desk.office)
    assert rpc(desk.node, "eth_getTransactionByHash", f"0x{tx_hash}") is None
    assert rpc(desk.node, "txpool_status")["pending"] == "0x1"
    await release(desk)
    assert await desk.status(number) == "GOOD"


async def test_the_cap_holds_for_cancelling_too(desk: Desk) -> None:
    number, nonce, _ = await waiting_revocation(desk)
    [(fee,)] = await desk.rows("SELECT max_fee FROM chain_attempt WHERE nonce = %s", nonce)
    update = {"fee_cap_gwei": Decimal(fee) / 10**9}
    settings = desk.office.settings.model_copy(update=update)
    with pytest.raises(FeeCapError, match="raise TULEN_FEE_CAP_GWEI"):
        await cancelled(Desk(replace(desk.office, settings=settings)), nonce)
    await release(desk)
    assert await desk.status(number) == "REVOKED"


async def test_of_two_who_replace_at_once_one_does(desk: Desk) -> None:
    """The worker raises the fee while the officer cancels, and then the other way round."""
    number, nonce, _ = await waiting_revocation(desk)
    settings = desk.office.settings.model_copy(update={"bump_seconds": 0})
    worker = replace(desk.office, settings=settings)
    between = interrupted(desk, "eth_maxPriorityFeePerGas", lambda: work_once(worker))
    with pytest.raises(StateChangedError, match="replaced by"):
        await cancelled(between, nonce)
    between = interrupted(Desk(worker), "eth_maxPriorityFeePerGas", lambda: cancelled(desk, nonce))
    await work_once(between.office)
    assert desk.office.halted == {}
    kinds = await desk.rows(
        "SELECT cancels FROM chain_attempt WHERE nonce = %s ORDER BY max_fee", nonce
    )
    assert kinds == [(False,), (False,), (True,)]
    await release(desk)
    assert await desk.status(number) == "GOOD"


@pytest.mark.parametrize("which", ["", "-1", "one", "0x12", "1" * 19, "0x" + "g" * 64])
async def test_what_is_neither_nonce_nor_hash_is_refused(desk: Desk, which: str) -> None:
    with pytest.raises(InvalidInputError, match="neither a nonce nor the hash"):
        await cancelled(desk, which)


async def test_only_ones_own_transactions_can_be_cancelled(desk: Desk) -> None:
    _, nonce, tx_hash = await waiting_revocation(desk)
    for which, who in ((tx_hash, "priok"), (nonce + 1, "officer-1"), ("0x" + "00" * 32, "priok")):
        with pytest.raises(NotFoundError, match="has sent no transaction"):
            await cancelled(desk, which, who)
    with pytest.raises(WrongRoleError, match="officer or customs"):
        await cancelled(desk, nonce, "exporter")
    async with desk.office.database.transaction() as connection:
        known = await transactions.unsettled(
            connection,
            desk.office.chain.chain_id,
            bytes.fromhex(desk.office.account(PERSONS["officer-1"].party).address[2:]),
        )
    assert [row.nonce for row in known] == [nonce]
    await release(desk)
