"""`tulen assess` and `tulen compare`: results beside the sheet, exit codes, and an orderly end."""

import csv
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tulen.api.examples import example
from tulen.workflows.assess_sheet import CHUNK

LONGEST_SECONDS = 120
HEADING = (
    "line,agreement,exporting_country,importing_country,hs_code,description,fob,currency,method,"
    "material,material_hs_code,material_country,material_originating,material_value\n"
)
PROGRAM = "from tulen.cli import main; main()"


def row(name: str, value: str = "40") -> str:
    good = "ATIGA,VN,ID,1905.31,Biscuits,100,USD,build-down"
    return f"{name},{good},Flour,1905.90,AU,no,{value}\n"


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    file = tmp_path / "goods.csv"
    file.write_text(HEADING + row("meets") + row("fails", "90"), "utf-8")
    return file


def tulen(*arguments: object, stdin: bytes = b"") -> tuple[int, str, str]:
    ended = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=LONGEST_SECONDS,
    )
    return ended.returncode, ended.stdout.decode(), ended.stderr.decode()


def results(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def test_results_stand_beside_the_sheet_with_why_and_what_would_change_it(sheet: Path) -> None:
    code, said, wrong = tulen("assess", sheet, "--on", "2026-01-15", "--json")
    file = sheet.with_name("goods.results.csv")
    assert (code, wrong) == (0, "")
    assert json.loads(said) == {"lines": 2, "MET": 1, "NOT_MET": 1, "results": str(file)}
    meets, fails = results(file)
    assert (meets["line"], meets["row"], meets["criterion"]) == ("meets", "2", "60%")
    assert (fails["outcome"], fails["criterion"], fails["error"]) == ("NOT_MET", "", "")
    assert "RVC 40%: 10.00% is less than 40%" in fails["reason"]
    assert "RVC 40%: non-originating materials of at most USD 60" in fails["would_change_it"]
    assert sorted(path.name for path in sheet.parent.iterdir()) == [sheet.name, file.name]


def test_a_line_with_an_error_is_named_in_the_results_and_in_the_exit_code(sheet: Path) -> None:
    with sheet.open("a", encoding="utf-8") as opened:
        opened.write(row("wrong", "4o"))
    code, said, _ = tulen("assess", sheet, "--to", sheet.with_name("out.csv"))
    assert code == 1
    assert [line.split() for line in said.splitlines()[1:4]] == [
        ["ERROR", "1"],
        ["MET", "1"],
        ["NOT_MET", "1"],
    ]
    wrong = results(sheet.with_name("out.csv"))[2]
    assert (wrong["line"], wrong["outcome"]) == ("wrong", "ERROR")
    assert wrong["error"].startswith("row 4, column material_value: '4o' is not a decimal")


UNREADABLE = {
    "not there": (None, "cannot be read or written: No such file"),
    "not UTF-8": (HEADING.encode() + b"\xff\n", "is not UTF-8; save the sheet as CSV UTF-8"),
    "no line": (HEADING.encode(), "holds no line"),
    "another layout": (b"a,b\n1,2\n", "goods.csv: row 1: 'a' is no column"),
}


@pytest.mark.parametrize(("data", "message"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_file_that_cannot_be_read_leaves_nothing(
    tmp_path: Path, data: bytes | None, message: str
) -> None:
    file = tmp_path / "goods.csv"
    if data is not None:
        file.write_bytes(data)
    code, said, wrong = tulen("assess", file)
    assert (code, said) == (2, "")
    assert message in wrong
    assert len(wrong.splitlines()) == 1
    assert list(tmp_path.glob("*results*")) == []


def test_the_sheet_itself_is_never_written_over(sheet: Path) -> None:
    before = sheet.read_bytes()
    code, _, wrong = tulen("assess", sheet, "--to", sheet.parent / "." / sheet.name)
    assert (code, sheet.read_bytes()) == (2, before)
    assert "is the file that is read" in wrong


def test_many_lines_are_shared_and_a_terminal_shows_how_far_it_is(sheet: Path) -> None:
    count = 4 * CHUNK
    sheet.write_text(HEADING + "".join(row(f"L{number}") for number in range(count)), "utf-8")
    terminal, end = pty.openpty()
    ended = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-c", PROGRAM, "assess", sheet],
        stdout=subprocess.DEVNULL,
        stderr=end,
        env=os.environ | {"TERM": "xterm"},
        check=False,
        timeout=LONGEST_SECONDS,
    )
    os.close(end)
    shown = os.read(terminal, 1 << 20).decode()
    os.close(terminal)
    assert ended.returncode == 0
    assert f"{count}/{count}" in shown
    lines = results(sheet.with_name("goods.results.csv"))
    assert [line["line"] for line in lines] == [f"L{number}" for number in range(count)]


@contextmanager
def working(sheet: Path) -> Iterator[tuple[subprocess.Popen[bytes], list[int]]]:
    """Yield a command at work on a long sheet, in a group of its own, and its processes."""
    with sheet.open("w", encoding="utf-8") as opened:
        opened.write(HEADING)
        opened.writelines(row(f"L{number}") for number in range(100_000))
    command = [sys.executable, "-c", PROGRAM, "assess", str(sheet)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, process_group=0) as process:  # noqa: S603 - this interpreter
        try:
            until(lambda: any(sheet.parent.glob(".*")) and len(children_of(process.pid)) > 1)
            yield process, children_of(process.pid)
        finally:
            process.kill()


def children_of(parent: int) -> list[int]:
    """Return the processes that share the work, which are not all that Python starts for it."""
    tasks = Path(f"/proc/{parent}/task").glob("*/children")
    children = [child for task in tasks for child in task.read_text().split()]
    return [int(child) for child in children if "spawn_main" in command_of(child)]


def command_of(process: str) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_sheet_ends_quietly_and_leaves_no_results(
    sheet: Path, sent: signal.Signals
) -> None:
    with working(sheet) as (process, children):
        assert len(children) > 1
        os.killpg(process.pid, sent)
        _, wrong = process.communicate(timeout=LONGEST_SECONDS)
    assert (process.returncode, wrong.decode()) == (130, "")
    assert [path.name for path in sheet.parent.iterdir()] == [sheet.name]
    until(lambda: not any(alive(child) for child in children))


def test_a_process_that_is_taken_away_is_no_result_but_a_reason_to_run_again(sheet: Path) -> None:
    with working(sheet) as (process, children):
        os.kill(children[-1], signal.SIGKILL)
        _, wrong = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 3
    assert wrong.decode().startswith("unavailable: a process that judged lines has ended")
    assert [path.name for path in sheet.parent.iterdir()] == [sheet.name]


def test_no_process_outlives_a_command_that_is_killed(sheet: Path) -> None:
    with working(sheet) as (process, children):
        process.kill()
        process.wait(LONGEST_SECONDS)
        assert children
        until(lambda: not any(alive(child) for child in children))


def alive(process: int) -> bool:
    try:
        state = (
            Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        )
    except FileNotFoundError:
        return False
    return state != "Z"  # It has ended, whoever has not asked for it yet.


def test_a_comparison_is_shown_with_duty_and_what_would_make_it_qualify(tmp_path: Path) -> None:
    inputs = example("application")["lines"][0]["inputs"] | {"hs_code": "19053110"}
    del inputs["agreement"]
    file = tmp_path / "good.json"
    file.write_text(json.dumps(inputs), "utf-8")
    code, said, _ = tulen("compare", file, "--on", "2026-11-25")
    assert code == 0
    assert "without         5% duty (Demonstration tariff, not law)" in said
    assert "ATIGA           MET 58%" in said
    nowhere = json.dumps(inputs | {"importing_country": "AQ"}).encode()
    code, said, _ = tulen("compare", "-", stdin=nowhere)
    assert (code, "no agreement is open between the two" in said) == (0, True)
    code, said, wrong = tulen("compare", "-", stdin=b"{}")
    assert (code, said) == (2, "")
    assert wrong.startswith("invalid-input: /inputs/")


BILL = {
    "agreement": "ATIGA",
    "exporting_country": "VN",
    "importing_country": "ID",
    "method": "build-down",
    "currency": "USD",
    "good": "biscuit",
    "parts": {
        "biscuit": {"value": "10", "hs_code": "190531", "of": [{"part": "dough"}]},
        "dough": {"value": "4", "hs_code": "190190", "country": "VN", "of": [{"part": "flour"}]},
        "flour": {"value": "1", "hs_code": "110100", "country": "AU"},
    },
}


def test_a_bill_of_many_levels_is_shown_with_every_finding(tmp_path: Path) -> None:
    file = tmp_path / "bill.json"
    file.write_text(json.dumps(BILL))
    code, said, wrong = tulen("assess", file, "--on", "2026-01-15")
    assert (code, wrong) == (0, "")
    assert "part dough" in said
    assert "MET under ATIGA" in said


def test_goods_a_line_are_judged_one_by_one_and_a_wrong_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "bills.jsonl"
    wrong = BILL | {"good": "cake"}
    file.write_text(f"{json.dumps(BILL)}\n\n{json.dumps(wrong)}\n")
    code, said, _ = tulen("assess", file, "--on", "2026-01-15", "--json")
    first, second = (json.loads(text) for text in said.splitlines())
    assert (code, first["line"], first["outcome"]) == (1, 1, "MET")
    assert (second["line"], second["code"]) == (3, "bill-unknown-part")
    assert "add it under /parts" in second["error"]


def test_a_table_carries_the_codes_of_another_edition(tmp_path: Path) -> None:
    file, table = tmp_path / "bill.json", tmp_path / "table.csv"
    file.write_text(json.dumps(BILL | {"hs_edition": "HS2017"}))
    pairs = "".join(f"HS2017,{code},HS2022,{code}\n" for code in ("190531", "190190", "110100"))
    table.write_text("from_edition,from,to_edition,to\n" + pairs)
    without = tulen("assess", file, "--on", "2026-01-15", "--json")
    carried = tulen("assess", file, "--on", "2026-01-15", "--json", "--correlation", table)
    assert json.loads(without[1])["outcome"] == "UNDETERMINED"
    assert json.loads(carried[1])["outcome"] == "MET"
    code, _, wrong = tulen("assess", file, "--correlation", tmp_path / "none.csv")
    assert (code, "No such file" in wrong) == (2, True)
