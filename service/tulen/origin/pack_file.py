"""Reads packs: one TOML file an agreement, every value with its day and its article.

The format is docs/specs/origin.md, section 3. Reading the packs that the project ships is the only
thing in the core that opens a file; it is done once.
"""

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from tulen.errors import InvalidInputError, NotFoundError
from tulen.origin.grammar import rule_from, share_from
from tulen.origin.hs import HsRange
from tulen.origin.inputs import Method
from tulen.origin.pack import Coverage, Pack, ProductRule
from tulen.origin.rules import CriterionCodes
from tulen.values import AgreementCode, Country, Digest, FormCode, line_of_text
from tulen.values.dated import Dated, dated_from
from tulen.values.fields import members_of

T = TypeVar("T")

MAX_VALID_MONTHS = 48

_FORMAT = "tulen/origin/v1"
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}")
_EDITION = re.compile(r"HS(?:2002|2007|2012|2017|2022)")
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*")

_SINGLE = ("format", "agreement", "version", "title", "form", "hs_edition")
_DATED = (
    "parties",
    "general_rule",
    "wholly_obtained",
    "value_content_methods",
    "de_minimis",
    "cumulation",
    "criterion_codes",
    "valid_months",
)
_PER_RANGE = ("products", "coverage")
_CODES = ("wholly_obtained", "value_content", "tariff_change", "joint")


class UnknownAgreementError(NotFoundError):
    """No pack for an agreement is loaded."""

    code: ClassVar[str] = "unknown-agreement"

    def __init__(self, agreement: str, known: Sequence[str]) -> None:
        self.agreement = agreement
        super().__init__(f"{agreement}: no rules are loaded; known are {', '.join(known)}")


@cache
def load_packs() -> Mapping[AgreementCode, Pack]:
    """Return the packs that the project ships, read once.

    Raises:
        InvalidInputError: a pack is malformed, or two are for one agreement.
    """
    packs: dict[AgreementCode, Pack] = {}
    folder = resources.files("tulen.origin").joinpath("packs")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            pack = pack_from(file.read_bytes(), file.name)
            if pack.agreement in packs:
                raise InvalidInputError(
                    f"{file.name}#/agreement", pack.agreement, "has another pack already"
                )
            packs[pack.agreement] = pack
    return MappingProxyType(packs)


def pack_of(agreement: AgreementCode) -> Pack:
    """Return the shipped pack of ``agreement``.

    Raises:
        UnknownAgreementError: none is loaded.
    """
    packs = load_packs()
    if agreement not in packs:
        raise UnknownAgreementError(agreement, sorted(packs))
    return packs[agreement]


def pack_from(data: bytes, name: str) -> Pack:
    """Return the pack in ``data``.

    Args:
        data: The file's bytes.
        name: The file's name, for messages.

    Raises:
        InvalidInputError: the file is malformed; its field is ``name``, ``#`` and a JSON pointer.
    """
    try:
        document = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInputError(name, str(error), "is not TOML in UTF-8") from error
    try:
        return _pack(document, Digest(hashlib.sha256(data).digest()))
    except InvalidInputError as error:
        raise error.within(f"{name}#") from error


def _pack(document: Mapping[str, Any], digest: Digest) -> Pack:
    members_of(document, "", (*_SINGLE, *_DATED), _PER_RANGE)

    def dated(name: str, read: Callable[[object, str], T]) -> tuple[Dated[T], ...]:
        return dated_from(document[name], f"/{name}", read)

    _matching(document["format"], "/format", re.compile(_FORMAT), f"'{_FORMAT}'")
    return Pack(
        agreement=AgreementCode(document["agreement"], "/agreement"),
        version=_matching(document["version"], "/version", _VERSION, "a month such as 2026-01"),
        title=line_of_text(document["title"], "/title"),
        form=FormCode(document["form"], "/form"),
        hs_edition=_matching(
            document["hs_edition"], "/hs_edition", _EDITION, "an edition such as HS2022"
        ),
        digest=digest,
        parties=dated("parties", _countries),
        general_rule=dated("general_rule", rule_from),
        wholly_obtained=dated("wholly_obtained", _categories),
        value_content_methods=dated("value_content_methods", _methods),
        de_minimis=dated("de_minimis", share_from),
        cumulation=dated("cumulation", _flag),
        criterion_codes=dated("criterion_codes", _criterion_codes),
        valid_months=dated("valid_months", _months),
        products=_products(document.get("products", [])),
        coverage=_coverage(document.get("coverage", [])),
    )


def _matching(value: object, field: str, pattern: re.Pattern[str], expected: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise InvalidInputError(field, value, f"is not {expected}")
    return value


def _list(value: object, field: str, of: str) -> list[object]:
    if not isinstance(value, list) or not value:
        raise InvalidInputError(field, value, f"is not a list of at least one {of}")
    for index, item in enumerate(value):
        if item in value[:index]:
            raise InvalidInputError(f"{field}/{index}", item, "stands twice")
    return value


def _countries(value: object, field: str) -> frozenset[Country]:
    return frozenset(
        Country(item, f"{field}/{index}")
        for index, item in enumerate(_list(value, field, "country"))
    )


def _methods(value: object, field: str) -> tuple[Method, ...]:
    methods = _list(value, field, "method")
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


def _flag(value: object, field: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidInputError(field, value, "is not true or false")
    return value


def _months(value: object, field: str) -> int:
    if type(value) is not int or not 0 < value <= MAX_VALID_MONTHS:
        raise InvalidInputError(field, value, f"is not 1 to {MAX_VALID_MONTHS} months")
    return value


def _criterion_codes(value: object, field: str) -> CriterionCodes:
    table = members_of(value, field, _CODES)
    for name in _CODES:
        if not isinstance(table[name], str) or not table[name]:
            raise InvalidInputError(f"{field}/{name}", table[name], "is not text")
    return CriterionCodes(**table)


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


def _coverage(value: object) -> tuple[Coverage, ...]:
    coverage = []
    for index, row in enumerate(_rows(value, "/coverage")):
        field = f"/coverage/{index}"
        table = members_of(row, field, ("hs", "complete"))
        coverage.append(
            Coverage(
                HsRange.parse(table["hs"], f"{field}/hs"),
                dated_from(table["complete"], f"{field}/complete", _flag),
            )
        )
    return tuple(coverage)


def _rows(value: object, field: str) -> list[object]:
    if not isinstance(value, list):
        raise InvalidInputError(field, value, "is not a list of tables")
    return value
