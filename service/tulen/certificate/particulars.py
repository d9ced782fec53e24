"""What only some certificates state: who invoices, what they stand on, what they replace.

Every member is optional, and one that is absent leaves no claim: certificates without any are byte
for byte what they were before these members were known (docs/specs/certificate.md section 1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from tulen.errors import InvalidInputError
from tulen.values import Country, Digest, PartyCode, date_from, line_of_text
from tulen.values.fields import Document, each, members, part

MAX_ORIGINALS: Final = 50
MAX_REFERENCE: Final = 64

_TRADER = frozenset({"name", "address", "country"})
_INVOICING = frozenset({"name", "country"})
_PRIOR = frozenset({"reference", "issued_on", "country"})
_PRIOR_MORE = frozenset({"valid_until", "authority", "digest"})
_DECLARATION = frozenset({"signatory", "place", "declared_on"})


@dataclass(frozen=True, slots=True)
class Trader:
    """An exporter (box 1), a consignee (box 2), a producer or an exhibition."""

    name: str
    address: str
    country: Country

    def __post_init__(self) -> None:
        """Refuse text that is not one visible line."""
        line_of_text(self.name, "/name")
        line_of_text(self.address, "/address")

    @classmethod
    def from_document(cls, value: object) -> "Trader":
        """Return the trader that ``value`` describes, or raise `InvalidInputError`."""
        document = members(value, _TRADER)
        return cls(document["name"], document["address"], Country(document["country"], "/country"))

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {"name": self.name, "address": self.address, "country": self.country}


@dataclass(frozen=True, slots=True)
class InvoicingParty:
    """Who invoices, where it is not the exporter (ATIGA OCP Rule 23)."""

    name: str
    country: Country

    def __post_init__(self) -> None:
        """Refuse text that is not one visible line."""
        line_of_text(self.name, "/name")

    @classmethod
    def from_document(cls, value: object) -> "InvoicingParty":
        """Return the party that ``value`` describes, or raise `InvalidInputError`."""
        document = members(value, _INVOICING)
        return cls(document["name"], Country(document["country"], "/country"))

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {"name": self.name, "country": self.country}


@dataclass(frozen=True, slots=True)
class PriorProof:
    """Another proof of origin: one that this certificate stands on, or replaces.

    Attributes:
        reference: Its number, as its issuer spells it.
        issued_on: Its date of issue.
        country: The country that it was issued in.
        valid_until: First day on which it can no longer be presented; None where not stated.
        authority: Who issued it, where that is a party of the register.
        digest: Its digest, where it is a certificate of a log.
    """

    reference: str
    issued_on: date
    country: Country
    valid_until: date | None = None
    authority: PartyCode | None = None
    digest: Digest | None = None

    def __post_init__(self) -> None:
        """Refuse a reference that is no line, a period that ends early, a foreign authority."""
        line_of_text(self.reference, "/reference", most=MAX_REFERENCE)
        if self.valid_until is not None and self.valid_until <= self.issued_on:
            raise InvalidInputError(
                "/valid_until", self.valid_until, f"is not after the issue date {self.issued_on}"
            )
        if self.authority is not None and self.authority.country != self.country:
            raise InvalidInputError(
                "/authority", self.authority, f"is not an authority of {self.country}"
            )

    @classmethod
    def from_document(cls, value: object) -> "PriorProof":
        """Return the proof that ``value`` names, or raise `InvalidInputError`."""
        document = members(value, _PRIOR, _PRIOR_MORE)
        until, authority, digest = map(document.get, ("valid_until", "authority", "digest"))
        return cls(
            document["reference"],
            date_from(document["issued_on"], "/issued_on"),
            Country(document["country"], "/country"),
            date_from(until, "/valid_until") if "valid_until" in document else None,
            PartyCode(authority, "/authority") if "authority" in document else None,
            Digest.from_hex(digest, "/digest") if "digest" in document else None,
        )

    def to_document(self) -> Document:
        """Return the JSON form."""
        document: Document = {
            "reference": self.reference,
            "issued_on": self.issued_on.isoformat(),
            "country": self.country,
        }
        if self.valid_until is not None:
            document["valid_until"] = self.valid_until.isoformat()
        if self.authority is not None:
            document["authority"] = self.authority
        if self.digest is not None:
            document["digest"] = self.digest.hex()
        return document


@dataclass(frozen=True, slots=True)
class Declaration:
    """The exporter's declaration: who signed it, where and when (Form D, box 11)."""

    signatory: str
    place: str
    declared_on: date

    def __post_init__(self) -> None:
        """Refuse text that is not one visible line."""
        line_of_text(self.signatory, "/signatory")
        line_of_text(self.place, "/place")

    @classmethod
    def from_document(cls, value: object) -> "Declaration":
        """Return the declaration that ``value`` describes, or raise `InvalidInputError`."""
        document = members(value, _DECLARATION)
        return cls(
            document["signatory"],
            document["place"],
            date_from(document["declared_on"], "/declared_on"),
        )

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {
            "signatory": self.signatory,
            "place": self.place,
            "declared_on": self.declared_on.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Particulars:
    """What only some consignments state; None, or empty, where this one does not.

    Attributes:
        producer: Who made the goods, where it is not the exporter.
        invoicing_party: Who invoices, where it is not the exporter.
        exhibition: The exhibition that the goods are sent to.
        originals: The proofs that a back-to-back certificate stands on.
        replaces: The certificate that this one replaces.
        declaration: The exporter's declaration.
        remarks: Whatever else has to be said.
    """

    producer: Trader | None = None
    invoicing_party: InvoicingParty | None = None
    exhibition: Trader | None = None
    originals: tuple[PriorProof, ...] = ()
    replaces: PriorProof | None = None
    declaration: Declaration | None = None
    remarks: str | None = None

    def __post_init__(self) -> None:
        """Refuse remarks that are no line, and one original that stands twice."""
        if self.remarks is not None:
            line_of_text(self.remarks, "/remarks")
        seen = set()
        for index, original in enumerate(self.originals):
            name = (original.reference, original.country)
            if name in seen:
                raise InvalidInputError(
                    f"/originals/{index}/reference", original.reference, "stands twice"
                )
            seen.add(name)

    @classmethod
    def from_members(cls, document: Document) -> "Particulars":
        """Return the particulars among the members of a document, or raise `InvalidInputError`."""
        if PARTICULARS.isdisjoint(document):
            return NONE
        read: dict[str, Any] = {
            name: part(document, name, reader)
            for name, reader in _READERS.items()
            if name in document
        }
        if "originals" in document:
            read["originals"] = each(
                document, "originals", PriorProof.from_document, most=MAX_ORIGINALS
            )
        return cls(**read, remarks=optional_line(document, "remarks"))

    def to_members(self) -> Document:
        """Return the members of a document in JSON form: those that are stated."""
        document: Document = {
            name: value.to_document()
            for name in _READERS
            if (value := getattr(self, name)) is not None
        }
        if self.originals:
            document["originals"] = [original.to_document() for original in self.originals]
        if self.remarks is not None:
            document["remarks"] = self.remarks
        return document


def optional_line(document: Mapping[str, object], name: str) -> str | None:
    """Return the line of text that the member ``name`` holds; None where it is absent.

    Raises:
        InvalidInputError: it holds anything else, null included.
    """
    return line_of_text(document[name], f"/{name}") if name in document else None


_READERS: Final = {
    "producer": Trader.from_document,
    "invoicing_party": InvoicingParty.from_document,
    "exhibition": Trader.from_document,
    "replaces": PriorProof.from_document,
    "declaration": Declaration.from_document,
}
PARTICULARS: Final = frozenset({*_READERS, "originals", "remarks"})
NONE: Final = Particulars()
"""Those of a certificate that states none."""
