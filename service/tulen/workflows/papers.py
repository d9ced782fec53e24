"""Print bundles on paper, and open papers again: with the key and the roots that are set."""

import asyncio
from functools import cache
from pathlib import Path

from tulen.certificate import Bundle
from tulen.paper import PaperSigner, Root, Stamp, is_pdf, print_paper, read_paper, roots_in
from tulen.settings import Settings
from tulen.workflows.home import passphrase_in


async def print_bundle(settings: Settings, data: bytes, stamp: Stamp = Stamp.ORIGINAL) -> bytes:
    """Return the paper of a bundle file, signed where a key is set; errors as `print_paper`'s."""
    pdf = await asyncio.to_thread(print_paper, data, settings.public_url, stamp)
    signer = await asyncio.to_thread(_signer, settings)
    return pdf if signer is None else await signer.sign(pdf)


async def bundle_in(settings: Settings, data: bytes | Bundle) -> bytes | Bundle:
    """Return the bundle in a file: that of a paper whose pages are as printed, else the file.

    Raises:
        PaperRefusedError: it is a paper, and proves nothing.
        InvalidInputError: the key or the roots that are set cannot be read.
    """
    if not isinstance(data, bytes) or not is_pdf(data):
        return data
    return (await read_paper(data, settings.public_url, _roots(settings))).bundle


def _roots(settings: Settings) -> list[Root]:
    """Return who vouches for signers: those of the file, and this service for itself."""
    file, signer = settings.paper_roots_file, _signer(settings)
    return [
        *(_read_roots(file) if file is not None else ()),
        *((signer.certificate,) if signer is not None else ()),
    ]


def _signer(settings: Settings) -> PaperSigner | None:
    if settings.paper_key_file is None:
        return None
    return _opened(settings.paper_key_file, passphrase_in(settings.passphrase_path))


@cache
def _opened(file: Path, passphrase: str) -> PaperSigner:
    return PaperSigner(file, passphrase.encode())


@cache
def _read_roots(file: Path) -> tuple[Root, ...]:
    return tuple(roots_in(file))
