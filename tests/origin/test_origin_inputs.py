"""The document form of the inputs: strict, and the exact inverse of itself."""

import copy
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from origin_cases import BISCUITS, good, material

from tulen.errors import InvalidInputError
from tulen.origin import Costs, OriginInputs
from tulen.origin.inputs import MAX_MATERIALS
from tulen.values import Country, canonical_bytes

Document = dict[str, Any]

FULL = BISCUITS | {
    "costs": {"labour": "1600", "overhead": "1100", "other": "300.5", "profit": "0"},
    "wholly_obtained": "plants",
}


@pytest.mark.parametrize("document", [BISCUITS, FULL], ids=["biscuits", "every-member"])
def test_a_document_comes_back_as_it_was(document: Document) -> None:
    assert OriginInputs.from_document(document).to_document() == document


def test_a_good_without_materials_has_no_empty_list() -> None:
    document = good("100630", wholly_obtained="plants").to_document()
    assert "materials" not in document
    assert OriginInputs.from_document(document).to_document() == document


def test_the_document_has_canonical_bytes() -> None:
    document = OriginInputs.from_document(FULL).to_document()
    assert canonical_bytes(document) == canonical_bytes(FULL)


def _set(*path: str | int, to: object) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        target: Any = document
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = to

    return change


def _drop(*path: str | int) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        target: Any = document
        for step in path[:-1]:
            target = target[step]
        del target[path[-1]]

    return change


LIES = {
    "unknown-member": ("/colour", _set("colour", to="red")),
    "missing-member": ("/method", _drop("method")),
    "null": ("/wholly_obtained", _set("wholly_obtained", to=None)),
    "no-agreement-code": ("/agreement", _set("agreement", to="atiga")),
    "no-country": ("/exporting_country", _set("exporting_country", to="VNM")),
    "same-country": ("/importing_country", _set("importing_country", to="VN")),
    "no-hs-code": ("/hs_code", _set("hs_code", to="1905.31")),
    "chapter-00": ("/hs_code", _set("hs_code", to="000531")),
    "description-empty": ("/description", _set("description", to="")),
    "description-a-number": ("/description", _set("description", to=7)),
    "fob-zero": ("/fob/amount", _set("fob", "amount", to="0")),
    "fob-negative": ("/fob/amount", _set("fob", "amount", to="-1")),
    "fob-a-number": ("/fob/amount", _set("fob", "amount", to=10000)),
    "fob-a-float": ("/fob/amount", _set("fob", "amount", to=10000.5)),
    "fob-of-30-digits": ("/fob/amount", _set("fob", "amount", to="1" * 30)),
    "fob-spelt-longer": ("/fob/amount", _set("fob", "amount", to="10000.00")),
    "fob-no-currency": ("/fob/currency", _drop("fob", "currency")),
    "fob-no-object": ("/fob", _set("fob", to="10000")),
    "method-unknown": ("/method", _set("method", to="net-cost")),
    "materials-empty": ("/materials", _set("materials", to=[])),
    "materials-no-list": ("/materials", _set("materials", to={})),
    "material-no-object": ("/materials/2", _set("materials", 2, to="sugar")),
    "material-unknown-member": ("/materials/0/colour", _set("materials", 0, "colour", to="red")),
    "material-in-another-currency": (
        "/materials/0/currency",
        _set("materials", 0, "currency", to="EUR"),
    ),
    "material-valued-as-money": (
        "/materials/0/value",
        _set("materials", 0, "value", to={"amount": "1800", "currency": "EUR"}),
    ),
    "material-value-null": ("/materials/0/value", _set("materials", 0, "value", to=None)),
    "material-hs-null": ("/materials/0/hs_code", _set("materials", 0, "hs_code", to=None)),
    "material-of-a-chapter": ("/materials/0/hs_code", _set("materials", 0, "hs_code", to="11")),
    "originating-a-word": (
        "/materials/0/originating",
        _set("materials", 0, "originating", to="no"),
    ),
    "originating-nowhere": ("/materials/2/country", _drop("materials", 2, "country")),
    "evidence-empty": ("/materials/2/evidence", _set("materials", 2, "evidence", to="")),
    "costs-empty": ("/costs", _set("costs", to={})),
    "costs-unknown": ("/costs/royalty", _set("costs", "royalty", to="1")),
    "costs-negative": ("/costs/profit", _set("costs", "profit", to="-1")),
}


@pytest.mark.parametrize(("field", "lie"), LIES.values(), ids=LIES.keys())
def test_every_malformed_member_is_named(field: str, lie: Callable[[Document], None]) -> None:
    document = copy.deepcopy(FULL)
    lie(document)
    with pytest.raises(InvalidInputError) as caught:
        OriginInputs.from_document(document, "/lines/0/origin")
    assert caught.value.field == f"/lines/0/origin{field}"


@pytest.mark.parametrize("document", [None, [], "ATIGA", 1])
def test_only_an_object_is_read(document: object) -> None:
    with pytest.raises(InvalidInputError, match="is not an object"):
        OriginInputs.from_document(document)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-0", "-1", "0.0000001", "1E+20"])
def test_an_impossible_value_cannot_be_constructed(value: str) -> None:
    with pytest.raises(InvalidInputError):
        material(value, "110100")
    with pytest.raises(InvalidInputError):
        Costs(profit=Decimal(value))


def test_a_good_that_crosses_no_border_cannot_be_constructed() -> None:
    with pytest.raises(InvalidInputError, match="exporting country too"):
        replace(good("190531"), importing_country=Country("VN"))


def test_too_many_materials_are_refused_with_their_number() -> None:
    with pytest.raises(InvalidInputError, match=f"{MAX_MATERIALS + 1} materials"):
        good("190531", *[material("1", "110100")] * (MAX_MATERIALS + 1))
