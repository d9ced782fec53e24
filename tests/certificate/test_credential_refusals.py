"""What is no credential, or is secured otherwise, is refused under its name; nothing crashes."""

import copy
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from certificate_sample import KEY, OTHER_KEY, PUBLIC_KEY
from credential_sample import (
    CREATED,
    DID,
    JOSE_METHOD,
    METHOD,
    as_token,
    sign,
    signed,
    unsigned,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from tulen.certificate.credential import (
    RefusedCredentialError,
    did_web,
    is_set,
    key_in,
    parse_credential,
    parts_of,
    read_credential,
    with_proof,
)
from tulen.certificate.credential.did import party_in
from tulen.certificate.credential.encoding import (
    base58btc,
    base64url,
    from_base58btc,
    from_base64url,
    from_multikey,
    multikey,
)
from tulen.certificate.credential.instants import instant_in
from tulen.certificate.credential.status_list import (
    LIST_BITS,
    MAX_LIST_BYTES,
    decode_list,
    encode_list,
)
from tulen.errors import InvalidInputError
from tulen.values import Ed25519PublicKey, PartyCode

FOREIGN = "https://www.w3.org/2018/credentials/v1"
Change = Callable[[dict[str, Any]], object]


def cause_of(value: object) -> str:
    """Return the name under which ``value`` is refused."""
    with pytest.raises(RefusedCredentialError) as refused:
        parse_credential(value) if isinstance(value, bytes) else read_credential(value)
    return str(refused.value.cause)


def test_one_truth() -> None:
    read = read_credential(signed("public"))
    assert read.document == unsigned("public")
    assert read_credential(as_token("public")).document == read.document
    assert parse_credential(json.dumps(signed("public")).encode()) == read
    assert parse_credential(as_token("public").encode() + b"\n").document == read.document


def test_a_token_in_an_envelope_is_the_token() -> None:
    envelope = {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "id": f"data:application/vc+jwt,{as_token('public')}",
        "type": "EnvelopedVerifiableCredential",
    }
    assert read_credential(envelope) == read_credential(as_token("public"))


LIES: dict[str, tuple[str, Change]] = {
    "no-proof": ("unsecured", lambda d: d.pop("proof")),
    "two-proofs": ("several-proofs", lambda d: d.update(proof=[d["proof"]] * 2)),
    "no-proofs": ("several-proofs", lambda d: d.update(proof=[])),
    "chained-proof": ("several-proofs", lambda d: d["proof"].update(previousProof="urn:x")),
    "proof-as-text": ("malformed", lambda d: d.update(proof="trust me")),
    "other-proof-type": (
        "wrong-proof-type",
        lambda d: d["proof"].update(type="Ed25519Signature2020"),
    ),
    "other-cryptosuite": (
        "wrong-cryptosuite",
        lambda d: d["proof"].update(cryptosuite="eddsa-rdfc-2022"),
    ),
    "no-cryptosuite": ("wrong-cryptosuite", lambda d: d["proof"].pop("cryptosuite")),
    "other-purpose": (
        "wrong-proof-purpose",
        lambda d: d["proof"].update(proofPurpose="authentication"),
    ),
    "no-purpose": ("wrong-proof-purpose", lambda d: d["proof"].pop("proofPurpose")),
    "no-context": ("missing-context", lambda d: d.pop("@context")),
    "context-of-1.1": ("missing-context", lambda d: d.update({"@context": [FOREIGN]})),
    "context-not-first": (
        "missing-context",
        lambda d: d.update({"@context": [FOREIGN, *d["@context"]]}),
    ),
    "context-put-between": (
        "changed-context",
        lambda d: d.update({"@context": [d["@context"][0], FOREIGN, *d["@context"][1:]]}),
    ),
    "context-of-numbers": ("malformed", lambda d: d["@context"].append(7)),
    "no-type": ("malformed", lambda d: d.pop("type")),
    "no-credential": ("wrong-type", lambda d: d.update(type=["CertificateOfOriginCredential"])),
    "no-issuer": ("malformed", lambda d: d.pop("issuer")),
    "another-issuer": ("issuer-differs", lambda d: d["issuer"].update(id=f"{DID}X")),
    "method-that-is-none": ("malformed", lambda d: d["proof"].update(verificationMethod=7)),
    "method-without-key": ("malformed", lambda d: d["proof"].update(verificationMethod=DID)),
    "no-subject": ("malformed", lambda d: d.pop("credentialSubject")),
    "empty-subject": ("malformed", lambda d: d.update(credentialSubject={})),
    "bad-from": ("malformed", lambda d: d.update(validFrom="2026-01-15")),
    "bad-until": ("malformed", lambda d: d.update(validUntil="2026-02-30T00:00:00Z")),
    "bad-created": ("malformed", lambda d: d["proof"].update(created="yesterday")),
    "proof-value-in-hex": ("malformed", lambda d: d["proof"].update(proofValue="00" * 64)),
    "proof-value-too-short": ("malformed", lambda d: d["proof"].update(proofValue="z11")),
    "proof-value-endless": ("malformed", lambda d: d["proof"].update(proofValue="z" * 99_999)),
    "status-of-another-type": (
        "malformed",
        lambda d: d.update(credentialStatus={"type": "StatusList2021Entry"}),
    ),
    "status-index-negative": (
        "malformed",
        lambda d: d["credentialStatus"][0].update(statusListIndex="-1"),
    ),
    "status-of-two-bits": ("malformed", lambda d: d["credentialStatus"][0].update(statusSize=2)),
    "statuses-endless": (
        "malformed",
        lambda d: d.update(credentialStatus=d["credentialStatus"] * 9),
    ),
    "a-key-that-is-infinite": ("malformed", lambda d: d.update(extra=float("inf"))),
}


@pytest.mark.parametrize(("cause", "lie"), LIES.values(), ids=LIES.keys())
def test_a_lie_in_a_secured_document_is_refused_by_its_name(cause: str, lie: Change) -> None:
    document = copy.deepcopy(signed("public"))
    lie(document)
    assert cause_of(document) == cause


def a_token(header: dict[str, Any], payload: object | None = None) -> str:
    """Return a token with any header, signed by the authority's key all the same."""
    body = unsigned("public") if payload is None else payload
    signed_part = ".".join(base64url(json.dumps(part).encode()) for part in (header, body))
    return f"{signed_part}.{base64url(KEY.sign(signed_part.encode()).signature)}"


HEADER = {"alg": "EdDSA", "typ": "vc+jwt", "cty": "vc", "kid": JOSE_METHOD}
TOKENS: dict[str, tuple[str, str]] = {
    "alg-none": ("wrong-algorithm", a_token(HEADER | {"alg": "none"})),
    "alg-None": ("wrong-algorithm", a_token(HEADER | {"alg": "None"})),
    "alg-hs256": ("wrong-algorithm", a_token(HEADER | {"alg": "HS256"})),
    "alg-es256": ("wrong-algorithm", a_token(HEADER | {"alg": "ES256"})),
    "alg-missing": ("wrong-algorithm", a_token({"kid": JOSE_METHOD})),
    "typ-jwt": ("wrong-token-type", a_token(HEADER | {"typ": "JWT"})),
    "typ-presentation": ("wrong-token-type", a_token(HEADER | {"typ": "vp+jwt"})),
    "cty-jwt": ("wrong-token-type", a_token(HEADER | {"cty": "JWT"})),
    "crit": ("malformed", a_token(HEADER | {"crit": ["b64"], "b64": False})),
    "kid-missing": ("malformed", a_token({"alg": "EdDSA", "typ": "vc+jwt"})),
    "kid-of-another": ("issuer-differs", a_token(HEADER | {"kid": f"{DID}X#key-1"})),
    "model-1.1": ("malformed", a_token(HEADER, {"vc": unsigned("public"), "iss": DID})),
    "iss-of-another": (
        "issuer-differs",
        a_token(HEADER, unsigned("public") | {"iss": "did:web:other.example"}),
    ),
    "exp-as-text": ("malformed", a_token(HEADER, unsigned("public") | {"exp": "never"})),
    "exp-beyond-time": ("malformed", a_token(HEADER, unsigned("public") | {"exp": 2**52})),
    "proof-inside": ("several-proofs", a_token(HEADER, signed("public"))),
    "payload-an-array": ("malformed", a_token(HEADER, [])),
    "payload-without-context": ("missing-context", a_token(HEADER, {"type": "x"})),
    "two-parts": ("malformed", as_token("public").rpartition(".")[0]),
    "five-parts": ("malformed", f"{as_token('public')}.."),
    "empty": ("malformed", ""),
    "signature-padded": ("malformed", f"{as_token('public')}=="),
    "signature-missing": ("malformed", as_token("public").rpartition(".")[0] + "."),
    "header-no-json": ("malformed", f"AAAA.{as_token('public').partition('.')[2]}"),
}


@pytest.mark.parametrize(("cause", "text"), TOKENS.values(), ids=TOKENS.keys())
def test_a_lie_in_a_token_is_refused_by_its_name(cause: str, text: str) -> None:
    assert cause_of(text) == cause


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused_before_any_key_work() -> None:
    """The classic confusion: HMAC under the public key, which everybody has."""
    import hashlib  # noqa: PLC0415 - only the attacker needs these
    import hmac  # noqa: PLC0415

    header = HEADER | {"alg": "HS256"}
    body = ".".join(base64url(json.dumps(part).encode()) for part in (header, unsigned("public")))
    mac = hmac.digest(PUBLIC_KEY, body.encode(), hashlib.sha256)
    assert cause_of(f"{body}.{base64url(mac)}") == "wrong-algorithm"


BOMBS = {
    "nested": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "nested-arrays": b"[" * 100_000,
    "many-values": b'{"a":[' + b"0," * 60_000 + b"0]}",
    "huge": b'{"a":"' + b"x" * (2 << 20) + b'"}',
    "duplicate-member": b'{"proof":{},"proof":{}}',
    "not-utf-8": b'{"a":"\xff"}',
    "nan": b'{"a":NaN}',
    "integer-enormous": b'{"a":' + b"9" * 5_000 + b"}",
    "text": b'"eyJ"',
    "token-nested": b".".join((b"A" * 3_000_000, b"A", b"A")),
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_malformed(data: bytes) -> None:
    assert cause_of(data) == "malformed"


def test_a_number_with_a_fraction_of_others_is_read_and_signed_as_rfc_8785_writes_it() -> None:
    credential = unsigned("public")
    credential["credentialSubject"]["accuracy"] = 0.05
    credential["credentialSubject"]["large"] = 1e21
    secured = with_proof(credential, method=METHOD, created=CREATED, sign=sign)
    assert parse_credential(json.dumps(secured).encode()).securing.is_by(PUBLIC_KEY)
    secured["credentialSubject"]["accuracy"] = 0.050000000000000003  # The same double.
    assert read_credential(secured).securing.is_by(PUBLIC_KEY)
    secured["credentialSubject"]["accuracy"] = 0.06
    assert not read_credential(secured).securing.is_by(PUBLIC_KEY)


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=80))
def test_base58_and_base64url_come_back(data: bytes) -> None:
    assert from_base58btc(base58btc(data), "") == data if data else True
    assert from_base64url(base64url(data), "") == data


@pytest.mark.parametrize("text", ["z0", "zO", "zI", "zl", "y1", "z", "", None, 7, "z1 "])
def test_what_is_no_base58_is_refused(text: object) -> None:
    with pytest.raises(InvalidInputError):
        from_base58btc(text, "")


@pytest.mark.parametrize("text", ["A", "AB", "AA==", "AA+_", "A A", "AÄ", "AAB"])
def test_base64url_has_one_spelling(text: str) -> None:
    with pytest.raises(InvalidInputError):
        from_base64url(text, "")


def test_a_key_of_another_kind_is_refused() -> None:
    for data in (b"\xec\x01" + bytes(32), b"\xed\x01" + bytes(31), b"\xed\x01" + bytes(33)):
        with pytest.raises(InvalidInputError):
            from_multikey(base58btc(data), "")


def gzipped(data: bytes) -> str:
    packer = zlib.compressobj(wbits=31)
    return f"u{base64url(packer.compress(data) + packer.flush())}"


def test_a_verification_method_names_its_key_only_in_ways_that_agree() -> None:
    name, other = multikey(PUBLIC_KEY), multikey(Ed25519PublicKey(bytes(OTHER_KEY.verify_key)))
    assert key_in(f"did:key:{name}", name) == PUBLIC_KEY
    assert key_in(f"did:key:{name}", other) is None
    assert key_in(f"did:key:{name}", "key-1") is None
    assert key_in(DID, name) == key_in(DID, f"jwk.{name}") == PUBLIC_KEY
    assert key_in(DID, "key-1") is None


@pytest.mark.parametrize(
    ("issuer", "party"),
    [
        ({"id": "did:web:tulen.example:v1:issuers:VN.MOIT"}, "VN.MOIT"),
        ({"id": "did:web:tulen.example"}, None),
        ({"id": "did:web:tulen.example:v1:issuers:nobody"}, None),
        ({"id": "did:key:VN.MOIT"}, None),
        ({"id": "https://tulen.example/VN.MOIT"}, None),
        (
            {"id": "did:key:z6Mk", "issuerAlsoKnownAs": [{"id": "urn:tulen:party:VN.MOIT"}]},
            "VN.MOIT",
        ),
        ({"id": "did:key:z6Mk", "issuerAlsoKnownAs": [7, {}, {"id": 7}, {"id": "VN.MOIT"}]}, None),
        ({"id": "did:key:z6Mk", "issuerAlsoKnownAs": "urn:tulen:party:VN.MOIT"}, None),
    ],
)
def test_a_party_is_named_by_did_web_or_also_known(
    issuer: dict[str, Any], party: str | None
) -> None:
    assert party_in(issuer) == party


@pytest.mark.parametrize(
    ("public_url", "did"),
    [
        ("https://tulen.example", "did:web:tulen.example:v1:issuers:VN.MOIT"),
        ("https://tulen.example/", "did:web:tulen.example:v1:issuers:VN.MOIT"),
        ("https://tulen.example:8443/a/b", "did:web:tulen.example%3A8443:a:b:v1:issuers:VN.MOIT"),
    ],
)
def test_a_party_has_a_did_below_the_public_address(public_url: str, did: str) -> None:
    assert did_web(public_url, PartyCode("VN.MOIT")) == did
    assert parts_of(f"{did}#key-1", "") == (did, "key-1")


LISTS = {
    "bomb": gzipped(bytes(MAX_LIST_BYTES + 1)),
    "too-short": gzipped(bytes(LIST_BITS // 8 - 1)),
    "zlib-instead": f"u{base64url(zlib.compress(bytes(LIST_BITS // 8)))}",
    "cut-off": encode_list(())[:-8],
    "two-streams": f"u{base64url(from_base64url(encode_list(())[1:], '') * 2)}",
    "base58": "z" + encode_list(())[1:],
    "empty": "u",
    "number": 7,
}


@pytest.mark.parametrize("text", LISTS.values(), ids=LISTS.keys())
def test_a_list_that_cannot_be_unpacked_within_bounds_is_refused(text: object) -> None:
    with pytest.raises(InvalidInputError):
        decode_list(text, "")


def test_a_list_of_the_greatest_size_is_read() -> None:
    assert len(decode_list(gzipped(bytes(MAX_LIST_BYTES)), "")) == MAX_LIST_BYTES


def test_a_credential_that_is_no_list_answers_for_no_bit() -> None:
    with pytest.raises(RefusedCredentialError) as refused:
        is_set(read_credential(signed("public")), "revocation", 0)
    assert refused.value.cause == "wrong-status-list"


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-15T08:30:00",
        "2026-01-15 08:30:00Z",
        "2026-13-15T08:30:00Z",
        "2026-01-15T24:00:00Z",
        "2026-01-15T08:30:00+15:00",
        "20260115T083000Z",
        "0000-01-01T00:00:00Z",
        "2026-01-15T08:30:00Z\n",
        "\u0662\u066026-01-15T08:30:00Z",
        7,
        None,
    ],
)
def test_an_instant_without_zone_or_calendar_is_refused(text: object) -> None:
    with pytest.raises(InvalidInputError):
        instant_in(text, "")


def test_an_instant_may_have_any_zone_and_fractions() -> None:
    assert instant_in("2026-01-15T00:00:00+14:00", "") == instant_in("2026-01-14T10:00:00.000Z", "")
    last, first = "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"
    assert instant_in(first, "") < CREATED < instant_in(last, "")
