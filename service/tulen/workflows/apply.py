"""An exporter applies for a certificate; the origin of its goods is judged at once."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from tulen.certificate import Application
from tulen.certificate.life import Subject
from tulen.certificate.life.service import due_at, service_limit
from tulen.database import applications, certificates, life, parties
from tulen.database.errors import OtherContentError
from tulen.database.life import LifeStep
from tulen.database.states import Role
from tulen.errors import InvalidInputError, NotFoundError
from tulen.values import Digest, Limits, canonical_bytes, instant_text, line_of_text, parse_strict
from tulen.values.fields import members_of
from tulen.workflows import clock
from tulen.workflows.judge import Judgement, judge
from tulen.workflows.office import Caller, Office
from tulen.workflows.step import history, record_decision

REFERENCES = UUID("7f0a4a0e-6c0c-5d52-9d0f-5f3c1f1f2b77")
"""Namespace in which an exporter's reference becomes an application's identifier."""
KEPT = Limits(size_bytes=1 << 24, nodes=1_000_000, string_characters=1 << 20)
"""What we wrote ourselves: an application, and a judgement that says more than any request may."""


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application, what it says, and how its goods are judged.

    Attributes:
        row: What the register knows.
        application: The document.
        judgement: What `Judgement.to_document` said when this version was submitted.
        steps: What has been done to it.
        certificate: Number of the certificate that answers it; None before.
    """

    row: applications.Application
    application: Application
    judgement: dict[str, Any]
    steps: tuple[LifeStep, ...] = ()
    certificate: str | None = None

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form; what has not happened yet is left out."""
        row = self.row
        acts = {
            "recommended_by": row.recommended_by,
            "approved_by": row.approved_by,
            "rejected_by": row.rejected_by,
            "rejection": row.rejection,
            "certificate": self.certificate,
            **self._due(),
        }
        return {
            "id": str(row.id),
            "exporter": row.exporter,
            "authority": row.authority,
            "state": row.state.value,
            "submitted_at": instant_text(row.submitted_at),
            "outcome": row.outcome,
            "version": row.version,
            "history": history(self.steps),
            **self.judgement,
        } | {name: value for name, value in acts.items() if value is not None}

    def _due(self) -> dict[str, str]:
        """Return until when it is to be decided; empty where no rule is held, or time stands."""
        row = self.row
        limit = service_limit(row.authority.country, row.submitted_at.date())
        if limit is None:
            return {}
        asked = [step.at for step in self.steps if step.event == "ask"]
        answered = [step.at for step in self.steps if step.event == "supplement"]
        if len(asked) > len(answered):
            return {}
        pauses = zip(asked, answered, strict=True)
        return {
            "decide_by": instant_text(due_at(row.submitted_at, limit.value, pauses)),
            "decide_by_rule": limit.reference.title,
        }


async def apply(
    office: Office, caller: Caller, document: dict[str, Any], reference: str
) -> ApplicationView:
    """Submit an application.

    Args:
        office: Where.
        caller: The exporter.
        document: The application as JSON (`tulen.certificate.Application`).
        reference: The exporter's own reference; the same one with the same document applies once.

    Raises:
        WrongRoleError: the caller is no exporter.
        InvalidInputError: the document is malformed, or names an authority that is none here.
        NotInForceError: the agreement's rules say nothing for today.
        OtherContentError: the reference was used for another application.
    """
    caller.must_be(Role.EXPORTER)
    identifier = uuid5(REFERENCES, f"{caller.party}/{line_of_text(reference, 'reference')}")
    application = Application.from_document(document)
    consignment = application.consignment
    if consignment.exporting_country != caller.party.country:
        raise InvalidInputError(
            "/exporting_country", consignment.exporting_country, f"is not that of {caller.party}"
        )
    async with office.database.transaction() as connection:
        row = await applications.find(connection, identifier)
        authority = await parties.find(connection, application.issuing_authority)
    if authority is None or "authority" not in authority.roles:
        raise InvalidInputError(
            "/issuing_authority", application.issuing_authority, "is no issuing authority here"
        )
    if authority.country != consignment.exporting_country:
        raise InvalidInputError(
            "/issuing_authority", authority.code, f"does not issue for {authority.country}"
        )
    if row is None:
        row = await _submit(office, caller, application, identifier)
    view = await view_of(office, row)
    if await _first_version(office, view) != application:
        raise OtherContentError(f"application {identifier}", f"reference {reference} is taken")
    return view


async def _first_version(office: Office, view: ApplicationView) -> Application:
    """Return what was submitted first, which a repeated submission is compared with."""
    if view.row.version == 1 or not view.steps:
        return view.application
    kept = await _kept(office, Digest.from_hex(view.steps[0].detail["document"], "document"))
    return Application.from_document(kept["application"])


async def _submit(
    office: Office, caller: Caller, application: Application, identifier: UUID
) -> applications.Application:
    """Judge the application, and keep it with what the judgement says."""
    now, consignment = clock.now(), application.consignment
    judgement = judge(application, now.date())
    kept = kept_form(caller, identifier, application, judgement, submitted_at=now)
    ref = await asyncio.to_thread(office.vault.put, canonical_bytes(kept))
    async with office.database.transaction() as connection:
        row = await applications.submit(
            connection,
            application=identifier,
            exporter=caller.party,
            authority=application.issuing_authority,
            agreement=consignment.agreement,
            form=consignment.form,
            document_ref=ref,
            outcome=judgement.outcome.value,
            verdict_digest=judgement.digest,
            at=now,
        )
        if row.document_ref == ref:  # Otherwise somebody was faster.
            await record_decision(
                connection, "submit", row, caller, now, version=1, document=ref.hex()
            )
        return row


def kept_form(
    caller: Caller,
    identifier: UUID,
    application: Application,
    judgement: Judgement,
    *,
    submitted_at: datetime,
    version: int = 1,
) -> dict[str, Any]:
    """Return what the vault keeps of a version of an application."""
    return {
        "application": application.to_document(),
        "judgement": judgement.to_document(),
        "row": {  # What `tulen replay` could not tell otherwise.
            "id": str(identifier),
            "exporter": caller.party,
            "outcome": judgement.outcome.value,
            "verdict_digest": judgement.digest.hex(),
            "submitted_at": instant_text(submitted_at),
            "version": version,
        },
    }


async def application_of(office: Office, caller: Caller, application: UUID) -> ApplicationView:
    """Return an application to its exporter or its authority.

    Raises:
        NotFoundError: there is none, or it is not the caller's to see.
    """
    async with office.database.transaction() as connection:
        row = await applications.find(connection, application)
        certificate = await certificates.find_by_application(connection, application)
    if row is None or caller.party not in (row.exporter, row.authority):
        raise NotFoundError(f"application {application} is not in the register")
    return await view_of(office, row, certificate.number if certificate else None)


async def view_of(
    office: Office, row: applications.Application, certificate: str | None = None
) -> ApplicationView:
    """Return the view of a row, with the document and the judgement that were kept."""
    kept = await _kept(office, row.document_ref)
    application = Application.from_document(kept["application"])
    async with office.database.transaction() as connection:
        steps = await life.steps_of(connection, Subject.APPLICATION, str(row.id))
    return ApplicationView(row, application, kept["judgement"], steps, certificate)


async def _kept(office: Office, ref: Digest) -> dict[str, Any]:
    document: dict[str, Any] = parse_strict(await asyncio.to_thread(office.vault.get, ref), KEPT)
    return document


async def row_for(office: Office, caller: Caller, application: UUID) -> applications.Application:
    """Return the row of an application that ``caller``, an officer of its authority, may decide.

    Raises:
        NotFoundError: there is none, or another authority's.
        WrongRoleError: the caller is no officer.
    """
    caller.must_be(Role.OFFICER)
    async with office.database.transaction() as connection:
        row = await applications.find(connection, application)
    if row is None or row.authority != caller.party:
        raise NotFoundError(f"application {application} is not in the register")
    return row


def note_in(document: dict[str, Any]) -> dict[str, str]:
    """Return the note in a decision's body, which holds nothing else.

    Raises:
        InvalidInputError: it does.
    """
    members = members_of(document, "", (), ("note",))
    return {"note": line_of_text(members["note"], "/note")} if "note" in members else {}
