"""Reads a rule as a pack writes it (docs/specs/origin.md, section 2). Unknown words are refused."""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction

from tulen.errors import InvalidInputError
from tulen.origin.hs import HsRange
from tulen.origin.rules import AllOf, AnyOf, Rule, WhollyObtained
from tulen.origin.tariff_change import Change, TariffChange
from tulen.origin.value_content import ValueContent

MAX_RULE_DEPTH = 8

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,2})?)%", re.ASCII)


def share_from(value: object, field: str) -> Fraction:
    """Return the share that a text such as ``40%`` or ``7.5%`` spells.

    Raises:
        InvalidInputError: it is no percentage of 0 to 100 with at most two decimals.
    """
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    share = Fraction(match[1]) / 100 if match is not None else None
    if share is None or share > 1:
        raise InvalidInputError(
            field, value, 'is not a percentage; write it as text from "0%" to "100%"'
        )
    return share


def rule_from(value: object, field: str, depth: int = 1) -> Rule:
    """Return the rule that ``value`` writes.

    Args:
        value: A table with exactly one of the words of the language and the members it admits.
        field: JSON pointer of ``value``, for messages.
        depth: How deep it is nested.

    Raises:
        InvalidInputError: a word or member is unknown or malformed, or the nesting is too deep.
    """
    if not isinstance(value, dict):
        raise InvalidInputError(
            field, value, 'is not a rule; write a table such as { ctc = "CTH" }'
        )
    if depth > MAX_RULE_DEPTH:
        raise InvalidInputError(field, f"depth {depth}", f"exceeds {MAX_RULE_DEPTH}")
    words = [name for name in value if name in _READERS]
    if len(words) != 1:
        known = ", ".join(sorted(_READERS))
        raise InvalidInputError(
            field, ", ".join(value), f"does not hold exactly one of the rules {known}"
        )
    word = words[0]
    admitted, read = _READERS[word]
    for name in value:
        if name != word and name not in admitted:
            raise InvalidInputError(f"{field}/{name}", name, f"is no member of a rule '{word}'")
    return read(value, field, depth)


def _alternatives(value: Mapping[str, object], field: str, depth: int) -> Rule:
    return AnyOf(_rules(value["any"], f"{field}/any", depth))


def _conditions(value: Mapping[str, object], field: str, depth: int) -> Rule:
    return AllOf(_rules(value["all"], f"{field}/all", depth))


def _rules(value: object, field: str, depth: int) -> tuple[Rule, ...]:
    if not isinstance(value, list) or len(value) < 2:  # noqa: PLR2004 - fewer is no choice
        raise InvalidInputError(field, value, "is not a list of at least two rules")
    return tuple(rule_from(item, f"{field}/{index}", depth + 1) for index, item in enumerate(value))


def _tariff_change(value: Mapping[str, object], field: str, _depth: int) -> Rule:
    try:
        change = Change(value["ctc"])  # type: ignore[arg-type]  # anything may be looked up
    except ValueError:
        raise InvalidInputError(
            f"{field}/ctc", value["ctc"], f"is not {', '.join(Change)}"
        ) from None
    exceptions = value.get("except", [])
    if not isinstance(exceptions, list) or ("except" in value and not exceptions):
        raise InvalidInputError(
            f"{field}/except", exceptions, "is not a list of at least one HS prefix or range"
        )
    return TariffChange(
        change,
        tuple(
            HsRange.parse(item, f"{field}/except/{index}") for index, item in enumerate(exceptions)
        ),
    )


def _value_content(value: Mapping[str, object], field: str, _depth: int) -> Rule:
    return ValueContent(share_from(value["rvc"], f"{field}/rvc"))


def _wholly_obtained(value: Mapping[str, object], field: str, _depth: int) -> Rule:
    if value["wo"] is not True:
        raise InvalidInputError(
            f"{field}/wo", value["wo"], "is not true; leave the rule out instead"
        )
    return WhollyObtained()


_Reader = Callable[[Mapping[str, object], str, int], Rule]

_READERS: Mapping[str, tuple[frozenset[str], _Reader]] = {
    "any": (frozenset(), _alternatives),
    "all": (frozenset(), _conditions),
    "ctc": (frozenset({"except"}), _tariff_change),
    "rvc": (frozenset(), _value_content),
    "wo": (frozenset(), _wholly_obtained),
}
"""Each word of the language, the further members that it admits, and what reads it."""
