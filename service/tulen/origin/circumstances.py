"""What a good may need told about it beside its materials: prices, weights, processes, facts."""

from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from tulen.errors import InvalidInputError
from tulen.origin.materials import words_from
from tulen.origin.shares import exact_share, percent_text
from tulen.values import Country, Currency, decimal_text, line_of_text
from tulen.values.amounts import check_decimal
from tulen.values.fields import each, exact_decimal, members, part

MAX_PROCESSES = 64
MAX_SET_ITEMS = 100

_PRICES = ("ex_works", "adjusted", "transaction", "net_cost", "cif", "freight", "insurance")
_WEIGHTS = ("net", "textile", "determining_component")
_PRODUCTION = frozenset(
    {"processes", "operations", "only_minimal", "embroidered_area", "attestations", "last_process"}
)
FACTS = (
    "born_in",
    "raised_in",
    "grown_in",
    "harvested_in",
    "obtained_in",
    "hunted_in",
    "fished_in",
    "farmed_in",
    "mined_in",
    "caught_by_flag",
    "caught_by_registry",
    "processed_on_flag",
    "seabed_rights_of",
    "collected_in",
    "scrap_of",
)
"""The facts of a good wholly obtained; each names a country."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of the good other than FOB, in one currency. None is not stated.

    Attributes:
        currency: The currency of all of them, and of the materials.
        ex_works: Price ex works (EXW).
        adjusted: Adjusted value (AV), the customs value of the agreements of the Pacific.
        transaction: Transaction value (TV).
        net_cost: Net cost (NC).
        cif: Price with insurance and freight to the port of destination.
        freight: International freight within ``cif``.
        insurance: Insurance within ``cif``.
    """

    currency: Currency
    ex_works: Decimal | None = None
    adjusted: Decimal | None = None
    transaction: Decimal | None = None
    net_cost: Decimal | None = None
    cif: Decimal | None = None
    freight: Decimal | None = None
    insurance: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse impossible amounts, a price of nothing, and prices that state nothing."""
        stated = {name: value for name in _PRICES if (value := getattr(self, name)) is not None}
        if not stated:
            raise InvalidInputError("", "", "states no price; leave it out instead")
        for name, value in stated.items():
            check_decimal(value, f"/{name}")
            if not value and name not in ("freight", "insurance"):
                raise InvalidInputError(f"/{name}", value, "is not more than zero")
        if self.fob is not None and self.fob <= 0:
            raise InvalidInputError("/cif", self.cif, "does not exceed freight and insurance")

    @property
    def fob(self) -> Decimal | None:
        """The FOB price that CIF, freight and insurance come to; None where one is not stated."""
        if self.cif is None or self.freight is None or self.insurance is None:
            return None
        return self.cif - self.freight - self.insurance

    @classmethod
    def from_document(cls, value: object) -> "Prices":
        """Return the prices that ``value`` states, or raise `InvalidInputError`."""
        document = members(value, frozenset({"currency"}), frozenset(_PRICES))
        return cls(
            Currency(document["currency"], "/currency"),
            **{
                name: exact_decimal(text, f"/{name}")
                for name, text in document.items()
                if name != "currency"
            },
        )

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"currency": self.currency, **_decimals(self, _PRICES)}


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the good in kilograms. None is not stated.

    Attributes:
        net: Net weight.
        textile: Weight of the basic textile materials in it.
        determining_component: Weight of the component that decides its classification.
    """

    net: Decimal | None = None
    textile: Decimal | None = None
    determining_component: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse impossible weights, and weights that state nothing."""
        stated = {name: value for name in _WEIGHTS if (value := getattr(self, name)) is not None}
        if not stated:
            raise InvalidInputError("", "", "states no weight; leave it out instead")
        for name, value in stated.items():
            check_decimal(value, f"/{name}")
            if not value:
                raise InvalidInputError(f"/{name}", value, "is not more than zero")

    @classmethod
    def from_document(cls, value: object) -> "Weights":
        """Return the weights that ``value`` states, or raise `InvalidInputError`."""
        document = members(value, frozenset(), frozenset(_WEIGHTS))
        return cls(**{name: exact_decimal(text, f"/{name}") for name, text in document.items()})

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return _decimals(self, _WEIGHTS)


def _decimals(value: object, names: tuple[str, ...]) -> dict[str, str]:
    return {
        name: decimal_text(amount) for name in names if (amount := getattr(value, name)) is not None
    }


@dataclass(frozen=True, slots=True)
class Process:
    """A process that was performed.

    Attributes:
        code: Its name, such as ``weaving``.
        country: Where; None is the exporting country.
    """

    code: str
    country: Country | None = None

    def __post_init__(self) -> None:
        """Refuse a name that is not one line."""
        line_of_text(self.code, "/code")

    @classmethod
    def from_document(cls, value: object) -> "Process":
        """Return the process that ``value`` describes, or raise `InvalidInputError`."""
        document = members(value, frozenset({"code"}), frozenset({"country"}))
        return cls(
            document["code"],
            Country(document["country"], "/country") if "country" in document else None,
        )

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"code": self.code} | ({"country": self.country} if self.country else {})


@dataclass(frozen=True, slots=True)
class Attestation:
    """What somebody answers for: that words of a rule hold for the good, or that they do not.

    Attributes:
        text: The words, exactly as the rule has them.
        holds: Whether they hold.
    """

    text: str
    holds: bool

    def __post_init__(self) -> None:
        """Refuse what is not one line or not an answer."""
        line_of_text(self.text, "/text")
        if not isinstance(self.holds, bool):
            raise InvalidInputError("/holds", self.holds, "is not true or false")

    @classmethod
    def from_document(cls, value: object) -> "Attestation":
        """Return the attestation in ``value``, or raise `InvalidInputError`."""
        document = members(value, frozenset({"text", "holds"}))
        return cls(document["text"], document["holds"])

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"text": self.text, "holds": self.holds}


@dataclass(frozen=True, slots=True)
class Production:
    """How the good was made.

    Attributes:
        processes: The processes performed, complete; None where they are not stated.
        operations: Everything done to the non-originating materials, complete; None as above.
        only_minimal: Whether that was no more than the agreement's minimal operations; None
            where it is to be told from ``operations``.
        embroidered_area: Share of the good's area that is embroidered.
        attestations: Words of rules that are answered for.
        last_process: Where the last process of production was performed; None is not stated.
    """

    processes: tuple[Process, ...] | None = None
    operations: tuple[str, ...] | None = None
    only_minimal: bool | None = None
    embroidered_area: Fraction | None = None
    attestations: tuple[Attestation, ...] = ()
    last_process: Country | None = None

    def __post_init__(self) -> None:
        """Refuse a production that states nothing, or answers twice."""
        if all(getattr(self, field.name) in (None, ()) for field in fields(self)):
            raise InvalidInputError("", "", "states nothing; leave it out instead")
        if self.only_minimal is not None and not isinstance(self.only_minimal, bool):
            raise InvalidInputError("/only_minimal", self.only_minimal, "is not true or false")
        texts = [item.text for item in self.attestations]
        if len(set(texts)) != len(texts):
            raise InvalidInputError("/attestations", ", ".join(texts), "answers twice")

    def attested(self, text: str) -> bool | None:
        """Return what is answered for ``text``; None where nothing is."""
        return next((item.holds for item in self.attestations if item.text == text), None)

    @classmethod
    def from_document(cls, value: object) -> "Production":
        """Return the production that ``value`` states, or raise `InvalidInputError`."""
        document = members(value, frozenset(), _PRODUCTION)
        return cls(
            each(document, "processes", Process.from_document, most=MAX_PROCESSES)
            if "processes" in document
            else None,
            part(document, "operations", words_from) if "operations" in document else None,
            document.get("only_minimal"),
            exact_share(document["embroidered_area"], "/embroidered_area")
            if "embroidered_area" in document
            else None,
            each(document, "attestations", Attestation.from_document, most=MAX_PROCESSES)
            if "attestations" in document
            else (),
            Country(document["last_process"], "/last_process")
            if "last_process" in document
            else None,
        )

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        document: dict[str, Any] = {}
        if self.processes is not None:
            document["processes"] = [item.to_document() for item in self.processes]
        if self.operations is not None:
            document["operations"] = list(self.operations)
        if self.only_minimal is not None:
            document["only_minimal"] = self.only_minimal
        if self.embroidered_area is not None:
            document["embroidered_area"] = percent_text(self.embroidered_area)
        if self.attestations:
            document["attestations"] = [item.to_document() for item in self.attestations]
        if self.last_process is not None:
            document["last_process"] = self.last_process
        return document


class SetRule(StrEnum):
    """General rules for the interpretation of the HS by which a set is classified."""

    MOST_SPECIFIC = "3(a)"
    ESSENTIAL_CHARACTER = "3(b)"
    LAST_IN_ORDER = "3(c)"


@dataclass(frozen=True, slots=True)
class SetItem:
    """An article of a set.

    Attributes:
        description: What it is.
        originating: Whether it originates; None where that is not known.
        value: Its value in the currency of the good's price; None where it is unknown.
    """

    description: str
    originating: bool | None = None
    value: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse text that is not one line, or an impossible value."""
        line_of_text(self.description, "/description")
        if self.value is not None:
            check_decimal(self.value, "/value")
        if self.originating is not None and not isinstance(self.originating, bool):
            raise InvalidInputError("/originating", self.originating, "is not true or false")

    @classmethod
    def from_document(cls, value: object) -> "SetItem":
        """Return the article that ``value`` describes, or raise `InvalidInputError`."""
        document = members(value, frozenset({"description"}), frozenset({"originating", "value"}))
        return cls(
            document["description"],
            document.get("originating"),
            exact_decimal(document["value"], "/value") if "value" in document else None,
        )

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        document: dict[str, Any] = {"description": self.description}
        if self.originating is not None:
            document["originating"] = self.originating
        if self.value is not None:
            document["value"] = decimal_text(self.value)
        return document


def facts_from(value: object) -> tuple[tuple[str, Country], ...]:
    """Return a fact sheet of a good wholly obtained: at least one of `FACTS` and its country."""
    document = members(value, frozenset(), frozenset(FACTS))
    if not document:
        raise InvalidInputError("", "", "states no fact; leave it out instead")
    return tuple(
        [(name, Country(document[name], f"/{name}")) for name in FACTS if name in document]
    )
