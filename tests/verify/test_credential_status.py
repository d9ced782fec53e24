"""What status lists say of a credential, and which of them say nothing."""

from collections.abc import Mapping
from typing import Any

import pytest
from certificate_sample import (
    AUTHORITY,
    ON,
    OTHER_KEY,
    POLICY,
    facts_for,
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
    PUBLIC_URL,
    signed,
    unsigned,
)

from tulen.certificate.credential import (
    ListName,
    Purpose,
    did_web,
    list_document,
    method_of,
    read_credential,
    with_proof,
)
from tulen.values import Ed25519PublicKey, PartyCode
from tulen.verify import (
    Verdict,
    verify,
)
from tulen.verify.credential import evidence_in, verify_credential
from tulen.verify.credential_steps import IssuerQuestion, Outside

MARKED = {
    "revoked": (Purpose.REVOCATION, ("FAIL", "revoked"), Verdict.REVOKED),
    "suspended": (Purpose.SUSPENSION, ("FAIL", "suspended"), Verdict.SUSPENDED),
}


@pytest.mark.parametrize(("purpose", "answer", "verdict"), MARKED.values(), ids=MARKED.keys())
def test_a_set_bit_takes_it_back(
    purpose: Purpose, answer: tuple[str, str], verdict: Verdict
) -> None:
    credential = read_credential(signed("public"))
    found = verified(credential, status=lists(**{purpose.value: a_list(purpose, {ENTRY})}))
    assert (said(found), found.verdict) == ({"status": answer}, verdict)
    others = verified(credential, status=lists(**{purpose.value: a_list(purpose, {5, 7})}))
    assert others.verdict is Verdict.VALID


R = Purpose.REVOCATION
BAD_LISTS = {
    "missing": ({}, "no-status-list"),
    "outage": (dict.fromkeys(lists(), OUTAGE), "no-status-list"),
    "of-another-key": (
        lists(revocation=a_list(R, key=OTHER_KEY)),
        "wrong-status-list",
    ),
    "another-purpose": (
        lists(revocation=a_list(Purpose.SUSPENSION, id=ListName(AUTHORITY, R, 0).url(PUBLIC_URL))),
        "wrong-status-list",
    ),
    "no-list": (
        lists(revocation=a_list(R, type=["VerifiableCredential"])),
        "wrong-status-list",
    ),
    "another-list": (lists(revocation=a_list(R, id="https://a.example/1")), "wrong-status-list"),
    "too-old": (
        lists(revocation=a_list(R, validUntil="2026-02-01T08:59:59Z")),
        "stale-status-list",
    ),
    "to-come": (lists(revocation=a_list(R, validFrom="2026-02-01T09:00:01Z")), "stale-status-list"),
    "a-bomb": (
        lists(
            revocation=a_list(
                R,
                credentialSubject={
                    "type": "BitstringStatusList",
                    "statusPurpose": "revocation",
                    "encodedList": "uH4sIAAAAAAAAAA",
                },
            )
        ),
        "wrong-status-list",
    ),
}


@pytest.mark.parametrize(("status", "cause"), BAD_LISTS.values(), ids=BAD_LISTS.keys())
def test_a_list_that_cannot_be_relied_on_leaves_the_status_unknown(
    status: Mapping[str, Any], cause: str
) -> None:
    issuers = {QUESTION: KNOWN}
    credential = read_credential(signed("public"))
    bundle = evidence_in(credential)
    assert bundle is not None
    evidence = verify(bundle, POLICY, facts_for(bundle), ON)
    found = verify_credential(credential, AT, Outside(issuers, status, evidence))
    assert said(found)["status"] == ("UNKNOWN", cause)
    assert found.verdict is Verdict.UNKNOWN


def test_the_list_of_another_authority_says_nothing() -> None:
    """Registered and signed in order, under the same address: it is not the issuer's."""
    other = PartyCode("VN.OTHER")
    key = Ed25519PublicKey(bytes(OTHER_KEY.verify_key))
    did = did_web(PUBLIC_URL, other)
    made = list_document(
        ListName(AUTHORITY, R, 0),
        (),
        issuer=did,
        public_url=PUBLIC_URL,
        at=AT,
        until=AT + YEAR,
        ttl_milliseconds=60_000,
    )
    theirs = with_proof(
        made,
        method=method_of(did, key),
        created=AT,
        sign=lambda data: OTHER_KEY.sign(data).signature,
    )
    credential = read_credential(signed("public"))
    issuers = {QUESTION: KNOWN, IssuerQuestion(other, key): KNOWN}
    status = lists(revocation=read_credential(theirs))
    found = verify_credential(credential, AT, Outside(issuers, status))
    assert said(found)["status"] == ("UNKNOWN", "wrong-status-list")


def test_an_index_beyond_the_list_is_no_answer() -> None:
    entries = unsigned("public")["credentialStatus"]
    entries[0]["statusListIndex"] = "131072"
    found = verified(read_credential(signed("public", credentialStatus=entries)))
    assert said(found)["status"] == ("UNKNOWN", "wrong-status-list")


def test_a_message_about_it_is_no_revocation() -> None:
    entries = [unsigned("public")["credentialStatus"][0] | {"statusPurpose": "message"}]
    found = verified(read_credential(signed("public", credentialStatus=entries)))
    assert said(found) == {"status": ("UNKNOWN", "")}
    assert found.verdict is Verdict.VALID  # The chain, by the bundle inside, says how it stands.
