from dataclasses import replace
from typing import Any

import pytest

from anvil_fixtures import CHAIN_ID, GOVERNOR, World, rpc, running_anvil
from tulen.chain.deploy import deploy
from tulen.chain.deployment import Deployment, WrongDeploymentError, check_deployment
from tulen.chain.rpc import Chain, WrongChainError
from tulen.errors import InvalidInputError
from tulen.values import Digest

pytestmark = pytest.mark.anyio

DOCUMENT = {
    "format": "tulen/deployment/v1",
    "chain_id": 1337,
    "registry": "0x" + "0a" * 20,
    "ledger": "0x" + "0b" * 20,
    "drawdowns": "0x" + "0c" * 20,
    "genesis_hash": "11" * 32,
    "block": 1,
}


def test_a_deployment_is_written_as_it_is_read() -> None:
    assert Deployment.from_document(DOCUMENT).to_document() == DOCUMENT


LIES: dict[str, tuple[str, dict[str, Any]]] = {
    "another format": ("/format", {"format": "tulen/deployment/v2"}),
    "an unknown member": ("/owner", {"owner": "0x"}),
    "a chain id that is text": ("/chain_id", {"chain_id": "1337"}),
    "a chain id that is true": ("/chain_id", {"chain_id": True}),
    "a chain id of zero": ("/chain_id", {"chain_id": 0}),
    "a block before the first": ("/block", {"block": -1}),
    "an address with capitals": ("/ledger", {"ledger": "0x" + "0B" * 20}),
    "a short address": ("/registry", {"registry": "0x" + "0a" * 19}),
    "an address that is none": ("/drawdowns", {"drawdowns": None}),
    "a hash with 0x": ("/genesis_hash", {"genesis_hash": "0x" + "11" * 32}),
}


@pytest.mark.parametrize(("field", "lie"), LIES.values(), ids=LIES.keys())
def test_a_deployment_is_read_strictly(field: str, lie: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Deployment.from_document({**DOCUMENT, **lie})
    assert caught.value.field == field


@pytest.mark.parametrize("member", DOCUMENT.keys())
def test_no_member_of_a_deployment_may_be_missing(member: str) -> None:
    rest = {name: value for name, value in DOCUMENT.items() if name != member}
    with pytest.raises(InvalidInputError) as caught:
        Deployment.from_document(rest)
    assert caught.value.field == f"/{member}"


def test_a_deployment_is_an_object() -> None:
    with pytest.raises(InvalidInputError):
        Deployment.from_document([])


async def test_the_deployed_contracts_are_this_package_s(chain: Chain, world: World) -> None:
    await check_deployment(chain, world.deployment)


async def test_events_are_looked_for_from_the_first_contract_s_block_on(world: World) -> None:
    def code(block: int) -> str:
        return rpc(world.url, "eth_getCode", world.deployment.registry, hex(block))

    assert (code(world.deployment.block - 1), len(code(world.deployment.block)) > 2) == ("0x", True)


async def test_contracts_on_another_chain_are_refused(chain: Chain, world: World) -> None:
    with pytest.raises(WrongDeploymentError, match=r"stand on chain 5.* serve chain 31337"):
        await check_deployment(chain, replace(world.deployment, chain_id=5))


async def test_a_node_of_another_chain_is_refused(world: World) -> None:
    async with Chain(world.url, 5) as chain:
        with pytest.raises(WrongChainError):
            await check_deployment(chain, replace(world.deployment, chain_id=5))


async def test_another_chain_with_the_same_id_is_refused(chain: Chain, world: World) -> None:
    with pytest.raises(WrongDeploymentError, match="another chain under the id 31337"):
        await check_deployment(chain, replace(world.deployment, genesis_hash=Digest(bytes(32))))


@pytest.mark.parametrize("member", ["registry", "ledger", "drawdowns"])
async def test_an_address_without_our_code_is_refused(
    chain: Chain, world: World, member: str
) -> None:
    with pytest.raises(WrongDeploymentError, match=r"no contract stands at|is not this version's"):
        await check_deployment(chain, replace(world.deployment, **{member: "0x" + "ee" * 20}))


async def test_one_contract_in_another_s_place_is_refused(chain: Chain, world: World) -> None:
    exchanged = replace(
        world.deployment, ledger=world.deployment.drawdowns, drawdowns=world.deployment.ledger
    )
    with pytest.raises(WrongDeploymentError, match="is not this version's"):
        await check_deployment(chain, exchanged)


async def test_contracts_that_rely_on_another_registry_are_refused() -> None:
    with running_anvil() as url:
        rpc(url, "anvil_setBalance", GOVERNOR.address, hex(10**20))
        async with Chain(url, CHAIN_ID) as chain:
            ours, theirs = [await deploy(chain, GOVERNOR, GOVERNOR.address) for _ in range(2)]
            await check_deployment(chain, ours)
            for member in ("registry", "ledger", "drawdowns"):
                mixed = replace(ours, **{member: getattr(theirs, member)})
                with pytest.raises(WrongDeploymentError, match="is not this version's"):
                    await check_deployment(chain, mixed)
