"""Anchor an authority's latest checkpoint on chain."""

from typing import ClassVar

from tulen.chain import calls, contracts
from tulen.chain.deployment import view
from tulen.database import log as log_rows
from tulen.database import transactions
from tulen.database.errors import PurposeTakenError
from tulen.errors import RuleViolationError
from tulen.log import consistency_proof, tiles_for_consistency
from tulen.values import PartyCode
from tulen.workflows.office import Office
from tulen.workflows.send import Sent, send

PURPOSE = "anchor"


class ChainAheadError(RuleViolationError):
    """The chain holds a longer log than the database: the database was set back. Stop."""

    code: ClassVar[str] = "chain-ahead"


async def anchor(office: Office, authority: PartyCode) -> Sent | None:
    """Send the latest checkpoint of ``authority`` to the ledger; None where nothing is to be sent.

    One anchor is under way at a time, so each builds on what the chain really holds.

    Raises:
        ChainAheadError: the ledger's head is ahead of the log; nothing may be issued until the
            database is repaired.
        ContractRefusalError: the ledger refuses.
        UnavailableError: node or database does not answer.
    """
    chain_id, deployment = office.chain.chain_id, office.deployment
    account = office.account(authority)
    address = bytes.fromhex(account.address.removeprefix("0x"))
    anchored, _ = await view(
        office.chain, contracts.ledger(), deployment.ledger, "head", authority.on_chain
    )
    async with office.database.transaction() as connection:
        checkpoint = await log_rows.latest_checkpoint(connection, authority)
        size = 0 if checkpoint is None else checkpoint.size
        if anchored > size:
            raise ChainAheadError(
                f"the ledger holds {anchored} entries of {authority}, the database has sealed "
                f"{size}: the database was set back; restore it before anything is issued"
            )
        under_way = await transactions.unsettled(connection, chain_id, address)
        if (
            checkpoint is None
            or anchored == size
            or any(row.purpose == PURPOSE and row.state != "mined" for row in under_way)
        ):
            return None
        needed = tiles_for_consistency(anchored, size)
        tiles = await log_rows.read_tiles(connection, authority, needed)
    proof = consistency_proof(tiles.__getitem__, anchored, size) if anchored else []
    call = calls.anchor(
        deployment,
        predecessor_size=anchored,
        size=size,
        root=checkpoint.root_hash,
        consistency_path=proof,
    )
    try:
        return await send(office, authority, call, purpose=PURPOSE, ref=f"{authority}/{size}")
    except PurposeTakenError:
        return None  # Another worker was faster with the same checkpoint.
