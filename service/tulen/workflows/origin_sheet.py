"""The sheet that a trader fills in: goods with their materials as CSV, one row a material.

The layout is docs/guides/origin.md. Reading is parted in two. `sheet_lines` refuses a file whose
rows cannot be told apart; `inputs_of` refuses one line, and names row and column.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tulen.errors import InvalidInputError
from tulen.origin import OriginInputs
from tulen.values import line_of_text
from tulen.workflows.sheet_columns import (
    COLUMNS,
    LINE,
    OF_GOOD,
    OF_MATERIAL,
    OF_SET_ITEM,
    REQUIRED,
    Column,
)

MAX_LINES = 100_000
MAX_NAME_CHARACTERS = 64

_FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet would take a cell for that begins with it; the results repeat the name."""
_ROWS = {"materials": OF_MATERIAL, "set_items": OF_SET_ITEM}
"""What a good has several of, and the columns that describe one."""
_MONEY = "currency"
"""The column of the one currency that all amounts are in; prices other than FOB name it too."""

Row = tuple[int, Mapping[str, str]]
"""Its number in the file, the heading being 1, and its cells that are not empty, by column."""


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A good, and the rows that describe it.

    Attributes:
        name: What the sheet calls it.
        rows: Its rows, in their order.
    """

    name: str
    rows: tuple[Row, ...]


def sheet_lines(text: Iterable[str]) -> Iterator[SheetLine]:
    """Yield the goods of a sheet, in their order; it is never held as a whole.

    Cells are parted by comma, semicolon or tab, as the heading is. Rows without any content are
    passed over.

    Args:
        text: The lines of the file, as `open` with ``newline=""`` gives them.

    Raises:
        InvalidInputError: a column is unknown or missing, a row has more cells than columns or no
            name, the rows of a line do not stand together, or there are no or too many lines.
    """
    names: set[str] = set()
    held: list[Row] = []
    for number, cells in _rows(text):
        name = cells.get(LINE, "")
        if held and name == held[0][1][LINE]:
            held.append((number, cells))
            continue
        if held:
            yield SheetLine(held[0][1][LINE], tuple(held))
        _check_name(name, number, names)
        names.add(name)
        held = [(number, cells)]
    if not held:
        raise InvalidInputError("", "", "holds no line; write one below the heading")
    yield SheetLine(held[0][1][LINE], tuple(held))


def inputs_of(line: SheetLine) -> OriginInputs:
    """Return what a line of the sheet declares.

    Raises:
        InvalidInputError: it cannot be that; the field is row and column.
    """
    try:
        return OriginInputs.from_document(_document(line))
    except InvalidInputError as error:
        raise _placed(error, line) from None


def _rows(text: Iterable[str]) -> Iterator[Row]:
    lines = iter(text)
    heading = next(lines, "")
    separator = max(",;\t", key=heading.count)
    names = [cell.strip() for cell in next(csv.reader([heading], delimiter=separator), [])]
    for index, name in enumerate(names):
        if name not in COLUMNS:
            raise InvalidInputError(
                "row 1", name, f"is no column; the columns are {', '.join(COLUMNS)}"
            )
        if name in names[:index]:
            raise InvalidInputError("row 1", name, "stands twice")
    for name in REQUIRED:
        if name not in names:
            raise InvalidInputError("row 1", name, "is missing")
    number = 1
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=separator, strict=True), 2):
            if len(cells) > len(names):
                raise InvalidInputError(
                    f"row {number}",
                    f"{len(cells)} cells",
                    f"are more than the {len(names)} columns; a cell with {separator!r} in it "
                    "stands in quotation marks",
                )
            stripped = zip(names, map(str.strip, cells), strict=False)
            if row := {name: cell for name, cell in stripped if cell}:
                yield number, row
    except csv.Error as error:
        raise InvalidInputError(
            f"row {number + 1}", str(error), "makes it no CSV; save the sheet again"
        ) from error


def _check_name(name: str, number: int, names: set[str]) -> None:
    field = _cell(number, LINE)
    if not name:
        raise InvalidInputError(field, "", "is empty; every row names its line")
    line_of_text(name, field, most=MAX_NAME_CHARACTERS)
    if name.startswith(_FORMULA):
        raise InvalidInputError(field, name, f"begins with one of {' '.join(_FORMULA)}")
    if name in names:
        raise InvalidInputError(
            field, name, "stood above, before other lines; keep its rows together"
        )
    if len(names) == MAX_LINES:
        raise InvalidInputError(field, name, f"is one line more than {MAX_LINES:,}; part the file")


def _document(line: SheetLine) -> dict[str, Any]:
    """Return the inputs as a document; what is not stated is left out, never guessed."""
    (first, good), *more = line.rows
    for number, cells in more:
        for name, cell in cells.items():
            if name in OF_GOOD and cell != good.get(name):
                raise InvalidInputError(
                    _cell(number, name), cell, f"differs from row {first}, which describes the good"
                )
    document: dict[str, Any] = {}
    for name, cell in good.items():
        if name in OF_GOOD:
            section, member, read = OF_GOOD[name]
            into = document.setdefault(section, {}) if section else document
            value: Any = read(cell, _cell(first, name))
            # What holds and what does not are two columns of one list.
            into[member] = into[member] + value if member in into else value
    _name_currency(document)
    for member, columns in _ROWS.items():
        if described := [_described(row, columns) for row in _describing(line, columns)]:
            document[member] = described
    return document


def _name_currency(document: dict[str, Any]) -> None:
    """Put the currency where amounts are; the FOB price may be known by other prices alone."""
    prices, fob = document.get("prices"), document.get("fob", {})
    if prices is None:
        return
    if _MONEY in fob:
        prices[_MONEY] = fob[_MONEY]
    if "amount" not in fob:
        document.pop("fob", None)


def _describing(line: SheetLine, columns: Mapping[str, Column]) -> list[Row]:
    """Return the rows that describe something by ``columns``."""
    return [row for row in line.rows if not columns.keys().isdisjoint(row[1])]


def _described(row: Row, columns: Mapping[str, Column]) -> dict[str, object]:
    number, cells = row
    return {
        columns[name].member: columns[name].read(cell, _cell(number, name))
        for name, cell in cells.items()
        if name in columns
    }


def _cell(number: int, column: str) -> str:
    return f"row {number}, column {column}"


def _placed(error: InvalidInputError, line: SheetLine) -> InvalidInputError:
    """Return ``error`` with row and column in the place of a JSON pointer."""
    if not error.field.startswith("/"):
        return error
    number, good = line.rows[0]
    section, *rest = error.field[1:].split("/")
    if section in _ROWS and rest:
        columns, section = _ROWS[section], ""
        number, good = _describing(line, columns)[int(rest[0])]
        rest = rest[1:2] or ["description"]
    else:
        columns = OF_GOOD
        rest = rest or [section]
        section = section if section != rest[0] else ""
    error.field = ""
    return error.within(_cell(number, _column(columns, section, rest[0], good)))


def _column(
    columns: Mapping[str, Column], section: str, member: str, cells: Mapping[str, str]
) -> str:
    """Return the column that states a member, rather one that is filled in."""
    found = [name for name, it in columns.items() if (it.section, it.member) == (section, member)]
    if member == _MONEY:
        found = [_MONEY]
    return next((name for name in found if name in cells), found[0] if found else member)
