"""The other decisions on an application: reject it, send it back, withdraw it."""

from typing import Any
from uuid import UUID

from tulen.database import applications
from tulen.database.states import Role
from tulen.errors import NotFoundError
from tulen.values import line_of_text
from tulen.values.fields import members_of
from tulen.workflows import clock
from tulen.workflows.apply import ApplicationView, row_for, view_of
from tulen.workflows.office import Caller, Office
from tulen.workflows.step import record_decision


async def reject(
    office: Office, caller: Caller, application: UUID, document: dict[str, Any]
) -> ApplicationView:
    """Reject an application, with the reason that the exporter is told; the same once more is done.

    Raises:
        WrongRoleError: the caller is no officer.
        InvalidInputError: there is no reason.
        NotFoundError: the application is not its authority's.
        StateChangedError: it is decided.
    """
    reason = _reason_in(document)
    row = await row_for(office, caller, application)
    if (row.rejected_by, row.rejection) != (caller.officer, reason):
        now = clock.now()
        async with office.database.transaction() as connection:
            row = await applications.reject(
                connection, application, by=caller.officer, rejection=reason, at=now
            )
            await record_decision(connection, "reject", row, caller, now, reason=reason)
    return await view_of(office, row)


async def send_back(
    office: Office, caller: Caller, application: UUID, document: dict[str, Any]
) -> ApplicationView:
    """Send a recommended application back to the first officer's desk, with the reason.

    Raises:
        WrongRoleError: the caller is no officer.
        InvalidInputError: there is no reason.
        NotFoundError: the application is not its authority's.
        SameOfficerError: the caller recommended it.
        StateChangedError: it is not recommended.
    """
    reason = _reason_in(document)
    await row_for(office, caller, application)
    async with office.database.transaction() as connection:
        row = await applications.send_back(connection, application, by=caller.officer)
        await record_decision(connection, "return", row, caller, clock.now(), reason=reason)
    return await view_of(office, row)


async def withdraw(
    office: Office, caller: Caller, application: UUID, document: dict[str, Any]
) -> ApplicationView:
    """Withdraw an application that is not approved yet, as its exporter.

    Raises:
        WrongRoleError: the caller is no exporter.
        InvalidInputError: there is no reason.
        NotFoundError: the application is not the caller's.
        StateChangedError: it is decided.
    """
    caller.must_be(Role.EXPORTER)
    reason = _reason_in(document)
    async with office.database.transaction() as connection:
        known = await applications.find(connection, application)
        if known is None or known.exporter != caller.party:
            raise NotFoundError(f"application {application} is not in the register")
        row = await applications.withdraw(connection, application)
        await record_decision(connection, "withdraw", row, caller, clock.now(), reason=reason)
    return await view_of(office, row)


def _reason_in(document: dict[str, Any]) -> str:
    return line_of_text(members_of(document, "", ("reason",))["reason"], "/reason")
