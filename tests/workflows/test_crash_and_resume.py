"""Blows at sampled calls; `scripts/sweep-crash` strikes at every one, in every way."""

import pytest
from crashes import one_way, sweep_draw, sweep_issue, sweep_revoke, sweep_rounds
from desk import Desk
from victim import Victims

pytestmark = pytest.mark.anyio


async def test_issue_resumes_from_any_call(desk: Desk, killer: Victims) -> None:
    assert await sweep_issue(desk, killer, one_way, step=3) >= 12


async def test_the_worker_resumes_from_any_call(desk: Desk, killer: Victims) -> None:
    assert await sweep_rounds(desk, killer, one_way, step=7) >= 12


async def test_a_drawdown_resumes_from_any_call(desk: Desk, killer: Victims) -> None:
    assert await sweep_draw(desk, killer, one_way, step=5) >= 8


async def test_a_revocation_resumes_from_any_call(desk: Desk, killer: Victims) -> None:
    assert await sweep_revoke(desk, killer, one_way, step=5) >= 8
