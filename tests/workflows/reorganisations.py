"""Reorganise the chain at every call of a workflow, as deep as finality and one block deeper.

What no final block held is done again by itself, once. A block that was known to be final and is
replaced halts the work: nothing goes on as if nothing had happened.
"""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psycopg
import pytest
from desk import PERSONS, Desk, Foundation, set_back
from failing import Crashed, Plan, failing, tolerant
from sqlalchemy import make_url

from anvil_fixtures import rpc
from tulen.workflows.certificate import export_bundle
from tulen.workflows.office import CHAIN, HaltedError, open_office
from tulen.workflows.work import work_once

FINALITY = 2
"""Blocks on top of a block that make it final on the chain of the tests."""
DEPTHS = range(1, FINALITY + 2)
LOST, SET_BACK = "lost", "set back"
KINDS = (LOST, SET_BACK)
"""Empty blocks come in place of the last ones; or the last ones go, and nothing comes yet."""
ROUNDS = 4

_STATES = """
SELECT 'application ' || state FROM application
UNION ALL SELECT 'certificate ' || state FROM certificate
UNION ALL SELECT 'checkpointed' FROM checkpoint
UNION ALL SELECT purpose || ' ' || state FROM chain_transaction
"""


@dataclass
class Reorganisation(Plan):
    """Which call is struck, and how deep.

    Attributes:
        desk: Whose chain.
        depth: How many blocks are replaced.
        kind: By what.
        states: What everything was in at that moment.
    """

    desk: Desk | None = None
    depth: int = 1
    kind: str = LOST
    states: set[str] = field(default_factory=set)

    def strike(self, what: str) -> None:
        assert self.desk is not None, what
        with psycopg.connect(_plain_url(self.desk), autocommit=True) as connection:
            self.states = {row[0] for row in connection.execute(_STATES)}
        if self.kind == LOST:
            self.desk.reorganise(self.depth)
        else:
            rpc(self.desk.node, "anvil_setCoinbase", f"0x{secrets.token_hex(20)}")
            rpc(self.desk.node, "anvil_rollback", self.depth)
        rpc(self.desk.node, "anvil_dropAllTransactions")

    def told(self) -> str:
        what = self.made[self.at - 1] if self.struck else "nothing"
        return f"{self.depth} blocks {self.kind} before call {self.at}, {what}: {self.states}"


Run = Callable[[Desk, Plan], Awaitable[None]]
Way = tuple[int, str]


def every_way(_call: int) -> Iterable[Way]:
    """Strike at every depth, in every way."""
    return [(depth, kind) for depth in DEPTHS for kind in KINDS]


def one_way(call: int) -> Iterable[Way]:
    """Strike at each call in one way, at another call in another."""
    ways = list(every_way(call))
    return (ways[call % len(ways)],)


async def run_issue(desk: Desk, plan: Plan) -> None:
    """Issue a certificate."""
    application = await desk.approved()
    await tolerant(failing(desk, plan).issue(application))


async def run_rounds(desk: Desk, plan: Plan) -> None:
    """Bring a certificate out."""
    await desk.issued()
    await _rounds(desk, plan)


async def run_draw(desk: Desk, plan: Plan) -> None:
    """Draw from a certificate."""
    number, bundle = await desk.certified()
    declaration = await desk.declared(number, bundle, "1")
    await tolerant(failing(desk, plan).draw(declaration, "1"))
    await _rounds(desk, plan)


async def run_revoke(desk: Desk, plan: Plan) -> None:
    """Revoke a certificate."""
    number, _ = await desk.certified()
    await tolerant(failing(desk, plan).revoke(number))
    await _rounds(desk, plan)


RUNS: tuple[Run, ...] = (run_issue, run_rounds, run_draw, run_revoke)


@dataclass
class Struck:
    """What came of a sweep.

    Attributes:
        strikes: How often a workflow was struck.
        halts: How often the work stands still since, as it must below a final block.
        states: What everything was in when it was struck.
    """

    strikes: int = 0
    halts: int = 0
    states: set[str] = field(default_factory=set)


async def sweep(
    foundation: Foundation, run: Run, ways: Callable[[int], Iterable[Way]], step: int = 1
) -> Struck:
    """Strike at the first call, at every ``step``-th after it, until the workflow has no more."""
    struck, call = Struck(), 1
    while await strike_call(foundation, run, call, ways(call), struck):
        call += step
    return struck


async def strike_call(
    foundation: Foundation, run: Run, call: int, ways: Iterable[Way], struck: Struck
) -> bool:
    """Strike at one call in each of ``ways``; return whether the workflow came so far."""
    reached = False
    for depth, kind in ways:
        async with fresh_desk(foundation) as desk:
            plan = Reorganisation(call, Crashed, "before", desk=desk, depth=depth, kind=kind)
            try:
                await run(desk, plan)
                if plan.struck:
                    struck.halts += await _ended_well(desk, plan)
            except BaseException as error:
                error.add_note(plan.told())
                raise
            struck.strikes += plan.struck
            struck.states |= plan.states
            reached |= plan.struck
    return reached


@asynccontextmanager
async def fresh_desk(foundation: Foundation) -> AsyncIterator[Desk]:
    """Yield an office that nothing has happened in, on a chain that is set back afterwards."""
    with set_back(foundation) as settings:
        async with open_office(settings) as office:
            desk = Desk(office)
            # What was set up is out of reach, and so is its last block: Anvil may have forgotten
            # what stood there, after a thousand others, and goes back to the block before.
            desk.mine(max(DEPTHS) + 1)
            yield desk


async def _ended_well(desk: Desk, plan: Reorganisation) -> bool:
    """Check that all came about once, or that the work stands still; return whether it does."""
    desk.mine(max(DEPTHS))
    for _ in range(ROUNDS):
        await work_once(desk.office)
        desk.mine(1)
    if await _finality_broken(desk):
        assert plan.depth > FINALITY
        assert "was final" in desk.office.halted[CHAIN]
        with pytest.raises(HaltedError):
            await desk.issue(await desk.approved())
        return True
    assert desk.office.halted == {}
    for application in await _unissued(desk):
        await desk.issue(application)
    await desk.until_idle()
    for number, *_ in await desk.rows("SELECT number FROM certificate"):
        await export_bundle(desk.office, PERSONS["exporter"], number)
    await _once_and_final(desk)
    assert await desk.complaints() == []
    return False


async def _finality_broken(desk: Desk) -> bool:
    """Return whether the chain has another block than the last one that is known to be final."""
    query = "SELECT number, hash FROM chain_block WHERE final ORDER BY number DESC LIMIT 1"
    [(number, block_hash)] = await desk.rows(query)
    now = rpc(desk.node, "eth_getBlockByNumber", hex(number), False)
    return bool(now["hash"] != f"0x{block_hash.hex()}")


async def _unissued(desk: Desk) -> list[str]:
    rows = await desk.rows("SELECT id FROM application WHERE state = 'approved'")
    return [row[0] for row in rows]


async def _once_and_final(desk: Desk) -> None:
    """Check that each thing was done on chain once, and that the register says the same."""
    rows = await desk.rows("SELECT purpose, ref, state FROM chain_transaction ORDER BY nonce")
    assert {state for *_, state in rows} <= {"final"}
    assert len({(purpose, ref) for purpose, ref, _ in rows}) == len(rows)
    for table in ("revocation", "drawdown"):
        [(count,)] = await desk.rows(f"SELECT count(*) FROM {table}")  # noqa: S608 - one of two
        assert count == len([purpose for purpose, *_ in rows if purpose == _PURPOSES[table]])
    for number, drawn in await desk.rows(
        "SELECT certificate, sum(quantity_micro) FROM drawdown WHERE state = 'final' GROUP BY 1"
    ):
        assert await desk.drawn(number) == drawn
    for (number,) in await desk.rows("SELECT certificate FROM revocation"):
        assert await desk.status(number) == "REVOKED"
    seen = await desk.rows("SELECT name, subject, count(*) FROM chain_event GROUP BY 1, 2")
    assert {count for name, _, count in seen if name in ("Drawn", "Revoked")} <= {1}


_PURPOSES = {"revocation": "revoke", "drawdown": "draw"}


async def _rounds(desk: Desk, plan: Plan) -> None:
    """Let the worker do some rounds, a block between each and the next."""
    worker = failing(desk, plan)
    for _ in range(ROUNDS):
        await tolerant(work_once(worker.office))
        desk.mine(1)


def _plain_url(desk: Desk) -> str:
    url = desk.office.settings.database_url
    assert url is not None
    plain = make_url(url.get_secret_value()).set(drivername="postgresql")
    return plain.render_as_string(hide_password=False)
