"""The first of two officers recommends an application."""

from typing import Any
from uuid import UUID

from tulen.database import applications
from tulen.database.states import ApplicationState
from tulen.workflows import clock
from tulen.workflows.apply import ApplicationView, note_in, row_for, view_of
from tulen.workflows.office import Caller, Office
from tulen.workflows.step import record_decision

_OVER = (ApplicationState.REJECTED, ApplicationState.WITHDRAWN)


async def recommend(
    office: Office, caller: Caller, application: UUID, document: dict[str, Any]
) -> ApplicationView:
    """Recommend an application for approval; the same officer once more changes nothing.

    Raises:
        WrongRoleError: the caller is no officer.
        NotFoundError: the application is not its authority's.
        StateChangedError: the application is past this.
    """
    note = note_in(document)
    row = await row_for(office, caller, application)
    done = row.recommended_by == caller.officer and row.state not in _OVER
    if not done:
        now = clock.now()
        async with office.database.transaction() as connection:
            row = await applications.recommend(connection, application, by=caller.officer, at=now)
            await record_decision(connection, "recommend", row, caller, now, **note)
    return await view_of(office, row)
