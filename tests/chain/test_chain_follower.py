import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lying_nodes import Liar
from test_chain_refusals import Line, declaration
from test_chain_sender import signed

from anvil_fixtures import CHAIN_ID, GOVERNOR, Party, Send, World, mine, rpc
from tulen.chain import calls
from tulen.chain.follower import (
    Block,
    Span,
    block,
    common_ancestor,
    finalized,
    head,
    span,
)
from tulen.chain.rpc import Chain
from tulen.errors import UnavailableError
from tulen.values import Country, Digest

pytestmark = pytest.mark.anyio


async def test_head_and_finalized_are_two_blocks_apart(chain: Chain, world: World) -> None:
    mine(world.url, 3)
    latest, final = await head(chain), await finalized(chain)
    assert latest.number - final.number == 2
    assert await block(chain, final.number) == final
    assert await block(chain, latest.number + 1) is None
    now = rpc(world.url, "eth_getBlockByNumber", "latest", False)
    assert str(latest.hash) == now["hash"][2:]
    assert str(latest.parent_hash) == now["parentHash"][2:]
    assert latest.time == datetime.fromtimestamp(int(now["timestamp"], 16), UTC)


@pytest.fixture
async def story(world: World, authority: Party, customs: Party, send: Send) -> Line:
    line = Line(world, authority)
    await send(authority, line.anchor)
    mine(world.url, 1)
    await send(customs, line.draw(600, declaration(1)))
    await send(customs, calls.release(line.deployment, line.digest, 1, declaration(1)))
    await send(authority, calls.revoke(line.deployment, [line.digest, Digest(bytes(31) + b"1")], 2))
    return line


async def followed(url: str, world: World, back: int = 4) -> Span:
    """Return the last blocks and their events, over a new client."""
    async with Chain(url, CHAIN_ID) as chain:
        last = int(rpc(world.url, "eth_blockNumber"), 16)
        return await span(chain, last - back, last, world.deployment.addresses)


async def test_events_come_in_order_with_their_arguments(
    world: World, story: Line, authority: Party, customs: Party
) -> None:
    seen = await followed(world.url, world)
    assert [event.name for event in seen.events] == [
        "CheckpointAnchored",
        "Drawn",
        "Released",
        "Revoked",
        "Revoked",
    ]
    anchored, drawn, _, revoked, also = seen.events
    assert anchored.arguments == {
        "authority": authority.code.on_chain,
        "root": story.root,
        "size": 1,
    }
    assert drawn.arguments == {
        "digest": story.digest,
        "line": 1,
        "declaration": declaration(1),
        "customs": customs.code.on_chain,
        "quantity": 600_000_000,
    }
    assert revoked.arguments == {
        "authority": authority.code.on_chain,
        "digest": story.digest,
        "reason": 2,
    }
    assert revoked.tx_hash == also.tx_hash
    assert revoked.log_index < also.log_index
    hashes = {entry.number: entry.hash for entry in seen.blocks}
    assert len(hashes) == 5
    assert all(hashes[event.block_number] == event.block_hash for event in seen.events)


async def test_only_the_wanted_contracts_are_followed(chain: Chain, story: Line) -> None:
    last = (await head(chain)).number
    seen = await span(chain, last - 4, last, [story.deployment.drawdowns])
    assert [event.name for event in seen.events] == ["Drawn", "Released"]


async def test_an_empty_span_is_believed(chain: Chain, world: World) -> None:
    mine(world.url, 3)
    last = (await head(chain)).number
    assert (await span(chain, last - 2, last, world.deployment.addresses)).events == ()


@pytest.mark.parametrize(("first", "last"), [(3, 2), (0, 1000)])
async def test_a_span_has_its_limits(chain: Chain, world: World, first: int, last: int) -> None:
    with pytest.raises(ValueError, match="are not 1 to 1000 blocks"):
        await span(chain, first, last, world.deployment.addresses)


async def test_a_node_that_is_behind_has_not_answered(chain: Chain, world: World) -> None:
    last = (await head(chain)).number
    with pytest.raises(UnavailableError, match="where a block belongs"):
        await span(chain, last, last + 1, world.deployment.addresses)


def _logs(change: Callable[[list[dict[str, Any]]], Any]) -> Callable[[Any, Any], Any]:
    def lie(call: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        if call["method"] == "eth_getLogs" and "fromBlock" in call["params"][0]:
            return {**answer, "result": change(answer["result"])}
        return answer

    return lie


def _all_logs(call: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "result": []} if call["method"] == "eth_getLogs" else answer


def _blocks(**changed: object) -> Callable[[Any, Any], Any]:
    def lie(call: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        if call["method"] == "eth_getBlockByNumber":
            return {**answer, "result": {**answer["result"], **changed}}
        return answer

    return lie


LIES = {
    "a log left out": (_logs(lambda logs: logs[1:]), "were left out"),
    "all logs left out": (_logs(lambda _: []), "were left out"),
    "all logs left out, always": (_all_logs, "announces logs and has none"),
    "a log of another block": (
        _logs(lambda logs: [{**logs[0], "blockHash": "0x" + "11" * 32}, *logs[1:]]),
        "a log is of another block",
    ),
    "a log of another height": (
        _logs(lambda logs: [{**logs[0], "blockNumber": "0xffff"}, *logs[1:]]),
        "a log is of another block",
    ),
    "a log of another contract": (
        _logs(lambda logs: [{**logs[0], "address": "0x" + "11" * 20}, *logs[1:]]),
        "was not asked for",
    ),
    "a log of another kind": (
        _logs(lambda logs: [{**logs[0], "topics": ["0x" + "11" * 32]}, *logs[1:]]),
        "is of none of our events",
    ),
    "a log with too little data": (
        _logs(lambda logs: [{**logs[0], "data": "0x"}, *logs[1:]]),
        "do not fit the contract's interface",
    ),
    "a log that is none": (_logs(lambda _: [7]), "where an event belongs"),
    "logs that are none": (_logs(lambda _: None), "where logs belong"),
    "blocks without a parent": (_blocks(parentHash="0x" + "11" * 32), "does not follow"),
    "another block's number": (_blocks(number="0x1"), "answers block 1 for block"),
    "blocks without a time": (_blocks(timestamp=None), "where a number belongs"),
    "blocks without a filter": (_blocks(logsBloom="0x"), "where bytes belong"),
}


@pytest.mark.parametrize(("lie", "words"), LIES.values(), ids=LIES.keys())
@pytest.mark.usefixtures("story")
async def test_answers_that_do_not_fit_together_are_an_outage(
    world: World, liar: Liar, lie: Callable[[Any, Any], Any], words: str
) -> None:
    with pytest.raises(UnavailableError, match=words):
        await followed(await liar(lie), world)


@pytest.mark.usefixtures("story")
async def test_another_contract_s_logs_in_the_filter_are_no_contradiction(
    world: World, liar: Liar
) -> None:
    """A filter that admits everything makes each silent block be looked into."""
    full = "0x" + "ff" * 256

    def lie(call: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        if call["method"] == "eth_getLogs" and "blockHash" in call["params"][0]:
            return {**answer, "result": [{"address": "0x" + "11" * 20}]}
        return _blocks(logsBloom=full)(call, answer)

    assert len((await followed(await liar(lie), world)).events) == 5


async def test_after_a_reorganisation_the_last_common_block_is_found(
    chain: Chain, world: World
) -> None:
    mine(world.url, 6)
    last = (await head(chain)).number
    stored = [
        (entry.number, entry.hash)
        for entry in (await span(chain, last - 5, last, world.deployment.addresses)).blocks
    ]

    async def read(number: int) -> Block | None:
        return await block(chain, number)

    assert await common_ancestor(stored, read) == stored[-1]
    call = calls.appoint_steward(world.deployment, Country("TH"), GOVERNOR.address)
    other = await signed(chain, GOVERNOR, call)  # empty blocks would be the old ones, hash for hash
    rpc(world.url, "anvil_reorg", 3, [[f"0x{other.raw.hex()}", 0]])
    assert await common_ancestor(stored, read) == stored[2]
    rpc(world.url, "anvil_rollback", 4)
    assert await common_ancestor(stored, read) == stored[1]
    assert await common_ancestor(stored[2:], read) is None
    assert await common_ancestor([], read) is None


@given(numbers=st.sets(st.integers(0, 400), max_size=60), data=st.data())
def test_the_common_ancestor_is_the_newest_block_that_stands(
    numbers: set[int], data: st.DataObject
) -> None:
    stored = [(number, Digest(number.to_bytes(32))) for number in sorted(numbers)]
    standing = data.draw(st.integers(0, len(stored)))
    height = data.draw(st.integers(0, 400))
    reads = 0

    async def read(number: int) -> Block | None:
        nonlocal reads
        reads += 1
        if number > height:
            return None
        same = (number, Digest(number.to_bytes(32))) in stored[:standing]
        changed = Digest(number.to_bytes(32) if same else bytes([255]) * 32)
        return Block(number, changed, changed, datetime.fromtimestamp(0, UTC))

    expected = [entry for entry in stored[:standing] if entry[0] <= height]
    found = asyncio.run(common_ancestor(stored, read))
    assert found == (expected[-1] if expected else None)
    assert reads <= 8
