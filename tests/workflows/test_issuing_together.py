"""Issuing: once each, in order, and never behind the chain."""

import asyncio
from pathlib import Path

import pytest
from desk import MOIT, PERSONS, Desk, Foundation, name_of, without_origin

from tulen.errors import UnavailableError
from tulen.keys import QUICK, KeyKind, KeyStore
from tulen.workflows.approve import OriginNotMetError, approve
from tulen.workflows.certificate import NotYetFinalError, export_bundle
from tulen.workflows.doctor import not_ready
from tulen.workflows.issue import KeyChangedError
from tulen.workflows.log_of import ChainAheadError
from tulen.workflows.office import SIGNING, HaltedError, open_office
from tulen.workflows.recommend import recommend
from tulen.workflows.work import work_once

pytestmark = pytest.mark.anyio


async def test_twenty_at_once_get_twenty_consecutive_numbers(desk: Desk) -> None:
    applications = [await desk.approved() for _ in range(20)]
    issued = await asyncio.gather(*(desk.issue(application) for application in applications))
    serials = sorted(int(item["number"].rpartition("-")[2]) for item in issued)
    assert serials == list(range(1, 21))
    entries = await desk.rows("SELECT index FROM log_entry ORDER BY index")
    assert [index for (index,) in entries] == list(range(20))
    await desk.until_idle()
    assert await desk.complaints() == []


async def test_one_application_issued_many_times_at_once_is_one_certificate(desk: Desk) -> None:
    application = await desk.approved()
    kept = len(list(desk.office.settings.vault_folder.glob("??/*")))
    issued = await asyncio.gather(*(desk.issue(application) for _ in range(8)))
    assert len({item["number"] for item in issued}) == 1
    assert await desk.rows("SELECT count(*) FROM log_entry") == [(1,)]
    assert len(list(desk.office.settings.vault_folder.glob("??/*"))) == kept + 1


async def test_issuing_again_returns_the_same_certificate(desk: Desk) -> None:
    application = await desk.approved()
    first, again = await desk.issue(application), await desk.issue(application)
    assert again == first


async def test_api_and_worker_may_finish_the_same_certificate(desk: Desk) -> None:
    application = await desk.approved()
    await desk.issue(application)
    await desk.rows("UPDATE certificate SET state = 'signed', log_index = NULL")
    issued, _ = await asyncio.gather(desk.issue(application), work_once(desk.office))
    assert issued["state"] in {"logged", "checkpointed", "mined"}
    assert desk.office.halted == {}


async def test_what_the_rules_of_the_day_of_issue_do_not_allow_is_not_certified(
    desk: Desk,
) -> None:
    application = await desk.applied(**without_origin())
    await desk.rows("UPDATE application SET outcome = 'MET'")  # By the rules of an earlier day.
    await recommend(desk.office, PERSONS["officer-1"], application, {})
    await approve(desk.office, PERSONS["officer-2"], application, {})
    with pytest.raises(OriginNotMetError):
        await desk.issue(application)
    assert await desk.rows("SELECT count(*) FROM certificate") == [(0,)]


async def test_a_replaced_key_signs_nothing_written_down_for_the_old_one(
    desk: Desk, tmp_path: Path
) -> None:
    application = await desk.approved()
    await desk.issue(application)
    await desk.rows(
        "UPDATE certificate SET state = 'precommitted', log_index = NULL, signature = NULL, "
        "signed_at = NULL"
    )
    store = KeyStore(tmp_path, "new", cost=QUICK)
    store.create(MOIT, SIGNING, KeyKind.ED25519)
    old = desk.office.signer(MOIT)
    desk.office._signers[MOIT] = store.ed25519(MOIT, SIGNING)
    with pytest.raises(KeyChangedError):
        await desk.issue(application)
    await work_once(desk.office)
    [subject] = desk.office.halted
    assert subject.startswith("certificate VN.MOIT-D-")
    assert subject in await not_ready(desk.office)

    desk.office._signers[MOIT] = old
    await desk.until_idle()
    assert desk.office.halted == {}
    assert await desk.rows("SELECT state FROM certificate") == [("logged",)]


async def test_without_the_chain_nothing_is_issued_and_all_goes_on_when_it_is_back(
    desk: Desk,
) -> None:
    application = await desk.approved()
    async with desk.without_chain() as cut_off:
        with pytest.raises(UnavailableError):
            await cut_off.issue(application)
    assert await desk.rows("SELECT count(*) FROM certificate") == [(0,)]
    await desk.issue(application)
    await desk.until_idle()
    assert await desk.complaints() == []


async def test_a_bundle_is_given_out_once_its_anchor_is_final(desk: Desk) -> None:
    number = await desk.issued()
    with pytest.raises(NotYetFinalError):
        await export_bundle(desk.office, PERSONS["exporter"], number)
    await work_once(desk.office)
    with pytest.raises(NotYetFinalError):
        await export_bundle(desk.office, PERSONS["exporter"], number)
    await desk.until_idle()
    assert await export_bundle(desk.office, PERSONS["exporter"], number)


async def test_a_restored_database_never_issues_behind_the_chain(
    desk: Desk, foundation: Foundation
) -> None:
    await desk.issued()
    await desk.until_idle()
    waiting = await desk.approved()
    await desk.office.database.close()
    with foundation.copied(name_of(desk.office.settings)) as before:
        lost = await desk.issue(waiting)
        await desk.until_idle()
        async with open_office(before) as office:
            await must_not_issue(Desk(office), waiting)
        again = await desk.issue(waiting)
        assert again["digest"] == lost["digest"]


async def must_not_issue(set_back: Desk, application: object) -> None:
    with pytest.raises(ChainAheadError):
        await set_back.issue(application)
    await work_once(set_back.office)
    assert set_back.office.halted.keys() == {MOIT}
    with pytest.raises(HaltedError):
        await set_back.issue(application)
    assert "the database was set back" in await not_ready(set_back.office)
    assert await set_back.rows("SELECT count(*) FROM certificate") == [(1,)]
    assert await set_back.rows("SELECT count(*) FROM checkpoint") == [(1,)]
    assert [complaint.split()[:2] for complaint in await set_back.complaints()] == [
        ["logs", "FAIL:"],
        ["nonces", "FAIL:"],
    ]


async def test_a_restored_database_finishes_nothing_behind_the_chain(
    desk: Desk, foundation: Foundation
) -> None:
    await desk.issued()
    await desk.until_idle()
    number = await desk.issued()
    unlogged = "UPDATE certificate SET state = 'signed', log_index = NULL WHERE number = %s"
    await desk.until_idle()
    await desk.office.database.close()
    with foundation.copied(name_of(desk.office.settings)) as before:
        async with open_office(before) as office:
            set_back = Desk(office)
            await set_back.rows(unlogged, number)
            await set_back.rows("ALTER TABLE log_entry DISABLE TRIGGER ALL")
            await set_back.rows("ALTER TABLE checkpoint DISABLE TRIGGER ALL")
            await set_back.rows("DELETE FROM log_entry WHERE index = 1")
            await set_back.rows("DELETE FROM checkpoint WHERE size = 2")
            await set_back.rows("UPDATE log_state SET size = 1, sealed_size = 1")
            await work_once(office)
            assert await set_back.rows(
                "SELECT state FROM certificate WHERE number = %s", number
            ) == [("signed",)]
