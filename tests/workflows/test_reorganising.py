"""Reorganisations at sampled calls; `scripts/sweep-reorg` strikes at every one, in every way."""

import pytest
from desk import Desk, Foundation
from reorganisations import FINALITY, one_way, run_draw, run_issue, run_revoke, run_rounds, sweep

from tulen.workflows.office import CHAIN, HaltedError
from tulen.workflows.work import work_once

pytestmark = pytest.mark.anyio


async def test_issue_survives_a_reorganisation_at_every_call(foundation: Foundation) -> None:
    struck = await sweep(foundation, run_issue, one_way)
    assert (struck.strikes >= 8, struck.halts) == (True, 0)
    assert {
        "application approved",
        "certificate precommitted",
        "certificate signed",
    } <= struck.states


async def test_the_worker_survives_a_reorganisation_at_any_call(foundation: Foundation) -> None:
    struck = await sweep(foundation, run_rounds, one_way, step=7)
    assert struck.strikes >= 12
    assert struck.halts < struck.strikes
    assert {"certificate logged", "checkpointed", "anchor mined", "anchor final"} <= struck.states


async def test_a_drawdown_survives_a_reorganisation_at_any_call(foundation: Foundation) -> None:
    struck = await sweep(foundation, run_draw, one_way, step=11)
    assert struck.strikes >= 6
    assert struck.halts < struck.strikes
    assert {"draw mined", "draw final"} <= struck.states


async def test_a_revocation_survives_a_reorganisation_at_any_call(foundation: Foundation) -> None:
    struck = await sweep(foundation, run_revoke, one_way, step=11)
    assert struck.strikes >= 6
    assert struck.halts < struck.strikes
    assert {"revoke mined", "revoke final"} <= struck.states


async def test_a_reorganisation_below_the_last_final_block_halts_the_work(desk: Desk) -> None:
    await desk.certified()
    waiting = await desk.approved()
    desk.reorganise(FINALITY + 1)
    desk.mine()
    await work_once(desk.office)
    assert "was final" in desk.office.halted[CHAIN]
    with pytest.raises(HaltedError):
        await desk.issue(waiting)
