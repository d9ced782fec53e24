"""Malformed rules are refused where they are wrong."""

import pytest
from origin_cases import pack_with

from tulen.errors import InvalidInputError

TOLERANT = '{{ ctc = "CTH", tolerance = {{ of = ["04"], {} }} }}'
MALFORMED = {
    "two words": '{ ctc = "CTH", rvc = "40%" }',
    "a member of another word": '{ ctc = "CTH", basis = "FOB" }',
    "an unknown method": '{ rvc = "40%", method = "guess" }',
    "an unknown basis": '{ max_nom = "40%", basis = "DDP" }',
    "focused on nothing": '{ rvc = "40%", method = "focused" }',
    "named materials without focus": '{ rvc = "40%", of = ["9401"] }',
    "a weight of nothing": '{ max_weight = "40%" }',
    "each is false": '{ max_weight = "40%", of = ["04"], each = false }',
    "both tolerances": TOLERANT.format('max_value = "1%", max_weight = "1%"'),
    "a tolerance by weight of a price": TOLERANT.format('max_weight = "1%", basis = "EXW"'),
    "no codes": "{ process_all = [] }",
    "a place that is none": '{ wo = true, in = "anywhere" }',
    "an unknown member of a set": '{ set = { size = "large" } }',
    "a group that is false": '{ ctc = "CTH", within_group = false }',
    "a percentage that is a number": "{ max_nom = 40 }",
    "words that are empty": '{ process_text = "" }',
}


@pytest.mark.parametrize("rule", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_rule_is_refused_at_its_place(rule: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        pack_with(rule)
    assert caught.value.field.startswith("test.toml#/general_rule/0/value")
    assert caught.value.problem
