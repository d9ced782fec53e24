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
from tulen.values import decimal_from, decimal_text, line_of_text

MAX_LINES = 100_000
MAX_NAME_CHARACTERS = 64

LINE = "line"
_MATERIAL = "material"
_TEXT = (
    *("agreement", "exporting_country", "importing_country", "hs_code"),
    *("description", "method", "wholly_obtained"),
)
_COSTS = ("labour", "overhead", "other", "profit")
_OF_GOOD = (*_TEXT, "fob", "currency", *_COSTS)
_OF_MATERIAL = {
    "description": _MATERIAL,
    "hs_code": "material_hs_code",
    "country": "material_country",
    "originating": "material_originating",
    "value": "material_value",
    "evidence": "material_evidence",
}
_REQUIRED = (LINE, *_TEXT[:-1], "fob", "currency")
COLUMNS = (LINE, *_OF_GOOD, *_OF_MATERIAL.values())
_SAID = {"yes": True, "no": False}
_FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet would take a cell for that begins with it; the results repeat the name."""
_COLUMN_OF = {"/fob/amount": "fob", "/fob/currency": "currency", "/fob": "fob"} | {
    f"/costs/{name}": name for name in _COSTS
}

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
    for name in _REQUIRED:
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
        for name in _OF_GOOD:
            if name in cells and cells[name] != good.get(name):
                raise InvalidInputError(
                    _cell(number, name),
                    cells[name],
                    f"differs from row {first}, which describes the same good",
                )
    document: dict[str, Any] = {name: good[name] for name in _TEXT if name in good}
    if "hs_code" in document:
        document["hs_code"] = _hs_code(good["hs_code"])
    document["fob"] = {
        member: value
        for member, value in (
            ("amount", _amount(good, "fob", first)),
            ("currency", good.get("currency")),
        )
        if value is not None
    }
    if costs := {name: _amount(good, name, first) for name in _COSTS if name in good}:
        document["costs"] = costs
    if materials := [
        _material(number, cells)
        for number, cells in line.rows
        if any(column in cells for column in _OF_MATERIAL.values())
    ]:
        document["materials"] = materials
    return document


def _material(number: int, cells: Mapping[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = {
        member: cells[column] for member, column in _OF_MATERIAL.items() if column in cells
    }
    if "hs_code" in document:
        document["hs_code"] = _hs_code(document["hs_code"])
    if "value" in document:
        document["value"] = _amount(cells, "material_value", number)
    if "originating" in document:
        said = document["originating"].lower()
        if said not in _SAID:
            raise InvalidInputError(
                _cell(number, "material_originating"), document["originating"], "is not yes or no"
            )
        document["originating"] = _SAID[said]
    return document


def _hs_code(cell: str) -> str:
    """Return an HS code as the core reads it; people write it with points, as in 1905.31."""
    return cell.replace(".", "")


def _amount(cells: Mapping[str, str], name: str, number: int) -> str | None:
    """Return an amount in its one spelling; people write 12.50, and the core 12.5."""
    return decimal_text(decimal_from(cells[name], _cell(number, name))) if name in cells else None


def _cell(number: int, column: str) -> str:
    return f"row {number}, column {column}"


def _placed(error: InvalidInputError, line: SheetLine) -> InvalidInputError:
    """Return ``error`` with row and column in the place of a JSON pointer."""
    pointer, number = error.field, line.rows[0][0]
    if not pointer.startswith("/"):
        return error
    column = _COLUMN_OF.get(pointer, pointer[1:])
    _, materials, *rest = pointer.split("/")
    if materials == "materials" and rest:
        described = [
            number
            for number, cells in line.rows
            if any(name in cells for name in _OF_MATERIAL.values())
        ]
        number = described[int(rest[0])]
        column = _OF_MATERIAL.get(rest[1], rest[1]) if len(rest) > 1 else _MATERIAL
    error.field = ""
    return error.within(_cell(number, column))
