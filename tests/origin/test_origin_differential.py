"""The RCEP country of origin and the rates that an importer may choose."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tulen.errors import InvalidInputError
from tulen.origin import Outcome
from tulen.origin.proof.differential import DifferentialCase, Option, origin_country, rate_for
from tulen.origin.proof.procedure_file import procedure_of
from tulen.values import AgreementCode, Country

DAY = date(2026, 1, 15)
RCEP = procedure_of(AgreementCode("RCEP"))
CN, JP, KR, VN = (Country(code) for code in ("CN", "JP", "KR", "VN"))

APPENDIX_GOOD = DifferentialCase(
    exporting=VN,
    importing=JP,
    criterion="CTC",
    contributions={VN: Decimal(20), CN: Decimal(40), KR: Decimal(20)},
    on_appendix=True,
    exporting_share=Decimal(20),
)


@pytest.mark.parametrize(
    ("share", "country"),
    [("20", VN), ("20.01", VN), ("19.99", CN), ("0", CN), (None, None)],
)
def test_an_appendix_good_needs_its_share_in_the_exporting_party(
    share: str | None, country: Country | None
) -> None:
    case = replace(APPENDIX_GOOD, exporting_share=Decimal(share) if share is not None else None)
    found = origin_country(case, RCEP, DAY)
    assert found.country == country
    assert (found.finding.outcome is Outcome.UNDETERMINED) is (country is None)


@pytest.mark.parametrize(
    ("criterion", "beyond", "country"),
    [
        ("CTC", None, VN),
        ("RVC", None, VN),
        ("WO", None, VN),
        ("PE", True, VN),
        ("PE", False, CN),
        ("PE", None, None),
    ],
)
def test_other_goods_originate_where_they_were_made(
    criterion: str, beyond: bool | None, country: Country | None
) -> None:
    case = replace(APPENDIX_GOOD, on_appendix=False, criterion=criterion, beyond_minimal=beyond)
    assert origin_country(case, RCEP, DAY).country == country


def test_parties_that_contributed_the_same_are_not_chosen_between() -> None:
    tied = replace(
        APPENDIX_GOOD,
        exporting_share=Decimal(10),
        contributions={CN: Decimal(40), KR: Decimal(40)},
    )
    found = origin_country(tied, RCEP, DAY)
    assert found.country is None
    assert "CN, KR" in found.finding.reason
    assert "2.6.6" in found.finding.remedy
    assert origin_country(replace(tied, contributions={}), RCEP, DAY).country is None


def test_whether_the_appendix_names_the_good_matters_only_where_there_is_one() -> None:
    unknown = replace(APPENDIX_GOOD, on_appendix=None)
    assert origin_country(unknown, RCEP, DAY).country is None
    assert origin_country(replace(unknown, importing=Country("SG")), RCEP, DAY).country == VN


def test_before_the_agreement_there_is_no_country_of_origin() -> None:
    assert origin_country(APPENDIX_GOOD, RCEP, date(2021, 12, 31)).country is None


def test_a_negative_contribution_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="/contributions/CN"):
        replace(APPENDIX_GOOD, contributions={CN: Decimal(-1)})


RATES = {CN: Decimal(5), JP: Decimal(3), KR: Decimal(10), VN: Decimal(0)}


@pytest.mark.parametrize(
    ("contributors", "option", "percent"),
    [
        ([CN, JP], "2.6.6(a)", "5"),
        ([JP], "2.6.6(a)", "3"),
        ([CN, JP], "2.6.6(b)", "10"),
        ([], "2.6.6(b)", "10"),
        ([], "2.6.6(a)", None),
        ([CN, Country("TH")], "2.6.6(a)", None),
    ],
)
def test_an_importer_may_choose_the_highest_rate(
    contributors: list[Country], option: Option, percent: str | None
) -> None:
    found = rate_for(RATES, contributors, option, RCEP, DAY)
    assert found.percent == (Decimal(percent) if percent is not None else None)


amounts = st.dictionaries(
    st.sampled_from([CN, JP, KR, VN]), st.integers(0, 100).map(Decimal), min_size=1
)


@given(amounts, st.randoms())
def test_the_order_and_the_unit_of_contributions_do_not_matter(
    contributions: dict[Country, Decimal], random: Random
) -> None:
    case = replace(APPENDIX_GOOD, exporting_share=Decimal(0), contributions=contributions)
    items = list(contributions.items())
    random.shuffle(items)
    scaled = replace(case, contributions={country: value * 1000 for country, value in items})
    one, other = (origin_country(item, RCEP, DAY) for item in (case, scaled))
    assert one.country == other.country


@given(amounts)
def test_the_rate_of_all_parties_is_never_below_that_of_some(
    rates: dict[Country, Decimal],
) -> None:
    some = rate_for(rates, sorted(rates)[:2], "2.6.6(a)", RCEP, DAY).percent
    every = rate_for(rates, [], "2.6.6(b)", RCEP, DAY).percent
    assert some is not None
    assert every is not None
    assert some <= every
