"""Digest, signature and allowances, against a second, slow reading of the specification."""

import hashlib
from typing import Any

import pytest
import rfc8785
from certificate_sample import CERTIFICATE, KEY, PUBLIC_KEY, SEED, document
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from tulen.certificate import (
    Certificate,
    FullPresentation,
    allowance_proof,
    claims_of,
    declaration_reference,
    seal,
    signing_bytes,
    verify_signature,
)
from tulen.certificate.seal import claim_leaf_hash
from tulen.errors import InvalidInputError
from tulen.log import root_from_inclusion_path
from tulen.values import Digest, Ed25519PublicKey

_SCALARS = (
    st.text(st.characters(codec="utf-8")) | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1)
)


def _flat(value: Any, pointer: str = "") -> dict[str, Any]:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        below = [(name.replace("~", "~0").replace("/", "~1"), item) for name, item in value.items()]
    elif isinstance(value, list):
        below = [(str(index), item) for index, item in enumerate(value)]
    else:
        return {pointer: value}
    found: dict[str, Any] = {}
    for name, item in below:
        found |= _flat(item, f"{pointer}/{name}")
    return found


def _head(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    left, right = _head(leaves[:split]), _head(leaves[split:])
    return hashlib.sha256(b"\1" + left + right).digest()


def _salt(seed: bytes, name: str) -> bytes:
    return hashlib.blake2b(name.encode(), key=seed, digest_size=16).digest()


def digest_by_the_specification(certificate: dict[str, Any], seed: bytes) -> bytes:
    """Return the digest as sections 2 to 5 say, one sentence at a time."""
    leaves = []
    for pointer, value in sorted(_flat(certificate).items()):
        claim = rfc8785.dumps([_salt(seed, pointer).hex(), pointer, value])
        leaves.append(hashlib.sha256(b"\0" + claim).digest())
    for line in certificate["lines"]:
        whole, _, fraction = line["quantity"].partition(".")
        packed = (
            _salt(seed, f"allowance/{line['line']}")
            + line["line"].to_bytes(2, "big")
            + line["unit"].encode().ljust(3, b"\0")
            + int(whole + fraction.ljust(6, "0")).to_bytes(16, "big")
            + certificate["importing_country"].encode()
        )
        assert len(b"\0\1" + packed) == 41
        leaves.append(hashlib.sha256(b"\0\1" + packed).digest())
    return _head(leaves)


def test_the_digest_is_what_the_specification_says() -> None:
    assert seal(CERTIFICATE, SEED).digest == digest_by_the_specification(document(), SEED)
    read = FullPresentation.from_document({"document": document(), "seed": SEED.hex()})
    assert read.digest == digest_by_the_specification(document(), SEED)


@given(seed=st.binary(min_size=32, max_size=32), name=st.text("ab~ é", min_size=1, max_size=9))
def test_the_digest_is_what_the_specification_says_for_any_seed_and_text(
    seed: bytes, name: str
) -> None:
    changed = document()
    changed["exporter"]["name"] = f"x{name}x"
    certificate = Certificate.from_document(changed)
    assert seal(certificate, seed).digest == digest_by_the_specification(changed, seed)


@given(
    salt=st.binary(min_size=16, max_size=16),
    pointer=st.text(st.characters(codec="utf-8")),
    value=_SCALARS,
)
def test_orjson_writes_a_claim_as_rfc_8785_does(salt: bytes, pointer: str, value: object) -> None:
    canonical = rfc8785.dumps([salt.hex(), pointer, value])
    assert claim_leaf_hash(salt, pointer, value) == hashlib.sha256(b"\0" + canonical).digest()


@given(st.dictionaries(st.text("a/~0é", min_size=1), _SCALARS, min_size=1))
def test_claims_are_the_scalars_in_the_order_of_their_pointers(members: dict[str, Any]) -> None:
    assert claims_of({"outer": [members]}) == sorted(_flat({"outer": [members]}).items())


@pytest.mark.parametrize("value", [None, 1.5, {}, [], {"inner": []}, {"inner": None}])
def test_what_would_leave_no_claim_or_no_exact_one_is_refused(value: object) -> None:
    with pytest.raises(InvalidInputError) as refused:
        claims_of({"outer": value})
    assert refused.value.field.startswith("/outer")


def test_more_claims_than_the_format_admits_are_refused() -> None:
    assert len(claims_of({"all": list(range(4096))})) == 4096
    with pytest.raises(InvalidInputError):
        claims_of({"all": list(range(4097))})


def test_every_claim_and_the_seed_count_in_the_digest() -> None:
    digest = seal(CERTIFICATE, SEED).digest
    changed = document()
    changed["lines"][1]["marks"] = "TULEN 3"
    assert seal(Certificate.from_document(changed), SEED).digest != digest
    assert seal(CERTIFICATE, bytes(32)).digest != digest


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_seed_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(InvalidInputError):
        seal(CERTIFICATE, bytes(length))


def test_a_signature_holds_for_its_key_and_digest_only() -> None:
    digest = seal(CERTIFICATE, SEED).digest
    signature = KEY.sign(signing_bytes(digest)).signature
    other = Ed25519PublicKey(bytes(SigningKey(bytes(32)).verify_key))
    assert verify_signature(PUBLIC_KEY, digest, signature)
    assert not verify_signature(other, digest, signature)
    assert not verify_signature(PUBLIC_KEY, Digest(bytes(32)), signature)
    assert not verify_signature(PUBLIC_KEY, digest, KEY.sign(digest).signature)
    assert not verify_signature(PUBLIC_KEY, digest, signature[:-1])


def test_a_signature_of_weak_keys_or_in_another_spelling_does_not_hold() -> None:
    digest = seal(CERTIFICATE, SEED).digest
    signature = KEY.sign(signing_bytes(digest)).signature
    order = 2**252 + 27742317777372353535851937790883648493
    lifted = int.from_bytes(signature[32:], "little") + order
    malleable = signature[:32] + lifted.to_bytes(32, "little")
    assert not verify_signature(PUBLIC_KEY, digest, malleable)
    identity = Ed25519PublicKey(b"\1" + bytes(31))
    assert not verify_signature(identity, digest, b"\1" + bytes(63))


@pytest.mark.parametrize("line", [1, 2])
def test_an_allowance_proof_leads_to_the_digest(line: int) -> None:
    found = allowance_proof(CERTIFICATE, SEED, line)
    root = root_from_inclusion_path(
        found.allowance.leaf_hash, found.leaf_index, found.leaf_count, found.path
    )
    assert root == seal(CERTIFICATE, SEED).digest
    assert found.allowance.line == line
    assert found.allowance.quantity == CERTIFICATE.lines[line - 1].goods.quantity
    assert found.allowance.importing_country == "ID"


@pytest.mark.parametrize("line", [0, 3, -1])
def test_a_line_that_does_not_exist_has_no_allowance(line: int) -> None:
    with pytest.raises(InvalidInputError):
        allowance_proof(CERTIFICATE, SEED, line)


def test_a_declaration_reference_is_that_of_the_specification() -> None:
    salt = bytes(range(16))
    expected = hashlib.sha256(
        b'tulen/declaration/v1\x00["000102030405060708090a0b0c0d0e0f","PIB-1",2]'
    ).digest()
    assert declaration_reference(salt, "PIB-1", 2) == expected
    with pytest.raises(InvalidInputError):
        declaration_reference(salt[1:], "PIB-1", 2)
