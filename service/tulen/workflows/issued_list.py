"""An authority's own list of what it issued: how it is made, and how entries are held against it.

It is made from the register of certificates and not from the log, or it would prove nothing: an
entry that somebody put into the log past the officers stands in no register.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from tulen.database import stored
from tulen.database.states import Role
from tulen.errors import InvalidInputError
from tulen.values import Digest
from tulen.workflows.office import Caller, Office

AT_ONCE: Final = 10_000
WINDOW: Final = 65_536
"""Entries that are looked up together in one reading of the list."""
MOST_MISSING: Final = 100

_LINE: Final = re.compile(rb"([0-9a-f]{64})\n?")
_LINE_BYTES: Final = 65


async def issued_digests(office: Office, caller: Caller) -> AsyncIterator[Digest]:
    """Yield the digest of everything that the caller's authority has signed, by number.

    Raises:
        WrongRoleError: the caller is neither officer nor auditor.
    """
    caller.must_be(Role.OFFICER, Role.AUDITOR)
    last = ""
    while True:
        async with office.database.transaction() as connection:
            rows = await stored.signed_after(connection, caller.party, last, AT_ONCE)
        for _, digest in rows:
            yield digest
        if len(rows) < AT_ONCE:
            return
        last = rows[-1][0]


class IssuedList:
    """Holds log entries against a list in a file: one digest in hexadecimal a line.

    Memory is bounded: the list is read once for each `WINDOW` of entries, never kept.

    Args:
        file: The list.

    Attributes:
        missing: Index and digest of the entries that it does not hold: the first hundred.
        more: How many more it does not hold.
    """

    def __init__(self, file: Path) -> None:
        self.missing: list[tuple[int, Digest]] = []
        self.more = 0
        self._file = file
        self._waiting: dict[bytes, int] = {}

    def look_up(self, index: int, digest: Digest) -> None:
        """Remember an entry, to be looked up with others.

        Raises:
            InvalidInputError: as `finish`.
        """
        self._waiting[digest] = index
        if len(self._waiting) >= WINDOW:
            self.finish()

    def finish(self) -> None:
        """Look up what was remembered.

        Raises:
            InvalidInputError: the list cannot be read, or a line is no digest.
        """
        if not self._waiting:
            return
        try:
            with self._file.open("rb") as lines:
                for number, line in enumerate(iter(lambda: lines.readline(_LINE_BYTES), b""), 1):
                    read = _LINE.fullmatch(line)
                    if read is None:
                        raise InvalidInputError(
                            f"{self._file} line {number}",
                            line.decode(errors="replace"),
                            "is not a digest of 64 lower-case hexadecimal digits",
                        )
                    self._waiting.pop(bytes.fromhex(read[1].decode()), None)
        except OSError as error:
            raise InvalidInputError(
                "issued", str(self._file), f"cannot be read: {error.strerror}"
            ) from error
        found = [(index, Digest(digest)) for digest, index in self._waiting.items()]
        room = MOST_MISSING - len(self.missing)
        self.missing += found[:room]
        self.more += len(found[room:])
        self._waiting.clear()
