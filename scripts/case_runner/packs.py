"""Makes a pack of one case: the terms of its agreement around the rule that it brings along."""

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from tulen.origin import Pack, pack_from

_FOLDER = Path(__file__).resolve().parent.parent / "case_terms"
_SINCE = "1990-01-01"

_COMMON: dict[str, Any] = {
    "value_content_methods": ["build-down", "build-up"],
    "cumulation": True,
    "valid_months": 12,
    "wholly_obtained": {"stated": "a category that the case states"},
}
_NOTHING_KNOWN: dict[str, Any] = {"de_minimis": "0%"}
"""Terms of an agreement that no file is for: nothing is given away."""


@cache
def _known() -> dict[str, dict[str, Any]]:
    terms = {}
    for path in sorted(_FOLDER.glob("*.toml")):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        for name in document["names"]:
            terms[name] = document
    return terms


def agreement_code(name: str) -> str:
    """Return the code of an agreement that a case names; one of its own where nobody knows it."""
    document = _known().get(name)
    return str(document["agreement"]) if document is not None else "OTHER"


def pack_for(name: str, rule: dict[str, Any], parties: set[str], measures: set[str]) -> Pack:
    """Return the pack of agreement ``name`` with ``rule`` as the only rule.

    Args:
        name: The agreement as the case names it.
        rule: The rule in the language of the project.
        parties: The countries of the case, which are the parties where the agreement is not known.
        measures: What the case states of its materials: ``value``, ``weight``, or both. Where de
            minimis admits either, one that the case does not state is not claimed.
    """
    document = _known().get(name, {"agreement": "OTHER", "source": name, "terms": _NOTHING_KNOWN})
    terms = {"parties": sorted(parties), **_COMMON, **document["terms"], "general_rule": rule}
    if "de_minimis_by_chapter" in terms:
        rows = terms["de_minimis_by_chapter"]
        terms["de_minimis_by_chapter"] = [_claimed(row, measures) for row in rows]
    reference = {"title": document["source"]}
    lines = [
        'format = "tulen/origin/v1"',
        f"agreement = {_toml(document['agreement'])}",
        'version = "2026-01"',
        f"title = {_toml(name)}",
        'hs_edition = "HS2022"',
        'not_held = ["criteria", "form"]',
    ]
    for key, value in terms.items():
        lines += _dated(key, value, reference)
    lines += ["[[coverage]]", 'hs = "01-99"', *_dated("coverage.complete", True, reference)]
    return pack_from("\n".join(lines).encode(), f"{name}.toml")


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
