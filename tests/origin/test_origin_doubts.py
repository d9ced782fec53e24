"""What is not known, or is known to be too little, never makes a good originate."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from origin_cases import DAY, good, material, named, pack_with

from tulen.errors import InvalidInputError
from tulen.origin import (
    Costs,
    Details,
    Finding,
    Material,
    Method,
    OriginInputs,
    Outcome,
    Prices,
    Production,
    Role,
    SetItem,
    Weights,
    assess,
    reasons,
    remedies,
)
from tulen.origin.circumstances import SetRule
from tulen.values import Country, Currency

MET, NOT_MET, UNDETERMINED = Outcome
CTH, RVC = '{ ctc = "CTH" }', '{ rvc = "40%" }'
NOTHING = Costs(Decimal(0), Decimal(0), Decimal(0), Decimal(0))


def by_rule(rule: str, inputs: OriginInputs, **terms: str) -> Finding:
    return assess(inputs, pack_with(rule, **terms), DAY).finding.parts[-1]


def told(value: str | None, hs: str | None, country: str = "CN", **details: object) -> Material:
    return material(value, hs, country, details=Details(**details))  # type: ignore[arg-type]


def ours(value: str | None, hs: str = "110100", **details: object) -> Material:
    item = material(value, hs, "VN", originating=True)
    return replace(item, details=Details(**details) if details else None)  # type: ignore[arg-type]


INSIDE = {
    "not stated": (ours("70"), UNDETERMINED),
    "not stated, and too little to matter": (ours("60"), MET),
    "stated": (ours("70", non_originating_content=Decimal(10)), MET),
    "stated, and too much": (ours("70", non_originating_content=Decimal(61)), NOT_MET),
    "of an unknown value": (ours(None), UNDETERMINED),
    "of an unknown value, with nothing foreign in it": (
        ours(None, non_originating_content=Decimal(0)),
        MET,
    ),
    "wholly obtained": (ours("70", kinds=("wholly obtained",)), MET),
}
VALUE_RULES = (
    RVC,
    '{ max_nom = "60%", basis = "FOB" }',
    '{ rvc = "40%", method = "focused", of = ["11"] }',
    '{ max_nom = "60%", basis = "FOB", of = ["85"] }',
)


@pytest.mark.parametrize("rule", VALUE_RULES)
@pytest.mark.parametrize(("item", "outcome"), INSIDE.values(), ids=INSIDE.keys())
def test_without_roll_up_what_is_in_an_originating_material_is_not_taken_for_nothing(
    rule: str, item: Material, outcome: Outcome
) -> None:
    inputs = good("190531", item)
    found = by_rule(rule, inputs, roll_up="false").outcome
    # Whether what is in it is of the headings that a rule names, nobody said.
    assert found is (UNDETERMINED if "of =" in rule and outcome is NOT_MET else outcome)
    assert by_rule(rule, inputs).outcome is MET


def test_without_roll_up_build_up_counts_no_unstated_content() -> None:
    rule = '{ rvc = "40%", method = "build-up" }'
    inputs = good("190531", ours("70"), method=Method.BUILD_UP, costs=NOTHING)
    assert by_rule(rule, inputs, roll_up="false").outcome is UNDETERMINED
    assert by_rule(rule, inputs).outcome is MET


def test_a_tolerance_for_a_subheading_needs_codes_that_name_one() -> None:
    rule = (
        '{ ctc = "CTH", tolerance = { of = "same-subheading", max_value = "20%", basis = "FOB" } }'
    )
    assert by_rule(rule, good("190531", material("15", "190531"))).outcome is MET
    assert by_rule(rule, good("1905", material("15", "1905"))).outcome is NOT_MET


def test_a_material_that_may_be_allowed_is_not_said_to_fail() -> None:
    rule = '{ ctc = "CTH", allow = ["190120"] }'
    assert by_rule(rule, good("190190", material("15", "190120"))).outcome is MET
    assert by_rule(rule, good("190190", material("15", "1901"))).outcome is UNDETERMINED
    assert by_rule(rule, good("190190", material("15", "190110"))).outcome is NOT_MET


@pytest.mark.parametrize(
    ("hs", "outcome"), [("060210", MET), ("120991", MET), ("060311", NOT_MET), ("0604", NOT_MET)]
)
def test_a_crop_forgets_its_seed_but_not_flowers_of_elsewhere(hs: str, outcome: Outcome) -> None:
    facts = (("grown_in", Country("VN")),)
    inputs = good("060390", material("50", hs, "KE"), facts=facts)
    assert named(assess(inputs, pack_with(CTH), DAY).finding, "WO").outcome is outcome


@pytest.mark.parametrize(
    ("origins", "outcome"),
    [((True, True), MET), ((True, None), UNDETERMINED), ((None, False), NOT_MET)],
)
def test_a_set_is_wholly_obtained_only_if_the_origin_of_each_article_is_known(
    origins: tuple[bool | None, ...], outcome: Outcome
) -> None:
    items = tuple([SetItem("comb", origin, Decimal(1)) for origin in origins])
    inputs = good("960500", wholly_obtained="plants", set_items=items)
    assert named(assess(inputs, pack_with(CTH), DAY).finding, "WO").outcome is outcome


def test_what_may_be_an_accessory_leaves_a_claim_open() -> None:
    manual = told("5", "490199", role=Role.ACCESSORY, customary=True)
    inputs = good("070190", manual, wholly_obtained="plants")
    assert named(assess(inputs, pack_with(CTH), DAY).finding, "WO").outcome is UNDETERMINED
    assembled = '{ assembled_from_list = "ITA" }'
    listed = replace(manual, details=replace(manual.details, lists=("other",)))  # type: ignore[type-var]
    assert by_rule(assembled, good("847130", listed)).outcome is UNDETERMINED
    capped = '{ max_nom = "2%", basis = "FOB", of = ["49"] }'
    assert by_rule(capped, good("847130", manual)).outcome is UNDETERMINED
    heavy = replace(manual, details=replace(manual.details, weight=Decimal(5)))  # type: ignore[type-var]
    weighed = '{ max_weight = "2%", of = ["49"] }'
    inputs = good("847130", heavy, weights=Weights(net=Decimal(100)))
    assert by_rule(weighed, inputs).outcome is UNDETERMINED


def test_what_is_taken_as_originating_may_be_of_unknown_value() -> None:
    terms = '{ indirect = { classification = "originating", value = "originating" } }'
    power = told(None, "271600", role=Role.INDIRECT)
    inputs = good("190531", power, material("50", "1101"))
    assert by_rule(RVC, inputs, ancillary=terms).outcome is MET
    capped = '{ max_nom = "60%", basis = "FOB" }'
    assert by_rule(capped, inputs, ancillary=terms).outcome is MET
    short = '{ rvc = "60%", method = "build-up" }'
    built = replace(inputs, method=Method.BUILD_UP, costs=NOTHING)
    assert by_rule(short, built, ancillary=terms).outcome is NOT_MET
    half = '{ rvc = "50%", method = "build-up" }'
    assert by_rule(half, built, ancillary=terms).outcome is UNDETERMINED


def test_deductions_beyond_the_value_take_nothing_off() -> None:
    costs = (("inland-freight", Decimal(71)),)
    inputs = good("940360", told("70", "940390", deductions=costs))
    assert by_rule(RVC, inputs, deductions='["inland-freight"]').outcome is NOT_MET
    whole = good("940360", told("70", "940390", deductions=(("inland-freight", Decimal(70)),)))
    assert by_rule(RVC, whole, deductions='["inland-freight"]').outcome is MET


def test_minimal_operations_defeat_nothing_for_certain_where_the_pack_is_silent() -> None:
    done = Production(only_minimal=True)
    inputs = good("190531", material("10", "1101"), production=done)
    found = by_rule(RVC, inputs)
    assert (found.outcome, found.criterion) == (UNDETERMINED, "")
    assert by_rule(RVC, replace(inputs, production=Production(only_minimal=False))).outcome is MET
    grown = replace(inputs, materials=(), wholly_obtained="plants")
    assert assess(grown, pack_with("{ wo = true }"), DAY).outcome is MET


SETS = """[
    { goods = ["50-63"], max_non_originating = "10%", basis = "AV" },
    { by = ["3(c)"], max_non_originating = "10%", basis = "AV" },
]"""


def articles(hs: str, *, foreign: str, by: SetRule | None, priced: bool = True) -> OriginInputs:
    """Return a set at 100 of a comb that originates, and of ``foreign`` that does not."""
    items = (SetItem("comb", True, Decimal(1)), SetItem("kit", False, Decimal(foreign)))
    prices = Prices(Currency("USD"), adjusted=Decimal(100)) if priced else None
    return good(hs, material(foreign, "8214"), set_items=items, set_by=by, prices=prices)


LAST, ESSENTIAL = SetRule.LAST_IN_ORDER, SetRule.ESSENTIAL_CHARACTER
OF_SETS = {
    "at the limit": (articles("960500", foreign="10", by=LAST), MET),
    "above it, whatever its own rule says": (articles("960500", foreign="11", by=LAST), NOT_MET),
    "of another general rule": (articles("960500", foreign="11", by=ESSENTIAL), MET),
    "of an unknown general rule": (articles("960500", foreign="11", by=None), UNDETERMINED),
    "textiles, by any general rule": (articles("630231", foreign="11", by=None), NOT_MET),
    "of a price that is not stated": (
        articles("960500", foreign="10", by=LAST, priced=False),
        UNDETERMINED,
    ),
}


@pytest.mark.parametrize(("inputs", "outcome"), OF_SETS.values(), ids=OF_SETS.keys())
def test_an_agreement_may_have_a_rule_for_sets_whatever_their_classification(
    inputs: OriginInputs, outcome: Outcome
) -> None:
    assert by_rule(CTH, inputs, sets=SETS).outcome is outcome
    assert by_rule(CTH, inputs).outcome is MET


def test_a_good_that_is_no_set_knows_nothing_of_sets() -> None:
    assert by_rule(CTH, good("960500", material("50", "8214")), sets=SETS).outcome is MET


def test_minimal_operations_defeat_the_rule_for_sets_too() -> None:
    inputs = articles("960500", foreign="10", by=LAST)
    packed = replace(inputs, production=Production(operations=("packaging",)))
    minimal = '{ operations = ["packaging"] }'
    assert by_rule(CTH, packed, sets=SETS, minimal_operations=minimal).outcome is NOT_MET


def test_what_nobody_claimed_is_no_reason_unless_it_alone_decides() -> None:
    inputs = good("190531", material("70", "190532"))
    verdict = assess(inputs, pack_with(RVC), DAY)
    assert reasons(verdict.finding) == ("RVC 40%: 30.00% is less than 40%",)
    open_pack = pack_with(RVC, produced_exclusively="true")
    assert reasons(assess(inputs, open_pack, DAY).finding) == reasons(verdict.finding)
    assert remedies(assess(inputs, open_pack, DAY).finding) == remedies(verdict.finding)
    claimed = assess(replace(inputs, wholly_obtained="plants"), pack_with(RVC), DAY)
    assert reasons(claimed.finding)[0].startswith("WO: 1 of 1 materials")
    home = good("190531", ours("50", "190532"))
    decides = assess(home, pack_with('{ process_any = ["baking"] }'), DAY)
    assert len(reasons(decides.finding)) == 1  # Of the process; that it is wholly obtained is open.
    failed = replace(home, production=Production(operations=("cooling",), only_minimal=False))
    answered = assess(
        failed, pack_with('{ all = [{ rvc = "100%" }, { ctc = "CC", except = ["19"] }] }'), DAY
    )
    assert answered.outcome is MET
    alone = assess(good("190531"), pack_with("{ pe = true }", produced_exclusively="true"), DAY)
    assert alone.outcome is UNDETERMINED
    assert reasons(alone.finding)


def test_what_is_set_aside_is_in_the_tree_all_the_same() -> None:
    verdict = assess(good("190531", material("70", "190532")), pack_with(RVC), DAY)
    assert verdict.to_document()["finding"]["parts"][0]["name"] == "WO"
    assert "aside" not in verdict.to_document()["finding"]["parts"][0]


def test_a_price_of_nothing_is_reported_as_it_was_written() -> None:
    with pytest.raises(InvalidInputError, match=r"^/fob/amount: '0' is not more than zero"):
        good("190531", fob="0")
    with pytest.raises(InvalidInputError, match=r"^/net_cost: '0' is not more than zero"):
        Prices(Currency("USD"), net_cost=Decimal(0))


def test_partial_cumulation_knows_its_parties_only() -> None:
    item = told("40", "852990", "KR", partial_content=Fraction(30, 100))
    inputs = good("852872", material("30", "852910"), replace(item, evidence="partial"))
    terms = {"partial_cumulation": '{ minimum = "20%", below = "40%" }'}
    assert by_rule(RVC, inputs, **terms, cumulates_with='["KR"]').outcome is NOT_MET
