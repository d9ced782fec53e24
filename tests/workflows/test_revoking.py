"""Revoking: once, with one reason, and never said before it is so."""

import asyncio
from dataclasses import replace

import pytest
from desk import DEAR, MOIT, PERSONS, Desk
from failing import interrupted

from anvil_fixtures import Account, rpc
from tulen.chain import calls, sender
from tulen.chain.deploy import send_and_wait
from tulen.chain.refusals import AccountNotPermittedError, BadTransitionError
from tulen.errors import InvalidInputError, NotFoundError, UnavailableError
from tulen.values import Digest, PartyCode
from tulen.workflows.certificate import certificate_of
from tulen.workflows.issued import NotIssuedError
from tulen.workflows.register import GOVERNOR
from tulen.workflows.revoke import RevokedAlreadyError

pytestmark = pytest.mark.anyio


async def test_asked_for_by_two_officers_at_once_it_is_one_revocation(desk: Desk) -> None:
    number = await desk.issued()
    views = await asyncio.gather(
        *(desk.revoke(number, by=who) for who in ("officer-1", "officer-2", "officer-1"))
    )
    assert len({view.transaction for view in views}) == 1
    await desk.until_idle()
    assert await desk.rows("SELECT count(*) FROM chain_transaction WHERE purpose='revoke'") == [
        (1,)
    ]
    again = await desk.revoke(number)
    assert again.revoked_at
    assert await desk.complaints() == []


async def test_what_was_revoked_just_before_is_not_refused(desk: Desk) -> None:
    number = await desk.issued()
    late = interrupted(desk, "eth_estimateGas", lambda: desk.revoke(number, by="officer-2"))
    view = await late.revoke(number)
    assert view.request.requested_by == "officer-2"
    assert view.revoked_at


async def test_of_two_reasons_at_once_the_first_one_stays(desk: Desk) -> None:
    number = await desk.issued()
    late = interrupted(desk, "eth_estimateGas", lambda: desk.revoke(number, by="officer-2"))
    with pytest.raises(RevokedAlreadyError, match="error"):
        await late.revoke(number, reason="fraud")


async def test_another_reason_later_is_refused(desk: Desk) -> None:
    number = await desk.issued()
    await desk.revoke(number)
    with pytest.raises(RevokedAlreadyError, match="error"):
        await desk.revoke(number, reason="fraud")


async def test_only_what_the_authority_issued_and_logged_is_revoked(desk: Desk) -> None:
    number = await desk.issued()
    with pytest.raises(NotFoundError):
        await desk.revoke("VN.MOIT-D-26-0000999")
    with pytest.raises(InvalidInputError, match="is not a reason"):
        await desk.revoke(number, reason="verified")
    await desk.rows("UPDATE certificate SET state = 'signed', log_index = NULL")
    with pytest.raises(NotIssuedError):
        await desk.revoke(number)


async def test_without_the_chain_nothing_is_kept_and_it_can_be_asked_again(desk: Desk) -> None:
    number = await desk.issued()
    async with desk.without_chain() as cut_off:
        with pytest.raises(UnavailableError):
            await cut_off.revoke(number)
    assert await desk.rows("SELECT count(*) FROM revocation") == [(0,)]
    view = await desk.revoke(number)
    assert view.revoked_at
    async with desk.without_chain() as cut_off:
        again = await cut_off.revoke(number)
    assert (again.transaction, again.revoked_at) == (view.transaction, "")


async def test_a_revocation_that_a_reorganisation_takes_back_is_sent_again(desk: Desk) -> None:
    number = await desk.issued()
    await desk.revoke(number)
    desk.reorganise(1)
    rpc(desk.node, "anvil_dropAllTransactions")
    assert await desk.status(number) == "GOOD"
    await desk.until_idle()
    assert await desk.status(number) == "REVOKED"
    assert await desk.complaints() == []


async def test_one_that_failed_when_it_was_mined_is_not_called_revoked_and_may_be_sent_anew(
    desk: Desk,
) -> None:
    number = await desk.issued()
    office, deployment = desk.office, desk.office.deployment
    account = office.account(MOIT).address
    withdrawn = calls.withdraw_account(deployment, MOIT, account)

    rpc(desk.node, "evm_setAutomine", False)
    revoking = asyncio.create_task(desk.revoke(number))
    await desk.pooled(1)
    governor = office.account(GOVERNOR)
    first = sender.sign(
        governor,
        chain_id=office.chain.chain_id,
        call=withdrawn,
        nonce=await sender.next_nonce(office.chain, governor.address),
        gas=200_000,
        offer=DEAR,
    )
    await sender.broadcast(office.chain, first.raw)
    desk.mine(1)
    with pytest.raises(AccountNotPermittedError):
        await revoking
    rpc(desk.node, "evm_setAutomine", True)

    assert (await desk.revoke(number)).to_document()["revoked_at"] == ""
    desk.mine()
    await desk.settled()
    with pytest.raises(AccountNotPermittedError):
        await desk.revoke(number)

    await send_and_wait(
        office.chain,
        governor,
        calls.authorise_account(deployment, MOIT, account, calls.ANCHOR | calls.STATUS),
    )
    assert (await desk.revoke(number)).revoked_at
    await desk.until_idle()
    assert await desk.status(number) == "REVOKED"
    assert await desk.complaints() == []


async def test_what_another_authority_says_of_a_digest_is_not_the_certificates_status(
    desk: Desk,
) -> None:
    number = await desk.issued()
    [(digest,)] = await desk.rows("SELECT digest FROM certificate")
    other, account = PartyCode("VN.VCCI"), Account("vcci")
    rpc(desk.node, "anvil_setBalance", account.address, hex(10**18))
    office, deployment = desk.office, desk.office.deployment
    governor = office.account(GOVERNOR)
    for call in (
        calls.register_party(deployment, other, calls.ISSUING_AUTHORITY),
        calls.authorise_account(deployment, other, account.address, calls.STATUS),
    ):
        await send_and_wait(office.chain, governor, call)
    await send_and_wait(office.chain, account, calls.revoke(deployment, [Digest(digest)], 1))
    await desk.until_idle()
    view = await certificate_of(office, PERSONS["exporter"], number)
    assert "status" not in view.to_document()
    await desk.revoke(number)
    await desk.until_idle()
    view = await certificate_of(office, PERSONS["exporter"], number)
    assert view.to_document()["status"]["state"] == "REVOKED"


async def test_what_was_revoked_outside_is_refused_by_the_contract(desk: Desk) -> None:
    number = await desk.issued()
    [(digest,)] = await desk.rows("SELECT digest FROM certificate")
    office = desk.office
    revoked = calls.revoke(office.deployment, [Digest(digest)], 1)
    await send_and_wait(office.chain, office.account(MOIT), revoked)
    with pytest.raises(BadTransitionError):
        await desk.revoke(number)


async def test_an_officer_of_another_authority_revokes_nothing(desk: Desk) -> None:
    number = await desk.issued()
    stranger = replace(PERSONS["officer-1"], party=PartyCode("VN.VCCI"))
    with pytest.raises(NotFoundError):
        await desk.revoke(number, caller=stranger)
