"""A proxy on loopback between us and Anvil that lies as it is told, and stops when it is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
from aiohttp import web

Calls = list[dict[str, Any]]
Lie = Callable[["LyingProxy", web.Request, Calls], Awaitable[web.StreamResponse]]
Change = Callable[[Any], Any]
"""Returns what is told in the place of a true result."""


class LyingProxy:
    """A node that is in front of another one.

    Attributes:
        url: Where it answers.
        upstream: The node that it asks.
        lie: What it makes of a request; None relays it.
    """

    def __init__(self, upstream: str, session: aiohttp.ClientSession) -> None:
        self.url = ""
        self.upstream = upstream
        self.lie: Lie | None = None
        self._session = session

    async def handle(self, request: web.Request) -> web.StreamResponse:
        calls = orjson.loads(await request.read())
        if self.lie is not None:
            return await self.lie(self, request, calls)
        return told(await self.ask(calls))

    async def ask(self, calls: Calls) -> Calls:
        """Return the true answers, in the order of the calls."""
        async with self._session.post(
            self.upstream, data=orjson.dumps(calls), headers={"Content-Type": "application/json"}
        ) as response:
            answers = {answer["id"]: answer for answer in orjson.loads(await response.read())}
        return [answers[call["id"]] for call in calls]


@asynccontextmanager
async def proxies(upstream: str, count: int) -> AsyncIterator[list[LyingProxy]]:
    """Serve ``count`` of them in front of one node."""
    runners = []
    async with aiohttp.ClientSession() as session:
        served = [LyingProxy(upstream, session) for _ in range(count)]
        try:
            for proxy in served:
                app = web.Application(client_max_size=2**26)
                app.router.add_post("/", proxy.handle)
                runner = web.AppRunner(app, shutdown_timeout=0.05)
                await runner.setup()
                runners.append(runner)
                await web.TCPSite(runner, "127.0.0.1", 0).start()
                proxy.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield served
        finally:
            await asyncio.gather(*(runner.cleanup() for runner in runners))


def told(answers: object) -> web.Response:
    return web.Response(body=orjson.dumps(answers), content_type="application/json")


async def drop(_: LyingProxy, request: web.Request, __: Calls) -> web.StreamResponse:
    """Hang up without a word."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def delay(seconds: float) -> Lie:
    async def lie(proxy: LyingProxy, _: web.Request, calls: Calls) -> web.StreamResponse:
        answers = await proxy.ask(calls)
        await asyncio.sleep(seconds)
        return told(answers)

    return lie


async def duplicate(proxy: LyingProxy, _: web.Request, calls: Calls) -> web.StreamResponse:
    answers = await proxy.ask(calls)
    return told([*answers, *answers])


async def refuse(_: LyingProxy, __: web.Request, ___: Calls) -> web.StreamResponse:
    return web.Response(status=429)


async def truncate(proxy: LyingProxy, _: web.Request, calls: Calls) -> web.StreamResponse:
    return web.Response(body=orjson.dumps(await proxy.ask(calls))[:-20])


async def inflate(proxy: LyingProxy, _: web.Request, calls: Calls) -> web.StreamResponse:
    """Answer the truth with more white space than anybody reads."""
    return web.Response(body=orjson.dumps(await proxy.ask(calls)) + b" " * 2**18)


async def nest(_: LyingProxy, __: web.Request, calls: Calls) -> web.StreamResponse:
    answers = [b'{"jsonrpc":"2.0","id":%d,"result":%b}' % (c["id"], _DEEP) for c in calls]
    return web.Response(body=b"[" + b",".join(answers) + b"]")


_DEEP = b"[" * 1000 + b"]" * 1000


def altered(method: str, change: Change) -> Lie:
    """Tell the truth but for the results of one method that are not null."""

    async def lie(proxy: LyingProxy, _: web.Request, calls: Calls) -> web.StreamResponse:
        answers = await proxy.ask(calls)
        for call, answer in zip(calls, answers, strict=True):
            if call["method"] == method and answer.get("result") is not None:
                answer["result"] = change(answer["result"])
        return told(answers)

    return lie


def fork(other: str) -> Lie:
    """Answer from another node."""

    async def lie(proxy: LyingProxy, _: web.Request, calls: Calls) -> web.StreamResponse:
        return told(await LyingProxy(other, proxy._session).ask(calls))

    return lie


def stale(number: int) -> Lie:
    """Be a node that has seen nothing later than that block, of which two are not final."""
    tags = {"latest": hex(number), "finalized": hex(number - 2)}

    def known(block: str | None) -> bool:
        return block is None or int(block, 16) <= number

    async def number_of(proxy: LyingProxy, block_hash: str) -> str | None:
        call = {"jsonrpc": "2.0", "id": 0, "method": "eth_getBlockByHash"}
        (answer,) = await proxy.ask([{**call, "params": [block_hash, False]}])
        return answer["result"] and answer["result"]["number"]

    async def lie(proxy: LyingProxy, _: web.Request, calls: Calls) -> web.StreamResponse:
        tagged = [
            {**call, "params": [tags.get(str(param), param) for param in call["params"]]}
            for call in calls
        ]
        answers = await proxy.ask(tagged)
        for call, answer in zip(calls, answers, strict=True):
            result, at = answer.get("result"), (call["params"] or [None])[-1]
            block = (
                result.get("blockNumber", result.get("number")) if type(result) is dict else None
            )
            if not known(block):
                answer["result"] = None
            if isinstance(at, dict) and not known(await number_of(proxy, at["blockHash"])):
                answer.pop("result", None)
                answer["error"] = {"code": -32001, "message": "Resource not found"}
        return told(answers)

    return lie
