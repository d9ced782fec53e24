"""Files that survive a power cut: whole or not at all, and on the disk when the call returns."""

import os
import tempfile
from pathlib import Path
from typing import Final

UNFINISHED: Final = ".unfinished-"
"""How the name of a file begins that is still being written, or never was to its end."""
PRIVATE: Final = 0o600
PUBLIC: Final = 0o644


def write_durably(path: Path, data: bytes, *, mode: int = PRIVATE) -> None:
    """Write ``path``, in place of what may be there; its folder's entry is not yet on the disk.

    Whoever needs the name to survive, too, calls `sync_folder` for its folder afterwards: once for
    all that was written there.
    """
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=UNFINISHED)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).rename(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Bring what was named, renamed or removed in ``folder`` to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
