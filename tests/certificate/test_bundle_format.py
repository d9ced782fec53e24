"""The bundle file: read strictly, written in one way."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from certificate_sample import BUNDLE, CERTIFICATE, SEED, Issuer
from hypothesis import given
from hypothesis import strategies as st

from tulen.certificate import Bundle, redact
from tulen.errors import InvalidInputError

REDACTED = Issuer().bundle(redact(CERTIFICATE, SEED, ["/number", "/consignee"], allowances=[1]))
BUNDLES = {
    "full": BUNDLE,
    "redacted": REDACTED,
    "not-anchored": Issuer().bundle(BUNDLE.certificate, receipt=None),
}


@pytest.mark.parametrize("bundle", BUNDLES.values(), ids=BUNDLES.keys())
def test_a_bundle_comes_out_as_it_went_in(bundle: Bundle) -> None:
    data = bundle.to_bytes()
    assert Bundle.parse(data) == bundle
    assert Bundle.parse(data).to_bytes() == data
    assert Bundle.parse(json.dumps(json.loads(data), indent=2).encode()) == bundle


REFUSED: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "unknown-member": (lambda b: b.update(note="x"), "/note"),
    "unknown-in-anchor": (lambda b: b["anchor"].update(note="x"), "/anchor/note"),
    "no-signature": (lambda b: b.pop("signature"), "/signature"),
    "no-log": (lambda b: b.pop("log"), "/log"),
    "null-anchor": (lambda b: b.update(anchor=None), "/anchor"),
    "other-format": (lambda b: b.update(format="tulen/bundle/v2"), "/format"),
    "both-forms": (lambda b: b["certificate"].update(leaves=3), "/certificate/leaves"),
    "no-seed": (lambda b: b["certificate"].pop("seed"), "/certificate/seed"),
    "short-seed": (lambda b: b["certificate"].update(seed="00"), "/certificate/seed"),
    "bad-document": (
        lambda b: b["certificate"]["document"].update(number=7),
        "/certificate/document/number",
    ),
    "upper-case-key": (
        lambda b: b["signature"].update(key="A" * 64),
        "/signature/key",
    ),
    "short-signature": (lambda b: b["signature"].update(value="00" * 63), "/signature/value"),
    "hex-with-prefix": (
        lambda b: b["anchor"].update(transaction="0x" + "00" * 32),
        "/anchor/transaction",
    ),
    "checksummed-ledger": (lambda b: b["anchor"].update(ledger="0x" + "5F" * 20), "/anchor/ledger"),
    "ledger-as-number": (lambda b: b["anchor"].update(ledger=7), "/anchor/ledger"),
    "chain-id-as-text": (lambda b: b["anchor"].update(chain_id="1"), "/anchor/chain_id"),
    "chain-id-as-true": (lambda b: b["anchor"].update(chain_id=True), "/anchor/chain_id"),
    "block-below-zero": (lambda b: b["anchor"].update(block_number=-1), "/anchor/block_number"),
    "anchored-without-zone": (
        lambda b: b["anchor"].update(anchored_at="2026-01-15T08:30:00"),
        "/anchor/anchored_at",
    ),
    "index-below-zero": (lambda b: b["log"].update(index=-1), "/log/index"),
    "path-of-65": (lambda b: b["log"].update(path=["00" * 32] * 65), "/log/path"),
    "path-as-object": (lambda b: b["log"].update(path={}), "/log/path"),
    "path-with-a-number": (lambda b: b["log"]["path"].insert(1, 7), "/log/path/1"),
}


@pytest.mark.parametrize(("change", "field"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_bundle_is_refused_in_the_name_of_its_field(
    change: Callable[[dict[str, Any]], Any], field: str
) -> None:
    changed = BUNDLE.to_document()
    change(changed)
    with pytest.raises(InvalidInputError) as refused:
        Bundle.from_document(changed)
    assert refused.value.field == field


@pytest.mark.parametrize("note", ["", "x", "a\n1\n", 7, None])
def test_a_checkpoint_that_is_no_signed_note_is_refused(note: object) -> None:
    changed = BUNDLE.to_document()
    changed["log"]["checkpoint"] = note
    with pytest.raises(InvalidInputError):
        Bundle.from_document(changed)


def test_a_certificate_of_more_claims_than_the_format_admits_is_refused() -> None:
    changed = BUNDLE.to_document()
    inputs = changed["certificate"]["document"]["lines"][0]["origin"]["inputs"]
    material = {"description": "Butter", "value": "1", "originating": False}
    template = changed["certificate"]["document"]["lines"][0]
    inputs["materials"] = [material] * 500
    changed["certificate"]["document"]["lines"] = [{**template, "line": n} for n in range(1, 5)]
    with pytest.raises(InvalidInputError) as refused:
        Bundle.from_document(changed)
    assert "4096" in str(refused.value)


@given(st.binary(max_size=64))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        Bundle.parse(data)
