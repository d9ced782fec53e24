"""What is remembered of the chain: never older than the set age, whatever happens meanwhile."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from anchored_certificates import Issued, issued_by
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lying_nodes import Liar

from anvil_fixtures import (
    ATIGA,
    CHAIN_ID,
    STEWARD,
    Party,
    Send,
    World,
    free_port,
    mine,
    new_party,
    rpc,
)
from tulen.chain import calls, fact_cache
from tulen.chain.deploy import send_and_wait
from tulen.chain.fact_cache import FactCache
from tulen.chain.facts import FactReader
from tulen.chain.refusals import ContractRefusalError
from tulen.chain.rpc import Chain
from tulen.chain.sender import TransactionSigner
from tulen.values import Country, Digest
from tulen.verify.facts import ChainFacts, ChainQuestion, State, Unavailable
from tulen.workflows import clock

pytestmark = pytest.mark.anyio

LONG = 30.0
"""Seconds that no test takes."""
AGE = 0.5
SHORT = 0.06


class Counting(FactReader):
    """A real reader that counts what it is asked, and may be held up."""

    def __init__(self, chain: Chain, world: World) -> None:
        super().__init__(chain, world.deployment, now=clock.now)
        self.asked: Counter[Digest] = Counter()
        self.go = asyncio.Event()
        self.go.set()

    async def read(self, question: ChainQuestion) -> ChainFacts | Unavailable:
        self.asked[question.digest] += 1
        await self.go.wait()
        return await super().read(question)


@pytest.fixture
def reader(chain: Chain, world: World) -> Counting:
    return Counting(chain, world)


def state(answer: ChainFacts | Unavailable) -> State | str:
    return answer.status.state if isinstance(answer, ChainFacts) else answer.cause


@pytest.fixture
def settled(world: World, issued: Issued) -> Issued:
    mine(world.url, 2)
    return issued


async def test_what_is_final_is_read_once_within_its_age(reader: Counting, settled: Issued) -> None:
    cache = FactCache(reader, LONG)
    first = await cache.read(settled.question)
    assert await cache.read(settled.question) is first
    assert reader.asked[settled.digest] == 1


async def test_what_is_older_than_its_age_is_read_again(reader: Counting, settled: Issued) -> None:
    cache = FactCache(reader, 0.05)
    first = await cache.read(settled.question)
    await asyncio.sleep(0.06)
    second = await cache.read(settled.question)
    assert reader.asked[settled.digest] == 2
    assert isinstance(first, ChainFacts)
    assert isinstance(second, ChainFacts)
    assert second.read_at > first.read_at


async def test_an_age_of_zero_remembers_and_shares_nothing(
    reader: Counting, settled: Issued
) -> None:
    cache = FactCache(reader, 0)
    await asyncio.gather(*(cache.read(settled.question) for _ in range(3)))
    assert reader.asked[settled.digest] == 3


async def test_who_asks_the_same_at_the_same_time_shares_one_reading_and_may_leave(
    reader: Counting, settled: Issued
) -> None:
    cache = FactCache(reader, LONG)
    reader.go.clear()
    waiting = [asyncio.create_task(cache.read(settled.question)) for _ in range(8)]
    await asyncio.sleep(0.01)
    waiting[0].cancel()
    reader.go.set()
    answers = await asyncio.gather(*waiting[1:])
    assert all(answer is answers[0] for answer in answers)
    assert reader.asked[settled.digest] == 1
    assert waiting[0].cancelled()


async def test_age_counts_from_the_beginning_of_the_reading(
    reader: Counting, settled: Issued
) -> None:
    cache = FactCache(reader, 0.2)
    reader.go.clear()
    slow = asyncio.create_task(cache.read(settled.question))
    await asyncio.sleep(0.25)  # Longer on its way than an answer is used: nobody may join it now.
    reader.go.set()
    await cache.read(settled.question)
    await slow
    assert reader.asked[settled.digest] == 2


async def test_an_answer_that_was_too_long_on_its_way_is_none(
    reader: Counting, settled: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fact_cache, "MAX_AGE_SECONDS", 0.05)
    cache = FactCache(reader, 0.05)
    reader.go.clear()
    slow = asyncio.create_task(cache.read(settled.question))
    await asyncio.sleep(0.06)
    reader.go.set()
    assert "and may be another by now" in str(state(await slow))


@pytest.mark.parametrize("age", [-1, 31])
async def test_an_age_that_breaks_the_promise_is_refused(reader: Counting, age: float) -> None:
    with pytest.raises(ValueError, match="is not from 0 to 30 seconds"):
        FactCache(reader, age)


async def test_another_question_about_the_same_certificate_is_read_by_itself(
    reader: Counting, settled: Issued
) -> None:
    cache = FactCache(reader, LONG)
    await cache.read(settled.question)
    await cache.read(replace(settled.question, importing_country=Country("TH")))
    await cache.read(replace(settled.question, agreement=None))
    assert reader.asked[settled.digest] == 3


async def test_what_is_not_final_yet_is_not_kept(reader: Counting, issued: Issued) -> None:
    cache = FactCache(reader, LONG)
    for _ in range(2):
        pending = await cache.read(issued.question)
        assert isinstance(pending, ChainFacts)
    assert reader.asked[issued.digest] == 2
    await cache.read(replace(issued.question, transaction=None))
    await cache.read(replace(issued.question, transaction=None))
    assert reader.asked[issued.digest] == 4


async def test_an_outage_is_not_kept(world: World, settled: Issued) -> None:
    async with Chain(f"http://127.0.0.1:{free_port()}", CHAIN_ID) as dead:
        reader = Counting(dead, world)
        cache = FactCache(reader, LONG)
        for _ in range(2):
            assert isinstance(await cache.read(settled.question), Unavailable)
        assert reader.asked[settled.digest] == 2


async def test_no_more_than_the_set_number_is_kept_and_the_oldest_goes_first(
    reader: Counting, settled: Issued
) -> None:
    cache = FactCache(reader, LONG, most=2)
    countries = [
        replace(settled.question, importing_country=Country(code)) for code in ("TH", "ID", "VN")
    ]
    for question in countries:
        await cache.read(question)
    assert reader.asked[settled.digest] == 3
    await cache.read(countries[2])
    await cache.read(countries[1])
    assert reader.asked[settled.digest] == 3
    await cache.read(countries[0])
    assert reader.asked[settled.digest] == 4


async def test_what_is_too_old_takes_no_room(reader: Counting, settled: Issued) -> None:
    cache = FactCache(reader, 0.02)
    for code in ("TH", "ID", "VN"):
        await cache.read(replace(settled.question, importing_country=Country(code)))
        await asyncio.sleep(0.03)
    assert len(cache._readings) == 1


async def test_revoked_behind_a_node_that_fell_silent_it_is_unknown_at_its_age_and_not_good(
    world: World, settled: Issued, authority: Party, send: Send, liar: Liar
) -> None:
    """T8: the source of status is cut off right after the revocation."""
    silent = asyncio.Event()

    def cut_off(_call: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        return {} if silent.is_set() else answer

    async with Chain(await liar(cut_off), CHAIN_ID) as chain:
        cache = FactCache(FactReader(chain, world.deployment, now=clock.now), AGE)
        loop = asyncio.get_running_loop()
        began = loop.time()
        assert state(await cache.read(settled.question)) is State.GOOD
        read = loop.time()
        await send(authority, calls.revoke(world.deployment, [settled.digest], 1))
        silent.set()
        asked = loop.time()
        while (answer := state(await cache.read(settled.question))) is State.GOOD:
            assert asked - read < AGE, "it stays good from memory"
            await asyncio.sleep(0.01)
            asked = loop.time()
        assert loop.time() - began >= AGE
        assert "something that is not JSON-RPC" in str(answer)
        silent.clear()
        assert state(await cache.read(settled.question)) is State.REVOKED


async def test_a_node_that_sleeps_is_not_believed(
    world: World, chain: Chain, settled: Issued
) -> None:
    """T9: the head stands still, though the node answers."""
    number = int(rpc(world.url, "eth_blockNumber"), 16)
    head = int(rpc(world.url, "eth_getBlockByNumber", hex(number), False)["timestamp"], 16)
    for late, believed in ((60, True), (61, False)):
        now = datetime.fromtimestamp(head, UTC) + timedelta(seconds=late)
        reader = FactReader(
            chain, world.deployment, now=lambda now=now: now, max_head_age=timedelta(seconds=60)
        )
        answer = await FactCache(reader, LONG).read(settled.question)
        assert isinstance(answer, ChainFacts) is believed
        if isinstance(answer, Unavailable):
            assert f"its latest block, {number} of " in answer.cause
            assert "is 61 s old, and at most 60 s are believed" in answer.cause


async def test_an_event_that_bears_on_answers_makes_them_forgotten_and_others_do_not(
    reader: Counting, world: World, authority: Party, settled: Issued, send: Send
) -> None:
    cache = FactCache(reader, LONG)
    assert state(await cache.read(settled.question)) is State.GOOD
    cache.seen(settled.receipt.events)
    assert settled.receipt.events[0].name == "CheckpointAnchored"
    await cache.read(settled.question)
    assert reader.asked[settled.digest] == 1
    receipt = await send(authority, calls.revoke(world.deployment, [settled.digest], 1))
    assert state(await cache.read(settled.question)) is State.GOOD
    cache.seen(receipt.events)
    assert state(await cache.read(settled.question)) is State.REVOKED


Act = Callable[[], Awaitable[object]]


def acts(world: World, chain: Chain, authority: Party, digest: Digest) -> dict[str, Act]:
    """Return what may happen between two questions; what cannot happen by then does nothing."""
    deployment, code, indonesia = world.deployment, authority.code, Country("ID")

    def tried(account: TransactionSigner, call: calls.Call) -> Act:
        async def attempt() -> None:
            with suppress(ContractRefusalError):
                await send_and_wait(chain, account, call)

        return attempt

    return {
        "suspend": tried(authority.account, calls.suspend(deployment, [digest], 7)),
        "resume": tried(authority.account, calls.resume(deployment, [digest], 8)),
        "revoke": tried(authority.account, calls.revoke(deployment, [digest], 1)),
        "withdraw": tried(STEWARD, calls.withdraw_recognition(deployment, indonesia, code, ATIGA)),
        "restore": tried(STEWARD, calls.restore_recognition(deployment, indonesia, code, ATIGA)),
        "pause": tried(STEWARD, calls.pause_issuing(deployment, code)),
        "unpause": tried(STEWARD, calls.resume_issuing(deployment, code)),
        "mine": lambda: asyncio.to_thread(mine, world.url, 1),
        "reorganise": lambda: asyncio.to_thread(rpc, world.url, "anvil_reorg", 1, []),
        "wait": lambda: asyncio.sleep(SHORT * 1.2),
        "ask": lambda: asyncio.sleep(0),
    }


ACTS = (
    *("suspend", "resume", "revoke", "withdraw", "restore", "pause", "unpause"),
    *("mine", "reorganise", "wait", "ask", "ask"),
)


def said(facts: ChainFacts | Unavailable) -> ChainFacts:
    """Return what a verdict rests on: all but when and at which block it was read."""
    assert isinstance(facts, ChainFacts), facts
    return replace(facts, as_of_block=0, as_of=NEVER, read_at=NEVER)


NEVER = datetime.fromtimestamp(0, UTC)


class SideBySide:
    """Asks the fast way and the slow way over whatever happens on chain."""

    def __init__(self, fast: FactCache, slow: FactReader, question: ChainQuestion) -> None:
        self._fast, self._slow, self._question = fast, slow, question
        self._was: list[tuple[float, float, ChainFacts]] = []
        """What the slow way said, from when it may have been so until when."""

    async def after(self, act: Act) -> None:
        """Let ``act`` happen; the fast way must say what was so no longer ago than its age."""
        now = asyncio.get_running_loop().time
        began = now()
        await act()
        if self._was:
            since, _, truth = self._was[-1]
            self._was[-1] = (since, now(), truth)
        self._was.append((began, float("inf"), said(await self._slow.read(self._question))))
        asked = now()
        answer = said(await self._fast.read(self._question))
        allowed = [truth for _, until, truth in self._was if until >= asked - SHORT]
        assert answer in allowed


@settings(max_examples=25, deadline=None)
@given(script=st.lists(st.sampled_from(ACTS), min_size=2, max_size=12))
@example(script=["ask", "revoke", "ask", "wait", "ask"])
@example(script=["suspend", "reorganise", "ask", "wait", "resume", "withdraw", "wait", "restore"])
def test_nothing_is_answered_from_memory_that_was_not_so_within_its_age(
    world: World, script: list[str]
) -> None:
    async def play() -> None:
        async with Chain(world.url, CHAIN_ID) as chain:
            authority = await new_party(chain, world, "VN", calls.ISSUING_AUTHORITY)
            issued = await issued_by(authority, world, chain)
            mine(world.url, 2)
            reader = FactReader(chain, world.deployment, now=clock.now)
            pair = SideBySide(FactCache(reader, SHORT), reader, issued.question)
            what_happens = acts(world, chain, authority, issued.digest)
            for name in ("ask", *script, "wait"):
                await pair.after(what_happens[name])

    asyncio.run(play())
