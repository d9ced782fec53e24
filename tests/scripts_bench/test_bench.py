"""`scripts/bench` as people and programs run it, on one cheap metric."""

import json
import subprocess
from pathlib import Path

import pytest

from benchmarks.__main__ import METRICS, main

BENCH = Path(__file__).parents[2] / "scripts" / "bench"


def test_a_metric_comes_as_one_json_object_a_line() -> None:
    done = subprocess.run(  # noqa: S603 - the project's own command
        [BENCH, "seal_sign_per_s_core", "--json", "--runs", "2"],
        capture_output=True,
        text=True,
        timeout=300,  # With the set-up, where something is to be set up.
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    measured = json.loads(line)
    assert list(measured) == ["metric", "value", "unit", "runs", "min", "max"]
    assert (measured["metric"], measured["unit"]) == ("seal_sign_per_s_core", "1/s")
    assert measured["runs"] == 2
    assert 0 < measured["min"] <= measured["value"] <= measured["max"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["speed"], f"no such metric: speed; known are {', '.join(METRICS)}"),
        (["--runs", "0"], "--runs 0 is not between 1 and 50"),
        (["--runs", "51"], "--runs 51 is not between 1 and 50"),
    ],
    ids=["an unknown metric", "no run", "too many runs"],
)
def test_what_cannot_be_measured_is_refused(
    arguments: list[str],
    complaint: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.argv", ["bench", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert complaint in said.err
    assert not said.out
