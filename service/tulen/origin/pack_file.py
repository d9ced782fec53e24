"""Reads packs: one TOML file an agreement, every value with its day and its article.

The format is docs/specs/origin.md, section 3. Reading the packs that the project ships is the only
thing in the core that opens a file; it is done once.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar

from tulen.errors import InvalidInputError
from tulen.origin.grammar import rule_from
from tulen.origin.hs import EDITIONS, HsRange
from tulen.origin.inputs import Method
from tulen.origin.pack import Alternative, Coverage, Pack, ProductRule
from tulen.origin.shipped import of_agreement, read_toml, shipped
from tulen.origin.terms_file import OPTIONAL_TERMS, countries, criterion_print, flag, listed
from tulen.values import AgreementCode, Digest, FormCode, line_of_text
from tulen.values.dated import Dated, Reference, dated_from
from tulen.values.fields import members_of

T = TypeVar("T")

MAX_VALID_MONTHS = 48

_FORMAT = "tulen/origin/v1"
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}")
_EDITION = re.compile("|".join(EDITIONS))
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*")

_SINGLE = ("format", "agreement", "version", "title", "hs_edition")
_DATED = ("parties",)
_OPTIONAL = ("general_rule", *OPTIONAL_TERMS, "products", "alternatives", "coverage", "not_held")


def _unknown(value: Any) -> tuple[Dated[Any], ...]:  # noqa: ANN401 - what each key reads
    return (Dated(date.min, value, Reference("not held by this pack")),)


NOT_HELD: Mapping[str, tuple[Dated[Any], ...]] = {
    "de_minimis": (),
    "wholly_obtained": _unknown(MappingProxyType({})),
    "value_content_methods": _unknown(tuple(Method)),
    "cumulation": _unknown(False),
    "criteria": (),
    "valid_months": (),
    "form": (),
}
"""What a pack may say that it does not hold, with what stands in its place: never an answer."""


@cache
def load_packs() -> Mapping[AgreementCode, Pack]:
    """Return the packs that the project ships, read once.

    Raises:
        InvalidInputError: a pack is malformed, or two are for one agreement.
    """
    return shipped("packs", pack_from, "has another pack already")


def pack_of(agreement: AgreementCode) -> Pack:
    """Return the shipped pack of ``agreement``.

    Raises:
        UnknownAgreementError: none is loaded.
    """
    return of_agreement(agreement, load_packs())


def pack_from(data: bytes, name: str) -> Pack:
    """Return the pack in ``data``.

    Args:
        data: The file's bytes.
        name: The file's name, for messages.

    Raises:
        InvalidInputError: the file is malformed; its field is ``name``, ``#`` and a JSON pointer.
    """
    return read_toml(data, name, _pack)


def _pack(document: Mapping[str, Any], digest: Digest) -> Pack:
    not_held = _not_held(document)
    held = [name for name in NOT_HELD if name not in not_held and name != "de_minimis"]
    members_of(document, "", (*_SINGLE, *_DATED, *held), _OPTIONAL)

    def dated(name: str, read: Callable[[object, str], T]) -> tuple[Dated[T], ...]:
        return NOT_HELD[name] if name in not_held else dated_from(document[name], f"/{name}", read)

    if not {"de_minimis", "de_minimis_by_chapter"} & (document.keys() | not_held):
        raise InvalidInputError(
            "/de_minimis", "", 'is missing; write "0%" where the agreement has none'
        )
    _matching(document["format"], "/format", re.compile(_FORMAT), f"'{_FORMAT}'")
    return Pack(
        agreement=AgreementCode(document["agreement"], "/agreement"),
        version=_matching(document["version"], "/version", _VERSION, "a month such as 2026-01"),
        title=line_of_text(document["title"], "/title"),
        form=FormCode(document["form"], "/form") if "form" in document else None,
        hs_edition=_matching(
            document["hs_edition"], "/hs_edition", _EDITION, "an edition such as HS2022"
        ),
        digest=digest,
        parties=dated("parties", countries),
        general_rule=dated("general_rule", rule_from) if "general_rule" in document else (),
        wholly_obtained=dated("wholly_obtained", _categories),
        value_content_methods=dated("value_content_methods", _methods),
        cumulation=dated("cumulation", flag),
        criteria=dated("criteria", criterion_print),
        valid_months=dated("valid_months", _months),
        products=_products(document.get("products", [])),
        coverage=_coverage(document.get("coverage", [])),
        alternatives=_alternatives(document.get("alternatives", [])),
        optional_terms=MappingProxyType(
            {name: dated(name, read) for name, read in OPTIONAL_TERMS.items() if name in document}
        ),
        not_held=not_held,
    )


def _not_held(document: Mapping[str, Any]) -> frozenset[str]:
    """Return what the pack says that it does not hold, which it must not state as well."""
    names = listed(document["not_held"], "/not_held", "key") if "not_held" in document else []
    for index, name in enumerate(names):
        if not isinstance(name, str) or name not in NOT_HELD:
            raise InvalidInputError(f"/not_held/{index}", name, f"is not {', '.join(NOT_HELD)}")
        if name in document:
            raise InvalidInputError(f"/not_held/{index}", name, "is stated below; leave out either")
    return frozenset(str(name) for name in names)


def _matching(value: object, field: str, pattern: re.Pattern[str], expected: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise InvalidInputError(field, value, f"is not {expected}")
    return value


def _methods(value: object, field: str) -> tuple[Method, ...]:
    methods = listed(value, field, "method")
    for index, item in enumerate(methods):
        if item not in list(Method):
            raise InvalidInputError(f"{field}/{index}", item, f"is not {' or '.join(Method)}")
    return tuple(Method(item) for item in methods)  # type: ignore[arg-type]  # checked above


def _categories(value: object, field: str) -> Mapping[str, str]:
    if not isinstance(value, dict) or not value:
        raise InvalidInputError(field, value, "is not a table of at least one category")
    for name, text in value.items():
        _matching(name, f"{field}/{name}", _CATEGORY, "a category such as sea-fishing")
        line_of_text(text, f"{field}/{name}")
    return MappingProxyType(value)


def _months(value: object, field: str) -> int:
    if type(value) is not int or not 0 < value <= MAX_VALID_MONTHS:
        raise InvalidInputError(field, value, f"is not 1 to {MAX_VALID_MONTHS} months")
    return value


def _products(value: object) -> tuple[ProductRule, ...]:
    products: list[ProductRule] = []
    for index, row in enumerate(_rows(value, "/products")):
        field = f"/products/{index}"
        table = members_of(row, field, ("hs", "rule"), ("ex",))
        product = ProductRule(
            HsRange.parse(table["hs"], f"{field}/hs"),
            line_of_text(table["ex"], f"{field}/ex") if "ex" in table else None,
            dated_from(table["rule"], f"{field}/rule", rule_from),
        )
        _check_apart(product, products, f"{field}/hs")
        products.append(product)
    return tuple(products)


def _check_apart(product: ProductRule, others: list[ProductRule], field: str) -> None:
    """Refuse a rule of which nobody could say whether it or another is the more specific one."""
    for other in others:
        if product.ex != other.ex or not product.hs.overlaps(other.hs):
            continue
        one_within_other = product.hs.contains(other.hs) or other.hs.contains(product.hs)
        if not one_within_other or product.hs.width == other.hs.width:
            raise InvalidInputError(
                field, product.hs.text, f"overlaps the rule for {other.hs.text}; join or part them"
            )


def _alternatives(value: object) -> tuple[Alternative, ...]:
    alternatives = []
    for index, row in enumerate(_rows(value, "/alternatives")):
        field = f"/alternatives/{index}"
        table = members_of(row, field, ("goods", "rule"))
        rules = dated_from(table["rule"], f"{field}/rule", rule_from)
        for place, goods in enumerate(listed(table["goods"], f"{field}/goods", "table")):
            at = f"{field}/goods/{place}"
            named = members_of(goods, at, ("hs",), ("ex",))
            ranges = [
                HsRange.parse(item, f"{at}/hs/{number}")
                for number, item in enumerate(listed(named["hs"], f"{at}/hs", "HS range"))
            ]
            words = line_of_text(named["ex"], f"{at}/ex") if "ex" in named else None
            alternatives.append(Alternative(tuple(ranges), words, rules))
    return tuple(alternatives)


def _coverage(value: object) -> tuple[Coverage, ...]:
    coverage = []
    for index, row in enumerate(_rows(value, "/coverage")):
        field = f"/coverage/{index}"
        table = members_of(row, field, ("hs", "complete"))
        coverage.append(
            Coverage(
                HsRange.parse(table["hs"], f"{field}/hs"),
                dated_from(table["complete"], f"{field}/complete", flag),
            )
        )
    return tuple(coverage)


def _rows(value: object, field: str) -> list[object]:
    if not isinstance(value, list):
        raise InvalidInputError(field, value, "is not a list of tables")
    return value
