"""Verifying in an office that works: what it has seen itself it does not forget for a memory."""

from dataclasses import replace

import pytest
from desk import Desk

from tulen.chain.fact_cache import MAX_AGE_SECONDS, FactCache
from tulen.chain.facts import FactReader
from tulen.verify import Verdict
from tulen.workflows import clock
from tulen.workflows.follow_chain import follow_chain
from tulen.workflows.verify import verify_bundle

pytestmark = pytest.mark.anyio


@pytest.fixture
def keen(desk: Desk) -> Desk:
    """The office, with the longest memory that can be set."""
    reader = FactReader(desk.office.chain, desk.office.deployment, now=clock.now)
    return Desk(replace(desk.office, facts=FactCache(reader, MAX_AGE_SECONDS)))


async def test_a_revocation_by_the_same_process_is_seen_at_once(keen: Desk) -> None:
    number, bundle = await keen.certified()
    assert (await verify_bundle(keen.office, bundle)).verdict is Verdict.VALID
    await keen.revoke(number)
    assert (await verify_bundle(keen.office, bundle)).verdict is Verdict.REVOKED


async def test_a_revocation_by_another_process_is_seen_when_the_chain_is_followed(
    keen: Desk,
) -> None:
    number, bundle = await keen.certified()
    assert (await verify_bundle(keen.office, bundle)).verdict is Verdict.VALID
    async with keen.second_process() as other:
        await other.revoke(number)
    remembered = await verify_bundle(keen.office, bundle)
    assert remembered.verdict is Verdict.VALID
    assert remembered.age is not None
    await follow_chain(keen.office)
    assert (await verify_bundle(keen.office, bundle)).verdict is Verdict.REVOKED


async def test_a_reorganisation_makes_everything_forgotten(keen: Desk) -> None:
    _, bundle = await keen.certified()
    other, _ = await keen.certified()
    await keen.revoke(other)
    await follow_chain(keen.office)
    before = await verify_bundle(keen.office, bundle)
    keen.reorganise(1)
    assert (await verify_bundle(keen.office, bundle)).facts is before.facts
    await follow_chain(keen.office)
    after = await verify_bundle(keen.office, bundle)
    assert after.facts is not before.facts
    assert after.verdict is Verdict.VALID


async def test_one_file_is_proven_once_for_all_who_ask(keen: Desk) -> None:
    _, bundle = await keen.certified()
    first, second = [await verify_bundle(keen.office, bundle) for _ in range(2)]
    assert first.bundle is second.bundle
    assert first.facts is second.facts
    assert first.age is not None
    assert second.age is not None
    assert second.age > first.age
