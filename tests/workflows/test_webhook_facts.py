"""Which facts are told, to whom, and that nothing is told that can still be undone."""

import asyncio
from collections import Counter

import pytest
from desk import Desk
from receiver import Receiver, hooked, work_off
from test_drawing_down import overtaken

from anvil_fixtures import rpc
from tulen.workflows.work import work_once

pytestmark = pytest.mark.anyio


def told_of(receiver: Receiver) -> Counter[str]:
    """Return how often each type was told."""
    return Counter(request.said["type"] for request in receiver.got)


async def test_an_anchor_is_told_when_it_is_final_and_not_when_it_is_mined(
    told: Desk, receiver: Receiver
) -> None:
    await hooked(told, receiver, "certificate.final")
    number = await told.issued()
    await work_once(told.office)
    await work_once(told.office)
    assert await told.rows("SELECT 1 FROM chain_event WHERE name = 'CheckpointAnchored'")
    await work_off(told)
    assert receiver.got == []
    await told.until_idle()
    await work_off(told)
    (request,) = receiver.got
    assert request.said["data"]["certificate"] == number


async def test_a_reorganisation_tells_nothing_and_the_anchor_that_stays_is_told_once(
    told: Desk, receiver: Receiver
) -> None:
    await hooked(told, receiver, "certificate.final")
    await told.issued()
    await work_once(told.office)
    await work_once(told.office)
    told.reorganise(1)
    rpc(told.node, "anvil_dropAllTransactions")
    await told.until_idle()
    await told.issued()
    await told.until_idle()
    await work_off(told)
    assert told_of(receiver) == {"certificate.final": 2}
    assert len({request.said["data"]["certificate"] for request in receiver.got}) == 2


async def test_the_chain_read_anew_from_its_start_tells_nothing_again(
    told: Desk, receiver: Receiver
) -> None:
    await hooked(told, receiver, "certificate.final", "certificate.revoked")
    number = await told.issued()
    await told.until_idle()
    await told.revoke(number)
    await told.until_idle()
    await work_off(told)
    assert told_of(receiver) == {"certificate.final": 1, "certificate.revoked": 1}
    await told.rows("TRUNCATE chain_cursor, chain_block CASCADE")
    await told.until_idle()
    await work_off(told)
    assert len(receiver.got) == 2


async def test_a_revocation_is_told_to_authority_and_exporter_once_it_is_final(
    told: Desk, receiver: Receiver
) -> None:
    for who in ("exporter", "officer-1", "importer"):
        await hooked(told, receiver, "certificate.revoked", who=who)
    number = await told.issued()
    await told.until_idle()
    await told.revoke(number)
    await work_once(told.office)
    await work_off(told)
    assert receiver.got == []
    await told.until_idle()
    await work_off(told)
    assert told_of(receiver) == {"certificate.revoked": 2}
    assert {request.said["data"]["certificate"] for request in receiver.got} == {number}
    assert receiver.got[0].said["data"]["reason"] == "error: issued in error"


async def test_what_is_drawn_is_told_to_both_sides_and_a_refusal_to_the_importing_one(
    told: Desk, receiver: Receiver
) -> None:
    types = ("drawdown.final", "drawdown.refused")
    for who in ("exporter", "officer-1", "importer", "priok"):
        await hooked(told, receiver, *types, who=who)
    _, fast, slow = await overtaken(told)
    await work_off(told)
    assert receiver.got == []
    await told.until_idle()
    await work_off(told)
    assert told_of(receiver) == {"drawdown.final": 4, "drawdown.refused": 2}
    for request in receiver.got:
        drawn = fast if request.said["type"] == "drawdown.final" else slow
        assert request.said["data"]["declaration"] == drawn
        assert request.said["data"]["link"] == f"/v1/drawdowns/{drawn}/1"


async def test_a_fact_that_is_rolled_back_is_not_told(told: Desk, receiver: Receiver) -> None:
    await hooked(told, receiver)
    await told.rows(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'later in the transaction'; END $$"
    )
    await told.rows(
        "CREATE CONSTRAINT TRIGGER last AFTER INSERT ON webhook_event "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()"
    )
    application = await told.approved()
    with pytest.raises(Exception, match="later in the transaction"):
        await told.issue(application)
    assert await told.rows("SELECT count(*) FROM procrastinate.procrastinate_jobs") == [(0,)]
    assert await told.rows("SELECT count(*) FROM log_entry") == [(0,)]
    await told.rows("DROP TRIGGER last ON webhook_event")
    await told.issue(application)
    await work_off(told)
    assert told_of(receiver) == {"certificate.issued": 1}


async def test_many_certificates_under_one_anchor_are_each_told_once(
    told: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tulen.workflows.tell.AT_ONCE", 2)
    monkeypatch.setattr("tulen.database.outbox._AT_ONCE", 3)
    await hooked(told, receiver, "certificate.final")
    await hooked(told, receiver, "certificate.final", who="officer-1")
    numbers = [await told.issued() for _ in range(5)]
    await told.until_idle()
    await asyncio.gather(work_off(told), work_off(told))
    assert Counter(r.said["data"]["certificate"] for r in receiver.got) == dict.fromkeys(numbers, 2)
