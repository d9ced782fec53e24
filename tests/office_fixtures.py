"""A set-up office for whoever asks: real Anvil, real PostgreSQL, the demonstration's parties.

It is made once per worker of a run, in about two seconds, and shared by all its tests: each test
makes the applications, certificates and declarations that it needs.
"""

import asyncio
import json
import os
import socket
import threading
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import uvicorn
from fastapi import FastAPI
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import make_url

from demonstration import set_up
from tulen.api.examples import example
from tulen.chain.embedded import EmbeddedChain, find_anvil
from tulen.database import EmbeddedPostgres
from tulen.server import create_app
from tulen.settings import Settings
from tulen.workflows import clock
from tulen.workflows.office import Office, open_office

NODE_MODULES = Path(__file__).parents[1] / "node_modules"
PATIENCE_SECONDS = 30
FOLLOWED = frozenset({"chain_block", "chain_event", "chain_cursor", "published", "alarm"})
"""Tables that only copy what the chain holds; the worker fills them whatever anybody asks."""


@dataclass(frozen=True)
class SetUp:
    """An office that is set up but need not run.

    Attributes:
        settings: Of whoever opens it.
        chain: Its node, which a test may stop, and then must start again.
        keys: API key of each person: exporter, officer-1, officer-2, importer, priok, perak.
    """

    settings: Settings
    chain: EmbeddedChain
    keys: dict[str, str]

    def stored(self) -> dict[str, int]:
        """Return how many rows each table has, and how many documents the vault holds."""
        assert self.settings.database_url is not None
        url = make_url(self.settings.database_url.get_secret_value())
        with _connected(url.set(drivername="postgresql").render_as_string()) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname='public'")
            names = sorted(name for (name,) in tables if name not in FOLLOWED)
            counts = sql.SQL(" UNION ALL ").join(
                sql.SQL("SELECT {}, count(*) FROM {}").format(sql.Literal(n), sql.Identifier(n))
                for n in names
            )
            rows = dict(connection.execute(counts).fetchall())
        rows["(documents)"] = sum(1 for _ in self.settings.vault_folder.glob("??/*"))
        return rows


@dataclass(frozen=True)
class Served:
    """The same office, served over HTTP with its worker.

    Attributes:
        office: The office.
        app: What is served.
        url: Where it listens.
    """

    office: SetUp
    app: FastAPI
    url: str

    @cached_property
    def http(self) -> httpx.Client:
        """A client without an API key."""
        return httpx.Client(base_url=self.url, timeout=PATIENCE_SECONDS)

    def headers(self, who: str) -> dict[str, str]:
        """Return the headers of a new request of one person; of nobody where ``who`` is empty."""
        new = {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/json"}
        return new | ({"Authorization": f"Bearer {self.office.keys[who]}"} if who else {})

    def post(self, who: str, path: str, body: object) -> httpx.Response:
        """Send ``body``: bytes as they are, anything else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.post(path, content=content, headers=self.headers(who))

    def get(self, who: str, path: str) -> httpx.Response:
        """Ask as one person."""
        return self.http.get(path, headers=self.headers(who))

    def made(self, who: str, path: str, body: object) -> dict[str, Any]:
        """Send ``body`` and return the answer, which must be 201."""
        answer = self.post(who, path, body)
        assert answer.status_code == 201, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def applied(self, **changes: object) -> str:
        """Apply with the example, ``changes`` made to it; return the application's identifier."""
        identifier: str = self.made(
            "exporter", "/v1/applications", application_of_today() | changes
        )["id"]
        return identifier

    def certified(self) -> str:
        """Issue a certificate for 1,000 KGM of biscuits and return its number."""
        application = self.applied()
        for who, act in (("officer-1", "recommendations"), ("officer-2", "approvals")):
            self.made(who, f"/v1/applications/{application}/{act}", {})
        issued = self.made("officer-2", "/v1/certificates", {"application": application})
        number: str = issued["number"]
        return number

    def bundle_of(self, number: str) -> bytes:
        """Return a certificate's bundle once its anchor is final."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            answer = self.get("exporter", f"/v1/certificates/{number}/bundle")
            if answer.status_code == 200:
                return answer.content
            assert answer.status_code == 503, answer.text
            time.sleep(0.05)
        pytest.fail(f"{number} is not final: {answer.text}")

    def declaration_for(
        self, number: str, bundle: bytes, which: str = "priok", **line: object
    ) -> dict[str, Any]:
        """Return the request that claims ``number``, with a declaration number of its own."""
        declaration = example(f"declaration-{which}")
        serial = uuid.uuid4().hex[:14].upper()
        declaration["number"] = f"{declaration['office'][:4]}20TULEND{serial}"
        declaration["declared_on"] = clock.today().isoformat()
        declaration["lines"][0]["claim"]["certificate"] = number
        declaration["lines"][0] |= line
        return {"declaration": declaration, "proofs": [json.loads(bundle)]}

    def declared(self, number: str, bundle: bytes, which: str = "priok", **line: object) -> str:
        """File that declaration and return its number."""
        request = self.declaration_for(number, bundle, which, **line)
        filed: str = self.made("importer", "/v1/declarations", request)["number"]
        return filed


def application_of_today(*, days: int = 3) -> dict[str, Any]:
    """Return the example of an application, for goods that leave so many days from today."""
    document: dict[str, Any] = example("application")
    departure = clock.today() + timedelta(days=days)
    document["transport"]["departure_on"] = departure.isoformat()
    return document


@pytest.fixture(scope="session")
def set_up_office(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: EmbeddedPostgres,
    postgres_template: str,
) -> Iterator[SetUp]:
    """A chain with contracts, a database with parties, keys, API keys; nothing issued yet."""
    home = tmp_path_factory.mktemp("office")
    chain = EmbeddedChain(home / "chain", binary=find_anvil(NODE_MODULES), port=free_port())
    with database_of(postgres_server, postgres_template) as url, chain:
        settings = Settings(
            home=home,
            database_url=SecretStr(url),
            chain_rpc_urls=(chain.url,),
            chain_max_age_seconds=1,
            checkpoint_seconds=0,
        )
        yield SetUp(settings, chain, asyncio.run(set_up(settings, chain)))


@pytest.fixture
async def office(set_up_office: SetUp) -> AsyncIterator[Office]:
    """The office, opened for a test of workflows marked ``anyio``; no worker runs for it."""
    async with open_office(set_up_office.settings) as opened:
        yield opened


@pytest.fixture(scope="session")
def served(set_up_office: SetUp) -> Iterator[Served]:
    """The office behind a real HTTP server, with its worker."""
    app = create_app(set_up_office.settings)
    with serving(app) as url:
        served = Served(set_up_office, app, url)
        yield served
        served.http.close()


@pytest.fixture(scope="session")
def certified_bundle(served: Served) -> bytes:
    """A bundle that is VALID and stays so; nobody revokes it or draws from it."""
    return served.bundle_of(served.certified())


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve ``app`` from a thread of its own and yield its URL."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, ws="none", log_config=None, lifespan="on")
    )
    thread = threading.Thread(target=server.run, name="tulen-served")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server ended while it started"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def free_port() -> int:
    """Return a port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def database_of(server: EmbeddedPostgres, template: str, purpose: str = "office") -> Iterator[str]:
    """Make a database for this process, yield its URL, and drop it."""
    name = sql.Identifier(f"test_{os.getpid()}_{purpose}")
    url = make_url(server.url).set(drivername="postgresql", database="postgres")
    with _connected(url.render_as_string()) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(template))
        )
    yield make_url(server.url).set(database=name._obj[0]).render_as_string()
    with _connected(url.render_as_string()) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection
