import json
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from importlib.resources import files
from typing import Any

import pytest
from customs_story import GRANTED, PACK, TARIFF, story, story_line
from hypothesis import given
from hypothesis import strategies as st

from tulen.customs import (
    ClaimReason,
    DutyAssessment,
    LevyCode,
    NotInTariffError,
    Objection,
    PayableLevy,
    PreferenceDecision,
    RateBasis,
    Tariff,
    assess_duties,
    pack_from_toml,
    tariff_from_toml,
)
from tulen.customs.money import TIMES
from tulen.errors import InvalidInputError
from tulen.values import Country, canonical_bytes
from tulen.values.dated import NotInForceError

DENIED = {1: PreferenceDecision(1, (Objection(ClaimReason.HS_MISMATCH, "3924.10 is 3924.90"),))}
SUSPENDED = {1: PreferenceDecision(1, (Objection(ClaimReason.NOT_VERIFIED, "node is down"),))}
BM, PPN, PPH = LevyCode
PACK_TEXT = (files("tulen.customs") / "packs" / "id.toml").read_text("utf-8")


def assess(
    decisions: dict[int, PreferenceDecision] = GRANTED,
    **changes: Any,  # noqa: ANN401 - it is JSON
) -> DutyAssessment:
    return assess_duties(story(**changes), TARIFF, PACK, decisions)


def tariff_at(mfn: str, atiga: str) -> Tariff:
    dated = '[{{ since = 2022-04-01, value = "{}", reference = {{ title = "test" }} }}]'
    return tariff_from_toml(
        'format = "tulen/tariff/v1"\ncountry = "ID"\ntitle = "test"\nnomenclature = "test"\n'
        'demonstration = true\n[lines.39241090]\ndescription = "test"\n'
        f"mfn = {dated.format(mfn)}\npreferential.ATIGA = {dated.format(atiga)}\n"
    )


@pytest.mark.parametrize("day", ["2023-01-14", "2024-12-31", "2025-01-01", "2026-01-15"])
def test_the_story_comes_out_to_the_rupiah(day: str) -> None:
    assessment = assess(declared_on=day)  # SEED-DUTY-02 to -07, SEED-PREF-01
    assert assessment.value == 159_000_000
    without, granted = assessment.without_preference, assessment.with_preference
    assert [levy.payable for levy in without.levies] == [7_950_000, 18_364_500, 4_173_750]
    assert without.total == 30_488_250
    assert [levy.payable for levy in granted.levies] == [0, 17_490_000, 3_975_000]
    assert granted.total == 21_465_000
    assert assessment.saving == 9_023_250


def test_the_law_of_2026_reckons_12_percent_of_eleven_twelfths() -> None:
    ppn = assess().without_preference.lines[0].charges[1]  # SEED-DUTY-07
    assert (ppn.base, ppn.rate, ppn.amount) == (166_950_000, f"12% {TIMES} 11/12", 18_364_500)
    assert [reference.title for reference in ppn.references][1] == "PMK 131/2024 Art. 3"


def test_the_law_of_2024_reckons_11_percent_of_the_whole() -> None:
    ppn = assess(declared_on="2024-12-31").without_preference.lines[0].charges[1]
    assert (ppn.rate, ppn.amount, len(ppn.references)) == ("11%", 18_364_500, 1)


def test_ten_percent_of_ten_million_is_one_million() -> None:
    line = story_line(cost="10000000", insurance="0", freight="0", claim=None)  # SEED-DUTY-01
    exchange = {"currency": "IDR", "rate": "1", "per": 1}
    declaration = story(lines=[line], exchange=exchange)
    assessment = assess_duties(declaration, tariff_at("10%", "0%"), PACK, {})
    assert assessment.without_preference.payable(BM) == 1_000_000


def test_an_importer_without_api_pays_pph_22_at_7_5_percent() -> None:
    assessment = assess(importer={"party": "ID.MAJU", "has_api": False})
    assert assessment.without_preference.payable(PPH) == 12_521_250


def test_before_pmk_190_taxes_too_were_rounded_up_to_the_thousand() -> None:
    assessment = assess(declared_on="2023-01-13")  # ROUND-06
    payable = [levy.payable for levy in assessment.without_preference.levies]
    assert payable == [7_950_000, 18_365_000, 4_174_000]


def test_the_tax_base_holds_the_exact_duty_and_not_the_rounded_one() -> None:
    line = story_line(cost="10552.50", insurance="0", freight="0")  # ROUND-05, default base
    assessment = assess(
        exchange={"currency": "USD", "rate": "16235.5", "per": 1},
        lines=[line],
        declared_on="2024-01-15",
    )
    without = assessment.without_preference
    assert assessment.value == Fraction("171325113.75")
    assert without.levies[0].exact == Fraction("8566255.6875")
    assert [levy.payable for levy in without.levies] == [8_567_000, 19_788_050, 4_497_284]


def test_each_levy_is_rounded_once_per_declaration_and_not_per_line() -> None:
    lines = [
        story_line(line=n, cost="1", insurance="0", freight="0", claim=None) for n in range(1, 11)
    ]
    exchange = {"currency": "USD", "rate": "9999", "per": 1}
    without = assess({}, lines=lines, exchange=exchange).without_preference
    assert without.levies[0].exact == Fraction("4999.5")
    assert without.payable(BM) == 5_000


def test_a_mfn_rate_below_the_preferential_one_applies() -> None:
    assessment = assess_duties(story(), tariff_at("0%", "5%"), PACK, GRANTED)  # PREF-03
    line = assessment.with_preference.lines[0]
    assert (line.basis, line.charges[0].rate, assessment.saving) == (RateBasis.MFN, "0%", 0)


@pytest.mark.parametrize("decisions", [DENIED, SUSPENDED, {}], ids=["denied", "suspended", "open"])
def test_a_claim_that_is_not_granted_pays_the_mfn_rate(
    decisions: dict[int, PreferenceDecision],
) -> None:
    assessment = assess(decisions)
    assert assessment.with_preference == assessment.without_preference
    assert assessment.saving == 0


def test_only_the_granted_line_of_two_is_free_of_duty() -> None:
    assessment = assess(GRANTED, lines=[story_line(), story_line(line=2)])
    granted = assessment.with_preference
    assert [line.basis for line in granted.lines] == [RateBasis.PREFERENTIAL, RateBasis.MFN]
    assert granted.payable(BM) == 7_950_000


def test_goods_without_value_pay_nothing() -> None:
    assessment = assess(lines=[story_line(cost="0", insurance="0", freight="0")])
    assert (assessment.value, assessment.without_preference.total, assessment.saving) == (0, 0, 0)


def test_the_largest_declaration_is_exact() -> None:
    most = "9" * 18
    line = story_line(cost=most, insurance=most, freight=most, claim=None)
    exchange = {"currency": "USD", "rate": most, "per": 1}
    lines = [line | {"line": n} for n in range(1, 501)]
    without = assess({}, lines=lines, exchange=exchange).without_preference
    assert without.levies[0].exact == Fraction(5, 100) * 500 * 3 * int(most) ** 2


def test_goods_that_the_tariff_does_not_hold_are_refused() -> None:
    with pytest.raises(NotInTariffError, match="01012100"):
        assess(lines=[story_line(hs_code="01012100")])


def test_a_day_before_the_law_of_the_pack_is_refused() -> None:
    with pytest.raises(NotInForceError, match="2022-03-31"):
        assess(declared_on="2022-03-31")


def test_a_tariff_of_another_country_is_refused() -> None:
    vietnamese = replace(TARIFF, country=Country("VN"))
    with pytest.raises(InvalidInputError, match="is not the tariff of ID"):
        assess_duties(story(), vietnamese, PACK, {})


@pytest.mark.parametrize("line", [{"claim": None}, {"line": 2}])
def test_a_decision_on_a_line_that_claims_nothing_is_refused(line: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="not a line that claims preference"):
        assess(lines=[story_line(**line)])


def explained(assessment: DutyAssessment) -> str:
    return "\n".join(assessment.explanation).replace(TIMES, "x")


def test_the_explanation_can_be_recomputed_by_hand() -> None:
    text = explained(assess())
    for step in (
        "customs value (10000 + 100 + 500) USD x Rp15,000 per USD = Rp159,000,000",
        "MFN: BM 5% x Rp159,000,000 = Rp7,950,000 [Demonstration]",
        "MFN: PPN 12% x 11/12 x Rp166,950,000 = Rp18,364,500",
        "MFN: PPH 2.5% x Rp166,950,000 = Rp4,173,750 [PMK 51/2025]",
        "ATIGA claimed with VN-D-2026-000001 line 1: GRANT",
        "ATIGA: BM 0% x Rp159,000,000 = Rp0",
        "BM Rp7,950,000 (Rp7,950,000 up to the full Rp1,000)",
        "saving: Rp30,488,250 - Rp21,465,000 = Rp9,023,250",
    ):
        assert step in text


def test_the_explanation_of_a_denial_says_why() -> None:
    text = explained(assess(DENIED))
    assert "DENY, the MFN rate applies: HS_MISMATCH (3924.10 is 3924.90)" in text
    assert "not decided, the MFN rate applies" in explained(assess({}))


def test_the_yen_is_explained_per_100() -> None:
    exchange = {"currency": "JPY", "rate": "11371.25", "per": 100}
    assert "JPY x Rp11,371.25 per 100 JPY" in explained(assess(exchange=exchange))


def test_the_document_holds_exact_amounts_as_text() -> None:
    document = json.loads(canonical_bytes(assess().to_document()))
    assert document["saving"] == "9023250"
    assert document["demonstration"] is True
    assert document["with_preference"]["payable"] == {
        "BM": "0",
        "PPN": "17490000",
        "PPH": "3975000",
    }
    assert document["without_preference"]["lines"][0]["levies"][0] == {
        "levy": "BM",
        "base": "159000000",
        "rate": "5%",
        "amount": "7950000",
        "references": ["Demonstration"],
    }


def test_an_endless_fraction_stays_exact_to_the_end() -> None:
    thirds = pack_from_toml(PACK_TEXT.replace('"12%"', '"10%"').replace('"11/12"', '"1/3"'))
    line = story_line(hs_code="84713020", cost="1", insurance="0", freight="0", claim=None)
    exchange = {"currency": "USD", "rate": "1", "per": 1}
    assessment = assess_duties(story(lines=[line], exchange=exchange), TARIFF, thirds, {})
    document = assessment.to_document()
    assert document["without_preference"]["lines"][0]["levies"][1]["amount"] == "1/30"
    assert "PPN 10% x 1/3 x Rp1 = Rp0.033333…" in explained(assessment)


COSTS = st.decimals(min_value=0, max_value=10**12, places=2).map(str)
DAYS = st.integers(0, 2000).map(lambda days: str(date(2022, 4, 1) + timedelta(days)))
CODES = st.sampled_from(sorted(TARIFF.lines))


@given(st.lists(st.tuples(COSTS, CODES), min_size=1, max_size=5), DAYS)
def test_no_preference_ever_costs_anything(goods: list[tuple[str, str]], day: str) -> None:
    lines = [story_line(line=n, cost=c, hs_code=h) for n, (c, h) in enumerate(goods, 1)]
    decisions = {n: PreferenceDecision(n) for n in range(1, len(goods) + 1)}
    assert assess(decisions, lines=lines, declared_on=day).saving >= 0


@given(COSTS, COSTS, DAYS)
def test_dearer_goods_never_pay_less(one: str, other: str, day: str) -> None:
    less, more = sorted((one, other), key=Fraction)
    cheap, dear = (
        assess(lines=[story_line(cost=cost)], declared_on=day).without_preference.levies
        for cost in (less, more)
    )
    assert all(a.payable <= b.payable for a, b in zip(cheap, dear, strict=True))


@given(st.integers(0, 10**14), st.integers(0, 10**14))
def test_splitting_a_line_in_two_changes_no_exact_amount(one: int, other: int) -> None:
    def levies(*cents: int) -> tuple[PayableLevy, ...]:
        lines = [
            story_line(line=number, cost=f"{cost // 100}.{cost % 100:02}")
            | {"insurance": "0", "freight": "0"}
            for number, cost in enumerate(cents, 1)
        ]
        return assess({}, lines=lines).without_preference.levies

    assert levies(one, other) == levies(one + other)


@given(st.permutations(range(1, 6)))
def test_the_order_of_the_lines_does_not_matter(order: list[int]) -> None:
    lines = {n: story_line(line=n, cost=str(n * 1_000 + n), claim=None) for n in range(1, 6)}
    shuffled = assess({}, lines=[lines[n] for n in order])
    assert (
        shuffled.without_preference.levies
        == assess({}, lines=list(lines.values())).without_preference.levies
    )
