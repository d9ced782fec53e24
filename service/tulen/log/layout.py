"""Where the parts of a public log lie, and what its bundles of entries hold (C2SP tlog-tiles).

See docs/specs/log.md, section 7. A path has one spelling: what is read is written again and
compared.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from tulen.errors import InvalidInputError
from tulen.log.merkle import HASH_BYTES
from tulen.log.tiles import TILE_HEIGHT, TILE_WIDTH
from tulen.values import Digest

ENTRY_BYTES: Final = 1 + HASH_BYTES
"""An entry is its kind and its digest."""
_LENGTH_BYTES: Final = 2
BUNDLED_BYTES: Final = _LENGTH_BYTES + ENTRY_BYTES
"""A bundle puts the entry's length before it."""
MAX_LEVEL: Final = 63

_ENTRIES: Final = "entries"
_GROUP: Final = 1000
_PATH: Final = re.compile(
    r"(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class LogPart:
    """A tile or a bundle of entries, or the beginning of one.

    Attributes:
        level: The tile's level; None for entries, which lie beside the tiles of level 0.
        index: Its index in the level.
        width: How many hashes or entries of it: 256 where it is full.
    """

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @classmethod
    def parse(cls, path: str) -> Self:
        """Return the part at ``path``, which is what follows ``tile/``.

        Raises:
            InvalidInputError: it is no such path, or spelled in another way.
        """
        read = _PATH.fullmatch(path)
        if read is not None:
            level, index, width = read.groups()
            part = cls(
                None if level == _ENTRIES else int(level),
                int(index.replace("/", "").replace("x", "")),
                TILE_WIDTH if width is None else int(width),
            )
            if part.path == path and (part.level or 0) <= MAX_LEVEL and part.width <= TILE_WIDTH:
                return part
        raise InvalidInputError("path", path, "is not where a tile or a bundle of entries lies")

    @property
    def path(self) -> str:
        """Where it lies, after ``tile/``: ``0/x001/x234/067``, ``entries/000.p/7``."""
        number, last = divmod(self.index, _GROUP)
        groups = f"{last:03}"
        while number:
            number, group = divmod(number, _GROUP)
            groups = f"x{group:03}/{groups}"
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"{_ENTRIES if self.level is None else self.level}/{groups}{partial}"

    def is_within(self, size: int) -> bool:
        """Return whether a log of ``size`` entries has all of it."""
        return self.index * TILE_WIDTH + self.width <= size >> TILE_HEIGHT * (self.level or 0)


def part_of(level: int | None, index: int, size: int) -> LogPart:
    """Return as much of a tile, or of a bundle, as a log of ``size`` entries has.

    Raises:
        InvalidInputError: it has nothing of it.
    """
    width = (size >> TILE_HEIGHT * (level or 0)) - index * TILE_WIDTH
    if width < 1:
        raise InvalidInputError("index", index, f"is beyond a log of {size} entries")
    return LogPart(level, index, min(width, TILE_WIDTH))


def entry_bytes(kind: int, digest: Digest) -> bytes:
    """Return a log entry: what its leaf hash is computed from."""
    return kind.to_bytes(1) + digest


def entry_bundle(entries: Iterable[bytes]) -> bytes:
    """Return a bundle: each entry after its length in two bytes."""
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES) + entry for entry in entries)


def entries_in(bundle: bytes) -> list[bytes]:
    """Return the entries in a bundle of this log's kind.

    Raises:
        InvalidInputError: one is not of 33 bytes, or is cut off.
    """
    entries: list[bytes] = []
    for at in range(0, len(bundle), BUNDLED_BYTES):
        length = int.from_bytes(bundle[at : at + _LENGTH_BYTES])
        entry = bundle[at + _LENGTH_BYTES : at + BUNDLED_BYTES]
        if length != ENTRY_BYTES or len(entry) != ENTRY_BYTES:
            raise InvalidInputError(
                f"/{len(entries)}", f"{length} bytes", f"are not {ENTRY_BYTES}, or are cut off"
            )
        entries.append(entry)
    return entries
