"""What everybody may know of an authority's log."""

from dataclasses import dataclass
from typing import Any, ClassVar

from tulen.chain import contracts
from tulen.chain.deployment import view
from tulen.chain.facts import checkpoint_hash
from tulen.database import checkpoints, log
from tulen.errors import NotFoundError, RuleViolationError, UnavailableError
from tulen.log import log_name
from tulen.values import Digest, PartyCode, instant_text
from tulen.workflows.office import Office


class ChainAheadError(RuleViolationError):
    """The ledger holds entries that the database does not: the database was set back."""

    code: ClassVar[str] = "chain-ahead"


@dataclass(frozen=True, slots=True)
class LogView:
    """A log: what is stored, what is sealed, and what the chain holds.

    Attributes:
        authority: Whose it is.
        state: How far it has come.
        checkpoint: The latest checkpoint; None before the first.
        anchored: Entries that the ledger holds; None where the chain does not answer.
        within: Seconds within which the anchor of what is issued is to be final.
    """

    authority: PartyCode
    state: log.LogState
    checkpoint: checkpoints.Checkpoint | None
    anchored: int | None
    within: int

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        document: dict[str, Any] = {
            "log": log_name(self.authority),
            "size": self.state.size,
            "sealed": self.state.sealed_size,
            "anchored": "UNKNOWN" if self.anchored is None else self.anchored,
            "publish_within_seconds": self.within,
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
        checkpoint = await checkpoints.latest_checkpoint(connection, authority)
    if not state.size:
        raise NotFoundError(f"{authority} keeps no log here")
    within = int(office.settings.publish_within.total_seconds())
    return LogView(authority, state, checkpoint, await anchored_size(office, authority), within)


async def anchored_size(office: Office, authority: PartyCode) -> int | None:
    """Return how many entries the ledger holds; None where the chain does not answer."""
    try:
        return (await _head(office, authority))[0]
    except UnavailableError:
        return None


async def require_whole_log(office: Office, authority: PartyCode) -> int:
    """Return how many entries the ledger holds, all of which the database has, root for root.

    Asked before anything is issued: a database that was set back must not issue behind the chain.

    Raises:
        ChainAheadError: the ledger holds more, or others.
        UnavailableError: node or database does not answer, so it is not known.
    """
    size, head = await _head(office, authority)
    async with office.database.transaction() as connection:
        sealed = (await log.state(connection, authority)).sealed_size
        known = await checkpoints.checkpoint_at(connection, authority, size) if size else None
    if size > sealed:
        raise ChainAheadError(
            f"the ledger holds {size} entries of {authority}, the database has sealed {sealed}: "
            "the database was set back; restore it before anything is issued"
        )
    ours = checkpoint_hash(Digest(known.root_hash), size) if known else None
    if size and ours != head:
        raise ChainAheadError(
            f"checkpoint of {authority} at {size}: ledger {head.hex()}, database {ours or 'none'}: "
            "that is another history; restore the database before anything is issued"
        )
    return size


async def _head(office: Office, authority: PartyCode) -> tuple[int, bytes]:
    """Return size and hash of the latest checkpoint on the ledger; zero before the first."""
    size, head = await view(
        office.chain, contracts.ledger(), office.deployment.ledger, "head", authority.on_chain
    )
    return int(size), head
