"""A webhook's receiver on loopback, which does what a test has told it to."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network
from typing import Any
from uuid import UUID

import pytest
from desk import PERSONS, Desk

from tulen.worker.jobs import queue_of
from tulen.workflows.webhooks import OPERATOR, add_webhook

LOOPBACK = (IPv4Network("127.0.0.0/8"),)
SLOW, CUT, ENDLESS = "slow", "cut", "endless"


@dataclass
class Received:
    """One request."""

    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document

    def signed_by(self, secret: str) -> bool:
        """Verify as the standard has it, with nothing of the code under test."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        told = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode()
        expected = base64.b64encode(hmac.new(key, told + self.body, hashlib.sha256).digest())
        given = self.headers["webhook-signature"].split(" ")
        return f"v1,{expected.decode()}" in given


@dataclass
class Receiver:
    """Where it listens, what it got, and what it answers next: 200 where nothing is said."""

    url: str = ""
    got: list[Received] = field(default_factory=list)
    next: list[int | str] = field(default_factory=list)
    connected: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected = True
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
            headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in head)}
            body = await reader.readexactly(int(headers["content-length"]))
            self.got.append(Received(headers, body))
            await self._answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # Whoever called has gone.
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter) -> None:
        answer = self.next.pop(0) if self.next else 200
        if answer == CUT:
            writer.transport.abort()
            return
        if answer == SLOW:
            await asyncio.sleep(60)
        if answer == ENDLESS:
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while not writer.is_closing():
                writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
                await writer.drain()
        where = f"Location: {self.url}/elsewhere\r\n" if answer in (301, 302, 307, 308) else ""
        writer.write(f"HTTP/1.1 {answer} Said\r\n{where}Content-Length: 0\r\n\r\n".encode())
        await writer.drain()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Listen while the block runs."""
    receiver, under_way = Receiver(), set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        under_way.add(task)
        await receiver.serve(reader, writer)
        under_way.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield receiver
    finally:
        server.close()
        for task in tuple(under_way):
            if task is not None:
                task.cancel()
        await asyncio.gather(*(task for task in under_way if task), return_exceptions=True)
        await server.wait_closed()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as listening:
        yield listening


@pytest.fixture
async def told(desk: Desk) -> Desk:
    """The desk, whose webhooks may lead to loopback."""
    settings = desk.office.settings.model_copy(update={"webhook_networks": LOOPBACK})
    return Desk(replace(desk.office, settings=settings))


async def hooked(
    desk: Desk, receiver: Receiver, *types: str, who: str = "exporter"
) -> tuple[UUID, str]:
    """Make a webhook and return its identifier and secret."""
    request = {"url": f"{receiver.url}/{who}", "types": list(types or ("certificate.issued",))}
    caller = OPERATOR if who == "operator" else PERSONS[who]
    view = await add_webhook(desk.office, caller, request, f"for {who}")
    return view.row.id, view.secret


async def work_off(desk: Desk) -> None:
    """Do every job that is due, as a worker does, and end."""
    app = queue_of(desk.office)
    async with app.open_async():
        await app.run_worker_async(
            wait=False, install_signal_handlers=False, delete_jobs="successful", listen_notify=False
        )


async def hurry(desk: Desk) -> None:
    """Make every job due now."""
    await desk.rows("UPDATE procrastinate.procrastinate_jobs SET scheduled_at = now()")
