"""Issue: number, seal, write down, sign, log. In this order, and so that each step can be resumed.

The certificate is written down before it is signed: there is never a signature without a record.
A crash leaves a certificate that is not signed or not logged yet, and `finish` goes on with it, by
the same code as the first time.
"""

import asyncio
import calendar
import secrets
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.certificate import (
    SEED_BYTES,
    Application,
    Approval,
    Certificate,
    CertificateLine,
    CertificateNumber,
    IssuingAuthority,
    OriginStatement,
    seal,
    signing_bytes,
)
from tulen.certificate.life import Subject
from tulen.database import applications, certificates, log, parties
from tulen.database.publication import Concerned
from tulen.database.states import ApplicationState, CertificateState, Role
from tulen.errors import InvalidInputError, NotFoundError, RuleViolationError
from tulen.log import Kind
from tulen.values import FormCode, PartyCode, canonical_bytes, instant_text
from tulen.values.fields import members_of
from tulen.workflows import clock, tell
from tulen.workflows.apply import view_of
from tulen.workflows.approve import OriginNotMetError
from tulen.workflows.certificate import CertificateView, certificate_view
from tulen.workflows.judge import judge
from tulen.workflows.log_of import require_whole_log
from tulen.workflows.office import CHAIN, Caller, Office
from tulen.workflows.step import record_step, step_named

MONTHS = 12


class NotApprovedError(RuleViolationError):
    """The application has not been approved by a second officer."""

    code: ClassVar[str] = "not-approved"


class KeyChangedError(RuleViolationError):
    """A certificate was written down for another key than the one that is here now."""

    code: ClassVar[str] = "key-changed"


async def issue(office: Office, caller: Caller, document: dict[str, Any]) -> CertificateView:
    """Issue the certificate of an approved application; once more returns the same one.

    Raises:
        WrongRoleError: the caller is no officer.
        InvalidInputError: the body does not name an application.
        NotFoundError: the application is not its authority's.
        NotApprovedError: nobody has approved it.
        OriginNotMetError: the rules of today are not met, other than those of its submission.
        ChainAheadError: the database was set back behind the chain.
        HaltedError: somebody must look before this authority issues anything.
        UnavailableError: database or chain does not answer; what was begun, the worker finishes.
    """
    caller.must_be(Role.OFFICER)
    application = _application_in(document)
    async with office.database.transaction() as connection:
        row = await applications.find(connection, application)
        known = await certificates.find_by_application(connection, application)
    if row is None or row.authority != caller.party:
        raise NotFoundError(f"application {application} is not in the register")
    if known is None and row.state is not ApplicationState.APPROVED:
        raise NotApprovedError(
            f"application {application} is {row.state}; a second officer must approve it first"
        )
    if known is None or known.state is not CertificateState.LOGGED:
        office.require_going(row.authority, CHAIN)
        await require_whole_log(office, row.authority)
        known = await finish(office, known or await _precommit(office, row))
    return await certificate_view(office, known)


async def finish(office: Office, row: certificates.Certificate) -> certificates.Certificate:
    """Bring a certificate that was written down through signature and log; others may too.

    Raises:
        KeyChangedError: the authority's key has been replaced since; nothing is signed.
    """
    if row.state is CertificateState.PRECOMMITTED:
        signer = await asyncio.to_thread(office.signer, row.authority)
        if signer.public_key != row.key:
            raise KeyChangedError(
                f"certificate {row.number} was written down for key {row.key}, and the one here is "
                f"{signer.public_key}: put the other key file back until it is signed"
            )
        signature = signer.sign(signing_bytes(row.digest))
        async with office.database.transaction() as connection:
            row = await certificates.record_signature(
                connection, row.number, signature, at=clock.now()
            )
    if row.state is CertificateState.SIGNED:
        async with office.database.transaction() as connection:
            # This holds the log's row: whoever else finishes it is done by now, or waits for us.
            await log.append_entry(connection, row.authority, Kind.CERTIFICATE, row.digest)
            row = await certificates.record_logged(connection, row.number)
            application = await applications.find(connection, row.application)
            if application is not None and application.state is not ApplicationState.ISSUED:
                await applications.record_issue(connection, row.application)
                await _record(connection, row, application)
                await tell.issued(
                    connection,
                    Concerned(
                        row.number,
                        row.digest,
                        row.authority,
                        application.exporter,
                        row.precommitted_at,
                    ),
                    office.settings.publish_within,
                )
    return row


async def _record(
    connection: AsyncConnection,
    row: certificates.Certificate,
    application: applications.Application,
) -> None:
    """Write down that the application was answered, and that the certificate's life begins."""
    for subject, id_ in (
        (Subject.APPLICATION, str(row.application)),
        (Subject.CERTIFICATE, row.number),
    ):
        await record_step(
            connection,
            step_named(subject, "issue"),
            id_,
            agreement=row.agreement,
            by=(row.authority, application.approved_by or ""),
            at=clock.now(),
            detail={"certificate": row.number} if subject is Subject.APPLICATION else {},
        )


async def _precommit(
    office: Office, application: applications.Application
) -> certificates.Certificate:
    """Number the certificate and write it down, sealed but not signed."""
    key = (await asyncio.to_thread(office.signer, application.authority)).public_key
    issued_on = clock.today()
    view = await view_of(office, application)
    async with office.database.transaction() as connection:
        authority = await parties.find(connection, application.authority)
        serial = await certificates.next_serial(
            connection, application.authority, application.form, issued_on.year
        )
        known = await certificates.find_by_application(connection, application.id)
        if known is not None:
            return known  # Somebody was faster, and nothing more need be kept.
        certificate = _certificate(
            view.application,
            IssuingAuthority(application.authority, authority.name if authority else ""),
            Approval(application.recommended_by or "", application.approved_by or ""),
            issued_on,
            serial,
        )
        seed = secrets.token_bytes(SEED_BYTES)
        sealed = seal(certificate, seed)
        now = clock.now()
        stored = {
            "document": certificate.to_document(),
            "seed": seed.hex(),
            "row": {  # What `tulen replay` could not tell otherwise.
                "application": str(application.id),
                "recommended_at": instant_text(application.recommended_at or now),
                "approved_at": instant_text(application.approved_at or now),
                "precommitted_at": instant_text(now),
                "key": key.hex(),
            },
        }
        # In the vault before the row that names it: a row never points to nothing.
        ref = await asyncio.to_thread(office.vault.put, canonical_bytes(stored))
        return await certificates.precommit(
            connection,
            number=certificate.number,
            application=application.id,
            authority=application.authority,
            agreement=application.agreement,
            form=application.form,
            serial=serial,
            digest=sealed.digest,
            document_ref=ref,
            key=key,
            issued_on=issued_on,
            valid_until=certificate.valid_until,
            lines=[
                certificates.CertificateLine(
                    line.goods.line,
                    line.goods.hs_code,
                    line.goods.quantity.unit,
                    line.goods.quantity.micro,
                )
                for line in certificate.lines
            ],
            at=now,
        )


def _certificate(
    application: Application,
    authority: IssuingAuthority,
    approval: Approval,
    issued_on: date,
    serial: int,
) -> Certificate:
    """Return the certificate that answers ``application``, by the rules of the day of issue."""
    judgement = judge(application, issued_on)
    lines = []
    for line, verdict in zip(application.lines, judgement.verdicts, strict=True):
        if verdict.criterion is None:
            raise OriginNotMetError(
                f"line {line.goods.line}: the rule of origin is {verdict.outcome} on {issued_on}"
            )
        statement = OriginStatement.of(verdict, line.inputs)
        lines.append(CertificateLine(line.goods, verdict.criterion, statement))
    months = judgement.pack.valid_months_on(issued_on)
    return Certificate(
        number_of(authority.code, application.consignment.form, issued_on.year, serial),
        authority,
        application.consignment,
        tuple(lines),
        approval,
        issued_on,
        months_after(issued_on, months),
    )


def number_of(authority: PartyCode, form: FormCode, year: int, serial: int) -> CertificateNumber:
    """Return the reference number: authority, form, year, serial of that year."""
    return CertificateNumber(f"{authority}-{form}-{year % 100:02}-{serial:07}")


def months_after(day: date, months: int) -> date:
    """Return the day ``months`` later; the last of the month where that month is too short."""
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _application_in(document: dict[str, Any]) -> UUID:
    text = members_of(document, "", ("application",))["application"]
    try:
        identifier = UUID(text) if isinstance(text, str) else None
    except ValueError:
        identifier = None
    if identifier is None or str(identifier) != text:
        raise InvalidInputError("/application", text, "is not the identifier of an application")
    return identifier
