"""A paper read back: as it was printed, or refused with the name of what is wrong."""

import zlib
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from certificate_sample import BUNDLE, issued
from paper_sample import PASSPHRASE, PUBLIC_URL, Authority, authority

from tulen.errors import InvalidInputError
from tulen.paper import (
    PaperAlteredError,
    PaperForeignError,
    PaperRefusedError,
    PaperSigner,
    PaperSignerError,
    PaperUnreadableError,
    Root,
    Stamp,
    print_paper,
    read_paper,
    roots_in,
)

pytestmark = pytest.mark.anyio

UNSIGNED = print_paper(BUNDLE, PUBLIC_URL)
CHANGES = 150


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return authority(tmp_path / "ours", "Ministry of Trade")


@pytest.fixture
def roots(ours: Authority) -> list[Root]:
    return list(roots_in(ours.roots))


@pytest.fixture
async def signed(ours: Authority) -> bytes:
    return await PaperSigner(ours.key, PASSPHRASE).sign(UNSIGNED)


def saved(pdf: bytes, bundle: bytes | None = None, *, twice: bool = False) -> bytes:
    """Return ``pdf`` as another program saves it, with another bundle inside, or with two."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        specification = opened.Root.AF[0]
        if bundle is not None:
            specification.EF.F.write(bundle)
        if twice:
            opened.Root.AF.append(specification)
        opened.save(out)
    return out.getvalue()


@pytest.mark.parametrize("stamp", Stamp)
async def test_an_unsigned_paper_is_what_its_bundle_prints(stamp: Stamp) -> None:
    paper = await read_paper(print_paper(BUNDLE, PUBLIC_URL, stamp), PUBLIC_URL)
    assert (paper.bundle, paper.stamp, paper.signer) == (BUNDLE.to_bytes(), stamp, None)


async def test_a_signed_paper_names_its_signer(signed: bytes, roots: list[Root]) -> None:
    paper = await read_paper(signed, "https://elsewhere.example", roots)
    assert paper.bundle == BUNDLE.to_bytes()
    assert paper.signer is not None
    assert "Ministry of Trade" in paper.signer


async def test_a_signed_paper_is_pades_and_still_pdf_a(signed: bytes) -> None:
    with pikepdf.open(BytesIO(signed)) as opened:
        value = opened.Root.AcroForm.Fields[0].V
        assert value.SubFilter == "/ETSI.CAdES.detached"
        with opened.open_metadata() as metadata:
            assert metadata["pdfaid:part"] == "3"


async def test_one_byte_changed_anywhere_is_refused(signed: bytes, roots: list[Root]) -> None:
    # What a signature carries about itself is not signed; it can change nothing that is read.
    itself = range(signed.index(b"/Contents <", len(UNSIGNED)), signed.rindex(b"/ByteRange"))
    assert len(itself) > 0
    for data in (UNSIGNED, signed):
        for at in range(8, len(data), len(data) // CHANGES):
            if data is signed and at in itself:
                continue
            changed = bytearray(data)
            changed[at] ^= 1
            with pytest.raises(PaperRefusedError):
                await read_paper(bytes(changed), PUBLIC_URL, roots)


async def test_another_bundle_on_the_same_pages_is_refused(
    signed: bytes, roots: list[Root]
) -> None:
    other = issued({"number": "VN-ATIGA-2026-000002"}).to_bytes()
    with pytest.raises(PaperForeignError):
        await read_paper(saved(UNSIGNED, other), PUBLIC_URL)
    with pytest.raises(PaperAlteredError):
        await read_paper(saved(signed, other), PUBLIC_URL, roots)


async def test_what_is_added_after_the_signature_is_refused(
    signed: bytes, roots: list[Root]
) -> None:
    with pytest.raises(PaperAlteredError, match="added after"):
        await read_paper(signed + b"\n% more\n", PUBLIC_URL, roots)


async def test_a_signature_of_somebody_else_is_refused(tmp_path: Path, roots: list[Root]) -> None:
    other = authority(tmp_path / "other", "Somebody")
    forged = await PaperSigner(other.key, PASSPHRASE).sign(UNSIGNED)
    with pytest.raises(PaperSignerError, match="Somebody"):
        await read_paper(forged, PUBLIC_URL, roots)
    with pytest.raises(PaperSignerError, match="TULEN_PAPER_ROOTS_FILE"):
        await read_paper(forged, PUBLIC_URL)


async def test_an_unsigned_paper_of_another_address_is_refused() -> None:
    with pytest.raises(PaperForeignError, match="TULEN_PUBLIC_URL"):
        await read_paper(UNSIGNED, "https://elsewhere.example")


async def test_a_paper_with_two_bundles_or_none_is_refused() -> None:
    with pytest.raises(PaperUnreadableError, match="2 bundles"):
        await read_paper(saved(UNSIGNED, twice=True), PUBLIC_URL)
    empty = BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.save(empty)
    with pytest.raises(PaperUnreadableError, match="0 bundles"):
        await read_paper(empty.getvalue(), PUBLIC_URL)


async def test_a_bundle_that_is_none_is_refused() -> None:
    with pytest.raises(PaperUnreadableError, match="no paper"):
        await read_paper(saved(UNSIGNED, b'{"format": "x"}'), PUBLIC_URL)


@pytest.mark.parametrize(
    "data", [b"%PDF-", b"%PDF-1.7\n", UNSIGNED[:1000], UNSIGNED[:-30], b"%PDF-1.7" + b"\0" * 999]
)
async def test_what_is_no_pdf_file_is_refused(data: bytes) -> None:
    with pytest.raises(PaperUnreadableError):
        await read_paper(data, PUBLIC_URL)


async def test_a_file_that_inflates_without_end_is_refused_before_it_is_read() -> None:
    packer = zlib.compressobj(9)
    packed = packer.compress(bytes(40 << 20)) + packer.flush()
    bomb = b"%PDF-1.7\n1 0 obj\n<</Filter/FlateDecode>>stream\n" + packed + b"\nendstream"
    with pytest.raises(PaperUnreadableError, match="inflates"):
        await read_paper(bomb, PUBLIC_URL)


async def test_a_file_of_countless_streams_is_refused_before_it_is_read() -> None:
    with pytest.raises(PaperUnreadableError, match="streams"):
        await read_paper(b"%PDF-1.7\n" + b"stream\n" * 100_000, PUBLIC_URL)


def test_a_key_or_a_root_that_cannot_be_read_is_named(tmp_path: Path, ours: Authority) -> None:
    with pytest.raises(InvalidInputError, match="TULEN_PAPER_KEY_FILE"):
        PaperSigner(ours.key, b"wrong")
    with pytest.raises(InvalidInputError, match="TULEN_PAPER_KEY_FILE"):
        PaperSigner(tmp_path / "none.p12")
    with pytest.raises(InvalidInputError, match="TULEN_PAPER_ROOTS_FILE"):
        roots_in(tmp_path / "none.pem")
    with pytest.raises(InvalidInputError, match="TULEN_PAPER_ROOTS_FILE"):
        roots_in(ours.key)
