"""What every answer owes HTTP: size limits, headers, methods, problems, and the last resort."""

import asyncio
import http.client
import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from api_answers import problem_in
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

import tulen
from office_fixtures import Served
from tulen.api import Guard
from tulen.api.guard import MAX_BODY_BYTES
from tulen.api.problems import status_of
from tulen.errors import TulenError

MEBIBYTE = 1 << 20
HUGE_BYTES = 60 * MEBIBYTE
HUGE = ("/v1/applications", "/v1/verify", "/v1/declarations")


def chunks() -> Iterator[bytes]:
    """Yield 60 MiB, never holding more than a piece of it."""
    piece = b"[" * 65_536
    for _ in range(HUGE_BYTES // len(piece)):
        yield piece


def peak_since_reset() -> int:
    """Return the most memory, in bytes, that this process has had since the last reset."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found.group(1)) * 1024


@pytest.mark.parametrize("path", HUGE)
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
@pytest.mark.usefixtures("nothing_stored")
def test_a_body_of_60_mib_is_refused_without_being_kept(
    served: Served, path: str, *, declared: bool
) -> None:
    headers = served.headers("exporter" if "applications" in path else "importer")
    if declared:
        headers["Content-Length"] = str(HUGE_BYTES)
    Path("/proc/self/clear_refs").write_text("5")
    before = peak_since_reset()
    answer = served.http.post(path, content=chunks(), headers=headers)
    problem = problem_in(answer, 413)
    assert problem["code"] == "too-large"
    assert f"{MAX_BODY_BYTES} bytes" in problem["detail"]
    assert peak_since_reset() - before < 20 * MEBIBYTE


def test_a_declared_size_is_refused_before_anything_is_sent(served: Served) -> None:
    host, _, port = served.url.removeprefix("http://").partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    started = time.monotonic()
    connection.putrequest("POST", "/v1/verify")
    connection.putheader("Content-Length", str(10**15))
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, answer.headers["content-type"]) == (413, "application/problem+json")
    assert time.monotonic() - started < 1
    connection.close()


@pytest.mark.parametrize("path", ["/v1/openapi.json", "/v1/verify", "/v1/nowhere", "/healthz"])
def test_every_answer_is_dressed(served: Served, path: str) -> None:
    headers = served.http.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"


def test_what_does_not_change_may_be_kept_if_asked_for_anew(served: Served) -> None:
    style = served.http.get("/static/tulen.css")
    assert style.headers["cache-control"] == "no-cache"
    asked = {"If-None-Match": style.headers["etag"]}
    assert served.http.get("/static/tulen.css", headers=asked).status_code == 304


@pytest.mark.parametrize(
    "path", ["/v1/nowhere", "/v1", "/v1/", "/v1/applications/x/y/z", "/v2/log", "/static/../x"]
)
def test_an_unknown_address_is_a_problem_document(served: Served, path: str) -> None:
    assert problem_in(served.http.get(path), 404)["code"] == "not-found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/applications", "POST"),
        ("PUT", "/v1/certificates/X", "GET"),
        ("GET", "/v1/verify", "POST"),
        ("OPTIONS", "/v1/verify", "POST"),
        ("TRACE", "/v1/verify", "POST"),
        ("PATCH", "/v1/log/VN.MOIT", "GET"),
    ],
)
def test_another_method_is_refused_and_told_what_is_allowed(
    served: Served, method: str, path: str, allowed: str
) -> None:
    answer = served.http.request(method, path)
    assert problem_in(answer, 405)["code"] == "method-not-allowed"
    assert allowed in answer.headers["allow"]


@pytest.mark.parametrize("path", ["/", "/v1/openapi.json", "/healthz", "/static/tulen.css"])
def test_head_is_get_without_the_body(served: Served, path: str) -> None:
    head, get = served.http.head(path), served.http.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
    assert int(head.headers["content-length"]) == len(get.content)


def test_what_is_not_there_yet_says_when_to_ask_again(served: Served) -> None:
    number = served.certified()
    answer = served.get("exporter", f"/v1/certificates/{number}/bundle")
    assert problem_in(answer, 503)["code"] == "not-yet-final"
    assert answer.headers["retry-after"] == "5"
    served.bundle_of(number)


def test_it_is_alive_and_ready_until_the_chain_node_stops(served: Served) -> None:
    assert served.http.get("/healthz").status_code == 200
    assert served.http.get("/readyz").status_code == 200
    served.office.chain.stop()
    try:
        assert served.http.get("/healthz").status_code == 200
        answer = served.http.get("/readyz")
        assert "does not accept connections" in problem_in(answer, 503)["detail"]
        assert answer.headers["retry-after"] == "5"
    finally:
        served.office.chain.start()
    assert served.http.get("/readyz").status_code == 200


def test_a_failure_nobody_foresaw_shows_nothing_of_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/late":
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise KeyError(await Request(scope, receive).body())

    guarded = httpx.ASGITransport(Guard(fails))

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=guarded, base_url="http://tulen") as client:
            with pytest.raises(KeyError):
                await client.get("/late")
            return await client.post("/a%0Ab", content=b"secret", headers={"X-Key": "hidden"})

    answer = asyncio.run(ask())
    assert problem_in(answer, 500)["code"] == "internal"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "secret" not in answer.text
    (record,) = [item for item in caplog.records if item.name == "tulen.api"]
    assert record.getMessage() == r"request:failed method=POST path='/a\nb'"
    assert "hidden" not in caplog.text


def families() -> set[type[TulenError]]:
    """Return every deliberate error of the package."""
    for module in pkgutil.walk_packages(tulen.__path__, "tulen."):
        if "migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found, waiting = set(), [TulenError]
    while waiting:
        below = [kind for kind in waiting.pop().__subclasses__() if kind not in found]
        found.update(below)
        waiting += below
    return {kind for kind in found if kind.__module__.startswith("tulen.")}


def test_every_deliberate_error_has_a_code_of_its_own() -> None:
    everything = families()
    assert len(everything) > 30
    codes = [kind.__dict__.get("code") for kind in everything]
    assert None not in codes, [kind for kind in everything if "code" not in kind.__dict__]
    twice = {code for code in codes if codes.count(code) > 1}
    assert not twice
    assert all(re.fullmatch("[a-z]+(-[a-z0-9]+)*", code) for code in codes if code)


def test_every_deliberate_error_has_a_status() -> None:
    statuses = {kind: status_of(kind.__new__(kind)) for kind in families()}
    assert set(statuses.values()) == {401, 403, 404, 409, 422, 503}
