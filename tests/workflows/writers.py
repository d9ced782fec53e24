"""Worker processes on the desk's database and chain, and what they must leave behind."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from desk import Desk

TAKEN_OVER_WITHIN = 10
TULEN = Path(sys.executable).with_name("tulen")
PATIENCE = 60
LEADER = (
    "SELECT a.application_name FROM pg_locks JOIN pg_stat_activity a USING (pid) "
    "WHERE locktype = 'advisory' AND granted AND a.datname = current_database() "
    "AND objid = (hashtextextended('worker', 0) & 4294967295)::oid"
)
FENCE = "SELECT fence FROM lease WHERE name = 'worker'"
SEALED = "SELECT count(*) FROM checkpoint"
UNPUBLISHED = (
    "SELECT count(*) FROM log_entry e WHERE NOT EXISTS (SELECT 1 FROM checkpoint c "
    "JOIN chain_event v ON v.subject = c.root_hash JOIN chain_block b ON b.hash = v.block_hash "
    "WHERE b.final AND c.size > e.index)"
)


@dataclass(frozen=True)
class Worker:
    """A `tulen worker`, and the file that holds what it said."""

    process: asyncio.subprocess.Process
    errors: Path

    def said(self, *any_of: str) -> bool:
        text = self.errors.read_text()
        return any(words in text for words in any_of)


@asynccontextmanager
async def worker(desk: Desk, errors: Path) -> AsyncIterator[Worker]:
    """Run a worker until the block ends."""
    settings = desk.office.settings
    assert settings.database_url is not None
    environment = os.environ | {
        "TULEN_HOME": str(settings.home),
        "TULEN_DATABASE_URL": settings.database_url.get_secret_value(),
        "TULEN_CHAIN_RPC_URLS": settings.chain_rpc_urls[0],
        "TULEN_CHECKPOINT_SECONDS": "0",
    }
    with errors.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(TULEN, "worker"), env=environment, stderr=stderr, start_new_session=True
        )
    try:
        yield Worker(process, errors)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        await process.wait()


@asynccontextmanager
async def blocks(desk: Desk) -> AsyncIterator[None]:
    """Make blocks all the time."""

    async def make() -> None:
        while True:
            await asyncio.to_thread(desk.mine, 1)
            await asyncio.sleep(0.05)

    making = asyncio.create_task(make())
    try:
        yield
    finally:
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)


async def until(true: Callable[[], Awaitable[object]]) -> float:
    """Wait for a condition and return how many seconds that took."""
    started = time.monotonic()
    async with asyncio.timeout(PATIENCE):
        while not await true():  # noqa: ASYNC110 - other processes bring it about
            await asyncio.sleep(0.02)
    return time.monotonic() - started


async def published(desk: Desk) -> None:
    """Wait until every entry of the log is under a final anchor."""

    async def done() -> bool:
        return await desk.rows(UNPUBLISHED) == [(0,)]

    await until(done)


async def leader(desk: Desk, other_than: int = 0) -> int:
    """Wait until a process leads that is not ``other_than``, and return its number."""

    async def leads() -> int:
        rows = await desk.rows(LEADER)
        number = int(str(rows[0][0]).split()[1]) if rows else 0
        return 0 if number == other_than else number

    await until(leads)
    return await leads()


async def nothing_lost_or_doubled(desk: Desk, issued: int) -> None:
    entries = await desk.rows("SELECT index FROM log_entry ORDER BY index")
    assert [index for (index,) in entries] == list(range(issued))
    logged = await desk.rows("SELECT count(*), count(DISTINCT log_index) FROM certificate")
    assert logged == [(issued, issued)]
    anchored = await desk.rows(
        "SELECT count(*), count(DISTINCT subject) FROM chain_event WHERE name='CheckpointAnchored'"
    )
    assert anchored[0][0] == anchored[0][1]
    nonces = await desk.rows("SELECT nonce, state FROM chain_transaction ORDER BY nonce")
    assert [nonce for nonce, _ in nonces] == list(range(nonces[0][0], nonces[0][0] + len(nonces)))
    assert {state for _, state in nonces} == {"final"}
    assert await desk.complaints() == []
