"""The operator's page says what to do about each finding of the doctor."""

from pathlib import Path

from tulen.workflows.doctor import _CHECKS

PAGE = (Path(__file__).parents[2] / "docs" / "operations" / "running.md").read_text()


def test_every_finding_of_the_doctor_has_a_row() -> None:
    rows = [row for row in PAGE.splitlines() if row.startswith(("| FAIL", "| UNKNOWN"))]
    for subject in _CHECKS:
        assert any(f"`{subject}`" in row for row in rows) or subject == "database"


def test_every_script_that_runs_it_has_a_row() -> None:
    for script in ("run", "setup", "sweep-run"):
        assert f"| `./scripts/{script}` |" in PAGE
