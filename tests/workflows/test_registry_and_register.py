"""The doctor sees what is no longer in force at the registry, and leaves other services alone."""

from dataclasses import replace

import pytest
from desk import MOIT, Desk, Foundation
from restored import copied

from anvil_fixtures import rpc
from tulen.chain import calls
from tulen.chain.deploy import send_and_wait
from tulen.keys import AccountSigner
from tulen.values import AgreementCode, Ed25519PublicKey, FormCode, PartyCode
from tulen.workflows.register import GOVERNOR
from tulen.workflows.replay import replay

pytestmark = pytest.mark.anyio

DJBC = PartyCode("ID.DJBC")
LONG_AGO = 1_500_000_000


async def as_steward(desk: Desk, call: calls.Call) -> None:
    await send_and_wait(desk.office.chain, desk.office.account(GOVERNOR), call)


async def now(desk: Desk) -> int:
    return int(rpc(desk.node, "eth_getBlockByNumber", "latest", False)["timestamp"], 16)


async def test_a_key_that_has_ended_fails(desk: Desk) -> None:
    key: Ed25519PublicKey = desk.office.signer(MOIT).public_key
    assert await desk.complaints() == []
    until = await now(desk) + 5
    await as_steward(desk, calls.end_key(desk.office.deployment, MOIT, key, until))
    rpc(desk.node, "evm_increaseTime", 10)
    desk.mine()
    [complaint] = await desk.complaints()
    assert complaint.startswith(f"registrations FAIL: key {key.hex()} of VN.MOIT is used here")


async def test_a_compromised_key_fails(desk: Desk) -> None:
    key: Ed25519PublicKey = desk.office.signer(MOIT).public_key
    call = calls.compromise_key(desk.office.deployment, MOIT, key, await now(desk))
    await as_steward(desk, call)
    [complaint] = await desk.complaints()
    assert "compromised since " in complaint
    assert "compromised since never" not in complaint


async def test_an_account_that_may_no_longer_revoke_fails(desk: Desk) -> None:
    account = desk.office.account(MOIT).address
    call = calls.authorise_account(desk.office.deployment, MOIT, account, calls.ANCHOR)
    await as_steward(desk, call)
    [complaint] = await desk.complaints()
    assert complaint == (
        f"registrations FAIL: account {account} of VN.MOIT has roles 0b1 in the registry, and "
        "needs 0b11"
    )


async def test_a_mandate_that_has_ended_fails_once_something_is_issued_under_it(
    desk: Desk,
) -> None:
    await desk.certified()
    until = await now(desk) + 1
    call = calls.grant_mandate(
        desk.office.deployment,
        MOIT,
        AgreementCode("ATIGA"),
        FormCode("D"),
        since=LONG_AGO,
        until=until,
    )
    await as_steward(desk, call)
    rpc(desk.node, "evm_increaseTime", 10)
    desk.mine()
    [complaint] = await desk.complaints()
    assert complaint.startswith("registrations FAIL: VN.MOIT issues form D of ATIGA here, and its")
    assert f"until {until}; it is " in complaint


async def test_an_authority_that_was_paused_fails(desk: Desk) -> None:
    await as_steward(desk, calls.pause_issuing(desk.office.deployment, MOIT))
    [complaint] = await desk.complaints()
    assert complaint.startswith("registrations FAIL: the registry has paused VN.MOIT")


async def test_another_service_of_the_same_customs_is_none_of_our_business(
    desk: Desk, foundation: Foundation
) -> None:
    number, bundle = await desk.certified()
    other = AccountSigner(bytes(31) + b"\x07")
    rpc(desk.node, "anvil_setBalance", other.address, hex(10**18))
    call = calls.authorise_account(desk.office.deployment, DJBC, other.address, calls.DRAW)
    await as_steward(desk, call)
    declaration = await desk.declared(number, bundle)
    async with copied(desk, foundation) as service:
        elsewhere = Desk(replace(service.office, secret=b"another office", _accounts={DJBC: other}))
        await elsewhere.draw(declaration, "600")
        await elsewhere.settled()
        await desk.until_idle()
        assert await desk.complaints() == []
        [customs] = [part for part in await replay(desk.office) if part.party == DJBC]
        assert customs.to_document() == {"party": DJBC}
