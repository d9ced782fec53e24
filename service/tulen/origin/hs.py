"""Ranges of the Harmonized System, compared with codes that may be known less deeply."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tulen.errors import InvalidInputError
from tulen.values import HsCode

EDITIONS = ("HS2002", "HS2007", "HS2012", "HS2017", "HS2022")
"""Editions of the HS, the oldest first."""
SUBHEADING_DIGITS = 6
"""How deep the HS itself goes; further digits are a national tariff's."""

_RANGE = re.compile(r"(?!00)(\d{2}(?:\d{2}){0,2})(?:-(\d{2}(?:\d{2}){0,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class HsRange:
    """Chapters, headings or subheadings from ``first`` to ``last``, both six digits, inclusive.

    Attributes:
        text: The range as it was written, such as ``2403`` or ``5204-5206``.
        first: Its first subheading.
        last: Its last subheading.
    """

    text: str
    first: str
    last: str

    @classmethod
    def parse(cls, text: object, field: str) -> "HsRange":
        """Return the range that ``text`` spells: a prefix of 2, 4 or 6 digits, or two.

        Raises:
            InvalidInputError: it spells none.
        """
        match = _RANGE.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise InvalidInputError(
                field,
                text,
                "is not an HS prefix of 2, 4 or 6 digits without dots, or a range as 5204-5206",
            )
        first, last = match[1], match[2] or match[1]
        if len(first) != len(last) or first > last:
            raise InvalidInputError(
                field, text, "is not a range of two HS prefixes of one length, the lower first"
            )
        return cls(match[0], first.ljust(6, "0"), last.ljust(6, "9"))

    def holds(self, code: HsCode) -> bool | None:
        """Return whether ``code`` lies within; None where it is too short to tell."""
        if len(code) >= 6:  # noqa: PLR2004 - the HS is six digits long
            return self.first <= code[:6] <= self.last
        lowest, highest = code + "00", code + "99"
        if highest < self.first or lowest > self.last:
            return False
        return True if self.first <= lowest and highest <= self.last else None

    def contains(self, other: "HsRange") -> bool:
        """Return whether all of ``other`` lies within."""
        return self.first <= other.first and other.last <= self.last

    def overlaps(self, other: "HsRange") -> bool:
        """Return whether some subheading lies within both."""
        return self.first <= other.last and other.first <= self.last

    @property
    def chapters(self) -> list[str]:
        """The chapters that it lies in."""
        return [f"{chapter:02}" for chapter in range(int(self.first[:2]), int(self.last[:2]) + 1)]

    @property
    def width(self) -> int:
        """How much lies within; the narrower of two rules is the more specific one."""
        return int(self.last) - int(self.first)


def any_holds(ranges: Iterable[HsRange], code: HsCode) -> bool | None:
    """Return whether ``code`` lies within one of ``ranges``; None where it is too short to tell."""
    held = [item.holds(code) for item in ranges]
    return True if True in held else None if None in held else False


def edition_from(value: object, field: str) -> str:
    """Return the edition of the HS that ``value`` names, or raise `InvalidInputError`."""
    if isinstance(value, str) and value in EDITIONS:
        return value
    raise InvalidInputError(field, value, f"is not one of {', '.join(EDITIONS)}")
