"""A credential of the W3C data model 2.0, read and not yet checked.

What is read here may be anybody's: unknown members are kept and never interpreted. Contexts are
not fetched: no member is understood by them, and the first must be the data model's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tulen.certificate.credential.did import parts_of, party_in
from tulen.certificate.credential.instants import instant_in
from tulen.certificate.credential.integrity import IntegrityProof, read_proof
from tulen.certificate.credential.jose import Token, read_token
from tulen.certificate.credential.refusals import Cause, RefusedCredentialError
from tulen.errors import InvalidInputError
from tulen.values import Limits, PartyCode, parse_strict
from tulen.values.fields import Document

CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
CREDENTIAL_TYPE: Final = "VerifiableCredential"
ENVELOPE_TYPE: Final = "EnvelopedVerifiableCredential"
LIMITS: Final = Limits(size_bytes=2 << 20, nodes=40_000, string_characters=2 << 20, fractions=True)
"""Twice a certificate, which stands in a credential as subject and as evidence; one text may be a
whole status list or a whole token."""
MAX_ITEMS: Final = 16
"""Most status entries and pieces of evidence of one credential."""

_ENVELOPE: Final = "data:application/vc+jwt,"
_STATUS: Final = "BitstringStatusListEntry"
_INDEX_DIGITS: Final = 10


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """Where the status of a credential stands (Bitstring Status List 1.0, section 2.1).

    Attributes:
        purpose: What a set bit says: ``revocation`` or ``suspension``, or another.
        index: Index of the bit.
        list_id: URL of the list's credential.
    """

    purpose: str
    index: int
    list_id: str


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential with what secures it.

    Attributes:
        document: The credential without its proof.
        securing: Its proof, or the token that it came in.
        issuer: The issuer as an object; at least its ``id``.
        types: Its types.
        subject: The subject; None where there are several.
        valid_from: From when it is valid; None where it does not say.
        valid_until: Until when; None where it does not say.
        statuses: Where its status stands.
    """

    document: Document
    securing: IntegrityProof | Token
    issuer: Document
    types: tuple[str, ...]
    subject: Document | None
    valid_from: datetime | None
    valid_until: datetime | None
    statuses: tuple[StatusEntry, ...]

    @property
    def id(self) -> str | None:
        """Its identifier, if it has one."""
        value = self.document.get("id")
        return value if isinstance(value, str) else None

    @property
    def party(self) -> PartyCode | None:
        """The party that its issuer says it is, or None."""
        return party_in(self.issuer)

    def evidence(self, kind: str) -> Document | None:
        """Return the first piece of evidence of that type, or None."""
        for item in _listed(self.document.get("evidence")):
            if isinstance(item, dict) and kind in _listed(item.get("type")):
                return item
        return None


def parse_credential(data: bytes) -> Credential:
    """Return the credential in the bytes of a file: JSON with a proof, or a compact JWT.

    Raises:
        RefusedCredentialError: it is no secured credential; no other error escapes.
    """
    text = data.strip()
    if not text.startswith((b"{", b"[", b'"')):
        return read_credential(text.decode("utf-8", "replace"))
    try:
        document = parse_strict(data, LIMITS)
    except InvalidInputError as error:
        raise RefusedCredentialError(
            Cause.MALFORMED, error.field, error.value, error.problem
        ) from error
    return read_credential(document)


def read_credential(value: object) -> Credential:
    """Return the credential in a document, or in the text of a token.

    Raises:
        RefusedCredentialError: it is no secured credential; no other error escapes.
    """
    try:
        return _of_token(value) if isinstance(value, str) else _of_document(value)
    except RefusedCredentialError:
        raise
    except InvalidInputError as error:
        raise RefusedCredentialError(
            Cause.MALFORMED, error.field, error.value, error.problem
        ) from error


def _of_document(value: object) -> Credential:
    if not isinstance(value, dict):
        raise InvalidInputError("", value, "is no object")
    if ENVELOPE_TYPE in _listed(value.get("type")):
        return _of_token(_enveloped(value))
    _require_model(value)
    if "proof" not in value:
        raise RefusedCredentialError(
            Cause.UNSECURED, "/proof", "", "is missing; nothing secures this credential"
        )
    proof = read_proof(value)
    return _credential({n: v for n, v in value.items() if n != "proof"}, proof)


def _of_token(text: str) -> Credential:
    token = read_token(text, LIMITS)
    _require_model(token.document)
    if "proof" in token.document:
        raise RefusedCredentialError(
            Cause.SEVERAL_PROOFS, "/proof", "", "stands inside a token, which secures it already"
        )
    credential = _credential(token.document, token)
    if token.claims.get("iss", credential.issuer["id"]) != credential.issuer["id"]:
        raise RefusedCredentialError(
            Cause.ISSUER_DIFFERS, "payload/iss", token.claims["iss"], "is not the issuer"
        )
    return credential


def _enveloped(value: Document) -> str:
    """Return the token in an EnvelopedVerifiableCredential (section 4.13 of the data model)."""
    data = value.get("id")
    if not isinstance(data, str) or not data.startswith(_ENVELOPE):
        raise InvalidInputError("/id", data, f"does not begin with {_ENVELOPE}")
    return data.removeprefix(_ENVELOPE)


def _require_model(document: Document) -> None:
    """Refuse what is not of the data model 2.0 before anything in it is looked at."""
    contexts = _listed(document.get("@context"))
    if not contexts or contexts[0] != CONTEXT:
        raise RefusedCredentialError(
            Cause.MISSING_CONTEXT,
            "/@context",
            contexts[0] if contexts else "",
            f"is not {CONTEXT}, which must come first",
        )
    if not all(isinstance(context, (str, dict)) for context in contexts):
        raise InvalidInputError("/@context", contexts, "holds neither URLs nor objects only")
    types = _texts(document.get("type"), "/type")
    if CREDENTIAL_TYPE not in types:
        raise RefusedCredentialError(
            Cause.WRONG_TYPE, "/type", ", ".join(types), f"do not include {CREDENTIAL_TYPE}"
        )


def _credential(document: Document, securing: IntegrityProof | Token) -> Credential:
    issuer = document.get("issuer")
    issuer = {"id": issuer} if isinstance(issuer, str) else issuer
    if not isinstance(issuer, dict) or not isinstance(issuer.get("id"), str):
        raise InvalidInputError("/issuer", issuer, "is neither a URL nor an object with one as id")
    method_did, _ = parts_of(securing.method, "/proof/verificationMethod")
    if method_did != issuer["id"]:
        raise RefusedCredentialError(
            Cause.ISSUER_DIFFERS,
            "/issuer",
            issuer["id"],
            f"is not whose key signed it, {method_did}",
        )
    subjects = _listed(document.get("credentialSubject"))
    if not subjects or not all(isinstance(item, dict) and item for item in subjects):
        raise InvalidInputError("/credentialSubject", subjects, "is no object with members")
    return Credential(
        document,
        securing,
        issuer,
        _texts(document["type"], "/type"),
        subjects[0] if len(subjects) == 1 else None,
        _instant(document, "validFrom"),
        _instant(document, "validUntil"),
        _statuses(document.get("credentialStatus")),
    )


def _instant(document: Document, name: str) -> datetime | None:
    return instant_in(document[name], f"/{name}") if name in document else None


def _statuses(value: object) -> tuple[StatusEntry, ...]:
    entries = _listed(value)
    if len(entries) > MAX_ITEMS:
        raise InvalidInputError("/credentialStatus", f"{len(entries)}", f"exceed {MAX_ITEMS}")
    found = []
    for number, entry in enumerate(entries):
        field = f"/credentialStatus/{number}"
        if not isinstance(entry, dict) or _STATUS not in _listed(entry.get("type")):
            raise InvalidInputError(f"{field}/type", entry, f"is no {_STATUS}")
        if entry.get("statusSize", 1) != 1:
            raise InvalidInputError(f"{field}/statusSize", entry["statusSize"], "is not 1")
        purpose, list_id = (entry.get(name) for name in ("statusPurpose", "statusListCredential"))
        if not isinstance(purpose, str) or not isinstance(list_id, str):
            raise InvalidInputError(field, entry, "names neither purpose nor list as text")
        found.append(StatusEntry(purpose, _index(entry.get("statusListIndex"), field), list_id))
    return tuple(found)


def _index(value: object, field: str) -> int:
    """Return a status list index; a whole number, which earlier drafts had, is taken too."""
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not (
        text.isascii() and text.isdecimal() and len(text) <= _INDEX_DIGITS
    ):
        raise InvalidInputError(f"{field}/statusListIndex", value, "is no index")
    return int(text)


def _texts(value: object, field: str) -> tuple[str, ...]:
    texts = _listed(value)
    if not texts or not all(isinstance(text, str) for text in texts):
        raise InvalidInputError(field, value, "is neither a text nor an array of texts")
    return tuple(texts)


def _listed(value: object) -> Sequence[Any]:
    """Return one thing or several as several; JSON-LD writes one of them without an array."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
