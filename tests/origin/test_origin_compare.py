"""One bill of materials against every agreement open between two countries, best first."""

import itertools
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from origin_cases import ATIGA, DAY, good, material, shipped_toml

from tulen.origin import (
    Finding,
    Option,
    OriginInputs,
    Outcome,
    Pack,
    compare,
    open_between,
    pack_from,
    parties_on,
    reasons,
    remedies,
)
from tulen.values import AgreementCode, Country
from tulen.values.dated import Reference

VN, ID, CN = Country("VN"), Country("ID"), Country("CN")
FAILS = good("190531", material("80", "190590"))
MEETS = good("190531", material("80", "1101"))


def pack(code: str, *changes: tuple[str, str], rule: str = '{ ctc = "CTH" }') -> Pack:
    """Return an agreement that is like ATIGA but for its code, its rule and ``changes``."""
    text = shipped_toml().replace('agreement = "ATIGA"', f'agreement = "{code}"')
    for before, after in (('{ any = [{ rvc = "40%" }, { ctc = "CTH" }] }', rule), *changes):
        assert before in text
        text = text.replace(before, after)
    return pack_from(text.encode(), f"{code}.toml")


def order(options: tuple[Option, ...]) -> list[str]:
    return [option.pack.agreement for option in options]


MET = pack("MET")
NOT_MET = pack("NOT-MET", rule='{ rvc = "40%" }')
UNDETERMINED = pack("OPEN", ('[[coverage]]\nhs = "190531"', '[[coverage]]\nhs = "190532"'))


@pytest.mark.parametrize("packs", list(itertools.permutations((MET, NOT_MET, UNDETERMINED))))
def test_met_comes_before_undetermined_before_not_met(packs: tuple[Pack, ...]) -> None:
    options = compare(MEETS, packs, DAY)
    assert [(option.pack.agreement, option.outcome) for option in options] == [
        ("MET", Outcome.MET),
        ("OPEN", Outcome.UNDETERMINED),
        ("NOT-MET", Outcome.NOT_MET),
    ]


def test_of_the_same_outcome_the_lower_duty_comes_first_and_an_unknown_one_last() -> None:
    packs = [pack(code) for code in ("A", "B", "C", "D")]
    duties = {
        AgreementCode("A"): Fraction(5, 100),
        AgreementCode("C"): Fraction(0),
        AgreementCode("D"): Fraction(1, 3),
    }
    assert order(compare(MEETS, packs, DAY, duties)) == ["C", "A", "D", "B"]
    assert order(compare(MEETS, packs, DAY)) == ["A", "B", "C", "D"]


def test_no_duty_makes_up_for_an_outcome() -> None:
    duties = {AgreementCode("NOT-MET"): Fraction(0), AgreementCode("MET"): Fraction(1)}
    assert order(compare(MEETS, (NOT_MET, MET), DAY, duties)) == ["MET", "NOT-MET"]


def test_only_agreements_that_hold_both_countries_on_the_day_are_open() -> None:
    without = pack("WITHOUT", ('"VN"]', '"CN"]'))
    later = pack("LATER", ("[[parties]]\nsince = 2010-05-17", "[[parties]]\nsince = 2026-01-16"))
    packs = (without, later, MET)
    assert order(compare(MEETS, packs, DAY)) == ["MET"]
    assert open_between(packs, VN, ID, date(2026, 1, 16)) == [later, MET]
    assert open_between(packs, CN, ID, DAY) == [without]
    assert open_between(packs, VN, CN, DAY) == []
    assert parties_on(later, DAY) == frozenset()


def test_each_verdict_is_the_one_that_the_agreement_alone_gives() -> None:
    (option,) = compare(MEETS, (ATIGA,), DAY)
    assert option.verdict is not None
    assert option.verdict.agreement == "ATIGA"
    assert option.verdict.criterion == "CTH"
    assert option.remedies == ()


def test_the_agreement_that_the_inputs_name_plays_no_part() -> None:
    other = replace(MEETS, agreement=AgreementCode("ELSE"))
    assert compare(other, (ATIGA, MET), DAY) == compare(MEETS, (ATIGA, MET), DAY)


def test_a_method_that_the_agreement_does_not_know_gives_way_to_the_one_it_knows() -> None:
    one = pack("ONE", ('["build-down", "build-up"]', '["build-up"]'), rule='{ rvc = "40%" }')
    (option,) = compare(MEETS, (one,), DAY)
    assert option.verdict is not None
    assert any("build-up" in text for text in option.verdict.explain())


def test_what_an_agreement_cannot_judge_is_undetermined_with_the_reason() -> None:
    mined = good("190531", wholly_obtained="minerals")
    refusing = pack("REFUSING", ("\nminerals = ", "\nores = "))
    first, second = compare(mined, (refusing, MET), DAY)
    assert (first.pack.agreement, first.outcome) == ("MET", Outcome.MET)
    assert (second.outcome, second.verdict) == (Outcome.UNDETERMINED, None)
    assert "/wholly_obtained: 'minerals'" in second.refusal
    expired = pack("EXPIRED", ("[[de_minimis]]", "[[de_minimis]]\nuntil = 2026-01-01"))
    (option,) = compare(MEETS, (expired,), DAY)
    assert option.outcome is Outcome.UNDETERMINED
    assert "EXPIRED/2026-01 de_minimis: nothing is in force on 2026-01-15" in option.refusal


def finding(
    name: str, outcome: Outcome, *parts: Finding, remedy: str = "", article: bool = True
) -> Finding:
    reference = Reference("Art. 1") if article else None
    return Finding(name, outcome, f"{name} is so", reference, remedy=remedy, parts=parts)


def test_reasons_are_the_conditions_that_decide_and_remedies_those_of_what_is_not_met() -> None:
    tree = finding(
        "origin",
        Outcome.NOT_MET,
        finding(
            "either",
            Outcome.NOT_MET,
            finding(
                "change",
                Outcome.NOT_MET,
                finding("flour", Outcome.NOT_MET, article=False),
                remedy="other flour",
            ),
            finding("value", Outcome.NOT_MET, remedy="more value"),
        ),
        finding("met", Outcome.MET, remedy="nothing to do"),
        finding("open", Outcome.UNDETERMINED, remedy="say more"),
    )
    assert reasons(tree) == ("change: change is so", "value: value is so")
    assert remedies(tree) == ("change: other flour", "value: more value", "open: say more")


def test_a_good_that_fails_learns_what_would_make_it_qualify() -> None:
    (option,) = compare(FAILS, (ATIGA,), DAY)
    assert option.outcome is Outcome.NOT_MET
    assert "RVC 40%: non-originating materials of at most USD 60" in option.remedies
    better = good("190531", material("60", "190590"))
    assert remedied(better).outcome is Outcome.MET


def remedied(inputs: OriginInputs) -> Option:
    (option,) = compare(inputs, (ATIGA,), DAY)
    return option
