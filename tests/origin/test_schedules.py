"""Schedules of product rules: the notation of a cell, the table, and the pack that it becomes."""

import tomllib
from datetime import date
from typing import Any

import pytest
from origin_cases import shipped_toml

from tulen.errors import InvalidInputError
from tulen.origin import pack_from
from tulen.origin.schedules.rule import schedule_rule
from tulen.origin.schedules.schedule import products_toml
from tulen.origin.schedules.table import schedule_from_csv
from tulen.origin.wording import rule_words
from tulen.values.dated import Reference

SINCE, ANNEX = date(2022, 1, 1), Reference('Annex 3, "HS 2022"')

NOTATION: dict[str, dict[str, Any]] = {
    "WO": {"wo": True},
    "WO in the exporting party": {"wo": True, "in": "exporting-party"},
    "PE": {"pe": True},
    "CC": {"ctc": "CC"},
    "CTH except from 2403, 5204-5206": {"ctc": "CTH", "except": ["2403", "5204-5206"]},
    "any heading except from 11": {"any_heading": True, "except": ["11"]},
    "RVC 40%": {"rvc": "40%"},
    "RVC 35% by build-up of AV": {"rvc": "35%", "method": "build-up", "basis": "AV"},
    "MaxNOM 50% of EXW": {"max_nom": "50%", "basis": "EXW"},
    "MaxNOM 30% of EXW for 17": {"max_nom": "30%", "basis": "EXW", "of": ["17"]},
    "materials of 01, 02 wholly obtained": {"wo_materials": ["01", "02"]},
    "RVC 40% or CTH": {"any": [{"rvc": "40%"}, {"ctc": "CTH"}]},
    "(CC and RVC 40%) or WO": {"any": [{"all": [{"ctc": "CC"}, {"rvc": "40%"}]}, {"wo": True}]},
    "“cut and sewn”": {"process_text": "cut and sewn"},
}


@pytest.mark.parametrize(("text", "rule"), NOTATION.items(), ids=NOTATION.keys())
def test_a_cell_is_read_and_said_again_in_the_same_words(text: str, rule: dict[str, Any]) -> None:
    assert schedule_rule(text, "rule") == rule
    assert rule_words(rule) == text


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("RVC40", {"rvc": "40%"}),
        ("RVC(40)", {"rvc": "40%"}),
        ("QVC 40%", {"rvc": "40%"}),
        ("CTH except 24.03", {"ctc": "CTH", "except": ["2403"]}),
        ("CTSH + RVC 35%", {"all": [{"ctc": "CTSH"}, {"rvc": "35%"}]}),
        (
            "CC and RVC 40% or WO",
            {"any": [{"all": [{"ctc": "CC"}, {"rvc": "40%"}]}, {"wo": True}]},
        ),
        ('{ process_any = ["refining"] } or CTH', None),
    ],
)
def test_other_spellings_are_read_too(text: str, rule: dict[str, Any] | None) -> None:
    read = schedule_rule(text, "rule")
    assert read == (rule or {"any": [{"process_any": ["refining"]}, {"ctc": "CTH"}]})


@pytest.mark.parametrize(
    "text", ["", "CTX", "RVC", "CTH or", "CTH; CC", "{ ctc = }", "CTH except", "(" * 3000]
)
def test_what_is_no_rule_is_named(text: str) -> None:
    with pytest.raises(InvalidInputError, match="line 2, rule"):
        schedule_rule(text, "line 2, rule")


TABLE = """hs,ex,rule,text,since,until,reference
0307.22,scallops,RVC40 or CTH,,,,
,,,,,,
6109,,CC,,2022-01-01,2024-01-01,Annex 3
6109,,CTH,,2024-01-01,,Annex 3 as amended
8501-8502,,,"Words, that nobody read",,,
"""


def test_a_table_becomes_product_rules_that_a_pack_can_hold() -> None:
    written = products_toml(schedule_from_csv(TABLE.encode("utf-8-sig")), SINCE, ANNEX)
    products = tomllib.loads(written)["products"]
    assert [product["hs"] for product in products] == ["030722", "6109", "8501-8502"]
    assert products[0]["ex"] == "scallops"
    assert products[0]["rule"][0]["reference"] == {"title": ANNEX.title}
    assert [rule["value"] for rule in products[1]["rule"]] == [{"ctc": "CC"}, {"ctc": "CTH"}]
    assert products[1]["rule"][0]["until"] == date(2024, 1, 1)
    assert products[2]["rule"][0]["value"] == {"undetermined": "Words, that nobody read"}
    atiga, _, _ = shipped_toml().partition("[[products]]")
    pack = pack_from((atiga + written).encode(), "mine.toml")
    assert len(pack.products) == 3


MALFORMED = {
    "empty": ("", "", "is empty"),
    "an unknown column": ("hs,rule,colour\n", "line 1", "is no column; known are hs, ex, rule"),
    "a column twice": ("hs,rule,hs\n", "line 1", "names two columns"),
    "no codes": ("ex,rule\n", "line 1", "lacks the columns hs"),
    "no rules": ("hs,ex\n", "line 1", "lacks the columns hs, and rule or text"),
    "a cell too many": ("hs,rule\n85,CTH,more\n", "line 2", "stands beyond the last column"),
    "no rule": ("hs,rule\n85,\n", "line 2, rule", "is empty"),
    "no code": ("hs,rule\n,CTH\n", "line 2, hs", "is not an HS prefix"),
    "an unknown word": ("hs,rule\n85,CTX\n", "line 2, rule", "is no condition of the notation"),
    "a wrong table": ("hs,rule\n85,{ rvc = 40 }\n", "line 2, rule/rvc", "is not a percentage"),
    "a wrong day": ("hs,rule,since\n85,CTH,1/1/22\n", "line 2, since", "is not a date such as"),
    "an address alone": ("hs,rule,href\n85,CTH,https://x\n", "line 2, href", "has no reference"),
    "a rule twice": ("hs,rule\n85,CTH\n85,CC\n", "line 3, hs", "has a rule already"),
    "an open quote": ('hs,rule\n85,"CTH\n', "", "is not CSV"),
}


@pytest.mark.parametrize(("text", "field", "problem"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_table_is_told_line_and_column(text: str, field: str, problem: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        schedule_from_csv(text.encode())
    assert caught.value.field == field
    assert problem in caught.value.problem


def test_a_table_in_another_encoding_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="save it as CSV UTF-8"):
        schedule_from_csv("hs,rule\n85,“ä”\n".encode("utf-16"))
