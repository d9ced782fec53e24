"""What the chain finally says of the entries of a log, for status lists."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database.tables import CHAIN_BLOCK, CHAIN_EVENT, LOG_ENTRY
from tulen.values import PartyCode

STATUSES = ("Revoked", "Suspended", "Resumed", "Replaced")
"""The ledger's events that change a status."""


async def final_statuses(
    connection: AsyncConnection, chain_id: int, authority: PartyCode, first: int, count: int
) -> dict[int, str]:
    """Return by index of the log entry the last final status event, of those that have any.

    Only what the authority itself declared counts.

    Args:
        connection: The transaction.
        chain_id: The chain.
        authority: Whose log.
        first: Index of the first entry.
        count: How many entries.
    """
    event, block, entry = CHAIN_EVENT.c, CHAIN_BLOCK.c, LOG_ENTRY.c
    query = (
        select(entry.index, event.name)
        .join(CHAIN_EVENT, event.subject == entry.digest)
        .join(CHAIN_BLOCK, (block.chain_id == event.chain_id) & (block.hash == event.block_hash))
        .where(
            entry.authority == authority,
            entry.index.between(first, first + count - 1),
            event.chain_id == chain_id,
            event.name.in_(STATUSES),
            event.arguments["authority"].astext == authority.on_chain.hex(),
            block.final,
        )
        .order_by(event.block_number, event.log_index)
    )
    return {index: name for index, name in await connection.execute(query)}  # noqa: C416 - rows are no pairs to mypy
