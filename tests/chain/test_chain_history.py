"""What accounts have sent is read from the blocks, and a node cannot make any of it up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from anvil_fixtures import GOVERNOR, STEWARD, Party, World, mined
from tulen.chain import calls, follower
from tulen.chain.forms import FORMS
from tulen.chain.history import PastTransaction, sender_of, sent_by
from tulen.chain.rpc import AnyChain, Chain
from tulen.chain.sender import Fees, broadcast, next_nonce, sign
from tulen.errors import UnavailableError

pytestmark = pytest.mark.anyio


def octets_of(address: str) -> bytes:
    return bytes.fromhex(address.removeprefix("0x"))


async def all_sent_by(chain: AnyChain, *addresses: str) -> list[PastTransaction]:
    last = (await follower.head(chain)).number
    senders = set(map(octets_of, addresses))
    return [past async for past in sent_by(chain, senders, 0, last)]


@dataclass
class Altering:
    """A node that alters each transaction of each block."""

    chain: Chain
    alter: Callable[[dict[str, Any]], object]

    @property
    def chain_id(self) -> int:
        return self.chain.chain_id

    @property
    def name(self) -> str:
        return self.chain.name

    async def request(self, method: str, *params: object) -> Any:  # noqa: ANN401 - JSON
        answer = await self.chain.request(method, *params)
        if method == "eth_getBlockByNumber" and params[1]:
            for transaction in answer["transactions"]:
                self.alter(transaction)
        return answer


async def test_every_transaction_of_an_account_comes_back_byte_for_byte(
    chain: Chain, world: World, authority: Party
) -> None:
    call = calls.pause_issuing(world.deployment, authority.code)
    nonce = await next_nonce(chain, STEWARD.address)
    signed = sign(
        STEWARD,
        chain_id=chain.chain_id,
        call=call,
        nonce=nonce,
        gas=200_000,
        offer=Fees(10**10, 10**9),
    )
    await broadcast(chain, signed.raw)
    await mined(chain, signed.tx_hash)
    found = await all_sent_by(chain, STEWARD.address)
    assert [past.nonce for past in found] == list(range(nonce + 1))
    last = found[-1]
    assert (last.raw, last.tx_hash, last.data) == (signed.raw, signed.tx_hash, call.data)
    assert (last.max_fee, last.tip, last.value) == (10**10, 10**9, 0)
    assert last.to == octets_of(world.deployment.registry)
    assert await sender_of(chain, signed.tx_hash) == octets_of(STEWARD.address)
    assert all(past.raw is not None for past in found)


async def test_nobody_elses_are_among_them(chain: Chain, world: World) -> None:
    assert world
    both = await all_sent_by(chain, STEWARD.address, GOVERNOR.address)
    ours = await all_sent_by(chain, GOVERNOR.address)
    assert 0 < len(ours) < len(both)
    assert {past.sender for past in ours} == {octets_of(GOVERNOR.address)}


async def test_what_quorum_compares_is_enough_to_read_it(chain: Chain, world: World) -> None:
    assert world

    @dataclass
    class Formed(Altering):
        async def request(self, method: str, *params: object) -> Any:  # noqa: ANN401 - JSON
            return FORMS[method](await self.chain.request(method, *params))

    whole = await all_sent_by(chain, GOVERNOR.address)
    assert await all_sent_by(Formed(chain, dict.copy), GOVERNOR.address) == whole


LIES: dict[str, Callable[[dict[str, Any]], object]] = {
    "another sender": lambda tx: tx.update({"from": STEWARD.address.lower()}),
    "no nonce": lambda tx: tx.pop("nonce"),
    "another kind of nonce": lambda tx: tx.update(nonce="three"),
    "a hash that is none": lambda tx: tx.update(hash="0x12"),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
async def test_what_a_node_makes_up_is_no_answer(
    chain: Chain, world: World, lie: Callable[[dict[str, Any]], object]
) -> None:
    assert world
    with pytest.raises(UnavailableError):
        await all_sent_by(Altering(chain, lie), GOVERNOR.address, STEWARD.address)


@pytest.mark.parametrize("member", ["nonce", "value", "gas", "maxFeePerGas"])
async def test_what_does_not_have_its_hash_has_no_bytes(
    chain: Chain, world: World, member: str
) -> None:
    assert world
    altered = Altering(chain, lambda tx: tx.update({member: hex(int(tx[member], 16) + 1)}))
    assert {past.raw for past in await all_sent_by(altered, GOVERNOR.address)} == {None}
