"""Redaction: any part verifies under the same digest, and reveals nothing of the rest."""

import json
from typing import Any

import pytest
from certificate_sample import CERTIFICATE, DIGEST, SEED, Issuer, document, issued
from hypothesis import given, settings
from hypothesis import strategies as st

from tulen.certificate import Bundle, RedactedPresentation, redact, seal
from tulen.certificate.presentation import least_leaves
from tulen.certificate.seal import Salts
from tulen.errors import InvalidInputError
from tulen.log import inclusion_path, root_from_inclusion_path

CLAIMS = dict(seal(CERTIFICATE, SEED).claims)


@settings(max_examples=60, deadline=None)
@given(
    pointers=st.sets(st.sampled_from(sorted(CLAIMS)), min_size=1),
    allowances=st.sets(st.sampled_from([1, 2])),
)
def test_any_part_gives_the_same_digest_and_reveals_nothing_else(
    pointers: set[str], allowances: set[int]
) -> None:
    bundle = Issuer().bundle(redact(CERTIFICATE, SEED, pointers, allowances=allowances))
    data = bundle.to_bytes()
    read = Bundle.parse(data)
    assert read == bundle
    assert read.certificate.digest == DIGEST
    assert dict(read.certificate.claims) == {pointer: CLAIMS[pointer] for pointer in pointers}

    text, salts = data.decode(), Salts(SEED)
    assert SEED.hex() not in text
    presented = json.dumps(read.certificate.to_document(), ensure_ascii=False)
    shown = {str(CLAIMS[pointer]) for pointer in pointers}
    for pointer, value in CLAIMS.items():
        if pointer not in pointers:
            assert f'"{pointer}"' not in text
            assert salts.of(pointer).hex() not in text
            if isinstance(value, str) and len(value) > 9 and value not in shown:
                assert value not in presented
    for line in {1, 2} - allowances:
        assert salts.of(f"allowance/{line}").hex() not in text


def test_an_object_discloses_everything_below_it_and_no_namesake() -> None:
    shown = redact(CERTIFICATE, SEED, ["/exporter", "/form", "/lines/1/fob"])
    assert list(shown.claims) == [
        "/exporter/address",
        "/exporter/country",
        "/exporter/name",
        "/form",
        "/lines/1/fob/amount",
        "/lines/1/fob/currency",
    ]


@pytest.mark.parametrize("pointer", ["", "/", "/exporte", "exporter", "/lines/2", "/exporter/"])
def test_a_pointer_to_nothing_is_refused(pointer: str) -> None:
    with pytest.raises(InvalidInputError):
        redact(CERTIFICATE, SEED, [pointer])


def test_a_line_without_allowance_and_an_empty_redaction_are_refused() -> None:
    with pytest.raises(InvalidInputError):
        redact(CERTIFICATE, SEED, ["/form"], allowances=[3])
    with pytest.raises(InvalidInputError):
        redact(CERTIFICATE, SEED, [])


def test_an_allowance_alone_gives_the_digest() -> None:
    shown = redact(CERTIFICATE, SEED, [], allowances=[2])
    assert shown.digest == DIGEST
    assert shown.allowances[0].allowance.line == 2


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 40), data=st.data())
def test_the_number_of_leaves_has_one_spelling_for_the_same_paths(
    size: int, data: st.DataObject
) -> None:
    leaves = [bytes([number]) * 32 for number in range(size)]
    indices = data.draw(st.sets(st.integers(0, size - 1), min_size=1))
    least = least_leaves(indices, size)

    def roots(claimed: int) -> set[bytes | None]:
        return {
            root_from_inclusion_path(leaves[i], i, claimed, inclusion_path(leaves, i))
            for i in indices
        }

    expected = roots(size)
    accepted = [claimed for claimed in range(1, 80) if roots(claimed) == expected]
    assert least == accepted[0]
    assert {least_leaves(indices, claimed) for claimed in accepted} == {least}


def _redacted() -> dict[str, Any]:
    return redact(
        CERTIFICATE,
        SEED,
        ["/lines/0/quantity", "/lines/0/unit", "/importing_country", "/issued_on", "/form"],
        allowances=[1, 2],
    ).to_document()


def _swap(items: list[Any]) -> None:
    items[0], items[1] = items[1], items[0]


LIES = {
    "claims-swapped": lambda d: _swap(d["claims"]),
    "claim-twice": lambda d: d["claims"].insert(0, d["claims"][0]),
    "allowances-swapped": lambda d: _swap(d["allowances"]),
    "allowance-as-other-line": lambda d: d["allowances"][0].update(line=2),
    "allowance-before-the-claims": lambda d: d["allowances"][0].update(index=0),
    "allowance-of-more": lambda d: d["allowances"][0].update(quantity="1001"),
    "allowance-of-another-unit": lambda d: d["allowances"][0].update(unit="TNE"),
    "allowance-for-another-country": lambda d: d["allowances"][1].update(importing_country="TH"),
    "fewer-leaves": lambda d: d.update(leaves=1),
    "leaves-of-zero": lambda d: d.update(leaves=0),
    "null-value": lambda d: d["claims"][0].update(value=None),
    "float-value": lambda d: d["claims"][0].update(value=1.5),
    "nested-value": lambda d: d["claims"][0].update(value=["x"]),
    "bad-date": lambda d: d["claims"][2].update(value="2026-02-30"),
    "pointer-without-slash": lambda d: d["claims"][0].update(pointer="form"),
    "pointer-badly-escaped": lambda d: d["claims"][0].update(pointer="/f~2m"),
    "salt-too-short": lambda d: d["claims"][0].update(salt="00"),
    "salt-in-upper-case": lambda d: d["claims"][0].update(salt="A" * 32),
    "path-of-65": lambda d: d["claims"][0].update(path=["00" * 32] * 65),
    "unknown-member": lambda d: d["claims"][0].update(seed="00"),
    "nothing-disclosed": lambda d: d.update(claims=[], allowances=[]),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_redacted_form_out_of_order_is_refused(lie: Any) -> None:  # noqa: ANN401 - a lambda
    shown = _redacted()
    assert RedactedPresentation.from_document(_redacted()).digest == DIGEST
    lie(shown)
    with pytest.raises(InvalidInputError):
        RedactedPresentation.from_document(shown)


def test_an_allowance_that_the_certificate_contradicts_is_refused() -> None:
    more = document()
    more["lines"][0]["quantity"] = "2000"
    other = redact(
        issued({"lines": more["lines"]}).certificate.certificate, SEED, [], allowances=[1]
    )
    shown = _redacted()
    shown["allowances"][0]["quantity"] = other.to_document()["allowances"][0]["quantity"]
    with pytest.raises(InvalidInputError) as refused:
        RedactedPresentation.from_document(shown)
    assert refused.value.field == "/allowances/0/quantity"
