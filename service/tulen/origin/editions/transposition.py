"""Codes carried from one edition of the HS to another, by a correlation table that is loaded."""

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import NamedTuple

from tulen.errors import InvalidInputError
from tulen.origin.hs import EDITIONS, SUBHEADING_DIGITS, edition_from
from tulen.values import Digest

COLUMNS = ("from_edition", "from", "to_edition", "to")
"""The first row of a correlation table, in this order."""

_SUBHEADING = re.compile(r"(?!00)\d{6}", re.ASCII)
_CODE = re.compile(r"(?!00)\d{2}(?:\d{2}){0,4}", re.ASCII)

Link = Mapping[str, AbstractSet[str]]
"""For every subheading of one edition those of another that it corresponds to."""


class Transposition(NamedTuple):
    """What a code of one edition may be in another.

    Attributes:
        candidates: The codes that it may be, in order: one is exact, several are ambiguous, none
            is unknown.
        reason: Why it is unknown; empty otherwise.
    """

    candidates: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True)
class Correlation:
    """A table of which subheadings of two editions correspond; it serves both directions.

    Attributes:
        name: What it is called where it was used.
        digest: SHA-256 of its bytes.
        links: For each two editions, in both orders, what corresponds.
    """

    name: str
    digest: Digest
    links: Mapping[tuple[str, str], Link]

    @property
    def title(self) -> str:
        """Its name and the beginning of its digest, as a finding shows it."""
        return f"{self.name} ({self.digest.hex()[:12]}…)"

    @classmethod
    def from_csv(cls, data: bytes, name: str) -> "Correlation":
        """Return the table in CSV: UTF-8, commas, the columns of `COLUMNS`, a row for each pair.

        Raises:
            InvalidInputError: it is malformed, says something twice, or holds two editions in both
                directions, which could disagree; the field names the line and the column.
        """
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InvalidInputError("", str(error), "is not UTF-8; save it as CSV UTF-8") from error
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        links: dict[tuple[str, str], dict[str, set[str]]] = {}
        stated: set[tuple[str, str]] = set()
        try:
            if tuple(next(reader, ())) != COLUMNS:
                raise InvalidInputError("line 1", text, f"is not {','.join(COLUMNS)}")
            for row in reader:
                source, old, target, new = _row(row, reader.line_num)
                if (target, source) in stated:
                    raise InvalidInputError(
                        f"line {reader.line_num}, to_edition",
                        target,
                        f"to {source} is in the table already; keep one direction, it serves both",
                    )
                stated.add((source, target))
                there = links.setdefault((source, target), {}).setdefault(old, set())
                if new in there:
                    raise InvalidInputError(
                        f"line {reader.line_num}, to", new, f"is said twice of {old}"
                    )
                there.add(new)
                links.setdefault((target, source), {}).setdefault(new, set()).add(old)
        except csv.Error as error:
            raise InvalidInputError(f"line {reader.line_num}", str(error), "is not CSV") from error
        if not links:
            raise InvalidInputError("", "", "holds no pair of codes")
        return cls(name, Digest(hashlib.sha256(data).digest()), links)

    def transpose(self, code: str, source: str, target: str) -> Transposition:
        """Return what ``code`` of the edition ``source`` may be in the edition ``target``.

        Digits below the subheading are a tariff's own and fall away. A chapter or heading is what
        all that the table holds below it comes to, at the same depth.

        Args:
            code: 2, 4, 6, 8 or 10 digits.
            source: The edition that it is of, such as ``HS2017``.
            target: The edition to carry it to.

        Raises:
            InvalidInputError: ``code`` is no code, or an edition is none.
        """
        if not _CODE.fullmatch(code):
            raise InvalidInputError("/code", code, "is not an HS code of 2, 4, 6, 8 or 10 digits")
        if edition_from(source, "/source") == edition_from(target, "/target"):
            return Transposition((code,))
        way = self._way(source, target)
        if not way:
            return Transposition((), f"{self.title} does not lead from {source} to {target}")
        cut = code[:SUBHEADING_DIGITS]
        first = self.links[way[0], way[1]]
        reached = {known for known in first if known.startswith(cut)}
        if not reached:
            return Transposition((), f"{self.title} does not hold {cut} of {source}")
        for step in pairwise(way):
            link = self.links[step]
            for held in sorted(reached):
                if held not in link:
                    return Transposition((), f"{self.title} does not hold {held} of {step[0]}")
            reached = {new for held in reached for new in link[held]}
        return Transposition(tuple(sorted({new[: len(cut)] for new in reached})))

    def _way(self, source: str, target: str) -> tuple[str, ...]:
        """Return the editions to pass, the fewest that the table links; none where it does not.

        Every stop can only widen what a code may be, so a direct link comes before a chain.
        """
        start, end = sorted((EDITIONS.index(source), EDITIONS.index(target)))
        between = EDITIONS[start + 1 : end]
        if source > target:
            between = between[::-1]
        for stops in range(len(between) + 1):
            for chosen in combinations(between, stops):
                way = (source, *chosen, target)
                if all(two in self.links for two in pairwise(way)):
                    return way
        return ()


def _row(row: list[str], line: int) -> tuple[str, str, str, str]:
    if len(row) != len(COLUMNS):
        raise InvalidInputError(
            f"line {line}", ",".join(row), f"has {len(row)} fields, not {len(COLUMNS)}"
        )
    for column, cell in zip(COLUMNS, row, strict=True):
        field = f"line {line}, {column}"
        if column.endswith("edition"):
            edition_from(cell, field)
        elif not _SUBHEADING.fullmatch(cell):
            raise InvalidInputError(field, cell, "is not an HS code of 6 digits without dots")
    source, old, target, new = row
    if source == target:
        raise InvalidInputError(f"line {line}, to_edition", target, "is from_edition too")
    return source, old, target, new
