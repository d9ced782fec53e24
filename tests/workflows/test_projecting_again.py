"""What was kept of the chain is what the chain holds, whatever it did; and `fsck` sees each lie."""

import random

import pytest
from desk import Desk

from anvil_fixtures import rpc
from tulen.workflows.follow_chain import follow_chain
from tulen.workflows.fsck_projection import fsck_projection
from tulen.workflows.work import work_once

pytestmark = pytest.mark.anyio

STEPS = ("issue", "draw", "revoke", "mine", "reorganise", "drop")


async def differences(desk: Desk) -> list[str]:
    return [
        f"{item.subject} {item.outcome}: {item.detail}"
        for item in await fsck_projection(desk.office.settings)
        if item.outcome != "PASS"
    ]


async def busy(desk: Desk) -> str:
    """A certificate that was drawn from, and a revoked one; return the drawn one's number."""
    number, bundle = await desk.certified()
    await desk.draw(await desk.declared(number, bundle), "600")
    await desk.revoke(await desk.issued())
    await desk.until_idle()
    return number


@pytest.mark.parametrize("seed", range(3))
async def test_after_any_history_with_reorganisations_all_rows_are_those_of_the_chain(
    desk: Desk, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    choice = random.Random(seed)  # noqa: S311 - a script that can be repeated
    number, bundle = await desk.certified()
    issued = [number]
    for step in choice.choices(STEPS, weights=(3, 2, 2, 1, 3, 2), k=20):
        if step == "issue":
            issued.append(await desk.issued())
        elif step == "draw":
            await desk.draw(await desk.declared(number, bundle, "10"), "10")
        elif step == "revoke" and len(issued) > 1:
            await desk.revoke(issued.pop())
        elif step == "mine":
            desk.mine(choice.randrange(1, 3))
        elif step == "reorganise":
            await desk.draw(await desk.declared(number, bundle, "1"), "1")
            await follow_chain(desk.office)
            desk.reorganise(choice.randrange(1, 3))
        elif step == "drop":
            await desk.issued()
            rpc(desk.node, "evm_setAutomine", False)
            await work_once(desk.office)
            rpc(desk.node, "anvil_dropAllTransactions")
            rpc(desk.node, "evm_setAutomine", True)
        await work_once(desk.office)
        await follow_chain(desk.office)
        assert await differences(desk) == []
    await desk.until_idle()
    assert any(said.startswith("chain:reorganised") for said in caplog.messages)
    assert await differences(desk) == []
    assert await desk.complaints() == []


LIES = {
    "a block's hash": (
        (
            "UPDATE chain_block SET parent_hash = sha256('x') WHERE number = "
            "(SELECT block_number FROM chain_event WHERE name = 'Drawn')"
        ),
        "blocks FAIL: block ",
        ", parent: stored 2d711642",
    ),
    "a block's time": (
        (
            "UPDATE chain_block SET block_time = block_time + interval '1 s' WHERE number = "
            "(SELECT block_number FROM chain_event WHERE name = 'Drawn')"
        ),
        "blocks FAIL: block ",
        ", time: stored ",
    ),
    "a block that is missing": (
        "DELETE FROM chain_block WHERE number = (SELECT min(number) FROM chain_block)",
        "blocks FAIL: block ",
        ": stored no block, derived ",
    ),
    "a block that is final too early": (
        "UPDATE chain_block SET final = true",
        "blocks FAIL: block ",
        ", final: stored True, derived False",
    ),
    "a quantity in an event": (
        (
            "UPDATE chain_event SET arguments = jsonb_set(arguments, '{quantity}', '1') "
            "WHERE name = 'Drawn'"
        ),
        "events FAIL: event ",
        "'quantity': 1",
    ),
    "an event's name": (
        "UPDATE chain_event SET name = 'Resumed' WHERE name = 'Revoked'",
        "events FAIL: event ",
        ", name: stored Resumed, derived Revoked",
    ),
    "an event that is missing": (
        "DELETE FROM chain_event WHERE name = 'Revoked'",
        "events FAIL: event ",
        ": stored no event, derived Revoked about ",
    ),
    "an event too many": (
        (
            "INSERT INTO chain_event SELECT chain_id, tx_hash, block_hash, log_index + 9, "
            "block_number, address, name, subject, arguments FROM chain_event WHERE name = 'Drawn'"
        ),
        "events FAIL: event 9 of block ",
        ": stored Drawn about ",
    ),
    "what a transaction cost": (
        "UPDATE chain_attempt SET gas_used = gas_used + 1 WHERE gas_used IS NOT NULL",
        "receipts FAIL: transaction ",
        ", gas_used: stored ",
    ),
    "how a transaction ended": (
        "UPDATE chain_attempt SET succeeded = false WHERE succeeded",
        "receipts FAIL: transaction ",
        ", succeeded: stored False, derived True",
    ),
    "a transaction that is settled without a block": (
        (
            "UPDATE chain_attempt SET block_number = NULL, block_hash = NULL, gas_used = NULL, "
            "succeeded = NULL"
        ),
        "receipts FAIL: transaction 0 of 0x",
        ", state: stored final, derived none: no block holds it",
    ),
    "what was drawn": (
        "UPDATE drawdown SET quantity_micro = 1",
        "draws FAIL: drawdown ",
        "millionths: stored 1, derived 600000000",
    ),
}


@pytest.mark.parametrize(("statement", "subject", "words"), LIES.values(), ids=LIES.keys())
async def test_every_row_that_is_not_the_chains_is_named_with_both_values(
    desk: Desk, statement: str, subject: str, words: str
) -> None:
    await busy(desk)
    assert await differences(desk) == []
    await desk.rows(statement)
    found = await differences(desk)
    assert any(item.startswith(subject) and words in item for item in found), found


async def test_a_chain_that_was_reorganised_since_is_unknown(desk: Desk) -> None:
    await busy(desk)
    number, _ = await desk.certified()
    await desk.revoke(number)
    await follow_chain(desk.office)
    desk.reorganise(1)
    assert any("projection UNKNOWN: block " in item for item in await differences(desk))
    await follow_chain(desk.office)
    assert await differences(desk) == []
