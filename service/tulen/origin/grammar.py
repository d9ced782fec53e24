"""Reads a rule as a pack writes it (docs/specs/origin.md, section 2). Unknown words are refused."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from tulen.errors import InvalidInputError
from tulen.origin.hs import HsRange
from tulen.origin.limits import MaxNonOriginating, MaxWeight
from tulen.origin.obtained import ProducedExclusively, WhollyObtained, WhollyObtainedMaterials
from tulen.origin.processes import (
    AssembledFromList,
    MaterialsFrom,
    Processes,
    ProcessText,
    TextileList,
    code_of,
)
from tulen.origin.rules import AllOf, AnyOf, Rule, Undetermined
from tulen.origin.selection import Selection
from tulen.origin.sets import RetailSet
from tulen.origin.shares import share_from
from tulen.origin.tariff_change import AnyHeading, Change, TariffChange
from tulen.origin.terms import Basis
from tulen.origin.tolerance import Tolerance
from tulen.origin.value_content import FinalProcess, Formula, ValueContent
from tulen.values import line_of_text
from tulen.values.fields import members_of

__all__ = ["MAX_RULE_DEPTH", "rule_from", "share_from"]

E = TypeVar("E", bound=StrEnum)

MAX_RULE_DEPTH = 8
MAX_WORDING_CHARACTERS = 2000
"""The longest rule in words that a pack may quote."""


def rule_from(value: object, field: str, depth: int = 1) -> Rule:
    """Return the rule that ``value`` writes.

    Args:
        value: A table with exactly one of the words of the language and the members it admits.
        field: JSON pointer of ``value``, for messages.
        depth: How deep it is nested.

    Raises:
        InvalidInputError: a word or member is unknown or malformed, or the nesting is too deep.
    """
    if not isinstance(value, dict):
        raise InvalidInputError(
            field, value, 'is not a rule; write a table such as { ctc = "CTH" }'
        )
    if depth > MAX_RULE_DEPTH:
        raise InvalidInputError(field, f"depth {depth}", f"exceeds {MAX_RULE_DEPTH}")
    words = [name for name in value if name in _READERS]
    if len(words) != 1:
        known = ", ".join(sorted(_READERS))
        raise InvalidInputError(
            field, ", ".join(value), f"does not hold exactly one of the rules {known}"
        )
    word = words[0]
    admitted, read = _READERS[word]
    for name in value:
        if name != word and name not in admitted:
            raise InvalidInputError(f"{field}/{name}", name, f"is no member of a rule '{word}'")
    return read(value, field, depth)


_Table = Mapping[str, object]


def _alternatives(value: _Table, field: str, depth: int) -> Rule:
    return AnyOf(_rules(value["any"], f"{field}/any", depth))


def _conditions(value: _Table, field: str, depth: int) -> Rule:
    return AllOf(_rules(value["all"], f"{field}/all", depth))


def _rules(value: object, field: str, depth: int) -> tuple[Rule, ...]:
    if not isinstance(value, list) or len(value) < 2:  # noqa: PLR2004 - fewer is no choice
        raise InvalidInputError(field, value, "is not a list of at least two rules")
    return tuple(rule_from(item, f"{field}/{index}", depth + 1) for index, item in enumerate(value))


def _tariff_change(value: _Table, field: str, _depth: int) -> Rule:
    if "within_group" in value:
        _true(value, "within_group", field, "name the rest of the group with except")
    return TariffChange(
        _one(Change, value["ctc"], f"{field}/ctc"),
        _ranges(value, "except", field),
        _ranges(value, "allow", field),
        _tolerance(value["tolerance"], f"{field}/tolerance") if "tolerance" in value else None,
    )


def _any_heading(value: _Table, field: str, _depth: int) -> Rule:
    _true(value, "any_heading", field)
    return AnyHeading(_selection(value, "except", field))


def _tolerance(value: object, field: str) -> Tolerance:
    table = members_of(value, field, ("of",), ("max_value", "max_weight", "basis"))
    measures = [name for name in ("max_value", "max_weight") if name in table]
    if len(measures) != 1:
        raise InvalidInputError(
            field, ", ".join(table), "does not hold exactly one of max_value, max_weight"
        )
    basis = None
    if measures == ["max_value"]:
        basis = _one(Basis, table.get("basis", "EXW"), f"{field}/basis")
    elif "basis" in table:
        raise InvalidInputError(f"{field}/basis", table["basis"], "is no member beside max_weight")
    same = _SAME.get(table["of"], 0) if isinstance(table["of"], str) else 0
    return Tolerance(
        same,
        None if same else Selection.parse(table["of"], f"{field}/of"),
        share_from(table[measures[0]], f"{field}/{measures[0]}"),
        basis,
    )


_SAME = {"same-heading": 4, "same-subheading": 6}


def _value_content(value: _Table, field: str, _depth: int) -> Rule:
    formulas = _formulas(value, field)
    of = _selection(value, "of", field)
    if (of is not None) != (formulas == (Formula.FOCUSED,)):
        raise InvalidInputError(
            f"{field}/of", value.get("of", ""), "belongs to method 'focused', which needs it"
        )
    usual = _USUAL_BASIS.get(formulas[0], Basis.FOB) if formulas else Basis.FOB
    return ValueContent(
        share_from(value["rvc"], f"{field}/rvc"),
        formulas,
        _one(Basis, value.get("basis", usual), f"{field}/basis"),
        of,
        _one(FinalProcess, value["final_process"], f"{field}/final_process")
        if "final_process" in value
        else None,
    )


_USUAL_BASIS = {Formula.NET_COST: Basis.NC, Formula.TRANSACTION_VALUE: Basis.TV}


def _formulas(value: _Table, field: str) -> tuple[Formula, ...]:
    if "method" not in value:
        return ()
    stated = value["method"]
    if isinstance(stated, list) and stated:
        return tuple(
            _one(Formula, item, f"{field}/method/{index}") for index, item in enumerate(stated)
        )
    return (_one(Formula, stated, f"{field}/method"),)


def _max_non_originating(value: _Table, field: str, _depth: int) -> Rule:
    return MaxNonOriginating(
        share_from(value["max_nom"], f"{field}/max_nom"),
        _one(Basis, value.get("basis", "EXW"), f"{field}/basis"),
        _selection(value, "of", field),
    )


def _max_weight(value: _Table, field: str, _depth: int) -> Rule:
    of = _selection(value, "of", field)
    if of is None:
        raise InvalidInputError(f"{field}/of", "", "is missing; name the materials")
    if "each" in value:
        _true(value, "each", field)
    return MaxWeight(share_from(value["max_weight"], f"{field}/max_weight"), of, "each" in value)


def _wholly_obtained(value: _Table, field: str, _depth: int) -> Rule:
    _true(value, "wo", field)
    area = _one(FinalProcess, value.get("in", FinalProcess.EXPORTING_PARTY), f"{field}/in")
    return WhollyObtained(in_any_party=area is FinalProcess.PARTY)


def _wholly_obtained_materials(value: _Table, field: str, _depth: int) -> Rule:
    return WhollyObtainedMaterials(Selection.parse(value["wo_materials"], f"{field}/wo_materials"))


def _produced_exclusively(value: _Table, field: str, _depth: int) -> Rule:
    _true(value, "pe", field)
    return ProducedExclusively()


def _processes(word: str) -> "_Reader":
    def read(value: _Table, field: str, _depth: int) -> Rule:
        if "from_any" in value:
            _true(value, "from_any", field)
        area = _one(FinalProcess, value.get("in", FinalProcess.PARTY), f"{field}/in")
        return Processes(
            _codes(value[word], f"{field}/{word}"),
            word == "process_all",
            frozenset(_codes(value["not_merely"], f"{field}/not_merely"))
            if "not_merely" in value
            else frozenset(),
            area is FinalProcess.EXPORTING_PARTY,
            share_from(value["embroidered_area"], f"{field}/embroidered_area")
            if "embroidered_area" in value
            else None,
        )

    return read


def _codes(value: object, field: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise InvalidInputError(field, value, "is not a list of at least one process")
    return tuple(
        code_of(line_of_text(item, f"{field}/{index}")) for index, item in enumerate(value)
    )


def _process_text(value: _Table, field: str, _depth: int) -> Rule:
    if "textile_tolerance" in value:
        _true(value, "textile_tolerance", field)
    return ProcessText(_wording(value, "process_text", field), "textile_tolerance" in value)


def _materials_from(value: _Table, field: str, _depth: int) -> Rule:
    return MaterialsFrom(_wording(value, "materials_from", field))


def _assembled_from_list(value: _Table, field: str, _depth: int) -> Rule:
    return AssembledFromList(_wording(value, "assembled_from_list", field))


def _textile_list(value: _Table, field: str, _depth: int) -> Rule:
    return TextileList(_wording(value, "textile_list", field))


def _undetermined(value: _Table, field: str, _depth: int) -> Rule:
    return Undetermined(_wording(value, "undetermined", field))


def _set(value: _Table, field: str, _depth: int) -> Rule:
    optional = ("each_item_by_own_rule", "gir", "max_non_originating", "basis")
    table = members_of(value["set"], f"{field}/set", (), optional)
    if "each_item_by_own_rule" in table:
        _true(table, "each_item_by_own_rule", f"{field}/set")
    return RetailSet(
        share_from(table["max_non_originating"], f"{field}/set/max_non_originating")
        if "max_non_originating" in table
        else None,
        _one(Basis, table.get("basis", "FOB"), f"{field}/set/basis"),
        _wording(table, "gir", f"{field}/set") if "gir" in table else "",
    )


def _wording(value: _Table, name: str, field: str) -> str:
    return line_of_text(value[name], f"{field}/{name}", most=MAX_WORDING_CHARACTERS)


def _true(value: _Table, name: str, field: str, instead: str = "leave it out instead") -> None:
    if value[name] is not True:
        raise InvalidInputError(f"{field}/{name}", value[name], f"is not true; {instead}")


def _one(kind: type[E], value: object, field: str) -> E:
    try:
        return kind(value)  # type: ignore[arg-type]  # anything may be looked up
    except ValueError:
        raise InvalidInputError(field, value, f"is not {', '.join(kind)}") from None


def _ranges(value: _Table, name: str, field: str) -> tuple[HsRange, ...]:
    items = value.get(name, [])
    if not isinstance(items, list) or (name in value and not items):
        raise InvalidInputError(
            f"{field}/{name}", items, "is not a list of at least one HS prefix or range"
        )
    return tuple(HsRange.parse(item, f"{field}/{name}/{index}") for index, item in enumerate(items))


def _selection(value: _Table, name: str, field: str) -> Selection | None:
    return Selection.parse(value[name], f"{field}/{name}") if name in value else None


_Reader = Callable[[_Table, str, int], Rule]

_PROCESS_MEMBERS = frozenset({"not_merely", "in", "from_any", "embroidered_area"})

_READERS: Mapping[str, tuple[frozenset[str], _Reader]] = {
    "any": (frozenset(), _alternatives),
    "all": (frozenset(), _conditions),
    "ctc": (frozenset({"except", "allow", "within_group", "tolerance"}), _tariff_change),
    "any_heading": (frozenset({"except"}), _any_heading),
    "rvc": (frozenset({"method", "basis", "of", "final_process"}), _value_content),
    "max_nom": (frozenset({"basis", "of"}), _max_non_originating),
    "max_weight": (frozenset({"of", "each"}), _max_weight),
    "wo": (frozenset({"in"}), _wholly_obtained),
    "wo_materials": (frozenset(), _wholly_obtained_materials),
    "pe": (frozenset(), _produced_exclusively),
    "process_any": (_PROCESS_MEMBERS, _processes("process_any")),
    "process_all": (_PROCESS_MEMBERS, _processes("process_all")),
    "process_text": (frozenset({"textile_tolerance"}), _process_text),
    "materials_from": (frozenset(), _materials_from),
    "assembled_from_list": (frozenset(), _assembled_from_list),
    "textile_list": (frozenset(), _textile_list),
    "set": (frozenset(), _set),
    "undetermined": (frozenset(), _undetermined),
}
"""Each word of the language, the further members that it admits, and what reads it."""
