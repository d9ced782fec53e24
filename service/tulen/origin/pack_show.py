"""What a shipped pack says on one day, of one HS code or around its rules, as its file has it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tulen.origin.hs import HsRange
from tulen.origin.pack_file import pack_of
from tulen.origin.wording import rule_words
from tulen.origin.written import Shown, current, shipped_bytes, shipped_document, stated
from tulen.values import AgreementCode, HsCode

AROUND = (
    "de_minimis",
    "de_minimis_by_chapter",
    "cumulation",
    "value_content_methods",
    "valid_months",
)
"""What an agreement says around its rules, shown where the pack says it."""


def shipped_pack(agreement: AgreementCode) -> tuple[str, bytes]:
    """Return name and bytes of the shipped pack of ``agreement``.

    Raises:
        UnknownAgreementError: none is shipped.
    """
    pack_of(agreement)
    return shipped_bytes("packs", agreement)


def terms_on(agreement: AgreementCode, on: date) -> Shown:
    """Return what the pack of ``agreement`` says around its product rules on a day.

    Raises:
        UnknownAgreementError: no pack is shipped for ``agreement``.
    """
    pack = _pack(agreement)
    dated = {part: current(pack.get(part, []), on) for part in ("parties", *AROUND)}
    first = min(entry["since"] for entry in pack["parties"])
    return {
        "agreement": str(agreement),
        "title": pack["title"],
        **({"form": pack["form"]} if "form" in pack else {}),
        "rule_set": f"{agreement}/{pack['version']}",
        "hs_edition": pack["hs_edition"],
        "on": on.isoformat(),
        "known_since": first.isoformat(),
        "not_held": pack.get("not_held", []),
        **{part: stated(entry) if entry else None for part, entry in dated.items()},
    }


def rules_for(agreement: AgreementCode, code: HsCode, on: date) -> Shown:
    """Return the rules that goods of ``code`` must meet on ``on``, with their articles.

    Several rules stand there where the code or a description leaves open which is the right one.
    The general rule is there where no rule of a product is for all of the code. Alternatives, which
    are enough whatever the others say, come last.

    Raises:
        UnknownAgreementError: no pack is shipped for ``agreement``.
    """
    pack = _pack(agreement)
    rules, whole = _products(pack.get("products", []), code, on)
    general = current(pack.get("general_rule", []), on)
    if general is not None and not whole:
        rules.append(_rule(general, hs="any other good"))
    rules += _alternatives(pack.get("alternatives", []), code, on)
    coverage = [
        stated(entry)
        for row in pack.get("coverage", [])
        if HsRange.parse(row["hs"], agreement).holds(code)
        and (entry := current(row["complete"], on))
        and entry["value"]
    ]
    return terms_on(agreement, on) | {
        "hs_code": str(code),
        "rules": rules,
        "covered": bool(coverage),
        "coverage": coverage[0] if coverage else None,
    }


def _pack(agreement: AgreementCode) -> Mapping[str, Any]:
    pack_of(agreement)
    return shipped_document("packs", agreement)


def _products(
    rows: Sequence[Mapping[str, Any]], code: HsCode, on: date
) -> tuple[list[Shown], bool]:
    """Return the rules that may apply, the narrowest first, and whether one is for all goods."""
    ranges = [(HsRange.parse(row["hs"], ""), row) for row in rows]
    ranges.sort(key=lambda item: (item[0].width, "ex" not in item[1]))
    shown: list[Shown] = []
    for hs, row in ranges:
        entry = current(row["rule"], on)
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
            if held and (entry := current(row["rule"], on)):
                rule = _rule(entry, hs=", ".join(held), ex=goods.get("ex"))
                shown.append(
                    rule | {"words": f"or else, in any case: {rule['words']}", "alternative": True}
                )
    return shown


def _rule(entry: Mapping[str, Any], *, hs: str, ex: str | None = None) -> Shown:
    shown = stated(entry)
    return {
        "hs": hs,
        "ex": ex,
        "alternative": False,
        "words": rule_words(entry["value"]),
        "rule": shown.pop("value"),
        **shown,
    }
