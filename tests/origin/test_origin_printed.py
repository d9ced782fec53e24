"""The criterion as each form prints it."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tulen.errors import InvalidInputError
from tulen.origin import Outcome
from tulen.origin.proof.criterion import printed_criterion
from tulen.origin.proof.procedure_file import procedure_of
from tulen.values import AgreementCode

DAY = date(2026, 1, 15)


@pytest.mark.parametrize(
    ("agreement", "satisfied", "product_rule", "codes"),
    [
        ("ATIGA", "WO", False, "WO"),
        ("ATIGA", "CTH", False, "CTH"),
        ("ATIGA", "CTSH", True, "CTSH"),
        ("ATIGA", "SP", True, "SP"),
        ("ATIGA", "CTSH RVC", True, "CTSH RVC"),
        ("ACFTA", "PE", False, "PE"),
        ("ACFTA", "RVC", False, "RVC"),
        ("ACFTA", "RVC", True, "PSR"),
        ("ACFTA", "CTH", False, "CTH"),
        ("ACFTA", "CC", True, "PSR"),
        ("AKFTA", "CTH", False, "CTH"),
        ("AKFTA", "CTH", True, "CTC"),
        ("AKFTA", "CC", True, "CTC"),
        ("AKFTA", "CC RVC", True, "CC RVC"),
        ("AKFTA", "SP", True, "SPECIFIC PROCESSES"),
        ("AJCEP", "CTH", True, "CTC"),
        ("AJCEP", "CTH", False, "CTH"),
        ("AJCEP", "CTSH", True, "CTC"),
        ("AIFTA", "RVC CTSH", False, "RVC CTSH"),
        ("AANZFTA", "CTH", True, "CTC"),
        ("AANZFTA", "RVC CTH", True, "RVC CTH"),
        ("AANZFTA", "SP", True, "OTHER"),
        ("AHKFTA", "CC", True, "CC"),
        ("RCEP", "CC", True, "CTC"),
        ("RCEP", "RVC", True, "RVC"),
        ("RCEP", "CR", True, "CR"),
        ("RCEP", "PE", False, "PE"),
        ("CSFTA", "WO", False, "P"),
        ("KSFTA", "RVC CTH", True, "D"),
        ("KSFTA", "CTH", True, "B"),
    ],
)
def test_each_form_has_its_codes(
    agreement: str, satisfied: str, product_rule: bool, codes: str
) -> None:
    printed = printed_criterion(
        satisfied.split(),
        procedure_of(AgreementCode(agreement)),
        DAY,
        product_rule=product_rule,
        value_content=Fraction("45.7"),
    )
    assert printed.finding.outcome is Outcome.MET
    assert " ".join(printed.codes) == codes


ATIGA, AKFTA, AJCEP, RCEP = (
    procedure_of(AgreementCode(code)) for code in ("ATIGA", "AKFTA", "AJCEP", "RCEP")
)


@pytest.mark.parametrize(
    ("share", "whole"), [("45.7", 45), ("40.6", 40), ("39.999", 39), ("40", 40), ("100", 100)]
)
def test_the_percentage_is_rounded_down(share: str, whole: int) -> None:
    printed = printed_criterion(["RVC"], ATIGA, DAY, value_content=Fraction(share))
    assert (printed.percentage, printed.box) == (whole, f"{whole}%")


def test_form_d_prints_joint_criteria_and_partial_cumulation() -> None:
    joint = printed_criterion(["CTSH", "RVC"], ATIGA, DAY, value_content=Fraction("35.9"))
    assert joint.box == "CTSH + 35%"
    partial = printed_criterion(["PC"], ATIGA, DAY, value_content=Fraction(25))
    assert (partial.codes, partial.percentage, partial.box) == (("PC",), 25, "PC 25%")


def test_a_percentage_that_is_asked_for_and_not_stated_is_undetermined() -> None:
    printed = printed_criterion(["RVC"], ATIGA, DAY)
    assert (printed.finding.outcome, printed.box) == (Outcome.UNDETERMINED, "")
    assert printed_criterion(["RVC"], RCEP, DAY).finding.outcome is Outcome.MET


def test_a_region_has_its_own_code_only_where_the_form_knows_it() -> None:
    assert printed_criterion(["WO"], AKFTA, DAY, region=True).codes == ("WO-AK",)
    assert printed_criterion(["WO"], AKFTA, DAY).codes == ("WO",)
    assert printed_criterion(["WO"], RCEP, DAY, region=True).codes == ()


def test_suffixes_follow_where_the_form_has_them() -> None:
    assert printed_criterion(["CTH"], AJCEP, DAY, circumstances=["de-minimis"]).codes == (
        "CTH",
        "DMI",
    )
    both = ["de-minimis", "accumulation", "2.6.6(b)"]
    assert printed_criterion(["CTH"], RCEP, DAY, circumstances=both).codes == (
        "CTC",
        "ACU",
        "DMI",
        "2.6.6B",
    )
    assert printed_criterion(["CTH"], ATIGA, DAY, circumstances=["de-minimis"]).codes == ("CTH",)
    odd = printed_criterion(["CTH"], ATIGA, DAY, circumstances=["2.6.6(a)"])
    assert odd.finding.outcome is Outcome.UNDETERMINED


def test_what_the_form_cannot_say_is_undetermined() -> None:
    printed = printed_criterion(["PE"], ATIGA, DAY)
    assert (printed.codes, printed.finding.outcome) == ((), Outcome.UNDETERMINED)
    assert printed_criterion(["WO"], ATIGA, date(2023, 6, 30)).codes == ()


def test_nothing_satisfied_and_a_share_below_zero_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="/satisfied"):
        printed_criterion([], ATIGA, DAY)
    with pytest.raises(InvalidInputError, match="/value_content"):
        printed_criterion(["RVC"], ATIGA, DAY, value_content=Fraction(-1))


@given(st.fractions(0, 100))
def test_the_printed_percentage_never_claims_more_than_was_reached(share: Fraction) -> None:
    printed = printed_criterion(["RVC"], ATIGA, DAY, value_content=share)
    assert printed.percentage is not None
    assert printed.percentage <= share < printed.percentage + 1
