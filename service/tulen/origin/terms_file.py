"""Reads what a pack says around its rules (docs/specs/origin.md, section 3)."""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from tulen.errors import InvalidInputError
from tulen.origin.circumstances import SetRule
from tulen.origin.findings import ACCUMULATION, CRITERIA, DE_MINIMIS
from tulen.origin.grammar import rule_from
from tulen.origin.hs import HsRange
from tulen.origin.inputs import Method
from tulen.origin.materials import LotMethod, Role, one_of
from tulen.origin.processes import code_of
from tulen.origin.rules import Rule
from tulen.origin.selection import Selection
from tulen.origin.sets import RetailSet, SetRow
from tulen.origin.shares import share_from
from tulen.origin.terms import (
    Ancillary,
    Basis,
    CriterionPrint,
    DeMinimis,
    Diagonal,
    MinimalOperations,
    PartialCumulation,
    Scope,
    Treatment,
    WeightOf,
)
from tulen.values import AgreementCode, Country, line_of_text
from tulen.values.fields import members_of


def listed(value: object, field: str, of: str) -> list[object]:
    """Return ``value`` if it is a list of at least one thing, none of them twice.

    Raises:
        InvalidInputError: it is not.
    """
    if not isinstance(value, list) or not value:
        raise InvalidInputError(field, value, f"is not a list of at least one {of}")
    for index, item in enumerate(value):
        if item in value[:index]:
            raise InvalidInputError(f"{field}/{index}", item, "stands twice")
    return value


def countries(value: object, field: str) -> frozenset[Country]:
    """Return a list of countries."""
    return frozenset(
        Country(item, f"{field}/{index}")
        for index, item in enumerate(listed(value, field, "country"))
    )


def flag(value: object, field: str) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise InvalidInputError(field, value, "is not true or false")
    return value


def criterion_print(value: object, field: str) -> CriterionPrint:
    """Return how a form prints criteria; every code that a further member names is one of them."""
    table = members_of(value, field, ("general",), _FURTHER_PRINT)
    stated: dict[str, Any] = {
        name: _codes(table[name], f"{field}/{name}", known)
        for name, known in _CODES_OF.items()
        if name in table
    }
    printed = {code for codes in stated.values() for code in codes.values()}
    for name in table.keys() & {"percent", "joint_percent"}:
        place = f"{field}/{name}"
        stated[name] = frozenset(
            _one_of_these(code, f"{place}/{index}", printed)
            for index, code in enumerate(listed(table[name], place, "code"))
        )
    if "box" in table:
        stated["box"] = _codes(table["box"], f"{field}/box", printed)
    return CriterionPrint(**stated)


_CODES_OF: Mapping[str, Collection[str]] = {
    "general": CRITERIA,
    "product": CRITERIA,
    "joint": CRITERIA,
    "suffixes": (ACCUMULATION, DE_MINIMIS, "2.6.6(a)", "2.6.6(b)"),
}
"""Tables of codes, and what each may be for."""
_FURTHER_PRINT = ("product", "joint", "suffixes", "percent", "joint_percent", "box")


def _one_of_these(code: object, field: str, known: Collection[str]) -> str:
    if not isinstance(code, str) or code not in known:
        raise InvalidInputError(field, code, f"is not {', '.join(sorted(known))}")
    return code


def _codes(value: object, field: str, known: Collection[str]) -> Mapping[str, str]:
    if not isinstance(value, dict) or not value:
        raise InvalidInputError(field, value, "is not a table of at least one code")
    for name, code in value.items():
        _one_of_these(name, f"{field}/{name}", known)
        line_of_text(code, f"{field}/{name}")
    return MappingProxyType(value)


def _de_minimis(value: object, field: str) -> tuple[DeMinimis, ...]:
    return tuple(
        _de_minimis_row(row, f"{field}/{index}")
        for index, row in enumerate(listed(value, field, "table"))
    )


def _de_minimis_row(value: object, field: str) -> DeMinimis:
    table = members_of(
        value, field, ("goods",), ("value", "weight", "basis", "weight_of", "not_for")
    )
    for name, needs in (("basis", "value"), ("weight_of", "weight")):
        if name in table and needs not in table:
            raise InvalidInputError(f"{field}/{name}", table[name], f"is of no {needs}")
    return DeMinimis(
        _ranges(table["goods"], f"{field}/goods"),
        share_from(table["value"], f"{field}/value") if "value" in table else None,
        share_from(table["weight"], f"{field}/weight") if "weight" in table else None,
        one_of(Basis, table.get("basis", "FOB"), f"{field}/basis"),
        one_of(WeightOf, table.get("weight_of", "net"), f"{field}/weight_of"),
        Selection.parse(table["not_for"], f"{field}/not_for") if "not_for" in table else None,
    )


def _minimal_operations(value: object, field: str) -> MinimalOperations:
    table = members_of(value, field, ("operations",), ("scope",))
    place = f"{field}/operations"
    return MinimalOperations(
        frozenset(
            code_of(line_of_text(item, f"{place}/{index}"))
            for index, item in enumerate(listed(table["operations"], place, "operation"))
        ),
        one_of(Scope, table.get("scope", "all"), f"{field}/scope"),
    )


def _ancillary(value: object, field: str) -> Mapping[Role, Ancillary]:
    table = members_of(value, field, (), [role.value for role in Role])
    treatments = {}
    for name, row in table.items():
        place = f"{field}/{name}"
        taken = members_of(row, place, ("classification", "value"))
        treatments[Role(name)] = Ancillary(
            one_of(Treatment, taken["classification"], f"{place}/classification"),
            one_of(Treatment, taken["value"], f"{place}/value"),
        )
    return MappingProxyType(treatments)


def _partial_cumulation(value: object, field: str) -> PartialCumulation:
    table = members_of(value, field, ("minimum", "below"))
    minimum = share_from(table["minimum"], f"{field}/minimum")
    below = share_from(table["below"], f"{field}/below")
    if minimum >= below:
        raise InvalidInputError(f"{field}/below", table["below"], "is not above the minimum")
    return PartialCumulation(minimum, below)


def _deductions(value: object, field: str) -> frozenset[str]:
    return frozenset(
        line_of_text(item, f"{field}/{index}")
        for index, item in enumerate(listed(value, field, "cost"))
    )


def _lot_methods(value: object, field: str) -> frozenset[LotMethod]:
    return frozenset(
        one_of(LotMethod, item, f"{field}/{index}")
        for index, item in enumerate(listed(value, field, "method"))
    )


def _cumulates_with(value: object, field: str) -> tuple[Diagonal, ...]:
    rows = listed(value, field, "country")
    if not any(isinstance(row, dict) for row in rows):
        return (Diagonal(countries(value, field)),)
    return tuple(_diagonal(row, f"{field}/{index}") for index, row in enumerate(rows))


def _diagonal(value: object, field: str) -> Diagonal:
    table = members_of(value, field, ("countries",), ("under", "materials"))
    return Diagonal(
        countries(table["countries"], f"{field}/countries"),
        frozenset(
            AgreementCode(item, f"{field}/under/{index}")
            for index, item in enumerate(listed(table["under"], f"{field}/under", "agreement"))
        )
        if "under" in table
        else frozenset(),
        _ranges(table["materials"], f"{field}/materials") if "materials" in table else (),
    )


def _ranges(value: object, field: str) -> tuple[HsRange, ...]:
    return tuple(
        HsRange.parse(item, f"{field}/{index}")
        for index, item in enumerate(listed(value, field, "HS range"))
    )


def _method_of_country(value: object, field: str) -> Mapping[Country, Method]:
    if not isinstance(value, dict) or not value:
        raise InvalidInputError(field, value, "is not a table of at least one country")
    return MappingProxyType(
        {
            Country(name, f"{field}/{name}"): one_of(Method, method, f"{field}/{name}")
            for name, method in value.items()
        }
    )


def _sets(value: object, field: str) -> tuple[SetRow, ...]:
    return tuple(
        _set_row(row, f"{field}/{index}") for index, row in enumerate(listed(value, field, "table"))
    )


def _set_row(value: object, field: str) -> SetRow:
    table = members_of(value, field, (), ("goods", "by", "max_non_originating", "basis"))
    share = f"{field}/max_non_originating"
    if "basis" in table and "max_non_originating" not in table:
        raise InvalidInputError(f"{field}/basis", table["basis"], "is of no max_non_originating")
    return SetRow(
        RetailSet(
            share_from(table["max_non_originating"], share)
            if "max_non_originating" in table
            else None,
            one_of(Basis, table.get("basis", "FOB"), f"{field}/basis"),
        ),
        _ranges(table["goods"], f"{field}/goods") if "goods" in table else (),
        frozenset(
            one_of(SetRule, item, f"{field}/by/{index}")
            for index, item in enumerate(listed(table["by"], f"{field}/by", "general rule"))
        )
        if "by" in table
        else frozenset(),
    )


def _textile_lists(value: object, field: str) -> Mapping[str, Rule]:
    if not isinstance(value, dict) or not value:
        raise InvalidInputError(field, value, "is not a table of at least one list")
    return MappingProxyType(
        {
            line_of_text(name, field): rule_from(rule, f"{field}/{name}")
            for name, rule in value.items()
        }
    )


OPTIONAL_TERMS: Mapping[str, Callable[[object, str], Any]] = {
    "de_minimis": share_from,
    "de_minimis_by_chapter": _de_minimis,
    "minimal_operations": _minimal_operations,
    "ancillary": _ancillary,
    "roll_up": flag,
    "tracing": flag,
    "partial_cumulation": _partial_cumulation,
    "deductions": _deductions,
    "lot_methods": _lot_methods,
    "cumulates_with": _cumulates_with,
    "full_cumulation": flag,
    "value_content_waiver": _de_minimis,
    "method_of_country": _method_of_country,
    "sets": _sets,
    "produced_exclusively": flag,
    "textile_tolerance": share_from,
    "textile_lists": _textile_lists,
}
"""Terms that a pack may leave out, and what reads the value of each."""
