"""What a shipped pack says about one HS code on one day, as its file writes it."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from importlib import resources
from typing import Any

from tulen.origin.hs import HsRange
from tulen.origin.pack_file import pack_of
from tulen.origin.wording import rule_words
from tulen.values import AgreementCode, HsCode

AROUND = (
    "de_minimis",
    "de_minimis_by_chapter",
    "cumulation",
    "value_content_methods",
    "valid_months",
)
"""What an agreement says around its rules, shown where the pack says it."""

Shown = dict[str, Any]


def shipped_pack(agreement: AgreementCode) -> tuple[str, bytes]:
    """Return name and bytes of the shipped pack of ``agreement``.

    Raises:
        UnknownAgreementError: none is shipped.
    """
    pack_of(agreement)
    name = f"{agreement.lower()}.toml"
    return name, resources.files("tulen.origin").joinpath("packs", name).read_bytes()


def rules_for(agreement: AgreementCode, code: HsCode, on: date) -> Shown:
    """Return the rules that goods of ``code`` must meet on ``on``, with their articles.

    Several rules stand there where the code or a description leaves open which is the right one.
    The general rule is there where no rule of a product is for all of the code. Alternatives, which
    are enough whatever the others say, come last.

    Raises:
        UnknownAgreementError: no pack is shipped for ``agreement``.
    """
    name, data = shipped_pack(agreement)
    pack = tomllib.loads(data.decode())
    rules, whole = _products(pack.get("products", []), code, on)
    general = _current(pack.get("general_rule", []), on)
    if general is not None and not whole:
        rules.append(_rule(general, hs="any other good"))
    rules += _alternatives(pack.get("alternatives", []), code, on)
    parties = _current(pack["parties"], on)
    coverage = [
        _stated(entry)
        for row in pack.get("coverage", [])
        if HsRange.parse(row["hs"], name).holds(code)
        and (entry := _current(row["complete"], on))
        and entry["value"]
    ]
    around = {part: _current(pack.get(part, []), on) for part in AROUND}
    return {
        "agreement": str(agreement),
        "title": pack["title"],
        "rule_set": f"{agreement}/{pack['version']}",
        "hs_edition": pack["hs_edition"],
        "hs_code": str(code),
        "on": on.isoformat(),
        "parties": _stated(parties) if parties else None,
        "rules": rules,
        "not_held": pack.get("not_held", []),
        "covered": bool(coverage),
        "coverage": coverage[0] if coverage else None,
        **{part: _stated(entry) if entry else None for part, entry in around.items()},
    }


def _products(
    rows: Sequence[Mapping[str, Any]], code: HsCode, on: date
) -> tuple[list[Shown], bool]:
    """Return the rules that may apply, the narrowest first, and whether one is for all goods."""
    ranges = [(HsRange.parse(row["hs"], ""), row) for row in rows]
    ranges.sort(key=lambda item: (item[0].width, "ex" not in item[1]))
    shown: list[Shown] = []
    for hs, row in ranges:
        entry = _current(row["rule"], on)
        held = hs.holds(code)
        if entry is None or held is False:
            continue
        shown.append(_rule(entry, hs=row["hs"], ex=row.get("ex")))
        if held and "ex" not in row:
            return shown, True
    return shown, False


def _alternatives(rows: Sequence[Mapping[str, Any]], code: HsCode, on: date) -> list[Shown]:
    """Return the rules that are enough beside every other."""
    shown: list[Shown] = []
    for row in rows:
        for goods in row["goods"]:
            held = [
                text for text in goods["hs"] if HsRange.parse(text, "").holds(code) is not False
            ]
            if held and (entry := _current(row["rule"], on)):
                rule = _rule(entry, hs=", ".join(held), ex=goods.get("ex"))
                shown.append(
                    rule | {"words": f"or else, in any case: {rule['words']}", "alternative": True}
                )
    return shown


def _rule(entry: Mapping[str, Any], *, hs: str, ex: str | None = None) -> Shown:
    stated = _stated(entry)
    return {
        "hs": hs,
        "ex": ex,
        "alternative": False,
        "words": rule_words(entry["value"]),
        "rule": stated.pop("value"),
        **stated,
    }


def _stated(entry: Mapping[str, Any]) -> Shown:
    return {
        "value": entry["value"],
        "since": entry["since"].isoformat(),
        "until": entry["until"].isoformat() if "until" in entry else None,
        "reference": entry["reference"],
    }


def _current(entries: Sequence[Mapping[str, Any]], on: date) -> Mapping[str, Any] | None:
    begun = [entry for entry in entries if entry["since"] <= on]
    if not begun or ("until" in begun[-1] and on >= begun[-1]["until"]):
        return None
    return begun[-1]
