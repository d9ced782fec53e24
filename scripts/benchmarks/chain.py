"""What verification against the chain gives, and what the contracts cost."""

import asyncio
import gc
import secrets
import time
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.samples import AUTHORITY
from benchmarks.stage import Stage, random_digests
from tulen.certificate import Bundle, FullPresentation, allowance_proof
from tulen.chain import calls
from tulen.chain.calls import Call
from tulen.chain.fact_cache import FactCache
from tulen.chain.facts import FactReader
from tulen.values import PartyCode
from tulen.verify import Proofs, StatusReason, Verdict
from tulen.workflows import clock
from tulen.workflows.office import Office
from tulen.workflows.send import mined, send
from tulen.workflows.settle import record_mined
from tulen.workflows.verify import verify_bundle

CUSTOMS = PartyCode("ID.DJBC")
PURPOSE = "benchmark"
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


async def gas_anchor_1(stage: Stage) -> float:
    """A checkpoint of one more entry."""
    return await _anchored(stage, 1)


async def gas_anchor_1000(stage: Stage) -> float:
    """A checkpoint of a thousand more entries."""
    return await _anchored(stage, 1_000)


async def gas_anchor_65536(stage: Stage) -> float:
    """A checkpoint of as many more entries as one may seal."""
    return await _anchored(stage, 65_536)


async def _anchored(stage: Stage, count: int) -> float:
    await stage.full_log()
    await stage.append(random_digests(count))
    return (await stage.anchor()).gas_used


async def gas_revoke(stage: Stage) -> float:
    """One certificate revoked."""
    office = await stage.office()
    call = calls.revoke(office.deployment, random_digests(1), StatusReason.ERROR)
    return await _sent(office, AUTHORITY, call)


async def gas_draw(stage: Stage) -> float:
    """A quantity drawn from a line that nothing was drawn from before: the dear case."""
    office = await stage.office()
    bundle = Bundle.parse(secrets.choice(await stage.bundles()))
    presented, place = bundle.certificate, bundle.log
    if not isinstance(presented, FullPresentation):
        raise TypeError("the sample is redacted")
    proof = allowance_proof(presented.certificate, presented.seed, 1)
    call = calls.draw(
        office.deployment,
        proof,
        calls.LogPlace(
            AUTHORITY,
            place.index,
            place.checkpoint.checkpoint.size,
            place.checkpoint.checkpoint.root,
            place.path,
        ),
        micro=1,
        declaration=random_digests(1)[0],
    )
    return await _sent(office, CUSTOMS, call)


async def _sent(office: Office, party: PartyCode, call: Call) -> float:
    """Send ``call`` as the workflows do, so that the account's nonces stay in order."""
    sent = await send(office, party, call, purpose=PURPOSE, ref=secrets.token_hex(16))
    receipt = await mined(office, sent)
    if receipt is None or not receipt.succeeded:
        raise RuntimeError(f"{sent} came to {receipt}")
    await record_mined(office, receipt)
    return receipt.gas_used
