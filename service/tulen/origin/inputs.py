"""What origin is judged on: the good, its price, and everything that went into it.

The document form is committed in the certificate (docs/specs/certificate.md, section 1), so it
holds no null, nothing empty and no number but as a string.
"""

from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from tulen.errors import InvalidInputError
from tulen.values import (
    AgreementCode,
    Country,
    Currency,
    HsCode,
    Money,
    decimal_text,
    line_of_text,
)
from tulen.values.amounts import check_decimal
from tulen.values.fields import Document, each, exact_decimal, members, part

MAX_MATERIALS = 500
"""So many, with six claims each, leave room in a certificate's 4,096 claims for its goods lines."""
MAX_CATEGORY_CHARACTERS = 64

T = TypeVar("T")

_INPUTS = frozenset(
    {
        "agreement",
        "exporting_country",
        "importing_country",
        "hs_code",
        "description",
        "fob",
        "method",
    }
)
_INPUTS_OPTIONAL = frozenset({"materials", "costs", "wholly_obtained"})
_MONEY = frozenset({"amount", "currency"})
_MATERIAL = frozenset({"description", "value", "originating"})
_MATERIAL_OPTIONAL = frozenset({"hs_code", "country", "evidence"})
_COSTS = frozenset({"labour", "overhead", "other", "profit"})


class Method(StrEnum):
    """How the exporting country computes value content; under ATIGA Art. 29(3) it has one."""

    BUILD_DOWN = "build-down"
    BUILD_UP = "build-up"


def _money(value: object) -> Money:
    document = members(value, _MONEY)
    return Money(
        exact_decimal(document["amount"], "/amount"), Currency(document["currency"], "/currency")
    )


def _method(value: object) -> Method:
    try:
        return Method(value)  # type: ignore[arg-type]  # anything may be looked up
    except ValueError:
        known = " or ".join(Method)
        raise InvalidInputError("/method", value, f"is not {known}") from None


@dataclass(frozen=True, slots=True)
class Material:
    """Something that went into the good.

    Attributes:
        description: What it is.
        value: Its value in the currency of the good's FOB price (ATIGA Art. 29(2): CIF at
            importation, or the earliest price paid in the party).
        originating: Whether it is declared to originate in a party of the agreement.
        hs_code: Its classification; None where nobody knows.
        country: Where it comes from; None where that is undetermined.
        evidence: Reference of the proof of origin that it came with.
    """

    description: str
    value: Decimal
    originating: bool
    hs_code: HsCode | None = None
    country: Country | None = None
    evidence: str | None = None

    def __post_init__(self) -> None:
        """Refuse text that is not one line, an impossible value, or an origin in no country."""
        line_of_text(self.description, "/description")
        check_decimal(self.value, "/value")
        if not isinstance(self.originating, bool):
            raise InvalidInputError("/originating", self.originating, "is not true or false")
        if self.originating and self.country is None:
            raise InvalidInputError(
                "/country", "", "is missing: an originating material originates in a country"
            )
        if self.evidence is not None:
            line_of_text(self.evidence, "/evidence")

    @classmethod
    def from_document(cls, value: object) -> "Material":
        """Return the material that ``value`` describes, or raise `InvalidInputError`."""
        document = members(value, _MATERIAL, _MATERIAL_OPTIONAL)
        return cls(
            document["description"],
            exact_decimal(document["value"], "/value"),
            document["originating"],
            HsCode(document["hs_code"], "/hs_code") if "hs_code" in document else None,
            Country(document["country"], "/country") if "country" in document else None,
            line_of_text(document["evidence"], "/evidence") if "evidence" in document else None,
        )

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        document: dict[str, Any] = {
            "description": self.description,
            "value": decimal_text(self.value),
            "originating": self.originating,
        }
        for name in ("hs_code", "country", "evidence"):
            if (member := getattr(self, name)) is not None:
                document[name] = member
        return document


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


@dataclass(frozen=True, slots=True)
class OriginInputs:
    """Everything that the origin of one good is judged on.

    Attributes:
        agreement: The agreement under which preference is to be claimed.
        exporting_country: The party that exports the good.
        importing_country: The party that imports it.
        hs_code: The good's classification, in the HS edition of the pack.
        description: What the good is.
        fob: Its price FOB, above zero.
        method: How the exporting country computes value content.
        materials: What went into it, complete; empty where no bill of materials is given.
        costs: What else it costs, for the build-up method.
        wholly_obtained: The pack's category under which the good is claimed to be wholly obtained
            in the exporting country, such as ``plants``; None where it is not.
    """

    agreement: AgreementCode
    exporting_country: Country
    importing_country: Country
    hs_code: HsCode
    description: str
    fob: Money
    method: Method
    materials: tuple[Material, ...] = ()
    costs: Costs | None = None
    wholly_obtained: str | None = None

    def __post_init__(self) -> None:
        """Refuse a good that crosses no border, is free, or has too many materials."""
        line_of_text(self.description, "/description")
        if self.exporting_country == self.importing_country:
            raise InvalidInputError(
                "/importing_country", self.importing_country, "is the exporting country too"
            )
        if not self.fob.amount:
            raise InvalidInputError("/fob/amount", self.fob.amount, "is not more than zero")
        if len(self.materials) > MAX_MATERIALS:
            raise InvalidInputError(
                "/materials", f"{len(self.materials)} materials", f"exceed {MAX_MATERIALS}"
            )
        if self.wholly_obtained is not None:
            line_of_text(self.wholly_obtained, "/wholly_obtained", most=MAX_CATEGORY_CHARACTERS)

    @classmethod
    def from_document(cls, document: object, pointer: str = "") -> "OriginInputs":
        """Return the inputs that ``document`` states.

        Args:
            document: A JSON object; unknown members are refused.
            pointer: JSON pointer of ``document`` in what it stands in, for messages.

        Raises:
            InvalidInputError: a member is unknown, missing or malformed; its field is a JSON
                pointer that begins with ``pointer``.
        """
        try:
            return cls._read(members(document, _INPUTS, _INPUTS_OPTIONAL))
        except InvalidInputError as error:
            raise error.within(pointer) from None

    @classmethod
    def _read(cls, document: Document) -> "OriginInputs":
        return cls(
            AgreementCode(document["agreement"], "/agreement"),
            Country(document["exporting_country"], "/exporting_country"),
            Country(document["importing_country"], "/importing_country"),
            HsCode(document["hs_code"], "/hs_code"),
            document["description"],
            part(document, "fob", _money),
            _method(document["method"]),
            each(document, "materials", Material.from_document, most=MAX_MATERIALS)
            if "materials" in document
            else (),
            part(document, "costs", Costs.from_document) if "costs" in document else None,
            line_of_text(document["wholly_obtained"], "/wholly_obtained")
            if "wholly_obtained" in document
            else None,
        )

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form, the exact inverse of `from_document`."""
        document: dict[str, Any] = {
            "agreement": self.agreement,
            "exporting_country": self.exporting_country,
            "importing_country": self.importing_country,
            "hs_code": self.hs_code,
            "description": self.description,
            "fob": {"amount": decimal_text(self.fob.amount), "currency": self.fob.currency},
            "method": self.method.value,
        }
        if self.materials:
            document["materials"] = [material.to_document() for material in self.materials]
        if self.costs is not None:
            document["costs"] = self.costs.to_document()
        if self.wholly_obtained is not None:
            document["wholly_obtained"] = self.wholly_obtained
        return document
