"""Reads a rule as schedules print it, ``RVC 40% or CTH except from 2403``, into the rule language.

The notation is docs/specs/origin.md, "Schedules". What it cannot say is written as the table of the
rule language itself, in braces.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from tulen.errors import InvalidInputError

Words = dict[str, Any]

MAX_BRACKETS = 32
"""More are no rule that anybody reads; tables in braces nest as deep as the rule language."""

_OPEN, _CLOSE = "({“", ")}”"
_P = r"\(?(?P<percent>\d{1,3}(?:\.\d{1,2})?)%?\)?"
_CODES = r"(?P<codes>\d[\d.]*(?:-\d[\d.]*)?(?:, ?\d[\d.]*(?:-\d[\d.]*)?)*)"
_METHODS = "build-down|build-up|focused|net-cost|transaction-value"


def _change(match: re.Match[str]) -> Words:
    return {"ctc": match["change"]} | _except(match)


def _except(match: re.Match[str]) -> Words:
    return {"except": _ranges(match)} if match["codes"] else {}


def _of(match: re.Match[str]) -> Words:
    return {"of": _ranges(match)} if match["codes"] else {}


def _ranges(match: re.Match[str]) -> list[str]:
    return [code.strip().replace(".", "") for code in match["codes"].split(",")]


def _content(match: re.Match[str]) -> Words:
    rule: Words = {"rvc": f"{match['percent']}%"}
    for member in ("method", "basis"):
        if match[member]:
            rule[member] = match[member]
    return rule | _of(match)


_ATOMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Words]], ...] = (
    (re.compile(r"WO"), lambda _match: {"wo": True}),
    (
        re.compile(r"WO in the (?P<where>party|exporting party)"),
        lambda match: {"wo": True, "in": match["where"].replace(" ", "-")},
    ),
    (re.compile(r"PE"), lambda _match: {"pe": True}),
    (re.compile(rf"(?P<change>CC|CTH|CTSH)(?: except(?: from)? {_CODES})?"), _change),
    (
        re.compile(rf"any heading(?: except(?: from)? {_CODES})?"),
        lambda match: {"any_heading": True} | _except(match),
    ),
    (
        re.compile(
            rf"(?:RVC|QVC) ?{_P}(?: by (?P<method>{_METHODS}))?"
            rf"(?: of (?P<basis>FOB|CIF|EXW|AV|TV|NC))?(?: counting only {_CODES})?"
        ),
        _content,
    ),
    (
        re.compile(rf"MaxNOM ?{_P}(?: of (?P<basis>EXW|FOB))?(?: for {_CODES})?"),
        lambda match: (
            {"max_nom": f"{match['percent']}%", "basis": match["basis"] or "EXW"} | _of(match)
        ),
    ),
    (
        re.compile(rf"materials of {_CODES} wholly obtained"),
        lambda match: {"wo_materials": _ranges(match)},
    ),
    (re.compile(r"“(?P<words>[^“”]+)”"), lambda match: {"process_text": match["words"]}),
)


def schedule_rule(text: str, field: str) -> Words:
    """Return the rule that ``text`` says.

    Args:
        text: Conditions joined by ``or`` and ``and``; ``and`` binds more closely.
        field: Where it stands, for messages.

    Raises:
        InvalidInputError: a part of it is not of the notation.
    """
    if text.count("(") > MAX_BRACKETS:
        raise InvalidInputError(
            field, text, f"has more than {MAX_BRACKETS} brackets; write a table"
        )
    return _joined(text.strip(), "any", field)


_JOINED_BY: Mapping[str, tuple[str, ...]] = {"any": (" or ",), "all": (" and ", " + ")}


def _joined(text: str, word: str, field: str) -> Words:
    parts = _split(text, _JOINED_BY[word])
    if word == "any":
        rules = [_joined(part, "all", field) for part in parts]
    else:
        rules = [_atom(part, field) for part in parts]
    return rules[0] if len(rules) == 1 else {word: rules}


def _split(text: str, separators: tuple[str, ...]) -> list[str]:
    """Return the parts of ``text`` between separators that stand outside all brackets."""
    parts, start, depth = [], 0, 0
    for index, character in enumerate(text):
        depth += (character in _OPEN) - (character in _CLOSE)
        for separator in separators:
            if depth == 0 and text.startswith(separator, index):
                parts.append(text[start:index].strip())
                start = index + len(separator)
    return [*parts, text[start:].strip()]


def _atom(text: str, field: str) -> Words:
    if text.startswith("(") and text.endswith(")"):
        return schedule_rule(text[1:-1], field)
    if text.startswith("{"):
        return _table(text, field)
    for pattern, read in _ATOMS:
        if (match := pattern.fullmatch(text)) is not None:
            return read(match)
    raise InvalidInputError(
        field,
        text,
        "is no condition of the notation, such as 'WO', 'CTH except from 2403' or 'RVC 40%'; "
        "write a table of the rule language in braces",
    )


def _table(text: str, field: str) -> Words:
    try:
        table: Words = tomllib.loads(f"rule = {text}")["rule"]
    except tomllib.TOMLDecodeError as error:
        raise InvalidInputError(field, text, f"is not an inline table of TOML: {error}") from error
    return table
