"""What stands around every request: its greatest size, what answers carry, the last resort."""

import logging

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tulen.api.problems import problem

MAX_BODY_BYTES = 2 << 20
"""Above the 1 MiB of any document, so that a form upload fits, and far below what would hurt."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What an answer carries unless it says otherwise itself."""

_log = logging.getLogger("tulen.api")


class Guard:
    """ASGI middleware around the whole service.

    * Whoever reads a body above `MAX_BODY_BYTES` gets HTTP 413 raised: before the first byte where
      its length is declared, after that many where it is not.
    * HEAD is answered like GET, without the body (RFC 9110 section 9.3.2).
    * A failure that nobody foresaw is logged, without headers and bodies, and answered as 500.

    Args:
        app: The service.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head, started = scope["method"] == "HEAD", False
        declared, taken = _declared_length(scope), 0

        async def bounded() -> Message:
            nonlocal taken
            if declared <= MAX_BODY_BYTES:
                message = await receive()
                taken += len(message.get("body", b""))
                if taken <= MAX_BODY_BYTES:
                    return message
            raise HTTPException(413, f"the body exceeds {MAX_BODY_BYTES} bytes")

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _dress(MutableHeaders(raw=message["headers"]))
            elif head:
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._app({**scope, "method": "GET"} if head else scope, bounded, dressed)
        except Exception:
            if started:
                raise
            _log.exception("request:failed method=%s path=%r", scope["method"], scope["path"])
            detail = "the failure was recorded; nothing of it is shown here"
            await problem(500, "internal", detail)(scope, receive, dressed)


def _dress(headers: MutableHeaders) -> None:
    """Add what every answer carries. What has an ETag may be kept, if it is asked for anew."""
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-cache" if "etag" in headers else "no-store")


def _declared_length(scope: Scope) -> int:
    """Return the Content-Length; 0 where it says nothing, which counting then makes up for."""
    declared = Headers(scope=scope).get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdecimal() else 0
