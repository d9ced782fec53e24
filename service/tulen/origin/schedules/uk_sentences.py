"""Reads one sentence of the UK tariff service's rules into a rule of ours, or not at all.

A sentence is read only if every word of it is understood. What follows a "provided that" and is not
understood stays beside the rest as `undetermined`: a proviso only narrows, so a good that fails the
rest fails the whole. What widens ("However, ... may be used") is never left out.
"""

import re
from collections.abc import Callable
from typing import Any

from tulen.origin.schedules.uk_codes import CODES, codes_in

Words = dict[str, Any]

MAX_TEXT = 500
"""Longer sentences are cut where a pack shows them."""

_P = r"(?P<percent>\d{1,3}(?:\.\d{1,2})?)%"
_EXW = r"(?:the )?ex-works price(?: \(EXW\))?(?: of the (?:product|good|set)s?)?"
_NOM = r"(?:the |all |all the )*(?:non-originating )?materials? "
_LEVELS = {"chapter": "CC", "heading": "CTH", "subheading": "CTSH"}
_DEPTHS = {"2": "CC", "4": "CTH", "6": "CTSH"}

_CHANGE = re.compile(
    r"(?P<change>CC|CTH|CTSH): All non-originating materials used in the production of the good "
    r"have undergone a change in tariff classification at the (?P<digits>[246])-digit level "
    r"\([a-z ]+\)(?P<tail>.*)"
)
_FROM_OTHER = re.compile(
    rf"A change (?:to a good of (?P<good>{CODES}) )?from any other "
    r"(?P<level>chapter|heading|subheading)(?P<tail>.*)"
)
_FROM_ANY = re.compile(
    r"(?:Manufacture |Production )?(?:from )(?:non-originating )?materials of any "
    r"(?P<level>heading|subheading)"
    r"(?P<own>, except (?:that|those) of the (?:product|good))?(?P<tail>.*)"
)
_WITHIN = re.compile(
    r"A change from within (?:this|any one of these) (?:sub)?headings? or any other (?:sub)?heading"
)
_EXCEPT = re.compile(
    r",?(?: and)? ?(?:except |excluding |except for )?(?:those |that )?(?:from |of )?"
    rf"(?:non-originating materials (?:of|from) )?(?P<codes>{CODES})(?P<tail>.*)"
)
_TOLERANCE = re.compile(
    r"[.,] ?[Hh]owever, (?:non-originating )?materials of the same (?P<level>heading|subheading) "
    r"as the (?:product|good) may be used, provided that their total value does not exceed "
    rf"{_P} of {_EXW}(?P<tail>.*)"
)
_TAIL_MIN = 1


def read_sentence(text: str, good: Callable[[list[str]], bool]) -> Words | None:
    """Return the rule that ``text`` says, or None where it is not understood.

    Args:
        text: One line, without markup and without its full stop.
        good: Whether codes are those that the rule is for.
    """
    for read in (_joined, _change, _from_other, _from_any, _condition):
        if (rule := read(text, good)) is not None:
            return rule
    return None


def undetermined(text: str) -> Words:
    """Return the rule that nobody has read, with its text."""
    return {"undetermined": text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1].strip()}…"}


def _joined(text: str, good: Callable[[list[str]], bool]) -> Words | None:
    """Read ``Manufacture: - from ..., *and* - in which ...``."""
    match = re.fullmatch(r"(?:Manufacture|Production) ?: (?P<parts>.+)", text)
    if match is None or "*or*" in text or "*and*" not in text:
        return None
    rules = [read_sentence(item, good) for item in _items(match["parts"])]
    read = [rule for rule in rules if rule is not None]
    return {"all": read} if len(read) == len(rules) > _TAIL_MIN else None


def _items(text: str) -> list[str]:
    """Return the items of a list that is joined by ``and``, written or not."""
    items = re.split(r"\*and\*|(?:,| and|, and|(?<=[a-z])) (?=- )", text)
    return [re.sub(r"^- ", "", item.strip()).rstrip(" ,;.") for item in items if item.strip()]


def _change(text: str, _good: Callable[[list[str]], bool]) -> Words | None:
    match = _CHANGE.fullmatch(text)
    if match is None or _DEPTHS[match["digits"]] != match["change"]:
        return None
    return _with_tail({"ctc": match["change"]}, match["tail"])


def _from_other(text: str, good: Callable[[list[str]], bool]) -> Words | None:
    match = _FROM_OTHER.fullmatch(text)
    if match is None:
        return None
    rule: Words = {"ctc": _LEVELS[match["level"]]}
    if match["good"] is not None:
        named = codes_in(match["good"])
        if named is None or not good(named):
            return None
        if "-" in named[0]:
            rule["within_group"] = True
    return _with_tail(rule, match["tail"])


def _from_any(text: str, _good: Callable[[list[str]], bool]) -> Words | None:
    if _WITHIN.fullmatch(text):
        return {"any_heading": True}
    match = _FROM_ANY.fullmatch(text)
    if match is None or (match["level"] == "subheading" and not match["own"]):
        return None
    rule: Words = {"ctc": _LEVELS[match["level"]]} if match["own"] else {"any_heading": True}
    return _with_tail(rule, match["tail"])


def _with_tail(rule: Words, tail: str) -> Words | None:
    """Return ``rule`` narrowed or widened by what follows it, all of it."""
    excepted = _EXCEPT.fullmatch(tail)
    if excepted is not None and re.match(r",? (?:and |except|excluding)", tail):
        codes = codes_in(excepted["codes"])
        if codes is None:
            return None
        rule, tail = rule | {"except": codes}, excepted["tail"]
    if (tolerated := _TOLERANCE.fullmatch(tail)) is not None and "ctc" in rule:
        if _LEVELS[tolerated["level"]] != rule["ctc"]:
            return None
        rule |= {
            "tolerance": {
                "of": f"same-{tolerated['level']}",
                "max_value": f"{tolerated['percent']}%",
                "basis": "EXW",
            }
        }
        tail = tolerated["tail"]
    return _with_conditions(rule, tail)


def _with_conditions(rule: Words, tail: str) -> Words | None:
    if not tail:
        return rule
    if (match := re.fullmatch(r" and (?P<more>A maximum of .+|Your goods contain .+)", tail)) or (
        match := re.fullmatch(r",? (?:and )?(?P<more>in which .+)", tail)
    ):
        condition = _condition(match["more"])
        return {"all": [rule, condition]} if condition is not None else None
    match = re.fullmatch(r", provided(?: that)?:? (?P<conditions>.+)", tail)
    if match is None or re.search(r"\b[Hh]owever\b|\bNote\b|\*or\*", tail):
        return None
    conditions = _provisos(match["conditions"])
    return {"all": [rule, *conditions]}


def _provisos(text: str) -> list[Words]:
    """Return the conditions of a proviso; what is not understood stays as its text."""
    read = [_condition(item) for item in _items(text)]
    if any(rule is None for rule in read):
        return [undetermined(f"provided that {text}")]
    return [rule for rule in read if rule is not None]


_CONDITIONS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Words | None]], ...] = (
    (
        re.compile(
            rf"A maximum of {_P} of {_EXW} is made up of non-originating parts \(MAXNOM\)"
            r"|The maximum value of non-originating materials \(MaxNOM\) cannot exceed "
            rf"{_P.replace('percent', 'percent_2')} of {_EXW}"
            r"|(?:Manufacture |Production )?(?:in which )?the value of "
            rf"{_NOM}used does not exceed {_P.replace('percent', 'percent_3')} of {_EXW}"
        ),
        lambda match: {
            "max_nom": f"{match['percent'] or match['percent_2'] or match['percent_3']}%",
            "basis": "EXW",
        },
    ),
    (
        re.compile(
            r"(?:Manufacture |Production )?(?:in which )?(?:within the above limit, )?"
            rf"the (?:total )?value of {_NOM}of (?P<codes>{CODES}) used does not exceed "
            rf"{_P} of {_EXW}"
        ),
        lambda match: _limit(match, {"max_nom": f"{match['percent']}%", "basis": "EXW"}),
    ),
    (
        re.compile(
            r"(?:Manufacture |Production )?(?:in which )?the (?:total |net )*weight of "
            rf"{_NOM}of (?P<codes>{CODES}) (?:used )?(?:in production )?does not exceed {_P} of "
            r"the (?:net )?weight of the (?:final )?(?:product|good)"
        ),
        lambda match: _limit(match, {"max_weight": f"{match['percent']}%"}),
    ),
    (
        re.compile(
            r"(?:Manufacture |Production )?(?:in which )?all the materials? of "
            rf"(?P<codes>{CODES}) used (?:are|is) wholly obtained(?: in the country or territory)?"
        ),
        lambda match: _wholly(match["codes"]),
    ),
    (
        re.compile(
            r"Your goods contain a Regional Value Content \(RVC\) of at least "
            rf"{_P} of the Free on Board \(FOB\) cost of the goods"
        ),
        lambda match: {"rvc": f"{match['percent']}%", "method": "build-down", "basis": "FOB"},
    ),
)


def _condition(text: str, _good: object = None) -> Words | None:
    for pattern, read in _CONDITIONS:
        if (match := pattern.fullmatch(text)) is not None:
            return read(match)
    return None


def _limit(match: re.Match[str], rule: Words) -> Words | None:
    codes = codes_in(match["codes"])
    return None if codes is None else rule | {"of": codes}


def _wholly(text: str) -> Words | None:
    codes = codes_in(text)
    return None if codes is None else {"wo_materials": codes}
