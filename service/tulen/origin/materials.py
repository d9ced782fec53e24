"""What went into a good: materials, and what an agreement may need to know about one.

A material is written flat. What only some agreements ask is kept apart in `Details`, so that a
plain bill of materials costs no more than it did and keeps its bytes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from tulen.errors import InvalidInputError
from tulen.origin.shares import exact_share, percent_text
from tulen.values import AgreementCode, Country, HsCode, decimal_text, line_of_text
from tulen.values.amounts import check_decimal
from tulen.values.fields import Document, exact_decimal, members, part

E = TypeVar("E", bound=StrEnum)

MAX_WORDS = 32
"""How many kinds, lists or deductions one material may name."""


class Role(StrEnum):
    """What a material is beside an ingredient of the good."""

    RETAIL_PACKING = "retail-packing"
    TRANSPORT_PACKING = "transport-packing"
    ACCESSORY = "accessory"
    INDIRECT = "indirect"
    SEED = "seed"


class LotMethod(StrEnum):
    """How a lot of interchangeable materials is told apart by origin."""

    SEGREGATION = "segregation"
    AVERAGE = "average"
    FIFO = "fifo"
    LIFO = "lifo"


@dataclass(frozen=True, slots=True)
class Details:
    """What some agreements ask about a material. None is not stated, which is never taken as no.

    Attributes:
        weight: Its net weight in kilograms.
        role: What it is, where it is not an ingredient.
        separately_invoiced: For an accessory: whether it has an invoice of its own.
        customary: For an accessory: whether kind, number and value are customary for the good.
        partial_content: Regional value content of a material that does not originate, as the
            proof for partial cumulation states it.
        non_originating_content: Value of the non-originating materials within it.
        deductions: Costs within its value that an agreement may let be taken off, by name.
        lot: Name of the lot of interchangeable materials that it is taken from.
        lot_method: How that lot is accounted for.
        lists: Lists of an agreement that it stands on.
        kinds: Words that a rule may use for it, such as ``unembroidered fabric``.
        under: The agreement under which it originates, where that is another one.
    """

    weight: Decimal | None = None
    role: Role | None = None
    separately_invoiced: bool | None = None
    customary: bool | None = None
    partial_content: Fraction | None = None
    non_originating_content: Decimal | None = None
    deductions: tuple[tuple[str, Decimal], ...] = ()
    lot: str | None = None
    lot_method: LotMethod | None = None
    lists: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    under: AgreementCode | None = None

    def __post_init__(self) -> None:
        """Refuse impossible amounts, and words that are not one line."""
        for name in ("weight", "non_originating_content"):
            if (value := getattr(self, name)) is not None:
                check_decimal(value, f"/{name}")
        for name in ("separately_invoiced", "customary"):
            if type(value := getattr(self, name)) is not bool and value is not None:
                raise InvalidInputError(f"/{name}", value, "is not true or false")
        for name, value in self.deductions:
            check_decimal(value, f"/deductions/{line_of_text(name, '/deductions')}")
        if self.lot is not None:
            line_of_text(self.lot, "/lot")
        if self.lot_method is not None and self.lot is None:
            raise InvalidInputError("/lot_method", self.lot_method, "is of no lot; name the lot")

    @classmethod
    def read(cls, document: Document) -> "Details | None":
        """Return the details in a material's members; None where there are none."""
        stated = {name: part(document, name, _READERS[name]) for name in document.keys() & _READERS}
        return cls(**stated) if stated else None

    def to_members(self) -> dict[str, Any]:
        """Return the members that state something."""
        return {
            name: _written(value)
            for name in _READERS
            if (value := getattr(self, name)) is not None and value != ()
        }


NO_DETAILS = Details()
"""Details that state nothing, which a material leaves out."""


def _written(value: Any) -> object:  # noqa: ANN401 - whatever `Details` holds
    match value:
        case Decimal():
            return decimal_text(value)
        case Fraction():
            return percent_text(value)
        case StrEnum():
            return value.value
        case ((_, Decimal()), *_):
            return {name: decimal_text(amount) for name, amount in value}
        case tuple():
            return list(value)
        case _:
            return value


def _decimal(value: object) -> Decimal:
    return exact_decimal(value, "")


def yes_or_no(value: object) -> bool:
    """Return ``value`` if it is true or false."""
    if not isinstance(value, bool):
        raise InvalidInputError("", value, "is not true or false")
    return value


def _share(value: object) -> Fraction:
    return exact_share(value, "")


def _deductions(value: object) -> tuple[tuple[str, Decimal], ...]:
    if not isinstance(value, dict) or not 1 <= len(value) <= MAX_WORDS:
        raise InvalidInputError("", value, f"is not an object of 1 to {MAX_WORDS} amounts")
    return tuple([(name, exact_decimal(value[name], f"/{name}")) for name in sorted(value)])


def words_from(value: object) -> tuple[str, ...]:
    """Return a list of one to `MAX_WORDS` different lines of text."""
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_WORDS:
        raise InvalidInputError("", value, f"is not a list of 1 to {MAX_WORDS} texts")
    words = tuple(line_of_text(word, f"/{index}") for index, word in enumerate(value))
    if len(set(words)) != len(words):
        raise InvalidInputError("", value, "names something twice")
    return words


def _role(value: object) -> Role:
    return one_of(Role, value)


def _lot_method(value: object) -> LotMethod:
    return one_of(LotMethod, value)


def _agreement(value: object) -> AgreementCode:
    return AgreementCode(value, "")


def one_of(kind: type[E], value: object, field: str = "") -> E:
    """Return the member of ``kind`` that ``value`` names."""
    try:
        return kind(value)  # type: ignore[arg-type]  # anything may be looked up
    except ValueError:
        known = ", ".join(kind)
        raise InvalidInputError(field, value, f"is not one of {known}") from None


def _lot(value: object) -> str:
    return line_of_text(value, "")


_READERS: Mapping[str, Callable[[object], Any]] = {
    "weight": _decimal,
    "role": _role,
    "separately_invoiced": yes_or_no,
    "customary": yes_or_no,
    "partial_content": _share,
    "non_originating_content": _decimal,
    "deductions": _deductions,
    "lot": _lot,
    "lot_method": _lot_method,
    "lists": words_from,
    "kinds": words_from,
    "under": _agreement,
}

_MATERIAL = frozenset({"description", "originating"})
_MATERIAL_OPTIONAL = frozenset({"value", "hs_code", "country", "evidence", *_READERS})
_COSTS = frozenset({"labour", "overhead", "other", "profit"})


@dataclass(frozen=True, slots=True)
class Material:
    """Something that went into the good.

    Attributes:
        description: What it is.
        value: Its value in the currency of the good's price (ATIGA Art. 29(2): CIF at
            importation, or the earliest price paid in the party); None where it is unknown.
        originating: Whether it is declared to originate in a party of the agreement.
        hs_code: Its classification; None where nobody knows.
        country: Where it comes from; None where that is undetermined.
        evidence: Reference of the proof of origin that it came with.
        details: What only some agreements ask; None where nothing of it is stated.
    """

    description: str
    value: Decimal | None
    originating: bool
    hs_code: HsCode | None = None
    country: Country | None = None
    evidence: str | None = None
    details: Details | None = None

    def __post_init__(self) -> None:
        """Refuse text that is not one line, an impossible value, or an origin in no country."""
        line_of_text(self.description, "/description")
        if self.value is not None:
            check_decimal(self.value, "/value")
        if not isinstance(self.originating, bool):
            raise InvalidInputError("/originating", self.originating, "is not true or false")
        if self.originating and self.country is None:
            raise InvalidInputError(
                "/country", "", "is missing: an originating material originates in a country"
            )
        if self.evidence is not None:
            line_of_text(self.evidence, "/evidence")
        if self.details is not None and self.details == NO_DETAILS:
            raise InvalidInputError("/details", "", "states nothing; leave it out instead")

    @classmethod
    def from_document(cls, value: object) -> "Material":
        """Return the material that ``value`` describes, or raise `InvalidInputError`."""
        document = members(value, _MATERIAL, _MATERIAL_OPTIONAL)
        return cls(
            document["description"],
            exact_decimal(document["value"], "/value") if "value" in document else None,
            document["originating"],
            HsCode(document["hs_code"], "/hs_code") if "hs_code" in document else None,
            Country(document["country"], "/country") if "country" in document else None,
            line_of_text(document["evidence"], "/evidence") if "evidence" in document else None,
            Details.read(document),
        )

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        document: dict[str, Any] = {"description": self.description}
        if self.value is not None:
            document["value"] = decimal_text(self.value)
        document["originating"] = self.originating
        for name in ("hs_code", "country", "evidence"):
            if (member := getattr(self, name)) is not None:
                document[name] = member
        return document if self.details is None else document | self.details.to_members()


@dataclass(frozen=True, slots=True)
class Costs:
    """What the good costs beside its materials, in the currency of its FOB price.

    Only the build-up method asks for them. None is not stated, which is not the same as nothing.

    Attributes:
        labour: Direct labour.
        overhead: Direct overhead.
        other: Other costs up to the ship's rail.
        profit: Profit.
    """

    labour: Decimal | None = None
    overhead: Decimal | None = None
    other: Decimal | None = None
    profit: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse an impossible value, or costs that state nothing."""
        for name, value in self.items():
            if value is not None:
                check_decimal(value, f"/{name}")
        if all(value is None for _, value in self.items()):
            raise InvalidInputError("", "{}", "states no cost; leave it out instead")

    def items(self) -> list[tuple[str, Decimal | None]]:
        """Return the names of the costs and their values."""
        return [(field.name, getattr(self, field.name)) for field in fields(self)]

    @classmethod
    def from_document(cls, value: object) -> "Costs":
        """Return the costs that ``value`` states, or raise `InvalidInputError`."""
        document = members(value, frozenset(), _COSTS)
        return cls(**{name: exact_decimal(text, f"/{name}") for name, text in document.items()})

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {name: decimal_text(value) for name, value in self.items() if value is not None}
