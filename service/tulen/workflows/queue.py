"""The applications that wait at an office, or that an exporter has made."""

from dataclasses import dataclass
from typing import Any

from tulen.database import applications
from tulen.database.states import ApplicationState, Role
from tulen.values import instant_text
from tulen.workflows.office import Caller, Office


@dataclass(frozen=True, slots=True)
class Queue:
    """Applications without what they say.

    Attributes:
        rows: The rows of the register.
    """

    rows: tuple[applications.Application, ...]

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "applications": [
                {
                    "id": str(row.id),
                    "exporter": row.exporter,
                    "authority": row.authority,
                    "agreement": row.agreement,
                    "form": row.form,
                    "state": row.state.value,
                    "version": row.version,
                    "outcome": row.outcome,
                    "submitted_at": instant_text(row.submitted_at),
                }
                for row in self.rows
            ]
        }


async def queue(office: Office, caller: Caller, state: ApplicationState | None) -> Queue:
    """Return the caller's applications, a hundred at most.

    Args:
        office: Where.
        caller: An officer, who sees those to its authority, the oldest first; or an exporter, who
            sees its own, the latest first.
        state: Only those in this state; all where None.

    Raises:
        WrongRoleError: the caller is neither.
    """
    caller.must_be(Role.OFFICER, Role.EXPORTER)
    async with office.database.transaction() as connection:
        if caller.role is Role.OFFICER:
            return Queue(await applications.waiting(connection, caller.party, state))
        return Queue(await applications.of_exporter(connection, caller.party, state))
