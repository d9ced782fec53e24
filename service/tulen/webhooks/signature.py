"""Standard Webhooks 1.0.0: the three headers, and the spelling of a secret."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

SECRET_BYTES: Final = 32
"""The standard asks for 24 to 64 random bytes; as many as the hash has."""
_PREFIX: Final = "whsec_"


def secret_text(secret: bytes) -> str:
    """Return a secret as its receiver's library takes it."""
    return _PREFIX + base64.b64encode(secret).decode()


def signed_headers(
    identifier: str, timestamp: int, body: bytes, secrets: Iterable[bytes]
) -> dict[str, str]:
    """Return the headers that go with ``body``.

    Args:
        identifier: The message's, the same however often it is sent.
        timestamp: Seconds since 1970 at which it is sent this time.
        body: The exact bytes.
        secrets: One signature each; two while a secret is being replaced.
    """
    content = b"%b.%d.%b" % (identifier.encode(), timestamp, body)
    signatures = (hmac.digest(secret, content, hashlib.sha256) for secret in secrets)
    return {
        "webhook-id": identifier,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(s).decode()}" for s in signatures),
    }
