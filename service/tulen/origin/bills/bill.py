"""A bill of materials of many levels as a document: parts by name, and what each is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from tulen.errors import InvalidInputError
from tulen.origin.bills.errors import (
    CyclicBillError,
    ImpossibleValueError,
    MissingRateError,
    MissingValueError,
    TooDeepBillError,
    TooManyMaterialsError,
    UnknownPartError,
)
from tulen.origin.bills.units import ONE_PIECE, size_in, unit_from
from tulen.origin.hs import edition_from
from tulen.origin.inputs import READERS, Method
from tulen.origin.materials import MAX_WORDS, NO_DETAILS, Details, one_of
from tulen.values import AgreementCode, Country, Currency, HsCode, line_of_text
from tulen.values.amounts import MAX_INTEGER_DIGITS, MICRO
from tulen.values.fields import Document, below, exact_decimal, members, part, pointer_step

T = TypeVar("T")

MAX_DEPTH = 50
"""How many lines may lie between the good and the deepest part."""
MAX_LINES = 10_000
"""How many lines all parts together may have."""
MAX_SHOWN_STEPS = 8
"""How many parts of a path a message names at either end."""

_BILL = frozenset(
    {"agreement", "exporting_country", "importing_country", "method", "currency", "good", "parts"}
)
JUDGED = ("method", "costs", "prices", "weights", "production", "facts", "wholly_obtained")
"""What may be told of a part that is made, for one unit of it, as of a good (section 1)."""
TOLD = (
    "role",
    "separately_invoiced",
    "customary",
    "lists",
    "kinds",
    "lot",
    "lot_method",
    "partial_content",
    "under",
)
"""What may be told of a part as a material, as in section 1."""
_PART = frozenset(
    {
        "description",
        "hs_code",
        "country",
        "value",
        "currency",
        "unit",
        "weight",
        "originating",
        "evidence",
        "deductions",
        "non_originating_content",
        "of",
        *JUDGED,
        *TOLD,
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """What one unit of a part takes of another part.

    Attributes:
        part: Name of the other part.
        units: How many of its units.
    """

    part: str
    units: Fraction


@dataclass(frozen=True, slots=True)
class Part:
    """A good, an intermediate or a material; amounts are for one unit of it.

    Attributes:
        name: Its name in the document.
        description: What it is.
        hs_code: Its classification; None where nobody knows.
        country: Where it was made or comes from; None where that is undetermined.
        value: What one unit is worth, in the currency of the bill.
        weight: Net weight of one unit in kilograms; None where it is not stated.
        originating: Whether it is declared to originate; never for what is made of others.
        evidence: Reference of the proof of origin that it came with.
        lines: What one unit of it is made of; empty for a material.
        judged: Members of `JUDGED` as written.
        details: What is told of it as a material, but for amounts.
        deductions: Costs within the value that an agreement may let be taken off, by name.
        content: Value of the non-originating materials in what is not made of others, where stated.
    """

    name: str
    description: str
    hs_code: HsCode | None
    country: Country | None
    value: Fraction
    weight: Decimal | None
    originating: bool
    evidence: str | None
    lines: tuple[Line, ...]
    judged: Mapping[str, Any]
    details: Details
    deductions: Mapping[str, Fraction]
    content: Fraction | None

    @property
    def pointer(self) -> str:
        """JSON pointer of the part in the document."""
        return _pointer(self.name)


@dataclass(frozen=True, slots=True)
class Bill:
    """A good with everything that it is made of.

    Attributes:
        agreement: The agreement under which preference is to be claimed.
        method: How value content is computed, for parts that do not say otherwise.
        currency: The currency that every value is brought to.
        exporting_country: The party that exports the good.
        importing_country: The party that imports it.
        good: The good.
        parts: Every part by its name.
        made: The good, and all below it that is made of others; what one is made of comes first.
        hs_edition: Edition of every code; None for that of the agreement's rules.
    """

    agreement: AgreementCode
    method: Method
    currency: Currency
    exporting_country: Country
    importing_country: Country
    good: Part
    parts: Mapping[str, Part]
    made: tuple[Part, ...]
    hs_edition: str | None = None

    @classmethod
    def from_document(cls, document: object) -> "Bill":
        """Return the bill that ``document`` describes (docs/specs/origin.md, section 1).

        Raises:
            InvalidInputError: a member is unknown, missing or malformed; of its own kind where
                parts are made of themselves, too deep, too many or not described, where values
                are missing or impossible, or where a rate or a unit is not known.
        """
        bill = members(document, _BILL, frozenset({"rates", "hs_edition"}))
        currency = Currency(bill["currency"], "/currency")
        rates = _rates(bill.get("rates", {}), currency)
        parts = _parts(bill["parts"], currency, rates)
        good = _described(bill["good"], parts, "/good")
        exporter = Country(bill["exporting_country"], "/exporting_country")
        if not good.lines:
            raise InvalidInputError(f"{good.pointer}/of", "", "is missing: say what the good is of")
        if good.hs_code is None:
            raise InvalidInputError(f"{good.pointer}/hs_code", "", "is missing: classify the good")
        if good.country not in (None, exporter):
            raise InvalidInputError(
                f"{good.pointer}/country", good.country, f"is not the exporting country, {exporter}"
            )
        importer = Country(bill["importing_country"], "/importing_country")
        if importer == exporter:
            raise InvalidInputError("/importing_country", importer, "is the exporting country too")
        return cls(
            AgreementCode(bill["agreement"], "/agreement"),
            one_of(Method, bill["method"], "/method"),
            currency,
            exporter,
            importer,
            good,
            parts,
            _bottom_up(good, parts),
            edition_from(bill["hs_edition"], "/hs_edition") if "hs_edition" in bill else None,
        )


def _pointer(name: str) -> str:
    return f"/parts/{pointer_step(name)}"


def _rates(document: object, currency: Currency) -> Mapping[str, Fraction]:
    """Return what one unit of each currency is worth in ``currency``."""
    if not isinstance(document, dict):
        raise InvalidInputError("/rates", document, "is not an object of rates by currency")
    rates = {str(currency): Fraction(1)}
    for code, text in document.items():
        field = f"/rates/{pointer_step(code)}"
        if Currency(code, field) == currency:
            raise InvalidInputError(field, text, "is the bill's own currency; leave it out")
        rates[code] = Fraction(_amount(text, field, least="more than zero"))
    return rates


def _amount(text: object, field: str, *, least: str = "") -> Decimal:
    """Return a decimal that is not negative; above zero where ``least`` says so."""
    if isinstance(text, str) and text.startswith("-"):
        raise ImpossibleValueError(field, text, "is negative; state what it truly is")
    amount = exact_decimal(text, field)
    if least and not amount:
        raise ImpossibleValueError(field, text, f"is not {least}; state what it truly is")
    return amount


def _parts(
    document: object, currency: Currency, rates: Mapping[str, Fraction]
) -> Mapping[str, Part]:
    if not isinstance(document, dict) or not document:
        raise InvalidInputError("/parts", document, "is not an object of parts by name")
    if len(document) > MAX_LINES + 1:
        raise TooManyMaterialsError(
            "/parts", f"{len(document)} parts", f"exceed {MAX_LINES} and the good; group small ones"
        )
    units: dict[str, str] = {}
    total = 0
    for name, value in document.items():
        line_of_text(name, "/parts")
        pointer = _pointer(name)
        try:
            members(value, frozenset(), _PART)
        except InvalidInputError as error:
            raise error.within(pointer) from None
        units[name] = unit_from(value.get("unit", ONE_PIECE), f"{pointer}/unit")
        total += len(value["of"]) if isinstance(value.get("of"), list) else 0
    if total > MAX_LINES:
        raise TooManyMaterialsError(
            "/parts", f"{total} materials", f"exceed {MAX_LINES} in one bill; group small ones"
        )
    return {name: _part(name, value, units, currency, rates) for name, value in document.items()}


def _part(
    name: str,
    document: Document,
    units: Mapping[str, str],
    currency: Currency,
    rates: Mapping[str, Fraction],
) -> Part:
    pointer = _pointer(name)
    lines = _lines(document["of"], pointer, units) if "of" in document else ()
    if "value" not in document:
        raise MissingValueError(
            f"{pointer}/value", "", "is missing: state what one unit of the part is worth"
        )
    code = Currency(document.get("currency", currency), f"{pointer}/currency")
    if code not in rates:
        raise MissingRateError(
            f"{pointer}/currency", code, f"has no rate: state under /rates what 1 {code} is worth"
        )
    least = "more than zero for a part that is made" if lines else ""
    originating = document.get("originating", False)
    if not isinstance(originating, bool):
        raise InvalidInputError(f"{pointer}/originating", originating, "is not true or false")
    if lines and "originating" in document:
        raise InvalidInputError(
            f"{pointer}/originating", originating, "is worked out from `of`; leave out one of them"
        )
    judged = {member: document[member] for member in JUDGED if member in document}
    if judged and not lines:
        member = next(iter(judged))
        raise InvalidInputError(
            f"{pointer}/{member}", judged[member], "is for parts with `of`; state `of` or leave out"
        )
    if lines and "non_originating_content" in document:
        raise InvalidInputError(
            f"{pointer}/non_originating_content",
            document["non_originating_content"],
            "is worked out from `of`; leave out one of them",
        )
    below(pointer, lambda: [part(document, member, READERS[member]) for member in judged])
    told = {member: document[member] for member in TOLD if member in document}
    value = _amount(document["value"], f"{pointer}/value", least=least)
    worth = Fraction(value) * rates[code]
    if worth >= 10**MAX_INTEGER_DIGITS or (lines and worth * MICRO < 1):
        raise ImpossibleValueError(
            f"{pointer}/value",
            value,
            f"is too much or too little to count in {currency}; choose another unit, or correct it",
        )
    return Part(
        name,
        line_of_text(document.get("description", name), f"{pointer}/description"),
        HsCode(document["hs_code"], f"{pointer}/hs_code") if "hs_code" in document else None,
        Country(document["country"], f"{pointer}/country") if "country" in document else None,
        worth,
        _amount(document["weight"], f"{pointer}/weight") if "weight" in document else None,
        originating,
        line_of_text(document["evidence"], f"{pointer}/evidence")
        if "evidence" in document
        else None,
        lines,
        judged,
        below(pointer, lambda: Details.read(told)) or NO_DETAILS,
        {name: Fraction(amount) * rates[code] for name, amount in _deductions(document, pointer)},
        Fraction(_amount(document["non_originating_content"], f"{pointer}/non_originating_content"))
        * rates[code]
        if "non_originating_content" in document
        else None,
    )


def _deductions(document: Document, pointer: str) -> list[tuple[str, Decimal]]:
    if "deductions" not in document:
        return []
    value, field = document["deductions"], f"{pointer}/deductions"
    if not isinstance(value, dict) or not 1 <= len(value) <= MAX_WORDS:
        raise InvalidInputError(field, value, f"is not an object of 1 to {MAX_WORDS} amounts")
    return [
        (line_of_text(name, field), _amount(value[name], f"{field}/{pointer_step(name)}"))
        for name in sorted(value)
    ]


def _lines(value: object, pointer: str, units: Mapping[str, str]) -> tuple[Line, ...]:
    field = f"{pointer}/of"
    if not isinstance(value, list) or not value:
        raise InvalidInputError(field, value, "is not a list of at least one part")
    return tuple([_line(line, f"{field}/{index}", units) for index, line in enumerate(value)])


def _line(value: object, pointer: str, units: Mapping[str, str]) -> Line:
    try:
        document = members(value, frozenset({"part"}), frozenset({"quantity", "unit"}))
    except InvalidInputError as error:
        raise error.within(pointer) from None
    name = document["part"]
    own = _described(name, units, f"{pointer}/part")
    quantity = _amount(document.get("quantity", "1"), f"{pointer}/quantity", least="more than zero")
    unit = unit_from(document.get("unit", own), f"{pointer}/unit")
    return Line(name, Fraction(quantity) * size_in(unit, own, name, f"{pointer}/unit"))


def _described(name: object, parts: Mapping[str, T], field: str) -> T:
    if not isinstance(name, str) or name not in parts:
        raise UnknownPartError(field, name, "is not described; add it under /parts or correct it")
    return parts[name]


def _bottom_up(good: Part, parts: Mapping[str, Part]) -> tuple[Part, ...]:
    """Return the parts at and below ``good`` that are made, by height and name.

    No recursion: how deep a hostile document goes must be a message, not the end of the stack.
    """
    heights: dict[str, int] = {}
    path = [good.name]
    on_path = {good.name}
    pending = [iter(good.lines)]
    while path:
        below = next((line for line in pending[-1] if line.part not in heights), None)
        if below is None:
            part = parts[path.pop()]
            pending.pop()
            on_path.discard(part.name)
            heights[part.name] = max([heights[line.part] + 1 for line in part.lines], default=0)
        elif below.part in on_path:
            cycle = [*path[path.index(below.part) :], below.part]
            raise CyclicBillError(
                f"{_pointer(path[-1])}/of",
                below.part,
                f"is made of itself: {_way(cycle)}; take out the line that does not belong",
            )
        else:
            path.append(below.part)
            on_path.add(below.part)
            pending.append(iter(parts[below.part].lines))
    if heights[good.name] > MAX_DEPTH:
        deepest = [good.name]
        while lines := parts[deepest[-1]].lines:
            deepest.append(max([line.part for line in lines], key=heights.__getitem__))
        raise TooDeepBillError(
            good.pointer,
            f"{heights[good.name]} levels",
            f"exceed {MAX_DEPTH}: {_way(deepest)}; join levels where nothing is decided",
        )
    made = [name for name in heights if parts[name].lines]
    return tuple([parts[name] for name in sorted(made, key=lambda name: (heights[name], name))])


def _way(names: Sequence[str]) -> str:
    if len(names) > 2 * MAX_SHOWN_STEPS:
        names = [*names[:MAX_SHOWN_STEPS], "…", *names[-MAX_SHOWN_STEPS:]]
    return " > ".join(names)
