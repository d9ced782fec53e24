"""A blow at every call of a workflow: what the tests sample, `scripts/sweep-crash` does.

Each sweep lets a process of its own do the work, and kills it, or lets the call fail, at the first
call, at the second and so on, until the work comes through; lets people and the worker go on; and
then asks that everything was done once.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID

from desk import PERSONS, Desk
from failing import WAYS, Plan
from victim import Victims

from tulen.workflows import clock
from tulen.workflows.certificate import export_bundle

Way = tuple[type[BaseException], str]
REVOKED_AT_ONCE = 25


def each_way(_call: int) -> Iterable[Way]:
    """Strike every call in every way."""
    return WAYS


def one_way(call: int) -> Iterable[Way]:
    """Strike each call in one way, another call in another."""
    return (WAYS[call % len(WAYS)],)


Ways = Callable[[int], Iterable[Way]]
Run = Callable[[Plan], Awaitable[str]]


async def sweep_issue(desk: Desk, victims: Victims, ways: Ways, step: int = 1) -> int:
    """Issue; the officer then asks again, or leaves it to the worker."""
    asked_again: list[UUID] = []
    left: list[UUID] = []

    async def run(plan: Plan) -> str:
        application = await desk.approved()
        (asked_again if plan.at % 3 else left).append(application)
        return await victims.strike(desk.office.settings, plan, "issue", application)

    runs = await _sweep(desk, run, ways, step)
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


async def sweep_rounds(desk: Desk, victims: Victims, ways: Ways, step: int = 1) -> int:
    """Bring a certificate out, by the first rounds of a worker."""
    issued = []

    async def run(plan: Plan) -> str:
        issued.append(await desk.issued())
        what = await victims.strike(desk.office.settings, plan, "rounds")
        desk.mine(2)
        await desk.until_idle()
        await export_bundle(desk.office, PERSONS["exporter"], issued[-1])
        await _one_entry_each(desk, len(issued))
        assert await desk.damage() == []
        return what

    return await _sweep(desk, run, ways, step)


async def sweep_draw(desk: Desk, victims: Victims, ways: Ways, step: int = 1) -> int:
    """Draw 1 KGM for a declaration; customs then asks again."""
    number, bundle = await desk.certified()
    drawn = 0

    async def run(plan: Plan) -> str:
        nonlocal drawn
        declaration = await desk.declared(number, bundle, "1")
        what = await victims.strike(desk.office.settings, plan, "draw", declaration, "1")
        await desk.draw(declaration, "1")
        drawn += 1
        await desk.until_idle()
        [state] = await desk.rows("SELECT state FROM drawdown WHERE declaration=%s", declaration)
        assert state == ("final",)
        assert await desk.drawn(number) == drawn * 10**6
        await _one_transaction_each(desk, "draw", drawn)
        return what

    return await _sweep(desk, run, ways, step)


async def sweep_revoke(desk: Desk, victims: Victims, ways: Ways, step: int = 1) -> int:
    """Revoke a certificate; the officer then asks again."""
    numbers: list[str] = []
    revoked = 0

    async def run(plan: Plan) -> str:
        nonlocal revoked
        if not numbers:
            numbers.extend([await desk.issued() for _ in range(REVOKED_AT_ONCE)])
        number = numbers.pop()
        what = await victims.strike(desk.office.settings, plan, "revoke", number)
        answer = await desk.revoke(number)
        assert answer.transaction
        revoked += 1
        await desk.until_idle()
        await _one_transaction_each(desk, "revoke", revoked)
        assert await desk.status(number) == "REVOKED"
        return what

    return await _sweep(desk, run, ways, step)


def naming(number: str, **changes: object) -> dict[str, Any]:
    """Return what an application says that it replaces."""
    named = {"reference": number, "issued_on": clock.today().isoformat(), "country": "VN"}
    return {"replaces": named | changes}


async def sweep_replace(desk: Desk, victims: Victims, ways: Ways, step: int = 1) -> int:
    """Issue what replaces a certificate; the worker then brings it out."""
    replaced = 0

    async def run(plan: Plan) -> str:
        nonlocal replaced
        old, _ = await desk.certified()
        application = await desk.approved(**naming(old))
        what = await victims.strike(desk.office.settings, plan, "issue", application)
        await desk.until_idle()
        successor: str = (await desk.issue(application))["number"]
        await desk.until_idle()
        assert (await desk.status(old), await desk.status(successor)) == ("REPLACED", "GOOD")
        replaced += 1
        await _one_transaction_each(desk, "replace", replaced)
        await _one_entry_each(desk, 2 * replaced)
        return what

    return await _sweep(desk, run, ways, step)


async def _sweep(desk: Desk, run: Run, ways: Ways, step: int) -> int:
    """Strike at the first call, and each ``step``-th after it; return how many blows that took."""
    blows, call, reached = 0, 1, True
    while reached:
        reached = False
        for failure, when in ways(call):
            plan = Plan(call, failure, when)
            what = ""
            try:
                what = await run(plan)
            except BaseException as error:
                error.add_note(f"call {call}, {failure.__name__} {when}: {what}")
                raise
            blows += bool(what)
            reached |= bool(what)
        call += step
    assert await desk.complaints() == []
    assert await desk.damage() == []
    return blows


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
