"""A schedule of product rules, wherever it was read, and the tables of a pack that it becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tulen.origin.hs import HsRange
from tulen.values.dated import Reference


@dataclass(frozen=True, slots=True)
class ScheduledRule:
    """What a schedule asks of the goods of one range.

    Attributes:
        hs: The range.
        ex: Words that narrow it; None where all of it is meant.
        rule: The rule, as a table of the rule language.
        text: The words of the schedule, for a comment; empty where there are none.
        since: The first day; None is that of the schedule.
        until: The day from which it no longer holds.
        reference: Where it stands; None is the reference of the schedule.
    """

    hs: HsRange
    ex: str | None
    rule: Mapping[str, Any]
    text: str = ""
    since: date | None = None
    until: date | None = None
    reference: Reference | None = None


def products_toml(rules: Sequence[ScheduledRule], since: date, reference: Reference) -> str:
    """Return ``rules`` as the ``[[products]]`` of a pack, in order of the Harmonized System.

    Args:
        rules: The rules; several of one range and description are its dated values.
        since: The first day of rules that name none.
        reference: Where rules stand that name nothing else.
    """
    products: dict[tuple[str, str, str | None], list[ScheduledRule]] = {}
    for rule in rules:
        products.setdefault((rule.hs.first, rule.hs.last, rule.ex), []).append(rule)
    parts = []
    for key in sorted(products, key=lambda key: (key[0], key[1], key[2] or "")):
        dated = sorted(products[key], key=lambda rule: rule.since or since)
        lines = ["[[products]]", f"hs = {_text(dated[0].hs.text)}"]
        if dated[0].ex is not None:
            lines.append(f"ex = {_text(dated[0].ex)}")
        for rule in dated:
            lines += ["[[products.rule]]", f"since = {(rule.since or since).isoformat()}"]
            if rule.until is not None:
                lines.append(f"until = {rule.until.isoformat()}")
            lines += [
                f"value = {toml_value(rule.rule)}",
                f"reference = {_reference(rule.reference or reference)}",
            ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n" if parts else ""


def toml_value(value: object) -> str:
    """Return ``value``, of tables, lists, text and flags, as TOML in one line."""
    if isinstance(value, Mapping):
        return (
            "{ " + ", ".join(f"{name} = {toml_value(item)}" for name, item in value.items()) + " }"
        )
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(str(value))


def _reference(reference: Reference) -> str:
    table = {"title": reference.title}
    return toml_value(table if reference.href is None else table | {"href": reference.href})


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
