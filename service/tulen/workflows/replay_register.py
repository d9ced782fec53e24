"""Write the rows of a register again that log, ledger and vault together can tell.

Whether a certificate was issued, the signed log says; what it is, the vault; that it was revoked,
the ledger. What none of them tells stays lost, and is named.
"""

import asyncio
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.certificate import signing_bytes
from tulen.database import applications, certificates, parties, recovery
from tulen.database.applications import Application
from tulen.database.certificates import Revocation
from tulen.database.states import ApplicationState, RevocationKind
from tulen.errors import RuleViolationError
from tulen.log import Kind
from tulen.values import PartyCode
from tulen.workflows import clock
from tulen.workflows.issue import KeyChangedError
from tulen.workflows.lost_documents import LostCertificate, LostDocuments
from tulen.workflows.office import Office
from tulen.workflows.replay_log import CannotReplayError, Forwarded
from tulen.workflows.revoke import REQUESTS

NUMBERS_SKIPPED: Final = 1000
"""Numbers that are given up besides those of missing documents: of certificates that were written
down and had not come into any checkpoint. A number is no scarce thing; given twice, it is a lie."""
MOST_NAMED: Final = 5
LOST_NOTE: Final = "Read back from the ledger; the words of that time are lost"
LEDGER: Final = "ledger"
"""Who is written down as having asked for what only the ledger remembers."""


class MissingDocumentsError(RuleViolationError):
    """The log names certificates whose documents are not in the vault."""

    code: ClassVar[str] = "missing-documents"


@dataclass(slots=True)
class Rewritten:
    """What was written again for one authority.

    Attributes:
        certificates: Numbers of its certificates.
        applications: Identifiers of applications to it that were submitted, and no more is known.
        revocations: Numbers of certificates whose revocation was read from the ledger.
        missing: Digests in the log without a document.
        unlogged: Numbers that were written down and never came into the log that is left.
        floor: The highest number that is not given again; zero where rows alone say so.
    """

    certificates: list[str] = field(default_factory=list)
    applications: list[UUID] = field(default_factory=list)
    revocations: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unlogged: list[str] = field(default_factory=list)
    floor: int = 0


async def replay_register(
    office: Office,
    connection: AsyncConnection,
    forwarded: Forwarded,
    lost: LostDocuments,
    *,
    without_documents: bool,
) -> Rewritten:
    """Write an authority's rows again, in the transaction that brought its log forward.

    Raises:
        MissingDocumentsError: the log names documents that are not there, and that was not allowed.
        CannotReplayError: a number or an application has another certificate by now.
        KeyChangedError: the key that signed is not here any more.
    """
    done, authority = Rewritten(), forwarded.authority
    known = {party.code for party in await parties.all_parties(connection)}
    for row in lost.applications.values():
        if row.authority != authority or row.exporter not in known:
            continue
        if await applications.find(connection, row.id) is None:
            await recovery.restore_application(connection, row)
            done.applications.append(row.id)
    floors: dict[int, int] = {}
    for item in lost.certificates:
        if item.authority != authority:
            continue
        year = item.certificate.issued_on.year
        floors[year] = max(floors.get(year, 0), item.serial)
        if await recovery.entry_at(connection, authority, item.digest) is None:
            done.unlogged.append(item.number)
        elif await _restore_certificate(office, connection, item, lost):
            done.certificates.append(item.number)
    done.certificates.sort()
    done.unlogged.sort()
    done.missing = [
        f"entry {index} {digest}"
        for index, digest in await recovery.undocumented(
            connection, authority, Kind.CERTIFICATE, forwarded.before.size
        )
    ]
    if done.missing:
        _require_allowed(authority, done.missing, lost, allowed=without_documents)
        # Numbers of a year follow each other, so the missing ones are the next after the last
        # known, in whichever form; and only this year's are still given.
        year = clock.today().year
        last = await recovery.highest_serial(connection, authority, year)
        last = max(last, floors.get(year, 0)) + len(done.missing) + NUMBERS_SKIPPED
        floors[year] = last
    for year, serial in sorted(floors.items()):
        await recovery.raise_floor(connection, authority, year, serial)
        done.floor = serial
    issued = set(done.certificates)
    answered = {item.application for item in lost.certificates if item.number in issued}
    done.applications = [item for item in done.applications if item not in answered]
    done.revocations = await _restore_revocations(office, connection, authority)
    return done


def _require_allowed(
    authority: PartyCode, missing: list[str], lost: LostDocuments, *, allowed: bool
) -> None:
    if allowed:
        return
    more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    damaged = "".join(f"; {text}" for text in lost.unreadable[:MOST_NAMED])
    raise MissingDocumentsError(
        f"the vault lacks what {authority} logged as {', '.join(missing[:MOST_NAMED])}{more}"
        f"{damaged}: restore the documents' folder from a newer backup, or give these "
        "certificates up with --without-documents"
    )


async def _restore_certificate(
    office: Office, connection: AsyncConnection, item: LostCertificate, lost: LostDocuments
) -> bool:
    """Write application and certificate; return False where no application can be told."""
    same = await certificates.find(connection, item.number)
    if same is not None and same.digest != item.digest:
        raise CannotReplayError(
            f"certificate {item.number} is {same.digest} in the register and {item.digest} in the "
            "log: it was issued anew after the database was set back"
        )
    application = await _approved(connection, item, lost)
    if application is None:
        return False
    signer = await asyncio.to_thread(office.signer, item.authority)
    if signer.public_key != item.key:
        raise KeyChangedError(
            f"certificate {item.number} was signed with key {item.key}, and the one here is "
            f"{signer.public_key}: put the other key file back until the replay is done"
        )
    row = await certificates.precommit(
        connection,
        number=item.number,
        application=application.id,
        authority=item.authority,
        agreement=item.certificate.consignment.agreement,
        form=item.certificate.consignment.form,
        serial=item.serial,
        digest=item.digest,
        document_ref=item.ref,
        key=item.key,
        issued_on=item.certificate.issued_on,
        valid_until=item.certificate.valid_until,
        lines=item.lines,
        at=item.precommitted_at,
    )
    if row.digest != item.digest:
        raise CannotReplayError(
            f"application {application.id} is answered by {row.number} in the register and by "
            f"{item.number} in the log: it was issued anew after the database was set back"
        )
    signature = signer.sign(signing_bytes(item.digest))
    await certificates.record_signature(connection, item.number, signature, at=item.precommitted_at)
    await certificates.record_logged(connection, item.number)
    await recovery.finish_application(connection, application)
    return True


async def _approved(
    connection: AsyncConnection, item: LostCertificate, lost: LostDocuments
) -> Application | None:
    """Return the application with the approvals that the certificate states, written again."""
    known = await applications.find(connection, item.application)
    application = known or lost.applications.get(item.application)
    if application is None:
        return None
    application = replace(
        application,
        state=ApplicationState.APPROVED,
        recommended_by=item.certificate.approval.recommended_by,
        recommended_at=item.recommended_at,
        approved_by=item.certificate.approval.approved_by,
        approved_at=item.approved_at,
        rejected_by=None,
        rejected_at=None,
        rejection=None,
    )
    await recovery.restore_application(connection, application)
    return application


async def _restore_revocations(
    office: Office, connection: AsyncConnection, authority: PartyCode
) -> list[str]:
    """Record what the ledger calls revoked, so that it is not asked for again."""
    done: list[str] = []
    for item in await recovery.revocations_seen(connection, office.chain.chain_id, authority):
        if item.certificate is None or item.recorded:
            continue
        revocation = Revocation(
            uuid5(REQUESTS, item.certificate),
            item.certificate,
            RevocationKind.REVOKE,
            item.seen.event.arguments["reason"],
            LOST_NOTE,
            LEDGER,
            item.seen.block_time,
        )
        await certificates.request_revocation(connection, revocation)
        done.append(item.certificate)
    return sorted(done)
