from datetime import date
from fractions import Fraction
from importlib.resources import files

import pytest
from customs_story import PACK, TARIFF

from tulen.customs import (
    LevyCode,
    NotInTariffError,
    Rounding,
    country_pack,
    pack_from_toml,
    tariff_from_toml,
)
from tulen.errors import InvalidInputError, NotFoundError
from tulen.values import AgreementCode, Country, HsCode
from tulen.values.dated import NotInForceError

ATIGA = AgreementCode("ATIGA")
PACK_TEXT = (files("tulen.customs") / "packs" / "id.toml").read_text("utf-8")
TARIFF_TEXT = (files("tulen.customs") / "packs" / "id-demo-tariff.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("day", "rate", "factor"),
    [
        (date(2022, 4, 1), "11/100", "1"),
        (date(2024, 12, 31), "11/100", "1"),
        (date(2025, 1, 1), "12/100", "11/12"),
        (date(2026, 12, 31), "12/100", "11/12"),
    ],
)
def test_ppn_follows_its_dates_and_always_comes_to_eleven_percent(
    day: date, rate: str, factor: str
) -> None:
    taxes = PACK.taxes(day, has_api=True)
    assert (taxes.ppn.value, taxes.ppn_base_factor.value) == (Fraction(rate), Fraction(factor))
    assert taxes.ppn.value * taxes.ppn_base_factor.value == Fraction(11, 100)


@pytest.mark.parametrize(
    ("day", "has_api", "rate", "source"),
    [
        (date(2025, 7, 31), True, "2.5", "PMK 34/PMK.010/2017"),
        (date(2025, 8, 1), True, "2.5", "PMK 51/2025"),
        (date(2025, 7, 31), False, "7.5", "PMK 34/PMK.010/2017"),
        (date(2025, 8, 1), False, "7.5", "PMK 51/2025"),
    ],
)
def test_pph_22_depends_on_the_api_and_names_the_law_of_the_day(
    day: date, has_api: bool, rate: str, source: str
) -> None:
    pph = PACK.taxes(day, has_api=has_api).pph
    assert pph.value == Fraction(rate) / 100
    assert pph.reference.title.startswith(source)


@pytest.mark.parametrize("levy", [LevyCode.PPN, LevyCode.PPH])
def test_taxes_are_rounded_down_since_pmk_190_of_2022(levy: LevyCode) -> None:
    assert PACK.rounding(levy, date(2023, 1, 13)).value == Rounding("up", 1000)  # ROUND-06
    assert PACK.rounding(levy, date(2023, 1, 14)).value == Rounding("down", 1)


@pytest.mark.parametrize("day", [date(2023, 1, 13), date(2023, 1, 14), date(2026, 1, 15)])
def test_duty_is_rounded_up_to_the_thousand_before_and_after(day: date) -> None:
    assert PACK.rounding(LevyCode.BM, day).value == Rounding("up", 1000)


def test_the_pack_says_nothing_of_the_day_before_it_begins() -> None:
    before = date(2022, 3, 31)
    with pytest.raises(NotInForceError, match="rate of PPN"):
        PACK.taxes(before, has_api=True)
    with pytest.raises(NotInForceError, match="rounding of BM"):
        PACK.rounding(LevyCode.BM, before)
    with pytest.raises(NotInForceError, match="MFN rate of 39241090"):
        TARIFF.mfn(HsCode("39241090"), before)


@pytest.mark.parametrize(
    ("exact", "payable"),
    [
        (Fraction("1506882.069"), 1_507_000),  # ROUND-01
        (Fraction(1_507_000), 1_507_000),  # ROUND-02
        (Fraction(0), 0),
        (Fraction(1, 10**6), 1_000),
        (Fraction(1_507_000) + Fraction(1, 3), 1_508_000),
    ],
)
def test_duty_is_rounded_up_to_the_full_thousand(exact: Fraction, payable: int) -> None:
    assert PACK.rounding(LevyCode.BM, date(2026, 1, 15)).value.payable(exact) == payable


def test_the_tariff_that_ships_says_that_it_is_a_demonstration() -> None:
    assert TARIFF.demonstration
    assert "not law" in TARIFF.title


@pytest.mark.parametrize("code", ["39241090", "19053110", "09012120", "94036090"])
def test_the_demonstration_goods_pay_5_percent_or_nothing_under_atiga(code: str) -> None:
    day = date(2026, 1, 15)
    assert str(TARIFF.mfn(HsCode(code), day).value) == "5%"
    assert str(TARIFF.preferential(HsCode(code), ATIGA, day).value) == "0%"


def test_goods_that_the_tariff_does_not_hold_get_no_rate() -> None:
    with pytest.raises(NotInTariffError, match=r"01012100 has no MFN rate .* none is assumed"):
        TARIFF.mfn(HsCode("01012100"), date(2026, 1, 15))
    with pytest.raises(NotInTariffError, match="39241090 has no RCEP rate"):
        TARIFF.preferential(HsCode("39241090"), AgreementCode("RCEP"), date(2026, 1, 15))


def test_a_country_without_a_pack_is_named() -> None:
    with pytest.raises(NotFoundError, match="no customs pack ships for VN"):
        country_pack(Country("VN"))


PACK_LIES = {
    "no TOML": ("", "is not TOML", 'title = "', "title = "),
    "a key that stands twice": (
        "",
        "is not TOML",
        'country = "ID"',
        'country = "ID"\ncountry = "ID"',
    ),
    "another format": ("/format", "is not tulen/customs-pack/v1", "customs-pack/v1", "pack/v9"),
    "an unknown member": (
        "/rates",
        "is unknown; known are agreements",
        "[levies.BM]",
        "[rates]\n[levies.BM]",
    ),
    "an unknown levy": (
        "/levies/BMAD",
        "is unknown; known are BM",
        "[levies.BM]",
        "[levies.BMAD]\n[levies.BM]",
    ),
    "a missing levy": ("/levies/BM", "is missing", "[levies.BM]", "[levies.PPN.BM]"),
    "a country by name": ("/country", "two capital letters", '"ID"', '"Indonesia"'),
    "a rate without percent sign": ("/levies/PPN/rate/0/value", "in percent", '"11%"', '"11"'),
    "a rate that is a float": ("/levies/PPN/rate/0/value", "in percent", '"11%"', "0.11"),
    "a negative rate": ("/levies/PPN/rate/0/value", "is not a decimal", '"11%"', '"-11%"'),
    "a share of a zero": ("/levies/PPN/base_factor/1/value", "is not a share", '"11/12"', '"11/0"'),
    "a share that was rounded": (
        "/levies/PPN/base_factor/1/value",
        "is not a share",
        '"11/12"',
        '"0.916667"',
    ),
    "a rounding to the nearest": (
        "/levies/BM/rounding/0/value",
        "is not a rounding",
        "up to 1000",
        "nearest 1000",
    ),
    "a date that is text": ("/levies/BM/rounding/0/since", "bare", "2022-04-01", '"2022-04-01"'),
    "no source": (
        "/levies/BM/rounding/0/reference/title",
        "is missing",
        '{ title = "PMK 228/PMK.04/2015 (older; this pack begins here)" }',
        "{}",
    ),
    "a facility of three digits": ("/agreements/ATIGA/facility", "two digits", '"06"', '"006"'),
    "an origin that is no country": ("/agreements/ATIGA/origins/0/value/0", "ISO", '"BN"', '"bn"'),
    "origins that are text": (
        "/agreements/ATIGA/origins/0/value",
        "is not a list",
        '["BN", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "VN"]',
        '"ASEAN"',
    ),
}


@pytest.mark.parametrize(("field", "message", "old", "new"), PACK_LIES.values(), ids=PACK_LIES)
def test_a_malformed_country_pack_is_refused_with_its_place(
    field: str, message: str, old: str, new: str
) -> None:
    assert old in PACK_TEXT
    with pytest.raises(InvalidInputError, match=message) as caught:
        pack_from_toml(PACK_TEXT.replace(old, new, 1))
    assert caught.value.field == field


TARIFF_LIES = {
    "another format": ("/format", "is not tulen/tariff/v1", "tariff/v1", "tariff/v2"),
    "a demonstration that is one": ("/demonstration", "true or false", "= true", "= 1"),
    "a code of nine digits": ("/lines", "is not an HS code", "39241010", "392410101"),
    "a code of six digits": ("/lines", "8 digits", "39241010", "392410"),
    "a code that stands twice": ("", "is not TOML", "39241010", "39241090"),
    "no MFN rate": ("/lines/39241010/mfn", "is missing", "mfn = ", "preferential.AFTA = "),
    "a rate in words": ("/lines/39241010/mfn/0/value", "in percent", '"10%"', '"free"'),
    "an agreement in small letters": (
        "/lines/39241010/preferential",
        "agreement code",
        "preferential.ATIGA",
        "preferential.atiga",
    ),
    "a preferential rate without date": (
        "/lines/39241010/preferential",
        "not an object",
        "preferential.ATIGA = [",
        "preferential = [",
    ),
}


@pytest.mark.parametrize(("field", "message", "old", "new"), TARIFF_LIES.values(), ids=TARIFF_LIES)
def test_a_malformed_tariff_is_refused_with_its_place(
    field: str, message: str, old: str, new: str
) -> None:
    assert old in TARIFF_TEXT
    with pytest.raises(InvalidInputError, match=message) as caught:
        tariff_from_toml(TARIFF_TEXT.replace(old, new, 1))
    assert caught.value.field == field
