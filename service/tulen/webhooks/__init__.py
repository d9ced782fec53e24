"""How a webhook is spoken to: Standard Webhooks signatures, and where a request may go."""

from tulen.webhooks.address import ForbiddenAddressError, check_url
from tulen.webhooks.post import Answer, post
from tulen.webhooks.signature import SECRET_BYTES, secret_text, signed_headers

__all__ = [
    "SECRET_BYTES",
    "Answer",
    "ForbiddenAddressError",
    "check_url",
    "post",
    "secret_text",
    "signed_headers",
]
