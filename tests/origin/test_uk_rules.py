"""The UK tariff service's rule sets: read word for word, or left as their text."""

from typing import Any

import pytest

from tulen.errors import InvalidInputError
from tulen.origin.schedules.uk_rules import uk_rules

CTH = (
    "<abbr title='x'>CTH</abbr>: All non-originating materials used in the production of the good "
    "have undergone a change in tariff classification at the 4-digit level (tariff heading)"
)
MAXNOM = (
    "A maximum of **50%** of the ex-works price (EXW) is made up of non-originating parts (MAXNOM)"
)

TOLERANCE = (
    "Manufacture from materials of any heading, except that of the product. However, materials of "
    "the same heading as the product may be used, provided that their total value does not exceed "
    "**20%** of the ex-works price of the product."
)
WHOLLY = (
    "Production in which all the materials of chapter 1 and chapter 2 used are wholly obtained."
)
BOTH = (
    "Manufacture:\n\n- from materials of any heading, except that of the product, *and*\n\n"
    "- in which the value of all the materials used does not exceed **45%** of the ex-works price "
    "of the product."
)
WEIGHT = (
    ", provided that the total weight of non-originating materials of heading 1701 and heading "
    "1702 used does not exceed 40% of the weight of the product."
)
SUGARS = (
    ", provided that:\n\n- all the materials of chapter 4 used are wholly obtained\n\n- the total "
    "weight of non-originating materials of chapters 02, 3 and 16 used does not exceed **20%** of "
    "the weight of the product, *and*\n\n- the total weight of non-originating materials of "
    "heading 1701 and heading 1702 used does not exceed **40%** of the weight of the product."
)
COOKED = "provided that the good is cooked in the territory of the Parties"


def rule_set(
    *rows: str,
    heading: str = "8501",
    **changed: Any,  # noqa: ANN401 - it is JSON
) -> dict[str, Any]:
    """Return a set of alternatives, its ``or`` on the last row."""
    code = heading[-6:] if heading.startswith("ex ") else heading
    return {
        "heading": heading,
        "min": code.strip().ljust(10, "0"),
        "max": code.strip().ljust(10, "9"),
        "rules": [
            {
                "rule": row,
                "operator": "or" if 0 < index == len(rows) - 1 else None,
                "footnotes": [],
                "quota": False,
                "import": True,
                "export": True,
            }
            | changed
            for index, row in enumerate(rows)
        ],
    }


def read(
    *rows: str,
    base: str | None = None,
    **changed: Any,  # noqa: ANN401 - it is JSON
) -> dict[str, Any]:
    """Return the rule of one set in a file that spells its operators."""
    spelled = rule_set("Weaving.", "Spinning.", heading="5208")
    rules = uk_rules({"rule_sets": [rule_set(*rows, **changed), spelled]}, base)
    return dict(rules[0].rule)


HEADING = "[heading&nbsp;7407](/headings/7407)"
READ = {
    "change": ([f"{CTH}."], {"ctc": "CTH"}),
    "change except": (
        [f"{CTH} except from non-originating materials of {HEADING} to heading 7410 and 7412."],
        {"ctc": "CTH", "except": ["7407-7410", "7412"]},
    ),
    "change or value": (
        [f"{CTH}.", f"{MAXNOM}."],
        {"any": [{"ctc": "CTH"}, {"max_nom": "50%", "basis": "EXW"}]},
    ),
    "change and value": (
        [f"{CTH} and {MAXNOM}."],
        {"all": [{"ctc": "CTH"}, {"max_nom": "50%", "basis": "EXW"}]},
    ),
    "group": (
        ["A change to a good of heading 8501 from any other chapter, except from chapter 4."],
        {"ctc": "CC", "except": ["04"]},
    ),
    "tolerance": (
        [TOLERANCE],
        {
            "ctc": "CTH",
            "tolerance": {"of": "same-heading", "max_value": "20%", "basis": "EXW"},
        },
    ),
    "any heading": (["Manufacture from materials of any heading."], {"any_heading": True}),
    "wholly obtained": (["All goods must be wholly obtained."], {"wo": True}),
    "materials wholly obtained": ([WHOLLY], {"wo_materials": ["01", "02"]}),
    "list": ([BOTH], {"all": [{"ctc": "CTH"}, {"max_nom": "45%", "basis": "EXW"}]}),
    "weight": (
        [f"{CTH}{WEIGHT}"],
        {"all": [{"ctc": "CTH"}, {"max_weight": "40%", "of": ["1701", "1702"]}]},
    ),
    "list of provisos": (
        [f"{CTH}{SUGARS}"],
        {
            "all": [
                {"ctc": "CTH"},
                {"wo_materials": ["04"]},
                {"max_weight": "20%", "of": ["02", "03", "16"]},
                {"max_weight": "40%", "of": ["1701", "1702"]},
            ]
        },
    ),
    "processes": (
        ["A chemical reaction, purification or isomer separation is undergone."],
        {"process_any": ["chemical_reaction", "purification", "isomer_separation"]},
    ),
    "process in words": (
        ["Weaving combined with dyeing."],
        {"process_text": "Weaving combined with dyeing"},
    ),
    "proviso not understood": (
        [f"{CTH}, {COOKED}."],
        {"all": [{"ctc": "CTH"}, {"undetermined": COOKED}]},
    ),
}


@pytest.mark.parametrize(("rows", "rule"), READ.values(), ids=READ.keys())
def test_a_sentence_becomes_its_rule(rows: list[str], rule: dict[str, Any]) -> None:
    assert read(*rows) == rule


UNREAD = {
    "an exception in words": f"{CTH} except from non-originating active cathode materials.",
    "what widens": f"{CTH}. However, non-originating mustard flour may be used.",
    "a quota in words": f"{CTH} - within the limits of the applicable annual quota.",
    "an end in words": f"{CTH} (until 31 December 2026).",
    "a reference": "Standard QVC.",
    "another good": "A change to a good of heading 8502 from any other heading.",
    "another depth": CTH.replace("4-digit", "6-digit"),
    "a code too short": f"{CTH} except from heading 74.",
    "a range backwards": f"{CTH} except from heading 7410 to heading 7407.",
    "a note": f"{CTH}, provided that x. Note: y.",
    "a nested or": f"{CTH}, provided that: - a *or* - b.",
}


@pytest.mark.parametrize("sentence", UNREAD.values(), ids=UNREAD.keys())
def test_what_is_not_understood_stays_as_its_text(sentence: str) -> None:
    rule = read(sentence)
    assert list(rule) == ["undetermined"]
    assert rule["undetermined"][-20:].strip(" .") in sentence


def test_an_or_within_a_proviso_is_not_taken_for_one_of_the_rule() -> None:
    nested = SUGARS.replace("\n\n- the total weight", " (i) the total weight", 1)
    value = "(ii) the value of non-originating materials of heading 1701 does not exceed 30%."
    assert list(read(f"{CTH}{nested}", value)) == ["undetermined"]
    (change, proviso) = read(f"{CTH}{SUGARS.replace(', *and*', ', or')}")["all"]
    assert change == {"ctc": "CTH"}
    assert list(proviso) == ["undetermined"]


def test_an_alternative_that_is_not_understood_leaves_the_others() -> None:
    assert read(f"{CTH}.", "Standard QVC.") == {
        "any": [{"ctc": "CTH"}, {"undetermined": "Standard QVC"}]
    }


@pytest.mark.parametrize(
    ("rows", "changed"),
    [
        ((f"{CTH}.",), {"quota": True}),
        ((f"{CTH}.",), {"import": False}),
        ((f"{CTH}.", f"{MAXNOM}."), {"operator": None}),
        ((f"{CTH}.", "However, mustard flour may be used."), {}),
        ((f"{CTH}.", "A change to any other good of heading 8501 from any other chapter."), {}),
        ((f"{CTH}.", "A change to whales of heading 8501 from any other chapter."), {}),
    ],
)
def test_rows_that_are_no_alternatives_for_certain_are_not_read(
    rows: tuple[str, ...], changed: dict[str, Any]
) -> None:
    assert list(read(*rows, **changed)) == ["undetermined"]


RVC = (
    "The good has a Regional Value Content (RVC) as calculated under Article 3.5 of the Origin "
    "Reference Document of not less than 40%, whether using the build-up method or build-down "
    "method (RVC40)."
)


def test_a_file_without_operators_lists_alternatives() -> None:
    item = rule_set(f"{CTH}.", RVC, operator=None)
    (rule,) = uk_rules({"rule_sets": [item]}, "FOB")
    content = {"rvc": "40%", "method": ["build-down", "build-up"], "basis": "FOB"}
    assert rule.rule == {"any": [{"ctc": "CTH"}, content]}
    (rule,) = uk_rules({"rule_sets": [item]})
    without_base = {"undetermined": "a share of 40% of a value that the text does not name"}
    assert rule.rule == {"any": [{"ctc": "CTH"}, without_base]}
    (rule,) = uk_rules({"rule_sets": [rule_set(f"{CTH}.", "Crushing.", operator=None)]}, "FOB")
    assert list(rule.rule) == ["undetermined"]


def test_shares_over_several_rows_are_alternatives_in_their_order() -> None:
    opening = (
        "No change in tariff classification required for a good of heading 8501, provided there is "
        "a regional value content of not less than:\n\n- a) **35%** under the build-up method."
    )
    focused = (
        "- b) **50%** under the focused value method taking into account only the non-originating "
        "materials of heading 8501 and heading 8503."
    )
    rows = [opening, focused]
    item = rule_set(*rows)
    item["rules"][0]["operator"] = None
    assert read(*rows, base="AV") == {
        "any": [
            {"rvc": "35%", "method": "build-up", "basis": "AV"},
            {"rvc": "50%", "method": "focused", "of": ["8501", "8503"], "basis": "AV"},
        ]
    }
    assert list(read(opening, focused.replace("- b)", "- c)"), base="AV")) == ["undetermined"]


def test_sets_that_share_a_range_are_narrowed_by_their_words() -> None:
    one, other = rule_set(f"{CTH}."), rule_set("All goods must be wholly obtained.")
    one["subdivision"], other["subdivision"] = "Golf clubs", "Others"
    rules = uk_rules({"rule_sets": [one, other]})
    assert [rule.ex for rule in rules] == ["Golf clubs", "Others"]


def test_a_set_that_stands_twice_is_not_read() -> None:
    rules = uk_rules({"rule_sets": [rule_set(f"{CTH}."), rule_set(f"{MAXNOM}.")]})
    assert [list(rule.rule) for rule in rules] == [["undetermined"]]


def test_sets_whose_ranges_cross_are_never_certain() -> None:
    one, other = rule_set(f"{CTH}."), rule_set("All goods must be wholly obtained.")
    one |= {"min": "7303000000", "max": "7304999999"}
    other |= {"min": "7304000000", "max": "7306999999"}
    rules = uk_rules({"rule_sets": [one, other]})
    assert [rule.ex for rule in rules] == [
        "the goods meant by 7303-7304",
        "the goods meant by 7304-7306",
    ]


def test_a_label_says_the_end_that_the_bounds_round_up() -> None:
    item = rule_set(f"{CTH}.")
    item |= {"heading": "030759-030760", "min": "0307590000", "max": "0307699999"}
    assert uk_rules({"rule_sets": [item]})[0].hs.text == "030759-030760"


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], "/rule_sets"),
        ({"rule_sets": []}, "/rule_sets"),
        ({"rule_sets": [1]}, "/rule_sets/0"),
        ({"rule_sets": [rule_set("x.") | {"min": "85"}]}, "/rule_sets/0/min"),
        ({"rule_sets": [rule_set("x.") | {"rules": []}]}, "/rule_sets/0/rules"),
        ({"rule_sets": [rule_set("x.") | {"rules": [{}]}]}, "/rule_sets/0/rules/0"),
        ({"rule_sets": [rule_set("x.", operator="xor")]}, "/rule_sets/0/rules/0/operator"),
    ],
)
def test_what_is_no_file_of_the_service_is_refused(document: object, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        uk_rules(document)
    assert caught.value.field == field
