"""Reads the shares of value in the UK tariff service's rules.

They often go over several rows: ``... not less than: a) 35% under the build-up method``, and below
``b) 45% under the build-down method``.
"""

import re
from collections.abc import Callable
from typing import Any

from tulen.origin.schedules.uk_codes import CODES, codes_in

Words = dict[str, Any]

NO_BASE = "of a value that the text does not name"
"""Ends the text of a share that was left because nobody said what it is of."""

_P = r"(?P<percent>\d{1,3}(?:\.\d{1,2})?)%"
_BASES = {"ex-works price": "EXW", "free-on-board value": "FOB"}
_BASE = "|".join(_BASES)
_SHARE = re.compile(
    rf"{_P}(?: of (?:the |either the )?(?P<base>{_BASE})(?: or (?P<other>{_BASE}))?)? "
    r"(?:under|using) the (?P<method>build-up|build-down|net cost|focused value) method"
    rf"(?: taking into account only the non-originating materials of (?P<codes>{CODES}))?"
)
_ITEM = re.compile(r"- (?P<letter>[a-f])\) (?P<share>.+)")
_OPENING = re.compile(
    r"No change in tariff classification required(?: for a good of (?P<good>[^,]+))?, "
    r"provided there is a (?:regional value content|QVC) of not less than ?:? (?P<rest>.+)"
)
_EITHER = re.compile(
    r"The good has a Regional Value Content \(RVC\) as calculated under Article [\d.]+ of the "
    rf"Origin Reference Document of not less than {_P}, whether using the build-up method or "
    r"build-down method \(RVC\d+\)"
)


def share_of_row(
    sentence: str, after: str, base: str | None, good: Callable[[list[str]], bool]
) -> tuple[Words | None, str]:
    """Return the share that a row asks for, and its letter if it is an item of a list.

    Args:
        sentence: The row, without its full stop.
        after: The letter of the row before; empty if that was no item.
        base: What a share is of where the row does not say so.
        good: Whether codes are those that the rule is for.
    """
    if (either := _EITHER.fullmatch(sentence)) is not None:
        methods = ["build-down", "build-up"]
        return _with_base({"rvc": f"{either['percent']}%", "method": methods}, base), ""
    opening = _OPENING.fullmatch(sentence)
    if opening is not None:
        codes = codes_in(opening["good"]) if opening["good"] else []
        if codes is None or (codes and not good(codes)):
            return None, ""
    item = _ITEM.fullmatch(opening["rest"] if opening else sentence)
    if item is None:
        return (_share(opening["rest"], base), "") if opening else (None, "")
    expected = "a" if opening else chr(ord(after) + 1) if after else ""
    if item["letter"] != expected:
        return None, ""
    return _share(item["share"], base), item["letter"]


def _share(text: str, base: str | None) -> Words | None:
    found = _SHARE.fullmatch(text)
    if found is None or (found["method"] == "focused value") != bool(found["codes"]):
        return None
    method = {"net cost": "net-cost", "focused value": "focused"}.get(
        found["method"], found["method"]
    )
    rule: Words = {"rvc": f"{found['percent']}%", "method": method}
    if found["codes"]:
        codes = codes_in(found["codes"])
        if codes is None:
            return None
        rule["of"] = codes
    if method == "net-cost":
        return rule | {"basis": "NC"} if found["base"] is None else None
    if found["base"] is None:
        return _with_base(rule, base)
    named = [rule | {"basis": _BASES[name]} for name in (found["base"], found["other"]) if name]
    return named[0] if len(named) == 1 else {"any": named}


def _with_base(rule: Words, base: str | None) -> Words:
    if base is not None:
        return rule | {"basis": base}
    return {"undetermined": f"a share of {rule['rvc']} {NO_BASE}"}
