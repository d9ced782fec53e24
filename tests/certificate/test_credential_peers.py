"""Credentials between two implementations: theirs verifies ours, ours verifies theirs.

Theirs is `@digitalbazaar/data-integrity` with its `eddsa-jcs-2022`, `@digitalbazaar/bitstring`,
`jsonld` and `jose`, from npm.
"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from certificate_sample import KEY, OTHER_KEY, PUBLIC_KEY
from credential_peer import peer
from credential_sample import (
    AT,
    CREATED,
    DID,
    JOSE_METHOD,
    METHOD,
    PUBLIC_URL,
    as_token,
    sign,
    signed,
    unsigned,
)

from tulen.certificate.credential import (
    CONTEXT_PATH,
    IssuerKey,
    ListName,
    Purpose,
    context_bytes,
    did_document,
    is_set,
    list_document,
    read_credential,
    with_proof,
)
from tulen.certificate.credential.status_list import decode_list, encode_list
from tulen.certificate.credential.subject import UNTP_CONTEXT
from tulen.certificate.profiles import shipped_profiles
from tulen.values import Ed25519PublicKey, PartyCode, instant_text

CONTROLLER = did_document(DID, [IssuerKey(PUBLIC_KEY)])
DOCUMENTS = {
    DID: CONTROLLER,
    f"{PUBLIC_URL}/{CONTEXT_PATH}": json.loads(context_bytes()),
    UNTP_CONTEXT: {"@context": {}},
    **{
        method["id"]: {"@context": "https://w3id.org/security/multikey/v1", **method}
        for method in CONTROLLER["verificationMethod"]
    },
}
SEED = bytes(KEY).hex()


def theirs(credential: dict[str, Any]) -> dict[str, Any]:
    """Return what the other implementation makes of a credential of ours."""
    found: dict[str, Any] = peer(
        "verify",
        credential=credential,
        controller=CONTROLLER,
        documents=DOCUMENTS,
        at=instant_text(AT),
    )
    return found


@pytest.mark.parametrize("profile", shipped_profiles())
def test_theirs_verifies_our_proof(profile: str) -> None:
    assert theirs(signed(profile)) == {"verified": True, "errors": []}


def test_theirs_refuses_ours_with_one_character_changed() -> None:
    credential = signed("public")
    credential["credentialSubject"]["certificateOfOrigin"]["number"] += "0"
    assert theirs(credential)["verified"] is False


def test_theirs_verifies_our_status_list_and_reads_its_bits() -> None:
    name = ListName(PartyCode("VN.MOIT"), Purpose.REVOCATION, 0)
    document = list_document(
        name,
        {0, 7, 8, 131_071},
        issuer=DID,
        public_url=PUBLIC_URL,
        at=CREATED,
        until=datetime(2027, 1, 1, tzinfo=UTC),
        ttl_milliseconds=60_000,
    )
    secured = with_proof(document, method=METHOD, created=CREATED, sign=sign)
    assert theirs(secured) == {"verified": True, "errors": []}
    bits = peer("bits", encoded=secured["credentialSubject"]["encodedList"])
    assert bits == {"length": 131_072, "set": [0, 7, 8, 131_071]}


def test_ours_reads_the_bits_that_theirs_sets() -> None:
    wanted = {3, 64, 131_071}
    encoded = peer("encode", length=131_072, bits=sorted(wanted))["encoded"]
    assert decode_list(encoded, "") == decode_list(encode_list(wanted), "")


def test_ours_verifies_their_proof() -> None:
    credential = unsigned("bank")
    secured = peer(
        "issue",
        credential=credential,
        seed=SEED,
        method=METHOD,
        documents=DOCUMENTS,
        at=instant_text(CREATED),
    )
    read = read_credential(secured)
    assert read.securing.created == CREATED
    assert read.securing.is_by(PUBLIC_KEY)
    assert not read.securing.is_by(Ed25519PublicKey(bytes(OTHER_KEY.verify_key)))
    # Ed25519 is deterministic: over the same options both make the same proof.
    assert (
        secured["proof"]
        == with_proof(credential, method=METHOD, created=CREATED, sign=sign)["proof"]
    )


def test_theirs_verifies_our_token() -> None:
    found = peer("verifyToken", token=as_token("bank"), controller=CONTROLLER)
    assert found["verified"]
    assert found["payload"] == unsigned("bank") | {"iat": int(CREATED.timestamp())}


def test_theirs_refuses_our_token_with_another_payload() -> None:
    header, _, signature = as_token("bank").split(".")
    other = as_token("public").split(".")[1]
    changed = f"{header}.{other}.{signature}"
    found = peer("verifyToken", token=changed, controller=CONTROLLER)
    assert found == {"verified": False, "errors": ["ERR_JWS_SIGNATURE_VERIFICATION_FAILED"]}


def test_ours_verifies_their_token() -> None:
    header = {"alg": "EdDSA", "typ": "vc+jwt", "cty": "vc", "kid": JOSE_METHOD}
    credential = unsigned("carrier")
    made = peer("issueToken", credential=credential, seed=SEED, header=header)
    read = read_credential(made["token"])
    assert read.document == credential
    assert read.securing.is_by(PUBLIC_KEY)


def test_the_vocabulary_defines_every_member_of_a_credential() -> None:
    """In safe mode theirs refuses a member that no context defines."""
    said = {
        profile: peer("expand", credential=_of_our_vocabulary(profile), documents=DOCUMENTS)
        for profile in ("customs", "public")
    }
    (expanded,) = said["customs"]["expanded"]
    subject = expanded["https://www.w3.org/2018/credentials#credentialSubject"][0]
    certificate = subject["urn:tulen:credential:v1:certificateOfOrigin"][0]
    issued_on = certificate["urn:tulen:credential:v1:issued_on"]
    assert issued_on == [{"@type": "http://www.w3.org/2001/XMLSchema#date", "@value": "2026-01-15"}]
    lines = certificate["urn:tulen:credential:v1:lines"][0]["@list"]
    assert [line["urn:tulen:credential:v1:line"] for line in lines] == [
        [{"@value": 1}],
        [{"@value": 2}],
    ]


def _of_our_vocabulary(profile: str) -> dict[str, Any]:
    """Return a credential without what UNTP's own context defines."""
    credential = unsigned(profile)
    credential["@context"] = [item for item in credential["@context"] if item != UNTP_CONTEXT]
    credential["type"] = ["VerifiableCredential", "CertificateOfOriginCredential"]
    issuer, subject = credential["issuer"], credential["credentialSubject"]
    credential["issuer"] = {"id": issuer["id"], "name": issuer["name"]}
    credential["credentialSubject"] = {
        "id": subject["id"],
        "type": ["CertificateOfOrigin"],
        "certificateOfOrigin": subject["certificateOfOrigin"],
    }
    return credential


def test_a_list_that_theirs_made_answers_for_its_bit() -> None:
    encoded = peer("encode", length=131_072, bits=[9])["encoded"]
    name = ListName(PartyCode("VN.MOIT"), Purpose.SUSPENSION, 0)
    document = list_document(
        name,
        (),
        issuer=DID,
        public_url=PUBLIC_URL,
        at=CREATED,
        until=datetime(2027, 1, 1, tzinfo=UTC),
        ttl_milliseconds=60_000,
    )
    document["credentialSubject"]["encodedList"] = encoded
    read = read_credential(with_proof(document, method=METHOD, created=CREATED, sign=sign))
    assert [is_set(read, "suspension", bit) for bit in (8, 9, 10)] == [False, True, False]
