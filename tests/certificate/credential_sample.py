"""Credentials of the sample certificate, signed by its authority's key; all constants."""

from datetime import UTC, datetime
from typing import Any

from certificate_sample import AUTHORITY, BUNDLE, KEY, PUBLIC_KEY

from tulen.certificate import Bundle
from tulen.certificate.credential import (
    credential_document,
    did_web,
    jose_method_of,
    method_of,
    token,
    with_proof,
)
from tulen.certificate.profiles import present, profile_named

PUBLIC_URL = "https://tulen.example"
NAME = "Ministry of Industry and Trade, Agency of Foreign Trade"
CREATED = datetime(2026, 1, 20, 8, 0, tzinfo=UTC)
AT = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
DID = did_web(PUBLIC_URL, AUTHORITY)
METHOD = method_of(DID, PUBLIC_KEY)
JOSE_METHOD = jose_method_of(DID, PUBLIC_KEY)


def sign(message: bytes) -> bytes:
    """Return the signature of the sample's authority."""
    return KEY.sign(message).signature


def unsigned(profile: str = "customs", bundle: Bundle = BUNDLE) -> dict[str, Any]:
    """Return the credential of the sample as ``profile`` shows it, without proof."""
    shown = present(bundle, profile_named(profile))
    return credential_document(shown, profile, name=NAME, public_url=PUBLIC_URL)


def signed(profile: str = "customs", **changes: object) -> dict[str, Any]:
    """Return that credential with a proof, some members changed before it was signed."""
    document = unsigned(profile) | changes
    return with_proof(document, method=METHOD, created=CREATED, sign=sign)


def as_token(profile: str = "customs", **changes: object) -> str:
    """Return the same as a JWT."""
    document = unsigned(profile) | changes
    return token(document, method=JOSE_METHOD, created=CREATED, sign=sign)
