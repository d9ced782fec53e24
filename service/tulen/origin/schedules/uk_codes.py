"""Reads HS codes in sentences of the UK tariff service: ``heading 1101 to heading 1108``."""

import re

_CODE = r"(?:chapters? |headings? |subheadings? )?\d{1,6}"
_RANGE = rf"{_CODE}(?: (?:to|through) {_CODE})?"
CODES = rf"{_RANGE}(?:(?:, and |, or |, | and | or )(?:of |from )?{_RANGE})*"
"""Matches a list of codes; a number without its kind is of the kind of the one before it."""

_ITEM = re.compile(
    r"(?P<kind>chapter|heading|subheading)?s? ?(?P<first>\d{1,6})"
    r"(?: (?:to|through) (?:(?P<kind_2>chapter|heading|subheading)s? )?(?P<last>\d{1,6}))?"
)
_BETWEEN = re.compile(r"(?:, and |, or |, | and | or )(?:of |from )?")
_DIGITS = {"chapter": 2, "heading": 4, "subheading": 6}


def codes_in(text: str) -> list[str] | None:
    """Return the HS prefixes and ranges that ``text``, a list of codes, names.

    None where a code has not the digits of its kind, or a range runs backwards: then something
    else was meant.
    """
    ranges: list[str] = []
    kind = ""
    for item in _BETWEEN.split(text):
        match = _ITEM.fullmatch(item)
        if match is None:
            return None
        kind = match["kind"] or kind
        first = _code(match["first"], kind)
        last = _code(match["last"], match["kind_2"] or kind) if match["last"] else first
        if first is None or last is None or len(first) != len(last) or last < first:
            return None
        ranges.append(first if first == last else f"{first}-{last}")
    return ranges


def _code(number: str, kind: str) -> str | None:
    """Return ``number`` with all the digits of its kind; bare ones must have those of some kind."""
    if kind == "chapter":
        return number.zfill(2) if len(number) <= _DIGITS["chapter"] else None
    if len(number) not in (_DIGITS["heading"], _DIGITS["subheading"]):
        return None
    return number if not kind or len(number) == _DIGITS[kind] or kind == "heading" else None
