"""What everybody may know of an authority's log."""

from dataclasses import dataclass
from typing import Any

from tulen.chain import contracts
from tulen.chain.deployment import view
from tulen.database import log
from tulen.errors import NotFoundError, UnavailableError
from tulen.log import log_name
from tulen.values import PartyCode, instant_text
from tulen.workflows.office import Office


@dataclass(frozen=True, slots=True)
class LogView:
    """A log: what is stored, what is sealed, and what the chain holds.

    Attributes:
        authority: Whose it is.
        state: How far it has come.
        checkpoint: The latest checkpoint; None before the first.
        anchored: Entries that the ledger holds; None where the chain does not answer.
    """

    authority: PartyCode
    state: log.LogState
    checkpoint: log.Checkpoint | None
    anchored: int | None

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        document: dict[str, Any] = {
            "log": log_name(self.authority),
            "size": self.state.size,
            "sealed": self.state.sealed_size,
            "anchored": "UNKNOWN" if self.anchored is None else self.anchored,
        }
        if self.checkpoint is not None:
            document |= {
                "root": self.checkpoint.root_hash.hex(),
                "sealed_at": instant_text(self.checkpoint.sealed_at),
                "checkpoint": self.checkpoint.note,
            }
        return document


async def log_of(office: Office, authority: PartyCode) -> LogView:
    """Return the log of ``authority``.

    Raises:
        NotFoundError: it keeps none here.
    """
    async with office.database.transaction() as connection:
        state = await log.state(connection, authority)
        checkpoint = await log.latest_checkpoint(connection, authority)
    if not state.size:
        raise NotFoundError(f"{authority} keeps no log here")
    return LogView(authority, state, checkpoint, await anchored_size(office, authority))


async def anchored_size(office: Office, authority: PartyCode) -> int | None:
    """Return how many entries the ledger holds; None where the chain does not answer."""
    try:
        size, _ = await view(
            office.chain,
            contracts.ledger(),
            office.deployment.ledger,
            "head",
            authority.on_chain,
        )
    except UnavailableError:
        return None
    return int(size)
