"""The shipped packs, and what a malformed one is told."""

import hashlib
from datetime import date

import pytest
from origin_cases import ATIGA, shipped_toml

from tulen.errors import InvalidInputError
from tulen.origin import NotInForceError, load_packs, pack_from
from tulen.values import AgreementCode


def test_atiga_ships_with_its_version_and_the_digest_of_its_bytes() -> None:
    assert load_packs()[AgreementCode("ATIGA")] is ATIGA
    assert (ATIGA.rule_set, ATIGA.form, ATIGA.hs_edition) == ("ATIGA/2026-01", "D", "HS2022")
    assert str(ATIGA.digest) == hashlib.sha256(shipped_toml().encode()).hexdigest()


def test_the_ten_members_are_parties() -> None:
    (parties,) = ATIGA.parties
    assert sorted(parties.value) == ["BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "VN"]


def test_a_form_d_is_valid_for_twelve_months_since_the_procedure_says_so() -> None:
    assert ATIGA.valid_months_on(date(2021, 9, 8)) == 12
    with pytest.raises(NotInForceError, match=r"ATIGA/2026-01 valid_months.*2021-09-07"):
        ATIGA.valid_months_on(date(2021, 9, 7))


def test_the_shipped_packs_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        load_packs()[AgreementCode("ATIGA")] = ATIGA  # type: ignore[index]  # that is the point


MONTHS = "[[valid_months]]\nsince = 2021-09-08\nvalue = 12\n"
SHARE = 'value = "10%"'
GENERAL = '{ any = [{ rvc = "40%" }, { ctc = "CTH" }] }'
EXCEPTION = 'except = ["2403"]'
OTHER = 'hs = "240419"\nex = "other goods"'

MALFORMED = {
    "not-toml": (GENERAL, "{ any = [", "", "is not TOML in UTF-8"),
    "key-twice": ('form = "D"', 'form = "D"\nform = "E"', "", "is not TOML in UTF-8"),
    "unknown-key": ('form = "D"', 'form = "D"\ncolour = "red"', "/colour", "is unknown; known are"),
    "missing-key": ('form = "D"\n', "", "/form", "is missing"),
    "format": ("tulen/origin/v1", "tulen/origin/v2", "/format", "is not 'tulen/origin/v1'"),
    "version": ('"2026-01"', '"2026"', "/version", "is not a month such as 2026-01"),
    "hs-edition": ('"HS2022"', '"HS2023"', "/hs_edition", "is not an edition such as HS2022"),
    "party": ('"BN", "ID"', '"BRN", "ID"', "/parties/0/value/0", "two capital letters"),
    "party-twice": ('"BN", "ID"', '"BN", "BN"', "/parties/0/value/1", "stands twice"),
    "no-reference": (
        'value = 12\nreference = { title = "ATIGA Operational Certification Procedure, Rule 14" }',
        "value = 12",
        "/valid_months/0/reference",
        "is missing",
    ),
    "reference-untitled": (
        '{ title = "ATIGA Art. 33" }',
        '{ href = "https://asean.org" }',
        "/de_minimis/0/reference/title",
        "is missing",
    ),
    "no-date": (
        MONTHS,
        MONTHS.replace("since = 2021-09-08\n", ""),
        "/valid_months/0/since",
        "is m",
    ),
    "date-as-text": (
        MONTHS,
        MONTHS.replace("2021-09-08", '"2021-09-08"'),
        "/valid_months/0/since",
        "is not a date; write it bare",
    ),
    "dates-overlap": (
        MONTHS,
        MONTHS + 'reference = { title = "earlier" }\n' + MONTHS,
        "/valid_months/1/since",
        "overlaps the value before it",
    ),
    "ends-before-it-begins": (
        MONTHS,
        MONTHS + "until = 2021-09-08\n",
        "/valid_months/0/until",
        "is not after 2021-09-08",
    ),
    "months": ("value = 12", "value = 0", "/valid_months/0/value", "is not 1 to 48 months"),
    "percent-bare": (SHARE, 'value = "10"', "/de_minimis/0/value", "is not a percentage"),
    "percent-a-float": (SHARE, "value = 0.1", "/de_minimis/0/value", "is not a percentage"),
    "percent-above-100": (SHARE, 'value = "101%"', "/de_minimis/0/value", "is not a percentage"),
    "cumulation": ("value = true", 'value = "full"', "/cumulation/0/value", "is not true or false"),
    "formula": (
        '["build-down"',
        '["net-cost"',
        "/value_content_methods/0/value/0",
        "is not build-",
    ),
    "category": ("plants =", "Plants =", "/wholly_obtained/0/value/Plants", "is not a category"),
    "criterion": ('SP = "SP"', 'SP = ""', "/criteria/0/value/general/SP", "is not 1 to"),
    "criterion-none": ('SP = "SP"', 'PS = "SP"', "/criteria/0/value/general/PS", "is not CC, CR"),
    "criteria-no-table": (
        'box = { RVC = "{percent}%", PC = "PC {percent}%" }',
        "box = {}",
        "/criteria/0/value/box",
        "is not a table of at least one code",
    ),
    "box-of-no-code": (
        "box = { RVC",
        "box = { QVC",
        "/criteria/0/value/box/QVC",
        "is not CC, CTH, CTSH, PC, RVC, SP, WO",
    ),
    "percent-of-no-code": (
        'percent = ["RVC"',
        'percent = ["QVC"',
        "/criteria/0/value/percent/0",
        "is not CC, CTH, CTSH, PC, RVC, SP, WO",
    ),
    "rule-no-table": (GENERAL, '"CTH"', "/general_rule/0/value", "is not a rule; write a table"),
    "rule-unknown-word": (
        GENERAL,
        "{ cth = true }",
        "/general_rule/0/value",
        "does not hold exactly one of the rules all, any, any_heading,",
    ),
    "rule-two-words": (
        GENERAL,
        '{ rvc = "40%", ctc = "CTH" }',
        "/general_rule/0/value",
        "does not hold exactly one of the rules",
    ),
    "rule-unknown-member": (
        GENERAL,
        '{ rvc = "40%", except = ["2403"] }',
        "/general_rule/0/value/except",
        "is no member of a rule 'rvc'",
    ),
    "rule-one-alternative": (
        GENERAL,
        '{ any = [{ rvc = "40%" }] }',
        "/general_rule/0/value/any",
        "is not a list of at least two rules",
    ),
    "rule-percent": (GENERAL, "{ rvc = 40 }", "/general_rule/0/value/rvc", "is not a percentage"),
    "rule-change": (
        GENERAL,
        '{ ctc = "CTX" }',
        "/general_rule/0/value/ctc",
        "is not CC, CTH, CTSH",
    ),
    "rule-wo-false": (GENERAL, "{ wo = false }", "/general_rule/0/value/wo", "is not true"),
    "rule-nested-deep": (
        GENERAL,
        "{ any = [{ wo = true }, " * 8 + "{ wo = true }" + "] }" * 8,
        "/general_rule/0/value" + "/any/1" * 7 + "/any/0",
        "exceeds 8",
    ),
    "exceptions-empty": (
        EXCEPTION,
        "except = []",
        "/products/4/rule/0/value/any/1/except",
        "is not",
    ),
    "exception-dotted": (
        EXCEPTION,
        'except = ["24.03"]',
        "/products/4/rule/0/value/any/1/except/0",
        "is not an HS prefix of 2, 4 or 6 digits",
    ),
    "exception-backwards": (
        EXCEPTION,
        'except = ["2403-2401"]',
        "/products/4/rule/0/value/any/1/except/0",
        "the lower first",
    ),
    "product-hs": (
        OTHER,
        OTHER.replace("240419", "2404190"),
        "/products/5/hs",
        "is not an HS prefix",
    ),
    "product-twice": (
        OTHER,
        OTHER.replace("other goods", "manufactured tobacco substitutes"),
        "/products/5/hs",
        "overlaps the rule for 240419",
    ),
    "product-unknown-key": (OTHER, f'{OTHER}\nquota = "1"', "/products/5/quota", "is unknown"),
    "coverage-hs": ('hs = "190531"', 'hs = "00"', "/coverage/0/hs", "is not an HS prefix"),
}


@pytest.mark.parametrize(
    ("old", "new", "field", "problem"), MALFORMED.values(), ids=MALFORMED.keys()
)
def test_a_malformed_pack_is_told_where_and_what(
    old: str, new: str, field: str, problem: str
) -> None:
    text = shipped_toml()
    assert old in text
    with pytest.raises(InvalidInputError) as caught:
        pack_from(text.replace(old, new, 1).encode(), "atiga.toml")
    assert caught.value.field == ("atiga.toml" if not field else f"atiga.toml#{field}")
    assert problem in caught.value.problem


def test_rules_for_ranges_that_cross_are_refused() -> None:
    rule = (
        "[[products.rule]]\nsince = 2022-01-01\nvalue = { wo = true }\n"
        'reference = { title = "a rule of this test" }\n'
    )
    text = "".join(f'[[products]]\nhs = "{hs}"\n{rule}' for hs in ("0101-0105", "0104-0106"))
    with pytest.raises(InvalidInputError, match="'0104-0106' overlaps the rule for 0101-0105"):
        pack_from((shipped_toml() + text).encode(), "atiga.toml")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="is not TOML in UTF-8"):
        pack_from(b"\xff", "atiga.toml")
