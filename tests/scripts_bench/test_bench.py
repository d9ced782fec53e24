"""`scripts/bench` as people and programs run it, on one cheap metric."""

import json
import subprocess
from pathlib import Path

BENCH = Path(__file__).parents[2] / "scripts" / "bench"


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the project's own command
        [BENCH, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_a_metric_comes_as_one_json_object_a_line() -> None:
    done = bench("seal_sign_per_s_core", "--json", "--runs", "2")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    measured = json.loads(line)
    assert list(measured) == ["metric", "value", "unit", "runs", "min", "max"]
    assert (measured["metric"], measured["unit"]) == ("seal_sign_per_s_core", "1/s")
    assert measured["runs"] == 2
    assert 0 < measured["min"] <= measured["value"] <= measured["max"]


def test_an_unknown_metric_is_refused_with_those_that_are_known() -> None:
    done = bench("speed")
    assert done.returncode == 2
    assert "no such metric: speed; known are seal_sign_per_s_core, " in done.stderr
    assert not done.stdout


def test_runs_have_bounds() -> None:
    done = bench("--runs", "0")
    assert done.returncode == 2
    assert "--runs 0 is not between 1 and 50" in done.stderr
