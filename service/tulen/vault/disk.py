"""Documents in a folder of this machine."""

import hashlib
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from tulen.errors import NotFoundError, UnavailableError
from tulen.values import Digest
from tulen.vault.envelope import NotAReaderError, open_envelope, seal_envelope

_NAME = re.compile(r"[0-9a-f]{64}")


class DocumentNotFoundError(NotFoundError):
    """No document lies under that reference."""

    code: ClassVar[str] = "document-not-found"


class DamagedDocumentError(UnavailableError):
    """Our copy is damaged. That says nothing about the document: restore the copy, try again."""

    code: ClassVar[str] = "document-damaged"


class DiskVault:
    """Keeps each envelope in a file under its SHA-256, in 256 folders.

    Args:
        folder: Where; made if need be.
        readers: X25519 public keys of all who may read what is put.
        private_key: X25519 private key to read with; None for a vault that only takes.
    """

    def __init__(
        self, folder: Path, readers: Sequence[bytes], private_key: bytes | None = None
    ) -> None:
        self.folder = folder
        self._readers = tuple(readers)
        self._private_key = private_key

    def put(self, data: bytes) -> Digest:
        """Encrypt and keep ``data``, and return its reference once it is safely on the disk."""
        envelope = seal_envelope(data, self._readers)
        reference = Digest(hashlib.sha256(envelope).digest())
        path = self._path(reference)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(envelope)
                file.flush()
                os.fsync(file.fileno())
            Path(unfinished).rename(path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        for folder in (path.parent, self.folder):
            _sync_folder(folder)
        return reference

    def get(self, reference: Digest) -> bytes:
        """Return the document under ``reference``.

        Raises:
            DocumentNotFoundError: there is none.
            DamagedDocumentError: our copy is not what was put.
            NotAReaderError: it was not sealed to this vault's key.
        """
        try:
            envelope = self._path(reference).read_bytes()
        except FileNotFoundError as error:
            raise DocumentNotFoundError(f"document {reference} is not in the vault") from error
        except OSError as error:
            raise DamagedDocumentError(f"document {reference} cannot be read: {error}") from error
        if hashlib.sha256(envelope).digest() != reference:
            raise DamagedDocumentError(
                f"our copy of document {reference} is damaged; restore it from a backup"
            )
        if self._private_key is None:
            raise NotAReaderError(f"document {reference}: this vault has no key to read with")
        return open_envelope(envelope, self._private_key)

    def seal(self, data: bytes) -> bytes:
        """Return ``data`` encrypted to this vault's readers, to be kept elsewhere."""
        return seal_envelope(data, self._readers)

    def unseal(self, envelope: bytes) -> bytes:
        """Return what `seal` has encrypted.

        Raises:
            NotAReaderError: it was not sealed to this vault's key.
        """
        if self._private_key is None:
            raise NotAReaderError("this vault has no key to read with")
        return open_envelope(envelope, self._private_key)

    def scrub(self) -> list[Digest]:
        """Read every document and return the references of the damaged ones."""
        damaged = []
        for path in sorted(self.folder.glob("??/*")):
            if not _NAME.fullmatch(path.name):
                continue  # Unfinished: whoever put it got no reference.
            try:
                whole = hashlib.sha256(path.read_bytes()).hexdigest() == path.name
            except OSError:
                whole = False
            if not whole:
                damaged.append(Digest(bytes.fromhex(path.name)))
        return damaged

    def _path(self, reference: Digest) -> Path:
        name = reference.hex()
        return self.folder / name[:2] / name


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
