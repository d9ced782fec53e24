"""Anchor an authority's latest checkpoint on chain."""

import asyncio

from tulen.chain import calls
from tulen.chain.refusals import StaleCheckpointError
from tulen.database import checkpoints, transactions
from tulen.database import log as log_rows
from tulen.database.errors import PurposeTakenError
from tulen.database.states import TransactionState
from tulen.log import consistency_proof, tiles_for_consistency
from tulen.values import PartyCode
from tulen.workflows.log_copy import keep_copy
from tulen.workflows.log_of import require_whole_log
from tulen.workflows.office import Office
from tulen.workflows.send import Sent, send

PURPOSE = "anchor"


async def anchor(office: Office, authority: PartyCode) -> Sent | None:
    """Send the latest checkpoint of ``authority`` to the ledger; None where nothing is to be sent.

    One anchor is under way at a time, so each builds on what the chain really holds.

    Raises:
        ChainAheadError: the ledger holds what the database does not.
        ContractRefusalError: the ledger refuses.
        UnavailableError: node or database does not answer.
    """
    anchored = await require_whole_log(office, authority)
    async with office.database.transaction() as connection:
        checkpoint = await checkpoints.latest_checkpoint(connection, authority)
    if checkpoint is None:
        return None
    await keep_copy(office, checkpoint)
    if checkpoint.size == anchored:
        return None
    account = await asyncio.to_thread(office.account, authority)
    async with office.database.transaction() as connection:
        under_way = await transactions.unsettled(connection, office.chain.chain_id, account.octets)
        if any(
            row.purpose == PURPOSE and row.state is not TransactionState.MINED for row in under_way
        ):
            return None
        needed = tiles_for_consistency(anchored, checkpoint.size)
        tiles = await log_rows.read_tiles(connection, authority, needed)
        before = await checkpoints.checkpoint_at(connection, authority, anchored)
    proof = consistency_proof(tiles.__getitem__, anchored, checkpoint.size) if anchored else []
    call = calls.anchor(
        office.deployment,
        predecessor_size=anchored,
        predecessor_root=before.root_hash if before else None,
        size=checkpoint.size,
        root=checkpoint.root_hash,
        consistency_path=proof,
    )
    try:
        return await send(
            office, authority, call, purpose=PURPOSE, ref=f"{authority}/{checkpoint.size}"
        )
    except (PurposeTakenError, StaleCheckpointError):
        return None  # Another worker was faster.
