"""Issued certificates: written before they are signed, signed before they are logged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement

from tulen.database import locks
from tulen.database.errors import OtherContentError, StateChangedError
from tulen.database.states import CertificateState, RevocationKind
from tulen.database.tables import CERTIFICATE, CERTIFICATE_LINE, LOG_ENTRY, REVOCATION, SERIAL_FLOOR
from tulen.values import (
    AgreementCode,
    Digest,
    Ed25519PublicKey,
    FormCode,
    HsCode,
    PartyCode,
    UnitCode,
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as the register knows it; its text is in the vault.

    Attributes:
        number: Its number.
        application: The application that it answers.
        authority: The issuing authority.
        agreement: The agreement.
        form: The form.
        year: Year of the serial, which is that of ``issued_on``.
        serial: Number within authority, form and year.
        digest: What is signed and logged.
        document_ref: Address of document and seed in the vault.
        key: The key that signs it.
        issued_on: Legal date of issue.
        valid_until: First day on which it is no longer valid.
        precommitted_at: When it was written down.
        state: How far it has come.
        signature: Ed25519 signature; None before.
        signed_at: When it was signed; None before.
        log_index: Index in the authority's log; None before.
    """

    number: str
    application: UUID
    authority: PartyCode
    agreement: AgreementCode
    form: FormCode
    year: int
    serial: int
    digest: Digest
    document_ref: Digest
    key: Ed25519PublicKey
    issued_on: date
    valid_until: date
    precommitted_at: datetime
    state: CertificateState
    signature: bytes | None
    signed_at: datetime | None
    log_index: int | None


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """A goods line, for look-ups.

    Attributes:
        line: Its number, from 1.
        hs_code: The goods code.
        unit: The unit of quantity.
        certified_micro: Certified quantity in millionths of the unit.
    """

    line: int
    hs_code: HsCode
    unit: UnitCode
    certified_micro: int


@dataclass(frozen=True, slots=True)
class Revocation:
    """What an authority asked the ledger to record about a certificate.

    Attributes:
        id: Its identifier; the reference of the transaction that carries it.
        certificate: The certificate's number.
        kind: revoke, suspend or resume.
        reason: Reason code (docs/specs/log.md, section 6).
        note: In words, for people; never on chain.
        requested_by: The officer.
        requested_at: When.
    """

    id: UUID
    certificate: str
    kind: RevocationKind
    reason: int
    note: str
    requested_by: str
    requested_at: datetime


async def next_serial(
    connection: AsyncConnection, authority: PartyCode, form: FormCode, year: int
) -> int:
    """Return the serial after the last, and hold the series until the transaction ends."""
    await locks.in_order(connection, f"serial/{authority}/{form}/{year}")
    last = select(func.max(CERTIFICATE.c.serial)).where(
        CERTIFICATE.c.authority == authority,
        CERTIFICATE.c.form == form,
        CERTIFICATE.c.year == year,
    )
    floor = select(SERIAL_FLOOR.c.serial).where(
        SERIAL_FLOOR.c.authority == authority, SERIAL_FLOOR.c.year == year
    )
    given = func.greatest(last.scalar_subquery(), floor.scalar_subquery(), 0)
    return int((await connection.execute(select(given + 1))).scalar_one())


async def precommit(
    connection: AsyncConnection,
    *,
    number: str,
    application: UUID,
    authority: PartyCode,
    agreement: AgreementCode,
    form: FormCode,
    serial: int,
    digest: Digest,
    document_ref: Digest,
    key: Ed25519PublicKey,
    issued_on: date,
    valid_until: date,
    lines: Sequence[CertificateLine],
    at: datetime,
) -> Certificate:
    """Write down what is about to be signed, and return it.

    Where the application has its certificate already, that one is returned: the caller goes on
    with it, so that a repeat after a crash signs the same bytes.

    Raises:
        ConstraintError: the number, serial or digest belongs to another certificate.
    """
    statement = (
        insert(CERTIFICATE)
        .values(
            number=number,
            application=application,
            authority=authority,
            agreement=agreement,
            form=form,
            year=issued_on.year,
            serial=serial,
            digest=digest,
            document_ref=document_ref,
            key=key,
            issued_on=issued_on,
            valid_until=valid_until,
            precommitted_at=at,
            state=CertificateState.PRECOMMITTED,
        )
        .on_conflict_do_nothing(index_elements=["application"])
        .returning(CERTIFICATE)
    )
    row = (await connection.execute(statement)).first()
    if row is None:
        known = await _find(connection, CERTIFICATE.c.application == application)
        if known is None:
            raise OtherContentError(f"certificate {number}", "it was not there a moment ago")
        return known
    await connection.execute(
        insert(CERTIFICATE_LINE),
        [
            {
                "number": number,
                "line": line.line,
                "hs_code": line.hs_code,
                "unit": line.unit,
                "certified_micro": line.certified_micro,
            }
            for line in lines
        ],
    )
    return Certificate(*row)


async def record_signature(
    connection: AsyncConnection, number: str, signature: bytes, *, at: datetime
) -> Certificate:
    """Add the signature. Ed25519 is deterministic, so the same one again changes nothing.

    Raises:
        StateChangedError: the certificate is unknown.
        OtherContentError: it bears another signature.
    """
    statement = (
        update(CERTIFICATE)
        .where(
            CERTIFICATE.c.number == number,
            CERTIFICATE.c.state == CertificateState.PRECOMMITTED,
        )
        .values(state=CertificateState.SIGNED, signature=signature, signed_at=at)
        .returning(CERTIFICATE)
    )
    row = (await connection.execute(statement)).first()
    if row is not None:
        return Certificate(*row)
    known = await find(connection, number)
    if known is None:
        raise StateChangedError(f"certificate {number}", expected="precommitted", actual=None)
    if known.signature != signature:
        raise OtherContentError(f"the signature of certificate {number}", "other bytes")
    return known


async def record_logged(connection: AsyncConnection, number: str) -> Certificate:
    """Add the index that the certificate's digest has in its authority's log.

    Raises:
        StateChangedError: the certificate is not signed, or its digest is not in the log.
    """
    index = (
        select(LOG_ENTRY.c.index)
        .where(
            LOG_ENTRY.c.authority == CERTIFICATE.c.authority,
            LOG_ENTRY.c.digest == CERTIFICATE.c.digest,
        )
        .scalar_subquery()
    )
    statement = (
        update(CERTIFICATE)
        .where(
            CERTIFICATE.c.number == number,
            CERTIFICATE.c.state == CertificateState.SIGNED,
            index.is_not(None),
        )
        .values(state=CertificateState.LOGGED, log_index=index)
        .returning(CERTIFICATE)
    )
    row = (await connection.execute(statement)).first()
    if row is not None:
        return Certificate(*row)
    known = await find(connection, number)
    if known is None or known.state is not CertificateState.LOGGED:
        raise StateChangedError(
            f"certificate {number}",
            expected="signed, with its digest in the log",
            actual=None if known is None else known.state,
        )
    return known


async def find(connection: AsyncConnection, number: str) -> Certificate | None:
    """Return the certificate with ``number``, or None."""
    return await _find(connection, CERTIFICATE.c.number == number)


async def find_by_digest(connection: AsyncConnection, digest: Digest) -> Certificate | None:
    """Return the certificate with ``digest``, or None."""
    return await _find(connection, CERTIFICATE.c.digest == digest)


async def find_by_application(connection: AsyncConnection, application: UUID) -> Certificate | None:
    """Return the certificate that answers ``application``, or None."""
    return await _find(connection, CERTIFICATE.c.application == application)


async def unfinished(connection: AsyncConnection, *, limit: int = 100) -> tuple[Certificate, ...]:
    """Return certificates that were written down but not yet logged, the oldest first."""
    query = (
        select(CERTIFICATE)
        .where(CERTIFICATE.c.state != CertificateState.LOGGED)
        .order_by(CERTIFICATE.c.precommitted_at, CERTIFICATE.c.number)
        .limit(limit)
    )
    return tuple(Certificate(*row) for row in await connection.execute(query))


async def lines_of(connection: AsyncConnection, number: str) -> tuple[CertificateLine, ...]:
    """Return the goods lines of a certificate, in order."""
    columns = CERTIFICATE_LINE.c
    query = (
        select(columns.line, columns.hs_code, columns.unit, columns.certified_micro)
        .where(columns.number == number)
        .order_by(columns.line)
    )
    return tuple(CertificateLine(*row) for row in await connection.execute(query))


async def request_revocation(connection: AsyncConnection, revocation: Revocation) -> Revocation:
    """Record what is asked of the ledger and return it; the same once more changes nothing.

    Raises:
        OtherContentError: the identifier belongs to a request that differs.
    """
    await connection.execute(
        insert(REVOCATION)
        .values(
            id=revocation.id,
            certificate=revocation.certificate,
            kind=revocation.kind,
            reason=revocation.reason,
            note=revocation.note,
            requested_by=revocation.requested_by,
            requested_at=revocation.requested_at,
        )
        .on_conflict_do_nothing()
    )
    row = (
        await connection.execute(select(REVOCATION).where(REVOCATION.c.id == revocation.id))
    ).one()
    known = Revocation(*row)
    asked = (revocation.certificate, revocation.kind, revocation.reason)
    if (known.certificate, known.kind, known.reason) != asked:
        raise OtherContentError(f"request {revocation.id}", f"it is to {known.kind}")
    return known


async def revocations_of(connection: AsyncConnection, number: str) -> tuple[Revocation, ...]:
    """Return what was asked about a certificate, the oldest first."""
    query = (
        select(REVOCATION)
        .where(REVOCATION.c.certificate == number)
        .order_by(REVOCATION.c.requested_at, REVOCATION.c.id)
    )
    return tuple(Revocation(*row) for row in await connection.execute(query))


async def _find(connection: AsyncConnection, which: ColumnElement[bool]) -> Certificate | None:
    row = (await connection.execute(select(CERTIFICATE).where(which))).first()
    return None if row is None else Certificate(*row)
