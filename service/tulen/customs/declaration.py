"""The import declaration (PIB, BC 2.0) as far as value, duty and preference need it.

Its JSON form is ``tulen/declaration/v1`` (docs/specs/customs.md).
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self, TypeVar

from tulen.customs.value import CustomsValue, ExchangeRate, customs_value
from tulen.errors import InvalidInputError
from tulen.values import (
    AgreementCode,
    Country,
    Currency,
    HsCode,
    PartyCode,
    Quantity,
    UnitCode,
    date_from,
    decimal_from,
    decimal_text,
    line_of_text,
)
from tulen.values.fields import each, members_of, part

FORMAT = "tulen/declaration/v1"
MAX_LINES = 500
MAX_LINE_NUMBER = 9_999
MAX_CERTIFICATE_NUMBER_CHARACTERS = 64
NATIONAL_DIGITS = 8
"""Digits of a national tariff line in the nomenclature of ASEAN (AHTN, BTKI)."""

_NUMBER = re.compile(r"[A-Za-z0-9]{26}")
_OFFICE = re.compile(r"[0-9]{6}")
_FACILITY = re.compile(r"[0-9]{2}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Importer:
    """Who imports.

    Attributes:
        party: Its code in the register.
        has_api: Whether it holds an importer identification number (API), which lowers PPh 22.
    """

    party: PartyCode
    has_api: bool


@dataclass(frozen=True, slots=True)
class PreferenceClaim:
    """The claim that a certificate of origin entitles a line to a preferential rate.

    Attributes:
        agreement: The agreement under which it is claimed.
        facility: Facility code (kodeFasilitas) of that agreement, e.g. ``06`` for ATIGA.
        certificate: Number of the certificate.
        certificate_line: The certificate's line that covers the goods.
    """

    agreement: AgreementCode
    facility: str
    certificate: str
    certificate_line: int

    def __post_init__(self) -> None:
        """Refuse what the declaration's form cannot hold."""
        _fits(self.facility, _FACILITY, "/facility", "a facility code of two digits, such as 06")
        line_of_text(self.certificate, "/certificate", most=MAX_CERTIFICATE_NUMBER_CHARACTERS)
        _line_number(self.certificate_line, "/certificate_line")

    @classmethod
    def from_document(cls, document: object) -> Self:
        """Return the claim in ``document``.

        Raises:
            InvalidInputError: a member is missing, unknown or malformed.
        """
        names = ("agreement", "facility", "certificate", "certificate_line")
        claim: Any = members_of(document, "", names)
        return cls(
            agreement=AgreementCode(claim["agreement"], "/agreement"),
            facility=claim["facility"],
            certificate=claim["certificate"],
            certificate_line=claim["certificate_line"],
        )

    def to_document(self) -> dict[str, Any]:
        """Return the claim's JSON form."""
        return {
            "agreement": str(self.agreement),
            "facility": self.facility,
            "certificate": self.certificate,
            "certificate_line": self.certificate_line,
        }


@dataclass(frozen=True, slots=True)
class DeclarationLine:
    """One kind of goods.

    Attributes:
        line: Its number (seri) in the declaration.
        hs_code: National tariff line, eight digits.
        country_of_origin: Where the goods originate, as declared.
        description: What they are.
        quantity: How much of them; above zero.
        cost: Price, in the currency of the declaration.
        insurance: Insurance to the place of import, in that currency.
        freight: Freight to the place of import, in that currency.
        claim: The preference claimed, or None.
    """

    line: int
    hs_code: HsCode
    country_of_origin: Country
    description: str
    quantity: Quantity
    cost: Decimal
    insurance: Decimal
    freight: Decimal
    claim: PreferenceClaim | None = None

    def __post_init__(self) -> None:
        """Refuse what the declaration's form cannot hold."""
        _line_number(self.line, "/line")
        if len(self.hs_code) != NATIONAL_DIGITS:
            raise InvalidInputError("/hs_code", self.hs_code, "is not a tariff line of 8 digits")
        line_of_text(self.description, "/description")
        if not self.quantity.amount:
            raise InvalidInputError("/quantity/amount", "0", "is not above zero")
        for name in ("cost", "insurance", "freight"):
            amount: Decimal = getattr(self, name)
            if not amount.is_finite() or amount.is_signed():
                raise InvalidInputError(f"/{name}", amount, "is not finite and non-negative")
            decimal_from(decimal_text(amount), f"/{name}")

    @classmethod
    def from_document(cls, document: object) -> Self:
        """Return the line in ``document``.

        Raises:
            InvalidInputError: a member is missing, unknown or malformed.
        """
        names = ("line", "hs_code", "country_of_origin", "description", "quantity")
        money = ("cost", "insurance", "freight")
        line: Any = members_of(document, "", (*names, *money), ("claim",))
        quantity = members_of(line["quantity"], "/quantity", ("amount", "unit"))
        return cls(
            line=line["line"],
            hs_code=HsCode(line["hs_code"], "/hs_code"),
            country_of_origin=Country(line["country_of_origin"], "/country_of_origin"),
            description=line["description"],
            quantity=Quantity(
                decimal_from(quantity["amount"], "/quantity/amount"),
                UnitCode(quantity["unit"], "/quantity/unit"),
            ),
            cost=decimal_from(line["cost"], "/cost"),
            insurance=decimal_from(line["insurance"], "/insurance"),
            freight=decimal_from(line["freight"], "/freight"),
            claim=part(line, "claim", PreferenceClaim.from_document) if "claim" in line else None,
        )

    def to_document(self) -> dict[str, Any]:
        """Return the line's JSON form."""
        document = {
            "line": self.line,
            "hs_code": str(self.hs_code),
            "country_of_origin": str(self.country_of_origin),
            "description": self.description,
            "quantity": {
                "amount": decimal_text(self.quantity.amount),
                "unit": str(self.quantity.unit),
            },
            "cost": decimal_text(self.cost),
            "insurance": decimal_text(self.insurance),
            "freight": decimal_text(self.freight),
        }
        return document if self.claim is None else document | {"claim": self.claim.to_document()}


@dataclass(frozen=True, slots=True)
class Declaration:
    """An import declaration.

    Attributes:
        number: Submission number (nomor aju), 26 letters and digits.
        declared_on: Day of submission: the law of this day applies.
        arrival_on: Day on which the goods arrive, or are to.
        office: Customs office (kode kantor), six digits.
        importer: Who imports.
        exchange: Currency of all amounts in the lines, and its rate on the day of submission.
        lines: The goods, at least one line, no number twice.
    """

    number: str
    declared_on: date
    arrival_on: date
    office: str
    importer: Importer
    exchange: ExchangeRate
    lines: tuple[DeclarationLine, ...]

    def __post_init__(self) -> None:
        """Refuse what the declaration's form cannot hold."""
        _fits(self.number, _NUMBER, "/number", "a declaration number of 26 letters and digits")
        _fits(self.office, _OFFICE, "/office", "a customs office code of six digits")
        if not 0 < len(self.lines) <= MAX_LINES:
            raise InvalidInputError(
                "/lines", f"{len(self.lines)} lines", f"are not 1 to {MAX_LINES}"
            )
        seen: set[int] = set()
        for index, line in enumerate(self.lines):
            if line.line in seen:
                raise InvalidInputError(
                    f"/lines/{index}/line", line.line, "is the number of an earlier line too"
                )
            seen.add(line.line)

    def customs_value(self, line: DeclarationLine) -> CustomsValue:
        """Return the exact customs value of one of the lines."""
        return customs_value(
            line.cost, line.insurance, line.freight, self.exchange.rate, self.exchange.per
        )

    @classmethod
    def from_document(cls, document: object) -> Self:
        """Return the declaration in ``document``, which has been read by `parse_strict`.

        Raises:
            InvalidInputError: a member is missing, unknown or malformed; its field is a pointer.
        """
        names = ("format", "number", "declared_on", "arrival_on", "office")
        nested = ("importer", "exchange", "lines")
        header: Any = members_of(document, "", (*names, *nested))
        if header["format"] != FORMAT:
            raise InvalidInputError("/format", header["format"], f"is not {FORMAT}")
        return cls(
            number=header["number"],
            declared_on=date_from(header["declared_on"], "/declared_on"),
            arrival_on=date_from(header["arrival_on"], "/arrival_on"),
            office=header["office"],
            importer=_importer_from(header["importer"]),
            exchange=part(header, "exchange", _exchange_from),
            lines=each(header, "lines", DeclarationLine.from_document, most=MAX_LINES),
        )

    def to_document(self) -> dict[str, Any]:
        """Return the declaration's JSON form."""
        return {
            "format": FORMAT,
            "number": self.number,
            "declared_on": self.declared_on.isoformat(),
            "arrival_on": self.arrival_on.isoformat(),
            "office": self.office,
            "importer": {"party": str(self.importer.party), "has_api": self.importer.has_api},
            "exchange": {
                "currency": str(self.exchange.currency),
                "rate": decimal_text(self.exchange.rate),
                "per": self.exchange.per,
            },
            "lines": [line.to_document() for line in self.lines],
        }


def _importer_from(document: object) -> Importer:
    importer = members_of(document, "/importer", ("party", "has_api"))
    has_api = importer["has_api"]
    if not isinstance(has_api, bool):
        raise InvalidInputError("/importer/has_api", has_api, "is not true or false")
    return Importer(PartyCode(importer["party"], "/importer/party"), has_api)


def _exchange_from(document: object) -> ExchangeRate:
    exchange: Any = members_of(document, "", ("currency", "rate", "per"))
    return ExchangeRate(
        Currency(exchange["currency"], "/currency"),
        decimal_from(exchange["rate"], "/rate"),
        exchange["per"],
    )


def _fits(text: object, pattern: re.Pattern[str], field: str, meaning: str) -> None:
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise InvalidInputError(field, text, f"is not {meaning}")


def _line_number(number: object, field: str) -> None:
    if type(number) is not int or not 1 <= number <= MAX_LINE_NUMBER:
        raise InvalidInputError(field, number, f"is not a line number, 1 to {MAX_LINE_NUMBER}")
