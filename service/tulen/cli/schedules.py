"""`tulen rules import`: a schedule, wherever it comes from, as the product rules of a pack."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

from tulen.cli.terminal import bytes_of, err, stop, write
from tulen.errors import InvalidInputError
from tulen.origin.schedules.schedule import ScheduledRule, products_toml
from tulen.origin.schedules.table import schedule_from_csv, schedule_from_rows
from tulen.origin.schedules.uk_rules import uk_rules
from tulen.origin.schedules.uk_shares import NO_BASE
from tulen.values import line_of_text, parse_strict
from tulen.values.dated import Reference
from tulen.values.json import Limits

MAX_SCHEDULE_BYTES = 32 << 20
"""The longest schedules known, with some five thousand rules, have two million bytes."""

LIMITS = Limits(size_bytes=MAX_SCHEDULE_BYTES, nodes=1_000_000)


def import_schedule(
    file: Path, *, since: date, title: str, href: str | None, base: str | None, to: Path
) -> None:
    """Read ``file`` and write its rules; what could not be read for certain is counted."""
    try:
        reference = Reference(line_of_text(title, "reference"), href)
        rules = _read(file, base)
    except InvalidInputError as error:
        stop(error.within(f"{file}: "))
    write(to, products_toml(rules, since, reference).encode())
    unread = sum("undetermined" in rule.rule for rule in rules)
    partly = sum(_holds_unread(rule.rule) for rule in rules) - unread
    err.print(
        f"{len(rules)} rules: {len(rules) - unread - partly} read whole, {partly} in part, "
        f"{unread} not for certain and left as their text",
        soft_wrap=True,
    )
    without_base = sum(NO_BASE in str(rule.rule) for rule in rules)
    if without_base:
        err.print(f"{without_base} have a share without its base; --base reads them")


def _read(file: Path, base: str | None) -> tuple[ScheduledRule, ...]:
    data = bytes_of(file, MAX_SCHEDULE_BYTES)
    kind = file.suffix.lower()
    if kind == ".json":
        return uk_rules(parse_strict(data, LIMITS), base)
    if kind == ".csv":
        return schedule_from_csv(data)
    if kind == ".xlsx":
        return schedule_from_rows(_rows_of_sheet(data))
    raise InvalidInputError("", kind, "is not .csv, .xlsx or .json; save the schedule as one")


def _rows_of_sheet(data: bytes) -> list[list[str]]:
    """Return the cells of the only sheet of a workbook as text."""
    # It takes long to load, and only workbooks need it; it has no types of its own.
    import openpyxl  # type: ignore[import-untyped]  # noqa: PLC0415

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets]
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError, EOFError) as error:
        raise InvalidInputError("", str(error), "is not a workbook in XLSX") from error
    if len(sheets) != 1:
        raise InvalidInputError(
            "", len(sheets), "sheets are one too many; leave the schedule alone"
        )
    return [[_text(cell) for cell in row] for row in sheets[0]]


def _text(cell: object) -> str:
    """Return a cell as text; a code kept as a number has lost its zeros and is refused later."""
    if cell is None:
        return ""
    return cell.date().isoformat() if isinstance(cell, datetime) else str(cell)


def _holds_unread(rule: object) -> bool:
    if isinstance(rule, dict):
        return "undetermined" in rule or any(_holds_unread(part) for part in rule.values())
    return isinstance(rule, list) and any(_holds_unread(part) for part in rule)
