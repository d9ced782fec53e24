"""Applications for certificates. Which step may follow which, `tulen.certificate.life` says."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.certificate.life import Subject, life_of
from tulen.database.errors import OtherContentError, SameOfficerError, StateChangedError
from tulen.database.states import ApplicationState
from tulen.database.tables import APPLICATION
from tulen.values import AgreementCode, Digest, FormCode, PartyCode


@dataclass(frozen=True, slots=True)
class Application:
    """An application.

    Attributes:
        id: Its identifier, chosen by whoever submits.
        exporter: Who applies.
        authority: Who decides.
        agreement: The agreement.
        form: The form.
        document_ref: Address of the document in the vault.
        outcome: What the origin engine found: MET, NOT_MET or UNDETERMINED.
        verdict_digest: Digest of the reasoning.
        submitted_at: When it came in.
        state: How far it has come.
        recommended_by: First officer.
        recommended_at: When.
        approved_by: Second officer, never the first.
        approved_at: When.
        rejected_by: The officer who rejected it.
        rejected_at: When.
        rejection: Why.
        version: Which version of the document counts; 1 is what was first submitted.
    """

    id: UUID
    exporter: PartyCode
    authority: PartyCode
    agreement: AgreementCode
    form: FormCode
    document_ref: Digest
    outcome: str
    verdict_digest: Digest
    submitted_at: datetime
    state: ApplicationState
    recommended_by: str | None
    recommended_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    rejected_by: str | None
    rejected_at: datetime | None
    rejection: str | None
    version: int = 1


async def submit(
    connection: AsyncConnection,
    *,
    application: UUID,
    exporter: PartyCode,
    authority: PartyCode,
    agreement: AgreementCode,
    form: FormCode,
    document_ref: Digest,
    outcome: str,
    verdict_digest: Digest,
    at: datetime,
) -> Application:
    """Record an application and return it; once more with the same verdict changes nothing.

    Raises:
        OtherContentError: the identifier belongs to an application that differs.
    """
    await connection.execute(
        insert(APPLICATION)
        .values(
            id=application,
            exporter=exporter,
            authority=authority,
            agreement=agreement,
            form=form,
            document_ref=document_ref,
            outcome=outcome,
            verdict_digest=verdict_digest,
            submitted_at=at,
            state=ApplicationState.SUBMITTED,
        )
        .on_conflict_do_nothing(index_elements=["id"])
    )
    known = await find(connection, application)
    asked = (exporter, authority, agreement, form, outcome, verdict_digest)
    if known is None or asked != (
        known.exporter,
        known.authority,
        known.agreement,
        known.form,
        known.outcome,
        known.verdict_digest,
    ):
        raise OtherContentError(f"application {application}", "another verdict, party or form")
    return known


async def find(connection: AsyncConnection, application: UUID) -> Application | None:
    """Return the application, or None."""
    query = select(APPLICATION).where(APPLICATION.c.id == application)
    row = (await connection.execute(query)).first()
    return None if row is None else Application(*row)


async def of_exporter(
    connection: AsyncConnection,
    exporter: PartyCode,
    state: ApplicationState | None = None,
    *,
    limit: int = 100,
) -> tuple[Application, ...]:
    """Return the exporter's applications, the latest first; only those in ``state``, if given."""
    query = (
        select(APPLICATION)
        .where(APPLICATION.c.exporter == exporter, *_in(state))
        .order_by(APPLICATION.c.submitted_at.desc(), APPLICATION.c.id)
        .limit(limit)
    )
    return tuple(Application(*row) for row in await connection.execute(query))


async def waiting(
    connection: AsyncConnection,
    authority: PartyCode,
    state: ApplicationState | None = None,
    *,
    limit: int = 100,
) -> tuple[Application, ...]:
    """Return the authority's applications, the oldest first; only those in ``state``, if given."""
    query = (
        select(APPLICATION)
        .where(APPLICATION.c.authority == authority, *_in(state))
        .order_by(APPLICATION.c.submitted_at, APPLICATION.c.id)
        .limit(limit)
    )
    return tuple(Application(*row) for row in await connection.execute(query))


def _in(state: ApplicationState | None) -> list[ColumnElement[bool]]:
    return [] if state is None else [APPLICATION.c.state == state]


async def recommend(
    connection: AsyncConnection, application: UUID, *, by: str, at: datetime
) -> Application:
    """Record the first officer's recommendation.

    Raises:
        StateChangedError: the application is not submitted.
    """
    return await _advance(
        connection,
        application,
        "recommend",
        recommended_by=by,
        recommended_at=at,
    )


async def approve(
    connection: AsyncConnection, application: UUID, *, by: str, at: datetime
) -> Application:
    """Record the second officer's approval.

    Raises:
        SameOfficerError: ``by`` recommended it.
        StateChangedError: the application is not recommended.
    """
    await _refuse_first_officer(connection, application, by)
    return await _advance(
        connection,
        application,
        "approve",
        approved_by=by,
        approved_at=at,
    )


async def reject(
    connection: AsyncConnection, application: UUID, *, by: str, rejection: str, at: datetime
) -> Application:
    """Record that an officer rejected it, and why.

    Raises:
        StateChangedError: the application is decided.
    """
    return await _advance(
        connection,
        application,
        "reject",
        rejected_by=by,
        rejected_at=at,
        rejection=rejection,
    )


async def ask(connection: AsyncConnection, application: UUID) -> Application:
    """Record that the exporter was asked for a supplement.

    Raises:
        StateChangedError: the application is not submitted.
    """
    return await _advance(connection, application, "ask")


async def supplement(
    connection: AsyncConnection,
    application: UUID,
    *,
    document_ref: Digest,
    outcome: str,
    verdict_digest: Digest,
) -> Application:
    """Record the next version of the document.

    Raises:
        StateChangedError: nobody asked for one.
    """
    return await _advance(
        connection,
        application,
        "supplement",
        version=APPLICATION.c.version + 1,
        document_ref=document_ref,
        outcome=outcome,
        verdict_digest=verdict_digest,
    )


async def send_back(connection: AsyncConnection, application: UUID, *, by: str) -> Application:
    """Take a recommendation back to where it was, as the second officer.

    Raises:
        SameOfficerError: ``by`` recommended it.
        StateChangedError: the application is not recommended.
    """
    await _refuse_first_officer(connection, application, by)
    return await _advance(
        connection,
        application,
        "return",
        recommended_by=None,
        recommended_at=None,
    )


async def withdraw(connection: AsyncConnection, application: UUID) -> Application:
    """Record that the exporter wants no certificate.

    Raises:
        StateChangedError: the application is decided.
    """
    return await _advance(connection, application, "withdraw")


async def record_issue(connection: AsyncConnection, application: UUID) -> Application:
    """Record that a certificate was issued for it.

    Raises:
        StateChangedError: the application is not approved.
    """
    return await _advance(connection, application, "issue")


async def _refuse_first_officer(
    connection: AsyncConnection, application: UUID, officer: str
) -> None:
    known = await find(connection, application)
    if known is not None and known.recommended_by == officer:
        raise SameOfficerError(officer)


async def _advance(
    connection: AsyncConnection, application: UUID, event: str, **values: object
) -> Application:
    """Change the application if the table of steps allows ``event`` in the state that it is in."""
    (step,) = life_of(Subject.APPLICATION).steps[event]
    statement = (
        update(APPLICATION)
        .where(APPLICATION.c.id == application, APPLICATION.c.state.in_(step.sources))
        .values(values | {"state": step.target})
        .returning(APPLICATION)
    )
    row = (await connection.execute(statement)).first()
    if row is None:
        known = await find(connection, application)
        raise StateChangedError(
            f"application {application}",
            expected=" or ".join(sorted(filter(None, step.sources))),
            actual=None if known is None else known.state,
        )
    return Application(*row)
