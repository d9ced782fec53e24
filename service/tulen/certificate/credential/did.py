"""Who issues a credential: DIDs of parties of the registry, and the keys that they name.

Nothing is fetched. The verification method of a party carries the key itself, and the registry on
chain says whether that key is the party's (docs/decisions/0032).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlsplit

from tulen.certificate.credential.encoding import base64url, from_multikey, multikey
from tulen.errors import InvalidInputError
from tulen.values import Ed25519PublicKey, PartyCode, instant_text
from tulen.values.fields import Document

ISSUERS_PATH: Final = ("v1", "issuers")
"""Where an office serves the DID documents of its parties, below its public address."""
PARTY_URN: Final = "urn:tulen:party:"
_CONTEXTS: Final = (
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
    "https://w3id.org/security/jwk/v1",
)
_JWK: Final = "jwk."
"""Before a Multikey in the fragment: the same key as a JSON Web Key, for JOSE."""
_KEY: Final = "did:key:"
_WEB: Final = "did:web:"
_DID_URL = re.compile(r"(did:[a-z0-9]+:[A-Za-z0-9._:%-]+)#([A-Za-z0-9._:%-]+)")


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A key of a party, as its DID document lists it.

    Attributes:
        key: The key.
        until: When it ends, or ended; None while open-ended.
    """

    key: Ed25519PublicKey
    until: datetime | None = None


def did_web(public_url: str, party: PartyCode) -> str:
    """Return the ``did:web`` of a party whose DID document is served below ``public_url``.

    Raises:
        InvalidInputError: ``public_url`` names no host.
    """
    address = urlsplit(public_url)
    if not address.netloc:
        raise InvalidInputError("public_url", public_url, "is no address such as https://host")
    path = [step for step in address.path.split("/") if step]
    return ":".join((f"{_WEB}{quote(address.netloc, safe='')}", *path, *ISSUERS_PATH, party))


def method_of(did: str, key: Ed25519PublicKey) -> str:
    """Return the verification method that a Data Integrity proof names."""
    return f"{did}#{multikey(key)}"


def jose_method_of(did: str, key: Ed25519PublicKey) -> str:
    """Return the verification method that a JOSE header names as ``kid``."""
    return f"{did}#{_JWK}{multikey(key)}"


def did_document(did: str, keys: Iterable[IssuerKey]) -> Document:
    """Return the DID document of a party: each key as a Multikey and as a JSON Web Key."""
    methods: list[Document] = []
    for item in keys:
        ends = {} if item.until is None else {"expires": instant_text(item.until)}
        methods += [
            {
                "id": method_of(did, item.key),
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": multikey(item.key),
                **ends,
            },
            {
                "id": jose_method_of(did, item.key),
                "type": "JsonWebKey",
                "controller": did,
                "publicKeyJwk": {"kty": "OKP", "crv": "Ed25519", "x": base64url(item.key)},
                **ends,
            },
        ]
    return {
        "@context": list(_CONTEXTS),
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def parts_of(method: object, field: str) -> tuple[str, str]:
    """Return DID and fragment of a verification method.

    Raises:
        InvalidInputError: it is no DID URL with a fragment.
    """
    found = _DID_URL.fullmatch(method) if isinstance(method, str) else None
    if found is None:
        raise InvalidInputError(field, method, "is not a DID URL with a fragment")
    return found[1], found[2]


def key_in(did: str, fragment: str) -> Ed25519PublicKey | None:
    """Return the key that a verification method itself carries, or None where it has to be fetched.

    Of ``did:key`` the fragment has to repeat the key of the DID.
    """
    name = did.removeprefix(_KEY) if did.startswith(_KEY) else fragment.removeprefix(_JWK)
    if did.startswith(_KEY) and fragment != name:
        return None
    try:
        return from_multikey(name, "")
    except InvalidInputError:
        return None


def party_in(issuer: Document) -> PartyCode | None:
    """Return the party that an issuer says it is, or None.

    The last step of its ``did:web``, or else what it is also known as; the registry decides whether
    the key is that party's.
    """
    claimed = [str(issuer["id"]).rpartition(":")[2]] if issuer["id"].startswith(_WEB) else []
    also = issuer.get("issuerAlsoKnownAs")
    for other in also if isinstance(also, list) else []:
        name = other.get("id") if isinstance(other, dict) else None
        if isinstance(name, str) and name.startswith(PARTY_URN):
            claimed.append(name.removeprefix(PARTY_URN))
    for code in claimed:
        try:
            return PartyCode(code, "/issuer")
        except InvalidInputError:
            continue
    return None
