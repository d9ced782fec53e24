"""One request to a webhook: five seconds, no redirect, little of the answer read, none kept."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final

import aiohttp

from tulen.webhooks.address import Networks, may_reach

TIMEOUT_SECONDS: Final = 5
MOST_READ_BYTES: Final = 64 * 1024
_CHUNK_BYTES: Final = 8 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request.

    Attributes:
        milliseconds: How long it took.
        status: HTTP status; None where no answer came.
        error: What went wrong; None where the status says that it was taken.
    """

    milliseconds: int
    status: int | None
    error: str | None


async def post(url: str, headers: Mapping[str, str], body: bytes, allowed: Networks) -> Answer:
    """Send ``body`` once; never raises for what the other side does.

    Args:
        url: Where to, as `check_url` has let it pass.
        headers: What goes with it.
        body: What is sent.
        allowed: Networks that may be reached although they are not public.
    """
    loop = asyncio.get_running_loop()
    began, status, error = loop.time(), None, None
    loopback_only = url.startswith("http:")
    allowed = tuple(allowed)

    def guarded(info: tuple[Any, ...]) -> socket.socket:
        """Open a socket for the address that is about to be connected to, if it may be."""
        family, kind, protocol, _, place = info
        address = ip_address(str(place[0]).partition("%")[0])
        if not may_reach(address, allowed) or (loopback_only and not address.is_loopback):
            refusal = f"{address} is not public; see TULEN_WEBHOOK_NETWORKS"
            raise PermissionError(errno.EACCES, refusal)
        return socket.socket(family, kind, protocol)

    try:
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    force_close=True, use_dns_cache=False, socket_factory=guarded
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
                auto_decompress=False,
                trust_env=False,  # A proxy would connect where we do not look.
            ) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            status = response.status
            await _drain(response)
    except TimeoutError:
        error = f"no answer within {TIMEOUT_SECONDS} s"
    except (aiohttp.ClientError, OSError, ValueError) as problem:
        error = f"{type(problem).__name__}: {problem}"
    if status is not None:
        error = _complaint(status)
    return Answer(int((loop.time() - began) * 1000), status, error)


async def _drain(response: aiohttp.ClientResponse) -> None:
    """Let the other side finish a short answer; whatever is wrong with it, its status came."""
    read = 0
    with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
        while read < MOST_READ_BYTES and (chunk := await response.content.read(_CHUNK_BYTES)):
            read += len(chunk)


def _complaint(status: int) -> str | None:
    """Return why a status is no success; None where it is one."""
    if 200 <= status < 300:  # noqa: PLR2004 - RFC 9110 section 15.3
        return None
    if 300 <= status < 400:  # noqa: PLR2004 - RFC 9110 section 15.4
        return f"HTTP {status}: redirects are not followed"
    return f"HTTP {status}"
