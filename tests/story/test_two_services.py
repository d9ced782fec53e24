"""Two services of customs on two databases, one contract: the race that no register can decide."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from demonstration import ETHER, PARTIES, PEOPLE
from office_fixtures import PATIENCE_SECONDS, Served, SetUp, database_of, free_port
from tulen.certificate import Bundle, FullPresentation
from tulen.chain import calls, contracts
from tulen.chain.deploy import send_and_wait
from tulen.chain.deployment import view
from tulen.database import EmbeddedPostgres, parties
from tulen.keys import QUICK, KeyStore
from tulen.settings import Settings
from tulen.values import PartyCode
from tulen.workflows.authenticate import make_api_key
from tulen.workflows.doctor import doctor
from tulen.workflows.office import open_office
from tulen.workflows.register import GOVERNOR, make_keys, make_passphrase

CUSTOMS = PartyCode("ID.DJBC")
HERE = [party for party in PARTIES if party.roles & {"customs", "importer"}]
"""Whom the other office serves; it keeps no authority's log."""
CLAIMS = 100
"""Declarations of each service."""
EACH = 20
"""KGM that each of them draws, of 1,000 that are certified: fifty of two hundred can have it."""
CERTIFIED = 1_000
KILOGRAM = 10**6
TULEN = Path(sys.executable).with_name("tulen")


@pytest.fixture(scope="module")
def other_office(
    tmp_path_factory: pytest.TempPathFactory,
    set_up_office: SetUp,
    postgres_server: EmbeddedPostgres,
    postgres_template: str,
) -> Iterator[SetUp]:
    """Another office of the same customs: its own database, keys and account."""
    home = tmp_path_factory.mktemp("other-office")
    with database_of(postgres_server, postgres_template, "other") as url:
        settings = set_up_office.settings.model_copy(
            update={"home": home, "database_url": SecretStr(url)}
        )
        keys = asyncio.run(_set_up_beside(settings, set_up_office))
        yield SetUp(settings, set_up_office.chain, keys)


async def _set_up_beside(settings: Settings, first: SetUp) -> dict[str, str]:
    shutil.copy(first.settings.deployment_file, settings.deployment_file)
    store = KeyStore(settings.keys_folder, make_passphrase(settings.passphrase_path), cost=QUICK)
    make_keys(store, HERE)
    async with open_office(first.settings) as registrar, open_office(settings) as office:
        account = office.account(CUSTOMS).address
        await send_and_wait(
            registrar.chain,
            registrar.account(GOVERNOR),
            calls.authorise_account(
                office.deployment, CUSTOMS, account, calls.account_roles(calls.CUSTOMS)
            ),
        )
        first.chain.fund(account, ETHER)
        async with office.database.transaction() as connection:
            for party in HERE:
                await parties.register(
                    connection,
                    parties.Party(party.code, party.name, party.code.country, party.roles),
                )
        return {name: await make_api_key(office, *PEOPLE[name]) for name in ("importer", "priok")}


@contextmanager
def process_of(office: SetUp) -> Iterator[str]:
    """Serve an office, with its worker, from a process of its own; yield its URL."""
    settings, port = office.settings, free_port()
    assert settings.database_url is not None
    environment = os.environ | {
        "TULEN_HOME": str(settings.home),
        "TULEN_DATABASE_URL": settings.database_url.get_secret_value(),
        "TULEN_CHAIN_RPC_URLS": ",".join(settings.chain_rpc_urls),
        "TULEN_CHECKPOINT_SECONDS": "0",
    }
    with (settings.home / "server.log").open("wb") as log:
        server = subprocess.Popen(  # noqa: S603 - the command under test
            [TULEN, "serve", "--port", str(port)], env=environment, stdout=log, stderr=log
        )
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not _ready(url):
            assert server.poll() is None
            assert time.monotonic() < deadline, httpx.get(f"{url}/readyz").text
            time.sleep(0.05)
        yield url
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=PATIENCE_SECONDS).is_success
    except httpx.TransportError:
        return False


def test_a_race_of_two_services_grants_exactly_what_is_certified(
    set_up_office: SetUp, other_office: SetUp, served: Served
) -> None:
    number = served.certified()
    bundle = served.bundle_of(number)
    offices = (set_up_office, other_office)
    with ExitStack() as running:
        urls = [running.enter_context(process_of(office)) for office in offices]
        requests = [
            [
                served.declaration_for(
                    number, bundle, quantity={"amount": str(EACH), "unit": "KGM"}
                )
                for _ in range(CLAIMS)
            ]
            for _ in offices
        ]
        answers = asyncio.run(_raced(urls, offices, requests))
    granted = [code for code in answers if code == "granted"]
    assert Counter(answers) == {
        "granted": CERTIFIED // EACH,
        "overdrawn": len(offices) * CLAIMS - CERTIFIED // EACH,
    }
    assert asyncio.run(_drawn(set_up_office, bundle)) == len(granted) * EACH * KILOGRAM
    findings = asyncio.run(doctor(other_office.settings))
    assert [item for item in findings if item.outcome != "PASS"] == []


async def _raced(
    urls: list[str], offices: tuple[SetUp, ...], requests: list[list[dict[str, Any]]]
) -> list[str]:
    """File all declarations, then let all of them draw at once; return what each came to."""
    limits = httpx.Limits(max_connections=CLAIMS)
    async with contextlib.AsyncExitStack() as clients:
        services = [
            await clients.enter_async_context(
                httpx.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS * 4, limits=limits)
            )
            for url in urls
        ]
        filed = []
        for service, office, wanted in zip(services, offices, requests, strict=True):
            for request in wanted:
                answer = await _post(service, office.keys["importer"], "/v1/declarations", request)
                assert answer.status_code == 201, answer.text
                filed.append((service, office, request["declaration"]["number"]))
        return await asyncio.gather(*(_draw(*one) for one in filed))


async def _draw(service: httpx.AsyncClient, office: SetUp, declaration: str) -> str:
    """Draw until the answer is for good; return ``granted``, or the code of the refusal."""
    body = {"declaration": declaration, "line": 1, "quantity": str(EACH), "unit": "KGM"}
    deadline = time.monotonic() + PATIENCE_SECONDS * 4
    while time.monotonic() < deadline:
        answer = await _post(service, office.keys["priok"], "/v1/drawdowns", body)
        if answer.status_code == 201:
            return "granted"
        if answer.status_code != 503:
            return str(answer.json()["code"])
        await asyncio.sleep(0.5)
    pytest.fail(f"no answer for good: {answer.text}")


async def _post(
    service: httpx.AsyncClient, key: str, path: str, body: dict[str, Any]
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": str(uuid.uuid4())}
    return await service.post(path, json=body, headers=headers)


async def _drawn(office: SetUp, bundle: bytes) -> int:
    presented = Bundle.parse(bundle).certificate
    assert isinstance(presented, FullPresentation)
    async with open_office(office.settings) as opened:
        address = opened.deployment.drawdowns
        contract = contracts.drawdowns()
        (drawn,) = await view(opened.chain, contract, address, "drawn", presented.digest, 1)
        return int(drawn)
