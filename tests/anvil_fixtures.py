"""Fixtures for tests that need a chain: real Anvil, the real contracts, fresh parties.

A ``conftest.py`` imports the fixtures it wants; each xdist worker has a chain of its own.
"""

import asyncio
import hashlib
import itertools
import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account as EthAccount
from nacl.signing import SigningKey

from tulen.chain import calls
from tulen.chain.deploy import deploy, send_and_wait
from tulen.chain.deployment import Deployment
from tulen.chain.embedded import find_anvil
from tulen.chain.rpc import Chain
from tulen.chain.sender import Receipt, receipt
from tulen.values import AgreementCode, Country, Ed25519PublicKey, FormCode, PartyCode

CHAIN_ID = 31337
NODE_MODULES = Path(__file__).parents[1] / "node_modules"
LONG_AGO = 1_500_000_000
ATIGA = AgreementCode("ATIGA")
FORM_D = FormCode("D")
ETHER = 10**18

_serial = itertools.count(1)


class Account:
    """A secp256k1 account whose key follows from its name."""

    def __init__(self, name: str) -> None:
        self._account = EthAccount.from_key(hashlib.sha256(name.encode()).digest())
        self.address: str = self._account.address

    def sign_transaction(self, transaction: dict[str, Any]) -> tuple[bytes, bytes]:
        signed = self._account.sign_transaction(transaction)
        return bytes(signed.raw_transaction), bytes(signed.hash)


GOVERNOR = Account("governor")
STEWARD = Account("steward")


@dataclass(frozen=True)
class Party:
    """A registered party with its account and Ed25519 key."""

    code: PartyCode
    account: Account
    signing_key: SigningKey

    @property
    def key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey(bytes(self.signing_key.verify_key))


@dataclass(frozen=True)
class World:
    """A running Anvil with deployed contracts and a steward for VN, ID, TH and MY."""

    url: str
    deployment: Deployment


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_anvil(*flags: str, port: int | None = None, chain_id: int = CHAIN_ID) -> Iterator[str]:
    """Run Anvil with its blocks in the test's hands; ``finalized`` is the last block but two."""
    port = port or free_port()
    process = subprocess.Popen(  # noqa: S603 - the project's own tool
        [
            find_anvil(NODE_MODULES),
            *("--port", str(port), "--chain-id", str(chain_id), "--quiet"),
            *("--slots-in-an-epoch", "1", "--accounts", "0", "--prune-history", "1000"),
            *flags,
        ]
    )
    try:
        for _ in range(1000):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert process.poll() is None, "Anvil ended"
                time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def rpc(url: str, method: str, *params: object) -> Any:  # noqa: ANN401 - JSON
    """Ask Anvil by other means than the code under test."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - loopback
        answer = json.loads(response.read())
    assert "error" not in answer, answer
    return answer["result"]


def mine(url: str, blocks: int) -> None:
    for _ in range(blocks):
        rpc(url, "evm_mine")


async def mined(chain: Chain, tx_hash: bytes) -> Receipt:
    """Wait for a transaction that Anvil is about to mine."""
    for _ in range(1000):
        found = await receipt(chain, tx_hash)
        if found is not None:
            return found
        await asyncio.sleep(0.002)
    pytest.fail(f"{tx_hash.hex()} is not mined")


async def set_up(url: str) -> Deployment:
    """Deploy the contracts and appoint the steward."""
    for account in (GOVERNOR, STEWARD):
        rpc(url, "anvil_setBalance", account.address, hex(1_000 * ETHER))
    async with Chain(url, CHAIN_ID) as chain:
        deployment = await deploy(chain, GOVERNOR, GOVERNOR.address)
        for country in ("VN", "ID", "TH", "MY"):
            steward = calls.appoint_steward(deployment, Country(country), STEWARD.address)
            await send_and_wait(chain, GOVERNOR, steward)
    return deployment


async def new_party(chain: Chain, world: World, country: str, roles: int) -> Party:
    """Register a party nobody has heard of, with an account, a key and the ATIGA mandate."""
    code = PartyCode(f"{country}.P{next(_serial)}")
    party = Party(code, Account(code), SigningKey(hashlib.sha256(code.encode()).digest()))
    rpc(world.url, "anvil_setBalance", party.account.address, hex(ETHER))
    deployment = world.deployment
    for call in (
        calls.register_party(deployment, code, roles),
        calls.authorise_account(
            deployment, code, party.account.address, calls.account_roles(roles)
        ),
        calls.add_key(deployment, code, party.key, since=LONG_AGO),
        calls.grant_mandate(deployment, code, ATIGA, FORM_D, since=LONG_AGO),
    ):
        await send_and_wait(chain, STEWARD, call)
    return party


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    with running_anvil() as url:
        yield World(url, asyncio.run(set_up(url)))


@pytest.fixture
async def chain(world: World) -> AsyncIterator[Chain]:
    async with Chain(world.url, CHAIN_ID) as client:
        yield client


@pytest.fixture
async def authority(chain: Chain, world: World) -> Party:
    return await new_party(chain, world, "VN", calls.ISSUING_AUTHORITY)


@pytest.fixture
async def customs(chain: Chain, world: World) -> Party:
    return await new_party(chain, world, "ID", calls.CUSTOMS)


Send = Callable[[Party, calls.Call], Awaitable[Receipt]]


@pytest.fixture
def send(chain: Chain) -> Send:
    async def by(party: Party, call: calls.Call) -> Receipt:
        return await send_and_wait(chain, party.account, call)

    return by
