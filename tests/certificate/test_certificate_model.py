"""The certificate and the application: strict documents that come out as they went in."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from certificate_sample import BISCUITS, CERTIFICATE, document
from certificate_vectors import whole
from hypothesis import given
from hypothesis import strategies as st

from tulen.certificate import Application, Certificate, OriginStatement
from tulen.errors import InvalidInputError
from tulen.origin import OriginInputs, assess, load_packs
from tulen.values import AgreementCode, date_from, parse_strict


def _application() -> dict[str, Any]:
    certificate = document()
    lines = certificate["lines"]
    for line in lines:
        line["inputs"] = line.pop("origin")["inputs"]
        del line["criterion"]
    dropped = ("number", "approval", "issued_on", "valid_until")
    return {
        **{name: value for name, value in certificate.items() if name not in dropped},
        "format": "tulen/application/v1",
        "issuing_authority": "VN.MOIT",
        "lines": lines,
    }


def test_a_certificate_comes_out_as_it_went_in() -> None:
    assert Certificate.from_document(document()).to_document() == document()


def test_an_application_comes_out_as_it_went_in() -> None:
    assert Application.from_document(_application()).to_document() == _application()


def test_an_application_and_its_certificate_share_the_consignment() -> None:
    assert Application.from_document(_application()).consignment == CERTIFICATE.consignment


PARTICULARS = (
    *("producer", "invoicing_party", "exhibition", "originals", "replaces", "declaration"),
    "remarks",
)
_PRIOR = {"reference": "TH/2025/0041187", "issued_on": "2025-12-01", "country": "TH"}


def test_a_certificate_with_every_optional_member_comes_out_as_it_went_in() -> None:
    assert Certificate.from_document(whole()).to_document() == whole()


def test_an_application_takes_the_same_particulars() -> None:
    application = {**_application(), **{name: whole()[name] for name in PARTICULARS}}
    application["lines"][1]["trade_mark"] = "HOA SEN"
    assert Application.from_document(application).to_document() == application
    assert (
        Application.from_document(application).consignment.particulars.remarks
        == (whole()["remarks"])
    )


def test_each_optional_member_is_optional_alone() -> None:
    for name in (*PARTICULARS, "place_of_issue"):
        some = {key: value for key, value in whole().items() if key != name}
        assert Certificate.from_document(some).to_document() == some
        only = {**document(), name: whole()[name]}
        assert Certificate.from_document(only).to_document() == only


PARTICULARS_REFUSED = {
    "no-originals-as-list": ("/originals", []),
    "original-twice": ("/originals/1/reference", [_PRIOR, _PRIOR]),
    "original-of-no-country": ("/originals/0/country", [{**_PRIOR, "country": "Thailand"}]),
    "original-that-ends-early": (
        "/originals/0/valid_until",
        [{**_PRIOR, "valid_until": "2025-12-01"}],
    ),
    "original-of-foreign-authority": ("/originals/0/authority", [{**_PRIOR, "authority": "SG.X"}]),
    "original-with-bad-digest": ("/originals/0/digest", [{**_PRIOR, "digest": "AB" * 32}]),
    "original-with-long-reference": ("/originals/0/reference", [{**_PRIOR, "reference": "A" * 65}]),
    "original-with-null-digest": ("/originals/0/digest", [{**_PRIOR, "digest": None}]),
    "replaces-nothing": ("/replaces", None),
    "unknown-in-invoicing": ("/invoicing_party/address", {**whole()["exhibition"]}),
    "two-lines-of-remarks": ("/remarks", "a\nb"),
    "null-remarks": ("/remarks", None),
    "null-place": ("/place_of_issue", None),
    "undated-declaration": ("/declaration/declared_on", {"signatory": "x", "place": "y"}),
}


@pytest.mark.parametrize(
    ("field", "value"), PARTICULARS_REFUSED.values(), ids=PARTICULARS_REFUSED.keys()
)
def test_particulars_that_cannot_be_are_refused_at_their_field(
    field: str,
    value: Any,  # noqa: ANN401 - JSON
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Certificate.from_document({**document(), field.split("/")[1]: value})
    assert caught.value.field == field


@pytest.mark.parametrize("name", ["manufacturer", "trade_mark", "country_of_origin"])
def test_a_null_on_a_line_is_refused(name: str) -> None:
    changed = document()
    changed["lines"][0][name] = None
    with pytest.raises(InvalidInputError) as caught:
        Certificate.from_document(changed)
    assert caught.value.field == f"/lines/0/{name}"


def _set(pointer: str, value: Any) -> Callable[[dict[str, Any]], None]:  # noqa: ANN401 - JSON
    *way, last = pointer.split("/")[1:]

    def change(parent: Any) -> None:  # noqa: ANN401 - JSON
        for step in way:
            parent = parent[int(step) if isinstance(parent, list) else step]
        parent[int(last) if isinstance(parent, list) else last] = value

    return change


def _drop(pointer: str) -> Callable[[dict[str, Any]], None]:
    *way, last = pointer.split("/")[1:]

    def change(parent: Any) -> None:  # noqa: ANN401 - JSON
        for step in way:
            parent = parent[int(step) if isinstance(parent, list) else step]
        del parent[int(last) if isinstance(parent, list) else last]

    return change


_INPUTS = "/lines/0/origin/inputs"
REFUSED = {
    "unknown-member": (_set("/remark", "x"), "/remark"),
    "unknown-member-deep": (_set("/lines/0/origin/colour", "x"), "/lines/0/origin/colour"),
    "unknown-input": (_set(f"{_INPUTS}/colour", "x"), f"{_INPUTS}/colour"),
    "digit-only-name": (_set(f"{_INPUTS}/7", "x"), f"{_INPUTS}/7"),
    "missing-member": (_drop("/consignee/country"), "/consignee/country"),
    "missing-number": (_drop("/number"), "/number"),
    "other-format": (_set("/format", "tulen/certificate/v2"), "/format"),
    "no-hs-code": (_set("/lines/0/hs_code", "1905.31"), "/lines/0/hs_code"),
    "hs-code-as-number": (_set("/lines/1/hs_code", 190531), "/lines/1/hs_code"),
    "negative-quantity": (_set("/lines/0/quantity", "-1"), "/lines/0/quantity"),
    "quantity-of-zero": (_set("/lines/0/quantity", "0"), "/lines/0/quantity"),
    "30-digit-quantity": (_set("/lines/0/quantity", "1" * 30), "/lines/0/quantity"),
    "quantity-as-number": (_set("/lines/0/quantity", 1000), "/lines/0/quantity"),
    "quantity-with-empty-zeros": (_set("/lines/0/quantity", "12.50"), "/lines/0/quantity"),
    "quantity-with-exponent": (_set("/lines/0/quantity", "1e3"), "/lines/0/quantity"),
    "fob-amount-unspelled": (_set("/lines/0/fob/amount", "1."), "/lines/0/fob/amount"),
    "fob-of-null": (_set("/lines/0/fob", None), "/lines/0/fob"),
    "unit-in-lower-case": (_set("/lines/0/unit", "kgm"), "/lines/0/unit"),
    "null-text": (_set("/exporter/name", None), "/exporter/name"),
    "empty-text": (_set("/exporter/name", ""), "/exporter/name"),
    "two-lines-of-text": (_set("/exporter/name", "a\nb"), "/exporter/name"),
    "text-of-other-normal-form": (_set("/exporter/name", "Pho\u031b"), "/exporter/name"),
    "text-that-reads-backwards": (_set("/exporter/name", "a\u202eb"), "/exporter/name"),
    "lone-surrogate": (_set("/exporter/name", "a\ud800"), "/exporter/name"),
    "text-too-long": (_set("/exporter/address", "x" * 513), "/exporter/address"),
    "list-for-object": (_set("/exporter", []), "/exporter"),
    "empty-object": (_set("/transport", {}), "/transport/departure_on"),
    "no-lines": (_set("/lines", []), "/lines"),
    "empty-materials": (_set(f"{_INPUTS}/materials", []), f"{_INPUTS}/materials"),
    "null-inputs": (_set(_INPUTS, None), _INPUTS),
    "object-for-list": (_set("/lines", {}), "/lines"),
    "lines-out-of-order": (_set("/lines/1/line", 3), "/lines/1/line"),
    "line-as-boolean": (_set("/lines/0/line", True), "/lines/0/line"),
    "no-invoices": (_set("/invoices", []), "/invoices"),
    "unknown-tick": (_set("/ticks/0", "urgent"), "/ticks/0"),
    "ticks-out-of-order": (_set("/ticks", ["third-country-invoicing", "accumulation"]), "/ticks"),
    "tick-twice": (_set("/ticks", ["accumulation", "accumulation"]), "/ticks"),
    "no-ticks-as-list": (_set("/ticks", []), "/ticks"),
    "no-such-day": (_set("/issued_on", "2026-02-30"), "/issued_on"),
    "ends-as-it-begins": (_set("/valid_until", "2026-01-15"), "/valid_until"),
    "no-border-crossed": (_set("/importing_country", "VN"), "/importing_country"),
    "one-officer": (_set("/approval/approved_by", "officer-17"), "/approval/approved_by"),
    "verdict-not-met": (_set("/lines/0/origin/verdict", "UNDETERMINED"), "/lines/0/origin/verdict"),
    "upper-case-digest": (
        _set("/lines/0/origin/verdict_digest", "A" * 64),
        "/lines/0/origin/verdict_digest",
    ),
    "authority-of-another-country": (
        _set("/issuing_authority/country", "TH"),
        "/issuing_authority/country",
    ),
    "number-that-is-a-path": (_set("/number", "../etc"), "/number"),
}


@pytest.mark.parametrize(("change", "field"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_document_is_refused_in_the_name_of_its_field(
    change: Callable[[dict[str, Any]], None], field: str
) -> None:
    changed = document()
    change(changed)
    with pytest.raises(InvalidInputError) as refused:
        Certificate.from_document(changed)
    assert refused.value.field == field


TEXTS = {
    "duplicate-member": '{"format":1,"format":2}',
    "float": '{"quantity":1.5}',
    "exponent": '{"quantity":1e3}',
    "nan": '{"quantity":NaN}',
    "lone-surrogate": '{"name":"\\ud800"}',
    "500-deep": "[" * 500 + "]" * 500,
    "beyond-2-53": '{"line":9007199254740992}',
    "bare-text": "VN",
    "empty": "",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_bytes_that_are_no_strict_json_are_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        Certificate.from_document(parse_strict(text.encode()))


@pytest.mark.parametrize("value", [None, [], 7, "certificate", True, {}])
def test_what_is_no_certificate_at_all_is_refused(value: object) -> None:
    with pytest.raises(InvalidInputError):
        Certificate.from_document(value)
    with pytest.raises(InvalidInputError):
        Application.from_document(value)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def _pointers(value: object, pointer: str = "") -> list[str]:
    below: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        below = list(value.items())
    elif isinstance(value, list):
        below = list(enumerate(value))
    found = [pointer] if pointer else []
    for name, item in below:
        found += _pointers(item, f"{pointer}/{name}")
    return found


@given(pointer=st.sampled_from(_pointers(document())), value=_JSON)
def test_whatever_is_put_anywhere_is_kept_exactly_or_refused(pointer: str, value: object) -> None:
    changed = document()
    _set(pointer, value)(changed)
    before = json.dumps(changed)
    try:
        certificate = Certificate.from_document(changed)
    except InvalidInputError:
        return
    assert json.dumps(certificate.to_document(), sort_keys=True) == json.dumps(
        json.loads(before), sort_keys=True
    )


def test_a_statement_commits_only_to_a_verdict_that_is_met() -> None:
    pack = load_packs()[AgreementCode("ATIGA")]
    day = date_from("2026-01-15", "on")
    inputs = OriginInputs.from_document(BISCUITS)
    assert OriginStatement.of(assess(inputs, pack, day), inputs) == CERTIFICATE.lines[0].origin
    bare = OriginInputs.from_document(
        {name: value for name, value in BISCUITS.items() if name != "materials"}
    )
    with pytest.raises(InvalidInputError):
        OriginStatement.of(assess(bare, pack, day), bare)
