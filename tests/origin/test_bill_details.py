"""What a bill of many levels may say of its parts as of materials: lots, shares, deductions.

Under RVC 40% by build-down a good at 100 may hold 60 of non-originating materials.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from origin_cases import DAY, named, pack_with

from tulen.errors import InvalidInputError
from tulen.origin import OriginInputs, OriginVerdict, Outcome, assess, assess_bill

MET, NOT_MET, UNDETERMINED = Outcome
RVC = '{ rvc = "40%" }'
Bill = dict[str, Any]


def bill(parts: Bill, *lines: Bill, **more: object) -> Bill:
    """Return a bill of a good at 100 of Viet Nam, made of ``lines``."""
    made = {"good": {"hs_code": "870830", "value": "100", "of": list(lines)}, **parts}
    told = {"agreement": "ATIGA", "exporting_country": "VN", "importing_country": "ID"}
    priced = {"method": "build-down", "currency": "USD", "rates": {"EUR": "1.5"}}
    return {**told, **priced, "good": "good", "parts": made, **more}


def judged(document: Bill, rule: str = RVC, **terms: str) -> OriginVerdict:
    return assess_bill(document, pack_with(rule, **terms), DAY)


def resin(name: str, **told: object) -> Bill:
    return {name: {"hs_code": "390760", "country": "VN", "value": "1", "originating": True} | told}


@pytest.mark.parametrize(
    ("methods", "outcome"),
    [(("fifo", "fifo"), MET), (("fifo", "average"), NOT_MET), ((None, None), NOT_MET)],
)
def test_parts_of_one_lot_are_accounted_for_by_one_method(
    methods: tuple[str | None, ...], outcome: Outcome
) -> None:
    parts: Bill = {}
    for name, method in zip(("a", "b"), methods, strict=True):
        parts |= resin(name, lot="PET", **({"lot_method": method} if method else {}))
    lines = ({"part": "a", "quantity": "40"}, {"part": "b", "quantity": "40"})
    assert judged(bill(parts, *lines)).outcome is outcome
    assert judged(bill(parts, *lines), lot_methods='["lifo"]').outcome is NOT_MET


def test_a_part_may_count_in_proportion() -> None:
    chassis = {"chassis": {"country": "MY", "value": "40", "partial_content": "30%"}}
    panel = {"panel": {"country": "CN", "value": "30"}}
    lines = ({"part": "chassis"}, {"part": "panel"})
    terms = {"partial_cumulation": '{ minimum = "20%", below = "40%" }'}
    proven = {"chassis": chassis["chassis"] | {"evidence": "Form D, partial cumulation"}}
    assert judged(bill(proven | panel, *lines), **terms).criterion == "42%"
    assert judged(bill(chassis | panel, *lines), **terms).outcome is NOT_MET
    assert judged(bill(proven | panel, *lines)).outcome is NOT_MET


def test_deductions_are_for_one_unit_in_the_currency_of_the_part() -> None:
    wood = {"value": "4", "unit": "KGM", "currency": "EUR", "country": "CN"}
    off = {"inland-freight": "0.4"}  # Of 10.5 kg at USD 6: USD 6.30.
    line = {"part": "wood", "quantity": "10500", "unit": "GRM"}
    terms = {"deductions": '["inland-freight"]'}
    assert judged(bill({"wood": wood}, line), **terms).outcome is NOT_MET  # 63 of 100.
    assert judged(bill({"wood": wood | {"deductions": off}}, line), **terms).criterion == "43%"
    assert judged(bill({"wood": wood | {"deductions": off}}, line)).outcome is NOT_MET


def test_value_added_in_another_party_counts_where_cumulation_is_full() -> None:
    bought = {"country": "MY", "value": "70", "non_originating_content": "20"}
    terms = {"full_cumulation": "true"}
    shown = {"axle": bought | {"evidence": "Declaration 7"}}
    assert judged(bill(shown, {"part": "axle"}), **terms).criterion == "80%"
    assert judged(bill({"axle": bought}, {"part": "axle"}), **terms).outcome is NOT_MET
    assert judged(bill(shown, {"part": "axle"})).outcome is NOT_MET


def test_what_is_made_in_another_party_and_fails_there_counts_with_what_is_foreign_in_it() -> None:
    # The axle: (70 - 45) / 70 = 35%. The good: 70 of it do not originate, or 45 as worked out.
    parts = {
        "axle": {
            "hs_code": "870899",
            "country": "MY",
            "value": "70",
            "evidence": "Declaration 7",
            "of": [{"part": "steel"}],
        },
        "steel": {"hs_code": "870899", "country": "CN", "value": "45"},
    }
    terms = {"full_cumulation": "true"}
    verdict = judged(bill(parts, {"part": "axle"}), **terms)
    assert named(verdict.finding, "part axle: origin of 870899").outcome is NOT_MET
    assert verdict.criterion == "55%"
    del parts["axle"]["evidence"]
    assert judged(bill(parts, {"part": "axle"}), **terms).outcome is NOT_MET


def test_a_part_made_in_another_country_is_judged_by_that_countrys_method() -> None:
    parts = {
        "axle": {
            "hs_code": "870899",
            "country": "MY",
            "value": "70",
            "evidence": "Form D 1",
            "of": [{"part": "steel"}],
        },
        "steel": {"hs_code": "720851", "country": "CN", "value": "10"},
    }
    fixed = '{ VN = "build-down", MY = "build-up" }'
    verdict = judged(bill(parts, {"part": "axle"}), method_of_country=fixed)
    # Nobody states what it costs to make, which build-up asks for.
    assert named(verdict.finding, "part axle: origin of 870899").outcome is UNDETERMINED
    assert judged(bill(parts, {"part": "axle"})).outcome is MET
    parts["axle"]["method"] = "build-down"
    with pytest.raises(InvalidInputError, match="is not the method of MY") as caught:
        judged(bill(parts, {"part": "axle"}), method_of_country=fixed)
    assert caught.value.field == "/parts/axle/method"
    with pytest.raises(InvalidInputError, match="is not the method of VN") as caught:
        judged(bill(resin("a"), {"part": "a"}), method_of_country='{ VN = "build-up" }')
    assert caught.value.field == "/method"


def test_a_part_may_have_as_many_lines_as_the_bill() -> None:
    lines = [{"part": "screw"}] * 10_000
    screw = {"screw": {"hs_code": "731815", "country": "CN", "value": "0.006"}}
    assert judged(bill(screw, *lines), '{ ctc = "CTH" }').outcome is MET
    assert judged(bill(screw, *lines)).criterion == "40%"
    with pytest.raises(InvalidInputError, match="10001 materials") as caught:
        judged(bill(screw, *lines, {"part": "screw"}))
    assert caught.value.code == "bill-too-many-materials"


def test_a_certificate_takes_no_more_materials_than_before() -> None:
    material = {"description": "screw", "originating": False, "value": "0.01"}
    document = {
        **{name: bill({})[name] for name in ("agreement", "exporting_country")},
        "importing_country": "ID",
        "hs_code": "870830",
        "description": "A good",
        "method": "build-down",
        "materials": [material] * 501,
    }
    with pytest.raises(InvalidInputError, match="are not 1 to 500") as caught:
        OriginInputs.from_document(document)
    assert caught.value.field == "/materials"


def test_many_parts_of_one_lot_take_no_longer_than_others() -> None:
    parts = resin("a", lot="PET", lot_method="fifo", value="0.001")
    assert judged(bill(parts, *[{"part": "a"}] * 10_000)).outcome is MET


def test_a_price_that_a_millionth_cannot_hold_is_rounded_against_every_method() -> None:
    # The price is 1.0000005; 0.4 of originating materials are a little less than 40% of it.
    parts = {
        "good": {
            "hs_code": "870830",
            "value": "0.666667",
            "currency": "EUR",
            "costs": {"labour": "0", "overhead": "0", "other": "0", "profit": "0"},
            "method": "build-up",
            "of": [{"part": "a"}, {"part": "b"}],
        },
        **resin("a", value="0.4"),
        "b": {"hs_code": "720851", "country": "CN", "value": "0.1"},
    }
    dear = bill(parts)
    assert judged(dear).outcome is NOT_MET
    parts["a"]["value"] = "0.400001"
    assert judged(dear).outcome is MET


def test_a_lot_that_does_not_count_is_rounded_as_what_does_not_originate() -> None:
    half = {"part": "a", "quantity": "0.5"}
    parts = resin("a", value="120.000001", lot="PET")
    assert judged(bill(parts, half)).outcome is NOT_MET  # 60.0000005 of 100 is too much.


REFUSED = {
    "a method of no lot": ({"lot_method": "fifo"}, "/lot_method", "is of no lot"),
    "an unknown method": ({"lot": "PET", "lot_method": "guess"}, "/lot_method", "is not one of"),
    "no deductions": ({"deductions": {}}, "/deductions", "1 to 32 amounts"),
    "deductions of null": ({"deductions": None}, "/deductions", "1 to 32 amounts"),
    "a negative deduction": ({"deductions": {"a/b": "-1"}}, "/deductions/a~1b", "is negative"),
    "a share of nothing": ({"partial_content": "x"}, "/partial_content", "is not a percentage"),
    "a content that is negative": (
        {"non_originating_content": "-1"},
        "/non_originating_content",
        "is negative",
    ),
}


@pytest.mark.parametrize(("told", "field", "problem"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_malformed_is_refused_at_its_place(told: Bill, field: str, problem: str) -> None:
    with pytest.raises(InvalidInputError, match=problem) as caught:
        judged(bill(resin("a", **told), {"part": "a"}))
    assert caught.value.field.endswith(field)


def test_content_of_what_is_made_is_worked_out_and_not_stated() -> None:
    parts = resin("a") | {
        "b": {"value": "2", "of": [{"part": "a"}], "non_originating_content": "1"}
    }
    with pytest.raises(InvalidInputError, match="is worked out from `of`"):
        judged(bill(parts, {"part": "b"}))


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_flat_bill_comes_to_what_its_materials_come_to(data: st.DataObject) -> None:
    """One level of whole amounts is the same good, written otherwise."""
    rule = data.draw(
        st.sampled_from([RVC, '{ ctc = "CTH" }', '{ max_nom = "50%", basis = "FOB" }'])
    )
    terms = {
        "full_cumulation": "true",
        "deductions": '["freight"]',
        "roll_up": data.draw(st.sampled_from(["true", "false"])),
        "partial_cumulation": '{ minimum = "20%", below = "40%" }',
    }
    parts: Bill = {}
    for index in range(data.draw(st.integers(1, 4))):
        told: Bill = {
            "value": str(data.draw(st.integers(0, 40))),
            "country": data.draw(st.sampled_from(["VN", "MY", "CN"])),
            "originating": data.draw(st.booleans()),
        }
        optional = {
            "hs_code": "870830",
            "evidence": "D 1",
            "non_originating_content": "5",
            "partial_content": "30%",
            "deductions": {"freight": "2"},
            "lot": "L",
        }
        told |= {name: value for name, value in optional.items() if data.draw(st.booleans())}
        parts[f"part {index}"] = told
    flat = {
        "agreement": "ATIGA",
        "exporting_country": "VN",
        "importing_country": "ID",
        "hs_code": "870830",
        "description": "good",
        "method": "build-down",
        "fob": {"amount": "100", "currency": "USD"},
        "materials": [{"description": name} | told for name, told in parts.items()],
    }
    pack = pack_with(rule, **terms)
    one = assess(OriginInputs.from_document(flat), pack, DAY)
    other = assess_bill(bill(parts, *[{"part": name} for name in parts]), pack, DAY)
    assert one.digest() == other.digest()
