"""The first of two officers recommends an application."""

from typing import Any
from uuid import UUID

from tulen.database import applications
from tulen.workflows import clock
from tulen.workflows.apply import ApplicationView, note_in, row_for, view_of
from tulen.workflows.office import Caller, Office


async def recommend(
    office: Office, caller: Caller, application: UUID, document: dict[str, Any]
) -> ApplicationView:
    """Recommend an application for approval; the same officer once more changes nothing.

    Raises:
        WrongRoleError: the caller is no officer.
        NotFoundError: the application is not its authority's.
        StateChangedError: the application is past this.
    """
    note_in(document)
    row = await row_for(office, caller, application)
    if row.recommended_by != caller.officer:
        async with office.database.transaction() as connection:
            row = await applications.recommend(
                connection, application, by=caller.officer, at=clock.now()
            )
    return await view_of(office, row)
