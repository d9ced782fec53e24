"""Nodes that do not answer, or lie: served on loopback for the chain tests."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web

from anvil_fixtures import World

Serve = Callable[[Callable[[web.Request], Awaitable[web.StreamResponse]]], Awaitable[str]]
Lie = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
"""Returns what is told, given the call and the true answer."""
Liar = Callable[[Lie], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Return a function that serves a handler on loopback and returns its URL."""
    async with AsyncExitStack() as stack:

        async def start(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> str:
            app = web.Application(client_max_size=2**26)
            app.router.add_post("/{rest:.*}", handler)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            return f"http://127.0.0.1:{runner.addresses[0][1]}"

        yield start


@pytest.fixture
async def liar(serve: Serve, world: World) -> AsyncIterator[Liar]:
    """Return a function that puts a node before Anvil which alters answers as a lie says."""
    async with aiohttp.ClientSession() as session:

        async def start(lie: Lie) -> str:
            async def relay(request: web.Request) -> web.Response:
                body = await request.read()
                async with session.post(
                    world.url, data=body, headers={"Content-Type": "application/json"}
                ) as response:
                    answers = orjson.loads(await response.read())
                asked = {call["id"]: call for call in orjson.loads(body)}
                told = [lie(asked[answer["id"]], answer) for answer in answers]
                return web.Response(body=orjson.dumps(told), content_type="application/json")

            return await serve(relay)

        yield start
