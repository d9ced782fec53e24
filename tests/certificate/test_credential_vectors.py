"""Credentials by the published vectors of their specifications: tests/vectors/credential-w3c.json.

Each names its source. Published for Ed25519 are the proof `eddsa-jcs-2022`, the JWS of RFC 8037
and the list of "Bitstring Status List"; what the specifications publish in other suites and
algorithms is refused by its name.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from tulen.certificate.credential import (
    RefusedCredentialError,
    key_in,
    parts_of,
    read_credential,
    with_proof,
)
from tulen.certificate.credential.encoding import (
    base58btc,
    base64url,
    from_base58btc,
    from_base64url,
    from_multikey,
    multikey,
)
from tulen.certificate.credential.instants import instant_in
from tulen.certificate.credential.integrity import is_signature, read_proof
from tulen.certificate.credential.status_list import decode_list, encode_list
from tulen.values import Ed25519PublicKey, canonical_bytes

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "credential-w3c.json").read_text()
)
JCS, LIST, JWS = VECTORS["eddsa-jcs-2022"], VECTORS["bitstring-status-list"], VECTORS["jws-ed25519"]
SECURED = JCS["credential"] | {"proof": JCS["proof"]}


def test_the_key_is_read_and_written_as_published() -> None:
    key = from_multikey(JCS["publicKeyMultibase"], "")
    secret = from_base58btc(JCS["secretKeyMultibase"], "").removeprefix(b"\x80\x26")
    assert bytes(SigningKey(secret).verify_key) == key
    assert multikey(key) == JCS["publicKeyMultibase"]
    assert key_in(*parts_of(JCS["proof"]["verificationMethod"], "")) == key


def test_the_canonical_forms_and_their_hashes_are_those_published() -> None:
    options = {name: value for name, value in JCS["proof"].items() if name != "proofValue"}
    for part, canonical, digest in (
        (JCS["credential"], "canonical_document", "document_hash"),
        (options, "canonical_options", "options_hash"),
    ):
        made = canonical_bytes(part, fractions=True)
        assert made.decode() == JCS[canonical]
        assert hashlib.sha256(made).hexdigest() == JCS[digest]


def test_the_signature_is_over_the_published_hashes_and_verifies() -> None:
    proof = read_proof(SECURED)
    assert proof.signed.hex() == JCS["combined_hash"] == JCS["options_hash"] + JCS["document_hash"]
    assert proof.signature.hex() == JCS["signature"]
    assert base58btc(proof.signature) == JCS["proof"]["proofValue"]
    assert proof.is_by(from_multikey(JCS["publicKeyMultibase"], ""))


def test_the_same_key_makes_the_published_proof() -> None:
    secret = from_base58btc(JCS["secretKeyMultibase"], "").removeprefix(b"\x80\x26")
    made = with_proof(
        JCS["credential"],
        method=JCS["proof"]["verificationMethod"],
        created=instant_in(JCS["proof"]["created"], ""),
        sign=lambda message: SigningKey(secret).sign(message).signature,
    )
    assert made == SECURED


def test_the_published_list_is_read_and_written_bit_for_bit() -> None:
    bits = decode_list(LIST["encodedList"], "")
    assert (len(bits) * 8, any(bits)) == (LIST["length"], bool(LIST["set"]))
    assert encode_list(LIST["set"]) == LIST["encodedList"]


def test_the_published_jws_verifies_and_is_made_again() -> None:
    key = SigningKey(from_base64url(JWS["d"], ""))
    public = Ed25519PublicKey(from_base64url(JWS["x"], ""))
    signed, _, signature = JWS["compact"].rpartition(".")
    assert bytes(key.verify_key) == public
    assert is_signature(public, signed.encode(), from_base64url(signature, ""))
    assert base64url(key.sign(signed.encode()).signature) == signature


@pytest.mark.parametrize(
    ("published", "cause"),
    [("eddsa-rdfc-2022", "wrong-cryptosuite"), ("jose", "wrong-algorithm")],
)
def test_what_is_published_in_another_suite_is_refused_by_name(published: str, cause: str) -> None:
    with pytest.raises(RefusedCredentialError) as refused:
        read_credential(LIST[published])
    assert refused.value.cause == cause


def test_the_issuer_of_the_published_credential_does_not_name_its_key() -> None:
    """The vector is of the proof alone: its issuer is a URL, its key is by did:key."""
    with pytest.raises(RefusedCredentialError) as refused:
        read_credential(SECURED)
    assert refused.value.cause == "issuer-differs"


def test_bits_count_from_the_left() -> None:
    bits = decode_list(encode_list({0, 9}), "")
    assert bits[:2] == b"\x80\x40"
