"""Every call of every workflow, failed in every way: `scripts/sweep-crash` runs it."""

import json
import time
from collections.abc import Awaitable, Callable

import pytest
from crashes import Ways, each_way, sweep_draw, sweep_issue, sweep_revoke, sweep_rounds
from desk import Desk
from victim import Victims

pytestmark = pytest.mark.anyio

Sweep = Callable[[Desk, Victims, Ways], Awaitable[int]]


@pytest.mark.parametrize("sweep", [sweep_issue, sweep_rounds, sweep_draw, sweep_revoke])
async def test_it_resumes_from_every_call(
    desk: Desk, killer: Victims, sweep: Sweep, capsys: pytest.CaptureFixture[str]
) -> None:
    started = time.monotonic()
    blows = await sweep(desk, killer, each_way)
    seconds = round(time.monotonic() - started)
    result = {"metric": sweep.__name__, "value": blows, "unit": "blows", "seconds": seconds}
    with capsys.disabled():
        print(f"\n{json.dumps(result)}")  # noqa: T201 - the result line
