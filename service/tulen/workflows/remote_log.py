"""A log as it is published somewhere else: over HTTP, from somebody who need not be honest.

An answer is what was asked for, or that there is no such thing. Everything else (another status, a
body that does not end, silence) is no answer: `UnavailableError`.
"""

from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import aiohttp

from tulen.errors import InvalidInputError, UnavailableError
from tulen.log import BUNDLED_BYTES, MAX_NOTE_BYTES, LogPart
from tulen.log.merkle import HASH_BYTES
from tulen.values import PartyCode

CONNECT_SECONDS: Final = 5.0
TOTAL_SECONDS: Final = 30.0
CONNECTIONS: Final = 16

_OK: Final = 200
_NOT_THERE: Final = frozenset({404, 410})


class RemoteLog:
    """The log of one authority under the URL of whoever serves it. Close it after use.

    Args:
        url: Where the service is; its log lies below, under ``/log/`` and the authority's code.
        authority: Whose log.

    Raises:
        InvalidInputError: the URL is none.
    """

    def __init__(self, url: str, authority: PartyCode) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise InvalidInputError("url", url, "is not a URL") from error
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InvalidInputError("url", url, "is not an http or https URL")
        self.name = f"log at {parts.hostname}" + (f":{port}" if port else "")
        self._prefix = f"{url.rstrip('/')}/log/{authority}/"
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS),
            timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS),
        )

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self._session.close()

    async def checkpoint(self) -> bytes | None:
        """Return what is served as the latest checkpoint; None where there is none.

        Raises:
            UnavailableError: there is no answer.
        """
        return await self._get("checkpoint", MAX_NOTE_BYTES)

    async def part(self, part: LogPart) -> bytes | None:
        """Return what is served as a tile or a bundle of entries; None where there is none.

        Raises:
            UnavailableError: there is no answer.
        """
        each = BUNDLED_BYTES if part.level is None else HASH_BYTES
        return await self._get(f"tile/{part.path}", part.width * each)

    async def _get(self, path: str, most: int) -> bytes | None:
        """Return a body of up to one byte more than ``most``, which shows that it is too long."""
        try:
            async with self._session.get(self._prefix + path, allow_redirects=False) as answer:
                if answer.status in _NOT_THERE:
                    return None
                if answer.status != _OK:
                    raise UnavailableError(f"{self.name}: {path}: answers HTTP {answer.status}")
                received = bytearray()
                async for chunk in answer.content.iter_any():
                    received += chunk
                    if len(received) > most:
                        break
                return bytes(received[: most + 1])
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            cause = type(error).__name__
            raise UnavailableError(f"{self.name}: {path}: no answer ({cause})") from error
