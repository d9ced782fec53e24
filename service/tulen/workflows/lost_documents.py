"""What the vault holds that no row names: what was written down and then lost from the register.

Applications and certificates are put into the vault before their rows, with what the rows say
besides. Only what is lost is in memory, and of that not the text.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tulen.certificate import Application, Certificate, seal
from tulen.database import recovery
from tulen.database.applications import Application as ApplicationRow
from tulen.database.certificates import CertificateLine
from tulen.database.states import ApplicationState
from tulen.errors import TulenError
from tulen.values import (
    Digest,
    Ed25519PublicKey,
    PartyCode,
    instant_from,
    parse_strict,
)
from tulen.workflows.apply import KEPT
from tulen.workflows.office import Office

_PAGE: Final = 20_000


@dataclass(frozen=True, slots=True)
class LostCertificate:
    """A certificate that was written down; whether it was issued, the log says.

    Attributes:
        ref: Its address in the vault.
        digest: Its digest.
        number: Its number.
        serial: The end of that.
        authority: Who issued it.
        certificate: What else its row says.
        lines: Its goods lines.
        application: What it answers.
        recommended_at: When that was recommended.
        approved_at: When that was approved.
        precommitted_at: When it was written down.
        key: The key that signs it.
    """

    ref: Digest
    digest: Digest
    number: str
    serial: int
    authority: PartyCode
    certificate: Certificate = field(repr=False)
    lines: tuple[CertificateLine, ...] = field(repr=False)
    application: UUID
    recommended_at: datetime
    approved_at: datetime
    precommitted_at: datetime
    key: Ed25519PublicKey


@dataclass(slots=True)
class LostDocuments:
    """Everything that no row names.

    Attributes:
        certificates: The certificates.
        applications: The applications, by identifier; where one was written down twice, the later.
        others: How many are neither, or of an earlier version.
        unreadable: Those that do not open, and why.
    """

    certificates: list[LostCertificate] = field(default_factory=list)
    applications: dict[UUID, ApplicationRow] = field(default_factory=dict)
    others: int = 0
    unreadable: list[str] = field(default_factory=list)


async def lost_documents(office: Office) -> LostDocuments:
    """Return what the vault holds and no row names; nothing changes."""
    found = LostDocuments()
    async for reference in _unnamed(office):
        try:
            data = await asyncio.to_thread(office.vault.get, reference)
            document = parse_strict(data, KEPT)
        except TulenError as error:
            found.unreadable.append(f"document {reference}: {error}")
        else:
            _sort(found, reference, document)
    return found


def _sort(found: LostDocuments, reference: Digest, document: Any) -> None:  # noqa: ANN401 - JSON
    try:
        if "seed" in document:
            found.certificates.append(_certificate(reference, document))
        elif "judgement" in document:
            row = _application(reference, document)
            known = found.applications.get(row.id)
            if known is None or _age(known) <= _age(row):
                found.applications[row.id] = row
        else:
            found.others += 1
    except (TulenError, KeyError, TypeError, ValueError):
        found.others += 1


def _age(row: ApplicationRow) -> tuple[datetime, int]:
    return row.submitted_at, row.version


async def _unnamed(office: Office) -> AsyncIterator[Digest]:
    """Yield what is in the vault and not in the register: two sorted lists, side by side."""
    references, named = office.vault.references(), _named(office)
    known = await anext(named, None)
    while (reference := await asyncio.to_thread(next, references, None)) is not None:
        while known is not None and known < reference:
            known = await anext(named, None)
        if known != reference:
            yield reference


async def _named(office: Office) -> AsyncIterator[Digest]:
    last = Digest(bytes(Digest.length))
    while True:
        async with office.database.transaction() as connection:
            page = await recovery.named_documents(connection, last, _PAGE)
        if not page:
            return
        for last in page:
            yield last


def _certificate(reference: Digest, document: dict[str, Any]) -> LostCertificate:
    certificate = Certificate.from_document(document["document"])
    row = document["row"]
    return LostCertificate(
        ref=reference,
        digest=seal(certificate, bytes.fromhex(document["seed"])).digest,
        number=certificate.number,
        serial=int(certificate.number.rpartition("-")[2]),
        authority=certificate.issuing_authority.code,
        certificate=certificate,
        lines=tuple(
            CertificateLine(
                line.goods.line,
                line.goods.hs_code,
                line.goods.quantity.unit,
                line.goods.quantity.micro,
            )
            for line in certificate.lines
        ),
        application=UUID(row["application"]),
        recommended_at=instant_from(row["recommended_at"], "recommended_at"),
        approved_at=instant_from(row["approved_at"], "approved_at"),
        precommitted_at=instant_from(row["precommitted_at"], "precommitted_at"),
        key=Ed25519PublicKey.from_hex(row["key"], "key"),
    )


def _application(reference: Digest, document: dict[str, Any]) -> ApplicationRow:
    application, row = Application.from_document(document["application"]), document["row"]
    consignment = application.consignment
    return ApplicationRow(
        id=UUID(row["id"]),
        exporter=PartyCode(row["exporter"], "exporter"),
        authority=application.issuing_authority,
        agreement=consignment.agreement,
        form=consignment.form,
        document_ref=reference,
        outcome=row["outcome"],
        verdict_digest=Digest.from_hex(row["verdict_digest"], "verdict_digest"),
        submitted_at=instant_from(row["submitted_at"], "submitted_at"),
        state=ApplicationState.SUBMITTED,
        recommended_by=None,
        recommended_at=None,
        approved_by=None,
        approved_at=None,
        rejected_by=None,
        rejected_at=None,
        rejection=None,
        version=row.get("version", 1),
    )
