"""The application for a certificate: what an exporter submits."""

from dataclasses import dataclass

from tulen.certificate.consignment import (
    CONSIGNMENT_MEMBERS,
    CONSIGNMENT_MORE,
    GOODS_MEMBERS,
    GOODS_MORE,
    MAX_LINES,
    Consignment,
    Goods,
    check_lines,
)
from tulen.origin import OriginInputs
from tulen.values import PartyCode
from tulen.values.fields import Document, constant, each, members, part

FORMAT = "tulen/application/v1"

_LINE = GOODS_MEMBERS | {"inputs"}
_APPLICATION = CONSIGNMENT_MEMBERS | {"format", "issuing_authority", "lines"}


@dataclass(frozen=True, slots=True)
class ApplicationLine:
    """One kind of goods with the facts that its origin is judged by.

    Attributes:
        goods: The goods.
        inputs: Materials, values and processes.
    """

    goods: Goods
    inputs: OriginInputs

    @classmethod
    def from_document(cls, value: object) -> "ApplicationLine":
        """Return the line that ``value`` describes, or raise `InvalidInputError`."""
        document = members(value, _LINE, GOODS_MORE)
        return cls(
            Goods.from_members(document), part(document, "inputs", OriginInputs.from_document)
        )

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {**self.goods.to_members(), "inputs": self.inputs.to_document()}


@dataclass(frozen=True, slots=True)
class Application:
    """What an exporter asks an issuing authority to certify.

    Attributes:
        issuing_authority: Whom it asks.
        consignment: What is sent, by whom, to whom.
        lines: The goods, numbered from 1.
    """

    issuing_authority: PartyCode
    consignment: Consignment
    lines: tuple[ApplicationLine, ...]

    def __post_init__(self) -> None:
        """Refuse lines out of order."""
        check_lines([line.goods.line for line in self.lines])

    @classmethod
    def from_document(cls, value: object) -> "Application":
        """Return the application in a document of `tulen.values.parse_strict`.

        Raises:
            InvalidInputError: it is not exactly an application; the field is a JSON pointer.
        """
        document = members(value, _APPLICATION, CONSIGNMENT_MORE)
        constant(document["format"], "/format", FORMAT)
        return cls(
            PartyCode(document["issuing_authority"], "/issuing_authority"),
            Consignment.from_members(document),
            each(document, "lines", ApplicationLine.from_document, most=MAX_LINES),
        )

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {
            "format": FORMAT,
            "issuing_authority": self.issuing_authority,
            **self.consignment.to_members(),
            "lines": [line.to_document() for line in self.lines],
        }
