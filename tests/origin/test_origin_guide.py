"""The guide to origin shows what its commands print, and what it says of them is so."""

import re
import subprocess
import sys
from pathlib import Path

from tulen.workflows.sheet_columns import COLUMNS

HERE = Path(__file__).parent
GUIDE = (HERE.parents[1] / "docs" / "guides" / "origin.md").read_text("utf-8")


def test_the_guide_shows_what_its_commands_print() -> None:
    ended = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, HERE / "origin_guide.py", "--check"],
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert (ended.returncode, ended.stderr.decode()) == (0, "")


def test_the_example_fails_and_its_better_version_meets_the_rule() -> None:
    first, second = GUIDE.split("$ tulen compare ")[1:]
    assert re.search(r"^ATIGA +NOT_MET$", first, re.MULTILINE)
    assert re.search(r"^would qualify +CTH: ", first, re.MULTILINE)
    assert re.search(r"^ATIGA +MET CTH$", second, re.MULTILINE)


def test_the_sheet_shows_every_outcome_and_an_error() -> None:
    results = GUIDE.split("$ cat goods.results.csv\n")[1].partition("```")[0].splitlines()[1:]
    assert [row.split(",")[3] for row in results] == ["MET", "NOT_MET", "UNDETERMINED", "ERROR"]


def shown(command: str) -> str:
    return GUIDE.split(f"$ {command}\n")[1].split("\n$ ")[0].partition("```")[0]


def test_the_bill_is_judged_on_two_levels_and_its_part_counts_in_full() -> None:
    said = shown("tulen assess bill.json --on 2026-01-15")
    assert said.lstrip().startswith("MET under ATIGA")
    assert "MET          part biscuits: origin of 190531" in said
    assert "originating materials: USD 3\n" in said


def test_the_table_decides_what_no_table_leaves_open() -> None:
    command = "tulen assess old.json --on 2026-01-15"
    assert shown(command).lstrip().startswith("UNDETERMINED under ATIGA")
    carried = shown(f"{command} --correlation table.csv")
    assert carried.lstrip().startswith("MET under ATIGA")
    assert "correlation: HS2017 to HS2022 by table.csv" in carried


def test_a_paper_that_is_missing_costs_the_preference_and_not_the_origin() -> None:
    said = shown("tulen assess journey.json")
    assert said.lstrip().startswith("MET under ATIGA")
    assert "reject preference, from the journey alone" in said
    assert "NOT_MET      supporting evidence: it is not at hand" in said


def test_every_column_of_the_sheet_has_its_row() -> None:
    table = [row for row in GUIDE.splitlines() if row.startswith("| `")]
    assert [column for column in COLUMNS if not any(f"`{column}`" in row for row in table)] == []
