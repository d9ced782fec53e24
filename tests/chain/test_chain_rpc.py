import asyncio
import sys
import traceback

import orjson
import pytest
from aiohttp import web
from eth_abi.abi import encode
from lying_nodes import Liar, Serve

from anvil_fixtures import CHAIN_ID, World, free_port, rpc, running_anvil
from tulen.chain import rpc as transport
from tulen.chain.rpc import Chain, RpcError, WrongChainError, octets, quantity
from tulen.errors import InvalidInputError, UnavailableError

pytestmark = pytest.mark.anyio

HELLO = {"jsonrpc": "2.0", "id": 1, "result": hex(CHAIN_ID)}
WORLD = {"jsonrpc": "2.0", "id": 2, "result": "0x2a"}


def body(*answers: object) -> bytes:
    return orjson.dumps(list(answers))


async def asked(url: str) -> object:
    """Ask for one block number over a new client."""
    async with Chain(url, CHAIN_ID) as chain:
        return await chain.request("eth_blockNumber")


async def test_calls_of_one_tick_leave_as_one_batch(serve: Serve) -> None:
    batches = []

    async def node(request: web.Request) -> web.Response:
        calls = orjson.loads(await request.read())
        batches.append(len(calls))
        answers = [{**HELLO, "id": call["id"]} for call in reversed(calls)]
        return web.Response(body=orjson.dumps(answers))

    async with Chain(await serve(node), CHAIN_ID) as chain:
        await asyncio.gather(*(chain.request("eth_chainId") for _ in range(250)))
        await chain.request("eth_chainId")
    assert batches == [100, 100, 53, 2], "each with its chain id"


async def test_each_caller_gets_the_answer_to_its_own_call(chain: Chain, world: World) -> None:
    height = int(rpc(world.url, "eth_blockNumber"), 16)
    blocks = await asyncio.gather(
        *(chain.request("eth_getBlockByNumber", hex(number), False) for number in range(height + 1))
    )
    assert [int(block["number"], 16) for block in blocks] == list(range(height + 1))


async def test_one_call_s_error_is_not_its_neighbour_s(chain: Chain) -> None:
    number, refused = await asyncio.gather(
        chain.request("eth_blockNumber"), chain.request("eth_nonsense"), return_exceptions=True
    )
    assert quantity(number) > 0
    assert isinstance(refused, RpcError)
    assert not refused.reverted


async def test_a_caller_that_gives_up_leaves_its_neighbours_alone(chain: Chain) -> None:
    quitter = asyncio.create_task(chain.request("eth_blockNumber"))
    patient = asyncio.create_task(chain.request("eth_blockNumber"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    quitter.cancel()
    assert quantity(await patient) > 0


async def test_ccip_read_is_off(chain: Chain, world: World, serve: Serve) -> None:
    fetched = []

    async def elsewhere(request: web.Request) -> web.Response:
        fetched.append(request)
        return web.Response(body=b'{"data":"0x"}')

    lookup = "0x" + "0c" * 20
    revert = bytes.fromhex("556f1830") + encode(  # OffchainLookup of ERC-3668
        ["address", "string[]", "bytes", "bytes4", "bytes"],
        [lookup, [await serve(elsewhere)], b"", b"abcd", b""],
    )
    size = len(revert).to_bytes(2)
    code = b"\x61" + size + b"\x61\x00\x0f\x5f\x39" + b"\x61" + size + b"\x5f\xfd"
    code = code.ljust(15, b"\x00") + revert
    rpc(world.url, "anvil_setCode", lookup, "0x" + code.hex())
    assert chain.web3.provider.global_ccip_read_enabled is False
    with pytest.raises(RpcError) as caught:
        await chain.web3.eth.call({"to": chain.web3.to_checksum_address(lookup), "data": b"\1"})
    assert caught.value.data == revert
    assert not fetched


async def test_web3_speaks_through_the_same_connection(chain: Chain, world: World) -> None:
    assert await chain.web3.eth.chain_id == CHAIN_ID
    assert await chain.web3.eth.block_number == int(rpc(world.url, "eth_blockNumber"), 16)


async def test_another_chain_s_answers_are_refused(world: World) -> None:
    async with Chain(world.url, 1) as chain:
        with pytest.raises(WrongChainError, match="serves chain 31337, not chain 1"):
            await chain.request("eth_blockNumber")


async def test_a_node_that_goes_and_comes_back_needs_no_new_client() -> None:
    port = free_port()
    async with Chain(f"http://127.0.0.1:{port}", CHAIN_ID) as chain:
        with pytest.raises(UnavailableError, match="does not accept connections"):
            await chain.request("eth_blockNumber")
        for _ in range(2):
            with running_anvil(port=port):
                assert await chain.request("eth_blockNumber") == "0x0"
            with pytest.raises(UnavailableError, match="does not accept connections"):
                await chain.request("eth_blockNumber")
        with running_anvil(port=port, chain_id=5), pytest.raises(WrongChainError):
            await chain.request("eth_blockNumber")


async def test_a_connection_that_the_node_dropped_while_idle_is_not_an_outage() -> None:
    connections = 0

    async def node(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        calls = orjson.loads(await reader.readexactly(length))
        answers = body(*({**HELLO, "id": call["id"]} for call in calls))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(answers) + answers)
        await reader.read(1)  # the second request arrives, and is met by a closed door
        writer.close()

    server = await asyncio.start_server(node, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Chain(f"http://127.0.0.1:{port}", CHAIN_ID) as chain:
        assert await chain.request("eth_chainId") == hex(CHAIN_ID)
        assert await chain.request("eth_chainId") == hex(CHAIN_ID)
    assert connections == 2


NO_ANSWERS = {
    "not JSON": (b"<html>", "answers something that is not JSON$"),
    "JSON cut short": (body(HELLO, WORLD)[:-3], "answers something that is not JSON$"),
    "nothing": (b"", "answers something that is not JSON$"),
    "a number": (b"7", "is not JSON-RPC"),
    "a list of numbers": (b"[7, 8]", "is not JSON-RPC"),
    "result and error": (
        body(HELLO, {**WORLD, "error": {"code": 1, "message": "m"}}),
        "is not JSON-RPC",
    ),
    "neither result nor error": (body(HELLO, {"jsonrpc": "2.0", "id": 2}), "is not JSON-RPC"),
    "an answer missing": (body(HELLO), "answers 1 of 2 calls"),
    "an answer too many": (body(HELLO, WORLD, {**WORLD, "id": 3}), "answers 3 of 2 calls"),
    "the same answer twice": (body(HELLO, HELLO), "a call that was not made"),
    "an answer to another call": (body(HELLO, {**WORLD, "id": 3}), "a call that was not made"),
    "an id that is true": (body({**HELLO, "id": True}, WORLD), "answers 2 of 2 calls"),
    "an id that is text": (body(HELLO, {**WORLD, "id": "2"}), "answers 2 of 2 calls"),
    "one error for all": (
        orjson.dumps({"jsonrpc": "2.0", "id": None, "error": {"code": -32005, "message": "limit"}}),
        "error -32005: 'limit'",
    ),
    "an error without form": (body(HELLO, {"jsonrpc": "2.0", "id": 2, "error": 3}), "error 0"),
    "a chain id that is no number": (body({**HELLO, "result": "0x"}, WORLD), "where a number"),
    "a chain id that is signed": (body({**HELLO, "result": "0x-1"}, WORLD), "where a number"),
    "an error instead of a chain id": (
        body({"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": "no"}}, WORLD),
        "error 1: 'no'",
    ),
}


@pytest.mark.parametrize(("answer", "words"), NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
async def test_what_is_no_answer_is_an_outage(serve: Serve, answer: bytes, words: str) -> None:
    async def node(_request: web.Request) -> web.Response:
        return web.Response(body=answer)

    with pytest.raises(UnavailableError, match=words):
        await asked(await serve(node))


async def test_the_proper_form_of_those_answers_is_one(serve: Serve) -> None:
    async def node(_request: web.Request) -> web.Response:
        return web.Response(body=body(WORLD, HELLO))

    assert await asked(await serve(node)) == "0x2a"


@pytest.mark.parametrize("status", [301, 401, 403, 429, 500, 503])
async def test_another_status_than_200_is_an_outage(serve: Serve, status: int) -> None:
    async def node(_request: web.Request) -> web.Response:
        return web.Response(
            body=body(HELLO, WORLD), status=status, headers={"Location": "http://127.0.0.1:9/"}
        )

    with pytest.raises(UnavailableError, match=f"answers HTTP {status}$"):
        await asked(await serve(node))


async def test_an_endless_answer_is_cut_off(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_RESPONSE_BYTES", 100_000)
    sent = 0

    async def node(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(10_000):
            await response.write(b" " * 10_000)
            sent += 10_000
        return response

    with pytest.raises(UnavailableError, match="answers more than 100000 bytes"):
        await asked(await serve(node))
    assert sent < 50_000_000


async def test_a_slow_node_is_an_outage(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "TOTAL_SECONDS", 0.2)

    async def node(_request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response(body=body(HELLO, WORLD))

    with pytest.raises(UnavailableError, match="did not answer within"):
        await asked(await serve(node))


async def test_an_answer_broken_off_is_an_outage(serve: Serve) -> None:
    async def node(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(body(HELLO, WORLD))
        assert request.transport is not None
        request.transport.close()
        return response

    with pytest.raises(UnavailableError, match="broke off in the middle"):
        await asked(await serve(node))


async def test_packed_answers_are_not_unpacked(serve: Serve) -> None:
    async def node(_request: web.Request) -> web.Response:
        response = web.Response(body=body(HELLO, WORLD))
        response.enable_compression()
        return response

    async def packed(_request: web.Request) -> web.Response:
        return web.Response(body=b"\x1f\x8b\x08", headers={"Content-Encoding": "gzip"})

    assert await asked(await serve(node)) == "0x2a", "packing is not asked for"
    with pytest.raises(UnavailableError, match="not JSON"):
        await asked(await serve(packed))


async def test_a_client_that_is_closed_answers_its_callers(serve: Serve) -> None:
    async def node(_request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    chain = Chain(await serve(node), CHAIN_ID)
    call = asyncio.create_task(chain.request("eth_blockNumber"))
    await asyncio.sleep(0.05)
    await chain.aclose()
    with pytest.raises(UnavailableError, match="closed before it answered"):
        await call
    with pytest.raises(UnavailableError, match="the connection was closed"):
        await chain.request("eth_blockNumber")


async def test_no_word_of_an_outage_holds_the_url_s_secrets(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "TOTAL_SECONDS", 0.2)

    async def refuses(_request: web.Request) -> web.Response:
        return web.Response(status=401)

    async def sleeps(_request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    urls = [await serve(refuses), await serve(sleeps), f"http://127.0.0.1:{free_port()}"]
    for url in urls:
        secret = url.replace("://", "://user:hunter2@") + "/v3/hunter2?key=hunter2"
        with pytest.raises(UnavailableError) as caught:
            await asked(secret)
        assert "hunter2" not in "".join(traceback.format_exception(caught.value))
        assert "127.0.0.1" in str(caught.value)


@pytest.mark.parametrize("url", ["", "ftp://node", "node:8545", "http://", "unix:///hunter2"])
def test_a_url_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(InvalidInputError, match="is not an http or https URL") as caught:
        Chain(url, 1)
    assert "hunter2" not in str(caught.value)


REVERTS = {
    "geth": {"code": 3, "message": "execution reverted", "data": "0xdeadbeef"},
    "besu": {"code": -32000, "message": "Execution reverted", "data": "0xdeadbeef"},
    "nethermind": {"code": -32015, "message": "VM error", "data": "Reverted 0xdeadbeef"},
    "hardhat": {"code": -32603, "message": "reverted", "data": {"data": "0xdeadbeef"}},
}


@pytest.mark.parametrize("error", REVERTS.values(), ids=REVERTS.keys())
async def test_a_revert_is_known_however_the_node_says_it(
    liar: Liar, error: dict[str, object]
) -> None:
    def lie(call: dict[str, object], answer: dict[str, object]) -> dict[str, object]:
        if call["method"] == "eth_blockNumber":
            return {"jsonrpc": "2.0", "id": answer["id"], "error": error}
        return answer

    with pytest.raises(RpcError) as caught:
        await asked(await liar(lie))
    assert caught.value.reverted
    assert caught.value.data == bytes.fromhex("deadbeef")


@pytest.mark.parametrize("value", [None, 7, "7", "0x", "0x-7", "0x_7", "0x 7", "0xg", "-0x7", []])
def test_only_hexadecimal_is_a_number(value: object) -> None:
    with pytest.raises(UnavailableError):
        quantity(value)
    assert quantity("0x7f") == 127


def test_an_answer_nested_too_deeply_to_show_is_refused_like_any_other() -> None:
    deep = orjson.loads("[" * 1000 + "]" * 1000)
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(900)  # the tools of a test run may have raised it
    try:
        for read in (quantity, octets):
            with pytest.raises(UnavailableError, match="a list nested too deeply to show"):
                read(deep)
    finally:
        sys.setrecursionlimit(usual)


@pytest.mark.parametrize("value", [None, 7, "7f", "0x7", "0x7f7f", "0xgg", {}, []])
def test_only_hexadecimal_of_the_right_length_is_bytes(value: object) -> None:
    with pytest.raises(UnavailableError):
        octets(value, 1)
    assert octets("0x7f", 1) == b"\x7f"
