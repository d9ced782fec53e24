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


def test_every_column_of_the_sheet_has_its_row() -> None:
    table = [row for row in GUIDE.splitlines() if row.startswith("| `")]
    assert [column for column in COLUMNS if not any(f"`{column}`" in row for row in table)] == []
