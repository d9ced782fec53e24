"""Reads the rule sets that the UK tariff service publishes as JSON into product rules of ours.

The file says which rows of a set are alternatives by an ``or`` on the last, on all but the first,
or nowhere. Rows for different goods, quotas, footnotes and whatever is not understood word for word
become `undetermined` with the text, so that no good originates by a sentence misread.
"""

import html
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tulen.errors import InvalidInputError
from tulen.origin.hs import HsRange
from tulen.origin.schedules.schedule import ScheduledRule
from tulen.origin.schedules.uk_codes import CODES, codes_in
from tulen.origin.schedules.uk_sentences import MAX_TEXT, Words, read_sentence, undetermined
from tulen.origin.schedules.uk_shares import NO_BASE, share_of_row

_ABBREVIATION = re.compile(r"<abbr[^>]*>(.*?)</abbr>", re.DOTALL)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_BLANKS = re.compile(r"\s+")
_LABEL = re.compile(r"(\d{6})(?:-(\d{6}))?")
_CONTINUES = re.compile(r"(?:-|However|[Aa]nd\b|[Oo]r\b|[Pp]rovided|[a-z(])")
_OTHER_GOODS = re.compile(r"\b(?:any|for)? ?other (?:good|product)s?\b", re.IGNORECASE)
_NARROWED = re.compile(r"(?:A change to|For|No change in tariff classification required for any) ")
_ALL_WHOLLY = re.compile(
    rf"All (?:the )?(?:goods|animals|animals of (?P<codes>{CODES})) (?:must be|shall be|are) "
    r"wholly obtained"
)
_PROCESS = re.compile(
    r"(?:Weaving|Spinning|Extrusion|Printing|Knitting|Making-up|Flocking|Tufting|Twisting|Dyeing"
    r"|Yarn dyeing|Dyeing of yarn|Refining|Blending|Nonwoven|Retreading|Coating|Fusion"
    r"|Electrolytic|Crocheting)\b[^%]*"
)
_CHEMICAL = re.compile(r"(?:A )?(?P<list>[A-Za-z, -]+?)(?: is undergone)?")
PROCESS_CODES = {
    "chemical reaction": "chemical_reaction",
    "purification": "purification",
    "mixing and blending": "mixing_and_blending",
    "production of standard materials": "production_of_standard_materials",
    "a change in particle size": "change_in_particle_size",
    "isomer separation": "isomer_separation",
    "biotechnological processing": "biotechnological_processing",
}
"""The processes of the chemical chapters, as the service's sentences list them."""


def uk_rules(document: object, base: str | None = None) -> tuple[ScheduledRule, ...]:
    """Return the product rules in ``document``, a file of the UK tariff service.

    Args:
        document: The JSON document.
        base: What a share is of where the text leaves that to an article of the agreement: ``FOB``
            or ``AV``. None leaves such a share undetermined.

    Raises:
        InvalidInputError: it is no such file.
    """
    sets = document.get("rule_sets") if isinstance(document, dict) else None
    if not isinstance(sets, list) or not sets:
        raise InvalidInputError("/rule_sets", "", "is not a list of at least one set of rules")
    for index, item in enumerate(sets):
        _check_set(item, f"/rule_sets/{index}")
    spelled = any(row["operator"] == "or" for item in sets for row in item["rules"])
    shared = Counter((item["min"], item["max"]) for item in sets)
    return _apart(
        [
            ScheduledRule(
                _range(item),
                _narrowing(item, shares_range=shared[item["min"], item["max"]] > 1),
                _rule(item, base, operators=spelled),
                _text(item),
            )
            for item in sets
        ]
    )


def _check_set(item: object, field: str) -> None:
    if not isinstance(item, dict):
        raise InvalidInputError(field, item, "is not a set of rules")
    for name in ("min", "max"):
        if not re.fullmatch(r"\d{10}", str(item.get(name, ""))):
            raise InvalidInputError(f"{field}/{name}", item.get(name), "is not ten digits")
    rows = item.get("rules")
    if not isinstance(rows, list) or not rows:
        raise InvalidInputError(f"{field}/rules", rows, "is not a list of at least one rule")
    for index, row in enumerate(rows):
        if not isinstance(row, dict) or not isinstance(row.get("rule"), str):
            raise InvalidInputError(f"{field}/rules/{index}", row, "has no text of a rule")
        if row.get("operator") not in (None, "or"):
            raise InvalidInputError(
                f"{field}/rules/{index}/operator", row["operator"], "is neither 'or' nor nothing"
            )


def _plain(text: str) -> str:
    """Return ``text`` as one line without markup."""
    text = _LINK.sub(r"\1", _ABBREVIATION.sub(r"\1", text)).replace("**", "")
    return _BLANKS.sub(" ", html.unescape(text)).strip()


def _range(item: Mapping[str, Any]) -> HsRange:
    """Return the range of a set; its label where that is exact, as the bounds round upwards."""
    label = _LABEL.fullmatch(str(item.get("heading", "")))
    first, last = item["min"][:6], item["max"][:6]
    if label is not None and label[1] == first:
        end = label[2] or label[1]
        if last in (end, f"{end[:5]}9"):
            last = end
    for digits in (2, 4):
        rest = 6 - digits
        if first.endswith("0" * rest) and last.endswith("9" * rest):
            first, last = first[:digits], last[:digits]
            break
    text = first if first == last else f"{first}-{last}"
    return HsRange.parse(text, str(item.get("heading")))


def _narrowing(item: Mapping[str, Any], *, shares_range: bool) -> str | None:
    """Return the words that narrow the range, where the set is for a part of it only."""
    if not shares_range and not str(item.get("heading", "")).startswith("ex "):
        return None
    words = _plain(str(item.get("subdivision") or "")).strip(" ;:.")
    words = words or "the part that this rule is for"
    return words if len(words) <= MAX_TEXT else f"{words[: MAX_TEXT - 1].strip()}…"


def _text(item: Mapping[str, Any]) -> str:
    return " | ".join(_plain(row["rule"]) for row in item["rules"])


def _rule(item: Mapping[str, Any], base: str | None, *, operators: bool) -> Words:
    rows = [row for row in item["rules"] if row["rule"].strip()]
    texts = [_plain(row["rule"]) for row in rows]
    whole = undetermined(" | ".join(texts))
    if any(row.get("quota") or not (row.get("import") and row.get("export")) for row in rows):
        return whole
    if not _are_alternatives([row.get("operator") for row in rows], spelled=operators):
        return whole
    limbs = _limbs(texts, item, base)
    if limbs is None:
        return whole
    open_ = [limb["undetermined"] for limb in limbs if "undetermined" in limb]
    unread = any(not text.endswith(NO_BASE) for text in open_)
    if len(open_) == len(limbs) or (unread and not operators):
        return whole
    distinct = [limb for index, limb in enumerate(limbs) if limb not in limbs[:index]]
    return distinct[0] if len(distinct) == 1 else {"any": distinct}


def _are_alternatives(operators: Sequence[str | None], *, spelled: bool) -> bool:
    """Return whether the rows of a set are alternatives for certain.

    In a file that spells no operator at all, rows are (New Zealand's); elsewhere an ``or`` stands
    on all rows but the first, or on the last alone.
    """
    following = operators[1:]
    if not following:
        return operators == [None]
    if not spelled:
        return True
    return operators[0] is None and (
        all(operator == "or" for operator in following)
        or (following[-1] == "or" and not any(following[:-1]))
    )


def _limbs(texts: Sequence[str], item: Mapping[str, Any], base: str | None) -> list[Words] | None:
    """Return one rule a row; None where a row is not a rule of its own for all goods of the set."""
    own = _range(item)

    def is_own(codes: list[str]) -> bool:
        return len(codes) == 1 and _same(HsRange.parse(codes[0], ""), own, item)

    limbs: list[Words] = []
    letter = ""
    for text in texts:
        sentence = text.rstrip(" .;,")
        limb, letter = share_of_row(sentence, letter, base, is_own)
        if limb is None and (_CONTINUES.match(text) and not _chemical(sentence)):
            return None
        if limb is None and len(texts) > 1 and _OTHER_GOODS.search(text):
            return None
        limb = limb or _limb(sentence, own, is_own)
        if "undetermined" in limb and len(texts) > 1 and _NARROWED.match(text):
            return None
        limbs.append(limb)
    return limbs


def _same(named: HsRange, own: HsRange, item: Mapping[str, Any]) -> bool:
    return named.first == own.first and named.last in (own.last, item["max"][:6])


def _limb(sentence: str, own: HsRange, is_own: Callable[[list[str]], bool]) -> Words:
    if match := _ALL_WHOLLY.fullmatch(sentence):
        codes = codes_in(match["codes"]) if match["codes"] else [own.text]
        if codes is not None and any(HsRange.parse(code, "").contains(own) for code in codes):
            return {"wo": True}
        return undetermined(sentence)
    if chemical := _chemical(sentence):
        return {"process_any": chemical}
    if (rule := read_sentence(sentence, is_own)) is not None:
        return rule
    if _PROCESS.fullmatch(sentence) and not re.search(r"\b(?:However|provided|\d)", sentence):
        return {"process_text": sentence} if len(sentence) <= MAX_TEXT else undetermined(sentence)
    return undetermined(sentence)


def _chemical(sentence: str) -> list[str] | None:
    match = _CHEMICAL.fullmatch(sentence)
    names = re.split(r", or |, | or ", match["list"].lower()) if match else []
    codes = [PROCESS_CODES.get(name) for name in names]
    return [code for code in codes if code] if codes and all(codes) else None


def _apart(rules: Sequence[ScheduledRule]) -> tuple[ScheduledRule, ...]:
    """Return ``rules`` so that none contradicts another: which of two holds, the file does not say.

    Rules for one range and description become one that is not read. Rules whose ranges cross are
    narrowed each to "the goods" of its own label, so that neither is taken for certain.
    """
    kept: dict[tuple[str, str | None], ScheduledRule] = {}
    for rule in rules:
        key = (rule.hs.text, rule.ex)
        if key in kept:
            text = f"{kept[key].text} / {rule.text}"
            rule = replace(rule, rule=undetermined(text), text=text)  # noqa: PLW2901 - joined
        kept[key] = rule
    apart = list(kept.values())
    return tuple(
        replace(rule, ex=f"the goods meant by {rule.hs.text}")
        if any(_cross(rule, other) for other in apart)
        else rule
        for rule in apart
    )


def _cross(rule: ScheduledRule, other: ScheduledRule) -> bool:
    one, two = rule.hs, other.hs
    apart = not one.overlaps(two) or one.contains(two) or two.contains(one)
    return rule.ex == other.ex and not apart
