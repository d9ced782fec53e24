"""The certificate of origin: what an authority states and signs.

A `Certificate` is complete: it has its number, its dates and both officers. What an exporter
applies with is an `Application`; nothing between the two is a document.
"""

from dataclasses import dataclass
from datetime import date

from tulen.certificate.consignment import (
    CONSIGNMENT_MEMBERS,
    CONSIGNMENT_MORE,
    GOODS_MEMBERS,
    GOODS_MORE,
    MAX_LINES,
    CertificateNumber,
    Consignment,
    Goods,
    check_lines,
)
from tulen.certificate.particulars import optional_line
from tulen.errors import InvalidInputError
from tulen.origin import OriginInputs, OriginVerdict, Outcome
from tulen.values import Country, Digest, PartyCode, date_from, line_of_text
from tulen.values.fields import (
    Document,
    constant,
    each,
    members,
    part,
)

FORMAT = "tulen/certificate/v1"
MAX_REFERENCE_CHARACTERS = 64

_AUTHORITY = frozenset({"code", "name", "country"})
_ORIGIN = frozenset({"judged_on", "rule_set", "rule_set_digest", "verdict", "verdict_digest"})
_LINE = GOODS_MEMBERS | {"criterion", "origin"}
_APPROVAL = frozenset({"recommended_by", "approved_by"})
_CERTIFICATE = CONSIGNMENT_MEMBERS | {
    "format",
    "number",
    "issuing_authority",
    "lines",
    "approval",
    "issued_on",
    "valid_until",
}
_CERTIFICATE_MORE = CONSIGNMENT_MORE | {"place_of_issue"}


@dataclass(frozen=True, slots=True)
class IssuingAuthority:
    """The body that certifies (box 12)."""

    code: PartyCode
    name: str

    def __post_init__(self) -> None:
        """Refuse a name that is not one visible line."""
        line_of_text(self.name, "/name")

    @property
    def country(self) -> Country:
        """The country that it issues for."""
        return self.code.country

    @classmethod
    def from_document(cls, value: object) -> "IssuingAuthority":
        """Return the authority that ``value`` names, or raise `InvalidInputError`."""
        document = members(value, _AUTHORITY)
        authority = cls(PartyCode(document["code"], "/code"), document["name"])
        constant(document["country"], "/country", authority.country)
        return authority

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {"code": self.code, "name": self.name, "country": self.country}


@dataclass(frozen=True, slots=True)
class OriginStatement:
    """The judgement that one line originates, so committed that it can be replayed.

    Attributes:
        judged_on: The day whose rules were applied.
        rule_set: Name and version of the rule set.
        rule_set_digest: Digest of its text.
        verdict_digest: Digest of the verdict with all its reasons.
        inputs: What was judged; None where the issuer keeps it.
    """

    judged_on: date
    rule_set: str
    rule_set_digest: Digest
    verdict_digest: Digest
    inputs: OriginInputs | None = None

    def __post_init__(self) -> None:
        """Refuse a name that is not one visible line."""
        line_of_text(self.rule_set, "/rule_set", most=MAX_REFERENCE_CHARACTERS)

    @classmethod
    def of(cls, verdict: OriginVerdict, inputs: OriginInputs | None) -> "OriginStatement":
        """Return the statement that commits to ``verdict``.

        Args:
            verdict: The verdict, which must be MET.
            inputs: What it was given on; None keeps it out of the certificate.

        Raises:
            InvalidInputError: the verdict is another; no certificate may state it.
        """
        if verdict.outcome is not Outcome.MET:
            raise InvalidInputError("/verdict", verdict.outcome.value, "is not 'MET'")
        return cls(verdict.on, verdict.rule_set, verdict.rule_set_digest, verdict.digest(), inputs)

    @classmethod
    def from_document(cls, value: object) -> "OriginStatement":
        """Return the statement that ``value`` makes, or raise `InvalidInputError`."""
        document = members(value, _ORIGIN, frozenset({"inputs"}))
        constant(document["verdict"], "/verdict", Outcome.MET)
        return cls(
            date_from(document["judged_on"], "/judged_on"),
            document["rule_set"],
            Digest.from_hex(document["rule_set_digest"], "/rule_set_digest"),
            Digest.from_hex(document["verdict_digest"], "/verdict_digest"),
            part(document, "inputs", OriginInputs.from_document) if "inputs" in document else None,
        )

    def to_document(self) -> Document:
        """Return the JSON form."""
        document: Document = {
            "judged_on": self.judged_on.isoformat(),
            "rule_set": self.rule_set,
            "rule_set_digest": self.rule_set_digest.hex(),
            "verdict": Outcome.MET.value,
            "verdict_digest": self.verdict_digest.hex(),
        }
        if self.inputs is not None:
            document["inputs"] = self.inputs.to_document()
        return document


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """One kind of goods with why it originates.

    Attributes:
        goods: The goods.
        criterion: The origin criterion as box 8 shows it, e.g. ``CTH`` or ``RVC 40%``.
        origin: The judgement behind it.
    """

    goods: Goods
    criterion: str
    origin: OriginStatement

    def __post_init__(self) -> None:
        """Refuse a criterion that is not one visible line."""
        line_of_text(self.criterion, "/criterion", most=MAX_REFERENCE_CHARACTERS)

    @classmethod
    def from_document(cls, value: object) -> "CertificateLine":
        """Return the line that ``value`` describes, or raise `InvalidInputError`."""
        document = members(value, _LINE, GOODS_MORE)
        return cls(
            Goods.from_members(document),
            document["criterion"],
            part(document, "origin", OriginStatement.from_document),
        )

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {
            **self.goods.to_members(),
            "criterion": self.criterion,
            "origin": self.origin.to_document(),
        }


@dataclass(frozen=True, slots=True)
class Approval:
    """The two officers behind a certificate, by the references that their authority gives them.

    The second must not be the first: no one person can issue.
    """

    recommended_by: str
    approved_by: str

    def __post_init__(self) -> None:
        """Refuse one officer in both places."""
        line_of_text(self.recommended_by, "/recommended_by", most=MAX_REFERENCE_CHARACTERS)
        line_of_text(self.approved_by, "/approved_by", most=MAX_REFERENCE_CHARACTERS)
        if self.recommended_by == self.approved_by:
            raise InvalidInputError(
                "/approved_by",
                self.approved_by,
                "recommended it too; a second officer must approve",
            )

    @classmethod
    def from_document(cls, value: object) -> "Approval":
        """Return the approval that ``value`` describes, or raise `InvalidInputError`."""
        document = members(value, _APPROVAL)
        return cls(document["recommended_by"], document["approved_by"])

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {"recommended_by": self.recommended_by, "approved_by": self.approved_by}


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of origin (docs/specs/certificate.md).

    Attributes:
        number: Its reference number.
        issuing_authority: Who certifies.
        consignment: What is sent, by whom, to whom.
        lines: The goods, numbered from 1.
        approval: The two officers.
        issued_on: Legal date of issue.
        valid_until: First day on which it can no longer be presented.
        place_of_issue: Where it is issued (box 12), where it says so.
    """

    number: CertificateNumber
    issuing_authority: IssuingAuthority
    consignment: Consignment
    lines: tuple[CertificateLine, ...]
    approval: Approval
    issued_on: date
    valid_until: date
    place_of_issue: str | None = None

    def __post_init__(self) -> None:
        """Refuse lines out of order and a period that ends before it begins."""
        if self.place_of_issue is not None:
            line_of_text(self.place_of_issue, "/place_of_issue")
        check_lines([line.goods.line for line in self.lines])
        if self.valid_until <= self.issued_on:
            raise InvalidInputError(
                "/valid_until", self.valid_until, f"is not after the issue date {self.issued_on}"
            )

    @classmethod
    def from_document(cls, value: object) -> "Certificate":
        """Return the certificate in a document of `tulen.values.parse_strict`.

        ``Certificate.from_document(d).to_document() == d`` for every ``d`` that is not refused.

        Raises:
            InvalidInputError: it is not exactly a certificate; the field is a JSON pointer.
        """
        document = members(value, _CERTIFICATE, _CERTIFICATE_MORE)
        constant(document["format"], "/format", FORMAT)
        return cls(
            CertificateNumber(document["number"], "/number"),
            part(document, "issuing_authority", IssuingAuthority.from_document),
            Consignment.from_members(document),
            each(document, "lines", CertificateLine.from_document, most=MAX_LINES),
            part(document, "approval", Approval.from_document),
            date_from(document["issued_on"], "/issued_on"),
            date_from(document["valid_until"], "/valid_until"),
            optional_line(document, "place_of_issue"),
        )

    def to_document(self) -> Document:
        """Return the JSON form."""
        document: Document = {
            "format": FORMAT,
            "number": self.number,
            "issuing_authority": self.issuing_authority.to_document(),
            **self.consignment.to_members(),
            "lines": [line.to_document() for line in self.lines],
            "approval": self.approval.to_document(),
            "issued_on": self.issued_on.isoformat(),
            "valid_until": self.valid_until.isoformat(),
        }
        if self.place_of_issue is not None:
            document["place_of_issue"] = self.place_of_issue
        return document
