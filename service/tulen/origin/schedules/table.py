"""Reads a schedule of product rules from rows of a table (docs/specs/origin.md, "Schedules")."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from tulen.errors import InvalidInputError
from tulen.origin.grammar import rule_from
from tulen.origin.hs import HsRange
from tulen.origin.schedules.rule import schedule_rule
from tulen.origin.schedules.schedule import ScheduledRule
from tulen.values import line_of_text
from tulen.values.dated import Reference

COLUMNS = ("hs", "ex", "rule", "text", "since", "until", "reference", "href")
"""The columns of a schedule, in any order; only ``hs`` and one of ``rule`` and ``text`` must be."""


def schedule_from_csv(data: bytes) -> tuple[ScheduledRule, ...]:
    """Return the rules of a schedule in CSV: UTF-8, commas, the first row names the columns.

    Raises:
        InvalidInputError: it is malformed; the field names line and column.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInputError("", str(error), "is not UTF-8; save it as CSV UTF-8") from error
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InvalidInputError("", str(error), "is not CSV") from error
    return schedule_from_rows(rows)


def schedule_from_rows(rows: Iterable[Sequence[str]]) -> tuple[ScheduledRule, ...]:
    """Return the rules of a schedule whose first row names the columns; empty rows are passed over.

    Raises:
        InvalidInputError: a row is malformed; the field names line and column.
    """
    numbered = [
        (line, row) for line, row in enumerate(rows, 1) if any(cell.strip() for cell in row)
    ]
    if not numbered:
        raise InvalidInputError("", "", "is empty; the first row names the columns")
    names = _names(numbered[0][1])
    rules: list[ScheduledRule] = []
    for line, row in numbered[1:]:
        rules.append(_rule(_cells(row, names, line), line, rules))
    return tuple(rules)


def _names(header: Sequence[str]) -> list[str]:
    names = [cell.strip().lower() for cell in header]
    for name in names:
        if name not in COLUMNS:
            raise InvalidInputError("line 1", name, f"is no column; known are {', '.join(COLUMNS)}")
        if names.count(name) > 1:
            raise InvalidInputError("line 1", name, "names two columns")
    if "hs" not in names or not {"rule", "text"} & set(names):
        raise InvalidInputError(
            "line 1", ", ".join(names), "lacks the columns hs, and rule or text"
        )
    return names


def _cells(row: Sequence[str], names: Sequence[str], line: int) -> Mapping[str, str]:
    if len(row) > len(names) and any(cell.strip() for cell in row[len(names) :]):
        raise InvalidInputError(f"line {line}", row[len(names)], "stands beyond the last column")
    return {name: cell.strip() for name, cell in zip(names, row, strict=False)}


def _rule(cells: Mapping[str, str], line: int, before: Sequence[ScheduledRule]) -> ScheduledRule:
    def at(name: str) -> str:
        return f"line {line}, {name}"

    written, text = cells.get("rule", ""), cells.get("text", "")
    if written:
        rule = schedule_rule(written, at("rule"))
    elif text:
        rule = {"undetermined": text}
    else:
        raise InvalidInputError(at("rule"), "", "is empty; write the rule, or its words as text")
    rule_from(rule, at("rule"))
    reference = cells.get("reference", "")
    if not reference and cells.get("href"):
        raise InvalidInputError(at("href"), cells["href"], "has no reference; name the article")
    scheduled = ScheduledRule(
        HsRange.parse(cells.get("hs", "").replace(".", ""), at("hs")),
        line_of_text(cells["ex"], at("ex")) if cells.get("ex") else None,
        rule,
        text,
        _day(cells.get("since", ""), at("since")),
        _day(cells.get("until", ""), at("until")),
        Reference(line_of_text(reference, at("reference")), cells.get("href") or None)
        if reference
        else None,
    )
    for other in before:
        if (scheduled.hs, scheduled.ex, scheduled.since) == (other.hs, other.ex, other.since):
            raise InvalidInputError(at("hs"), scheduled.hs.text, "has a rule already; join them")
    return scheduled


def _day(text: str, field: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInputError(field, text, "is not a date such as 2026-01-15") from None
