"""How long an exporter waits, over HTTP, on the chain of the demonstration."""

import asyncio
import os
import sys
import time
import uuid
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.samples import application
from benchmarks.stage import Stage, free_port
from tulen.chain.embedded import HOST

WAIT_SECONDS: Final = 60
POLL_SECONDS: Final = 0.05
CERTIFICATES: Final = 400
EXPORTERS: Final = 8
CHECKPOINT_SECONDS: Final = "1"
"""As `scripts/run` has it while it tells the story."""


async def submit_to_final_s(stage: Stage) -> float:
    """Application to final anchor: submitted, recommended, approved, issued, all over HTTP."""
    async with _service(stage) as client:
        started = time.perf_counter()
        await _until_final(client, stage, await _issued(client, stage, 0))
        return time.perf_counter() - started


async def submit_to_final_per_s(stage: Stage) -> float:
    """The same, sustained: certificates of eight exporters at once until the last is final."""
    async with _service(stage) as client:
        queue = iter(range(CERTIFICATES))

        async def exporter() -> list[str]:
            return [await _issued(client, stage, number) for number in queue]

        started = time.perf_counter()
        numbers = chain.from_iterable(await asyncio.gather(*(exporter() for _ in range(EXPORTERS))))
        for number in numbers:
            await _until_final(client, stage, number)
        return CERTIFICATES / (time.perf_counter() - started)


async def _issued(client: httpx.AsyncClient, stage: Stage, number: int) -> str:
    """Take an application through to its certificate; return the certificate's number."""
    keys = stage.api_keys
    submitted = await _post(client, keys["exporter"], "/v1/applications", application(number))
    path = f"/v1/applications/{submitted['id']}"
    await _post(client, keys["officer-1"], f"{path}/recommendations", {})
    await _post(client, keys["officer-2"], f"{path}/approvals", {})
    body = {"application": submitted["id"]}
    issued = await _post(client, keys["officer-2"], "/v1/certificates", body)
    return str(issued["number"])


async def _until_final(client: httpx.AsyncClient, stage: Stage, number: str) -> None:
    key = stage.api_keys["officer-2"]
    for _ in range(int(WAIT_SECONDS / POLL_SECONDS)):
        answer = await client.get(f"/v1/certificates/{number}", headers=_headers(key))
        if answer.raise_for_status().json()["state"] == "final":
            return
        await asyncio.sleep(POLL_SECONDS)
    raise RuntimeError(f"{number} is not final after {WAIT_SECONDS} s")


async def _post(
    client: httpx.AsyncClient, key: str, path: str, body: Mapping[str, Any]
) -> dict[str, Any]:
    headers = {**_headers(key), "Idempotency-Key": str(uuid.uuid4())}
    answer = await client.post(path, json=body, headers=headers)
    document: dict[str, Any] = answer.raise_for_status().json()
    return document


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@asynccontextmanager
async def _service(stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the stage's office in a process of its own while the block runs."""
    await stage.office()
    settings, port = stage.settings, free_port()
    environment = {name: value for name, value in os.environ.items() if name[:6] != "TULEN_"} | {
        "TULEN_HOME": str(settings.home),
        "TULEN_CHAIN_RPC_URLS": ",".join(settings.chain_rpc_urls),
        "TULEN_CHECKPOINT_SECONDS": CHECKPOINT_SECONDS,
    }
    tulen = Path(sys.executable).with_name("tulen")
    with (settings.home / "server.log").open("ab") as output:
        server = await asyncio.create_subprocess_exec(
            tulen, "serve", "--port", str(port), env=environment, stdout=output, stderr=output
        )
    try:
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}", timeout=30) as client:
            await _until_ready(client, server)
            yield client
    finally:
        server.terminate()
        await server.wait()


async def _until_ready(client: httpx.AsyncClient, server: Process) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline and server.returncode is None:
        try:
            if (await client.get("/readyz")).is_success:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(POLL_SECONDS)
    raise RuntimeError("the service does not answer")
