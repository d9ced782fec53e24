"""What origin is judged on: the good, its price, and everything that went into it.

The document form is committed in the certificate (docs/specs/certificate.md, section 1), so it
holds no null, nothing empty and no number but as a string.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Self

from tulen.errors import InvalidInputError
from tulen.origin.circumstances import (
    MAX_SET_ITEMS,
    Prices,
    Production,
    SetItem,
    SetRule,
    Weights,
    facts_from,
)
from tulen.origin.hs import edition_from
from tulen.origin.materials import Costs, Material, one_of
from tulen.values import (
    AgreementCode,
    Country,
    Currency,
    HsCode,
    Money,
    decimal_text,
    line_of_text,
)
from tulen.values.fields import Document, each, exact_decimal, members, part

MAX_MATERIALS = 500
"""So many, with six claims each, leave room in a certificate's 4,096 claims for its goods lines."""
MAX_CATEGORY_CHARACTERS = 64

_INPUTS = frozenset(
    {
        "agreement",
        "exporting_country",
        "importing_country",
        "hs_code",
        "description",
        "method",
    }
)
_MONEY = frozenset({"amount", "currency"})


class Method(StrEnum):
    """How the exporting country computes value content; under ATIGA Art. 29(3) it has one."""

    BUILD_DOWN = "build-down"
    BUILD_UP = "build-up"


def _money(value: object) -> Money:
    document = members(value, _MONEY)
    return Money(
        exact_decimal(document["amount"], "/amount"), Currency(document["currency"], "/currency")
    )


@dataclass(frozen=True, slots=True)
class OriginInputs:
    """Everything that the origin of one good is judged on.

    Attributes:
        agreement: The agreement under which preference is to be claimed.
        exporting_country: The party that exports the good.
        importing_country: The party that imports it.
        hs_code: The good's classification.
        description: What the good is.
        fob: Its price FOB, above zero; None where it is not stated, or follows from ``prices``.
        method: How the exporting country computes value content.
        materials: What went into it, complete; empty where no bill of materials is given.
        costs: What else it costs, for the build-up method.
        wholly_obtained: The pack's category under which the good is claimed to be wholly obtained
            in the exporting country, such as ``plants``; None where it is not.
        prices: Prices on other terms than FOB.
        weights: Weights of the good.
        production: How it was made.
        facts: Where a good wholly obtained was born, grown, caught and so on.
        set_items: The articles of a set; empty where the good is none.
        set_by: The general interpretative rule by which they are one; None where not stated.
        hs_edition: Edition of the HS that every code is of; None where it is the pack's.
    """

    agreement: AgreementCode
    exporting_country: Country
    importing_country: Country
    hs_code: HsCode
    description: str
    fob: Money | None
    method: Method
    materials: tuple[Material, ...] = ()
    costs: Costs | None = None
    wholly_obtained: str | None = None
    prices: Prices | None = None
    weights: Weights | None = None
    production: Production | None = None
    facts: tuple[tuple[str, Country], ...] = ()
    set_items: tuple[SetItem, ...] = ()
    hs_edition: str | None = None
    set_by: SetRule | None = None
    most_materials: ClassVar[int] = MAX_MATERIALS

    def __post_init__(self) -> None:
        """Refuse a good that crosses no border, is free, or has too many materials."""
        line_of_text(self.description, "/description")
        if self.exporting_country == self.importing_country:
            raise InvalidInputError(
                "/importing_country", self.importing_country, "is the exporting country too"
            )
        if self.fob is not None and not self.fob.amount:
            raise InvalidInputError("/fob/amount", self.fob.amount, "is not more than zero")
        self._check_prices()
        if len(self.materials) > self.most_materials:
            raise InvalidInputError(
                "/materials", f"{len(self.materials)} materials", f"exceed {self.most_materials}"
            )
        if self.wholly_obtained is not None:
            line_of_text(self.wholly_obtained, "/wholly_obtained", most=MAX_CATEGORY_CHARACTERS)
        if self.hs_edition is not None:
            edition_from(self.hs_edition, "/hs_edition")
        if self.set_by is not None and not self.set_items:
            raise InvalidInputError("/set_by", self.set_by, "is of no set; state its articles")

    def _check_prices(self) -> None:
        """Refuse two currencies, or a FOB price that CIF, freight and insurance contradict."""
        if self.fob is None or self.prices is None:
            return
        if self.fob.currency != self.prices.currency:
            raise InvalidInputError(
                "/prices/currency", self.prices.currency, f"is not that of fob, {self.fob.currency}"
            )
        derived = self.prices.fob
        if derived is not None and derived != self.fob.amount:
            raise InvalidInputError(
                "/prices/cif",
                self.prices.cif,
                f"less freight and insurance is {derived}, not the FOB price {self.fob.amount}",
            )

    @property
    def fob_amount(self) -> Decimal | None:
        """The FOB price, stated or derived from CIF; None where it is unknown."""
        if self.fob is not None:
            return self.fob.amount
        return self.prices.fob if self.prices is not None else None

    @property
    def currency(self) -> Currency | None:
        """The currency of every amount; None where no price is stated."""
        if self.fob is not None:
            return self.fob.currency
        return self.prices.currency if self.prices is not None else None

    @classmethod
    def from_document(cls, document: object, pointer: str = "") -> Self:
        """Return the inputs that ``document`` states.

        Args:
            document: A JSON object; unknown members are refused.
            pointer: JSON pointer of ``document`` in what it stands in, for messages.

        Raises:
            InvalidInputError: a member is unknown, missing or malformed; its field is a JSON
                pointer that begins with ``pointer``.
        """
        try:
            return cls._read(members(document, _INPUTS, _OPTIONAL))
        except InvalidInputError as error:
            raise error.within(pointer) from None

    @classmethod
    def _read(cls, document: Document) -> Self:
        return cls(
            AgreementCode(document["agreement"], "/agreement"),
            Country(document["exporting_country"], "/exporting_country"),
            Country(document["importing_country"], "/importing_country"),
            HsCode(document["hs_code"], "/hs_code"),
            document["description"],
            part(document, "fob", _money) if "fob" in document else None,
            one_of(Method, document["method"], "/method"),
            each(document, "materials", Material.from_document, most=cls.most_materials)
            if "materials" in document
            else (),
            wholly_obtained=line_of_text(document["wholly_obtained"], "/wholly_obtained")
            if "wholly_obtained" in document
            else None,
            set_items=each(document, "set_items", SetItem.from_document, most=MAX_SET_ITEMS)
            if "set_items" in document
            else (),
            hs_edition=edition_from(document["hs_edition"], "/hs_edition")
            if "hs_edition" in document
            else None,
            set_by=one_of(SetRule, document["set_by"], "/set_by") if "set_by" in document else None,
            **{
                name: part(document, name, read)
                for name, read in _PARTS.items()
                if name in document
            },
        )

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form, the exact inverse of `from_document`."""
        document: dict[str, Any] = {
            "agreement": self.agreement,
            "exporting_country": self.exporting_country,
            "importing_country": self.importing_country,
            "hs_code": self.hs_code,
            "description": self.description,
        }
        if self.fob is not None:
            document["fob"] = {
                "amount": decimal_text(self.fob.amount),
                "currency": self.fob.currency,
            }
        document["method"] = self.method.value
        if self.materials:
            document["materials"] = [material.to_document() for material in self.materials]
        if self.wholly_obtained is not None:
            document["wholly_obtained"] = self.wholly_obtained
        for name in ("costs", "prices", "weights", "production"):
            if (stated := getattr(self, name)) is not None:
                document[name] = stated.to_document()
        if self.facts:
            document["facts"] = dict(self.facts)
        if self.set_items:
            document["set_items"] = [item.to_document() for item in self.set_items]
        if self.hs_edition is not None:
            document["hs_edition"] = self.hs_edition
        if self.set_by is not None:
            document["set_by"] = self.set_by.value
        return document


_PARTS: Mapping[str, Callable[[object], Any]] = {
    "costs": Costs.from_document,
    "prices": Prices.from_document,
    "weights": Weights.from_document,
    "production": Production.from_document,
    "facts": facts_from,
}
READERS: Mapping[str, Callable[[object], Any]] = {
    **_PARTS,
    "method": lambda value: one_of(Method, value),
    "wholly_obtained": lambda value: line_of_text(value, ""),
}
"""How members of inputs are read that the parts of a bill have too."""
_OPTIONAL = frozenset(
    {"fob", "materials", "wholly_obtained", "set_items", "set_by", "hs_edition", *_PARTS}
)
