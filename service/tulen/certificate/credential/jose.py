"""Credentials in a JWT: ``application/vc+jwt``, one compact JWS signed with Ed25519.

Section 3.1.1 of "Securing Verifiable Credentials using JOSE and COSE" (W3C, 2025): the payload is
the credential itself. The algorithm is fixed before the header is looked at, and the key never
comes from the token.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tulen.certificate.credential.encoding import base64url, from_base64url
from tulen.certificate.credential.integrity import Sign, is_signature
from tulen.certificate.credential.refusals import Cause, RefusedCredentialError
from tulen.certificate.seal import SIGNATURE_BYTES
from tulen.errors import InvalidInputError
from tulen.values import Ed25519PublicKey, Limits, canonical_bytes, parse_strict
from tulen.values.fields import Document

ALGORITHM: Final = "EdDSA"
ALGORITHMS: Final = frozenset({ALGORITHM, "Ed25519"})
"""RFC 8037, and the name that RFC 9864 gives to the same with this one curve."""
TOKEN_TYPE: Final = "vc+jwt"  # noqa: S105 - not a password
CONTENT_TYPE: Final = "vc"
TOKEN_TYPES: Final = frozenset({TOKEN_TYPE, f"application/{TOKEN_TYPE}"})
MAX_HEADER_BYTES: Final = 4096

_PARTS: Final = 3
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = 253_402_300_799
"""Last second of the year 9999, the last that has a datetime."""
_TIMES: Final = ("iat", "nbf", "exp")
CLAIMS: Final = frozenset({"iss", "sub", "aud", "jti", *_TIMES})
"""What of the payload belongs to the token and not to the credential (RFC 7519 section 4.1)."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token that has been read, not yet checked.

    Attributes:
        method: The verification method: the ``kid``, a DID URL.
        created: When it was made, as it says; None where it does not.
        not_before: From when on it is good; None where it does not say.
        expires: When it ends; None where it does not say.
        signed: The bytes that the signature is over.
        signature: The signature.
        document: The credential in it.
        claims: What the payload says of the token.
    """

    method: object
    created: datetime | None
    not_before: datetime | None
    expires: datetime | None
    signed: bytes
    signature: bytes
    document: Document
    claims: Document

    def is_by(self, key: Ed25519PublicKey) -> bool:
        """Return whether ``key`` made the signature."""
        return is_signature(key, self.signed, self.signature)


def token(document: Document, *, method: str, created: datetime, sign: Sign) -> str:
    """Return ``document`` as a signed token.

    Args:
        document: The credential, without a proof.
        method: The verification method of the key that signs.
        created: When; the token's ``iat``.
        sign: Signs with that key.
    """
    header = {"alg": ALGORITHM, "typ": TOKEN_TYPE, "cty": CONTENT_TYPE, "kid": method}
    payload = {**document, "iat": (created - _EPOCH) // timedelta(seconds=1)}
    signed = ".".join(base64url(canonical_bytes(part)) for part in (header, payload))
    return f"{signed}.{base64url(sign(signed.encode()))}"


def read_token(text: str, limits: Limits) -> Token:
    """Return the token in ``text``.

    Raises:
        RefusedCredentialError: it is none, or of another algorithm or type.
    """
    parts = text.split(".")
    if len(parts) != _PARTS:
        raise _malformed("", f"{len(parts)} parts", "are not the three of a compact JWS")
    header = _json(parts[0], "header", Limits(MAX_HEADER_BYTES, string_characters=MAX_HEADER_BYTES))
    if header.get("alg") not in ALGORITHMS:
        raise RefusedCredentialError(
            Cause.WRONG_ALGORITHM, "header/alg", header.get("alg"), f"is not {ALGORITHM!r}"
        )
    for name, known in (
        ("typ", TOKEN_TYPES),
        ("cty", {CONTENT_TYPE, f"application/{CONTENT_TYPE}"}),
    ):
        if name in header and header[name] not in known:
            raise RefusedCredentialError(
                Cause.WRONG_TOKEN_TYPE,
                f"header/{name}",
                header[name],
                f"is none of {sorted(known)}",
            )
    if "crit" in header:
        raise _malformed("header/crit", header["crit"], "asks for what is not understood here")
    payload = _json(parts[1], "payload", limits)
    for name in ("vc", "vp"):
        if name in payload:
            raise _malformed(f"payload/{name}", payload[name], "belongs to the data model 1.1")
    times = {name: _instant(payload[name], name) for name in _TIMES if name in payload}
    try:
        signature = from_base64url(parts[2], "signature")
    except InvalidInputError as error:
        raise _malformed(error.field, error.value, error.problem) from error
    if len(signature) != SIGNATURE_BYTES:
        raise _malformed("signature", f"{len(signature)} bytes", f"are not {SIGNATURE_BYTES}")
    return Token(
        header.get("kid"),
        times.get("iat"),
        times.get("nbf"),
        times.get("exp"),
        f"{parts[0]}.{parts[1]}".encode(),
        signature,
        {name: value for name, value in payload.items() if name not in CLAIMS},
        {name: value for name, value in payload.items() if name in CLAIMS},
    )


def _json(part: str, name: str, limits: Limits) -> Document:
    try:
        document = parse_strict(from_base64url(part, ""), limits)
    except InvalidInputError as error:
        raise _malformed(f"{name}{error.field}", error.value, error.problem) from error
    if not isinstance(document, dict):
        raise _malformed(name, document, "is not an object")
    return document


def _instant(value: Any, name: str) -> datetime:  # noqa: ANN401 - JSON
    if type(value) is not int or not 0 <= value <= _LATEST:
        raise _malformed(f"payload/{name}", value, "is not a number of seconds since 1970")
    return _EPOCH + timedelta(seconds=value)


def _malformed(field: str, value: object, problem: str) -> RefusedCredentialError:
    return RefusedCredentialError(Cause.MALFORMED, field, value, problem)
