"""What everybody may know of an authority's log."""

import asyncio
from dataclasses import dataclass
from typing import Any, ClassVar

from tulen.chain import contracts, sender
from tulen.chain.deployment import view
from tulen.chain.facts import checkpoint_hash
from tulen.database import checkpoints, log, transactions
from tulen.errors import NotFoundError, RuleViolationError, UnavailableError
from tulen.log import log_name
from tulen.values import PartyCode, instant_text
from tulen.workflows.log_copy import copied_checkpoint
from tulen.workflows.office import Office
from tulen.workflows.seen_here import draws_differing

_REMEDY = (
    "the database was set back; nothing is issued or sent until `tulen replay` has brought it "
    "forward"
)


class ChainAheadError(RuleViolationError):
    """The chain, or the log's copy, holds what the database does not: it was set back."""

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
        return (await head_of(office, authority))[0]
    except UnavailableError:
        return None


async def require_whole_log(office: Office, party: PartyCode) -> int:
    """Return how many entries of ``party``'s log the ledger holds, all of which the database has.

    Asked before anything is issued, sealed or sent for the party: what was set back behind the
    chain, or behind the copy of the log, must not go on. The database has to have what both hold,
    root for root, and every transaction of the account. Whoever keeps no log has zero entries.

    Raises:
        ChainAheadError: ledger, copy or chain hold more than the database, or others.
        CopyDiffersError: the copy of the log is none.
        UnavailableError: node or database does not answer, so it is not known.
    """
    size, head = await head_of(office, party)
    copied = await asyncio.to_thread(copied_checkpoint, office, party)
    copy = copied.checkpoint if copied else None
    async with office.database.transaction() as connection:
        sealed = await checkpoints.latest_checkpoint(connection, party)
        known = await checkpoints.checkpoint_at(connection, party, size) if size else None
        same = await checkpoints.checkpoint_at(connection, party, copy.size) if copy else None
    _require_root(party, "ledger", (size, head.hex()), sealed, _hash_of(known))
    if copy is not None:
        ours = same.root_hash.hex() if same else None
        _require_root(party, "copy of the log", (copy.size, copy.root.hex()), sealed, ours)
    if office.acts_for(party):  # Else another office sends for it.
        await _require_nonces(office, party)
    return size


async def _require_nonces(office: Office, party: PartyCode) -> None:
    """Return if the database knows every transaction of the party's account.

    Of an account that is new to the database it asks only that it has drawn nothing yet: it may
    have been used elsewhere before, or else the database was set back to before its first use.
    """
    account = await asyncio.to_thread(office.account, party)
    sent = await sender.next_nonce(office.chain, account.address, "latest")
    async with office.database.transaction() as connection:
        made = await transactions.count(connection, office.chain.chain_id, account.octets)
    if made is not None and sent > made:
        raise ChainAheadError(
            f"the chain has {sent} transactions of account {account.address} of {party}, the "
            f"database {made}: it was set back, or find out who else has its key; `tulen replay` "
            "says which, and nothing is issued or sent until then"
        )
    if made is None and sent:
        _, drawn = await draws_differing(office, party)
        if drawn:
            reference = drawn[0].seen.event.arguments["declaration"]
            raise ChainAheadError(
                f"{party} has drawn on chain under {reference}, and has sent nothing according to "
                f"the database: {_REMEDY}"
            )


def _require_root(
    party: PartyCode,
    where: str,
    there: tuple[int, str],
    sealed: checkpoints.Checkpoint | None,
    ours: str | None,
) -> None:
    """Return if the database has sealed what stands elsewhere, under the same root."""
    size, theirs = there
    if size > (sealed.size if sealed else 0):
        root = f" under {sealed.root_hash}" if sealed else ""
        raise ChainAheadError(
            f"the {where} holds {size} entries of {party} under {theirs}, the database has sealed "
            f"{sealed.size if sealed else 0}{root}: {_REMEDY}"
        )
    if size and ours != theirs:
        raise ChainAheadError(
            f"checkpoint of {party} at {size}: {where} {theirs}, database {ours or 'none'}: "
            "that is another history; restore the database before anything is issued"
        )


def _hash_of(known: checkpoints.Checkpoint | None) -> str | None:
    return checkpoint_hash(known.root_hash, known.size).hex() if known else None


async def head_of(office: Office, authority: PartyCode) -> tuple[int, bytes]:
    """Return size and hash of the latest checkpoint on the ledger; zero before the first."""
    size, head = await view(
        office.chain, contracts.ledger(), office.deployment.ledger, "head", authority.on_chain
    )
    return int(size), head
