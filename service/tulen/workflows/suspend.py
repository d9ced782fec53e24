"""An authority suspends what it issued while a question is open, and ends the suspension."""

from typing import Any
from uuid import uuid5

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.certificate import CertificateNumber
from tulen.certificate.life import Subject, life_of
from tulen.chain import calls
from tulen.database import certificates, events
from tulen.database.certificates import Certificate, Revocation
from tulen.database.states import CertificateState, RevocationKind, Role
from tulen.errors import NotFoundError
from tulen.values import line_of_text
from tulen.values.fields import members_of
from tulen.verify import State, StatusReason
from tulen.workflows import clock
from tulen.workflows.certificate import STATES, status_changes
from tulen.workflows.office import Caller, Office
from tulen.workflows.revoke import REQUESTS, NotIssuedError, RevocationView, request_status
from tulen.workflows.step import record_step

_KINDS = {
    "suspend": (RevocationKind.SUSPEND, calls.suspend, StatusReason.UNDER_VERIFICATION),
    "resume": (RevocationKind.RESUME, calls.resume, StatusReason.VERIFIED),
}
_NAMES = {
    State.GOOD: "valid",
    State.REVOKED: "revoked",
    State.SUSPENDED: "suspended",
    State.REPLACED: "replaced",
}


async def suspend(office: Office, caller: Caller, document: dict[str, Any]) -> RevocationView:
    """Suspend a certificate while customs' request for verification is open.

    Args:
        office: Where.
        caller: An officer of the authority that issued it.
        document: ``{"certificate", "note"}``; the note stays off the chain.

    Raises:
        WrongRoleError: the caller is no officer.
        InvalidInputError: the body is malformed.
        NotFoundError: the caller's authority issued no such certificate.
        NotIssuedError: it is not in the log yet.
        IllegalStepError: it is not valid.
        ContractRefusalError: the contract refuses.
        UnavailableError: the chain does not answer; nothing is kept.
    """
    return await _change(office, caller, document, "suspend")


async def resume(office: Office, caller: Caller, document: dict[str, Any]) -> RevocationView:
    """End a suspension: what was asked is answered, and all is in order. Errors as `suspend`."""
    return await _change(office, caller, document, "resume")


async def _change(
    office: Office, caller: Caller, document: dict[str, Any], event: str
) -> RevocationView:
    caller.must_be(Role.OFFICER)
    members = members_of(document, "", ("certificate", "note"))
    number = CertificateNumber(members["certificate"], "/certificate")
    note = line_of_text(members["note"], "/note")
    kind, call, reason = _KINDS[event]
    async with office.database.transaction() as connection:
        row = await certificates.find(connection, number)
        if row is None or row.authority != caller.party:
            raise NotFoundError(f"certificate {number} is not in the register")
        if row.state is not CertificateState.LOGGED:
            raise NotIssuedError(f"certificate {number} is {row.state}; ask again in a moment")
        state, changes = await _standing(connection, row)
    step = life_of(Subject.CERTIFICATE).step(state, event)
    now = clock.now()
    # The changes that the chain has so far number this one: asked for twice, it is one.
    request = Revocation(
        uuid5(REQUESTS, f"{number}/{event}/{changes}"),
        number,
        kind,
        reason,
        note,
        caller.officer,
        now,
    )

    async def record(connection: AsyncConnection) -> None:
        await certificates.request_revocation(connection, request)
        await record_step(
            connection,
            step,
            number,
            agreement=row.agreement,
            by=caller,
            at=now,
            detail={"note": note},
        )

    return await request_status(
        office, caller, request, call(office.deployment, [row.digest], reason), record
    )


async def _standing(connection: AsyncConnection, row: Certificate) -> tuple[str, int]:
    """Return the state that the chain has the certificate in, and after how many changes."""
    changes = status_changes(await events.about(connection, row.digest), row.authority)
    if not changes:
        return "valid", 0
    return _NAMES[STATES[changes[-1].event.name]], len(changes)
