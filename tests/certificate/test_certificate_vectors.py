"""The published vectors are current, and say what a second reading of the specification says."""

import hashlib
import json

import rfc8785
from certificate_vectors import FILE, text, vectors
from nacl.signing import VerifyKey

VECTORS = json.loads(FILE.read_text(encoding="utf-8"))


def test_the_published_vectors_are_current() -> None:
    assert FILE.read_text(encoding="utf-8") == text(vectors())


def test_salts_and_leaf_hashes_are_those_of_the_specification() -> None:
    for case in VECTORS["cases"]:
        seed = bytes.fromhex(case["seed"])
        for claim in case["claims"]:
            salt = hashlib.blake2b(claim["pointer"].encode(), key=seed, digest_size=16).hexdigest()
            leaf = b"\0" + rfc8785.dumps([salt, claim["pointer"], claim["value"]])
            assert (claim["salt"], claim["leaf_hash"]) == (salt, hashlib.sha256(leaf).hexdigest())
        for allowance in case["allowances"]:
            leaf = (
                b"\0\1"
                + bytes.fromhex(allowance["salt"])
                + allowance["line"].to_bytes(2, "big")
                + allowance["unit"].encode().ljust(3, b"\0")
                + int(allowance["quantity_millionths"]).to_bytes(16, "big")
                + allowance["importing_country"].encode()
            )
            assert allowance["leaf_hash"] == hashlib.sha256(leaf).hexdigest()


def test_the_signatures_hold() -> None:
    key = VerifyKey(bytes.fromhex(VECTORS["key"]["public"]))
    for case in VECTORS["cases"]:
        assert case["signed_bytes"] == (b"tulen/certificate/v1\0".hex() + case["digest"])
        key.verify(bytes.fromhex(case["signed_bytes"]), bytes.fromhex(case["signature"]))


def test_the_declaration_references_are_those_of_the_specification() -> None:
    for found in VECTORS["declarations"]:
        canonical = rfc8785.dumps([found["salt"], found["number"], found["line"]])
        reference = hashlib.sha256(b"tulen/declaration/v1\0" + canonical).hexdigest()
        assert found["reference"] == reference
