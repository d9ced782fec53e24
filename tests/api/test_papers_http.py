"""Papers over HTTP: printed for the two parties, verified for anyone."""

import time
from io import BytesIO

import pikepdf
import pypdfium2
from api_answers import Made, problem_in
from test_verify_http import failures, verified

from office_fixtures import Served

PATIENCE_SECONDS = 60


def printed(served: Served, number: str, query: str = "") -> bytes:
    answer = served.get("exporter", f"/v1/certificates/{number}/print{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{number}.pdf"'
    return answer.content


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as opened:
        return "\n".join(page.get_textpage().get_text_range() for page in opened)


def test_a_paper_verifies_as_its_bundle_does(served: Served, made: Made) -> None:
    pdf = printed(served, made.certificate)
    answer = verified(served, pdf)
    assert (answer["verdict"], failures(answer)) == ("VALID", set())
    with pikepdf.open(BytesIO(pdf)) as opened:
        (inside,) = (one.get_file().read_bytes() for one in opened.attachments.values())
    assert inside == served.bundle_of(made.certificate)


def test_a_copy_says_so(served: Served, made: Made) -> None:
    pdf = printed(served, made.certificate, "?copy=true")
    assert "CERTIFIED TRUE COPY" in text_of(pdf)
    assert verified(served, pdf)["verdict"] == "VALID"


def test_the_paper_of_a_revoked_certificate_is_stamped(served: Served) -> None:
    number = served.certified()
    served.bundle_of(number)  # Waits for the anchor.
    before = printed(served, number)
    revocation = {"certificate": number, "reason": "error", "note": "Mis-stated"}
    served.made("officer-1", "/v1/revocations", revocation)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "REVOKED" not in text_of(printed(served, number)):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert verified(served, before)["verdict"] == "REVOKED"


def test_an_altered_paper_is_invalid_for_a_named_reason(served: Served, made: Made) -> None:
    altered = BytesIO()
    with pikepdf.open(BytesIO(printed(served, made.certificate))) as opened:
        opened.pages[0].Rotate = 180
        opened.save(altered)
    answer = verified(served, altered.getvalue())
    assert (answer["verdict"], failures(answer)) == ("INVALID", {"format"})
    assert answer["checks"][0]["reason"].startswith("paper-not-reproduced: ")


def test_a_paper_is_not_shown_to_others(served: Served, made: Made) -> None:
    answer = served.get("importer", f"/v1/certificates/{made.certificate}/print")
    assert problem_in(answer, 404)["code"] == "not-found"


def test_the_page_takes_a_paper(served: Served, made: Made) -> None:
    files = {"bundle": ("paper.pdf", printed(served, made.certificate), "application/pdf")}
    page = served.http.post("/", files=files)
    assert page.status_code == 200
    assert made.certificate in page.text
    assert "verdict VALID" in page.text
