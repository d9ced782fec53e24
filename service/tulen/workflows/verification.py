"""Customs of the importing country asks the issuing authority about a certificate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.certificate import Certificate, CertificateNumber
from tulen.certificate.life import Subject, life_of
from tulen.certificate.life.clocks import Clock, clocks_of
from tulen.database import certificates, life, verification
from tulen.database.certificates import CertificateLine
from tulen.database.errors import OtherContentError
from tulen.database.life import LifeStep
from tulen.database.states import CertificateState, Doubt, Role, VerificationState
from tulen.database.verification import VerificationLine, VerificationRequest
from tulen.errors import InvalidInputError, NotFoundError
from tulen.origin.proof.procedure_file import load_procedures
from tulen.values import AgreementCode, instant_text, line_of_text
from tulen.values.fields import members_of, whole_number
from tulen.workflows import clock
from tulen.workflows.certificate import kept_presentation
from tulen.workflows.office import Caller, Office
from tulen.workflows.step import history, record_step, step_named

MAX_LINES: Final = 50
"""As many as a certificate has."""
REFERENCES = UUID("7d2f3f0c-0d49-5b0f-8a41-6f5f0e8c5a11")
"""Namespace in which a caller's reference becomes the identifier of a request or a response."""
UNKNOWN: Final = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class VerificationView:
    """A request, what was said of each line, and what has been done.

    Attributes:
        row: What the register has.
        lines: The lines that it is about.
        steps: What has been done, in order.
    """

    row: VerificationRequest
    lines: tuple[VerificationLine, ...]
    steps: tuple[LifeStep, ...]

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form; what has not been said is left out."""
        row = self.row
        clocks, _ = clocks_now(row.agreement, self.steps)
        return {
            **summary(row),
            "doubt": row.doubt.value,
            "reason": row.reason,
            "question": row.question,
            "asked_by": row.asked_by,
            "lines": [_line_document(line) for line in self.lines],
            "clocks": [clock_document(item) for item in clocks],
            "possible": life_of(Subject.VERIFICATION).open(row.state),
            "history": history(self.steps),
        }


@dataclass(frozen=True, slots=True)
class VerificationList:
    """Requests without what they say.

    Attributes:
        rows: The rows of the register.
    """

    rows: tuple[VerificationRequest, ...]

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"verifications": [summary(row) for row in self.rows]}


async def ask(
    office: Office, caller: Caller, document: dict[str, Any], reference: str
) -> VerificationView:
    """Ask the issuing authority; the same under the same reference once more returns the first.

    Args:
        office: Where.
        caller: Customs of the country that the certificate was issued for.
        document: ``{"certificate", "doubt", "reason", "question", "lines"}``.
        reference: The caller's own for this request.

    Raises:
        WrongRoleError: the caller is not customs.
        InvalidInputError: the body is malformed, or the certificate has no such line.
        NotFoundError: there is no such certificate for the caller's country.
        OtherContentError: the reference was used for another request.
    """
    caller.must_be(Role.CUSTOMS)
    members = members_of(document, "", ("certificate", "doubt", "reason", "question", "lines"))
    number = CertificateNumber(members["certificate"], "/certificate")
    doubt = members["doubt"]
    if doubt not in list(Doubt):
        raise InvalidInputError("/doubt", doubt, f"is not one of {', '.join(Doubt)}")
    reason = line_of_text(members["reason"], "/reason")
    question = line_of_text(members["question"], "/question")
    row, _, known = await issued_for(office, caller, number)
    lines = lines_in(members["lines"], "/lines", {line.line for line in known})
    now = clock.now()
    _, due = clocks_of([("ask", now.date())], load_procedures().get(row.agreement))
    request = VerificationRequest(
        id=identifier_for(caller, "verification", reference),
        certificate=number,
        authority=row.authority,
        customs=caller.party,
        agreement=row.agreement,
        doubt=Doubt(doubt),
        reason=reason,
        question=question,
        asked_by=caller.officer,
        asked_at=now,
        state=VerificationState.ASKED,
        changed_at=now,
        due_clock=due.name if due else None,
        due_on=due.due_on if due else None,
    )
    async with office.database.transaction() as connection:
        if await verification.ask(connection, request, lines):
            await record_step(
                connection,
                step_named(Subject.VERIFICATION, "ask"),
                str(request.id),
                agreement=row.agreement,
                by=caller,
                at=now,
                detail={"note": question, "reason": reason, "lines": [{"line": n} for n in lines]},
            )
        view = await view_in(connection, request.id)
    first = view.row
    if (number, doubt, reason, question, lines) != (
        first.certificate,
        first.doubt,
        first.reason,
        first.question,
        [line.line for line in view.lines],
    ):
        raise OtherContentError(f"request {first.id}", f"reference {reference} is taken")
    return view


async def verification_of(office: Office, caller: Caller, request: UUID) -> VerificationView:
    """Return a request to customs that asked, and to the authority that is asked.

    Raises:
        NotFoundError: there is none, or it is not the caller's to see.
    """
    async with office.database.transaction() as connection:
        require_seen(caller, await verification.find(connection, request), request)
        return await view_in(connection, request)


async def verifications(
    office: Office, caller: Caller, state: VerificationState | None
) -> VerificationList:
    """Return the caller's requests, a hundred at most.

    Args:
        office: Where.
        caller: Customs, which sees what it asked, the latest first; or an officer, who sees what
            its authority was asked, the oldest first.
        state: Only those in this state; all where None.

    Raises:
        WrongRoleError: the caller is neither.
    """
    caller.must_be(Role.CUSTOMS, Role.OFFICER)
    of = verification.of_customs if caller.role is Role.CUSTOMS else verification.of_authority
    async with office.database.transaction() as connection:
        return VerificationList(await of(connection, caller.party, state))


async def issued_for(
    office: Office, caller: Caller, number: CertificateNumber
) -> tuple[certificates.Certificate, Certificate, tuple[CertificateLine, ...]]:
    """Return a certificate that was issued for the caller's country: row, content and lines.

    Raises:
        NotFoundError: there is none.
    """
    async with office.database.transaction() as connection:
        row = await certificates.find(connection, number)
        lines = await certificates.lines_of(connection, number)
    if row is not None and row.state is CertificateState.LOGGED:
        content = (await kept_presentation(office, row.document_ref)).certificate
        if content.consignment.importing_country == caller.party.country:
            return row, content, lines
    raise NotFoundError(f"certificate {number} is not in the register")


def require_seen(
    caller: Caller, row: VerificationRequest | None, request: UUID
) -> VerificationRequest:
    """Return the row if customs that asked, or the authority that is asked, calls.

    Raises:
        NotFoundError: there is no row, or somebody else calls.
    """
    if row is None or (caller.role, caller.party) not in (
        (Role.CUSTOMS, row.customs),
        (Role.OFFICER, row.authority),
    ):
        raise NotFoundError(f"request for verification {request} is not in the register")
    return row


async def view_in(connection: AsyncConnection, request: UUID) -> VerificationView:
    """Return what the register has of a request that is in it."""
    row = await verification.find(connection, request)
    if row is None:
        raise NotFoundError(f"request for verification {request} is not in the register")
    return VerificationView(
        row,
        await verification.lines_of(connection, request),
        await life.steps_of(connection, Subject.VERIFICATION, str(request)),
    )


def identifier_for(caller: Caller, what: str, reference: str) -> UUID:
    """Return the identifier that the caller's reference stands for."""
    said = line_of_text(reference, "reference")
    return uuid5(REFERENCES, f"{what} {caller.party} {caller.officer} {said}")


def lines_in(value: object, field: str, known: set[int]) -> list[int]:
    """Return the numbers of lines in ``value``, in order.

    Raises:
        InvalidInputError: it is no list of them, one is said twice, or the certificate has it not.
    """
    if not isinstance(value, list) or not 0 < len(value) <= MAX_LINES:
        raise InvalidInputError(field, value, f"is not a list of 1 to {MAX_LINES} lines")
    found: set[int] = set()
    for index, item in enumerate(value):
        line = whole_number(item, f"{field}/{index}", least=1)
        if line in found:
            raise InvalidInputError(f"{field}/{index}", line, "is said twice")
        if line not in known:
            raise InvalidInputError(f"{field}/{index}", line, "is no line of the certificate")
        found.add(line)
    return sorted(found)


def clocks_now(
    agreement: AgreementCode, steps: tuple[LifeStep, ...]
) -> tuple[tuple[Clock, ...], Clock | None]:
    """Return the clocks that the steps have started, and the one that the request waits for."""
    days = [(step.event, legal_day(step.at)) for step in steps]
    return clocks_of(days, load_procedures().get(agreement))


def legal_day(at: datetime) -> date:
    """Return the legal date of an instant, in UTC."""
    return at.astimezone(UTC).date()


def clock_document(item: Clock) -> dict[str, Any]:
    """Return a clock as JSON; ``UNKNOWN`` where the agreement's limit is not held."""
    document: dict[str, Any] = {
        "clock": item.name,
        "since": item.since.isoformat(),
        "due_on": UNKNOWN if item.due_on is None else item.due_on.isoformat(),
    }
    if item.article is not None:
        document |= {"limit": str(item.limit), "article": item.article}
    return document


def summary(row: VerificationRequest) -> dict[str, Any]:
    """Return what a list shows of a request; ``due_on`` where something is waited for."""
    document: dict[str, Any] = {
        "id": str(row.id),
        "certificate": row.certificate,
        "authority": row.authority,
        "customs": row.customs,
        "agreement": row.agreement,
        "state": row.state.value,
        "asked_at": instant_text(row.asked_at),
    }
    if row.due_clock is not None:
        document["due_clock"] = row.due_clock
        document["due_on"] = UNKNOWN if row.due_on is None else row.due_on.isoformat()
    return document


def _line_document(line: VerificationLine) -> Mapping[str, Any]:
    said = {
        "answer": line.answer,
        "note": line.note,
        "preference": line.preference,
        "denial": line.denial,
    }
    return {"line": line.line} | {name: str(value) for name, value in said.items() if value}
