"""What the log gives, as it is stored in PostgreSQL."""

import secrets
import statistics
import time
from dataclasses import replace

from benchmarks.samples import AUTHORITY
from benchmarks.stage import BATCH, LOG_SIZE, Stage, random_digests
from tulen.log.tile_memory import TileMemory
from tulen.workflows.log_proof import inclusion_path
from tulen.workflows.office import Office

PROOFS = 1_000
"""In one run."""


async def log_append_per_s(stage: Stage) -> float:
    """Entries written, hashed into tiles and sealed under a signed checkpoint, 10,000 at a time."""
    await stage.full_log()
    digests = random_digests(BATCH)
    started = time.perf_counter()
    await stage.append(digests)
    return BATCH / (time.perf_counter() - started)


async def log_proof_p99_ms(stage: Stage) -> float:
    """The slowest but one in a hundred of inclusion proofs at 10^5 leaves, tiles read for each."""
    office = replace(await stage.full_log(), tiles=TileMemory(most=0))
    return statistics.quantiles(await proofs_ms(office, LOG_SIZE), n=100)[-1]


async def proofs_ms(office: Office, size: int) -> list[float]:
    """Return how long inclusion proofs of random entries take, in milliseconds."""
    taken = []
    for _ in range(PROOFS):
        index = secrets.randbelow(size)
        started = time.perf_counter()
        await inclusion_path(office, AUTHORITY, index, size)
        taken.append((time.perf_counter() - started) * 1_000)
    return taken
