"""A folder of key files, one per party and purpose."""

import re
from pathlib import Path
from typing import ClassVar

from tulen.errors import InvalidInputError, NotFoundError
from tulen.keys.account import AccountSigner
from tulen.keys.ed25519 import Ed25519Signer
from tulen.keys.keyfile import RESISTANT, KeyFile, KeyKind, PassphraseCost
from tulen.values import PartyCode

_PURPOSE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class KeyNotFoundError(NotFoundError):
    """The party has no key for that purpose here."""

    code: ClassVar[str] = "key-not-found"


class KeyStore:
    """Finds and opens ``<party code>.<purpose>.key.json``.

    Args:
        folder: Where the files lie.
        passphrase: What opens them.
        cost: How dear a passphrase of a new file is to try; `tulen.keys.QUICK` for tests.
    """

    def __init__(self, folder: Path, passphrase: str, *, cost: PassphraseCost = RESISTANT) -> None:
        self.folder = folder
        self._passphrase = passphrase
        self._cost = cost

    def __repr__(self) -> str:
        """Return the folder."""
        return f"KeyStore({str(self.folder)!r})"

    def create(
        self,
        party: PartyCode,
        purpose: str,
        kind: KeyKind,
        *,
        private_key: bytes | None = None,
    ) -> KeyFile:
        """Make a key for a party's purpose: a new random one, or ``private_key``.

        Raises:
            KeyFileExistsError: the party has one.
        """
        return KeyFile.create(
            self._path(party, purpose),
            kind,
            self._passphrase,
            private_key=private_key,
            cost=self._cost,
        )

    def find(self, party: PartyCode, purpose: str) -> KeyFile | None:
        """Return the party's key file for a purpose, not opened, or None.

        Raises:
            DamagedKeyFileError: there is a file, but it is not whole.
        """
        try:
            return KeyFile.read(self._path(party, purpose))
        except FileNotFoundError:
            return None

    def ed25519(self, party: PartyCode, purpose: str) -> Ed25519Signer:
        """Return the party's signer for a purpose.

        Raises:
            KeyNotFoundError: there is no such file.
            DamagedKeyFileError: it is not whole.
            WrongKeyKindError: it holds another kind of key.
            WrongPassphraseError: the store's passphrase does not open it.
        """
        return Ed25519Signer(self._open(party, purpose, KeyKind.ED25519))

    def account(self, party: PartyCode, purpose: str) -> AccountSigner:
        """Return the party's account for a purpose; errors as for `ed25519`."""
        return AccountSigner(self._open(party, purpose, KeyKind.SECP256K1))

    def x25519(self, party: PartyCode, purpose: str) -> bytes:
        """Return the party's raw X25519 private key for a purpose; errors as for `ed25519`."""
        return self._open(party, purpose, KeyKind.X25519)

    def _open(self, party: PartyCode, purpose: str, kind: KeyKind) -> bytes:
        file = self.find(party, purpose)
        if file is None:
            raise KeyNotFoundError(
                f"{party} has no key for {purpose!r}: {self._path(party, purpose)} does not exist"
            )
        return file.private_key(kind, self._passphrase)

    def _path(self, party: PartyCode, purpose: str) -> Path:
        if not _PURPOSE.fullmatch(purpose):
            raise InvalidInputError("purpose", purpose, "is not of a-z, 0-9 and hyphens")
        return self.folder / f"{PartyCode(party)}.{purpose}.key.json"
