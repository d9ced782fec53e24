"""The instants of credentials: XML Schema dateTimeStamp, which always says its time zone."""

import re
from datetime import datetime

from tulen.errors import InvalidInputError

_STAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"
)


def instant_in(text: object, field: str) -> datetime:
    """Return the aware instant that ``text`` spells.

    Raises:
        InvalidInputError: it spells none, or does not say the time zone.
    """
    if isinstance(text, str) and _STAMP.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise InvalidInputError(field, text, "is not an instant with a time zone (dateTimeStamp)")
