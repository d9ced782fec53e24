"""Prints a certificate on its form: PDF/A-3 with its bundle inside, the same bytes every time."""

import json
import re
from datetime import UTC, datetime, time
from enum import StrEnum
from functools import cache
from importlib import resources
from io import BytesIO
from typing import Any, ClassVar, Final

import segno
import typst

from tulen.certificate import Bundle, Certificate, FullPresentation
from tulen.certificate.forms import Box, Edition, form_of
from tulen.errors import RuleViolationError
from tulen.paper.cells import cell_of, lines_of
from tulen.paper.code import code_of, verify_url
from tulen.values import Digest
from tulen.values.fields import Document

FORMAT: Final = "tulen/paper/v1"
STANDARD: Final = "a-3b"
_UNPRINTABLE = re.compile(r"the text `?\"(.*?)\"`? could not be displayed")


class Stamp(StrEnum):
    """What a paper is, beside the original: a copy, or a certificate that no longer holds."""

    ORIGINAL = "original"
    CERTIFIED_COPY = "certified-copy"
    REVOKED = "revoked"
    REPLACED = "replaced"
    SUSPENDED = "suspended"


class PaperNeedsAllError(RuleViolationError):
    """Only a certificate of which nothing is redacted has a paper."""

    code: ClassVar[str] = "paper-needs-all"

    def __init__(self) -> None:
        super().__init__("this bundle is redacted; a paper is printed from the whole certificate")


class UnprintableTextError(RuleViolationError):
    """The certificate holds characters that no embedded font has."""

    code: ClassVar[str] = "unprintable-text"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"the embedded fonts have no signs for '{text}'; print it from a transliteration, or "
            "give the bundle file instead of a paper"
        )


def print_paper(bundle: bytes | Bundle, public_url: str, stamp: Stamp = Stamp.ORIGINAL) -> bytes:
    """Return the unsigned paper of a bundle; equal arguments give equal bytes.

    Args:
        bundle: The bytes of a bundle file, which are embedded as they are, or the bundle.
        public_url: Address of the page that the QR leads to.
        stamp: What the paper is.

    Raises:
        InvalidInputError: the bytes are no bundle.
        PaperNeedsAllError: something of it is redacted.
        UnprintableTextError: a character is in no embedded font.
        UnknownFormError: its form is not loaded.
        NotInForceError: no edition of the form is loaded for its date of issue.
    """
    data = bundle.to_bytes() if isinstance(bundle, Bundle) else bundle
    presented = (bundle if isinstance(bundle, Bundle) else Bundle.parse(data)).certificate
    if not isinstance(presented, FullPresentation):
        raise PaperNeedsAllError
    certificate = presented.certificate
    content = _content(certificate, presented.digest, public_url, stamp)
    source = _template() + f"#let bundle = bytes({_literal(data.decode())})\n#paper(bundle)\n"
    try:
        pdf = typst.Compiler(ignore_system_fonts=True).compile(
            source.encode(),
            format="pdf",
            sys_inputs={"content": json.dumps(content)},
            pdf_standards=[STANDARD],
            timestamp=datetime.combine(certificate.issued_on, time(), UTC),
        )
    except typst.TypstError as error:
        if found := _UNPRINTABLE.search(str(error)):
            raise UnprintableTextError(found[1]) from None
        raise
    if not isinstance(pdf, bytes):
        raise TypeError("one document was asked for")
    return pdf


@cache
def _template() -> str:
    return resources.files("tulen.paper").joinpath("paper.typ").read_text("utf-8")


def _literal(text: str) -> str:
    """Return ``text`` as a string literal of Typst: only these two signs mean anything in one."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _content(
    certificate: Certificate, digest: Digest, public_url: str, stamp: Stamp
) -> dict[str, Any]:
    """Return all that the template sets, as texts."""
    document = certificate.to_document()
    form = form_of(certificate.consignment.agreement, certificate.consignment.form)
    edition = form.on(certificate.issued_on).value
    layout, url = edition.layout, verify_url(public_url, digest)
    image = BytesIO()
    segno.make(url, error="q", micro=False, boost_error=False).save(
        image, kind="svg", border=4, xmldecl=False, svgns=True
    )
    marks = _marks(document, edition, stamp)
    columns = [edition.boxes[number] for number, _ in layout.columns]
    return {
        "format": f"{FORMAT} {stamp}",
        "file": f"{certificate.number}.tulen.json",
        "number": certificate.number,
        "authority": certificate.issuing_authority.name,
        "day": certificate.issued_on.isoformat(),
        "form": form.name.en,
        "title": list(edition.title),
        "stamp": "" if stamp is Stamp.ORIGINAL else stamp.upper().replace("-", " "),
        "left": [_box(edition.boxes[number], document, edition, marks) for number in layout.left],
        "right": [_box(edition.boxes[number], document, edition, marks) for number in layout.right],
        "widths": [width for _, width in layout.columns],
        "columns": [_heading(box) for box in columns],
        "rows": [
            [_row_cell(box, index, line, document, edition) for box in columns]
            for index, line in enumerate(document["lines"])
        ],
        "below": [
            [_box(edition.boxes[number], document, edition, marks) for number in row]
            for row in layout.below
        ],
        "url": url,
        "code": code_of(digest),
        "qr": image.getvalue().decode(),
        "until": certificate.valid_until.isoformat(),
    }


def _heading(box: Box) -> dict[str, str]:
    return {"number": box.number, "en": box.title.en, "id": box.title.id}


def _box(
    box: Box, document: Document, edition: Edition, marks: dict[str, list[str]]
) -> dict[str, Any]:
    texts = [
        line
        for member in box.fills
        if member != "ticks" and not member.startswith("lines/")
        for line in lines_of(document, member, edition)
    ]
    ticked = document.get("ticks", ())
    return {
        **_heading(box),
        "texts": texts,
        "ticks": [
            {"title": f"{one.title.en} / {one.title.id}", "set": one.tick in ticked}
            for one in (edition.ticks if "ticks" in box.fills else ())
        ],
        "marks": marks.get(box.number, []),
    }


def _row_cell(
    box: Box, index: int, line: Document, document: Document, edition: Edition
) -> list[str]:
    """Return the lines of one cell; what is said once for all goods stands in the first row."""
    texts: list[str] = []
    for member in box.fills:
        if member.startswith("lines/"):
            texts.extend(cell_of(line, member, document))
        elif index == 0 and member != "ticks":
            texts.extend(lines_of(document, member, edition))
    return texts


def _marks(document: Document, edition: Edition, stamp: Stamp) -> dict[str, list[str]]:
    """Return the words that the certificate bears in some case, by the box that bears them."""
    cases = {*document.get("ticks", ()), stamp}
    if "replaces" in document:
        cases.add("replaces")
    found: dict[str, list[str]] = {}
    for mark in edition.marks:
        if mark.case in cases:
            words = mark.words.format(**document.get("replaces", {}))
            found.setdefault(mark.box, []).append(words)
    return found
