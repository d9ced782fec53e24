"""The steps over a credential and their verdict: one truth, then one lie at a time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from certificate_sample import (
    BUNDLE,
    FACTS,
    GOOD,
    ON,
    OTHER_KEY,
    POLICY,
    Issuer,
    document,
    issued,
)
from credential_case import (
    ENTRY,
    KNOWN,
    OUTAGE,
    QUESTION,
    YEAR,
    a_list,
    lists,
    said,
    verified,
)
from credential_sample import (
    AT,
    CREATED,
    METHOD,
    as_token,
    sign,
    signed,
    unsigned,
)

from tulen.certificate import DisclosedClaim, RedactedPresentation
from tulen.certificate.credential import (
    Credential,
    Purpose,
    RefusedCredentialError,
    method_of,
    read_credential,
    with_proof,
)
from tulen.certificate.credential.encoding import base58btc
from tulen.certificate.profiles import shipped_profiles
from tulen.certificate.seal import claim_leaf_hash
from tulen.log import inclusion_path, log_name
from tulen.values import Country, Digest, Ed25519PublicKey, PartyCode
from tulen.verify import (
    RegisteredKey,
    RegisteredParty,
    State,
    StatusReason,
    Unavailable,
    Verdict,
    verify,
)
from tulen.verify.credential import verify_credential
from tulen.verify.credential_steps import IssuerFacts, Outside


@pytest.mark.parametrize("profile", shipped_profiles())
@pytest.mark.parametrize("made", [signed, as_token])
def test_what_the_authority_issued_is_valid(profile: str, made: Any) -> None:  # noqa: ANN401 - one of two makers
    found = verified(read_credential(made(profile)))
    assert said(found) == {}
    assert [check.step for check in found.checks] == [1, 2, 3, 4, 5, 6]
    assert found.verdict is Verdict.VALID


def test_one_character_changed_is_a_bad_signature() -> None:
    secured = signed("public")
    secured["credentialSubject"]["certificateOfOrigin"]["number"] += "0"
    found = verified(read_credential(secured))
    assert said(found)["proof"] == ("FAIL", "bad-signature")
    assert found.verdict is Verdict.INVALID


def test_a_refused_credential_answers_only_the_first_step() -> None:
    try:
        read_credential(unsigned("public"))
    except RefusedCredentialError as error:
        found = verified(error)
    assert said(found) == {"format": ("FAIL", "unsecured")}
    assert (found.verdict, len(found.checks)) == (Verdict.INVALID, 1)
    assert found.to_document()["checks"][0]["cause"] == "unsecured"


UNTIL = datetime(2027, 1, 14, 23, 59, 59, tzinfo=UTC) + timedelta(hours=12)
SINCE = datetime(2026, 1, 14, 10, 0, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)


def test_its_validity_is_that_of_the_legal_dates_anywhere_on_earth() -> None:
    credential = read_credential(signed("public"))
    assert (credential.valid_from, credential.valid_until) == (SINCE, UNTIL)


@pytest.mark.parametrize(
    ("at", "cause"),
    [
        (SINCE - A_SECOND, "not-yet-valid"),
        (SINCE, None),
        (UNTIL, None),
        (UNTIL + A_SECOND, "expired"),
    ],
)
def test_the_period_holds_to_the_second(at: datetime, cause: str | None) -> None:
    found = verified(read_credential(signed("public")), at)
    assert said(found).get("period") == (None if cause is None else ("FAIL", cause))


def test_a_credential_that_is_past_is_expired_and_not_invalid() -> None:
    credential = read_credential(signed("public", validUntil="2026-01-31T00:00:00Z"))
    found = verified(credential)
    assert said(found) == {"period": ("FAIL", "expired")}
    assert found.verdict is Verdict.EXPIRED


def secured_again(**proof: Any) -> Credential:  # noqa: ANN401 - JSON
    """Return the credential with a proof of its own making, signed all the same."""
    made = unsigned("public")
    changed = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": "2026-01-20T08:00:00Z",
        "verificationMethod": METHOD,
        "proofPurpose": "assertionMethod",
        **proof,
    }
    unsigned_proof = made | {"proof": changed | {"proofValue": f"z{'1' * 64}"}}
    signed_bytes = read_credential(unsigned_proof).securing.signed
    return read_credential(
        made | {"proof": changed | {"proofValue": base58btc(sign(signed_bytes))}}
    )


def test_a_proof_that_has_ended_or_is_to_come_is_refused() -> None:
    assert verified(secured_again()).verdict is Verdict.VALID
    ended = verified(secured_again(expires="2026-02-01T09:00:00Z"))
    assert said(ended)["proof"] == ("FAIL", "expired")
    to_come = verified(secured_again(created="2026-02-01T09:05:01Z"))
    assert said(to_come)["proof"] == ("FAIL", "not-yet-valid")
    assert "proof" not in said(verified(secured_again(created="2026-02-01T09:05:00Z")))


ISSUERS = {
    "outage": (OUTAGE, ("UNKNOWN", ""), Verdict.UNKNOWN),
    "unregistered": (replace(KNOWN, party=None), ("FAIL", "unknown-issuer"), Verdict.INVALID),
    "customs": (
        replace(KNOWN, party=RegisteredParty(Country("VN"), False, CREATED)),
        ("FAIL", "unknown-issuer"),
        Verdict.INVALID,
    ),
    "key-of-nobody": (replace(KNOWN, key=None), ("FAIL", "unknown-issuer"), Verdict.INVALID),
    "key-to-come": (
        replace(KNOWN, key=RegisteredKey(CREATED + A_SECOND, None, None)),
        ("FAIL", "key-not-good"),
        Verdict.INVALID,
    ),
    "key-ended": (
        replace(KNOWN, key=RegisteredKey(CREATED - YEAR, CREATED, None)),
        ("FAIL", "key-not-good"),
        Verdict.INVALID,
    ),
    "key-stolen-later": (
        replace(KNOWN, key=RegisteredKey(CREATED - YEAR, None, CREATED + YEAR)),
        ("FAIL", "key-not-good"),
        Verdict.INVALID,
    ),
}


@pytest.mark.parametrize(("facts", "answer", "verdict"), ISSUERS.values(), ids=ISSUERS.keys())
def test_the_registry_decides_who_issued(
    facts: IssuerFacts | Unavailable, answer: tuple[str, str], verdict: Verdict
) -> None:
    found = verified(read_credential(signed("public")), issuer=facts)
    assert said(found)["issuer"] == answer
    assert found.verdict is verdict


def test_an_issuer_of_no_registry_is_not_known_and_not_a_forger() -> None:
    key = Ed25519PublicKey(bytes(OTHER_KEY.verify_key))
    foreign = f"did:key:{method_of('', key)[1:]}"
    made = {**unsigned("public"), "issuer": foreign}
    del made["evidence"], made["credentialStatus"]
    secured = with_proof(
        made,
        method=method_of(foreign, key),
        created=CREATED,
        sign=lambda data: OTHER_KEY.sign(data).signature,
    )
    found = verified(read_credential(secured))
    assert said(found) == {
        "issuer": ("UNKNOWN", "unknown-issuer"),
        "status": ("UNKNOWN", ""),
        "evidence": ("UNKNOWN", ""),
    }
    assert found.verdict is Verdict.UNKNOWN


def test_a_key_that_would_have_to_be_fetched_is_not_known() -> None:
    other = "did:web:other.example"
    made = {**unsigned("public"), "issuer": other}
    secured = with_proof(made, method=f"{other}#key-1", created=CREATED, sign=sign)
    found = verified(read_credential(secured))
    assert said(found)["proof"] == ("UNKNOWN", "unknown-key")
    assert found.verdict is not Verdict.VALID


def test_what_nobody_of_the_registry_signed_cannot_be_taken_back() -> None:
    credential = read_credential(signed("public"))
    marked = lists(revocation=a_list(Purpose.REVOCATION, {ENTRY}))
    found = verified(credential, status=marked, issuer=replace(KNOWN, key=None))
    assert found.verdict is Verdict.INVALID


def test_a_subject_that_says_more_than_the_bundle_is_refused() -> None:
    subject = unsigned("public")["credentialSubject"]
    subject["certificateOfOrigin"]["exporter"] = {"name": "Somebody else"}
    found = verified(read_credential(signed("public", credentialSubject=subject)))
    assert said(found) == {"evidence": ("FAIL", "evidence-differs")}
    assert found.verdict is Verdict.INVALID


def test_the_bundle_of_another_authority_proves_nothing() -> None:
    other = issued(
        {"issuing_authority": {"code": "VN.OTHER", "name": "Another", "country": "VN"}},
        Issuer(log=log_name(PartyCode("VN.OTHER"))),
    )
    made = unsigned("customs", other) | {"issuer": unsigned()["issuer"]}
    secured = with_proof(made, method=METHOD, created=CREATED, sign=sign)
    found = verified(read_credential(secured))
    assert said(found)["evidence"] == ("FAIL", "evidence-differs")


def test_evidence_that_is_no_bundle_fails() -> None:
    evidence = [{"type": ["CertificateOfOriginProof"], "bundle": {"format": "x"}}]
    credential = read_credential(signed("public", evidence=evidence))
    unread = verify(b"", POLICY, OUTAGE, ON)
    found = verify_credential(credential, AT, Outside({QUESTION: KNOWN}, lists(), unread))
    assert said(found)["evidence"] == ("FAIL", "evidence-fails")
    assert found.verdict is Verdict.INVALID


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (State.REVOKED, Verdict.REVOKED),
        (State.REPLACED, Verdict.REPLACED),
        (State.SUSPENDED, Verdict.SUSPENDED),
    ],
)
def test_what_the_chain_says_counts_before_the_list_shows_it(
    state: State, verdict: Verdict
) -> None:
    status = replace(GOOD, state=state, reason=int(StatusReason.ERROR), since=AT)
    credential = read_credential(signed("customs"))
    found = verified(credential, facts=replace(FACTS, status=status))
    assert found.verdict is verdict


def test_a_revoked_bundle_in_a_forged_credential_is_invalid() -> None:
    revoked = replace(GOOD, state=State.REVOKED, reason=int(StatusReason.ERROR), since=AT)
    secured = signed("customs")
    secured["name"] = "A certificate of mine"
    found = verified(read_credential(secured), facts=replace(FACTS, status=revoked))
    assert said(found) == {"proof": ("FAIL", "bad-signature"), "evidence": ("FAIL", "revoked")}
    assert found.verdict is Verdict.INVALID


def test_an_outage_is_unknown_and_never_valid() -> None:
    credential = read_credential(signed("customs"))
    found = verified(credential, issuer=OUTAGE, facts=OUTAGE)
    answers = {name: outcome for name, (outcome, _) in said(found).items()}
    assert answers == dict.fromkeys(("issuer", "status", "evidence"), "UNKNOWN")
    assert found.verdict is Verdict.UNKNOWN


def test_one_claim_below_another_is_refused_and_does_not_crash() -> None:
    """Whoever makes a tree of his own may disclose `/number` and `/number/x` under one root."""
    claims = [("/issuing_authority/code", "VN.MOIT"), ("/number", "A"), ("/number/x", "B")]
    salt = bytes(16)
    leaves = [claim_leaf_hash(salt, *claim) for claim in claims]
    disclosed = tuple(
        DisclosedClaim(index, *claim, salt, tuple(map(Digest, inclusion_path(leaves, index))))
        for index, claim in enumerate(claims)
    )
    bundle = Issuer().bundle(RedactedPresentation(len(leaves), disclosed, ()))
    evidence = [{"type": ["CertificateOfOriginProof"], "bundle": bundle.to_document()}]
    found = verified(read_credential(signed("public", evidence=evidence)))
    assert said(found)["evidence"] == ("FAIL", "evidence-fails")


def test_the_sample_is_what_the_other_tests_take_it_for() -> None:
    assert BUNDLE.log.index == ENTRY
    assert (
        document()["number"]
        == unsigned("public")["credentialSubject"]["certificateOfOrigin"]["number"]
    )
