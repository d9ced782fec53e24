"""Each rule at its boundary. Facts: ATIGA Art. 26 to 33 and published worked examples."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from origin_cases import ATIGA, BISCUITS, DAY, good, material, named, pack_with, shipped_toml

from tulen.errors import InvalidInputError
from tulen.origin import (
    Costs,
    Method,
    NotAPartyError,
    NotInForceError,
    OriginInputs,
    OriginVerdict,
    Outcome,
    UnknownAgreementError,
    assess,
    pack_from,
    pack_of,
)
from tulen.values import AgreementCode, Country

MET, NOT_MET, UNDETERMINED = Outcome.MET, Outcome.NOT_MET, Outcome.UNDETERMINED
RVC = '{ rvc = "40%" }'
CTH = '{ ctc = "CTH" }'


def judged(rule: str, inputs: OriginInputs) -> OriginVerdict:
    return assess(inputs, pack_with(rule), DAY)


def test_the_biscuits_of_the_story_meet_both_alternatives_and_print_the_first() -> None:
    verdict = assess(OriginInputs.from_document(BISCUITS), ATIGA, DAY)
    assert (verdict.outcome, verdict.criterion) == (MET, "62%")
    assert named(verdict.finding, "RVC 40%").outcome is MET
    assert named(verdict.finding, "CTH").outcome is MET


def test_the_explanation_shows_formula_figures_and_the_heading_of_every_material() -> None:
    text = "\n".join(assess(OriginInputs.from_document(BISCUITS), ATIGA, DAY).explain())
    for shown in (
        "MET under ATIGA/2026-01 (HS2022) on 2026-01-15, criterion 62%",
        "cumulated from other parties: USD 1400 [ATIGA Art. 30(1)]",
        "formula: (FOB - non-originating materials) / FOB, build-down [ATIGA Art. 29(1)]",
        "non-originating materials: USD 3750",
        "RVC: 5/8 = 62.50%",
        "Wheat flour (AU), USD 1800: heading 1101 is not 1905",
        "Vanilla flavouring (undetermined origin), USD 60: heading 3302 is not 1905",
        "Refined cane sugar (TH), USD 900: 170199 originates by Form D TH-2026-0041187",
    ):
        assert shown in text
    assert all(item["description"] in text for item in BISCUITS["materials"])


@pytest.mark.parametrize(
    ("non_originating", "outcome", "criterion"),
    [
        pytest.param("60", MET, "40%", id="exactly-40-percent"),
        pytest.param("60.000001", NOT_MET, None, id="a-millionth-below"),
        pytest.param("59.000001", MET, "40%", id="40.999999-is-printed-as-40"),
        pytest.param("54.3", MET, "45%", id="45.7-is-printed-as-45"),
        pytest.param("63.33", NOT_MET, None, id="36.67-is-not-rounded-up"),
        pytest.param("150", NOT_MET, None, id="materials-dearer-than-the-good"),
        pytest.param("0", MET, "100%", id="nothing-from-elsewhere"),
    ],
)
def test_build_down_compares_exactly_and_prints_rounded_down(
    non_originating: str, outcome: Outcome, criterion: str | None
) -> None:
    verdict = judged(RVC, good("940360", material(non_originating, "940391")))
    assert (verdict.outcome, verdict.criterion) == (outcome, criterion)


def test_a_threshold_that_binary_fractions_miss_is_met() -> None:
    # 7 of 100 is 7 %, but 7 / 100 * 100 is 7.000000000000001 in binary floating point.
    verdict = judged('{ rvc = "93%" }', good("940360", material("7", "940391")))
    assert (verdict.outcome, verdict.criterion) == (MET, "93%")


@pytest.mark.parametrize(
    ("originating", "other", "costs", "outcome", "criterion"),
    [
        pytest.param("20", "58", ("10", "6", "0", "4"), MET, "40%", id="exactly-40-percent"),
        pytest.param("20", "58", ("10", "6", "0", "3"), NOT_MET, None, id="all-stated-and-below"),
        pytest.param("20", "58", ("10", "6", "0", None), UNDETERMINED, None, id="profit-unstated"),
        pytest.param("20", "61", ("10", "6", "0", None), NOT_MET, None, id="no-profit-could-do"),
        pytest.param("40", "58", (None, None, None, "1"), MET, "41%", id="enough-without-the-rest"),
        pytest.param(
            "40", "58", ("9", "0", "0", "0"), UNDETERMINED, None, id="more-than-the-price"
        ),
    ],
)
def test_build_up_counts_what_is_stated(
    originating: str,
    other: str,
    costs: tuple[str | None, ...],
    outcome: Outcome,
    criterion: str | None,
) -> None:
    stated = Costs(*(Decimal(value) if value is not None else None for value in costs))
    verdict = judged(
        RVC,
        good(
            "940360",
            material(originating, "440710", "VN", originating=True),
            material(other, "940391"),
            method=Method.BUILD_UP,
            costs=stated,
        ),
    )
    assert (verdict.outcome, verdict.criterion) == (outcome, criterion)


def test_direct_and_indirect_methods_need_not_agree() -> None:
    # Viet Nam's published example of LED lamps: 34.56 % directly, far above indirectly.
    materials = (
        material("32000", "854190", "MY", originating=True),
        material("10000", "392690", "ID", originating=True),
        material("8500", "940599"),
    )
    costs = Costs(Decimal(5000), Decimal(3000), Decimal(1500), Decimal(0))
    lamps = good("940511", *materials, fob="149000", method=Method.BUILD_UP, costs=costs)
    direct = judged(RVC, lamps)
    assert direct.outcome is NOT_MET
    assert dict(named(direct.finding, "RVC 40%").figures)["RVC"].endswith("= 34.56%")
    assert judged(RVC, replace(lamps, method=Method.BUILD_DOWN)).criterion == "94%"


@pytest.mark.parametrize(
    ("change", "material_hs", "outcome"),
    [
        ("CC", "110812", NOT_MET),
        ("CC", "100590", MET),
        ("CTH", "110813", NOT_MET),
        ("CTH", "110220", MET),
        ("CTSH", "110812", NOT_MET),
        ("CTSH", "110813", MET),
        ("CTSH", "1108", UNDETERMINED),
        ("CTSH", "1102", MET),
        ("CC", None, UNDETERMINED),
        ("CTH", None, UNDETERMINED),
        ("CTSH", None, UNDETERMINED),
    ],
)
def test_a_change_of_classification_is_as_deep_as_the_rule_asks(
    change: str, material_hs: str | None, outcome: Outcome
) -> None:
    verdict = judged(f'{{ ctc = "{change}" }}', good("110812", material("50", material_hs)))
    assert verdict.outcome is outcome
    assert verdict.criterion == (change if outcome is MET else None)


def test_a_good_known_by_heading_alone_cannot_show_a_change_of_subheading() -> None:
    assert (
        judged('{ ctc = "CTSH" }', good("1108", material("50", "110813"))).outcome is UNDETERMINED
    )
    assert judged('{ ctc = "CTSH" }', good("1108", material("50", "110220"))).outcome is MET


@pytest.mark.parametrize(
    ("material_hs", "originating", "outcome"),
    [
        pytest.param("240310", False, NOT_MET, id="excepted-though-the-heading-changes"),
        pytest.param("240310", True, MET, id="excepted-but-originating"),
        pytest.param("240110", False, MET, id="not-excepted"),
        pytest.param("520500", False, NOT_MET, id="first-of-a-range"),
        pytest.param("520699", False, NOT_MET, id="last-of-a-range"),
        pytest.param("520700", False, MET, id="after-a-range"),
        pytest.param("3824", False, UNDETERMINED, id="perhaps-the-excepted-subheading"),
        pytest.param("382410", False, MET, id="another-subheading"),
    ],
)
def test_an_exception_bars_what_a_change_would_allow(
    material_hs: str | None, originating: bool, outcome: Outcome
) -> None:
    rule = '{ ctc = "CTH", except = ["2403", "5205-5206", "382499"] }'
    country = "VN" if originating else "CN"
    item = material("50", material_hs, country, originating=originating)
    assert judged(rule, good("240419", item)).outcome is outcome


@pytest.mark.parametrize(
    ("rule", "unchanged", "hs", "outcome"),
    [
        pytest.param(CTH, "10", "940391", MET, id="exactly-10-percent"),
        pytest.param(CTH, "10.000001", "940391", NOT_MET, id="a-millionth-above"),
        pytest.param('{ ctc = "CTH", except = ["8503"] }', "9", "850300", MET, id="excepted"),
        pytest.param(RVC, "10", "940391", NOT_MET, id="never-lifts-value-content"),
    ],
)
def test_de_minimis_rescues_a_change_of_classification_only(
    rule: str, unchanged: str, hs: str | None, outcome: Outcome
) -> None:
    verdict = judged(rule, good("940360", material(unchanged, hs), material("60", "440710", "NZ")))
    assert verdict.outcome is outcome


def test_de_minimis_takes_unchanged_materials_together() -> None:
    items = (material("6", "940391"), material("6", "940399"))
    verdict = judged(CTH, good("940360", *items))
    assert verdict.outcome is NOT_MET
    assert "at most USD 10 together" in named(verdict.finding, "CTH").remedy


def test_a_small_material_of_unknown_classification_is_not_rescued() -> None:
    items = (material("1", None), material("60", "440710"))
    assert judged(CTH, good("940360", *items)).outcome is UNDETERMINED


def test_an_unknown_classification_does_not_hide_a_failure() -> None:
    items = (material("1", None), material("11", "940391"))
    assert judged(CTH, good("940360", *items)).outcome is NOT_MET


def test_a_material_of_undetermined_origin_counts_as_non_originating() -> None:
    items = (material("55", "940391", None), material("6", "320810"))
    verdict = judged(RVC, good("940360", *items))
    assert verdict.outcome is NOT_MET
    assert named(verdict.finding, "RVC 40%").reason == "39.00% is less than 40%"
    assert named(verdict.finding, "RVC 40%").remedy == "non-originating materials of at most USD 60"


@pytest.mark.parametrize(
    ("country", "evidence", "counts"),
    [
        pytest.param("VN", None, True, id="of-the-exporting-country"),
        pytest.param("MY", "Form D MY-1", True, id="of-a-party-with-proof"),
        pytest.param("MY", None, False, id="of-a-party-without-proof"),
        pytest.param("JP", "Form AJ 1", False, id="of-no-party"),
    ],
)
def test_a_material_originates_only_in_a_party_and_with_proof(
    country: str, evidence: str | None, counts: bool
) -> None:
    item = replace(material("70", "940391", "VN", originating=True), country=Country(country))
    verdict = judged(RVC, good("940360", replace(item, evidence=evidence)))
    assert verdict.outcome is (MET if counts else NOT_MET)
    refused = "declared originating but not counted"
    assert (refused in dict(named(verdict.finding, "RVC 40%").figures)) is not counts


def test_materials_that_do_not_count_are_listed_in_one_order() -> None:
    items = [
        material("10", hs, country, originating=True)
        for hs, country in (("110100", "JP"), ("040510", "JP"))
    ]
    listed = {
        dict(named(judged(RVC, good("190531", *order)).finding, "RVC 40%").figures)[
            "declared originating but not counted"
        ]
        for order in (items, items[::-1])
    }
    assert listed == {"Material 040510 (JP): JP is no party; Material 110100 (JP): JP is no party"}


@pytest.mark.parametrize("rule", [RVC, CTH])
def test_no_bill_of_materials_shows_nothing(rule: str) -> None:
    assert judged(rule, good("940360")).outcome is UNDETERMINED


@pytest.mark.parametrize(
    ("items", "category", "outcome"),
    [
        pytest.param((), "plants", MET, id="claimed"),
        pytest.param((), None, UNDETERMINED, id="not-claimed"),
        pytest.param((("30", "CN", False),), "plants", NOT_MET, id="something-from-elsewhere"),
        pytest.param((("30", None, False),), "plants", NOT_MET, id="something-from-nowhere"),
        pytest.param((("30", "MY", True),), "plants", NOT_MET, id="of-another-party"),
        pytest.param((("30", "VN", True),), "made-from-these", MET, id="made-from-its-own"),
    ],
)
def test_wholly_obtained_admits_nothing_from_elsewhere(
    items: tuple[tuple[str, str | None, bool], ...], category: str | None, outcome: Outcome
) -> None:
    materials = [material(value, "070190", where, originating=own) for value, where, own in items]
    verdict = judged("{ wo = true }", good("071290", *materials, wholly_obtained=category))
    assert verdict.outcome is outcome
    assert verdict.criterion == ("WO" if outcome is MET else None)


def test_a_good_wholly_obtained_needs_no_rule_that_the_pack_holds() -> None:
    verdict = assess(good("100630", wholly_obtained="plants"), ATIGA, DAY)
    assert (verdict.outcome, verdict.criterion) == (MET, "WO")


BOTH = '{ all = [{ ctc = "CTSH" }, { rvc = "35%" }] }'
EITHER = '{ any = [{ ctc = "CC" }, { rvc = "40%" }] }'


@pytest.mark.parametrize(
    ("rule", "value", "hs", "outcome", "criterion"),
    [
        pytest.param(BOTH, "64", "390110", MET, "CTSH + 36%", id="both-met"),
        pytest.param(BOTH, "66", "390110", NOT_MET, None, id="one-of-both-fails"),
        pytest.param(BOTH, "64", None, UNDETERMINED, None, id="one-of-both-unknown"),
        pytest.param(BOTH, "66", None, NOT_MET, None, id="failure-outweighs-the-unknown"),
        pytest.param(EITHER, "70", "121190", MET, "CC", id="first-of-two"),
        pytest.param(EITHER, "60", "392020", MET, "40%", id="second-of-two"),
        pytest.param(EITHER, "70", "392020", NOT_MET, None, id="neither"),
        pytest.param(EITHER, "70", None, UNDETERMINED, None, id="one-unknown-none-met"),
        pytest.param(EITHER, "60", None, MET, "40%", id="met-outweighs-the-unknown"),
    ],
)
def test_conditions_and_alternatives_combine_in_three_values(
    rule: str, value: str, hs: str | None, outcome: Outcome, criterion: str | None
) -> None:
    verdict = judged(rule, good("392010", material(value, hs)))
    assert (verdict.outcome, verdict.criterion) == (outcome, criterion)


def test_where_a_product_rule_may_be_missing_the_answer_is_undetermined() -> None:
    verdict = assess(good("392410", material("10", "390210")), ATIGA, DAY)
    assert verdict.outcome is UNDETERMINED
    assert named(verdict.finding, "general rule").outcome is MET
    assert "does not hold every product rule for 392410" in "\n".join(verdict.explain())


SCALLOPS = "rule for ex 030722: scallops of the genera Pecten, Chlamys or Placopecten"


def test_rules_that_words_tell_apart_decide_where_they_agree() -> None:
    verdict = assess(good("030722", material("60", "030721", "JP")), ATIGA, DAY)
    assert (verdict.outcome, verdict.criterion) == (MET, "40%")


def test_rules_that_words_tell_apart_leave_open_where_they_differ() -> None:
    # RVC 35 %: enough for the other Pectinidae by CTSH, not enough for Pecten by CTH.
    verdict = assess(good("030722", material("65", "030721", "JP")), ATIGA, DAY)
    assert verdict.outcome is UNDETERMINED
    assert named(verdict.finding, SCALLOPS).outcome is NOT_MET


def test_the_narrower_product_rule_displaces_the_wider_and_the_general_one() -> None:
    text = "\n".join(
        f'[[products]]\nhs = "{hs}"\n[[products.rule]]\nsince = 2010-05-17\n'
        f'value = {rule}\nreference = {{ title = "{hs}" }}\n'
        for hs, rule in (("19", '{ ctc = "CC" }'), ("1905", '{ rvc = "90%" }'))
    )
    pack = pack_from(f"{shipped_toml()}\n{text}".encode(), "test.toml")
    flour = material("50", "110100")
    assert assess(good("190531", flour), pack, DAY).outcome is NOT_MET
    assert assess(good("190120", flour), pack, DAY).criterion == "CC"


def test_the_day_decides_what_is_in_force() -> None:
    biscuits = OriginInputs.from_document(BISCUITS)
    assert assess(biscuits, ATIGA, date(2021, 12, 31)).outcome is UNDETERMINED
    assert assess(biscuits, ATIGA, date(2022, 1, 1)).outcome is MET
    with pytest.raises(NotInForceError, match="2010-05-16"):
        assess(biscuits, ATIGA, date(2010, 5, 16))


@pytest.mark.parametrize("side", ["exporting_country", "importing_country"])
def test_a_country_that_is_no_party_is_named(side: str) -> None:
    inputs = replace(OriginInputs.from_document(BISCUITS), **{side: Country("JP")})
    with pytest.raises(NotAPartyError, match=r"JP: is no party to ATIGA on 2026-01-15"):
        assess(inputs, ATIGA, DAY)


def test_an_unknown_agreement_is_named_with_the_known_ones() -> None:
    with pytest.raises(
        UnknownAgreementError, match=r"NAFTA: no rules are loaded; known are AANZFTA, "
    ):
        pack_of(AgreementCode("NAFTA"))


@pytest.mark.parametrize(
    ("field", "inputs"),
    [
        ("/agreement", replace(good("190531"), agreement=AgreementCode("RCEP"))),
        ("/wholly_obtained", good("010229", wholly_obtained="raised")),
    ],
)
def test_inputs_that_the_agreement_does_not_know_are_refused(
    field: str, inputs: OriginInputs
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        assess(inputs, ATIGA, DAY)
    assert caught.value.field == field


def test_a_method_that_the_agreement_does_not_know_is_refused() -> None:
    text = shipped_toml().replace('["build-down", "build-up"]', '["build-down"]')
    inputs = good("190531", material("1", "110100"), method=Method.BUILD_UP)
    with pytest.raises(InvalidInputError) as caught:
        assess(inputs, pack_from(text.encode(), "test.toml"), DAY)
    assert caught.value.field == "/method"
