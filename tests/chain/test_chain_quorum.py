"""What several endpoints say together, of real Anvil behind proxies that may lie."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from lying_proxy import Calls, Lie, LyingProxy, altered, delay, drop, proxies, refuse, told
from test_chain_sender import signed

import tulen
from anvil_fixtures import CHAIN_ID, GOVERNOR, STEWARD, Account, World, mine, mined, rpc
from tulen.chain import calls, follower, quorum
from tulen.chain import rpc as transport
from tulen.chain.deploy import send_and_wait
from tulen.chain.deployment import check_deployment
from tulen.chain.forms import FORMS
from tulen.chain.quorum import (
    EndpointsDisagreeError,
    Quorum,
    TooFewEndpointsError,
    chain_of,
)
from tulen.chain.refusals import AccountNotPermittedError
from tulen.chain.rpc import Chain, RpcError
from tulen.chain.sender import NonceTakenError, broadcast, next_nonce, preflight
from tulen.errors import InvalidInputError, UnavailableError
from tulen.values import Country

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def together(
    world: World, count: int = 3, required: int | None = None
) -> AsyncIterator[tuple[Quorum, list[LyingProxy]]]:
    async with proxies(world.url, count) as served:
        chains = [Chain(proxy.url, CHAIN_ID) for proxy in served]
        async with aclosing(Quorum(chains, required)) as chain:
            yield chain, served


@pytest.fixture
def appointment(world: World) -> calls.Call:
    return calls.appoint_steward(world.deployment, Country("TH"), GOVERNOR.address)


def test_one_endpoint_is_asked_directly() -> None:
    assert isinstance(chain_of(["http://node"], 1), Chain)
    assert isinstance(chain_of(["http://node", "http://other"], 1), Quorum)


@pytest.mark.parametrize(
    ("count", "required", "expected"),
    [(1, None, 1), (2, None, 2), (3, None, 2), (4, None, 3), (3, 3, 3)],
)
def test_a_majority_must_agree_unless_told_otherwise(
    count: int, required: int | None, expected: int
) -> None:
    chains = [Chain(f"http://node-{number}", 1) for number in range(count)]
    assert Quorum(chains, required).required == expected


@pytest.mark.parametrize("required", [0, 3, -1])
def test_more_endpoints_than_there_are_cannot_be_required(required: int) -> None:
    with pytest.raises(InvalidInputError, match="is not from 1 to 2"):
        chain_of(["http://a", "http://b"], 1, required)


def test_an_endpoint_has_one_vote_and_no_message_shows_its_credentials() -> None:
    url = "https://user:hunter2@node/key-hunter2"
    with pytest.raises(InvalidInputError, match="name an endpoint twice") as caught:
        chain_of([url, "http://other", url], 1)
    assert "hunter2" not in str(caught.value)


async def test_the_message_says_who_differs_and_never_with_credentials(world: World) -> None:
    async with proxies(world.url, 3) as served:
        served[1].lie = altered("eth_getCode", lambda _: "0x60")
        served[2].lie = refuse
        urls = [proxy.url.replace("//", "//user:hunter2@") for proxy in served]
        async with aclosing(chain_of(urls, CHAIN_ID)) as chain:
            with pytest.raises(UnavailableError) as caught:
                await chain.request("eth_getCode", world.deployment.ledger, "0x1")
    hosts = [f"chain node {proxy.url[7:]}" for proxy in served]
    assert isinstance(caught.value, EndpointsDisagreeError)
    asked, told_apart = str(caught.value).split(" do not: ")
    assert asked == "2 of 3 chain nodes must agree on eth_getCode, and"
    assert set(told_apart.split("; ")) == {
        f"{hosts[0]} told one thing",
        f"{hosts[1]} told one thing",
        f"{hosts[2]}: answers HTTP 429",
    }


async def test_with_too_few_that_answer_there_is_no_answer_until_they_do(world: World) -> None:
    async with together(world) as (chain, served):
        served[0].lie = served[1].lie = drop
        with pytest.raises(TooFewEndpointsError, match="hung up"):
            await follower.head(chain)
        served[0].lie = None
        assert (await follower.head(chain)).number == int(rpc(world.url, "eth_blockNumber"), 16)


async def test_everything_that_one_endpoint_can_do_several_can(
    world: World, appointment: calls.Call
) -> None:
    """Steps that send, wait, follow and check, of which none knows how many nodes there are."""
    async with together(world) as (chain, _):
        await check_deployment(chain, world.deployment)
        # From here on a block may come between two nodes' answers, and honest nodes differ.
        assert not chain.disagreements
        receipt = await send_and_wait(chain, GOVERNOR, appointment)
        span = await follower.span(
            chain, receipt.block_number, receipt.block_number, world.deployment.addresses
        )
        assert [event.name for event in span.events] == ["StewardAppointed"]
        assert span.events == receipt.events
        mine(world.url, 2)
        assert (await follower.finalized(chain)).number == receipt.block_number
        assert not chain.silences


async def test_state_is_read_at_one_block_hash_everywhere(world: World) -> None:
    asked = []
    async with together(world) as (chain, served):

        async def listen(proxy: LyingProxy, _: web.Request, batch: Calls) -> web.StreamResponse:
            asked.extend(call["params"][-1] for call in batch if call["method"] == "eth_getCode")
            return told(await proxy.ask(batch))

        for proxy in served:
            proxy.lie = listen
        await chain.request("eth_getCode", world.deployment.ledger, "latest")
        await chain.aclose()
    now = rpc(world.url, "eth_getBlockByNumber", "latest", False)["hash"]
    assert len(asked) >= chain.required
    assert all(at == {"blockHash": now, "requireCanonical": True} for at in asked)


async def test_the_latest_block_is_one_that_the_required_number_have(world: World) -> None:
    mine(world.url, 3)
    height = int(rpc(world.url, "eth_blockNumber"), 16)

    def behind(blocks: int) -> Lie:
        async def lie(proxy: LyingProxy, _: web.Request, batch: Calls) -> web.StreamResponse:
            tag = hex(height - blocks)
            asked = [
                call | {"params": [tag if param == "latest" else param for param in call["params"]]}
                for call in batch
            ]
            answers = await proxy.ask(asked)
            for answer in answers:
                result = answer["result"]
                if isinstance(result, dict) and int(result["number"], 16) > height - blocks:
                    answer["result"] = None
            return told(answers)

        return lie

    for lags, expected in (((0, 1, 3), 1), ((0, 0, 3), 0), ((1, 2, 3), 2), ((0, 3, 3), 3)):
        async with together(world) as (chain, served):
            for proxy, lag in zip(served, lags, strict=True):
                proxy.lie = behind(lag)
            assert (await follower.head(chain)).number == height - expected, lags
        async with together(world, required=3) as (chain, served):
            for proxy, lag in zip(served, lags, strict=True):
                proxy.lie = behind(lag)
            assert (await follower.head(chain)).number == height - max(lags), lags


async def test_a_height_that_nobody_else_has_does_not_stop_the_others(world: World) -> None:
    mine(world.url, 2)
    now = rpc(world.url, "eth_getBlockByNumber", "latest", False)
    before = rpc(world.url, "eth_getBlockByHash", now["parentHash"], False)
    true_height = int(now["number"], 16)

    async def behind(proxy: LyingProxy, _: web.Request, batch: Calls) -> web.StreamResponse:
        answers = await proxy.ask(batch)
        for call, answer in zip(batch, answers, strict=True):
            if call["method"] == "eth_getBlockByNumber" and answer["result"]:
                late = answer["result"]["number"] == now["number"]
                if late:
                    answer["result"] = before if call["params"][0] == "latest" else None
        return told(answers)

    async with together(world) as (chain, served):
        served[0].lie = altered(
            "eth_getBlockByNumber", lambda block: block | {"number": hex(10**9), "hash": "0x11"}
        )
        served[1].lie = behind
        assert (await follower.head(chain)).number == true_height - 1


async def test_a_node_s_own_figure_lies_between_those_of_honest_ones(
    world: World, appointment: calls.Call
) -> None:
    await asyncio.sleep(1.1)  # Within the second of an earlier appointment it would cost less.
    async with together(world) as (chain, served):
        truth = await preflight(chain, GOVERNOR.address, appointment)
        for wrong in (1, 10**12):
            served[0].lie = altered("eth_estimateGas", lambda _, wrong=wrong: hex(wrong))
            assert await preflight(chain, GOVERNOR.address, appointment) == truth
        served[0].lie = altered("eth_getTransactionCount", lambda _: hex(10**9))
        true_count = int(rpc(world.url, "eth_getTransactionCount", GOVERNOR.address, "latest"), 16)
        assert await next_nonce(chain, GOVERNOR.address) == true_count
        assert await next_nonce(chain, GOVERNOR.address, "latest") == true_count


async def test_a_refusal_is_an_answer_that_must_be_agreed_on(
    world: World, appointment: calls.Call
) -> None:
    async with together(world) as (chain, served):
        served[0].lie = drop
        with pytest.raises(AccountNotPermittedError):
            await preflight(chain, STEWARD.address, appointment)
        served[1].lie = drop
        with pytest.raises(TooFewEndpointsError):
            await preflight(chain, STEWARD.address, appointment)


async def test_a_transaction_goes_to_all_and_one_that_takes_it_is_enough(
    world: World, chain: Chain, appointment: calls.Call
) -> None:
    async with together(world) as (several, served):
        for up in range(3):
            for proxy in served:
                proxy.lie = drop
            served[up].lie = None
            transaction = await signed(chain, GOVERNOR, appointment)
            assert await broadcast(several, transaction.raw) == transaction.tx_hash
            assert (await mined(chain, transaction.tx_hash)).succeeded


async def test_handing_over_again_is_no_error_and_a_taken_nonce_is(
    world: World, chain: Chain, appointment: calls.Call
) -> None:
    async with together(world) as (several, served):
        first = await signed(chain, GOVERNOR, appointment)
        second = await signed(chain, GOVERNOR, appointment, bump=2)
        for _ in range(2):
            assert await broadcast(several, first.raw) == first.tx_hash
            await mined(chain, first.tx_hash)
        with pytest.raises(NonceTakenError):
            await broadcast(several, second.raw)
        served[0].lie = served[1].lie = drop
        with pytest.raises(UnavailableError) as caught:
            await broadcast(several, second.raw)
        assert not isinstance(caught.value, NonceTakenError), "one node does not decide that"


async def test_what_all_refuse_for_a_reason_of_their_own_is_that_refusal(
    world: World, chain: Chain, appointment: calls.Call
) -> None:
    async with together(world) as (several, _):
        transaction = await signed(chain, Account("pauper"), appointment)
        with pytest.raises(RpcError, match=r"(?i)insufficient funds"):
            await broadcast(several, transaction.raw)


async def test_a_slow_endpoint_that_is_not_needed_is_waited_for_only_a_moment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quorum, "GRACE_SECONDS", 0.3)
    monkeypatch.setattr(transport, "TOTAL_SECONDS", 5.0)
    loop = asyncio.get_running_loop()
    async with together(world) as (chain, served):
        await follower.head(chain)  # opens the connections
        served[0].lie = delay(4.0)
        waits = []
        for _ in range(2):
            started = loop.time()
            await follower.head(chain)
            waits.append(loop.time() - started)
        assert 0.25 < waits[0] < 2.0
        assert waits[1] < 0.25, "it still owes an answer, so it is not waited for again"


async def test_an_endpoint_that_leaves_too_much_unanswered_is_asked_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quorum, "MAX_LATE_CALLS", 10)
    reached = 0

    async def hang(proxy: LyingProxy, _: web.Request, batch: Calls) -> web.StreamResponse:
        nonlocal reached
        reached += len(batch)
        await asyncio.sleep(0.5)
        return told(await proxy.ask(batch))

    async with together(world) as (chain, served):
        served[0].lie = hang
        for _ in range(50):
            await follower.block(chain, 1)
        assert reached <= 2 * 10, "each call with its chain id"
        await asyncio.sleep(0.7)
        served[0].lie = None
        served[1].lie = drop
        assert await follower.block(chain, 1) is not None, "it is asked again, and needed"


def test_every_call_that_the_package_makes_has_a_form_that_is_compared() -> None:
    folder = Path(tulen.__file__).parent
    made = {
        method
        for path in folder.rglob("*.py")
        for method in re.findall(r'request\(\s*"(eth_\w+)"', path.read_text())
    }
    assert len(made) > 5
    assert made == set(FORMS)
