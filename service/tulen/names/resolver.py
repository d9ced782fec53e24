"""A resolver over HTTPS that answers JSON, as Google's and Cloudflare's public ones do.

It is the operator's choice and is believed; what it says of DNSSEC is handed on. A domain that does
not exist has no records, which is an answer; anything else that is not an answer is none.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import aiohttp
import orjson
from yarl import URL

from tulen.errors import InvalidInputError, UnavailableError
from tulen.verify.open_attestation import NameRecords

TOTAL_SECONDS: Final = 5.0
MAX_CONNECTIONS: Final = 8
MAX_RESPONSE_BYTES: Final = 256 * 1024
"""Four times the longest DNS message (RFC 1035 section 4.2.2)."""

_HTTP_OK: Final = 200
_NO_ERROR, _NO_DOMAIN = 0, 3  # RFC 1035 section 4.1.1, RFC 2308
_CNAME, _TXT = 5, 16  # RFC 1035 section 3.2.2
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


class ResolverError(UnavailableError):
    """The resolver gave no answer that can be believed."""

    code: ClassVar[str] = "no-dns-answer"


class Resolver:
    """One resolver. Use it within one event loop, and close it.

    Args:
        url: Its ``https`` URL; ``http`` on the loopback alone.

    Raises:
        InvalidInputError: the URL is none.
    """

    def __init__(self, url: str) -> None:
        try:
            parts = URL(url)
        except ValueError:
            parts = URL()
        inside = parts.scheme == "http" and parts.host in {"127.0.0.1", "::1", "localhost"}
        if not parts.host or not (parts.scheme == "https" or inside):
            raise InvalidInputError("TULEN_OA_DNS_URL", parts.scheme, "is not an https URL")
        self.name = f"resolver {parts.host}"
        self._url = parts
        self._session: aiohttp.ClientSession | None = None

    async def texts(self, domain: str) -> NameRecords:
        """Return the TXT records of ``domain``, in lower case and without a dot at its end.

        Raises:
            ResolverError: there is no answer, or none that can be believed.
        """
        try:
            answer = orjson.loads(await self._get(domain))
        except orjson.JSONDecodeError:
            raise ResolverError(f"{self.name}: answers something that is not JSON") from None
        if not isinstance(answer, dict) or type(answer.get("Status")) is not int:
            raise ResolverError(f"{self.name}: answers something else than a DNS answer")
        if answer["Status"] not in {_NO_ERROR, _NO_DOMAIN}:
            raise ResolverError(f"{self.name}: answers DNS error {answer['Status']} for {domain}")
        if answer.get("TC") not in {None, False}:
            raise ResolverError(f"{self.name}: answers with less than all for {domain}")
        texts = tuple(_texts_of(domain, _records(answer.get("Answer", []), self.name)))
        return NameRecords(texts, self.name, authenticated=answer.get("AD") is True)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _get(self, domain: str) -> bytes:
        problem = ""
        try:
            return await self._get_once(domain)
        except TimeoutError:
            problem = f"did not answer within {TOTAL_SECONDS:.0f} s"
        except (aiohttp.ClientError, OSError) as error:
            problem = f"did not answer ({type(error).__name__})"
        # Raised out here: the library's own error may hold the URL, and must not be chained.
        raise ResolverError(f"{self.name}: {problem}")

    async def _get_once(self, domain: str) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=MAX_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS),
                headers={"Accept": "application/dns-json", "Accept-Encoding": "identity"},
                auto_decompress=False,
            )
        url = self._url.update_query({"name": domain, "type": "TXT", "do": "true"})
        async with self._session.get(url, allow_redirects=False) as response:
            if response.status != _HTTP_OK:
                raise ResolverError(f"{self.name}: answers HTTP {response.status}")
            received = bytearray()
            async for chunk in response.content.iter_any():
                received += chunk
                if len(received) > MAX_RESPONSE_BYTES:
                    raise ResolverError(
                        f"{self.name}: answers more than {MAX_RESPONSE_BYTES} bytes"
                    )
            return bytes(received)


def _records(answer: Any, name: str) -> list[tuple[str, int, str]]:  # noqa: ANN401 - JSON
    """Return name, type and data of each record in ``answer``."""
    records = []
    for record in answer if isinstance(answer, list) else [answer]:
        fields = record if isinstance(record, Mapping) else {}
        owner, kind, data = fields.get("name"), fields.get("type"), fields.get("data")
        if not isinstance(owner, str) or type(kind) is not int or not isinstance(data, str):
            raise ResolverError(f"{name}: answers a record that is none")
        records.append((_plain(owner), kind, data))
    return records


def _texts_of(domain: str, records: list[tuple[str, int, str]]) -> list[str]:
    """Return the texts that belong to ``domain``, by other names of it where it has them."""
    owner = domain
    aliases = {name: _plain(data) for name, kind, data in records if kind == _CNAME}
    while owner in aliases:
        owner = aliases.pop(owner)
    return [_text(data) for name, kind, data in records if kind == _TXT and name == owner]


def _plain(name: str) -> str:
    return name.lower().removesuffix(".")


def _text(data: str) -> str:
    """Return one record as one text: some resolvers quote its parts, others do not."""
    if not data.startswith('"'):
        return data
    return "".join(_ESCAPED.sub(r"\1", part) for part in _QUOTED.findall(data))
