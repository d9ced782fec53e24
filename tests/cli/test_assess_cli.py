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


INPUTS = example("application")["lines"][0]["inputs"]
BILL = {
    "agreement": "ATIGA",
    "exporting_country": "VN",
    "importing_country": "ID",
    "method": "build-down",
    "currency": "USD",
    "good": "biscuits",
    "parts": {
        "biscuits": {"hs_code": "19053110", "value": "10", "of": [{"part": "wafers"}]},
        "wafers": {
            "hs_code": "190531",
            "country": "VN",
            "value": "7",
            "of": [{"part": "flour", "quantity": "0.5"}],
        },
        "flour": {"hs_code": "110100", "country": "AU", "value": "4"},
    },
}
JOURNEY = {"route": ["VN", "CN", "ID"], "operations": ["repair"]}


def written(file: Path, document: object) -> Path:
    file.write_text(json.dumps(document), "utf-8")
    return file


def test_inputs_and_a_bill_in_json_are_shown_with_every_finding(tmp_path: Path) -> None:
    code, said, wrong = tulen("assess", written(tmp_path / "good.json", INPUTS))
    assert (code, wrong) == (0, "")
    assert "MET under ATIGA/2026-01 (HS2022) on " in said
    assert "would" not in said
    bill = written(tmp_path / "bill.JSON", BILL)
    code, said, _ = tulen("assess", bill, "--on", "2026-01-15")
    assert code == 0
    assert "MET          part wafers: origin of 190531" in said
    code, said, _ = tulen("assess", bill, "--on", "2026-01-15", "--json")
    answer = json.loads(said)
    assert (answer["outcome"], answer["verdict"]["on"]) == ("MET", "2026-01-15")
    code, said, _ = tulen("assess", "-", "--json", stdin=bill.read_bytes())
    assert (code, json.loads(said)["outcome"]) == (0, "MET")


def test_a_question_in_json_names_its_day_and_its_journey(tmp_path: Path) -> None:
    asked = {"bill": BILL, "on": "2026-01-15", "consignment": JOURNEY}
    file = written(tmp_path / "asked.json", asked)
    code, said, _ = tulen("assess", file)
    assert code == 0
    assert "MET under ATIGA/2026-01 (HS2022) on 2026-01-15" in said
    assert "reject preference, from the journey alone; neither verdict nor digest holds it" in said
    assert "repair goes beyond what is allowed" in said
    assert "on 2026-02-15" in tulen("assess", file, "--on", "2026-02-15")[1]
    code, said, _ = tulen("compare", file)
    assert (code, "journey         NOT_MET      direct consignment: " in said) == (0, True)


def test_every_line_of_json_is_judged_and_a_wrong_one_named(tmp_path: Path) -> None:
    file = tmp_path / "goods.jsonl"
    rows = [json.dumps(INPUTS), "", json.dumps(BILL), '{"agreement": 7}', "{"]
    file.write_text("\n".join(rows), "utf-8")
    code, said, wrong = tulen("assess", file, "--on", "2026-01-15")
    assert code == 1
    assert [row.split()[1] for row in said.splitlines() if row.startswith("line")] == ["1", "3"]
    first, second = wrong.splitlines()
    assert first.startswith("line 4: invalid-input: /inputs/description: '' is missing")
    assert second.startswith("line 5: invalid-input: document: '{' is not JSON")
    code, said, wrong = tulen("assess", file, "--on", "2026-01-15", "--json")
    answers = [json.loads(row) for row in said.splitlines()]
    found = [(answer["line"], answer["outcome"]) for answer in answers]
    assert found == [(1, "MET"), (3, "MET"), (4, "ERROR"), (5, "ERROR")]
    assert (code, wrong, answers[3]["code"]) == (1, "", "invalid-input")


CYCLE = {
    **BILL,
    "parts": {**BILL["parts"], "flour": {"value": "4", "of": [{"part": "wafers"}]}},
}


@pytest.mark.parametrize(
    ("arguments", "document", "code", "words"),
    [
        ((), CYCLE, 2, "bill-cycle: /bill/parts/flour/of: 'wafers' is made of itself: "),
        ((), {**INPUTS, "agreement": "NAFTA"}, 1, "unknown-agreement: NAFTA"),
        (("--to", "x.csv"), INPUTS, 2, "--to: 'x.csv' is for the results of a sheet"),
        (("--correlation", "none.csv"), INPUTS, 2, "correlation: 'none.csv' cannot be read"),
    ],
)
def test_what_cannot_be_judged_in_json_is_named(
    tmp_path: Path, arguments: tuple[str, ...], document: object, code: int, words: str
) -> None:
    file = written(tmp_path / "good.json", document)
    ended, said, wrong = tulen("assess", file, *arguments)
    assert (ended, said) == (code, "")
    assert wrong.startswith(words) or words in wrong


def test_a_file_of_no_lines_is_no_answer(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_text("\n \n", "utf-8")
    code, _, wrong = tulen("assess", tmp_path / "none.jsonl")
    assert (code, "holds no line" in wrong) == (2, True)
    code, _, wrong = tulen("assess", tmp_path / "gone.jsonl")
    assert (code, "cannot be read" in wrong) == (2, True)


def test_a_bill_of_10000_lines_is_room_enough_for(tmp_path: Path) -> None:
    parts = {"biscuits": BILL["parts"]["biscuits"]}
    parts["biscuits"] = parts["biscuits"] | {
        "value": "100000",
        "of": [{"part": f"p{index}"} for index in range(20)],
    }
    for index in range(20):
        of = [{"part": f"m{index}-{material}"} for material in range(499)]
        parts[f"p{index}"] = {"hs_code": "190531", "country": "VN", "value": "1000", "of": of}
        parts |= {row["part"]: {"hs_code": "110100", "country": "AU", "value": "1"} for row in of}
    file = written(tmp_path / "bill.json", BILL | {"parts": parts})
    code, said, wrong = tulen("assess", file, "--on", "2026-01-15", "--json")
    assert (code, wrong) == (0, "")
    assert json.loads(said)["outcome"] == "MET"


TABLE = "from_edition,from,to_edition,to\n" + "".join(
    f"HS2017,{code},HS2022,{code}\n" for code in ("190531", "190590", "110100")
)


def test_a_correlation_table_carries_the_codes_of_sheet_inputs_and_bill(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text(TABLE, "utf-8")
    old = {
        "hs_code": "190531",
        "hs_edition": "HS2017",
        "materials": [
            {"description": "Flour", "value": "1", "originating": False, "hs_code": "110100"}
        ],
    }
    good = written(tmp_path / "old.json", INPUTS | old)
    bill = written(tmp_path / "bill.json", BILL | {"hs_edition": "HS2017"})
    sheet = tmp_path / "goods.csv"
    heading = HEADING[:-1] + ",hs_edition\n"
    old_row = "A,ATIGA,VN,ID,1905.31,Biscuits,100,USD,build-down,Flour,1905.90,AU,no,40,HS2017\n"
    lines = [old_row.replace("A", f"A{number}", 1) for number in range(CHUNK + 1)]
    sheet.write_text(heading + "".join(lines), "utf-8")
    for file in (good, bill):
        assert json.loads(tulen("assess", file, "--json")[1])["outcome"] == "UNDETERMINED"
        said = tulen("assess", file, "--correlation", table, "--json")[1]
        assert json.loads(said)["outcome"] == "MET"
        assert "correlation: HS2017 to HS2022 by table.csv (" in said.replace('"', "")
        compared = tulen("compare", file, "--correlation", table, "--json")[1]
        atiga = {option["agreement"]: option for option in json.loads(compared)["options"]}["ATIGA"]
        assert atiga["outcome"] == "MET"
    on = ("--on", "2026-01-15", "--json")
    assert json.loads(tulen("assess", sheet, *on)[1])["UNDETERMINED"] == CHUNK + 1
    assert json.loads(tulen("assess", sheet, "--correlation", table, *on)[1])["MET"] == CHUNK + 1


def test_the_setting_names_the_table_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TULEN_CORRELATION_TABLE", str(tmp_path / "table.csv"))
    good = written(tmp_path / "good.json", INPUTS)
    assert "cannot be read" in tulen("assess", good)[2]
    (tmp_path / "table.csv").write_text(TABLE + "HS2017,1,HS2022,1\n", "utf-8")
    assert "table.csv: line 5, from: '1' is not an HS code of 6 digits" in tulen("assess", good)[2]
