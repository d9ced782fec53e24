"""The credential that an authority issues from a certificate of its log."""

from datetime import date, datetime, time, timedelta, timezone
from typing import Final

from tulen.certificate.bundle import Bundle
from tulen.certificate.credential.did import PARTY_URN, did_web
from tulen.certificate.credential.model import CONTEXT, CREDENTIAL_TYPE
from tulen.certificate.credential.status_list import entries_for
from tulen.certificate.credential.subject import (
    UNTP_CONTEXT,
    UNTP_TYPE,
    is_conformity,
    subject_of,
)
from tulen.certificate.presentation import Heading
from tulen.errors import InvalidInputError
from tulen.values import PartyCode
from tulen.values.fields import Document

OUR_TYPE: Final = "CertificateOfOriginCredential"
PROOF_TYPE: Final = "CertificateOfOriginProof"
CONTEXT_PATH: Final = "v1/contexts/certificate-of-origin-v1.jsonld"
CREDENTIAL_URN: Final = "urn:tulen:credential:"

_EARLIEST: Final = timezone(timedelta(hours=14))
"""Where on Earth a day begins first, and so the validity of whatever is valid from that day."""
_LATEST: Final = timezone(timedelta(hours=-12))
_SECOND: Final = timedelta(seconds=1)


def credential_document(bundle: Bundle, profile: str, *, name: str, public_url: str) -> Document:
    """Return the credential for what ``bundle`` discloses, without proof.

    Args:
        bundle: The certificate with its proof, in full or redacted.
        profile: Name of the disclosure profile, which makes the identifier.
        name: The authority's name.
        public_url: Where the office that issues is reached.

    Raises:
        InvalidInputError: the bundle does not disclose its authority, or contradicts itself.
    """
    presented = bundle.certificate
    authority, digest = presented.heading.authority, presented.digest
    if authority is None or digest is None:
        raise InvalidInputError("/certificate", "", "does not disclose the issuing authority")
    conforms = is_conformity(presented.claims)
    context = f"{public_url.rstrip('/')}/{CONTEXT_PATH}"
    return {
        "@context": [CONTEXT, *([UNTP_CONTEXT] if conforms else []), context],
        "id": f"{CREDENTIAL_URN}{digest.hex()}:{profile}",
        "type": [CREDENTIAL_TYPE, *([UNTP_TYPE] if conforms else []), OUR_TYPE],
        "issuer": _issuer(did_web(public_url, authority), authority, name, conforms=conforms),
        **_validity(presented.heading),
        "credentialSubject": subject_of(presented, digest),
        "credentialStatus": entries_for(authority, bundle.log.index, public_url),
        "evidence": [{"type": [PROOF_TYPE], "bundle": bundle.to_document()}],
    }


def _issuer(did: str, party: PartyCode, name: str, *, conforms: bool) -> Document:
    if not conforms:
        return {"id": did, "name": name}
    known = {"id": f"{PARTY_URN}{party}", "name": name, "registeredId": str(party)}
    return {"type": ["CredentialIssuer"], "id": did, "name": name, "issuerAlsoKnownAs": [known]}


def _validity(heading: Heading) -> Document:
    """Return the validity as instants: a legal date lasts as long as it does anywhere on Earth."""
    validity: Document = {}
    if heading.issued_on is not None:
        validity["validFrom"] = _midnight(heading.issued_on, _EARLIEST).isoformat()
    if heading.valid_until is not None:
        validity["validUntil"] = (_midnight(heading.valid_until, _LATEST) - _SECOND).isoformat()
    return validity


def _midnight(day: date, where: timezone) -> datetime:
    return datetime.combine(day, time(), where)
