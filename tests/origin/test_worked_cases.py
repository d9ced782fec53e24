"""387 worked cases of our own, each with why its result is so, through the runner of cases."""

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from case_runner.__main__ import domains, failures

FILES = sorted((Path(__file__).parent / "cases").glob("*.json"))
CASES: dict[str, dict[str, Any]] = {
    case["id"]: case
    for file in FILES
    for case in json.loads(file.read_text("utf-8"), parse_float=Decimal)["cases"]
}
JUDGES = domains()
ELSE = {"reject": "accept", "originating": "not_originating", "issue": "refuse"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_case_has_the_result_that_was_worked_out_by_hand(file: Path) -> None:
    cases = json.loads(file.read_text("utf-8"), parse_float=Decimal)["cases"]
    wrong = {case["id"]: found for case in cases if (found := failures(case, JUDGES))}
    assert wrong == {}


def test_every_case_says_why_and_each_identifier_is_used_once() -> None:
    assert sum(file.read_text("utf-8").count('"id": "T-') for file in FILES) == len(CASES)
    assert all(case["why"] and case["source"]["ref"] for case in CASES.values())


def test_a_case_that_expects_another_verdict_fails() -> None:
    """Any other verdict, in any case that expects one: a test that cannot fail proves nothing."""
    passed = []
    for name, case in CASES.items():
        if (verdict := case["expected"].get("verdict")) is None:
            continue
        other = copy.deepcopy(case)
        other["expected"]["verdict"] = ELSE.get(verdict, "accept" if verdict != "accept" else "no")
        if not failures(other, JUDGES):
            passed.append(name)
    assert passed == []


@pytest.mark.parametrize("part", ["input", "expected"])
def test_a_member_that_the_format_does_not_have_fails_the_case(part: str) -> None:
    passed = []
    for name, case in CASES.items():
        other = copy.deepcopy(case)
        other[part]["colour"] = "red"
        if not failures(other, JUDGES):
            passed.append(name)
    assert passed == []
