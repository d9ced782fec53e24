"""What the log gives, as it is stored in PostgreSQL."""

import secrets
import statistics
import time

from benchmarks.samples import AUTHORITY
from benchmarks.stage import BATCH, LOG_SIZE, Stage, random_digests
from tulen.database import log
from tulen.log import inclusion_proof, tiles_for_inclusion

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
    office = await stage.full_log()
    taken = []
    for _ in range(PROOFS):
        index = secrets.randbelow(LOG_SIZE)
        started = time.perf_counter()
        async with office.database.transaction() as connection:
            wanted = tiles_for_inclusion(index, LOG_SIZE)
            tiles = await log.read_tiles(connection, AUTHORITY, wanted)
        inclusion_proof(tiles.__getitem__, index, LOG_SIZE)
        taken.append(time.perf_counter() - started)
    return statistics.quantiles(taken, n=100)[-1] * 1_000
