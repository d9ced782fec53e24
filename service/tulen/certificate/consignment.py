"""The trade data that an exporter applies with and the certificate then certifies.

The boxes are those of ATIGA Form D (ATIGA Operational Certification Procedure, Annex 7).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tulen.certificate.particulars import (
    NONE,
    PARTICULARS,
    Particulars,
    Trader,
    optional_line,
)
from tulen.errors import InvalidInputError
from tulen.values import (
    AgreementCode,
    Country,
    Currency,
    FormCode,
    HsCode,
    Money,
    Quantity,
    UnitCode,
    date_from,
    decimal_text,
    line_of_text,
)
from tulen.values.codes import Code
from tulen.values.fields import (
    Document,
    each,
    exact_decimal,
    members,
    part,
    whole_number,
)

MAX_LINES = 50
"""Goods lines of one certificate; also the maximum of Singapore's electronic certificates."""
MAX_INVOICES = 50


class CertificateNumber(Code):
    """Reference number of a certificate, unique per issuing authority; also its file's name."""

    __slots__ = ()
    pattern = re.compile(r"[A-Z0-9](?:[A-Z0-9.-]{0,38}[A-Z0-9])?")
    meaning = "a certificate number: up to 40 capitals, digits, hyphens or points"


class Tick(StrEnum):
    """A box that is ticked where the certificate is of a special kind (Form D, box 13)."""

    ACCUMULATION = "accumulation"
    BACK_TO_BACK = "back-to-back"
    DE_MINIMIS = "de-minimis"
    EXHIBITION = "exhibition"
    ISSUED_RETROSPECTIVELY = "issued-retrospectively"
    PARTIAL_CUMULATION = "partial-cumulation"
    THIRD_COUNTRY_INVOICING = "third-country-invoicing"


_TRANSPORT = frozenset({"departure_on", "means", "port_of_loading", "port_of_discharge"})
_INVOICE = frozenset({"number", "issued_on"})
_MONEY = frozenset({"amount", "currency"})
GOODS_MEMBERS = frozenset(
    {"line", "marks", "packages", "description", "hs_code", "quantity", "unit"}
)
GOODS_MORE = frozenset({"fob", "manufacturer", "trade_mark", "country_of_origin"})
"""Members of a goods line that may be left out."""
CONSIGNMENT_MEMBERS = frozenset(
    {
        "agreement",
        "form",
        "exporter",
        "consignee",
        "exporting_country",
        "importing_country",
        "transport",
        "invoices",
    }
)
CONSIGNMENT_MORE = PARTICULARS | {"ticks"}
"""Members of a consignment that may be left out."""


@dataclass(frozen=True, slots=True)
class Transport:
    """How the goods leave (box 3)."""

    departure_on: date
    means: str
    port_of_loading: str
    port_of_discharge: str

    def __post_init__(self) -> None:
        """Refuse text that is not one visible line."""
        line_of_text(self.means, "/means")
        line_of_text(self.port_of_loading, "/port_of_loading")
        line_of_text(self.port_of_discharge, "/port_of_discharge")

    @classmethod
    def from_document(cls, value: object) -> "Transport":
        """Return the transport that ``value`` describes, or raise `InvalidInputError`."""
        document = members(value, _TRANSPORT)
        return cls(
            date_from(document["departure_on"], "/departure_on"),
            document["means"],
            document["port_of_loading"],
            document["port_of_discharge"],
        )

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {
            "departure_on": self.departure_on.isoformat(),
            "means": self.means,
            "port_of_loading": self.port_of_loading,
            "port_of_discharge": self.port_of_discharge,
        }


@dataclass(frozen=True, slots=True)
class Invoice:
    """A commercial invoice (box 10)."""

    number: str
    issued_on: date

    def __post_init__(self) -> None:
        """Refuse text that is not one visible line."""
        line_of_text(self.number, "/number")

    @classmethod
    def from_document(cls, value: object) -> "Invoice":
        """Return the invoice that ``value`` describes, or raise `InvalidInputError`."""
        document = members(value, _INVOICE)
        return cls(document["number"], date_from(document["issued_on"], "/issued_on"))

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {"number": self.number, "issued_on": self.issued_on.isoformat()}


@dataclass(frozen=True, slots=True)
class Goods:
    """One kind of goods (boxes 5 to 7 and 9).

    Attributes:
        line: Item number, from 1.
        marks: Marks and numbers on the packages.
        packages: Number and kind of packages.
        description: What the goods are.
        hs_code: Their code in the tariff of the importing country.
        quantity: Their quantity: what customs can draw down.
        fob: Their FOB value, where the form asks for it.
        manufacturer: Who made them, where the line says so.
        trade_mark: Their trade mark, where the line says so.
        country_of_origin: The one party whose goods they are (Form RCEP, box 11).
    """

    line: int
    marks: str
    packages: str
    description: str
    hs_code: HsCode
    quantity: Quantity
    fob: Money | None = None
    manufacturer: str | None = None
    trade_mark: str | None = None
    country_of_origin: Country | None = None

    def __post_init__(self) -> None:
        """Refuse an impossible line number, quantity or text."""
        whole_number(self.line, "/line", least=1, most=MAX_LINES)
        line_of_text(self.marks, "/marks")
        line_of_text(self.packages, "/packages")
        line_of_text(self.description, "/description")
        if self.manufacturer is not None:
            line_of_text(self.manufacturer, "/manufacturer")
        if self.trade_mark is not None:
            line_of_text(self.trade_mark, "/trade_mark")
        if not self.quantity.amount:
            raise InvalidInputError("/quantity", self.quantity, "is not more than zero")

    @classmethod
    def from_members(cls, document: Mapping[str, object]) -> "Goods":
        """Return the goods among the members of a line, or raise `InvalidInputError`."""
        return cls(
            document["line"],  # type: ignore[arg-type]  # the constructor checks it
            document["marks"],  # type: ignore[arg-type]  # the constructor checks it
            document["packages"],  # type: ignore[arg-type]  # the constructor checks it
            document["description"],  # type: ignore[arg-type]  # the constructor checks it
            HsCode(document["hs_code"], "/hs_code"),
            Quantity(
                exact_decimal(document["quantity"], "/quantity"),
                UnitCode(document["unit"], "/unit"),
            ),
            _money(document["fob"]) if "fob" in document else None,
            optional_line(document, "manufacturer"),
            optional_line(document, "trade_mark"),
            Country(document["country_of_origin"], "/country_of_origin")
            if "country_of_origin" in document
            else None,
        )

    def to_members(self) -> Document:
        """Return the members of a line in JSON form."""
        document: Document = {
            "line": self.line,
            "marks": self.marks,
            "packages": self.packages,
            "description": self.description,
            "hs_code": self.hs_code,
            "quantity": decimal_text(self.quantity.amount),
            "unit": self.quantity.unit,
        }
        if self.fob is not None:
            document["fob"] = {
                "amount": decimal_text(self.fob.amount),
                "currency": self.fob.currency,
            }
        if self.manufacturer is not None:
            document["manufacturer"] = self.manufacturer
        if self.trade_mark is not None:
            document["trade_mark"] = self.trade_mark
        if self.country_of_origin is not None:
            document["country_of_origin"] = self.country_of_origin
        return document


def _money(value: object) -> Money:
    try:
        document = members(value, _MONEY)
        return Money(
            exact_decimal(document["amount"], "/amount"),
            Currency(document["currency"], "/currency"),
        )
    except InvalidInputError as error:
        raise error.within("/fob") from None


@dataclass(frozen=True, slots=True)
class Consignment:
    """What is sent, by whom, to whom and under which agreement."""

    agreement: AgreementCode
    form: FormCode
    exporter: Trader
    consignee: Trader
    exporting_country: Country
    importing_country: Country
    transport: Transport
    invoices: tuple[Invoice, ...]
    ticks: tuple[Tick, ...] = ()
    particulars: Particulars = NONE

    def __post_init__(self) -> None:
        """Refuse a consignment that crosses no border, has no invoice or unordered ticks."""
        if self.exporting_country == self.importing_country:
            raise InvalidInputError(
                "/importing_country", self.importing_country, "is the exporting country too"
            )
        if not 0 < len(self.invoices) <= MAX_INVOICES:
            raise InvalidInputError(
                "/invoices", len(self.invoices), f"are not 1 to {MAX_INVOICES} invoices"
            )
        if list(self.ticks) != sorted(set(self.ticks)):
            raise InvalidInputError(
                "/ticks", ", ".join(self.ticks), "are not distinct and in alphabetical order"
            )

    @classmethod
    def from_members(cls, document: Document) -> "Consignment":
        """Return the consignment among the members of a document, or raise `InvalidInputError`."""
        return cls(
            AgreementCode(document["agreement"], "/agreement"),
            FormCode(document["form"], "/form"),
            part(document, "exporter", Trader.from_document),
            part(document, "consignee", Trader.from_document),
            Country(document["exporting_country"], "/exporting_country"),
            Country(document["importing_country"], "/importing_country"),
            part(document, "transport", Transport.from_document),
            each(document, "invoices", Invoice.from_document, most=MAX_INVOICES),
            each(document, "ticks", _tick, most=len(Tick)) if "ticks" in document else (),
            Particulars.from_members(document),
        )

    def to_members(self) -> Document:
        """Return the members of a document in JSON form."""
        document: Document = {
            "agreement": self.agreement,
            "form": self.form,
            "exporter": self.exporter.to_document(),
            "consignee": self.consignee.to_document(),
            "exporting_country": self.exporting_country,
            "importing_country": self.importing_country,
            "transport": self.transport.to_document(),
            "invoices": [invoice.to_document() for invoice in self.invoices],
        }
        if self.ticks:
            document["ticks"] = [tick.value for tick in self.ticks]
        return document | self.particulars.to_members()


def _tick(value: object) -> Tick:
    try:
        return Tick(value)  # type: ignore[arg-type]  # anything may be looked up
    except ValueError:
        known = ", ".join(Tick)
        raise InvalidInputError("", value, f"is not a tick; known are {known}") from None


def check_lines(numbers: list[int]) -> None:
    """Refuse goods lines that are not numbered 1, 2, 3 and so on, up to `MAX_LINES`.

    Raises:
        InvalidInputError: they are not.
    """
    if not 0 < len(numbers) <= MAX_LINES:
        raise InvalidInputError("/lines", len(numbers), f"are not 1 to {MAX_LINES} goods lines")
    for index, number in enumerate(numbers):
        if number != index + 1:
            raise InvalidInputError(
                f"/lines/{index}/line", number, f"is not {index + 1}: lines are numbered from 1"
            )
