"""The columns of the trader's sheet: which member each states, and how people write it.

A column is named after its member (docs/specs/origin.md, section 1), with the thing before it where
the name alone would not tell: ``net_weight``, ``material_role``, ``set_item_value``.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tulen.errors import InvalidInputError
from tulen.origin.circumstances import FACTS
from tulen.values import decimal_from, decimal_text

Read = Callable[[str, str], object]
"""Makes of a cell what the document holds; the second argument names row and column."""

PARTS = "|"
"""Parts the entries of a list in one cell: no sheet's cells are parted by it."""
_SAID = {"yes": True, "no": False}


class Column(NamedTuple):
    """What a column states.

    Attributes:
        section: The object that the member is in; empty for the good or the material itself.
        member: The member.
        read: Makes its value of the cell.
    """

    section: str
    member: str
    read: Read


def _text(cell: str, _field: str) -> str:
    return cell


def _hs_code(cell: str, _field: str) -> str:
    """Return an HS code as the core reads it; people write it with points, as in 1905.31."""
    return cell.replace(".", "")


def _amount(cell: str, field: str) -> str:
    """Return an amount in its one spelling; people write 12.50, and the core 12.5."""
    return decimal_text(decimal_from(cell, field))


def _share(cell: str, field: str) -> str:
    """Return a percentage in its one spelling; people write 5.0 % too."""
    number, sign, rest = cell.partition("%")
    if not sign or rest:
        raise InvalidInputError(field, cell, "is not a percentage such as 5%")
    return f"{_amount(number.rstrip(), field)}%"


def _said(cell: str, field: str) -> bool:
    if cell.lower() not in _SAID:
        raise InvalidInputError(field, cell, "is not yes or no")
    return _SAID[cell.lower()]


def _list(cell: str, _field: str) -> list[str]:
    return [entry.strip() for entry in cell.split(PARTS)]


def _processes(cell: str, _field: str) -> list[dict[str, str]]:
    """Return processes as ``weaving`` or, where it was elsewhere, ``weaving@TH``."""
    found = []
    for entry in _list(cell, _field):
        code, at, country = entry.rpartition("@")
        found.append({"code": code, "country": country} if at else {"code": entry})
    return found


def _deductions(cell: str, field: str) -> dict[str, str]:
    """Return costs by name, written as ``inland freight=12.50``."""
    found: dict[str, str] = {}
    for entry in _list(cell, field):
        name, sign, amount = (word.strip() for word in entry.rpartition("="))
        if not sign or name in found:
            raise InvalidInputError(field, entry, "is not a name of its own, = and an amount")
        found[name] = _amount(amount, field)
    return found


def _holds(cell: str, field: str) -> list[dict[str, object]]:
    return [{"text": text, "holds": True} for text in _list(cell, field)]


def _holds_not(cell: str, field: str) -> list[dict[str, object]]:
    return [{"text": text, "holds": False} for text in _list(cell, field)]


def _columns(section: str, read: Read, *members: str) -> dict[str, Column]:
    return {member: Column(section, member, read) for member in members}


OF_GOOD: Mapping[str, Column] = {
    **_columns("", _text, "agreement", "exporting_country", "importing_country"),
    "hs_code": Column("", "hs_code", _hs_code),
    **_columns("", _text, "description", "method", "wholly_obtained", "hs_edition", "set_by"),
    "fob": Column("fob", "amount", _amount),
    "currency": Column("fob", "currency", _text),
    **_columns("costs", _amount, "labour", "overhead", "other", "profit"),
    **_columns("prices", _amount, "ex_works", "adjusted", "transaction", "net_cost"),
    **_columns("prices", _amount, "cif", "freight", "insurance"),
    "net_weight": Column("weights", "net", _amount),
    "textile_weight": Column("weights", "textile", _amount),
    "determining_component_weight": Column("weights", "determining_component", _amount),
    "processes": Column("production", "processes", _processes),
    "operations": Column("production", "operations", _list),
    "only_minimal": Column("production", "only_minimal", _said),
    "embroidered_area": Column("production", "embroidered_area", _share),
    "last_process": Column("production", "last_process", _text),
    "attestations": Column("production", "attestations", _holds),
    "attestations_not": Column("production", "attestations", _holds_not),
    **_columns("facts", _text, *FACTS),
}
"""Of the good, in its first row."""

OF_MATERIAL: Mapping[str, Column] = {
    "material": Column("", "description", _text),
    **{
        f"material_{member}": Column("", member, read)
        for member, read in (
            ("hs_code", _hs_code),
            ("country", _text),
            ("originating", _said),
            ("value", _amount),
            ("evidence", _text),
            ("weight", _amount),
            ("role", _text),
            ("separately_invoiced", _said),
            ("customary", _said),
            ("partial_content", _share),
            ("non_originating_content", _amount),
            ("deductions", _deductions),
            ("lot", _text),
            ("lot_method", _text),
            ("lists", _list),
            ("kinds", _list),
            ("under", _text),
        )
    },
}
"""Of a material, in a row of its own or in that of the good."""

OF_SET_ITEM: Mapping[str, Column] = {
    "set_item": Column("", "description", _text),
    "set_item_originating": Column("", "originating", _said),
    "set_item_value": Column("", "value", _amount),
}
"""Of an article of a set, likewise."""

LINE = "line"
REQUIRED = (
    *(LINE, "agreement", "exporting_country", "importing_country"),
    *("hs_code", "description", "method"),
)
COLUMNS = (LINE, *OF_GOOD, *OF_MATERIAL, *OF_SET_ITEM)
