"""The peer's documents and contracts: wrapped by its own library, deployed on a real Anvil."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from eth_abi import encode
from eth_hash.auto import keccak

from anvil_fixtures import ETHER, NODE_MODULES, Account, rpc, running_anvil
from tulen.chain.calls import Call
from tulen.chain.deploy import send_and_wait
from tulen.chain.document_store import DID_REGISTRY
from tulen.chain.rpc import Chain
from tulen.settings import Settings
from tulen.verify.open_attestation import AttestationVerification, StoreAnswer
from tulen.workflows.verify_open_attestation import verify_open_attestation_once

ETHEREUM = 1
DOMAIN = "customs.example.sg"
DEPLOYER = Account("document store")
ISSUER = Account("attesting issuer")
DID = f"did:ethr:{ISSUER.address}".lower()
FACTORY = NODE_MODULES / "@tradetrust-tt/document-store/dist/contracts/factories"
REGISTRY = NODE_MODULES / "ethr-did-registry/artifacts/contracts/EthereumDIDRegistry.sol"
MADE = json.loads((Path(__file__).parent / "documents.json").read_text("utf-8"))
DOCUMENTS: dict[str, Any] = MADE["documents"]
STORE: str = DOCUMENTS["store"]["data"]["issuers"][0]["documentStore"].rpartition(":")[2].lower()
STORE_RECORD = f"openatts net=ethereum netId=1 addr={STORE}"
KEY_RECORD = f"openatts a=dns-did; p={DID}#controller; v=1.0;"
GOOD = StoreAnswer(exists=True, issued=True, revoked=False)


def document(name: str) -> Any:  # noqa: ANN401 - JSON
    """Return a fresh copy of one of the peer's documents."""
    return deepcopy(DOCUMENTS[name])


def outcomes(verification: AttestationVerification) -> dict[str, str]:
    return {check.name: check.outcome.value for check in verification.checks}


def reason(verification: AttestationVerification, name: str) -> str:
    return next(check.reason for check in verification.checks if check.name == name)


@dataclass
class Ethereum:
    """A real chain with id 1, the peer's document store on it, and the registry of did:ethr."""

    url: str

    async def sends(self, account: Account, to: str | None, data: bytes) -> str | None:
        async with Chain(self.url, ETHEREUM) as chain:
            return (await send_and_wait(chain, account, Call(to, data))).created

    async def issue(self, root: str) -> None:
        await self.sends(DEPLOYER, STORE, keccak(b"issue(bytes32)")[:4] + bytes.fromhex(root))

    async def revoke(self, digest: str) -> None:
        await self.sends(DEPLOYER, STORE, keccak(b"revoke(bytes32)")[:4] + bytes.fromhex(digest))

    async def hand_over(self, identity: Account, owner: str) -> None:
        call = keccak(b"changeOwner(address,address)")[:4]
        data = call + encode(["address", "address"], [identity.address, owner])
        await self.sends(identity, DID_REGISTRY, data)


@pytest.fixture(scope="session")
def mainnet() -> Iterator[str]:
    """URL of that chain."""
    bytecode = re.search(
        r'const _bytecode = "0x([0-9a-f]+)"', (FACTORY / "DocumentStore__factory.js").read_text()
    )
    registry = json.loads((REGISTRY / "EthereumDIDRegistry.json").read_text())
    assert bytecode
    with running_anvil(chain_id=ETHEREUM) as url:
        for account in (DEPLOYER, ISSUER):
            rpc(url, "anvil_setBalance", account.address, hex(ETHER))
        rpc(url, "anvil_setCode", DID_REGISTRY, registry["deployedBytecode"])
        arguments = encode(["string", "address"], ["Singapore Customs", DEPLOYER.address])
        creation = bytes.fromhex(bytecode[1]) + arguments

        import anyio  # noqa: PLC0415 - this fixture alone runs outside of a test's event loop

        created = anyio.run(Ethereum(url).sends, DEPLOYER, None, creation)
        assert created == STORE, "the documents name another store"
        yield url


@pytest.fixture
def ethereum(mainnet: str) -> Iterator[Ethereum]:
    """The chain as it was set up: nothing issued."""
    before = rpc(mainnet, "evm_snapshot")
    yield Ethereum(mainnet)
    rpc(mainnet, "evm_revert", before)


@dataclass
class Zone:
    """What the resolver answers: records by name, or one answer for everything."""

    url: str = ""
    records: dict[str, list[str]] = field(default_factory=dict)
    answer: Callable[[], web.StreamResponse] | None = None
    authenticated: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)


@asynccontextmanager
async def resolving() -> AsyncIterator[Zone]:
    """Serve a resolver with a JSON interface on loopback."""
    zone = Zone()

    async def resolve(request: web.Request) -> web.StreamResponse:
        zone.asked.append(dict(request.query))
        if zone.answer is not None:
            return zone.answer()
        name = request.query["name"]
        texts = zone.records.get(name)
        records = [
            {"name": f"{name}.", "type": 16, "TTL": 60, "data": f'"{text}"'} for text in texts or ()
        ]
        said = {"Status": 3 if texts is None else 0, "TC": False, "AD": zone.authenticated}
        body = orjson.dumps(said | ({"Answer": records} if records else {}))
        return web.Response(body=body, content_type="application/dns-json")

    app = web.Application()
    app.router.add_get("/resolve", resolve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        zone.url = f"http://127.0.0.1:{runner.addresses[0][1]}/resolve"
        yield zone
    finally:
        await runner.cleanup()


@pytest.fixture
async def zone() -> AsyncIterator[Zone]:
    """The resolver, which knows what Singapore Customs has published."""
    async with resolving() as zone:
        zone.records[DOMAIN] = ["v=spf1 -all", STORE_RECORD, KEY_RECORD]
        yield zone


def settings_for(ethereum: Ethereum, zone: Zone, **more: Any) -> Settings:  # noqa: ANN401 - of any field
    """Return the settings of a customs that asks these two and accepts Singapore's."""
    chosen = {
        "oa_rpc_urls": (ethereum.url,),
        "oa_dns_url": zone.url,
        "oa_issuers": frozenset({DOMAIN, DID}),
        "chain_max_head_age_seconds": 0,
    }
    return Settings(**(chosen | more))


async def verified(name: str | bytes, settings: Settings) -> AttestationVerification:
    """Verify one of the peer's documents, or any bytes."""
    data = name if isinstance(name, bytes) else json.dumps(document(name)).encode()
    return await verify_open_attestation_once(settings, data)
