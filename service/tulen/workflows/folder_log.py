"""A log as it lies in a folder: the copy kept here, or one from elsewhere."""

import asyncio
from pathlib import Path

from tulen.errors import UnavailableError
from tulen.log import LogPart
from tulen.values import PartyCode
from tulen.workflows.log_copy import CHECKPOINT


class FolderLog:
    """The log of one authority; answers as `tulen.workflows.remote_log.RemoteLog` does.

    Args:
        folder: Folder of all logs; this one lies below, under the authority's code.
        authority: Whose log.
    """

    def __init__(self, folder: Path, authority: PartyCode) -> None:
        self.name = f"log in {folder / authority}"
        self._folder = folder / authority

    async def checkpoint(self) -> bytes | None:
        """Return the latest checkpoint; None where there is none.

        Raises:
            UnavailableError: it cannot be read.
        """
        return await self._read(self._folder / CHECKPOINT)

    async def part(self, part: LogPart) -> bytes | None:
        """Return a tile or a bundle of entries; None where there is none.

        Raises:
            UnavailableError: it cannot be read.
        """
        return await self._read(self._folder / "tile" / part.path)

    async def _read(self, file: Path) -> bytes | None:
        try:
            return await asyncio.to_thread(file.read_bytes)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise UnavailableError(f"{file} cannot be read: {error.strerror}") from error
