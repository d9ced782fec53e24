import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from eth_account import Account as EthAccount
from lying_nodes import Liar
from test_chain_refusals import KGM, Line, declaration

from anvil_fixtures import CHAIN_ID, GOVERNOR, Account, Party, Send, World, mine, mined, rpc
from tulen.chain import calls
from tulen.chain.deploy import send_and_wait
from tulen.chain.refusals import AccountNotPermittedError, OverdrawnError
from tulen.chain.rpc import Chain, RpcError
from tulen.chain.sender import (
    GAS_SPARE,
    Fees,
    NonceTakenError,
    Signed,
    broadcast,
    capped,
    fees,
    next_nonce,
    preflight,
    raised,
    reason,
    receipt,
    sign,
    sign_again,
)
from tulen.errors import UnavailableError
from tulen.values import Country

pytestmark = pytest.mark.anyio

OFFER = Fees(10**10, 10**9)


@pytest.fixture
def by_hand(world: World) -> Iterator[None]:
    """Blocks are made only when the test makes them."""
    rpc(world.url, "evm_setAutomine", False)
    yield
    mine(world.url, 1)
    rpc(world.url, "evm_setAutomine", True)


@pytest.fixture
def appointment(world: World) -> calls.Call:
    return calls.appoint_steward(world.deployment, Country("TH"), GOVERNOR.address)


async def signed(chain: Chain, account: Account, call: calls.Call, *, bump: int = 1) -> Signed:
    """Sign ``call`` for the account's next place, whatever the contract will say."""
    return sign(
        account,
        chain_id=CHAIN_ID,
        call=call,
        nonce=await next_nonce(chain, account.address, "latest"),
        gas=1_000_000,
        offer=Fees(OFFER.max_fee * bump, OFFER.tip * bump),
    )


async def test_a_refusal_comes_before_a_nonce_is_taken(
    chain: Chain, customs: Party, appointment: calls.Call
) -> None:
    before = await next_nonce(chain, customs.account.address)
    with pytest.raises(AccountNotPermittedError, match="is not the registry's governor"):
        await preflight(chain, customs.account.address, appointment)
    assert await next_nonce(chain, customs.account.address) == before


async def test_the_gas_limit_is_a_quarter_and_a_spare_above_what_is_used(
    chain: Chain, appointment: calls.Call
) -> None:
    gas = await preflight(chain, GOVERNOR.address, appointment)
    transaction = await signed(chain, GOVERNOR, appointment)
    await broadcast(chain, transaction.raw)
    done = await mined(chain, transaction.tx_hash)
    assert done.succeeded
    assert done.gas_used * 1.2 < gas - GAS_SPARE < done.gas_used * 1.5


async def test_a_change_a_second_after_the_last_one_has_gas_enough(
    chain: Chain, world: World, appointment: calls.Call
) -> None:
    await send_and_wait(chain, GOVERNOR, appointment)
    gas = await preflight(chain, GOVERNOR.address, appointment)  # Within the same second.
    await asyncio.sleep(1.1)
    mine(world.url, 1)
    dearer = await preflight(chain, GOVERNOR.address, appointment)
    assert gas >= (dearer - GAS_SPARE) * 4 // 5


async def test_the_offer_bears_a_doubled_base_fee(chain: Chain, world: World) -> None:
    block = rpc(world.url, "eth_getBlockByNumber", "latest", False)
    offer = await fees(chain)
    assert offer.max_fee == 2 * int(block["baseFeePerGas"], 16) + offer.tip
    assert offer.tip > 0


async def test_what_is_signed_is_what_was_asked_for(chain: Chain, appointment: calls.Call) -> None:
    transaction = sign(
        GOVERNOR, chain_id=CHAIN_ID, call=appointment, nonce=7, gas=123_456, offer=OFFER
    )
    assert transaction.nonce == 7
    assert transaction.raw[0] == 2, "EIP-1559"
    assert EthAccount.recover_transaction(transaction.raw) == GOVERNOR.address
    assert chain.web3.keccak(transaction.raw) == transaction.tx_hash


async def test_a_transaction_has_no_receipt_until_it_is_mined_and_then_its_events(
    chain: Chain, world: World, appointment: calls.Call, by_hand: None
) -> None:
    assert by_hand is None
    transaction = await signed(chain, GOVERNOR, appointment)
    assert await broadcast(chain, transaction.raw) == transaction.tx_hash
    assert await receipt(chain, transaction.tx_hash) is None
    mine(world.url, 1)
    done = await mined(chain, transaction.tx_hash)
    (event,) = done.events
    assert event.name == "StewardAppointed"
    assert event.arguments == {"country": b"TH", "steward": GOVERNOR.address.lower()}
    assert event.address == world.deployment.registry
    assert (event.block_hash, event.tx_hash) == (done.block_hash, transaction.tx_hash)


async def test_handing_the_same_bytes_over_again_is_no_error(
    chain: Chain, world: World, appointment: calls.Call, by_hand: None
) -> None:
    assert by_hand is None
    transaction = await signed(chain, GOVERNOR, appointment)
    for _ in range(2):
        assert await broadcast(chain, transaction.raw) == transaction.tx_hash
    mine(world.url, 1)
    for _ in range(2):
        assert await broadcast(chain, transaction.raw) == transaction.tx_hash


async def test_a_transaction_whose_nonce_another_one_took_is_told_apart(
    chain: Chain, appointment: calls.Call
) -> None:
    first = await signed(chain, GOVERNOR, appointment)
    second = await signed(chain, GOVERNOR, appointment, bump=2)
    await broadcast(chain, first.raw)
    await mined(chain, first.tx_hash)
    with pytest.raises(NonceTakenError, match=f"{second.tx_hash} can never be mined"):
        await broadcast(chain, second.raw)


async def test_a_reorganised_transaction_is_handed_over_again(
    chain: Chain, world: World, appointment: calls.Call
) -> None:
    transaction = await signed(chain, GOVERNOR, appointment)
    await broadcast(chain, transaction.raw)
    before = await mined(chain, transaction.tx_hash)
    rpc(world.url, "anvil_reorg", 1, [])
    assert await receipt(chain, transaction.tx_hash) is None
    for _ in range(100):
        try:
            await broadcast(chain, transaction.raw)
            break
        except UnavailableError:  # for a moment Anvil's pool takes it for mined still
            await asyncio.sleep(0.01)
    after = await mined(chain, transaction.tx_hash)
    assert after.succeeded
    assert after.block_hash != before.block_hash


async def test_an_account_that_cannot_pay_is_an_outage_and_no_refusal(
    chain: Chain, appointment: calls.Call
) -> None:
    transaction = await signed(chain, Account("pauper"), appointment)
    with pytest.raises(RpcError, match=r"(?i)insufficient funds") as caught:
        await broadcast(chain, transaction.raw)
    assert not caught.value.reverted


async def test_a_node_that_takes_it_for_another_transaction_is_not_believed(
    appointment: calls.Call, liar: Liar
) -> None:
    def lie(call: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        sent = call["method"] == "eth_sendRawTransaction"
        return {**answer, "result": "0x" + "11" * 32} if sent else answer

    async with Chain(await liar(lie), CHAIN_ID) as chain:
        transaction = await signed(chain, GOVERNOR, appointment)
        with pytest.raises(UnavailableError, match=r"took .* for"):
            await broadcast(chain, transaction.raw)


async def test_a_mined_refusal_says_why(
    chain: Chain, world: World, authority: Party, customs: Party, send: Send
) -> None:
    line = Line(world, authority)
    await send(authority, line.anchor)
    drawn = await send(customs, line.draw(1000, declaration(1)))
    assert await reason(chain, drawn.tx_hash) is None, "it succeeded"
    transaction = await signed(chain, customs.account, line.draw(5, declaration(2)))
    await broadcast(chain, transaction.raw)
    done = await mined(chain, transaction.tx_hash)
    assert not done.succeeded
    assert done.events == ()
    why = await reason(chain, transaction.tx_hash, KGM)
    assert isinstance(why, OverdrawnError)
    assert str(why) == "line 1: 5 KGM asked for, 0 KGM left"


async def test_of_an_unknown_transaction_nothing_is_known(chain: Chain) -> None:
    assert await receipt(chain, bytes(32)) is None
    assert await reason(chain, bytes(32)) is None


@pytest.mark.parametrize(
    ("last", "asked", "cap", "expected"),
    [
        ((100, 10), (50, 5), 1000, (110, 11)),
        ((101, 11), (50, 5), 1000, (112, 13)),
        ((100, 10), (200, 5), 1000, (200, 11)),
        ((100, 10), (200, 50), 1000, (200, 50)),
        ((100, 10), (200, 50), 150, (150, 50)),
        ((100, 10), (500, 400), 150, (150, 150)),
        ((100, 10), (500, 400), 110, (110, 110)),
        ((100, 10), (500, 400), 109, None),
        ((100, 100), (50, 50), 110, (110, 110)),
        ((1, 0), (1, 0), 1000, (2, 1)),
        ((0, 0), (0, 0), 1000, None),
        ((0, 0), (7, 1), 1000, (7, 1)),
        ((10**30, 1), (1, 1), 10**31, (11 * 10**29, 2)),
    ],
)
def test_an_offer_is_raised_by_a_tenth_rounded_up_and_never_over_the_cap(
    last: tuple[int, int], asked: tuple[int, int], cap: int, expected: tuple[int, int] | None
) -> None:
    offer = raised(Fees(*last), Fees(*asked), cap)
    assert offer == (None if expected is None else Fees(*expected))


def test_the_first_offer_keeps_to_the_cap_too() -> None:
    assert capped(Fees(100, 10), 100) == Fees(100, 10)
    assert capped(Fees(100, 10), 99) == Fees(99, 10)
    assert capped(Fees(100, 10), 9) == Fees(9, 9)


@pytest.mark.parametrize("to", ["0x" + "ab" * 20, None])
def test_what_is_signed_again_differs_in_its_offer_alone(to: str | None) -> None:
    call = calls.Call(to, b"data")
    first = sign(GOVERNOR, chain_id=CHAIN_ID, call=call, nonce=7, gas=123_456, offer=OFFER)
    dearer = Fees(OFFER.max_fee * 2, OFFER.tip * 3)
    again = sign_again(GOVERNOR, first.raw, dearer)
    assert again == sign(GOVERNOR, chain_id=CHAIN_ID, call=call, nonce=7, gas=123_456, offer=dearer)
    assert again.tx_hash != first.tx_hash


async def test_a_node_takes_what_is_raised_in_place_of_the_last(
    chain: Chain, world: World, appointment: calls.Call, by_hand: None
) -> None:
    assert by_hand is None
    first = await signed(chain, GOVERNOR, appointment)
    await broadcast(chain, first.raw)
    offer = raised(OFFER, Fees(0, 0), 10**18)
    assert offer is not None
    replacement = sign_again(GOVERNOR, first.raw, offer)
    assert await broadcast(chain, replacement.raw) == replacement.tx_hash
    with pytest.raises(RpcError):
        await broadcast(chain, first.raw)
    mine(world.url, 1)
    assert (await mined(chain, replacement.tx_hash)).succeeded
    assert await receipt(chain, first.tx_hash) is None
