"""Codes of the field. Each is a checked `str`, so it prints and compares as itself."""

import hashlib
import re
from functools import lru_cache
from typing import Any, ClassVar, Final, Self

from tulen.errors import InvalidInputError

REMEMBERED_CODES = 4096


class Code(str):
    """A code with a fixed pattern.

    Raises:
        InvalidInputError: the text does not fit the pattern.
    """

    __slots__ = ()
    pattern: ClassVar[re.Pattern[str]]
    meaning: ClassVar[str]

    def __new__(cls, text: object, field: str | None = None) -> Self:
        """Return the code, or refuse ``text`` in the name of ``field``; of its kind without one."""
        if isinstance(text, str):
            try:
                code: Self = _code(cls, text)
            except ValueError:
                pass
            else:
                return code
        raise InvalidInputError(
            cls.__name__ if field is None else field, text, f"is not {cls.meaning}"
        )


@lru_cache(maxsize=REMEMBERED_CODES)  # Most codes come again and again; refusals are not kept.
def _code(kind: type[Code], text: str) -> Any:  # noqa: ANN401 - it is of that kind
    if not kind.pattern.fullmatch(text):
        raise ValueError
    return str.__new__(kind, text)


class Country(Code):
    """ISO 3166-1 alpha-2 code, e.g. ``VN``."""

    __slots__ = ()
    pattern = re.compile(r"[A-Z]{2}")
    meaning = "a country code of two capital letters (ISO 3166-1 alpha-2)"


class Currency(Code):
    """ISO 4217 alphabetic code, e.g. ``USD``."""

    __slots__ = ()
    pattern = re.compile(r"[A-Z]{3}")
    meaning = "a currency code of three capital letters (ISO 4217)"


class UnitCode(Code):
    """UN/ECE Recommendation 20 code, e.g. ``KGM``."""

    __slots__ = ()
    pattern = re.compile(r"[A-Z0-9]{2,3}")
    meaning = "a unit code of two or three capitals or digits (UN/ECE Recommendation 20)"

    @property
    def packed(self) -> bytes:
        """The code as three bytes, padded on the right with zeros: what the chain reads."""
        return self.encode("ascii").ljust(3, b"\0")


class HsCode(Code):
    """A Harmonized System code: 4 (heading), 6 (subheading), 8 or 10 digits (national line)."""

    __slots__ = ()
    pattern = re.compile(r"(?!00)\d{4}(?:\d{2}){0,3}", re.ASCII)
    meaning = "an HS code of 4, 6, 8 or 10 digits without dots"

    @property
    def chapter(self) -> str:
        """The first two digits."""
        return self[:2]

    @property
    def heading(self) -> str:
        """The first four digits."""
        return self[:4]

    @property
    def subheading(self) -> str | None:
        """The first six digits, or None where the code names no subheading."""
        return self[:6] if len(self) >= 6 else None  # noqa: PLR2004 - the HS is six digits long


PARTY_CONTEXT: Final = b"tulen/party/v1\0"
"""Begins what is hashed for a party's identifier on chain (ADR 0014)."""


class PartyCode(Code):
    """A party of the register: country, dot, short name, e.g. ``VN.MOIT``."""

    __slots__ = ()
    pattern = re.compile(r"[A-Z]{2}\.[A-Z0-9](?:[A-Z0-9-]{0,22}[A-Z0-9])?")
    meaning = "a party code such as VN.MOIT: country, dot, up to 24 capitals, digits or hyphens"

    @property
    def country(self) -> Country:
        """The country that the party belongs to."""
        return Country(self[:2])

    @property
    def on_chain(self) -> bytes:
        """The party's 16-byte identifier on chain, where no name is ever written."""
        return hashlib.sha256(PARTY_CONTEXT + self.encode("ascii")).digest()[:16]


class AgreementCode(Code):
    """Short name of a trade agreement, e.g. ``ATIGA``."""

    __slots__ = ()
    pattern = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{0,14}[A-Z0-9])?")
    meaning = "an agreement code such as ATIGA: up to 16 capitals, digits or hyphens"

    @property
    def on_chain(self) -> bytes:
        """The code as sixteen bytes, padded on the right with zeros."""
        return self.encode("ascii").ljust(16, b"\0")


class FormCode(Code):
    """Name of a form of an agreement, e.g. ``D``."""

    __slots__ = ()
    pattern = re.compile(r"[A-Z0-9]{1,8}")
    meaning = "a form code such as D: up to 8 capitals or digits"

    @property
    def on_chain(self) -> bytes:
        """The code as eight bytes, padded on the right with zeros."""
        return self.encode("ascii").ljust(8, b"\0")
