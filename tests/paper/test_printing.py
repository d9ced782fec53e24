"""A certificate on paper: what stands on it, and what a camera and a program read from it."""

from io import BytesIO

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from certificate_sample import (
    BUNDLE,
    CERTIFICATE,
    DIGEST,
    ISSUED_ON,
    ON,
    POLICY,
    SEED,
    document,
    facts_for,
    issued,
)
from paper_sample import FORMS, PUBLIC_URL, on_form

from tulen.certificate import Bundle, redact
from tulen.certificate.forms import form_of
from tulen.errors import InvalidInputError
from tulen.paper import (
    PaperNeedsAllError,
    Stamp,
    UnprintableTextError,
    code_of,
    digest_start,
    print_paper,
    verify_url,
)
from tulen.values import AgreementCode, FormCode
from tulen.verify import Verdict, verify

DPI = 150
POINTS = 72


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as opened:
        return "\n".join(page.get_textpage().get_text_range() for page in opened)


def codes_on(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as opened:
        image = opened[0].render(scale=DPI / POINTS).to_pil()
    return [found.text for found in zxingcpp.read_barcodes(image)]


def embedded_in(pdf: bytes) -> dict[str, bytes]:
    with pikepdf.open(BytesIO(pdf)) as opened:
        return {name: found.get_file().read_bytes() for name, found in opened.attachments.items()}


@pytest.mark.parametrize(("agreement", "code"), FORMS, ids=[code for _, code in FORMS])
def test_every_form_prints_and_its_qr_and_its_bundle_are_read_back(
    agreement: AgreementCode, code: FormCode
) -> None:
    bundle = on_form(agreement, code)
    pdf = print_paper(bundle, PUBLIC_URL)
    digest = bundle.certificate.digest
    assert digest is not None
    assert codes_on(pdf) == [verify_url(PUBLIC_URL, digest)]
    assert embedded_in(pdf) == {"VN-ATIGA-2026-000001.tulen.json": bundle.to_bytes()}
    text = text_of(pdf)
    edition = form_of(agreement, code).on(ISSUED_ON).value
    assert code_of(digest) in text
    assert all(line in text for line in edition.title)
    assert all(box.number in text for box in edition.boxes.values())


def test_the_bundle_inside_a_paper_verifies() -> None:
    (inside,) = embedded_in(print_paper(BUNDLE, PUBLIC_URL)).values()
    verification = verify(inside, POLICY, facts_for(Bundle.parse(inside)), ON)
    assert verification.verdict is Verdict.VALID


def test_a_paper_is_pdf_a_3_with_the_bundle_as_its_source() -> None:
    with pikepdf.open(BytesIO(print_paper(BUNDLE, PUBLIC_URL))) as opened:
        with opened.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
            assert metadata["dc:title"] == "Form D VN-ATIGA-2026-000001"
        (associated,) = opened.Root.AF
        assert associated.AFRelationship == "/Source"
        fonts = [
            descriptor
            for page in opened.pages
            for font in page.Resources.Font.values()
            for descriptor in [font.DescendantFonts[0].FontDescriptor]
        ]
        assert fonts
        assert all({"/FontFile2", "/FontFile3"} & set(font.keys()) for font in fonts)


def test_equal_certificates_print_equal_bytes() -> None:
    assert print_paper(BUNDLE, PUBLIC_URL) == print_paper(BUNDLE.to_bytes(), PUBLIC_URL)
    assert print_paper(BUNDLE, PUBLIC_URL) != print_paper(BUNDLE, f"{PUBLIC_URL}/x")


def test_fifty_lines_go_on_to_continuation_sheets() -> None:
    pdf = print_paper(on_form(AgreementCode("ATIGA"), FormCode("D"), 50), PUBLIC_URL)
    with pypdfium2.PdfDocument(pdf) as opened:
        pages = [page.get_textpage().get_text_range() for page in opened]
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert (
            code_of(on_form(AgreementCode("ATIGA"), FormCode("D"), 50).certificate.digest) in page
        )
        assert ("Continuation sheet" in page) is (number > 1)
        assert "VN-ATIGA-2026-000001" in page
    whole = "\n".join(pages)
    assert all(f"kind {number + 1}" in whole for number in range(50))
    assert all("Origin criterion" in page for page in pages if "kind" in page)


def test_a_paper_bears_the_words_of_its_cases() -> None:
    original = text_of(print_paper(issued({"ticks": ["accumulation"]}), PUBLIC_URL))
    assert "CERTIFIED TRUE COPY" not in original
    assert original.count("☑") == 1
    assert "CERTIFIED TRUE COPY" in text_of(print_paper(BUNDLE, PUBLIC_URL, Stamp.CERTIFIED_COPY))
    assert "REVOKED" in text_of(print_paper(BUNDLE, PUBLIC_URL, Stamp.REVOKED))
    late = text_of(print_paper(issued({"ticks": ["issued-retrospectively"]}), PUBLIC_URL))
    assert "ISSUED RETROACTIVELY" in late
    assert late.count("☑") == 1
    replaced = {"reference": "VN-1", "issued_on": "2026-01-02", "country": "VN"}
    assert "REPLACES VN-1 OF 2026-01-02" in text_of(
        print_paper(issued({"replaces": replaced}), PUBLIC_URL)
    )


def test_what_looks_like_markup_is_printed_as_it_is() -> None:
    said = '#read("/etc/passwd") *b* $x$ \\u{41} "quoted" [a] <l> @b'
    lines = [{**line, "description": said} for line in document()["lines"]]
    bundle = issued({"lines": lines})
    pdf = print_paper(bundle, PUBLIC_URL)
    assert '#read("/etc/passwd") *b* $x$ \\u{41}' in " ".join(text_of(pdf).split())
    assert list(embedded_in(pdf).values()) == [bundle.to_bytes()]


def test_a_text_without_signs_in_the_fonts_is_refused_by_name() -> None:
    lines = [{**line, "description": "黄油饼干"} for line in document()["lines"]]
    with pytest.raises(UnprintableTextError, match="黄"):
        print_paper(issued({"lines": lines}), PUBLIC_URL)


def test_a_redacted_certificate_has_no_paper() -> None:
    redacted = Bundle(
        redact(CERTIFICATE, SEED, ["/number"]), BUNDLE.signature, BUNDLE.log, BUNDLE.anchor
    )
    with pytest.raises(PaperNeedsAllError):
        print_paper(redacted, PUBLIC_URL)


def test_a_code_leads_back_to_the_digest_as_people_type_it() -> None:
    code = code_of(DIGEST)
    assert digest_start(code) == digest_start(code.lower().replace("-", " ")) == DIGEST[:10]
    assert digest_start(code.replace("0", "o").replace("1", "l")) == DIGEST[:10]


def test_any_one_wrong_character_and_any_two_swapped_are_found() -> None:
    code = code_of(DIGEST).replace("-", "")
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    wrong = {
        code[:at] + other + code[at + 1 :]
        for at, was in enumerate(code)
        for other in alphabet
        if other != was
    }
    for left in range(len(code)):
        for right in range(left + 1, len(code)):
            swapped = list(code)
            swapped[left], swapped[right] = code[right], code[left]
            wrong.add("".join(swapped))
    wrong.discard(code)
    assert len(wrong) > 600
    for mistyped in wrong:
        with pytest.raises(InvalidInputError, match="mistyped"):
            digest_start(mistyped)
    with pytest.raises(InvalidInputError, match="18"):
        digest_start(code[:-1])
