"""Checks a pack before it is used: what makes it unreadable, and what its author cannot have meant.

Reading (`pack_from`) stops at the first thing that it cannot read. A pack that can be read is then
searched for gaps between dated values, codes that do not exist, rules that stand twice, and rules
that ask nothing. Each problem names its line and what to do.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tulen.errors import InvalidInputError
from tulen.origin.countries import COUNTRIES, USUAL_MISTAKES
from tulen.origin.hs import HsRange
from tulen.origin.pack import Pack
from tulen.origin.pack_file import pack_from
from tulen.origin.pack_lines import line_of

EARLIEST, LATEST = date(1947, 10, 30), date(2100, 1, 1)
"""From the General Agreement on Tariffs and Trade on; nothing is agreed a lifetime ahead."""

LAST_CHAPTER, RESERVED_CHAPTER = 97, 77
"""Of the Harmonized System; 98 and 99 are for national use."""

MISSING = "is missing"
"""What readers say of a member that is not there; they have no value to show."""

_A_DATE = re.compile(r"datetime\.date\((\d+), (\d+), (\d+)\)")
_TOML_LINE = re.compile(r"at line (\d+)")
_NEVER_FAILS = {"rvc": "0%", "max_nom": "100%", "max_weight": "100%"}
_HS_LISTS = ("except", "allow", "of", "wo_materials")

_Found = Iterator[tuple[str, str]]
"""JSON pointers, each with what is wrong there and what to do."""


@dataclass(frozen=True, slots=True)
class PackProblem:
    """Something wrong with a pack.

    Attributes:
        line: Where in the file, counted from 1.
        field: JSON pointer of what is wrong; empty for the whole file.
        message: What is wrong and what to do.
    """

    line: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class CheckedPack:
    """What a check found.

    Attributes:
        pack: The pack; None where it cannot be read.
        problems: What is wrong, in order of lines; a pack without any is valid.
    """

    pack: Pack | None
    problems: tuple[PackProblem, ...]


def check_pack(data: bytes, name: str) -> CheckedPack:
    """Return what is wrong with the pack in ``data``, a file called ``name``."""
    text = data.decode(errors="replace")
    try:
        pack = pack_from(data, name)
    except InvalidInputError as error:
        return CheckedPack(None, (_unreadable(error, text, name),))
    document = tomllib.loads(text)
    problems = [
        PackProblem(line_of(text, field), field, message) for field, message in _found(document)
    ]
    return CheckedPack(pack, tuple(sorted(problems, key=lambda problem: problem.line)))


def _unreadable(error: InvalidInputError, text: str, name: str) -> PackProblem:
    field = error.field.removeprefix(name).removeprefix("#")
    if not field:
        place = _TOML_LINE.search(error.value) or _TOML_LINE.search(str(error.__cause__))
        line = int(place[1]) if place else max(text.count("\n"), 1)
        return PackProblem(line, "", f"{error.__cause__}: the file {error.problem}")
    if error.problem == MISSING:
        return PackProblem(
            line_of(text, field), field, f"'{field.split('/')[-1]}' {MISSING}; add it"
        )
    value = _A_DATE.sub(_as_written, error.value)
    return PackProblem(line_of(text, field), field, f"{value} {error.problem}")


def _as_written(found: re.Match[str]) -> str:
    return str(date(int(found[1]), int(found[2]), int(found[3])))


def _found(document: Mapping[str, Any]) -> _Found:
    for name, value in document.items():
        if name == "products":
            yield from _in_products(value, document["parties"][0]["since"])
        elif name == "alternatives":
            yield from _in_alternatives(value, document["parties"][0]["since"])
        elif name == "coverage":
            yield from _in_coverage(value)
        elif isinstance(value, list) and name != "not_held":
            yield from _in_dates(value, f"/{name}")
    for index, entry in enumerate(document["parties"]):
        yield from _in_parties(entry["value"], f"/parties/{index}/value")
    for index, entry in enumerate(document.get("general_rule", [])):
        yield from _in_rule(entry["value"], f"/general_rule/{index}/value")
    yield from _in_textile_lists(document)


def _in_dates(entries: Sequence[Mapping[str, Any]], field: str) -> _Found:
    for index, entry in enumerate(entries):
        for member in ("since", "until"):
            if member in entry and not EARLIEST <= entry[member] < LATEST:
                yield (
                    f"{field}/{index}/{member}",
                    f"{entry[member]} is not from {EARLIEST} to {LATEST}; correct the year",
                )
        ended = entries[index - 1].get("until") if index else None
        if ended is not None and ended < entry["since"]:
            yield (
                f"{field}/{index}/since",
                f"nothing is in force from {ended} to {entry['since']}; add a value for it",
            )


def _in_parties(codes: Sequence[str], field: str) -> _Found:
    for index, code in enumerate(codes):
        if code not in COUNTRIES:
            meant = USUAL_MISTAKES.get(code)
            yield (
                f"{field}/{index}",
                f"'{code}' is no country of ISO 3166-1; "
                + (f"write '{meant}'" if meant else "correct it"),
            )
    if len(codes) == 1:
        yield field, f"'{codes[0]}' is the only party; name the others"


def _in_products(rows: Sequence[Mapping[str, Any]], agreed: date) -> _Found:
    for index, row in enumerate(rows):
        field = f"/products/{index}"
        yield from _in_range(row["hs"], f"{field}/hs")
        yield from _in_dated_rule(row["rule"], f"{field}/rule", agreed)


def _in_alternatives(rows: Sequence[Mapping[str, Any]], agreed: date) -> _Found:
    for index, row in enumerate(rows):
        field = f"/alternatives/{index}"
        yield from _in_dated_rule(row["rule"], f"{field}/rule", agreed)
        before: list[tuple[str | None, HsRange]] = []
        for place, goods in enumerate(row["goods"]):
            for number, text in enumerate(goods["hs"]):
                at = f"{field}/goods/{place}/hs/{number}"
                yield from _in_range(text, at)
                hs, words = HsRange.parse(text, at), goods.get("ex")
                for other_words, other in before:
                    if other_words == words and hs.overlaps(other):
                        yield at, f"'{text}' overlaps {other.text} of the same rule; leave one out"
                before.append((words, hs))


def _in_dated_rule(entries: Sequence[Mapping[str, Any]], field: str, agreed: date) -> _Found:
    yield from _in_dates(entries, field)
    if entries[0]["since"] < agreed:
        yield (
            f"{field}/0/since",
            f"{entries[0]['since']} is before there are parties, on {agreed}; correct it",
        )
    for index, entry in enumerate(entries):
        yield from _in_rule(entry["value"], f"{field}/{index}/value")


def _in_coverage(rows: Sequence[Mapping[str, Any]]) -> _Found:
    before: list[HsRange] = []
    for index, row in enumerate(rows):
        field = f"/coverage/{index}"
        yield from _in_range(row["hs"], f"{field}/hs")
        yield from _in_dates(row["complete"], f"{field}/complete")
        covered = HsRange.parse(row["hs"], f"{field}/hs")
        for other in before:
            if covered.overlaps(other):
                yield (
                    f"{field}/hs",
                    f"'{covered.text}' overlaps the coverage of {other.text}; join them",
                )
        before.append(covered)


def _in_range(text: str, field: str) -> _Found:
    hs = HsRange.parse(text, field)
    for chapter in (int(hs.first[:2]), int(hs.last[:2])):
        if chapter > LAST_CHAPTER or chapter == RESERVED_CHAPTER:
            yield (
                field,
                f"'{text}': there is no chapter {chapter}; write one of 01 to 76 or 78 to 97",
            )
            break


def _in_rule(rule: object, field: str) -> _Found:
    """Yield what is wrong with a rule and the rules within it."""
    if not isinstance(rule, dict):
        return
    for word, share in _NEVER_FAILS.items():
        if rule.get(word) == share:
            yield f"{field}/{word}", f"'{share}' is met by every good; correct it"
    for member in _HS_LISTS:
        ranges = rule.get(member)
        for index, text in enumerate(ranges if isinstance(ranges, list) else []):
            if text[0].isdigit():  # Else it is a word for materials, such as sugar.
                yield from _in_range(text, f"{field}/{member}/{index}")
    for word in ("any", "all"):
        parts = rule.get(word, [])
        for index, part in enumerate(parts):
            if part in parts[:index]:
                yield f"{field}/{word}/{index}", "the same condition stands twice; leave one out"
            yield from _in_rule(part, f"{field}/{word}/{index}")


def _in_textile_lists(document: Mapping[str, Any]) -> _Found:
    lists = document.get("textile_lists", [])
    for index, entry in enumerate(lists):
        for name, rule in entry["value"].items():
            yield from _in_rule(rule, f"/textile_lists/{index}/value/{name}")
    held = {name for entry in lists for name in entry["value"]}
    for field, name in _textile_lists(document, ""):
        if name not in held:
            yield field, f"the pack holds no textile list '{name}'; add it to textile_lists"


def _textile_lists(node: Mapping[str, Any] | list[Any], field: str) -> _Found:
    """Yield every textile list that a rule names, wherever the rule stands."""
    if isinstance(node, dict) and isinstance(name := node.get("textile_list"), str):
        yield f"{field}/textile_list", name
    members = node.items() if isinstance(node, dict) else enumerate(node)
    for member, value in members:
        if isinstance(value, dict | list):
            yield from _textile_lists(value, f"{field}/{member}")
