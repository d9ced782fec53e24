"""Bring a database that was set back forward to what chain, log and vault remember.

Everything is one database transaction: after a crash, or an error, the database is as it was, and
still refuses to issue. What is done twice changes nothing.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tulen.chain import follower
from tulen.chain.deployment import check_deployment
from tulen.database import parties
from tulen.values import PartyCode
from tulen.workflows.folder_log import FolderLog
from tulen.workflows.follow_chain import read_blocks
from tulen.workflows.log_of import require_whole_log
from tulen.workflows.lost_documents import lost_documents
from tulen.workflows.lost_transactions import lost_transactions, restore
from tulen.workflows.office import Office
from tulen.workflows.remote_entries import PublishedLog
from tulen.workflows.remote_log import RemoteLog
from tulen.workflows.replay_drawdowns import replay_drawdowns
from tulen.workflows.replay_log import Forwarded, replay_log
from tulen.workflows.replay_register import Rewritten, replay_register


@dataclass(slots=True)
class PartyReplay:
    """What was brought forward for one party.

    Attributes:
        party: The party.
        log: How far its log was brought; None where it keeps none.
        register: Which rows were written again.
        transactions: Hashes of what its account had sent.
        drawdowns: Declaration lines that had drawn.
        unexplained: References on chain that no declaration here gives.
    """

    party: PartyCode
    log: Forwarded | None = None
    register: Rewritten = field(default_factory=Rewritten)
    transactions: list[str] = field(default_factory=list)
    drawdowns: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form; what was not found is left out."""
        document: dict[str, Any] = {"party": self.party}
        if self.log is not None:
            document["log"] = {
                "size_before": self.log.before.size,
                "size": self.log.size,
                "anchored": self.log.anchored,
                "checkpoints": self.log.checkpoints,
            }
        rows = self.register
        lists = {
            "certificates": rows.certificates,
            "applications": [str(item) for item in rows.applications],
            "revocations": rows.revocations,
            "transactions": self.transactions,
            "drawdowns": self.drawdowns,
            "missing_documents": rows.missing,
            "never_logged": rows.unlogged,
            "unexplained_drawdowns": self.unexplained,
        }
        document |= {name: items for name, items in lists.items() if items}
        return document | ({"serials_above": rows.floor} if rows.floor else {})


async def replay(
    office: Office,
    *,
    source: str | None = None,
    dry_run: bool = False,
    without_documents: bool = False,
) -> list[PartyReplay]:
    """Bring every party forward, and return what that took.

    Args:
        office: Where; a service may run meanwhile.
        source: Folder of the copies of logs, or URL of a service that serves the same logs;
            default: the folder of this office.
        dry_run: Change nothing but what was seen of the chain, and say what would be done.
        without_documents: Give up certificates whose documents are lost.

    Raises:
        CannotReplayError: copy, ledger and database tell different histories.
        MissingDocumentsError: documents are lost, and that was not allowed.
        ForeignTransactionError: somebody else has the key of an account.
        KeyChangedError: a key that has signed is not here any more.
        UnavailableError: chain, copy or vault does not answer.
    """
    await check_deployment(office.chain, office.deployment)
    finalized = (await follower.finalized(office.chain)).number
    async with office.database.transaction() as connection:
        everybody = await parties.all_parties(connection)
    acting = [
        party
        for party in everybody
        if {"authority", "customs"} & party.roles and office.acts_for(party.code)
    ]
    sent = {party.code: await lost_transactions(office, party.code) for party in acting}
    await read_blocks(office, finalized)
    lost = await lost_documents(office)
    done: list[PartyReplay] = []
    async with office.database.transaction() as connection:
        for party in acting:
            part = PartyReplay(party.code)
            done.append(part)
            if "authority" in party.roles:
                async with _published(office, party.code, source) as published:
                    part.log = await replay_log(office, connection, party.code, published)
                part.register = await replay_register(
                    office,
                    connection,
                    part.log,
                    lost,
                    without_documents=without_documents,
                )
            if "customs" in party.roles:
                part.drawdowns, part.unexplained = await replay_drawdowns(
                    office,
                    connection,
                    party.code,
                    {item.past.tx_hash for item in sent[party.code]},
                )
            for item in sent[party.code]:
                if await restore(office, connection, item, finalized):
                    part.transactions.append(item.past.tx_hash.hex())
        if dry_run:
            await connection.rollback()
            return done
    for party in acting:
        await require_whole_log(office, party.code)
    return done


@asynccontextmanager
async def _published(
    office: Office, authority: PartyCode, source: str | None
) -> AsyncIterator[PublishedLog]:
    if source is not None and source.startswith(("http://", "https://")):
        async with RemoteLog(source, authority) as remote:
            yield remote
    else:
        folder = office.settings.log_folder if source is None else Path(source)
        yield FolderLog(folder, authority)
