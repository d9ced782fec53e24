"""Every call of every workflow, struck by reorganisations: `scripts/sweep-reorg` runs it.

Anvil forgets the states that it goes back to after some hundred times, so that each call has an
office and a chain of its own.
"""

import asyncio
import itertools
import json
import time
from pathlib import Path

import pytest
from desk import founded
from reorganisations import RUNS, Run, Struck, every_way, strike_call

from tulen.database import EmbeddedPostgres


@pytest.mark.parametrize("run", RUNS)
def test_it_survives_every_reorganisation(
    tmp_path: Path,
    postgres_server: EmbeddedPostgres,
    postgres_template: str,
    run: Run,
    capsys: pytest.CaptureFixture[str],
) -> None:
    started, struck = time.monotonic(), Struck()
    for call in itertools.count(1):
        with founded(tmp_path / str(call), postgres_server, postgres_template) as foundation:
            if not asyncio.run(strike_call(foundation, run, call, every_way(call), struck)):
                break
    result = {
        "metric": run.__name__,
        "value": struck.strikes,
        "unit": "reorganisations",
        "halted": struck.halts,
        "seconds": round(time.monotonic() - started),
        "states": sorted(struck.states),
    }
    with capsys.disabled():
        print(f"\n{json.dumps(result)}")  # noqa: T201 - the result line
