"""TXT records from a resolver on loopback and from a file; what is no answer is never one."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from attested import DOMAIN, KEY_RECORD, STORE_RECORD, Zone

from tulen.errors import InvalidInputError
from tulen.names import Names
from tulen.names.resolver import Resolver
from tulen.verify import Unavailable
from tulen.verify.open_attestation import NameRecords

pytestmark = pytest.mark.anyio


@pytest.fixture
async def names(zone: Zone) -> AsyncIterator[Names]:
    async with aclosing(Names({}, Resolver(zone.url))) as names:
        yield names


def saying(zone: Zone, body: Any, status: int = 200, **headers: str) -> None:  # noqa: ANN401 - JSON
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    zone.answer = lambda: web.Response(body=raw, status=status, headers=headers)


def txt(data: str, name: str = f"{DOMAIN}.", kind: int = 16) -> dict[str, Any]:
    return {"name": name, "type": kind, "TTL": 60, "data": data}


async def test_a_domain_that_is_not_there_has_no_records_and_that_is_an_answer(
    names: Names, zone: Zone
) -> None:
    assert await names.texts("nowhere.example.sg") == NameRecords((), "resolver 127.0.0.1", False)
    zone.records["empty.example.sg"] = []
    assert await names.texts("empty.example.sg") == NameRecords((), "resolver 127.0.0.1", False)


SPELLED = {
    "plain": ([txt(STORE_RECORD)], [STORE_RECORD]),
    "quoted": ([txt(f'"{STORE_RECORD}"')], [STORE_RECORD]),
    "in parts": ([txt(f'"{STORE_RECORD[:30]}" "{STORE_RECORD[30:]}"')], [STORE_RECORD]),
    "escaped": ([txt(r'"a \"b\" \\ c"')], [r'a "b" \ c']),
    "several": ([txt(f'"{STORE_RECORD}"'), txt(KEY_RECORD)], [STORE_RECORD, KEY_RECORD]),
    "by another name": (
        [txt("other.example.", kind=5), txt("x", "other.example"), txt("y", "third.example")],
        ["x"],
    ),
    "names in a circle": ([txt(f"{DOMAIN}.", kind=5)], []),
    "of another owner": ([txt(STORE_RECORD, "evil.example.")], []),
    "of another type": ([txt(STORE_RECORD, kind=99)], []),
}


@pytest.mark.parametrize(("records", "texts"), SPELLED.values(), ids=SPELLED)
async def test_records_are_read_however_a_resolver_spells_them(
    names: Names, zone: Zone, records: list[dict[str, Any]], texts: list[str]
) -> None:
    saying(zone, {"Status": 0, "AD": True, "Answer": records})
    found = await names.texts(DOMAIN)
    assert found == NameRecords(tuple(texts), "resolver 127.0.0.1", authenticated=True)
    assert zone.asked == [{"name": DOMAIN, "type": "TXT", "do": "true"}]


NO_ANSWERS: dict[str, tuple[Any, int, dict[str, str], str]] = {
    "server failure": ({"Status": 2}, 200, {}, "DNS error 2"),
    "refused": ({"Status": 5}, 200, {}, "DNS error 5"),
    "cut": ({"Status": 0, "TC": True, "Answer": [txt(STORE_RECORD)]}, 200, {}, "less than all"),
    "HTTP 500": ({"Status": 0}, 500, {}, "HTTP 500"),
    "elsewhere": ({"Status": 0}, 302, {"Location": "http://127.0.0.1:9/"}, "HTTP 302"),
    "not JSON": (b"<html>", 200, {}, "not JSON"),
    "array": ([], 200, {}, "something else"),
    "no status": ({"Answer": []}, 200, {}, "something else"),
    "status as text": ({"Status": "0"}, 200, {}, "something else"),
    "status true": ({"Status": False}, 200, {}, "something else"),
    "answer no array": ({"Status": 0, "Answer": "x"}, 200, {}, "record that is none"),
    "record no object": ({"Status": 0, "Answer": [1]}, 200, {}, "record that is none"),
    "data no text": ({"Status": 0, "Answer": [{"name": DOMAIN, "type": 16}]}, 200, {}, "none"),
    "endless": (b" " * 300_000, 200, {}, "more than 262144 bytes"),
}


@pytest.mark.parametrize(
    ("body", "status", "headers", "words"), NO_ANSWERS.values(), ids=NO_ANSWERS
)
async def test_what_is_no_answer_is_unavailable_and_says_why(  # noqa: PLR0917 - a table
    names: Names,
    zone: Zone,
    body: object,
    status: int,
    headers: dict[str, str],
    words: str,
) -> None:
    saying(zone, body, status, **headers)
    found = await names.texts(DOMAIN)
    assert isinstance(found, Unavailable)
    assert words in found.cause


async def test_a_resolver_that_is_not_there_is_named_without_its_credentials() -> None:
    async with aclosing(Names({}, Resolver("http://me:secret@127.0.0.1:9/q?key=hidden"))) as names:
        found = await names.texts(DOMAIN)
    assert found == Unavailable("resolver 127.0.0.1: did not answer (ClientConnectorError)")


async def test_records_of_a_file_are_not_asked_for(tmp_path: Path, zone: Zone) -> None:
    file = tmp_path / "records.json"
    file.write_bytes(orjson.dumps({"Customs.Example.SG": [STORE_RECORD]}))
    async with aclosing(Names.of(file, Resolver(zone.url))) as names:
        found = await names.texts(DOMAIN)
    assert found == NameRecords((STORE_RECORD,), "a file of the relying party", False)
    assert zone.asked == []


async def test_without_file_and_resolver_nobody_is_asked() -> None:
    assert isinstance(await Names.of(None, None).texts(DOMAIN), Unavailable)


@pytest.mark.parametrize(
    "content", [b"[]", b'{"a.example": "x"}', b'{"a.example": [1]}', b"{", None]
)
def test_a_file_that_is_malformed_or_missing_is_refused(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "records.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InvalidInputError, match="TULEN_OA_DNS_FILE"):
        Names.of(file, None)


@pytest.mark.parametrize(
    "url", ["", "dns.example", "http://dns.example/", "ftp://x/", "http://[", "https://"]
)
def test_a_resolver_is_reached_by_https_or_on_loopback(url: str) -> None:
    with pytest.raises(InvalidInputError, match="TULEN_OA_DNS_URL"):
        Resolver(url)
