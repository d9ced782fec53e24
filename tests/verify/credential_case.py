"""Verifies a credential with everything outside of it in order, unless a test says otherwise."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from certificate_sample import (
    AUTHORITY,
    ON,
    POLICY,
    PUBLIC_KEY,
    facts_for,
)
from credential_sample import (
    AT,
    CREATED,
    DID,
    PUBLIC_URL,
    sign,
)
from nacl.signing import SigningKey

from tulen.certificate.credential import (
    Credential,
    ListName,
    Purpose,
    RefusedCredentialError,
    list_document,
    method_of,
    read_credential,
    with_proof,
)
from tulen.values import Country, Ed25519PublicKey
from tulen.verify import (
    ChainFacts,
    CheckOutcome,
    RegisteredKey,
    RegisteredParty,
    Unavailable,
    Verification,
    verify,
)
from tulen.verify.credential import CredentialVerification, evidence_in, verify_credential
from tulen.verify.credential_steps import IssuerFacts, IssuerQuestion, Outside, issuer_question

YEAR = timedelta(days=365)
KNOWN = IssuerFacts(
    RegisteredParty(Country("VN"), True, CREATED - YEAR),
    RegisteredKey(CREATED - YEAR, CREATED + YEAR, None),
    AT,
)
QUESTION = IssuerQuestion(AUTHORITY, PUBLIC_KEY)
OUTAGE = Unavailable("the node does not answer")
ENTRY = 6  # Index of the sample in its log.


def a_list(
    purpose: Purpose,
    bits: set[int] | None = None,
    key: SigningKey | None = None,
    **changes: Any,  # noqa: ANN401 - JSON
) -> Credential:
    """Return a status list of the authority, as it would be published."""
    made = list_document(
        ListName(AUTHORITY, purpose, 0),
        bits or set(),
        issuer=DID,
        public_url=PUBLIC_URL,
        at=AT - timedelta(minutes=1),
        until=AT + timedelta(hours=1),
        ttl_milliseconds=60_000,
    )
    public = PUBLIC_KEY if key is None else Ed25519PublicKey(bytes(key.verify_key))
    signer = sign if key is None else lambda data: key.sign(data).signature
    return read_credential(
        with_proof(made | changes, method=method_of(DID, public), created=AT, sign=signer)
    )


def lists(**changes: Credential) -> dict[str, Credential]:
    made = {purpose.value: a_list(purpose) for purpose in Purpose} | changes
    return {
        ListName(AUTHORITY, Purpose(purpose), 0).url(PUBLIC_URL): item
        for purpose, item in made.items()
    }


def verified(
    credential: Credential | RefusedCredentialError,
    at: datetime = AT,
    *,
    issuer: IssuerFacts | Unavailable = KNOWN,
    status: Mapping[str, Any] | None = None,
    facts: ChainFacts | Unavailable | None = None,
) -> CredentialVerification:
    """Verify with everything outside in order, unless a test says otherwise."""
    evidence: Verification | None = None
    issuers: dict[IssuerQuestion, IssuerFacts | Unavailable] = {}
    if isinstance(credential, Credential):
        bundle = evidence_in(credential)
        if bundle is not None:
            evidence = verify(bundle, POLICY, facts or facts_for(bundle), ON)
        question = issuer_question(credential)
        issuers = {QUESTION: issuer} | ({question: issuer} if question else {})
    outside = Outside(issuers, lists() if status is None else status, evidence)
    return verify_credential(credential, at, outside)


def said(found: CredentialVerification) -> dict[str, tuple[str, str]]:
    """Return what is not PASS, by step: outcome and cause."""
    return {
        check.name: (check.outcome.value, check.cause)
        for check in found.checks
        if check.outcome is not CheckOutcome.PASS
    }
