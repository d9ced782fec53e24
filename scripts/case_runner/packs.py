"""Makes a pack of one case: the terms of its agreement around the rule that it brings along.

The terms are those of the pack that the project ships, as it last states them. What it does not
hold, and agreements that it ships no pack for, stand in ``case_terms``: nobody vouches for these.
"""

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from tulen.origin import Pack, load_packs, pack_from
from tulen.origin.pack_show import shipped_pack
from tulen.origin.terms_file import OPTIONAL_TERMS
from tulen.values import AgreementCode

_Stated = dict[str, Any]
"""A value of a pack with its reference, as its file writes them."""

_FOLDER = Path(__file__).resolve().parent.parent / "case_terms"
_SINCE = "1990-01-01"

_COMMON: dict[str, Any] = {
    "value_content_methods": ["build-down", "build-up"],
    "cumulation": True,
    "valid_months": 12,
    "wholly_obtained": {"stated": "a category that the case states"},
}
_OF_THE_CASE = {"criteria", "sets"}
"""What a case brings along in its rule, or does not ask."""
_NOTHING: _Stated = {"value": "0%", "reference": {"title": "nothing is known of de minimis"}}
"""De minimis of an agreement that nobody states it for: nothing is given away."""


@cache
def _files() -> dict[str, dict[str, Any]]:
    """Return what the files of case terms say, by the names that cases have for an agreement."""
    named = {}
    for path in sorted(_FOLDER.glob("*.toml")):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        for name in document["names"]:
            named[name] = document
    return named


def agreement_code(name: str) -> str:
    """Return the code of an agreement that a case names; one of its own where nobody knows it."""
    if name in _files():
        return str(_files()[name]["agreement"])
    return name if name in load_packs() else "OTHER"


@cache
def _terms(agreement: str, name: str) -> dict[str, _Stated]:
    """Return what the shipped pack says around its rules, and beside it what only cases need.

    Raises:
        ValueError: a file of case terms repeats what the pack holds.
    """
    held: dict[str, _Stated] = {}
    if agreement in load_packs():
        pack = tomllib.loads(shipped_pack(AgreementCode(agreement))[1].decode())
        wanted = {"parties", *OPTIONAL_TERMS} - _OF_THE_CASE
        held = {key: pack[key][-1] for key in pack.keys() & wanted}
    document = _files().get(name, {})
    added = document.get("terms", {})
    if repeated := held.keys() & added.keys():
        raise ValueError(f"{name}: case terms repeat {', '.join(sorted(repeated))} of the pack")
    source = {"title": document.get("source", name)}
    for key, rows in document.get("also", {}).items():
        held[key] = held[key] | {"value": rows + held[key]["value"]}
    return held | {key: {"value": value, "reference": source} for key, value in added.items()}


def knows_minimal_operations(name: str) -> bool:
    """Return whether anything is known of the minimal operations of an agreement."""
    return "minimal_operations" in _terms(agreement_code(name), name)


def pack_for(name: str, rule: dict[str, Any], parties: set[str], measures: set[str]) -> Pack:
    """Return the pack of agreement ``name`` with ``rule`` as the only rule.

    Args:
        name: The agreement as the case names it.
        rule: The rule in the language of the project.
        parties: The countries of the case, which are the parties where the agreement is not known.
        measures: What the case states of its materials: ``value``, ``weight``, or both. Where de
            minimis admits either, one that the case does not state is not claimed.
    """
    agreement = agreement_code(name)
    reference = {"title": name}
    stated = {"parties": sorted(parties), **_COMMON, "general_rule": rule}
    terms = {key: {"value": value, "reference": reference} for key, value in stated.items()}
    terms |= _terms(agreement, name)
    terms["de_minimis_by_chapter"] = _de_minimis(terms, measures)
    if minimal := terms.get("minimal_operations"):
        terms["minimal_operations"] = minimal | {"value": _bluntly(minimal["value"])}
    lines = [
        'format = "tulen/origin/v1"',
        f"agreement = {_toml(agreement)}",
        'version = "2026-01"',
        f"title = {_toml(name)}",
        'hs_edition = "HS2022"',
        'not_held = ["criteria", "form"]',
    ]
    for key, entry in terms.items():
        lines += _dated(key, entry["value"], entry["reference"])
    lines += ["[[coverage]]", 'hs = "01-99"', *_dated("coverage.complete", True, reference)]
    return pack_from("\n".join(lines).encode(), f"{name}.toml")


def _de_minimis(terms: dict[str, _Stated], measures: set[str]) -> _Stated:
    """Return de minimis by chapters, taking a single share out of ``terms``; none if unknown."""
    share = terms.pop("de_minimis", _NOTHING)
    rows = [{"goods": ["01-99"], "value": share["value"]}]
    stated = terms.get("de_minimis_by_chapter", {"value": rows, "reference": share["reference"]})
    return stated | {"value": [_claimed(row, measures) for row in stated["value"]]}


def _bluntly(minimal: dict[str, Any]) -> dict[str, Any]:
    """Return minimal operations with those that must be simple under their mere names as well.

    Cases say of an operation that it is cutting, and mean the simple one of the agreement's list.
    """
    operations = minimal["operations"]
    blunt = [code.removeprefix("simple-") for code in operations]
    return minimal | {"operations": list(dict.fromkeys(operations + blunt))}


def _claimed(row: dict[str, Any], measures: set[str]) -> dict[str, Any]:
    if not {"value", "weight"} <= row.keys() or len(measures) != 1:
        return row
    dropped = {"value": ("weight", "weight_of"), "weight": ("value", "basis")}[min(measures)]
    return {name: value for name, value in row.items() if name not in dropped}


def _dated(key: str, value: object, reference: object) -> list[str]:
    return [
        f"[[{key}]]",
        f"since = {_SINCE}",
        f"value = {_toml(value)}",
        f"reference = {_toml(reference)}",
    ]


def _toml(value: object) -> str:
    match value:
        case dict():
            inner = ", ".join(f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items())
            return f"{{ {inner} }}"
        case list():
            return f"[{', '.join(_toml(item) for item in value)}]"
        case _:
            return json.dumps(value)
