"""Reads a paper back: its bundle, and whether its pages are what the authority printed."""

import asyncio
import logging
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import ClassVar, Final

from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from tulen.errors import RuleViolationError, TulenError
from tulen.paper.printing import FORMAT, Stamp, print_paper
from tulen.paper.signing import Root

MAX_BUNDLE_BYTES: Final = 4 * 1024 * 1024
MAX_INFLATED_BYTES: Final = 32 * 1024 * 1024
MAX_STREAMS: Final = 1000
"""A certificate of fifty lines has about a tenth."""
_MAGIC = b"%PDF-"
_STREAM = re.compile(rb"stream\r?\n")
_SEVERAL_FILTERS = re.compile(rb"/Filter\s*\[")

# What is wrong with somebody's paper is an answer, not news of this service.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


class PaperRefusedError(RuleViolationError):
    """The paper proves nothing; the subclass says why."""

    code: ClassVar[str] = "paper-refused"


class PaperUnreadableError(PaperRefusedError):
    """It is no PDF file, or none that holds exactly one bundle."""

    code: ClassVar[str] = "paper-unreadable"

    def __init__(self, problem: str) -> None:
        super().__init__(f"the PDF file {problem}; give the paper as it was issued")


class PaperAlteredError(PaperRefusedError):
    """Its signature does not cover what it shows."""

    code: ClassVar[str] = "paper-altered"

    def __init__(self, problem: str) -> None:
        super().__init__(f"the paper was altered after it was signed: {problem}")


class PaperSignerError(PaperRefusedError):
    """It is signed by somebody for whom no root that is set here vouches."""

    code: ClassVar[str] = "paper-signer-unknown"

    def __init__(self, signer: str) -> None:
        super().__init__(
            f"the paper is signed by '{signer}', for whom nobody vouches here; name the "
            "authority's root in TULEN_PAPER_ROOTS_FILE, or verify the bundle file alone"
        )


class PaperForeignError(PaperRefusedError):
    """It is not signed, and its pages are not those that its bundle prints here."""

    code: ClassVar[str] = "paper-not-reproduced"

    def __init__(self) -> None:
        super().__init__(
            "the paper is not signed, and its bundle prints another one here: it was altered, or "
            "printed by another version or for another TULEN_PUBLIC_URL; ask for a signed one, or "
            "verify the bundle file alone"
        )


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper whose pages are as printed.

    Attributes:
        bundle: The bytes of the bundle inside.
        stamp: What the paper says it is.
        signer: Who signed it; None where it was printed again instead.
    """

    bundle: bytes
    stamp: Stamp
    signer: str | None


def is_pdf(data: bytes) -> bool:
    """Return whether ``data`` begins as a PDF file does."""
    return data.startswith(_MAGIC)


async def read_paper(data: bytes, public_url: str, roots: Sequence[Root] = ()) -> Paper:
    """Return what a paper holds, once its pages are known to be as printed.

    A signed one needs a signature over the whole file by a signer that ``roots`` vouch for; one
    that is not signed must be, byte for byte, what its bundle prints here.

    Args:
        data: The bytes of the file.
        public_url: Address that papers printed here lead to.
        roots: Certificates that vouch for signers.

    Raises:
        PaperUnreadableError: it is no PDF file with exactly one bundle.
        PaperAlteredError: the signature does not cover the file as it is.
        PaperSignerError: no root vouches for the signer.
        PaperForeignError: it is not signed, and its bundle prints another paper.
    """
    bundle, stamp, signatures = await asyncio.to_thread(_opened, data)
    if signatures:
        return Paper(bundle, stamp, await _signer(signatures, roots))
    try:
        again = await asyncio.to_thread(print_paper, bundle, public_url, stamp)
    except TulenError as error:
        raise PaperUnreadableError(f"holds a bundle that has no paper: {error}") from None
    if again != data:
        raise PaperForeignError
    return Paper(bundle, stamp, None)


def _opened(data: bytes) -> tuple[bytes, Stamp, list[EmbeddedPdfSignature]]:
    """Return the bundle, the stamp and the signatures in the bytes of a file."""
    _refuse_bombs(data)
    try:
        reader = PdfFileReader(BytesIO(data))
        return *_attached(reader), list(reader.embedded_signatures)
    except PaperRefusedError:
        raise
    except Exception as error:  # noqa: BLE001 - the parser raises anything on what is no PDF file
        raise PaperUnreadableError(f"cannot be read ({type(error).__name__})") from None


def _attached(reader: PdfFileReader) -> tuple[bytes, Stamp]:
    """Return the one associated file that is a bundle, and what the paper says it is."""
    found = []
    for reference in reader.root.get("/AF", ()):
        specification = reference.get_object()
        name, _, stamp = str(specification.get("/Desc", "")).rpartition(" ")
        if name == FORMAT and stamp in set(Stamp):
            found.append((_inflated(specification["/EF"]["/F"]), Stamp(stamp)))
    if len(found) != 1:
        raise PaperUnreadableError(f"holds {len(found)} bundles and not one")
    return found[0]


def _inflated(stream: StreamObject) -> bytes:
    """Return the bytes of an embedded file, never more than a bundle may have."""
    raw = stream.encoded_data
    if stream.get("/Filter") is None:
        data, rest = raw[:MAX_BUNDLE_BYTES], raw[MAX_BUNDLE_BYTES:]
    else:
        inflate = zlib.decompressobj()
        data = inflate.decompress(raw, MAX_BUNDLE_BYTES)
        rest = inflate.unconsumed_tail
    if rest:
        raise PaperUnreadableError(f"holds a bundle of more than {MAX_BUNDLE_BYTES} bytes")
    return data


def _refuse_bombs(data: bytes) -> None:
    """Refuse a file whose streams would fill the memory, before anything reads them."""
    total = 0
    view = memoryview(data)
    for number, start in enumerate(_STREAM.finditer(data)):
        if number >= MAX_STREAMS:
            raise PaperUnreadableError(f"has more than {MAX_STREAMS} streams")
        inflate = zlib.decompressobj()
        try:
            total += len(inflate.decompress(view[start.end() :], MAX_INFLATED_BYTES))
        except zlib.error:
            continue
        if total >= MAX_INFLATED_BYTES:
            raise PaperUnreadableError(f"inflates to more than {MAX_INFLATED_BYTES} bytes")
    if _SEVERAL_FILTERS.search(data):
        raise PaperUnreadableError("packs a stream more than once")


async def _signer(signatures: Sequence[EmbeddedPdfSignature], roots: Sequence[Root]) -> str:
    """Return who signed, where that is one signer, known here, and nothing came after it."""
    if len(signatures) != 1:
        raise PaperAlteredError(f"it has {len(signatures)} signatures and not one")
    try:
        status = await async_validate_pdf_signature(
            signatures[0],
            ValidationContext(trust_roots=list(roots), allow_fetching=False),
            skip_diff=True,  # Nothing at all may follow the signature.
        )
    except (PdfError, SignatureValidationError, ValueError) as error:
        raise PaperAlteredError(f"its signature cannot be read ({error})") from None
    if not (status.intact and status.valid):
        raise PaperAlteredError("its signature is not over these bytes")
    if status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        raise PaperAlteredError("something was added after the signature")
    name: str = status.signing_cert.subject.human_friendly
    if not status.trusted:
        raise PaperSignerError(name)
    return name
