"""An office of its own for one test, what people do in it, and the chain in the test's hands.

The set-up office is made once per worker of a run; a test gets a copy of its database and a chain
that is set back afterwards. Blocks come one a transaction; `Desk.mine` makes what is done final.
"""

import asyncio
import itertools
import json
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import make_url

from anvil_fixtures import CHAIN_ID, mine, rpc, running_anvil
from demonstration import PEOPLE, set_up
from office_fixtures import application_of_today
from tulen.api.examples import example
from tulen.chain import contracts
from tulen.chain.deployment import view
from tulen.chain.rpc import Chain
from tulen.chain.sender import Fees
from tulen.database import EmbeddedPostgres
from tulen.settings import Settings
from tulen.values import PartyCode
from tulen.verify import State
from tulen.workflows import clock
from tulen.workflows.apply import apply
from tulen.workflows.approve import approve
from tulen.workflows.certificate import export_bundle
from tulen.workflows.declare import declare
from tulen.workflows.doctor import Finding, doctor
from tulen.workflows.draw_down import DrawdownView, draw_down
from tulen.workflows.follow_chain import follow_chain
from tulen.workflows.fsck import fsck
from tulen.workflows.issue import issue
from tulen.workflows.office import Caller, Office, open_office
from tulen.workflows.recommend import recommend
from tulen.workflows.revoke import RevocationView, revoke
from tulen.workflows.work import work_once

MOIT = PartyCode("VN.MOIT")
PERSONS = {name: Caller(*who) for name, who in PEOPLE.items()}
ROUNDS = 20
DEAR = Fees(max_fee=100 * 10**9, tip=50 * 10**9)
"""An offer that comes before any other in its block."""

_serial = itertools.count(1)


class Node:
    """The chain node, as `demonstration.set_up` takes it."""

    chain_id = CHAIN_ID

    def __init__(self, url: str) -> None:
        self.url = url

    def fund(self, address: str, wei: int) -> None:
        rpc(self.url, "anvil_setBalance", address, hex(wei))


@dataclass(frozen=True)
class Foundation:
    """A set-up office that nobody works in, and how to copy it.

    Attributes:
        settings: Its settings.
    """

    settings: Settings

    @contextmanager
    def copied(self, database: str) -> Iterator[Settings]:
        """Yield the settings of an office with a copy of ``database``."""
        assert self.settings.database_url is not None
        url = make_url(self.settings.database_url.get_secret_value())
        name = f"test_{os.getpid()}_desk{next(_serial)}"
        server = url.set(drivername="postgresql", database="postgres").render_as_string()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(database)
                )
            )
            copy = SecretStr(url.set(database=name).render_as_string(hide_password=False))
            yield self.settings.model_copy(update={"database_url": copy})
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )


@pytest.fixture(scope="session")
def foundation(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: EmbeddedPostgres,
    postgres_template: str,
) -> Iterator[Foundation]:
    """The office of the demonstration, set up on a chain of its own."""
    home = tmp_path_factory.mktemp("desk")
    with founded(home, postgres_server, postgres_template) as made:
        yield made


@contextmanager
def founded(home: Path, server: EmbeddedPostgres, template: str) -> Iterator[Foundation]:
    """Yield an office that is set up in ``home`` on a chain of its own."""
    url = make_url(server.url).render_as_string(hide_password=False)
    unset = Settings(
        home=home,
        database_url=SecretStr(url),
        checkpoint_seconds=0,
        chain_max_head_age_seconds=0,  # Blocks come when a test wants them.
    )
    with (
        running_anvil() as node,
        Foundation(unset).copied(template) as empty,
    ):
        settings = empty.model_copy(update={"chain_rpc_urls": (node,)})
        asyncio.run(_set_up(settings))
        yield Foundation(settings)


async def _set_up(settings: Settings) -> None:
    node = Node(settings.chain_rpc_urls[0])
    work = asyncio.create_task(set_up(settings, node))  # type: ignore[arg-type] - all it needs
    while not (await asyncio.wait([work], timeout=0.3))[0]:
        mine(node.url, 3)
    await work


@pytest.fixture
def desk_settings(foundation: Foundation) -> Iterator[Settings]:
    """Settings of an office of the test's own; the chain is set back afterwards."""
    with set_back(foundation) as settings:
        yield settings


@contextmanager
def set_back(foundation: Foundation) -> Iterator[Settings]:
    """Yield the settings of an office in which nothing has happened; set the chain back after."""
    (node,) = foundation.settings.chain_rpc_urls
    with foundation.copied(name_of(foundation.settings)) as settings:
        before = rpc(node, "evm_snapshot")
        for folder in (settings.log_folder, settings.vault_folder):  # Of an earlier test's office.
            shutil.rmtree(folder, ignore_errors=True)
        yield settings
        rpc(node, "evm_setAutomine", True)
        rpc(node, "evm_revert", before)


@pytest.fixture
async def desk(desk_settings: Settings) -> AsyncIterator["Desk"]:
    """The office, open, with nothing in it."""
    async with open_office(desk_settings) as office:
        yield Desk(office)


@dataclass(frozen=True)
class Desk:
    """An open office and its people."""

    office: Office

    @property
    def node(self) -> str:
        return self.office.settings.chain_rpc_urls[0]

    def mine(self, blocks: int = 3) -> None:
        mine(self.node, blocks)

    def reorganise(self, depth: int) -> None:
        """Replace the last blocks by empty ones, of another miner so that none is the same."""
        rpc(self.node, "anvil_setCoinbase", f"0x{secrets.token_hex(20)}")
        rpc(self.node, "anvil_reorg", depth, [])

    @asynccontextmanager
    async def without_chain(self) -> AsyncIterator["Desk"]:
        """The same office while its node does not accept connections."""
        async with Chain("http://127.0.0.1:9", CHAIN_ID) as nobody:
            yield Desk(replace(self.office, chain=nobody))

    @asynccontextmanager
    async def second_process(self) -> AsyncIterator["Desk"]:
        """The same office opened by another process."""
        async with open_office(self.office.settings) as office:
            yield Desk(office)

    async def applied(self, **changes: object) -> UUID:
        document = application_of_today() | changes
        view = await apply(self.office, PERSONS["exporter"], document, f"ref-{next(_serial)}")
        return view.row.id

    async def approved(self, **changes: object) -> UUID:
        application = await self.applied(**changes)
        await recommend(self.office, PERSONS["officer-1"], application, {})
        await approve(self.office, PERSONS["officer-2"], application, {})
        return application

    async def issue(self, application: UUID) -> dict[str, Any]:
        request = {"application": str(application)}
        return (await issue(self.office, PERSONS["officer-2"], request)).to_document()

    async def issued(self) -> str:
        number: str = (await self.issue(await self.approved()))["number"]
        return number

    async def certified(self) -> tuple[str, bytes]:
        """Return number and bundle of a new certificate for 1,000 KGM."""
        number = await self.issued()
        await self.until_idle()
        return number, await export_bundle(self.office, PERSONS["exporter"], number)

    async def declared(self, number: str, bundle: bytes, quantity: str = "600") -> str:
        """File a declaration of a new number that claims ``number``; return its number."""
        request = declaration_for(number, bundle, quantity)
        view = await declare(self.office, PERSONS["importer"], request)
        return view.row.number

    async def draw(
        self, declaration: str, quantity: str, who: str = "priok", line: int = 1
    ) -> DrawdownView:
        request = {"declaration": declaration, "line": line, "quantity": quantity, "unit": "KGM"}
        return await draw_down(self.office, PERSONS[who], request)

    async def revoke(
        self,
        number: str,
        reason: str = "error",
        *,
        by: str = "officer-1",
        caller: Caller | None = None,
    ) -> RevocationView:
        request = {"certificate": number, "reason": reason, "note": "Weights were mis-stated"}
        return await revoke(self.office, caller or PERSONS[by], request)

    async def settled(self) -> None:
        """Follow the chain until no transaction is under way."""
        while await follow_chain(self.office):
            self.mine()

    async def until_idle(self) -> None:
        """Work until everything is anchored and final."""
        for _ in range(ROUNDS):
            if not await work_once(self.office):
                return
            self.mine()
        pytest.fail(f"still not idle after {ROUNDS} rounds")

    async def drawn(self, number: str, line: int = 1) -> int:
        """Return the millionths that the contract says are drawn."""
        [(digest,)] = await self.rows("SELECT digest FROM certificate WHERE number = %s", number)
        office = self.office
        (drawn,) = await view(
            office.chain, contracts.drawdowns(), office.deployment.drawdowns, "drawn", digest, line
        )
        return int(drawn)

    async def status(self, number: str) -> str:
        """Return the status that the ledger has."""
        [(digest,)] = await self.rows("SELECT digest FROM certificate WHERE number = %s", number)
        office, authority = self.office, MOIT.on_chain
        (status,) = await view(
            office.chain,
            contracts.ledger(),
            office.deployment.ledger,
            "statusOf",
            authority,
            digest,
        )
        return State(status[0]).name

    async def complaints(self) -> list[str]:
        """Return what the doctor does not call good."""
        return _complaints(await doctor(self.office.settings))

    async def damage(self) -> list[str]:
        """Return what does not follow from the stored bytes, the log's copy included."""
        return _complaints(await fsck(self.office.settings))

    async def pooled(self, count: int) -> None:
        """Wait until the node's pool holds so many transactions that no block holds."""
        async with asyncio.timeout(5):
            while rpc(self.node, "txpool_status")["pending"] != hex(count):  # noqa: ASYNC110 - another process's pool
                await asyncio.sleep(0.02)

    async def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database by other means than the code under test."""
        url = self.office.settings.database_url
        assert url is not None
        plain = make_url(url.get_secret_value()).set(drivername="postgresql")
        async with await psycopg.AsyncConnection.connect(
            plain.render_as_string(hide_password=False), autocommit=True
        ) as connection:
            answer = await connection.execute(query, values)
            return await answer.fetchall() if answer.description else []


def _complaints(findings: Iterable[Finding]) -> list[str]:
    return [
        f"{item.subject} {item.outcome}: {item.detail}"
        for item in findings
        if item.outcome != "PASS"
    ]


def name_of(settings: Settings) -> str:
    """Return the name of an office's database."""
    assert settings.database_url is not None
    return str(make_url(settings.database_url.get_secret_value()).database)


def without_origin() -> dict[str, Any]:
    """Return the example with so dear a material of its own heading that no rule is met."""
    document: dict[str, Any] = application_of_today()
    document["lines"][0]["inputs"]["materials"][0] |= {"value": "15000", "hs_code": "190590"}
    return document


def declaration_for(number: str, bundle: bytes, quantity: str = "600") -> dict[str, Any]:
    """Return the request that files a new declaration claiming ``number``."""
    declaration = example("declaration-priok")
    declaration["number"] = f"040320TULEND{next(_serial):014}"
    declaration["declared_on"] = clock.today().isoformat()
    line = declaration["lines"][0]
    line["claim"]["certificate"] = number
    line["quantity"]["amount"] = quantity
    return {"declaration": declaration, "proofs": [json.loads(bundle)]}
