"""A million certificates through the log, and what a log of that size gives afterwards."""

import resource
import secrets
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from benchmarks.samples import AUTHORITY, certificates
from benchmarks.stage import BATCH, FINAL_SECONDS, Stage, random_digests
from benchmarks.storage import proofs_ms
from tulen.certificate import SEED_BYTES, CertificateNumber, seal, signing_bytes
from tulen.log import TILE_WIDTH
from tulen.log.tile_memory import TileMemory
from tulen.values import Digest
from tulen.worker import work_until_idle
from tulen.workflows import clock
from tulen.workflows.log_proof import inclusion_path
from tulen.workflows.office import Office
from tulen.workflows.seal_checkpoint import seal_checkpoint

MILLION: Final = 1_000_000
SAID_EACH: Final = 100_000
CHECKPOINTS: Final = 20
FRESH: Final = 1_000
"""Entries of a checkpoint that is timed: five seconds of two hundred certificates each."""
MIB: Final = 1024
"""In the kibibytes that the system counts in."""


async def million_total_s(stage: Stage) -> float:
    """A million certificates sealed, signed, logged, checkpointed, anchored and final."""
    return (await _filled(stage))[0]


async def million_peak_rss_mib(stage: Stage) -> float:
    """The most memory that this process ever held while it did that."""
    return (await _filled(stage))[1]


async def log_proof_p99_ms_1m(stage: Stage) -> float:
    """The slowest but one in a hundred of inclusion proofs at 10^6 leaves, each tile seen once."""
    await _filled(stage)
    office = await stage.office()
    for index in range(0, MILLION, TILE_WIDTH):
        await inclusion_path(office, AUTHORITY, index, MILLION)
    return statistics.quantiles(await proofs_ms(office, MILLION), n=100)[-1]


async def log_proof_cold_p99_ms_1m(stage: Stage) -> float:
    """The same where nothing is remembered: the tiles are read from PostgreSQL for each."""
    await _filled(stage)
    office = replace(await stage.office(), tiles=TileMemory(most=0))
    return statistics.quantiles(await proofs_ms(office, MILLION), n=100)[-1]


async def checkpoint_ms_1m(stage: Stage) -> float:
    """A checkpoint of 1,000 more entries on a log of 10^6: tiles, root, signature, all stored."""
    await _filled(stage)
    office = await stage.office()
    taken = []
    for _ in range(CHECKPOINTS):
        await stage.append_unsealed(random_digests(FRESH))
        started = time.perf_counter()
        await seal_checkpoint(office, AUTHORITY)
        taken.append((time.perf_counter() - started) * 1_000)
    return statistics.median(taken)


async def _filled(stage: Stage) -> tuple[float, float]:
    """Fill the log once; return the seconds that it took, and the peak of memory in MiB."""
    if stage.million is None:
        office = await stage.office()
        digests = _issued(office)
        started = time.perf_counter()
        for done in range(0, MILLION, BATCH):
            if not done % SAID_EACH:
                _say(done, started)
            await stage.append(list(islice(digests, BATCH)))
            await stage.anchor()
        await work_until_idle(office, FINAL_SECONDS)
        _say(MILLION, started)
        stage.million = time.perf_counter() - started, _peak_mib()
    return stage.million


def _issued(office: Office) -> Iterator[Digest]:
    """Yield digests of certificates that differ in number and seed, each sealed and signed."""
    signer = office.signer(AUTHORITY)
    (sample,) = certificates(1, clock.today())
    while True:
        serial = secrets.randbelow(10**7)
        number = CertificateNumber(f"{AUTHORITY}-D-26-{serial:07}")
        certificate = replace(sample.certificate, number=number)
        digest = seal(certificate, secrets.token_bytes(SEED_BYTES)).digest
        signer.sign(signing_bytes(digest))
        yield digest


def _say(done: int, started: float) -> None:
    seconds = time.perf_counter() - started
    print(f"{done:>11,} final  {seconds:>6.1f} s  peak {_peak_mib():.0f} MiB", file=sys.stderr)


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB
