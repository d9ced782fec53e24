"""`tulen rules`: packs are checked, rules are shown, schedules are read; no office is needed."""

import json
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from tulen.cli import app
from tulen.cli.rules import _PROCEDURES
from tulen.origin.pack_show import shipped_pack
from tulen.origin.proof.procedure_show import SHOWN
from tulen.values import AgreementCode


def tulen(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["rules", *arguments], prog_name="tulen")


def test_a_shipped_pack_is_valid() -> None:
    said = tulen("check", "ATIGA")
    assert said.exit_code == 0, said.stderr
    assert "ATIGA/2026-01" in said.stdout


def test_a_malformed_pack_is_told_line_field_and_fix(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    _, data = shipped_pack(AgreementCode("ATIGA"))
    file.write_bytes(data.replace(b'"BN", "ID"', b'"BN", "UK"'))
    said = tulen("check", str(file))
    assert said.exit_code == 2
    assert said.stderr.startswith("mine.toml:17: /parties/0/value/1 'UK' is no country")
    assert "write 'GB'" in said.stderr
    answer = json.loads(tulen("check", str(file), "--json").stdout)
    assert [problem["line"] for problem in answer["problems"]] == [17]
    assert answer["valid"] is False


def test_the_rule_for_a_good_is_shown_with_its_article() -> None:
    said = tulen("show", "ATIGA", "6109.10", "--on", "2026-01-15")
    assert said.exit_code == 0, said.stderr
    assert "RVC 40% or CTH" in said.stdout
    assert "ATIGA Art. 28(1)(a)" in said.stdout
    assert "not complete" in said.stdout
    assert "10% [ATIGA Art. 33]" in said.stdout


def test_what_the_procedures_say_is_shown_with_its_article() -> None:
    for arguments in (("ATIGA", "6109.10"), ("ATIGA",)):
        said = tulen("show", *arguments, "--on", "2026-01-15")
        assert said.exit_code == 0, said.stderr
        rows = dict(line.split(maxsplit=1) for line in said.stdout.splitlines())
        assert rows["issued"] == (
            "by the day of shipment; later, within 12 months of it, marked Issued Retroactively "
            "[ATIGA OCP Rule 10(1)-(2)]"
        )
        assert rows["back-to-back"].startswith("allowed, as Back-to-Back Form D; ")
        assert rows["waiver"].endswith("[ATIGA OCP Rule 15]")
        assert rows["form"] == "D"
        assert "reply 90 days" in said.stdout
        assert ("rule" in rows) is (len(arguments) > 1)


def test_a_procedure_that_is_not_loaded_is_unknown_and_its_days_count() -> None:
    held = json.loads(tulen("show", "CPTPP", "--on", "2026-01-15", "--json").stdout)
    assert set(held["procedures"].values()) == {None}
    said = tulen("show", "ATIGA", "--on", "2012-01-15").stdout
    assert "transit         allowed on the way: unloading, reloading, preservation; " in said
    assert "not loaded      issued, valid, back-to-back, waiver, " in said


def test_every_section_that_is_shown_has_a_name_for_people() -> None:
    assert set(_PROCEDURES) == set(SHOWN)


def test_a_day_before_the_agreement_has_no_rule() -> None:
    answer = json.loads(tulen("show", "ATIGA", "6109.10", "--on", "2009-01-01", "--json").stdout)
    assert answer["rules"] == []
    assert answer["parties"] is None


def test_a_description_decides_between_rules_and_both_are_shown() -> None:
    answer = json.loads(tulen("show", "ATIGA", "0307.22", "--on", "2026-01-15", "--json").stdout)
    assert [rule["words"] for rule in answer["rules"][:2]] == ["RVC 40% or CTH", "RVC 40% or CTSH"]
    assert answer["rules"][0]["ex"].startswith("scallops")
    assert answer["covered"] is True


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("show", "NOWHERE", "6109.10"), 1, "unknown-agreement"),
        (("show", "ATIGA", "61"), 2, "hs_code"),
        (("show", "atiga", "6109"), 2, "agreement"),
        (("check", "nowhere.toml"), 2, "cannot be read"),
        (("check", "NOWHERE"), 1, "unknown-agreement"),
    ],
)
def test_what_cannot_be_shown_is_named(arguments: tuple[str, ...], code: int, words: str) -> None:
    said = tulen(*arguments)
    assert said.exit_code == code
    assert words in said.stderr


SCHEDULED = ("--since", "2022-01-01", "--reference", "Annex 3")


def test_a_schedule_in_csv_becomes_product_rules(tmp_path: Path) -> None:
    file, to = tmp_path / "annex.csv", tmp_path / "products.toml"
    file.write_text("hs,rule,text\n6109.10,RVC40 or CTH,\n8501,,words\n", "utf-8")
    said = tulen("import", str(file), *SCHEDULED, "--to", str(to))
    assert said.exit_code == 0, said.stderr
    assert "2 rules: 1 read whole, 0 in part, 1 not for certain" in said.stderr
    written = to.read_text("utf-8")
    assert 'hs = "610910"' in written
    assert 'value = { any = [{ rvc = "40%" }, { ctc = "CTH" }] }' in written


def workbook(file: Path, *rows: list[object], sheets: int = 1) -> Path:
    """Write a workbook whose first sheet holds ``rows``."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for _ in range(sheets - 1):
        book.create_sheet()
    book.save(file)
    return file


def test_a_schedule_in_a_workbook_becomes_product_rules(tmp_path: Path) -> None:
    row: list[object] = ["0307.22", "CC", datetime(2023, 5, 1)]  # noqa: DTZ001 - a cell has no zone
    file = workbook(tmp_path / "annex.xlsx", ["hs", "rule", "since"], row)
    said = tulen("import", str(file), *SCHEDULED)
    assert said.exit_code == 0, said.stderr
    assert 'hs = "030722"\n[[products.rule]]\nsince = 2023-05-01' in said.stdout


@pytest.mark.parametrize(
    ("rows", "sheets", "words"),
    [
        ([["hs", "rule"], [307, "CC"]], 1, "line 2, hs: '307' is not an HS prefix"),
        ([["hs", "rule"], [6109.1, "CC"]], 1, "line 2, hs: '61091' is not an HS prefix"),
        ([["hs", "rule"], ["85", "CC"]], 2, "sheets are one too many"),
    ],
)
def test_a_code_that_lost_its_zeros_is_never_guessed(
    tmp_path: Path, rows: list[list[object]], sheets: int, words: str
) -> None:
    said = tulen("import", str(workbook(tmp_path / "a.xlsx", *rows, sheets=sheets)), *SCHEDULED)
    assert said.exit_code == 2
    assert words in said.stderr


def test_the_uk_tariff_services_file_becomes_product_rules(tmp_path: Path) -> None:
    file = tmp_path / "uk.json"
    row = {"rule": "All goods must be wholly obtained.", "operator": None, "quota": False}
    item = {"heading": "Chapter 1", "min": "0100000000", "max": "0199999999"}
    rules = [row | {"import": True, "export": True}]
    file.write_text(json.dumps({"rule_sets": [item | {"rules": rules}]}), "utf-8")
    said = tulen("import", str(file), *SCHEDULED)
    assert said.exit_code == 0, said.stderr
    assert 'hs = "01"\n[[products.rule]]\nsince = 2022-01-01\nvalue = { wo = true }' in said.stdout


@pytest.mark.parametrize(
    ("name", "content", "arguments", "words"),
    [
        ("a.csv", "hs,rule\n85,CTX\n", (), "line 2, rule: 'CTX' is no condition"),
        ("a.ods", "", (), "is not .csv, .xlsx or .json"),
        ("a.xlsx", "PK", (), "is not a workbook in XLSX"),
        ("a.json", "[]", (), "/rule_sets"),
        ("a.json", "[", (), "is not JSON"),
        ("a.csv", "hs,rule\n85,CTH\n", ("--base", "NC"), "base: 'NC' is not FOB or AV"),
        ("a.csv", "hs,rule\n85,CTH\n", ("--reference", " "), "reference: "),
    ],
)
def test_a_schedule_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: str, arguments: tuple[str, ...], words: str
) -> None:
    file = tmp_path / name
    file.write_text(content, "utf-8")
    said = tulen("import", str(file), *SCHEDULED, *arguments)
    assert (said.exit_code, said.stdout) == (2, "")
    assert words in said.stderr
