"""The second of two officers approves; the first may not."""

from typing import Any, ClassVar
from uuid import UUID

from tulen.database import applications
from tulen.errors import RuleViolationError
from tulen.origin import Outcome
from tulen.workflows import clock
from tulen.workflows.apply import ApplicationView, note_in, row_for, view_of
from tulen.workflows.office import Caller, Office
from tulen.workflows.step import record_decision


class OriginNotMetError(RuleViolationError):
    """The goods do not meet the rule of origin, or it is not known whether they do."""

    code: ClassVar[str] = "origin-not-met"


async def approve(
    office: Office, caller: Caller, application: UUID, document: dict[str, Any]
) -> ApplicationView:
    """Approve a recommended application; the same officer once more changes nothing.

    Raises:
        WrongRoleError: the caller is no officer.
        NotFoundError: the application is not its authority's.
        SameOfficerError: the caller recommended it.
        OriginNotMetError: the origin engine did not find the rule met.
        StateChangedError: the application is not recommended, or past this.
    """
    note = note_in(document)
    row = await row_for(office, caller, application)
    if row.outcome != Outcome.MET.value:
        raise OriginNotMetError(
            f"application {application}: the rule of origin is {row.outcome}; only MET is approved"
        )
    if row.approved_by != caller.officer:
        now = clock.now()
        async with office.database.transaction() as connection:
            row = await applications.approve(connection, application, by=caller.officer, at=now)
            await record_decision(connection, "approve", row, caller, now, **note)
    return await view_of(office, row)
