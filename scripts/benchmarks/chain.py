"""What verification against the chain gives, and what the contracts cost."""

import asyncio
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
from tulen.chain.facts import FactReader
from tulen.verify import Verdict
from tulen.workflows.office import Office
from tulen.workflows.verify import verify_bundle

TASKS = 32
VERIFICATIONS = 1024
"""In one run."""


async def verify_chain_32_per_s(stage: Stage) -> float:
    """Different bundles, 32 at a time, each verified in full as the API does."""
    return await _verified_per_s(stage, await stage.bundles())


async def verify_chain_32_same_per_s(stage: Stage) -> float:
    """One bundle over and over, as at a counter that everybody asks about it."""
    return await _verified_per_s(stage, (await stage.bundles())[:1])


async def _verified_per_s(stage: Stage, bundles: list[bytes]) -> float:
    office = await stage.office()
    # With a reader of its own, a run does not know what the run before has read.
    office = replace(office, facts=FactReader(office.chain, office.deployment))
    queue = iter(bundles * (VERIFICATIONS // len(bundles)))
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(TASKS):
            group.create_task(_verify(office, queue))
    return VERIFICATIONS / (time.perf_counter() - started)


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
