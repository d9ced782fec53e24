"""Customs tells the issuer what it has done with a certificate, within the time for it."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.certificate import CertificateNumber
from tulen.certificate.life.clocks import clock as time_limit
from tulen.customs import ClaimOutcome, ClaimReason
from tulen.database import applications, certificates, customs_responses
from tulen.database.certificates import CertificateLine
from tulen.database.customs_responses import CustomsResponse, CustomsResponseLine
from tulen.database.errors import OtherContentError
from tulen.database.states import ResponseKind, Role
from tulen.errors import InvalidInputError, NotFoundError
from tulen.origin.proof.procedure_file import load_procedures
from tulen.values import Quantity, UnitCode, date_from, decimal_from, instant_text, line_of_text
from tulen.values.fields import members_of, whole_number
from tulen.workflows import clock
from tulen.workflows.office import Caller, Office
from tulen.workflows.verification import (
    MAX_LINES,
    clock_document,
    identifier_for,
    issued_for,
    legal_day,
)

REASONS: Final = tuple(
    reason.value for reason in ClaimReason if reason.outcome is ClaimOutcome.DENY
)
"""Why customs may refuse a certificate, or a part of it."""
_SEEN_BY: Final = (Role.CUSTOMS, Role.OFFICER, Role.EXPORTER)


@dataclass(frozen=True, slots=True)
class ResponseView:
    """A response.

    Attributes:
        row: What the register has.
        lines: What was used of each line.
    """

    row: CustomsResponse
    lines: tuple[CustomsResponseLine, ...]

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form; whether it came in time is unknown where the limit is not held."""
        row = self.row
        limit = time_limit(load_procedures().get(row.agreement), "return", row.received_on)
        document: dict[str, Any] = {
            "id": str(row.id),
            "certificate": row.certificate,
            "authority": row.authority,
            "customs": row.customs,
            "kind": row.kind.value,
            "received_on": row.received_on.isoformat(),
            "responded_by": row.responded_by,
            "responded_at": instant_text(row.responded_at),
            "lines": [
                {"line": line.line, "used": str(Quantity.from_micro(line.used_micro, line.unit))}
                for line in self.lines
            ],
            "return": clock_document(limit),
            "in_time": "UNKNOWN"
            if limit.due_on is None
            else legal_day(row.responded_at) <= limit.due_on,
        }
        said = {"reason": row.reason, "note": row.note}
        return document | {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ResponseList:
    """Several responses.

    Attributes:
        views: Them.
    """

    views: tuple[ResponseView, ...]

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"responses": [view.to_document() for view in self.views]}


async def respond(
    office: Office, caller: Caller, document: dict[str, Any], reference: str
) -> ResponseView:
    """Tell the issuer; the same under the same reference once more returns the first.

    Args:
        office: Where.
        caller: Customs of the country that the certificate was issued for.
        document: ``{"certificate", "kind", "received_on", "lines": [{"line", "quantity", "unit"}],
            "reason"?, "note"?}``: the reason's code unless all was accepted; lines as far as used,
            none where it was refused.
        reference: The caller's own for this response.

    Raises:
        WrongRoleError: the caller is not customs.
        InvalidInputError: the body is malformed, or says what cannot have been.
        NotFoundError: there is no such certificate for the caller's country.
        OtherContentError: the reference was used for another response.
    """
    caller.must_be(Role.CUSTOMS)
    members = members_of(
        document, "", ("certificate", "kind", "received_on", "lines"), ("reason", "note")
    )
    number = CertificateNumber(members["certificate"], "/certificate")
    kind, reason = _kind_in(members)
    note = line_of_text(members["note"], "/note") if "note" in members else None
    received_on = date_from(members["received_on"], "/received_on")
    certificate, _, certified = await issued_for(office, caller, number)
    now = clock.now()
    if not certificate.issued_on <= received_on <= now.date():
        raise InvalidInputError(
            "/received_on", received_on, f"is not from {certificate.issued_on} until today"
        )
    response = CustomsResponse(
        id=identifier_for(caller, "response", reference),
        certificate=number,
        authority=certificate.authority,
        customs=caller.party,
        agreement=certificate.agreement,
        kind=kind,
        reason=reason,
        note=note,
        received_on=received_on,
        responded_by=caller.officer,
        responded_at=now,
    )
    lines = _lines_in(members["lines"], response, {line.line: line for line in certified})
    async with office.database.transaction() as connection:
        await customs_responses.respond(connection, response, lines)
        view = await _view_in(connection, response.id)
    first = view.row
    if (number, kind, reason, note, received_on, lines) != (
        first.certificate,
        first.kind,
        first.reason,
        first.note,
        first.received_on,
        view.lines,
    ):
        raise OtherContentError(f"response {first.id}", f"reference {reference} is taken")
    return view


async def response_of(office: Office, caller: Caller, response: UUID) -> ResponseView:
    """Return a response to customs that gave it, to the issuer and to the exporter.

    Raises:
        NotFoundError: there is none, or it is not the caller's to see.
    """
    async with office.database.transaction() as connection:
        view = await _view_in(connection, response)
        row = view.row
        certificate = await certificates.find(connection, row.certificate)
        application = certificate and await applications.find(connection, certificate.application)
    if (caller.role, caller.party) not in (
        (Role.CUSTOMS, row.customs),
        (Role.OFFICER, row.authority),
        (Role.EXPORTER, application and application.exporter),
    ):
        raise _not_found(response)
    return view


async def responses(office: Office, caller: Caller) -> ResponseList:
    """Return the caller's responses, given or received, the latest first, a hundred at most.

    Raises:
        WrongRoleError: the caller is neither customs, nor officer, nor exporter.
    """
    caller.must_be(*_SEEN_BY)
    of = {
        Role.CUSTOMS: customs_responses.of_customs,
        Role.OFFICER: customs_responses.of_authority,
        Role.EXPORTER: customs_responses.of_exporter,
    }[caller.role]
    async with office.database.transaction() as connection:
        rows = await of(connection, caller.party)
        return ResponseList(
            tuple(
                [
                    ResponseView(row, await customs_responses.lines_of(connection, row.id))
                    for row in rows
                ]
            )
        )


async def _view_in(connection: AsyncConnection, response: UUID) -> ResponseView:
    row = await customs_responses.find(connection, response)
    if row is None:
        raise _not_found(response)
    return ResponseView(row, await customs_responses.lines_of(connection, response))


def _not_found(response: UUID) -> NotFoundError:
    return NotFoundError(f"customs response {response} is not in the register")


def _kind_in(members: dict[str, Any]) -> tuple[ResponseKind, str | None]:
    kind, reason = members["kind"], members.get("reason")
    if kind not in list(ResponseKind):
        raise InvalidInputError("/kind", kind, f"is not one of {', '.join(ResponseKind)}")
    if kind == ResponseKind.ACCEPTED:
        if "reason" in members:
            raise InvalidInputError("/reason", reason, "is none where all was accepted")
    elif reason not in REASONS:
        raise InvalidInputError("/reason", reason, f"is not one of {', '.join(REASONS)}")
    return ResponseKind(kind), reason


def _lines_in(
    value: object, response: CustomsResponse, certified: dict[int, CertificateLine]
) -> tuple[CustomsResponseLine, ...]:
    least = 0 if response.kind is ResponseKind.REFUSED else 1
    most = 0 if response.kind is ResponseKind.REFUSED else MAX_LINES
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise InvalidInputError(
            "/lines",
            value,
            f"is not a list of {least} to {most} lines, as it was {response.kind}",
        )
    found: dict[int, CustomsResponseLine] = {}
    for index, item in enumerate(value):
        field = f"/lines/{index}"
        table = members_of(item, field, ("line", "quantity", "unit"))
        number = whole_number(table["line"], f"{field}/line", least=1)
        if number in found:
            raise InvalidInputError(f"{field}/line", number, "is said twice")
        known = certified.get(number)
        if known is None:
            raise InvalidInputError(f"{field}/line", number, "is no line of the certificate")
        unit = UnitCode(table["unit"], f"{field}/unit")
        if unit != known.unit:
            raise InvalidInputError(f"{field}/unit", unit, f"is not {known.unit}, as certified")
        quantity = Quantity(decimal_from(table["quantity"], f"{field}/quantity"), unit)
        if not 0 < quantity.micro <= known.certified_micro:
            most_used = Quantity.from_micro(known.certified_micro, unit)
            raise InvalidInputError(
                f"{field}/quantity", quantity, f"is not above zero and at most {most_used}"
            )
        found[number] = CustomsResponseLine(response.id, number, unit, quantity.micro)
    return tuple(found[number] for number in sorted(found))
