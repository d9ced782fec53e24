"""Signs papers: PAdES, with a key and certificate that the authority has from its own CA."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

from asn1crypto import x509  # type: ignore[import-untyped]  # it has no types
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter

from tulen.errors import InvalidInputError

FIELD = "Authority"
Root: TypeAlias = x509.Certificate
"""A certificate that vouches for signers."""


class PaperSigner:
    """The key with which an authority signs its papers.

    Args:
        file: A PKCS#12 file with the key, its certificate and those above it.
        passphrase: What opens it; None where nothing does.

    Raises:
        InvalidInputError: the file cannot be opened.
    """

    def __init__(self, file: Path, passphrase: bytes | None = None) -> None:
        opened = (
            signers.SimpleSigner.load_pkcs12(  # type: ignore[no-untyped-call]  # it has no types
                str(file), passphrase=passphrase
            )
            if file.is_file()
            else None
        )
        if opened is None or opened.signing_cert is None:
            raise InvalidInputError(
                "TULEN_PAPER_KEY_FILE",
                str(file),
                "is not a PKCS#12 file that the passphrase of the key files opens",
            )
        self._signer = opened

    @property
    def certificate(self) -> Root:
        """The certificate of the key."""
        return self._signer.signing_cert

    async def sign(self, pdf: bytes) -> bytes:
        """Return the paper with the signature, which allows no change after it."""
        return await sign_paper(pdf, self._signer)


async def sign_paper(pdf: bytes, signer: signers.Signer) -> bytes:
    """Return ``pdf`` with a PAdES baseline signature that certifies it: nothing may follow."""
    out = BytesIO()
    await signers.PdfSigner(
        signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        ),
        signer=signer,
        new_field_spec=SigFieldSpec(FIELD),
    ).async_sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), output=out)
    return out.getvalue()


def roots_in(file: Path) -> Sequence[Root]:
    """Return the certificates of a PEM file that vouch for signers.

    Raises:
        InvalidInputError: there is no such file, or it holds something else.
    """
    try:
        found = list(
            load_certs_from_pemder([str(file)])  # type: ignore[no-untyped-call]  # it has no types
        )
        for root in found:
            _ = root.subject.native  # It is only now looked at.
    except (OSError, ValueError, TypeError) as error:
        raise InvalidInputError(
            "TULEN_PAPER_ROOTS_FILE", str(file), f"cannot be read: {error}"
        ) from None
    return found
