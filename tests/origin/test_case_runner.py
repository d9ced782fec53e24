"""The runner of worked cases judges by the core, and fails what it does not understand."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from case_runner.__main__ import main
from case_runner.rules import translated
from tulen.origin.grammar import rule_from

CASE: dict[str, Any] = {
    "id": "biscuits",
    "domain": "origin",
    "agreement": "ATIGA",
    "input": {
        "product": {"hs": "190531", "desc": "Biscuits"},
        "exporter": "ID",
        "importer": "TH",
        "rule": {"any": [{"rvc": 40}, {"ctc": "CTH"}]},
        "materials": [
            {
                "desc": "Flour",
                "hs": "1101",
                "country": "AU",
                "status": "non_originating",
                "value": 63.33,
            },
            {
                "desc": "Dough",
                "hs": "1905",
                "country": "CN",
                "status": "non_originating",
                "value": 10,
            },
        ],
        "fob": 100,
        "rvc_method": "indirect",
    },
    "expected": {
        "verdict": "originating",
        "criterion": "CTH",
        "rvc_pct": 26.67,
        "declared_pct": 26,
        "de_minimis_used": True,
        "de_minimis_pct": 10.0,
    },
}


def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], **changes: object) -> list[str]:
    """Run the case with members of its input or expectation replaced; return what is printed."""
    case = copy.deepcopy(CASE)
    for place, value in changes.items():
        part, name = place.split("__")
        case[part][name] = value
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"cases": [case]}), encoding="utf-8")
    status = main([str(path)])
    lines = capsys.readouterr().out.splitlines()
    assert status == (0 if lines[-1].endswith(" 0 failed") else 1)
    return lines


def test_a_case_that_is_answered_as_expected_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, capsys) == ["1 passed, 0 failed"]


@pytest.mark.parametrize(
    "changes",
    [
        {"expected__verdict": "non_originating"},
        {"expected__criterion": "RVC"},
        {"expected__criterion": None},
        {"expected__rvc_pct": 26.66},
        {"expected__declared_pct": 27},
        {"expected__de_minimis_used": False},
        {"expected__de_minimis_pct": 10.01},
        {"expected__reason": "minimal_operations"},
        {"expected__cumulation_used": True},
        {"expected__colour": "red"},
        {"input__colour": "red"},
        {"input__rule": {"magic": 40}},
        {"input__rule": {"ctc": "CTH", "magic": 40}},
        {"input__facts": {"dreamt_in": "ID"}},
        {"input__fob": "100"},
        {"input__materials": [{"desc": "x"}]},
        {"input__exporter": "US"},
    ],
)
def test_a_case_that_is_not_fails_with_one_line(
    changes: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = run(tmp_path, capsys, **changes)
    assert lines[0].startswith("biscuits (origin): ")
    assert lines[1:] == ["0 passed, 1 failed"]


def test_a_domain_that_nobody_judges_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"cases": [CASE | {"domain": "weather"}]}), encoding="utf-8")
    assert main([str(path)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "0 passed, 1 failed"


def test_every_word_of_the_cases_is_a_word_of_the_language() -> None:
    rule = {
        "any": [
            {"ctc": "CC", "except": ["04"], "within_group": True},
            {"ctc": "CTH", "tolerance": {"of": "same-heading", "max_value": 20, "basis": "EXW"}},
            {"all": [{"max_weight": 40, "of": ["sugar", "04"], "each": True}, {"max_nom": 50}]},
            {"rvc": 60, "method": "focused", "basis": "AV", "of": ["9608"]},
            {"rvc": 35, "method": ["direct", "indirect"], "final_process_in_exporting_party": True},
            {"process_any": ["weaving"], "not_merely": "Annex 3", "from_any": ["yarn"]},
            {"process_all": ["cut", "sewn"], "in": "any_party"},
            {"wo": True, "in": "exporting_party"},
            {"set": {"gir": "3(c)", "max_nonorig_items": 10, "basis": "set value"}},
            {"ctc_from": ["848190"], "allow_also": "other headings"},
            {"any_heading": True, "except": ["11"]},
            {"materials_from": ["unembroidered fabric"]},
            {"psr_only": True},
        ]
    }
    rule_from(translated(rule), "/rule")
