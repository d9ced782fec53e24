"""The packs of the agreements: what each holds, and that what it does not hold decides nothing."""

import re
from datetime import date
from pathlib import Path

import pytest
from origin_cases import BISCUITS, shipped_toml

from tulen.errors import InvalidInputError
from tulen.origin import (
    NotInForceError,
    OriginInputs,
    Outcome,
    assess,
    load_packs,
    pack_from,
    pack_of,
)
from tulen.origin.pack_show import rules_for, shipped_pack
from tulen.values import AgreementCode, HsCode

DAY = date(2026, 9, 1)

AGREEMENTS = {
    *("ATIGA", "ACFTA", "AKFTA", "AJCEP", "AIFTA", "AANZFTA", "AHKFTA", "RCEP"),
    *("IJEPA", "IK-CEPA", "IA-CEPA", "IE-CEPA", "IC-CEPA", "IUAE-CEPA"),
    *("CPTPP", "UK-EU-TCA", "UK-JAPAN", "UK-SINGAPORE"),
    *("CSFTA", "KSFTA"),
}


def test_the_specification_counts_the_product_rules_that_each_pack_holds() -> None:
    spec = (Path(__file__).resolve().parents[2] / "docs/specs/origin.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| ([A-Z-]+) \| (\d+)", spec, re.MULTILINE))
    held = {str(pack.agreement): str(len(pack.products)) for pack in load_packs().values()}
    assert rows == {agreement: count for agreement, count in held.items() if count != "0"}


def test_every_agreement_is_there_under_the_name_of_its_file() -> None:
    assert set(load_packs()) == AGREEMENTS
    for agreement in load_packs():
        name, data = shipped_pack(agreement)
        assert name == f"{agreement.lower()}.toml"
        assert f'agreement = "{agreement}"' in data.decode()


def biscuits(agreement: str, exporter: str, importer: str, **changed: object) -> OriginInputs:
    """Return biscuits whose flour, half of their price, is imported."""
    document = BISCUITS | {
        "agreement": agreement,
        "exporting_country": exporter,
        "importing_country": importer,
    }
    return OriginInputs.from_document(document | changed)


@pytest.mark.parametrize("agreement", sorted(AGREEMENTS - {"ATIGA", "CPTPP", "UK-JAPAN"}))
def test_a_good_without_a_rule_in_the_pack_is_undetermined(agreement: str) -> None:
    pack = pack_of(AgreementCode(agreement))
    exporter, importer = sorted(pack.parties[-1].value)[:2]
    method = pack.value_content_methods[-1].value[0]
    inputs = biscuits(agreement, exporter, importer, method=method)
    assert assess(inputs, pack, DAY).finding.outcome is Outcome.UNDETERMINED


def test_biscuits_meet_the_rule_that_a_pack_holds_for_them() -> None:
    verdict = assess(biscuits("CPTPP", "VN", "JP"), pack_of(AgreementCode("CPTPP")), DAY)
    assert (verdict.outcome, verdict.criterion) == (Outcome.MET, None)
    assert "does not hold how the form prints" in verdict.finding.unprinted


@pytest.mark.parametrize(
    ("agreement", "code", "words"),
    [
        ("RCEP", "130219", "CC except from 121120"),
        ("RCEP", "851712", "CTSH or RVC 40%"),
        ("AKFTA", "090710", "WO in the exporting party"),
        ("AIFTA", "850110", "RVC 35% by build-down or build-up of FOB"),
        ("CPTPP", "271091", "CTSH within the group"),
        ("UK-JAPAN", "870210", "MaxNOM 45% of EXW or RVC 60% by build-down of FOB"),
    ],
)
def test_a_rule_stands_as_its_source_has_it(agreement: str, code: str, words: str) -> None:
    shown = rules_for(AgreementCode(agreement), HsCode(code), DAY)
    assert words in shown["rules"][0]["words"]
    assert shown["coverage"] is None


def test_the_general_rule_is_shown_only_where_no_product_rule_is_for_all_of_the_code() -> None:
    def ranges(code: str) -> list[str]:
        shown = rules_for(AgreementCode("AKFTA"), HsCode(code), DAY)
        return [rule["hs"] for rule in shown["rules"]]

    assert ranges("090620") == ["090620"]
    assert ranges("091099") == ["091099", "091099", "any other good"]
    assert ranges("0906") == ["090620", "any other good"]
    assert ranges("8501") == ["any other good"]


def test_the_product_rules_of_2009_ended_with_the_first_protocol() -> None:
    code = HsCode("610120")
    held = rules_for(AgreementCode("AANZFTA"), code, date(2014, 12, 31))
    assert [rule["hs"] for rule in held["rules"]] == ["610120"]
    assert rules_for(AgreementCode("AANZFTA"), code, date(2015, 1, 1))["rules"] == []


def test_what_a_pack_does_not_hold_takes_no_answer_away_and_gives_none() -> None:
    pack = pack_of(AgreementCode("AKFTA"))
    assert pack.not_held == {"de_minimis", "cumulation"}
    flour = {"description": "flour", "value": "90", "originating": False, "hs_code": "110100"}
    pasta = biscuits(
        "AKFTA",
        "ID",
        "KR",
        method="build-down",
        hs_code="110100",
        fob={"amount": "100", "currency": "USD"},
        materials=[flour],
    )
    assert assess(pasta, pack, DAY).finding.outcome is Outcome.UNDETERMINED


def test_what_is_not_held_can_be_neither_claimed_nor_issued_by() -> None:
    pack = pack_of(AgreementCode("IE-CEPA"))
    with pytest.raises(InvalidInputError, match="the pack does not hold the categories of IE-CEPA"):
        assess(biscuits("IE-CEPA", "ID", "CH", wholly_obtained="plants"), pack, DAY)
    with pytest.raises(NotInForceError, match="IE-CEPA/2026-01 valid_months"):
        pack.valid_months_on(DAY)


@pytest.mark.parametrize(
    ("written", "field", "problem"),
    [
        ('not_held = ["parties"]', "/not_held/0", "is not de_minimis, wholly_obtained"),
        ('not_held = ["cumulation"]', "/not_held/0", "is stated below; leave out either"),
        ("not_held = [{}]", "/not_held/0", "is not de_minimis, wholly_obtained"),
        ("not_held = []", "/not_held", "is not a list of at least one key"),
    ],
)
def test_what_a_pack_says_it_does_not_hold_is_checked(
    written: str, field: str, problem: str
) -> None:
    text = shipped_toml().replace('form = "D"', f'form = "D"\n{written}')
    with pytest.raises(InvalidInputError) as caught:
        pack_from(text.encode(), "mine.toml")
    assert caught.value.field == f"mine.toml#{field}"
    assert problem in caught.value.problem


@pytest.mark.parametrize(("country", "outcome"), [("TH", "UNDETERMINED"), ("US", "NOT_MET")])
def test_unknown_cumulation_leaves_a_partners_material_open(country: str, outcome: str) -> None:
    pack = pack_of(AgreementCode("AKFTA"))
    cumin = {
        "description": "cumin seed",
        "value": "90",
        "originating": True,
        "hs_code": "090931",
        "country": country,
        "evidence": "AK-1",
    }
    spice = biscuits(
        "AKFTA",
        "ID",
        "KR",
        method="build-down",
        hs_code="090620",
        fob={"amount": "100", "currency": "USD"},
        materials=[cumin],
    )
    assert assess(spice, pack, DAY).finding.outcome.name == outcome
