"""Every call of every workflow, struck by reorganisations: `scripts/sweep-reorg` runs it."""

import json
import time

import pytest
from desk import Foundation
from reorganisations import RUNS, Run, every_way, sweep

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("run", RUNS)
async def test_it_survives_every_reorganisation(
    foundation: Foundation, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    started = time.monotonic()
    strikes, halts, states = await sweep(foundation, run, every_way)
    result = {
        "metric": run.__name__,
        "value": strikes,
        "unit": "reorganisations",
        "halted": halts,
        "seconds": round(time.monotonic() - started),
        "states": sorted(states),
    }
    with capsys.disabled():
        print(f"\n{json.dumps(result)}")  # noqa: T201 - the result line
