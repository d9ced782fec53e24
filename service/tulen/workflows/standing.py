"""Where a certificate's life stands, or stood at an instant, by what the chain has of it."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database import checkpoints, events
from tulen.database.certificates import Certificate
from tulen.database.events import SeenEvent
from tulen.errors import InvalidInputError
from tulen.values import Digest, instant_text
from tulen.verify import CertificateStatus, State, stood
from tulen.workflows import clock
from tulen.workflows.certificate import (
    STATES,
    CertificateView,
    certificate_view,
    row_for,
    status_changes,
)
from tulen.workflows.office import Caller, Office

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


async def stood_at(office: Office, caller: Caller, number: str, at: datetime) -> CertificateView:
    """Return a certificate to its exporter or its authority, with how it stood at an instant.

    What the chain recorded up to ``read_until`` is known here.

    Raises:
        NotFoundError: there is none, or it is not the caller's to see.
        InvalidInputError: the instant lies in the future.
    """
    if at > clock.now():
        raise InvalidInputError("query/as_of", instant_text(at), "lies in the future")
    row = await row_for(office, caller, number)
    view = await certificate_view(office, row)
    async with office.database.transaction() as connection:
        covering = (
            await checkpoints.checkpoint_covering(connection, row.authority, row.log_index)
            if row.log_index is not None
            else None
        )
        changes = [
            item
            for item in status_changes(await events.about(connection, row.digest), row.authority)
            if item.block_time <= at
        ]
        chain_id = office.chain.chain_id
        cursor = await events.cursor(connection, chain_id)
        read = cursor and await events.find_block(connection, chain_id, cursor.block_number)
    anchor = covering and covering[1]
    answer = stood(
        at,
        _status(changes[-1] if changes else None),
        anchored_at=anchor.anchored_at if anchor else None,
        valid_until=row.valid_until,
    ).to_document()
    if read:
        answer["read_until"] = instant_text(read.block_time)
    return CertificateView(view.document | {"stood": answer})


def _status(change: SeenEvent | None) -> CertificateStatus:
    if change is None:
        return CertificateStatus(State.GOOD, 0, None, None)
    state, arguments = STATES[change.event.name], change.event.arguments
    successor = arguments.get("successor")
    return CertificateStatus(
        state,
        arguments["reason"],
        change.block_time,
        None if successor is None else Digest.from_hex(successor, "successor"),
    )
