"""Documents in a folder of this machine."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from tulen.errors import NotFoundError, UnavailableError
from tulen.values import Digest
from tulen.vault.durable import sync_folder, write_durably
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
        """Encrypt and keep ``data``, and return its reference once it is safely on the disk.

        Raises:
            UnavailableError: it cannot be written there.
        """
        envelope = seal_envelope(data, self._readers)
        reference = Digest(hashlib.sha256(envelope).digest())
        path = self._path(reference)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(path, envelope)
            for folder in (path.parent, self.folder):
                sync_folder(folder)
        except OSError as error:
            raise UnavailableError(
                f"the vault in {self.folder} cannot be written ({error.strerror}), "
                "so nothing was kept"
            ) from error
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
        for reference in self.references():
            try:
                envelope = self._path(reference).read_bytes()
                whole = hashlib.sha256(envelope).digest() == reference
            except OSError:
                whole = False
            if not whole:
                damaged.append(reference)
        return damaged

    def references(self) -> Iterator[Digest]:
        """Yield the reference of every document, in ascending order; one folder is in memory."""
        for folder in sorted(self.folder.glob("??")):
            for path in sorted(folder.iterdir()):
                if _NAME.fullmatch(path.name):  # Else unfinished: whoever put it got no reference.
                    yield Digest(bytes.fromhex(path.name))

    def _path(self, reference: Digest) -> Path:
        name = reference.hex()
        return self.folder / name[:2] / name
