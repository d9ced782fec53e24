"""The criterion as each form prints it."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from origin_cases import good, material, named, pack_with

from tulen.errors import InvalidInputError
from tulen.origin import OriginInputs, OriginVerdict, Outcome, Pack, assess, pack_from, pack_of
from tulen.origin.criterion import PrintedCriterion, printed_criterion
from tulen.origin.findings import ACCUMULATION, DE_MINIMIS, Claim
from tulen.origin.pack_show import shipped_pack
from tulen.origin.terms import CriterionPrint
from tulen.values import AgreementCode
from tulen.values.dated import Dated

DAY = date(2026, 1, 15)


def printing(agreement: str) -> Dated[CriterionPrint] | None:
    return pack_of(AgreementCode(agreement)).on(DAY).terms.criteria


def printed(
    agreement: str,
    criteria: str,
    *circumstances: str,
    product: bool = False,
    share: Fraction | None = None,
) -> PrintedCriterion:
    claim = Claim(tuple(criteria.split()), share, frozenset(circumstances))
    return printed_criterion(claim, printing(agreement), product_rule=product)


SHARE = Fraction("0.457")


@pytest.mark.parametrize(
    ("agreement", "satisfied", "product", "box"),
    [
        ("ATIGA", "WO", False, "WO"),
        ("ATIGA", "CTH", False, "CTH"),
        ("ATIGA", "CTSH", True, "CTSH"),
        ("ATIGA", "RVC", True, "45%"),
        ("ATIGA", "SP", True, "SP"),
        ("ATIGA", "CR", True, "SP"),
        ("ATIGA", "PC", False, "PC 45%"),
        ("ATIGA", "CTSH RVC", True, "CTSH + 45%"),
        ("ACFTA", "PE", False, "PE"),
        ("ACFTA", "RVC", False, "RVC 45%"),
        ("ACFTA", "RVC", True, "PSR"),
        ("ACFTA", "CTH", False, "CTH"),
        ("ACFTA", "CC", True, "PSR"),
        ("ACFTA", "CC RVC", True, "PSR"),
        ("AKFTA", "CTH", False, "CTH"),
        ("AKFTA", "CTH", True, "CTC"),
        ("AKFTA", "CC", True, "CTC"),
        ("AKFTA", "CC RVC", True, "CC + RVC 45%"),
        ("AKFTA", "RVC", True, "RVC 45%"),
        ("AKFTA", "SP", True, "SPECIFIC PROCESSES"),
        ("AKFTA", "WO-region", True, "WO-AK"),
        ("AJCEP", "CTH", True, "CTC"),
        ("AJCEP", "CTH", False, "CTH"),
        ("AJCEP", "CTSH", True, "CTC"),
        ("AJCEP", "RVC", True, "RVC"),
        ("AIFTA", "RVC CTSH", False, "RVC 45% + CTSH"),
        ("AANZFTA", "CTH", True, "CTC"),
        ("AANZFTA", "RVC", True, "RVC"),
        ("AANZFTA", "RVC CTH", True, "RVC 45% + CTH"),
        ("AANZFTA", "SP", True, "OTHER"),
        ("AHKFTA", "CC", True, "CC"),
        ("RCEP", "CC", True, "CTC"),
        ("RCEP", "RVC", True, "RVC"),
        ("RCEP", "CR", True, "CR"),
        ("RCEP", "PE", False, "PE"),
        ("IA-CEPA", "RVC", True, "QVC"),
        ("CSFTA", "WO", False, "P"),
        ("KSFTA", "RVC CTH", True, "D"),
        ("KSFTA", "CTH", True, "B"),
    ],
)
def test_each_form_has_its_codes(agreement: str, satisfied: str, product: bool, box: str) -> None:
    found = printed(agreement, satisfied, product=product, share=SHARE)
    assert (found.box, found.unprinted) == (box, "")
    assert found.percentage == (45 if "45" in box else None)


@pytest.mark.parametrize(
    ("share", "whole"), [("45.7", 45), ("40.6", 40), ("39.999", 39), ("40", 40), ("100", 100)]
)
def test_the_percentage_is_rounded_down(share: str, whole: int) -> None:
    found = printed("ATIGA", "RVC", share=Fraction(share) / 100)
    assert (found.codes, found.percentage, found.box) == (("RVC",), whole, f"{whole}%")


def test_a_percentage_that_is_asked_for_and_not_stated_is_not_printed() -> None:
    found = printed("ATIGA", "RVC")
    assert (found.codes, found.box) == (("RVC",), "")
    assert "the share that the form asks for is not known" in found.unprinted
    assert printed("RCEP", "RVC").box == "RVC"


def test_a_region_has_its_own_code_only_where_the_form_knows_it() -> None:
    assert printed("AKFTA", "WO-region").codes == ("WO-AK",)
    assert printed("AKFTA", "WO").codes == ("WO",)
    assert printed("RCEP", "WO-region").codes == ()


def test_suffixes_follow_where_the_form_has_them() -> None:
    assert printed("AJCEP", "CTH", DE_MINIMIS).codes == ("CTH", "DMI")
    every = printed("RCEP", "CTH", DE_MINIMIS, ACCUMULATION, "2.6.6(b)")
    assert every.codes == ("CTC", "ACU", "DMI", "2.6.6B")
    assert every.box == "CTC + ACU + DMI + 2.6.6B"
    assert printed("ATIGA", "CTH", DE_MINIMIS, ACCUMULATION).box == "CTH"
    odd = printed("ATIGA", "CTH", "2.6.6(a)")
    assert (odd.box, odd.unprinted[:36]) == ("", "the form has no code for 2.6.6(a) [A")


@pytest.mark.parametrize(
    ("agreement", "satisfied"),
    [("ATIGA", "PE"), ("ATIGA", "CTH other"), ("AIFTA", "SP"), ("RCEP", "SP"), ("KSFTA", "PE")],
)
def test_what_the_form_cannot_say_is_not_printed(agreement: str, satisfied: str) -> None:
    found = printed(agreement, satisfied, product=True, share=SHARE)
    assert (found.codes, found.box) == ((), "")
    assert f"no code for {satisfied.rpartition(' ')[2]} [" in found.unprinted


def test_codes_that_a_pack_does_not_hold_are_not_invented() -> None:
    assert printing("IJEPA") is None
    found = printed("IJEPA", "CTH")
    assert found == PrintedCriterion(
        unprinted="the pack does not hold how the form prints criteria"
    )
    before_its_source = pack_of(AgreementCode("AANZFTA")).on(date(2014, 6, 1))
    assert before_its_source.terms.criteria is None


def test_nothing_satisfied_and_a_share_below_zero_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="/satisfied"):
        printed("ATIGA", "")
    with pytest.raises(InvalidInputError, match="/value_content"):
        printed("ATIGA", "RVC", share=Fraction(-1))


@given(st.fractions(0, 1))
def test_the_printed_percentage_never_claims_more_than_was_reached(share: Fraction) -> None:
    found = printed("ATIGA", "RVC", share=share)
    assert found.percentage is not None
    assert found.percentage <= share * 100 < found.percentage + 1


def covered(agreement: str, product: str = "") -> Pack:
    """Return the shipped pack as if it held every rule, with ``product`` for heading 1905."""
    text = shipped_pack(AgreementCode(agreement))[1].decode()
    if product:
        text += (
            '\n[[products]]\nhs = "1905"\n[[products.rule]]\nsince = 2025-12-01\n'
            f'value = {product}\nreference = {{ title = "a rule of this test" }}\n'
        )
    text += (
        '\n[[coverage]]\nhs = "01-97"\n[[coverage.complete]]\nsince = 2025-12-01\n'
        'value = true\nreference = { title = "a statement of this test" }\n'
    )
    return pack_from(text.encode(), "test.toml")


FLOUR = {"description": "Flour", "originating": False, "hs_code": "110100", "country": "CN"}
BATTER = {"description": "Batter", "originating": False, "hs_code": "190590", "country": "US"}
PARTNERS = {
    "description": "Biscuit halves",
    "originating": True,
    "hs_code": "190590",
    "country": "VN",
    "evidence": "AJ 1",
}


def biscuits(
    pack: Pack, *materials: tuple[dict[str, Any], str], importer: str = "JP", **told: object
) -> OriginVerdict:
    """Return what ``pack`` says of Indonesian biscuits of 100 made of materials and values."""
    document = {
        "agreement": pack.agreement,
        "exporting_country": "ID",
        "importing_country": importer,
        "hs_code": "190531",
        "description": "Biscuits",
        "fob": {"amount": "100", "currency": "USD"},
        "method": "build-down",
    }
    if materials:
        told["materials"] = [item | {"value": value} for item, value in materials]
    return assess(OriginInputs.from_document(document | told), pack, DAY)


CTH_RULE = '{ ctc = "CTH" }'
EITHER = '{ any = [{ rvc = "40%" }, { ctc = "CTH" }] }'


@pytest.mark.parametrize(
    ("agreement", "importer", "product", "criterion"),
    [
        ("AKFTA", "KR", "", "CTH"),
        ("AKFTA", "KR", CTH_RULE, "CTC"),
        ("AJCEP", "JP", CTH_RULE, "CTC"),
        ("ACFTA", "CN", CTH_RULE, "PSR"),
        ("RCEP", "JP", CTH_RULE, "CTC"),
        ("RCEP", "JP", EITHER, "RVC"),
        ("AHKFTA", "HK", EITHER, "RVC 43%"),
    ],
)
def test_a_rule_of_the_good_prints_otherwise_than_the_general_rule(
    agreement: str, importer: str, product: str, criterion: str
) -> None:
    verdict = biscuits(covered(agreement, product), (FLOUR, "56.5"), importer=importer)
    assert (verdict.outcome, verdict.criterion) == (Outcome.MET, criterion)


@pytest.mark.parametrize(
    ("product", "materials", "criterion"),
    [
        pytest.param(CTH_RULE, [(FLOUR, "90"), (BATTER, "8")], "CTC + DMI", id="de-minimis"),
        pytest.param(CTH_RULE, [(FLOUR, "90"), (PARTNERS, "8")], "CTC + ACU", id="either-way"),
        pytest.param(CTH_RULE, [(FLOUR, "30"), (PARTNERS, "60")], "CTC + ACU", id="cumulated"),
        pytest.param(
            CTH_RULE,
            [(BATTER, "8"), (PARTNERS, "60")],
            "CTC + ACU + DMI",
            id="both",
        ),
        pytest.param(EITHER, [(FLOUR, "30"), (PARTNERS, "20")], "RVC", id="needless"),
        pytest.param(EITHER, [(FLOUR, "50"), (PARTNERS, "20")], "RVC + ACU", id="value-content"),
        pytest.param("{ pe = true }", [(PARTNERS, "20")], "PE", id="exclusively"),
    ],
)
def test_the_engine_finds_what_it_took(
    product: str, materials: list[tuple[dict[str, Any], str]], criterion: str
) -> None:
    verdict = biscuits(covered("AJCEP", product), *materials)
    assert (verdict.outcome, verdict.criterion) == (Outcome.MET, criterion)


def test_a_good_of_several_parties_together_is_wholly_obtained_in_the_region() -> None:
    pack = covered("AKFTA", '{ wo = true, in = "party" }')
    facts = {"harvested_in": "KR"}
    assert biscuits(pack, importer="KR", facts=facts).criterion == "WO-AK"
    assert biscuits(pack, importer="KR", facts={"harvested_in": "ID"}).criterion == "WO"
    exporters = covered("AKFTA", "{ wo = true }")
    assert biscuits(exporters, importer="KR", facts=facts).outcome is Outcome.NOT_MET


@pytest.mark.parametrize(
    ("codes", "criterion"),
    [('["chemical_reaction"]', "CR"), ('["purification"]', None)],
)
def test_rcep_prints_a_chemical_reaction_and_no_other_process(
    codes: str, criterion: str | None
) -> None:
    pack = covered("RCEP", f"{{ process_any = {codes} }}")
    done = [{"code": "chemical reaction"}, {"code": "purification"}]
    verdict = biscuits(pack, (FLOUR, "90"), production={"processes": done})
    assert (verdict.outcome, verdict.criterion) == (Outcome.MET, criterion)


def test_a_good_whose_criterion_nobody_can_print_says_why() -> None:
    verdict = biscuits(pack_of(AgreementCode("IJEPA")), wholly_obtained="plants")
    why = "the pack does not hold how the form prints criteria"
    assert (verdict.outcome, verdict.criterion) == (Outcome.MET, None)
    assert named(verdict.finding, "WO").unprinted == verdict.finding.unprinted == why
    assert verdict.to_document()["finding"]["unprinted"] == why
    assert any(f"no criterion is printed: {why}" in line for line in verdict.explain())
    assert "criterion" not in verdict.to_document()["finding"]


def test_what_can_be_printed_is_preferred() -> None:
    pack = pack_with(CTH_RULE, produced_exclusively="true")
    verdict = assess(good("190531", material("80", "110100", "MY", originating=True)), pack, DAY)
    assert named(verdict.finding, "PE").unprinted
    assert (verdict.criterion, verdict.finding.unprinted) == ("CTH", "")
