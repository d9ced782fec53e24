"""Credentials over HTTP: exported, listed, verified, as exporter, customs and anybody see them."""

import asyncio
import json
import time
from typing import Any

import pytest
from api_answers import problem_in
from nacl.signing import SigningKey

from office_fixtures import PATIENCE_SECONDS, Served
from tulen.certificate import Bundle
from tulen.certificate.credential import (
    context_bytes,
    is_set,
    method_of,
    read_credential,
    with_proof,
)
from tulen.certificate.profiles import present, profile_named, shipped_profiles
from tulen.values import Ed25519PublicKey
from tulen.verify import Verdict
from tulen.workflows import clock
from tulen.workflows.verify_credential_alone import verify_credential_alone

TOKEN = "application/vc+jwt"  # noqa: S105 - not a password
SECURED = ("application/vc", TOKEN)


def exported(served: Served, number: str, accept: str, profile: str = "customs") -> Any:  # noqa: ANN401 - JSON or text
    """Return the credential of a certificate, as the exporter gets it."""
    answer = served.http.get(
        f"/v1/certificates/{number}/credential",
        params={"profile": profile},
        headers=served.headers("exporter") | {"Accept": accept},
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == accept
    return answer.text if accept == TOKEN else answer.json()


def verified(served: Served, credential: object, *lists: object) -> dict[str, Any]:
    """Return what anybody learns of a credential."""
    body = {"credential": credential, "status_lists": list(lists)}
    answer = served.http.post("/v1/credentials/verify", content=json.dumps(body).encode())
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def outcomes(verification: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in verification["checks"]}


@pytest.fixture(scope="module")
def number(served: Served) -> str:
    """Number of a final certificate that nobody revokes."""
    made = served.certified()
    bundle = served.bundle_of(made)
    deadline = time.monotonic() + PATIENCE_SECONDS
    # What has just become final is still called not final for a second.
    while served.http.post("/v1/verify", content=bundle).json()["verdict"] != "VALID":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return made


@pytest.mark.parametrize("accept", SECURED)
@pytest.mark.parametrize("profile", shipped_profiles())
def test_what_the_authority_exports_anybody_finds_valid(
    served: Served, number: str, accept: str, profile: str
) -> None:
    found = verified(served, exported(served, number, accept, profile))
    assert set(outcomes(found).values()) == {"PASS"}, found
    assert found["verdict"] == "VALID"
    assert found["evidence"]["verdict"] == "VALID"


@pytest.mark.parametrize("accept", SECURED)
def test_a_credential_says_what_its_profile_shows_and_nothing_else(
    served: Served, number: str, accept: str
) -> None:
    full = Bundle.parse(served.bundle_of(number))
    for name, profile in shipped_profiles().items():
        document = read_credential(exported(served, number, accept, name)).document
        shown = present(full, profile)
        assert document["evidence"][0]["bundle"] == shown.to_document()
        text = json.dumps(document, ensure_ascii=False)
        kept = full.certificate.claims.keys() - shown.certificate.claims.keys()
        said = set(shown.certificate.claims.values())
        values = {full.certificate.claims[pointer] for pointer in kept} - said
        assert not any(
            f'"{value}"' in text for value in values if isinstance(value, str) and len(value) > 1
        )
        assert bool(kept) is not profile.everything


def states_of(served: Served, number: str) -> dict[str, str]:
    """Return what each kind of credential of a certificate is verified as."""
    return {
        accept: verified(served, exported(served, number, accept))["verdict"] for accept in SECURED
    }


def test_a_revocation_is_in_the_list_once_it_is_final(served: Served) -> None:
    number = served.certified()
    served.bundle_of(number)
    credential = exported(served, number, "application/vc", "public")
    entry, suspension = credential["credentialStatus"]
    address = entry["statusListCredential"].partition(":8000")[2]
    assert not bit_of(served, address, entry)

    revocation = {"certificate": number, "reason": "error", "note": "Mis-stated"}
    served.made("officer-1", "/v1/revocations", revocation)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not bit_of(served, address, entry):
        assert time.monotonic() < deadline, "the list never shows it"
        time.sleep(0.05)
    state = served.get("exporter", f"/v1/certificates/{number}").json()["status"]
    assert state["final"]
    found = verified(served, credential)
    assert found["verdict"] == "REVOKED"
    causes = {check["name"]: check.get("cause") for check in found["checks"]}
    assert (causes["status"], causes["evidence"]) == ("revoked", "revoked")
    assert states_of(served, number) == dict.fromkeys(SECURED, "REVOKED")
    other = suspension["statusListCredential"].partition(":8000")[2]
    assert not bit_of(served, other, suspension)


def bit_of(served: Served, address: str, entry: dict[str, Any]) -> bool:
    """Return what the published list says, as a verifier of others reads it."""
    answer = served.http.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "public, max-age=60"
    credential = read_credential(answer.json())
    assert credential.id == entry["statusListCredential"]
    return is_set(credential, entry["statusPurpose"], int(entry["statusListIndex"]))


def test_with_the_lists_at_hand_it_is_verified_without_the_office(
    served: Served, number: str
) -> None:
    credential = exported(served, number, TOKEN, "buyer")
    entries = read_credential(credential).statuses
    lists = [
        served.http.get(entry.list_id.partition(":8000")[2], headers={"Accept": accept}).content
        for entry, accept in zip(entries, SECURED, strict=True)
    ]
    settings = served.office.settings
    found = asyncio.run(
        verify_credential_alone(
            settings, settings.deployment_file, credential.encode(), lists, offline=False
        )
    )
    assert found.verdict is Verdict.VALID, found.to_document()


def test_a_list_says_nothing_while_the_chain_does_not_answer(served: Served, number: str) -> None:
    credential = exported(served, number, "application/vc", "public")
    served.office.chain.stop()
    try:
        problem_in(served.http.get("/v1/status-lists/VN.MOIT-revocation-0"), 503)
        found = verified(served, credential)
    finally:
        served.office.chain.start()
    assert found["verdict"] == "UNKNOWN"
    said = outcomes(found)
    assert (said["proof"], said["issuer"], said["status"]) == ("PASS", "UNKNOWN", "UNKNOWN")


@pytest.mark.parametrize(
    "name",
    [
        "VN.MOIT-revocation-1",
        "TH.DFT-revocation-0",
        "VN.MOIT-message-0",
        "VN.MOIT-revocation-00",
        "vn.moit-revocation-0",
    ],
)
def test_a_list_that_is_none_is_not_found(served: Served, number: str, name: str) -> None:
    assert number
    answer = served.http.get(f"/v1/status-lists/{name}")
    problem_in(answer, answer.status_code)
    assert answer.status_code in (404, 422)


def test_the_issuer_is_resolved_from_the_keys_that_the_registry_has(
    served: Served, number: str
) -> None:
    document = served.http.get("/v1/issuers/VN.MOIT/did.json").json()
    credential = exported(served, number, "application/vc")
    assert document["id"] == credential["issuer"]["id"]
    methods = {method["id"]: method for method in document["verificationMethod"]}
    assert credential["proof"]["verificationMethod"] in methods
    assert set(document["assertionMethod"]) == methods.keys()
    bundle = Bundle.parse(served.bundle_of(number))
    method = method_of(document["id"], bundle.signature.key)
    assert methods[method]["type"] == "Multikey"
    problem_in(served.http.get("/v1/issuers/TH.DFT/did.json"), 404)


def test_the_vocabulary_is_served_where_the_credential_names_it(
    served: Served, number: str
) -> None:
    credential = exported(served, number, "application/vc")
    address = credential["@context"][-1].partition(":8000")[2]
    answer = served.http.get(address)
    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.content == context_bytes()


@pytest.mark.parametrize("profile", shipped_profiles())
def test_a_presentation_is_what_the_holder_makes_from_his_bundle(
    served: Served, number: str, profile: str
) -> None:
    answer = served.get("exporter", f"/v1/certificates/{number}/presentations/{profile}")
    full = Bundle.parse(served.bundle_of(number))
    shown = present(full, profile_named(profile))
    assert answer.content == shown.to_bytes()
    found = served.http.post("/v1/verify", content=answer.content).json()
    assert found["verdict"] == "VALID"
    assert Bundle.parse(answer.content).anchor == full.anchor


def test_nobody_else_gets_a_presentation_or_a_credential(served: Served, number: str) -> None:
    for person in ("importer", "priok"):
        for what in ("credential", "presentations/bank"):
            problem_in(served.get(person, f"/v1/certificates/{number}/{what}"), 404)


def test_a_profile_that_is_none_is_named(served: Served, number: str) -> None:
    for path in ("credential?profile=king", "presentations/king"):
        problem = problem_in(served.get("exporter", f"/v1/certificates/{number}/{path}"), 422)
        assert "customs, bank, buyer, carrier, public" in problem["detail"]


def test_a_credential_with_another_key_of_nobody_is_invalid(served: Served, number: str) -> None:
    """The same contents, signed by a key that the registry does not have for the authority."""
    document = exported(served, number, "application/vc", "public")
    del document["proof"]
    key = SigningKey(bytes(range(32)))
    method = method_of(document["issuer"]["id"], Ed25519PublicKey(bytes(key.verify_key)))
    forged = with_proof(
        document, method=method, created=clock.now(), sign=lambda data: key.sign(data).signature
    )
    found = verified(served, forged)
    assert found["verdict"] == "INVALID"
    said = {check["name"]: (check["outcome"], check.get("cause")) for check in found["checks"]}
    assert said["proof"] == ("PASS", None)
    assert said["issuer"] == ("FAIL", "unknown-issuer")
