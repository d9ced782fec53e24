"""The page: a form that needs no script, the verdict first, and nobody's markup but our own."""

import html
import json
import re
import time
from typing import Any

import httpx
import pytest

from office_fixtures import PATIENCE_SECONDS, Served
from tulen.certificate import Bundle, FullPresentation, redact
from tulen.portal.words import lines_of

MARKUP = '<script>alert("x")</script>.json'


BOUNDARY = "multipart/form-data; boundary=x"


def part(disposition: str) -> bytes:
    """Return a form with one part."""
    return f"--x\r\nContent-Disposition: form-data; {disposition}\r\n\r\na\r\n--x--\r\n".encode()


def given(served: Served, data: bytes, name: str = "story.tulen.json") -> httpx.Response:
    """Send the form as a browser does with JavaScript off."""
    return served.http.post("/", files={"bundle": (name, data, "application/json")})


def heading(answer: httpx.Response) -> str:
    found = re.search("<h1>(.*?)</h1>", answer.text)
    assert found
    return html.unescape(found.group(1))


def visible(answer: httpx.Response) -> str:
    """Return the page's text without its tags."""
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", answer.text)).split())


def test_the_form_works_without_javascript(served: Served) -> None:
    page = served.http.get("/")
    assert page.status_code == 200
    assert '<form method="post" enctype="multipart/form-data">' in page.text
    assert re.search(r'<input [^>]*name="bundle" type="file"[^>]* required>', page.text)
    assert not re.search(r"\son\w+=|<style|javascript:", page.text)
    assert {"text/html; charset=utf-8"} == {page.headers["content-type"]}


def test_nothing_is_loaded_from_elsewhere_and_nobody_may_frame_it(served: Served) -> None:
    page = served.http.get("/")
    assert page.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    for address in re.findall(r'(?:src|href|action)="([^"]*)"', page.text):
        assert address.startswith("/static/")
        assert served.http.get(address).status_code == 200


def test_a_valid_bundle_is_shown_verdict_first(served: Served, certified_bundle: bytes) -> None:
    answer = given(served, certified_bundle)
    number = json.loads(certified_bundle)["certificate"]["document"]["number"]
    assert (answer.status_code, heading(answer)) == (200, "Valid")
    assert answer.text.index("<h1>Valid</h1>") < answer.text.index(number, 1000)
    assert f"<title>Valid: {number}" in answer.text
    text = visible(answer)
    for words in (
        "15 of 15 checks passed.",
        "Number " + number,
        "Agreement ATIGA, form D",
        "Issued by Ministry of Industry and Trade, Agency of Foreign Trade VN.MOIT",
        "Exporter Hoa Sen Biscuit Joint Stock Company 12 Le Loi Street",
        "Consignee PT Sumber Rasa Nusantara Jalan Enggano 21, Jakarta Utara, ID",
        "From VNSGN, VN departs 28 Nov 2026",
        "To IDTPP, ID by MV Selat Karimata 118S",
        "Sweet biscuits with cocoa, in retail packs 19053120 58% 1000 KGM",
        "Does the certificate still stand? PASS",
        "Did the importing country recognise the authority? PASS",
    ):
        assert words in text
    assert answer.text.count('<li class="PASS">') == 15
    assert re.search(
        r"as the register stood on [^(]+ \(block \d+, read \d+\.\d s before this answer\)", text
    )


def test_a_revoked_one_says_since_when_and_why(served: Served) -> None:
    number = served.certified()
    bundle = served.bundle_of(number)
    revocation = {"certificate": number, "reason": "fraud", "note": "Forged invoices"}
    served.made("officer-2", "/v1/revocations", revocation)
    answer = given(served, bundle)
    assert heading(answer) == "Revoked"
    assert re.search(
        r"The issuing authority revoked it on \d+ \w+ \d{4}, \d\d:\d\d UTC \(fraud: obtained by",
        visible(answer),
    )
    assert "Give no preference on it." in visible(answer)


def test_an_outage_says_that_it_could_not_check(served: Served, certified_bundle: bytes) -> None:
    served.office.chain.stop()
    try:
        answer = given(served, certified_bundle)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while heading(answer) == "Valid":  # from what was read before, until that is too old
            assert time.monotonic() < deadline
            answer = given(served, certified_bundle)
    finally:
        served.office.chain.start()
    assert (answer.status_code, heading(answer)) == (200, "Could not check")
    assert "7 of 15 checks could not be made" in visible(answer)
    assert "the register was not read" in visible(answer)
    assert "What the file says not confirmed" in visible(answer)
    assert answer.text.count('<li class="UNKNOWN">') == 7
    assert heading(given(served, certified_bundle)) == "Valid"


def test_an_altered_one_is_invalid_and_what_it_says_is_not_confirmed(
    served: Served, certified_bundle: bytes
) -> None:
    answer = given(served, certified_bundle.replace(b'"quantity":"1000"', b'"quantity":"9000"'))
    assert heading(answer) == "Invalid"
    assert "What the file says not confirmed" in visible(answer)
    assert "9000 KGM" in visible(answer)
    assert "not confirmed" not in visible(given(served, certified_bundle))


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7 no bundle", b"", b"\xff\xfe", b"[" * 5_000, b"{}", b"x" * (1 << 20) + b"x"],
    ids=["pdf", "empty", "not-utf-8", "nested", "object", "above-a-mebibyte"],
)
def test_what_is_no_bundle_gets_a_readable_page(served: Served, data: bytes) -> None:
    answer = given(served, data)
    assert (answer.status_code, heading(answer)) == (200, "Invalid")
    assert "Is this a bundle, whole and well formed? FAIL" in visible(answer)
    assert "Ask the holder for the file again." in visible(answer)
    assert "<form" in answer.text


def test_names_and_contents_are_shown_and_never_obeyed(
    served: Served, certified_bundle: bytes
) -> None:
    document: Any = json.loads(certified_bundle)
    document["certificate"]["document"]["exporter"]["name"] = MARKUP
    for data in (json.dumps(document).encode(), MARKUP.encode()):
        answer = given(served, data, name=MARKUP)
        assert "<script>alert" not in answer.text
        assert answer.text.count("<script") == 1  # Our own.
        assert MARKUP in visible(answer)


@pytest.mark.parametrize(
    ("content", "kind", "status", "words"),
    [
        (b"", None, 422, "No file was given"),
        (b"bundle=text", "application/x-www-form-urlencoded", 422, "No file was given"),
        (b"{}", "application/json", 422, "No file was given"),
        (b"garbage", "multipart/form-data", 400, "could not be read"),
        (b"garbage", BOUNDARY, 400, "could not be read"),
        (part('name="bundle"; filename=""'), BOUNDARY, 422, "No file was given"),
        (part('name="other"; filename="a"'), BOUNDARY, 422, "No file was given"),
        (part('name="bundle"'), BOUNDARY, 422, "No file was given"),
        (part('filename="a"'), BOUNDARY, 400, "could not be read"),
        (b"x" * (3 << 20), BOUNDARY, 413, "could not be read"),
    ],
)
def test_a_form_that_holds_no_file_gets_the_page_again(
    served: Served, content: bytes, kind: str | None, status: int, words: str
) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    answer = served.http.post("/", content=content, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert words in visible(answer)
    assert heading(answer) == "Check a certificate of origin"


def test_a_file_that_is_too_large_gets_the_page_again(served: Served) -> None:
    answer = given(served, b"x" * (3 << 20))
    assert answer.status_code == 413
    assert "exceeds 2097152 bytes" in visible(answer)


def test_a_redacted_bundle_shows_what_it_discloses(served: Served, certified_bundle: bytes) -> None:
    bundle = Bundle.parse(certified_bundle)
    assert isinstance(bundle.certificate, FullPresentation)
    shown = ["/number", "/lines/0/description", "/agreement", "/form", "/issuing_authority/code"]
    few = Bundle(
        redact(bundle.certificate.certificate, bundle.certificate.seed, shown),
        bundle.signature,
        bundle.log,
        bundle.anchor,
    )
    text = visible(given(served, few.to_bytes()))
    assert "Sweet biscuits with cocoa, in retail packs not disclosed not disclosed" in text
    assert "Exporter" not in text


def test_a_valid_one_that_hides_its_materials_does_not_claim_every_check(
    served: Served, certified_bundle: bytes
) -> None:
    bundle = Bundle.parse(certified_bundle)
    full = bundle.certificate
    assert isinstance(full, FullPresentation)
    shown = [pointer for pointer in full.claims if "/origin/inputs" not in pointer]
    few = redact(full.certificate, full.seed, shown)
    answer = given(served, Bundle(few, bundle.signature, bundle.log, bundle.anchor).to_bytes())
    assert heading(answer) == "Valid"
    assert "13 of 15 checks passed; no other is needed." in visible(answer)


def test_goods_lines_stand_in_their_order_whatever_their_pointers() -> None:
    claims = {"/lines/10/unit": "L", "/lines/9/unit": "KGM", "/lines/x/y/z": "odd", "/lines/": "?"}
    assert [line.get("unit") for line in lines_of(claims)] == ["KGM", None, "L"]
