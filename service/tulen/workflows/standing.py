"""Where a certificate's life stands, by what the chain has recorded of it so far."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database import events
from tulen.database.certificates import Certificate
from tulen.verify import State
from tulen.workflows.certificate import STATES, status_changes

STATE_NAMES: Final = {
    State.GOOD: "valid",
    State.REVOKED: "revoked",
    State.SUSPENDED: "suspended",
    State.REPLACED: "replaced",
}
"""What the table of steps calls the states of the ledger."""


async def standing(connection: AsyncConnection, row: Certificate) -> tuple[str, int]:
    """Return the state that the chain has the certificate in, and after how many changes."""
    changes = status_changes(await events.about(connection, row.digest), row.authority)
    if not changes:
        return "valid", 0
    return STATE_NAMES[STATES[changes[-1].event.name]], len(changes)
