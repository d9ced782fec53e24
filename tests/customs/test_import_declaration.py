import json
from typing import Any

import pytest
from customs_story import story, story_document, story_line

from tulen.customs import Declaration
from tulen.errors import InvalidInputError
from tulen.values import canonical_bytes, parse_strict

CLAIM = story_line()["claim"]


def test_a_declaration_reads_and_writes_the_same_document() -> None:
    document = story_document(lines=[story_line(), story_line(line=2, claim=None)])
    declaration = Declaration.from_document(parse_strict(canonical_bytes(document)))
    assert declaration.to_document() == document


def test_the_largest_declaration_fits_the_limits_of_json() -> None:
    document = story_document(lines=[story_line(line=n) for n in range(1, 501)])
    declaration = Declaration.from_document(parse_strict(json.dumps(document).encode()))
    assert len(declaration.lines) == 500


def test_one_line_more_than_the_maximum_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="1 to 500"):
        story(lines=[story_line(line=n) for n in range(1, 502)])


HEADER_LIES = {
    "another format": ("/format", {"format": "tulen/declaration/v2"}),
    "a number of 25 characters": ("/number", {"number": "0" * 25}),
    "a number with a hyphen": ("/number", {"number": "0" * 25 + "-"}),
    "a number that is a number": ("/number", {"number": 4}),
    "a day that is none": ("/declared_on", {"declared_on": "2026-02-30"}),
    "an instant for a date": ("/arrival_on", {"arrival_on": "2026-01-14T00:00:00Z"}),
    "an office of five digits": ("/office", {"office": "04030"}),
    "an office in other digits": ("/office", {"office": "٠٤٠٣٠٠"}),
    "an importer that is text": ("/importer", {"importer": "ID.MAJU"}),
    "an importer without code": ("/importer/party", {"importer": {"has_api": True}}),
    "a party code in small letters": (
        "/importer/party",
        {"importer": {"party": "id.maju", "has_api": True}},
    ),
    "an API that is one": (
        "/importer/has_api",
        {"importer": {"party": "ID.MAJU", "has_api": 1}},
    ),
    "a currency of two letters": (
        "/exchange/currency",
        {"exchange": {"currency": "US", "rate": "15000", "per": 1}},
    ),
    "a rate of zero": (
        "/exchange/rate",
        {"exchange": {"currency": "USD", "rate": "0", "per": 1}},
    ),
    "a negative rate": (
        "/exchange/rate",
        {"exchange": {"currency": "USD", "rate": "-15000", "per": 1}},
    ),
    "a rate that is a JSON number": (
        "/exchange/rate",
        {"exchange": {"currency": "USD", "rate": 15000, "per": 1}},
    ),
    "no rate": ("/exchange/rate", {"exchange": {"currency": "USD", "per": 1}}),
    "a rate per 7": ("/exchange/per", {"exchange": {"currency": "USD", "rate": "1", "per": 7}}),
    "a rate per true": (
        "/exchange/per",
        {"exchange": {"currency": "USD", "rate": "1", "per": True}},
    ),
    "no lines": ("/lines", {"lines": []}),
    "lines that are an object": ("/lines", {"lines": {}}),
    "an unknown member": ("/remark", {"remark": "urgent"}),
}


@pytest.mark.parametrize(("field", "change"), HEADER_LIES.values(), ids=HEADER_LIES)
def test_a_header_that_cannot_be_is_refused_at_its_field(
    field: str, change: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        story(**change)
    assert caught.value.field == field


LINE_LIES = {
    "a line number of zero": ("/line", {"line": 0}),
    "a line number that is true": ("/line", {"line": True}),
    "a line number of 10,000": ("/line", {"line": 10_000}),
    "an HS code of nine digits": ("/hs_code", {"hs_code": "392410900"}),
    "an HS code of six digits": ("/hs_code", {"hs_code": "392410"}),
    "an HS code with dots": ("/hs_code", {"hs_code": "3924.10.90"}),
    "an HS code of chapter 00": ("/hs_code", {"hs_code": "00241090"}),
    "an HS code that is a number": ("/hs_code", {"hs_code": 39241090}),
    "a country by name": ("/country_of_origin", {"country_of_origin": "Viet Nam"}),
    "an empty description": ("/description", {"description": ""}),
    "a description with a line break": ("/description", {"description": "boxes\nand lids"}),
    "a negative quantity": ("/quantity/amount", {"quantity": {"amount": "-1", "unit": "KGM"}}),
    "a quantity of zero": ("/quantity/amount", {"quantity": {"amount": "0", "unit": "KGM"}}),
    "a quantity of 30 digits": (
        "/quantity/amount",
        {"quantity": {"amount": "1" * 30, "unit": "KGM"}},
    ),
    "a quantity of 7 decimals": (
        "/quantity/amount",
        {"quantity": {"amount": "0.1234567", "unit": "KGM"}},
    ),
    "a quantity that is a float": (
        "/quantity/amount",
        {"quantity": {"amount": 1.5, "unit": "KGM"}},
    ),
    "a unit in words": ("/quantity/unit", {"quantity": {"amount": "1", "unit": "kilogram"}}),
    "a negative cost": ("/cost", {"cost": "-10000"}),
    "a cost of 30 digits": ("/cost", {"cost": "1" * 30}),
    "a cost with an exponent": ("/cost", {"cost": "1E4"}),
    "an insurance that is no number": ("/insurance", {"insurance": "NaN"}),
    "a freight with a thousands separator": ("/freight", {"freight": "1,000"}),
    "no freight": ("/freight", {"freight": None}),
    "an unknown member": ("/colour", {"colour": "blue"}),
    "a claim without certificate": (
        "/claim/certificate",
        {"claim": {"agreement": "ATIGA", "facility": "06", "certificate_line": 1}},
    ),
    "a claim with an unknown member": ("/claim/form", {"claim": CLAIM | {"form": "D"}}),
    "a facility of one digit": ("/claim/facility", {"claim": CLAIM | {"facility": "6"}}),
    "an agreement in small letters": (
        "/claim/agreement",
        {"claim": CLAIM | {"agreement": "atiga"}},
    ),
    "a certificate number of 65 characters": (
        "/claim/certificate",
        {"claim": CLAIM | {"certificate": "D" * 65}},
    ),
    "a certificate line that is text": (
        "/claim/certificate_line",
        {"claim": CLAIM | {"certificate_line": "1"}},
    ),
}


@pytest.mark.parametrize(("field", "change"), LINE_LIES.values(), ids=LINE_LIES)
def test_a_line_that_cannot_be_is_refused_at_its_field(field: str, change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        story(lines=[story_line(line=7, claim=None), story_line(**{"line": 2} | change)])
    assert caught.value.field == f"/lines/1{field}"


def test_a_line_number_that_stands_twice_is_refused() -> None:
    with pytest.raises(InvalidInputError) as caught:
        story(lines=[story_line(line=3), story_line(line=1), story_line(line=3)])
    assert caught.value.field == "/lines/2/line"


@pytest.mark.parametrize("document", [None, [], "PIB", 7, {}])
def test_what_is_no_declaration_is_refused(document: object) -> None:
    with pytest.raises(InvalidInputError):
        Declaration.from_document(document)
