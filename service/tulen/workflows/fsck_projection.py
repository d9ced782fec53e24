"""Read the chain again from the first block, and compare what was kept of it row for row.

What the register shows of the chain (anchors, statuses, what is drawn) is asked of these rows each
time, so nothing is kept that could differ from them but receipts and the states of drawdowns; those
are compared, too. A few hundred blocks are in memory.
"""

import asyncio
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.chain import follower, sender
from tulen.chain.deployment import check_deployment
from tulen.database import events, projection, stored
from tulen.database.events import Block, Cursor, Event
from tulen.errors import TulenError, UnavailableError
from tulen.settings import Settings
from tulen.values import Digest
from tulen.workflows.doctor import FAIL, PASS, UNKNOWN, Finding
from tulen.workflows.follow_chain import row_of
from tulen.workflows.office import Office, open_office
from tulen.workflows.tally import MOST_NAMED, Tally

BLOCKS_AT_ONCE: Final = 200
PAGE: Final = 200

_LEAST: Final = Digest(bytes(Digest.length))
_EVENT: Final = ("tx_hash", "block_hash", "address", "name", "subject", "arguments")


async def fsck_projection(settings: Settings) -> list[Finding]:
    """Return what is found; never raises for what is damaged."""
    tallies = {name: Tally(name) for name in ("blocks", "events", "receipts", "draws")}
    try:
        async with open_office(settings) as office:
            await check_deployment(office.chain, office.deployment)
            async with office.database.transaction() as connection:
                await stored.as_of_now(connection)
                cursor = await events.cursor(connection, office.chain.chain_id)
                if cursor is None:
                    return [Finding("blocks", PASS, "nothing was read of the chain yet")]
                await _require_standing(office, cursor)
                await _blocks(office, connection, cursor, tallies["blocks"], tallies["events"])
                await _receipts(office, connection, tallies["receipts"])
                await _draws(office, connection, tallies["draws"])
                await _require_standing(office, cursor)
    except TulenError as error:
        outcome = UNKNOWN if isinstance(error, UnavailableError) else FAIL
        named = [item for tally in tallies.values() if tally.differing for item in tally.findings()]
        return [*named, Finding("projection", outcome, str(error))]
    return [finding for tally in tallies.values() for finding in tally.findings()]


async def _require_standing(office: Office, cursor: Cursor) -> None:
    """Return if the chain still has what was read last: else the two are not of one moment.

    Raises:
        UnavailableError: it was reorganised since, or its node is behind.
    """
    now = await follower.block(office.chain, cursor.block_number)
    if now is None or now.hash != cursor.block_hash:
        raise UnavailableError(
            f"block {cursor.block_number} was read as {cursor.block_hash}, and the chain has "
            f"{now.hash if now else 'none'}: let the worker follow it, and run this again"
        )


async def _blocks(
    office: Office, connection: AsyncConnection, cursor: Cursor, blocks: Tally, found: Tally
) -> None:
    chain, last = office.chain, cursor.block_number
    finalized = (await follower.finalized(chain)).number
    first = office.deployment.block
    for surplus in await projection.blocks_outside(
        connection, chain.chain_id, first, last, MOST_NAMED + 1
    ):
        blocks.compare(f"block {surplus.number}", surplus.hash, "none: it was not to be read")
    for start in range(first, last + 1, BLOCKS_AT_ONCE):
        end = min(start + BLOCKS_AT_ONCE - 1, last)
        span = await follower.span(chain, start, end, office.deployment.addresses)
        held = {
            block.number: block
            for block in await projection.blocks_between(connection, chain.chain_id, start, end)
        }
        for derived in span.blocks:
            _compare_block(blocks, held.get(derived.number), derived, finalized)
        hashes = [block.hash for block in held.values()]
        kept = await projection.events_in(connection, chain.chain_id, hashes)
        rows = [row_of(chain.chain_id, event) for event in span.events]
        _compare_events(found, kept, rows)


def _compare_block(
    tally: Tally, held: Block | None, derived: follower.Block, finalized: int
) -> None:
    name = f"block {derived.number}"
    if held is None:
        tally.compare(name, "no block", derived.hash)
        return
    tally.compare(f"{name}, hash", held.hash, derived.hash)
    tally.compare(f"{name}, parent", held.parent_hash, derived.parent_hash)
    tally.compare(f"{name}, time", held.block_time, derived.time)
    if held.final:  # What became final since is not known here yet; never the other way round.
        tally.compare(f"{name}, final", held.final, derived.number <= finalized)


def _compare_events(tally: Tally, kept: list[Event], derived: list[Event]) -> None:
    held = {(event.block_number, event.log_index): event for event in kept}
    for event in derived:
        number, place = event.block_number, event.log_index
        name = f"event {place} of block {number}"
        row = held.pop((number, place), None)
        if row is None:
            tally.compare(name, "no event", f"{event.name} about {event.subject.hex()}")
            continue
        for member in _EVENT:
            tally.compare(f"{name}, {member}", getattr(row, member), getattr(event, member))
    for (number, place), row in held.items():
        text = f"{row.name} about {row.subject.hex()}"
        tally.compare(f"event {place} of block {number}", text, "no event")


async def _receipts(office: Office, connection: AsyncConnection, tally: Tally) -> None:
    """What a block is said to hold of ours, and how that ended."""
    chain, last = office.chain, _LEAST
    while page := await projection.mined_after(connection, chain.chain_id, last, PAGE):
        receipts = await asyncio.gather(
            *(sender.receipt(chain, attempt.tx_hash) for attempt in page)
        )
        for attempt, receipt in zip(page, receipts, strict=True):
            name = f"transaction {attempt.tx_hash}"
            if receipt is None:
                tally.compare(name, f"in block {attempt.block_number}", "in none")
                continue
            for member in ("block_number", "block_hash", "gas_used", "succeeded"):
                held, derived = getattr(attempt, member), getattr(receipt, member)
                tally.compare(f"{name}, {member}", held, derived)
        last = page[-1].tx_hash
    for row in await projection.settled_without_block(connection, chain.chain_id, MOST_NAMED + 1):
        name = f"transaction {row.nonce} of 0x{row.sender.hex()}, state"
        tally.compare(name, row.state, "none: no block holds it")


async def _draws(office: Office, connection: AsyncConnection, tally: Tally) -> None:
    """What was drawn for good here, as the contract's event says it."""
    chain_id, number, line = office.chain.chain_id, "", 0
    while page := await projection.drawn_after(connection, chain_id, number, line, PAGE):
        for row, said in page:
            name = f"drawdown {row.declaration} line {row.line}, millionths"
            tally.compare(name, row.quantity_micro, said)
        number, line = page[-1][0].declaration, page[-1][0].line
