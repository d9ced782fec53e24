"""A database that was set back reuses nothing, and is brought forward from log, vault and chain."""

import pytest
from desk import DEAR, MOIT, PERSONS, Desk, Foundation, declaration_for
from restored import assert_whole, bundle_of, copied, issued_in, serial
from web3 import Web3

from anvil_fixtures import rpc
from tulen.chain import sender
from tulen.chain.calls import Call
from tulen.database import applications
from tulen.database.states import ApplicationState, DrawdownState
from tulen.errors import UnavailableError
from tulen.values import PartyCode
from tulen.workflows import clock
from tulen.workflows.apply import application_of
from tulen.workflows.approve import approve
from tulen.workflows.declare import declare
from tulen.workflows.doctor import doctor, not_ready
from tulen.workflows.draw_down import drawdown_of
from tulen.workflows.follow_chain import follow_chain
from tulen.workflows.fsck import fsck
from tulen.workflows.log_copy import keep_copy
from tulen.workflows.log_of import ChainAheadError
from tulen.workflows.lost_transactions import ForeignTransactionError
from tulen.workflows.office import HaltedError
from tulen.workflows.recommend import recommend
from tulen.workflows.replay import PartyReplay, replay
from tulen.workflows.replay_register import NUMBERS_SKIPPED, MissingDocumentsError
from tulen.workflows.seal_checkpoint import seal_checkpoint
from tulen.workflows.verify import verify_bundle
from tulen.workflows.work import work_once

pytestmark = pytest.mark.anyio

DJBC = PartyCode("ID.DJBC")


def by_party(done: list[PartyReplay]) -> dict[PartyCode, PartyReplay]:
    return {part.party: part for part in done}


async def must_only_read(desk: Desk, bundle: bytes, revocable: str, declaration: str) -> None:
    """Check that nothing is issued, revoked, drawn or anchored, and reading goes on."""
    with pytest.raises(ChainAheadError, match=r"ledger holds \d+ entries of VN.MOIT under "):
        await desk.issue(await desk.approved())
    with pytest.raises(ChainAheadError, match="tulen replay"):
        await desk.revoke(revocable)
    with pytest.raises(ChainAheadError, match=r"chain has 2 transactions .* database 1: "):
        await desk.draw(declaration, "200")
    await work_once(desk.office)
    assert desk.office.halted.keys() == {MOIT}
    assert "tulen replay" in await not_ready(desk.office)
    with pytest.raises(HaltedError):
        await desk.issue(await desk.approved())
    assert (await verify_bundle(desk.office, bundle)).verdict.value == "VALID"
    assert await bundle_of(desk, revocable) == bundle


async def attempts(desk: Desk) -> list[tuple[object, ...]]:
    """Return whatever was sent by which nonce, and what for."""
    return await desk.rows(
        "SELECT sender, nonce, tx_hash, purpose, ref FROM chain_attempt "
        "JOIN chain_transaction USING (chain_id, sender, nonce) ORDER BY sender, nonce"
    )


async def test_the_restore_drill(desk: Desk, foundation: Foundation) -> None:
    number, bundle = await desk.certified()
    revoked = await desk.issued()
    declaration = await desk.declared(number, bundle, "600")
    await desk.draw(declaration, "100")
    second = await desk.declared(number, bundle, "500")
    await desk.until_idle()
    async with copied(desk, foundation) as restored:
        past = await issued_in(desk, 4)
        await desk.revoke(revoked, "fraud")
        await desk.draw(second, "200")
        await desk.until_idle()

        await must_only_read(restored, bundle, number, second)
        tried = await replay(restored.office, dry_run=True)
        with pytest.raises(ChainAheadError):
            await restored.revoke(number)
        done = await replay(restored.office)
        assert [part.to_document() for part in done] == [part.to_document() for part in tried]
        found = by_party(done)
        assert sorted(found[MOIT].register.certificates) == sorted(past.numbers)
        assert found[MOIT].register.revocations == [revoked]
        assert (found[DJBC].drawdowns, found[DJBC].unexplained) == ([f"{second}/1"], [])
        await restored.until_idle()

        assert [await bundle_of(restored, item) for item in past.numbers] == past.bundles
        assert await attempts(restored) == await attempts(desk)
        view = await restored.revoke(revoked, "fraud")
        assert (view.request.requested_by, bool(view.transaction)) == ("ledger", True)
        drawn = await drawdown_of(restored.office, PERSONS["priok"], second, 1)
        assert drawn.row.state is DrawdownState.FINAL
        new = await restored.issued()
        assert serial(new) > max(map(serial, past.numbers))
        await restored.until_idle()
        await assert_whole(restored)
        nonces = {row[:2] for row in await attempts(restored)}
        assert len(nonces) == len(await attempts(restored)) == 1 + len(await attempts(desk))


async def test_replayed_twice_changes_nothing(desk: Desk, foundation: Foundation) -> None:
    await desk.certified()
    async with copied(desk, foundation) as restored:
        await issued_in(desk, 1)
        await replay(restored.office)
        again = by_party(await replay(restored.office))
        assert again[DJBC].to_document() == {"party": DJBC}
        log = {"size_before": 3, "size": 3, "anchored": 3, "checkpoints": 0}
        assert again[MOIT].to_document() == {"party": MOIT, "log": log}


async def test_a_register_of_nothing_but_parties_is_written_again(
    desk: Desk, foundation: Foundation
) -> None:
    async with copied(desk, foundation) as restored:
        past = await issued_in(desk, 2)
        await desk.revoke(past.numbers[0])
        await desk.until_idle()
        await replay(restored.office)
        await restored.until_idle()
        assert [await bundle_of(restored, item) for item in past.numbers] == past.bundles
        assert serial(await restored.issued()) == 5
        await restored.until_idle()
        await assert_whole(restored)


async def test_an_application_that_was_submitted_since_is_there_again(
    desk: Desk, foundation: Foundation
) -> None:
    async with copied(desk, foundation) as restored:
        application = await desk.applied()
        [part] = [part for part in await replay(restored.office) if part.party == MOIT]
        assert application in part.register.applications
        view = await application_of(restored.office, PERSONS["exporter"], application)
        assert view.row.state is ApplicationState.SUBMITTED
        query = (
            "SELECT exporter, authority, agreement, form, outcome, verdict_digest, document_ref, "
            "date_trunc('second', submitted_at) FROM application WHERE id = %s"
        )
        assert await restored.rows(query, application) == await desk.rows(query, application)


async def test_what_was_rejected_meanwhile_had_been_issued_all_the_same(
    desk: Desk, foundation: Foundation
) -> None:
    application = await desk.applied()
    await recommend(desk.office, PERSONS["officer-1"], application, {})
    async with copied(desk, foundation) as restored:
        await approve(desk.office, PERSONS["officer-2"], application, {})
        number = (await desk.issue(application))["number"]
        await desk.until_idle()
        bundle = await bundle_of(desk, number)
        async with restored.office.database.transaction() as connection:
            await applications.reject(
                connection, application, by="officer-3", rejection="no", at=clock.now()
            )
        await replay(restored.office)
        await restored.until_idle()
        assert await bundle_of(restored, number) == bundle
        await assert_whole(restored)


async def test_what_was_signed_and_never_anchored_is_brought_back_from_the_copy(
    desk: Desk, foundation: Foundation
) -> None:
    await desk.certified()
    async with copied(desk, foundation) as restored:
        lost = await desk.issued()
        checkpoint = await seal_checkpoint(desk.office, MOIT)
        assert checkpoint is not None
        await keep_copy(desk.office, checkpoint)
        with pytest.raises(ChainAheadError, match="copy of the log holds 2 entries"):
            await restored.issue(await restored.approved())
        await replay(restored.office)
        await restored.until_idle()
        bundle = await bundle_of(restored, lost)
        assert (await verify_bundle(restored.office, bundle)).verdict.value == "VALID"
        assert serial(await restored.issued()) == serial(lost) + 1
        await restored.until_idle()
        await assert_whole(restored)


async def test_a_number_that_was_written_down_and_not_logged_is_not_given_again(
    desk: Desk, foundation: Foundation
) -> None:
    async with copied(desk, foundation) as restored:
        lost = await desk.issued()  # Neither in a checkpoint nor in the copy yet.
        [part] = [part for part in await replay(restored.office) if part.party == MOIT]
        assert lost in part.register.unlogged
        assert serial(await restored.issued()) > serial(lost)


async def test_a_transaction_that_we_never_send_stops_the_replay_and_is_named(
    desk: Desk, foundation: Foundation
) -> None:
    await desk.certified()
    async with copied(desk, foundation) as restored:
        await issued_in(desk, 1)
        account = desk.office.account(MOIT)
        stolen = sender.sign(
            account,
            chain_id=desk.office.chain.chain_id,
            call=Call("0x" + "11" * 20, b""),
            nonce=await sender.next_nonce(desk.office.chain, account.address),
            gas=30_000,
            offer=DEAR,
        )
        await sender.broadcast(desk.office.chain, stolen.raw)
        desk.mine()
        with pytest.raises(ForeignTransactionError, match=str(stolen.tx_hash)):
            await replay(restored.office)
        with pytest.raises(ChainAheadError):
            await restored.issue(await restored.approved())


async def test_another_signature_under_the_same_nonce_is_recorded(
    desk: Desk, foundation: Foundation
) -> None:
    await desk.certified()
    await desk.issued()
    rpc(desk.node, "evm_setAutomine", False)
    await work_once(desk.office)
    await desk.pooled(1)
    async with copied(desk, foundation) as restored:
        [(nonce, raw)] = await desk.rows(
            "SELECT nonce, raw FROM chain_attempt WHERE block_hash IS NULL"
        )
        pending = rpc(desk.node, "eth_getTransactionByHash", f"0x{bytes(Web3.keccak(raw)).hex()}")
        dearer = sender.sign(
            desk.office.account(MOIT),
            chain_id=desk.office.chain.chain_id,
            call=Call(pending["to"], bytes.fromhex(pending["input"][2:])),
            nonce=nonce,
            gas=200_000,
            offer=DEAR,
        )
        await sender.broadcast(desk.office.chain, dearer.raw)
        rpc(desk.node, "evm_setAutomine", True)
        desk.mine()
        [part] = [part for part in await replay(restored.office) if part.party == MOIT]
        assert part.transactions == [dearer.tx_hash.hex()]
        await restored.until_idle()
        await assert_whole(restored)


async def test_a_transaction_that_is_in_no_block_yet_is_waited_for(
    desk: Desk, foundation: Foundation
) -> None:
    await desk.certified()
    async with copied(desk, foundation) as restored:
        await desk.issued()
        rpc(desk.node, "evm_setAutomine", False)
        await work_once(desk.office)
        await desk.pooled(1)
        with pytest.raises(UnavailableError, match=r"1 transactions of account .* in no block yet"):
            await replay(restored.office)
        rpc(desk.node, "evm_setAutomine", True)
        desk.mine()
        await replay(restored.office)
        await restored.until_idle()
        await assert_whole(restored)


async def test_without_its_documents_a_log_is_replayed_only_when_told(
    desk: Desk, foundation: Foundation
) -> None:
    await desk.certified()
    async with copied(desk, foundation) as restored:
        past = await issued_in(desk, 1)
        refs = await desk.rows(
            "SELECT document_ref FROM certificate WHERE number = %s", past.numbers[0]
        )
        for (ref,) in refs:
            path = desk.office.settings.vault_folder / ref.hex()[:2] / ref.hex()
            path.unlink()
        [(digest,)] = await desk.rows(
            "SELECT digest FROM certificate WHERE number = %s", past.numbers[0]
        )
        with pytest.raises(MissingDocumentsError, match=f"entry 1 {digest.hex()}: restore"):
            await replay(restored.office)
        assert await restored.rows("SELECT count(*) FROM log_entry") == [(1,)]
        await replay(restored.office, without_documents=True)
        await restored.until_idle()
        assert await bundle_of(restored, past.numbers[1]) == past.bundles[1]
        assert serial(await restored.issued()) == 3 + 1 + NUMBERS_SKIPPED + 1
        await restored.until_idle()
        assert await restored.complaints() == []
        [said] = [item for item in await fsck(restored.office.settings) if item.outcome != "PASS"]
        assert "entry 1, digest" in said.detail


async def test_a_declaration_that_was_lost_is_filed_again_and_draws_once(
    desk: Desk, foundation: Foundation
) -> None:
    number, bundle = await desk.certified()
    other = await desk.declared(number, bundle, "10")
    async with copied(desk, foundation) as restored:
        request = declaration_for(number, bundle, "600")
        first = (await declare(desk.office, PERSONS["importer"], request)).row.number
        await desk.draw(first, "600")
        await desk.until_idle()
        [(ref,)] = await desk.rows("SELECT reference FROM drawdown")
        await follow_chain(restored.office)
        with pytest.raises(ChainAheadError, match=f"has drawn on chain under {ref.hex()}"):
            await restored.draw(other, "10")
        found = by_party(await replay(restored.office))
        assert found[DJBC].unexplained == [ref.hex()]
        assert f"reference {ref.hex()}: contract 600000000" in str(await restored.complaints())
        await declare(restored.office, PERSONS["importer"], request)
        await restored.draw(first, "600")
        await restored.until_idle()
        assert await restored.drawn(number) == 600_000_000
        await assert_whole(restored)


async def test_a_database_ahead_of_its_chain_sends_again_and_the_doctor_names_both(
    desk: Desk,
) -> None:
    await desk.certified()
    await desk.issued()
    rpc(desk.node, "evm_setAutomine", False)
    await work_once(desk.office)
    await desk.pooled(1)
    rpc(desk.node, "anvil_dropAllTransactions")
    await desk.pooled(0)
    nonces = await finding(desk, "nonces")
    assert "VN.MOIT 2 here, 1 on chain" in nonces
    assert "2 entries, 1 anchored" in await finding(desk, "logs")
    rpc(desk.node, "evm_setAutomine", True)
    await desk.until_idle()
    assert "VN.MOIT 2 here, 2 on chain" in await finding(desk, "nonces")
    await assert_whole(desk)


async def finding(desk: Desk, subject: str) -> str:
    [item] = [item for item in await doctor(desk.office.settings) if item.subject == subject]
    assert item.outcome == "PASS", item
    return item.detail
