"""What verification against the chain gives, and what the contracts cost."""

import asyncio
import gc
import time
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.stage import ROOT, Stage
from gas_table import (
    GAS_OF_ANCHOR,
    GAS_OF_DRAW,
    GAS_OF_REVOKE,
    GAS_OF_REVOKE_EACH,
    measured_gas,
)
from tulen.chain.fact_cache import FactCache
from tulen.chain.facts import FactReader
from tulen.verify import Proofs, Verdict
from tulen.workflows import clock
from tulen.workflows.office import Office
from tulen.workflows.verify import verify_bundle

TASKS = 32
TIMES_EACH = 4
"""How often a certificate is shown in a run: when it is declared, drawn, financed, asked about."""


async def verify_chain_32_per_s(stage: Stage) -> float:
    """Different bundles, 32 at a time, each verified in full as the API does, four times in all."""
    return await _verified_per_s(stage, (await stage.bundles()) * TIMES_EACH)


async def verify_chain_32_first_per_s(stage: Stage) -> float:
    """The same, each for the first time: nothing is remembered of it, neither file nor chain."""
    return await _verified_per_s(stage, await stage.bundles())


async def verify_chain_32_same_per_s(stage: Stage) -> float:
    """One bundle over and over, as at a counter that everybody asks about it."""
    bundles = await stage.bundles()
    return await _verified_per_s(stage, bundles[:1] * (len(bundles) * TIMES_EACH))


async def _verified_per_s(stage: Stage, bundles: list[bytes]) -> float:
    office = await stage.office()
    # With a memory of its own, a run does not know what the run before has read.
    reader = FactReader(office.chain, office.deployment, now=clock.now)
    facts = FactCache(reader, office.settings.chain_max_age_seconds)
    office = replace(office, facts=facts, proofs=Proofs())
    queue = iter(bundles)
    gc.collect()
    gc.freeze()  # As `tulen serve` does.
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(TASKS):
            group.create_task(_verify(office, queue))
    return len(bundles) / (time.perf_counter() - started)


async def _verify(office: Office, queue: Iterator[bytes]) -> None:
    for data in queue:
        result = await verify_bundle(office, data)
        if result.verdict is not Verdict.VALID:
            raise RuntimeError(f"verified as {result.verdict}: {result.checks}")


async def gas_anchor_2p24(stage: Stage) -> float:
    """A checkpoint with the longest proof that a log of up to 2^24 entries can need."""
    return (await _gas(stage))[GAS_OF_ANCHOR]


async def gas_revoke(stage: Stage) -> float:
    """One certificate revoked, with reason and time."""
    return (await _gas(stage))[GAS_OF_REVOKE]


async def gas_revoke_each_of_50(stage: Stage) -> float:
    """The same, each of fifty in one transaction."""
    return (await _gas(stage))[GAS_OF_REVOKE_EACH]


async def gas_draw(stage: Stage) -> float:
    """The first quantity drawn from a line, of a certificate in a log of 2^24 entries."""
    return (await _gas(stage))[GAS_OF_DRAW]


async def _gas(stage: Stage) -> dict[str, int]:
    """Return the rows of docs/gas.md, measured once."""
    if not stage.gas:
        stage.gas = await measured_gas(ROOT)
    return stage.gas
