"""Crash and resume at every call of a workflow: what the tests sample, `scripts/sweep-crash` does.

Each sweep fails a workflow at its first call, its second and so on, until it comes through; lets
people and the worker go on; and then asks that everything was done once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

from desk import PERSONS, Desk
from failing import FAILURES, WAYS, Plan, failing

from tulen.workflows.certificate import export_bundle
from tulen.workflows.work import work_once

Way = tuple[type[BaseException], str]
ROUNDS = 3
REVOKED_AT_ONCE = 25


def each_way(_call: int) -> Iterable[Way]:
    """Fail every call in every way."""
    return WAYS


def one_way(call: int) -> Iterable[Way]:
    """Fail each call in one way, another call in another."""
    return (WAYS[call % len(WAYS)],)


Ways = Callable[[int], Iterable[Way]]


async def sweep_issue(desk: Desk, ways: Ways) -> int:
    """Issue, failing at every call; the officer then asks again, or leaves it to the worker."""
    asked_again: list[UUID] = []
    left: list[UUID] = []

    async def run(plan: Plan) -> None:
        application = await desk.approved()
        (asked_again if plan.at % 3 else left).append(application)
        await _tolerant(failing(desk, plan).issue(application))

    runs = await _sweep(desk, run, ways)
    for application in asked_again:
        await desk.issue(application)
    await desk.until_idle()
    assert await desk.complaints() == []
    issued = await desk.rows("SELECT application, serial, state FROM certificate ORDER BY serial")
    assert [serial for _, serial, _ in issued] == list(range(1, len(issued) + 1))
    assert {state for _, _, state in issued} == {"logged"}
    assert set(asked_again) <= {application for application, _, _ in issued}
    await _one_entry_each(desk, len(issued))
    return runs


async def sweep_rounds(desk: Desk, ways: Ways, step: int = 1) -> int:
    """Bring a certificate out, the worker failing at every call of its first rounds, or some."""
    issued = []

    async def run(plan: Plan) -> None:
        issued.append(await desk.issued())
        worker = failing(desk, plan)
        for _ in range(ROUNDS):
            await _tolerant(work_once(worker.office))
            desk.mine(2)
        await desk.until_idle()
        await export_bundle(desk.office, PERSONS["exporter"], issued[-1])
        await _one_entry_each(desk, len(issued))

    return await _sweep(desk, run, ways, step)


async def sweep_draw(desk: Desk, ways: Ways) -> int:
    """Draw 1 KGM for a declaration, failing at every call; customs then asks again."""
    number, bundle = await desk.certified()
    drawn = 0

    async def run(plan: Plan) -> None:
        nonlocal drawn
        declaration = await desk.declared(number, bundle, "1")
        await _tolerant(failing(desk, plan).draw(declaration, "1"))
        await desk.draw(declaration, "1")
        drawn += 1
        await desk.until_idle()
        [state] = await desk.rows("SELECT state FROM drawdown WHERE declaration=%s", declaration)
        assert state == ("final",)
        assert await desk.drawn(number) == drawn * 10**6
        await _one_transaction_each(desk, "draw", drawn)

    return await _sweep(desk, run, ways)


async def sweep_revoke(desk: Desk, ways: Ways) -> int:
    """Revoke a certificate, failing at every call; the officer then asks again."""
    numbers: list[str] = []
    revoked = 0

    async def run(plan: Plan) -> None:
        nonlocal revoked
        if not numbers:
            numbers.extend([await desk.issued() for _ in range(REVOKED_AT_ONCE)])
        number = numbers.pop()
        await _tolerant(failing(desk, plan).revoke(number))
        answer = await desk.revoke(number)
        assert answer.transaction
        revoked += 1
        await desk.until_idle()
        await _one_transaction_each(desk, "revoke", revoked)
        assert await desk.status(number) == "REVOKED"

    return await _sweep(desk, run, ways)


async def _sweep(
    desk: Desk, run: Callable[[Plan], Awaitable[None]], ways: Ways, step: int = 1
) -> int:
    """Run with a failure at the first call, at the second, ...; return how many runs that took."""
    runs, call, reached = 0, 1 - step, True
    while reached:
        call += step
        reached = False
        for failure, when in ways(call):
            plan = Plan(call, failure, when)
            try:
                await run(plan)
            except BaseException as error:
                error.add_note(plan.told())
                raise
            runs += 1
            reached |= plan.struck
    assert await desk.complaints() == []
    return runs


async def _tolerant(work: Awaitable[object]) -> None:
    try:
        await work
    except FAILURES:
        await asyncio.sleep(0)


async def _one_entry_each(desk: Desk, certificates: int) -> None:
    """Check that a log without gaps holds every certificate once, all of it anchored once."""
    entries = await desk.rows(
        "SELECT index, number FROM log_entry LEFT JOIN certificate "
        "ON log_index = index AND certificate.digest = log_entry.digest ORDER BY index"
    )
    assert [index for index, _ in entries] == list(range(certificates))
    assert all(number for _, number in entries)
    anchored = await desk.rows(
        "SELECT size, count(*) FROM checkpoint JOIN chain_event ON subject = root_hash "
        "GROUP BY size ORDER BY size DESC"
    )
    assert anchored[0][0] == certificates
    assert {count for _, count in anchored} == {1}


async def _one_transaction_each(desk: Desk, purpose: str, expected: int) -> None:
    """Check that each of them has one transaction, which is final, and that nonces have no gap."""
    rows = await desk.rows("SELECT ref, state FROM chain_transaction WHERE purpose = %s", purpose)
    assert len(rows) == len({ref for ref, _ in rows}) == expected
    assert {state for _, state in rows} == {"final"}
    gaps = await desk.rows(
        "SELECT sender FROM chain_transaction GROUP BY sender "
        "HAVING max(nonce) - min(nonce) + 1 <> count(*)"
    )
    assert gaps == []
