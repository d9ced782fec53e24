"""An authority suspends what it issued while a question is open, and ends the suspension."""

from typing import Any
from uuid import uuid5

from tulen.certificate import CertificateNumber
from tulen.certificate.life import Subject, life_of
from tulen.chain import calls
from tulen.database.certificates import Revocation
from tulen.database.states import RevocationKind, Role
from tulen.values import line_of_text
from tulen.values.fields import members_of
from tulen.verify import StatusReason
from tulen.workflows import clock
from tulen.workflows.issued import issued_by
from tulen.workflows.office import Caller, Office
from tulen.workflows.revoke import REQUESTS, RevocationView, request_status
from tulen.workflows.standing import standing

_KINDS = {
    "suspend": (RevocationKind.SUSPEND, calls.suspend, StatusReason.UNDER_VERIFICATION),
    "resume": (RevocationKind.RESUME, calls.resume, StatusReason.VERIFIED),
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
        row = await issued_by(connection, caller, number)
        state, changes = await standing(connection, row)
    step = life_of(Subject.CERTIFICATE).step(state, event)
    # The changes that the chain has so far number this one: asked for twice, it is one.
    request = Revocation(
        uuid5(REQUESTS, f"{number}/{event}/{changes}"),
        number,
        kind,
        reason,
        note,
        caller.officer,
        clock.now(),
    )
    asked = call(office.deployment, [row.digest], reason)
    return await request_status(
        office, caller, request, asked, step=step, row=row, detail={"note": note}
    )
