import pytest
from crashes import one_way, sweep_draw, sweep_issue, sweep_revoke, sweep_rounds
from desk import Desk

pytestmark = pytest.mark.anyio


async def test_issue_resumes_from_every_call(desk: Desk) -> None:
    assert await sweep_issue(desk, one_way) >= 8


async def test_the_worker_resumes_from_every_call(desk: Desk) -> None:
    assert await sweep_rounds(desk, one_way, step=3) >= 12


async def test_a_drawdown_resumes_from_every_call(desk: Desk) -> None:
    assert await sweep_draw(desk, one_way) >= 12


async def test_a_revocation_resumes_from_every_call(desk: Desk) -> None:
    assert await sweep_revoke(desk, one_way) >= 10
