"""The table that carries codes between editions of the HS, from the file that an operator names."""

from pathlib import Path

from tulen.errors import InvalidInputError
from tulen.origin import Correlation

MAX_TABLE_BYTES = 16 << 20
"""Every edition to the next, several times over."""


def correlation_in(file: Path) -> Correlation:
    """Return the correlation table in ``file``, under the file's name.

    Raises:
        InvalidInputError: it cannot be read, or is malformed; the field names file and line.
    """
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_TABLE_BYTES + 1)
    except OSError as error:
        raise InvalidInputError(
            "correlation", str(file), f"cannot be read: {error.strerror}"
        ) from error
    if len(data) > MAX_TABLE_BYTES:
        raise InvalidInputError("correlation", str(file), f"is larger than {MAX_TABLE_BYTES} bytes")
    try:
        return Correlation.from_csv(data, file.name)
    except InvalidInputError as error:
        raise error.within(f"{file}: " if error.field else str(file)) from None
