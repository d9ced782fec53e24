"""Alarms: a certificate past its deadline, work that has halted, what differs; each said once."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from desk import PERSONS, Desk
from receiver import Receiver, hooked, work_off

from tulen.database.publication import _WAITING
from tulen.workflows import upkeep
from tulen.workflows.alarms import look, open_alarms
from tulen.workflows.certificate import certificate_of
from tulen.workflows.doctor import doctor
from tulen.workflows.work import work_once

pytestmark = pytest.mark.anyio

AGE = "UPDATE certificate SET precommitted_at = precommitted_at - interval '%s seconds'"


def lines_of(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    return [
        (record.levelno, record.getMessage().partition(" detail")[0].partition(" since")[0])
        for record in caplog.records
        if record.name == "tulen.alarm"
    ]


async def test_the_deadline_stands_in_the_receipt_and_follows_the_settings(desk: Desk) -> None:
    application = await desk.approved()
    first = await desk.issue(application)
    settings = desk.office.settings.model_copy(
        update={"checkpoint_seconds": 7, "publish_seconds": 600}
    )
    slower = Desk(replace(desk.office, settings=settings))
    [(written,)] = await desk.rows("SELECT precommitted_at FROM certificate")
    for receipt, seconds in ((first, 60), (await slower.issue(application), 607)):
        [(by,)] = await desk.rows(
            "SELECT extract(epoch FROM %s::timestamptz - date_trunc('second', %s::timestamptz))",
            receipt["publish_by"],
            written,
        )
        assert by == seconds
        assert receipt["late"] is False


async def test_a_certificate_past_its_deadline_is_an_alarm_once_and_its_end_is_said(
    told: Desk, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    await hooked(told, receiver, "certificate.late")
    await hooked(told, receiver, "publication.late", "alarm.ended", who="operator")
    number = await told.issued()
    await look(told.office)
    assert lines_of(caplog) == []
    await told.rows(AGE % 61)
    for _ in range(3):
        await look(told.office)
    subject = "subject=VN.MOIT"
    assert lines_of(caplog) == [
        (logging.ERROR, f"alarm:raised kind=publication.late {subject}"),
        (logging.WARNING, f"alarm:raised kind=publication.slow {subject}"),
    ]
    assert number in caplog.text
    receipt = (await certificate_of(told.office, PERSONS["exporter"], number)).to_document()
    assert receipt["late"] is True
    (late,) = [f for f in await doctor(told.office.settings) if f.subject == "worker"]
    assert (late.outcome, number in late.detail) == ("FAIL", True)
    await work_off(told)
    said = {r.said["type"]: r.said["data"] for r in receiver.got}
    assert len(receiver.got) == 2
    assert said["certificate.late"]["certificate"] == number
    assert said["publication.late"]["subject"] == "VN.MOIT"
    receiver.got.clear()
    await told.until_idle()
    for _ in range(2):
        await look(told.office)
    assert [line for _, line in lines_of(caplog)[2:]] == [
        f"alarm:over kind=publication.late {subject}",
        f"alarm:over kind=publication.slow {subject}",
    ]
    await work_off(told)
    assert {r.said["type"] for r in receiver.got} == {"alarm.ended"}
    assert sorted(r.said["data"]["kind"] for r in receiver.got) == [
        "publication.late",
        "publication.slow",
    ]
    assert await open_alarms(told.office) == []
    receipt = (await certificate_of(told.office, PERSONS["exporter"], number)).to_document()
    assert receipt["late"] is False


async def test_half_way_to_the_deadline_is_a_warning(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.issued()
    await desk.rows(AGE % 29)
    await look(desk.office)
    assert lines_of(caplog) == []
    await desk.rows(AGE % 2)
    await look(desk.office)
    assert [level for level, _ in lines_of(caplog)] == [logging.WARNING]
    (worker,) = [f for f in await doctor(desk.office.settings) if f.subject == "worker"]
    assert worker.outcome == "PASS"
    assert "past half" in worker.detail


async def test_one_that_is_written_down_and_not_logged_is_late_too(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.issued()
    await desk.rows(AGE % 61)
    await desk.rows(
        "SET session_replication_role = replica; "
        "UPDATE certificate SET state = 'signed', log_index = NULL"
    )
    await look(desk.office)
    assert (logging.ERROR, "alarm:raised kind=publication.late subject=VN.MOIT") in lines_of(caplog)


async def test_what_was_final_before_its_checkpoint_was_known_is_no_alarm(
    told: Desk, receiver: Receiver
) -> None:
    await hooked(told, receiver, "certificate.late", "certificate.final")
    await told.issued()
    await told.until_idle()
    await work_off(told)
    await told.rows("DELETE FROM published")
    await told.rows(AGE % 61)
    await look(told.office)
    assert await open_alarms(told.office) == []
    assert await told.rows("SELECT size FROM published") == [(1,)]
    await told.rows("DELETE FROM published")
    assert not await work_once(told.office)
    await work_off(told)
    assert [r.said["type"] for r in receiver.got] == ["certificate.final"]


async def test_several_processes_raise_it_once(
    told: Desk, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    await hooked(told, receiver, "certificate.late")
    numbers = [await told.issued() for _ in range(3)]
    await told.rows(AGE % 61)
    async with told.second_process() as other:
        await asyncio.gather(*(look(desk.office) for desk in (told, other, told, other)))
    assert len(lines_of(caplog)) == 2
    await work_off(told)
    assert sorted(r.said["data"]["certificate"] for r in receiver.got) == numbers


async def test_more_late_ones_than_are_looked_at_at_once_are_all_told(
    told: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tulen.workflows.alarms.MOST", 2)
    await hooked(told, receiver, "certificate.late")
    numbers = [await told.issued() for _ in range(5)]
    await told.rows(AGE % 61)
    for _ in range(4):
        await look(told.office)
    await work_off(told)
    assert sorted(r.said["data"]["certificate"] for r in receiver.got) == numbers


async def test_what_halts_and_goes_on_is_told_to_the_office_once(
    told: Desk, receiver: Receiver
) -> None:
    await hooked(told, receiver, "work.halted", "alarm.ended", who="operator")
    await told.issued()
    await told.until_idle()
    await told.rows("ALTER TABLE checkpoint DISABLE TRIGGER ALL")
    [(root,)] = await told.rows("SELECT root_hash FROM checkpoint")
    await told.rows("UPDATE checkpoint SET root_hash = sha256('x')")
    for _ in range(3):
        await work_once(told.office)
    await work_off(told)
    (request,) = receiver.got
    assert request.said["type"] == "work.halted"
    assert request.said["data"]["subject"] == "VN.MOIT"
    assert "another history" in request.said["data"]["detail"]
    await told.rows("UPDATE checkpoint SET root_hash = %s", root)
    for _ in range(2):
        await work_once(told.office)
    await work_off(told)
    assert [r.said["type"] for r in receiver.got] == ["work.halted", "alarm.ended"]


async def test_a_difference_between_database_and_chain_is_an_alarm_with_both_values(
    told: Desk, receiver: Receiver
) -> None:
    await hooked(told, receiver, "reconciliation.differs", "alarm.ended", who="operator")
    number, bundle = await told.certified()
    declaration = await told.declared(number, bundle)
    await told.draw(declaration, "600")
    await told.until_idle()
    await upkeep.reconcile(told.office)
    assert await open_alarms(told.office) == []
    await told.rows("UPDATE drawdown SET quantity_micro = quantity_micro + 1")
    for _ in range(2):
        await upkeep.reconcile(told.office)
    (alarm,) = await open_alarms(told.office)
    assert alarm.subject == "drawdowns"
    assert "600000001" in alarm.detail
    assert "600000000" in alarm.detail
    async with told.without_chain() as blind:
        await upkeep.reconcile(blind.office)
    assert [item.id for item in await open_alarms(told.office)] == [alarm.id]
    await told.rows("UPDATE drawdown SET quantity_micro = quantity_micro - 1")
    await upkeep.reconcile(told.office)
    await work_off(told)
    assert [r.said["type"] for r in receiver.got] == ["reconciliation.differs", "alarm.ended"]


async def test_a_damaged_document_is_an_alarm_until_it_is_restored(desk: Desk) -> None:
    await desk.applied()
    [(ref,)] = await desk.rows("SELECT document_ref FROM application")
    file = desk.office.settings.vault_folder / ref.hex()[:2] / ref.hex()
    content = file.read_bytes()
    file.write_bytes(content[:-1])
    await upkeep.scrub(desk.office)
    (alarm,) = await open_alarms(desk.office)
    assert alarm.subject == ref.hex()
    file.write_bytes(content)
    await upkeep.scrub(desk.office)
    assert await open_alarms(desk.office) == []


async def test_old_answers_and_events_are_forgotten(told: Desk, receiver: Receiver) -> None:
    await hooked(told, receiver)
    await told.issued()
    await work_off(told)
    await told.rows(
        "INSERT INTO idempotency (party, route, key, request_hash, created_at) VALUES "
        "('VN.MOIT', 'r', 'old', sha256('x'), now() - interval '8 days'), "
        "('VN.MOIT', 'r', 'new', sha256('x'), now() - interval '6 days')"
    )
    await upkeep.forget(told.office)
    assert await told.rows("SELECT key FROM idempotency WHERE route = 'r'") == [("new",)]
    assert await told.rows("SELECT count(*) FROM webhook_attempt") == [(1,)]
    await told.rows("UPDATE webhook_event SET occurred_at = now() - interval '31 days'")
    await upkeep.forget(told.office)
    for table in ("webhook_event", "webhook_delivery", "webhook_attempt"):
        assert await told.rows(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608 - above


async def test_looking_for_late_ones_does_not_read_the_register(desk: Desk) -> None:
    """The plan is that of a register of any size: the boundary, then the end of the log's index."""
    await desk.issued()
    await desk.until_idle()
    await desk.rows(
        "SET session_replication_role = replica; "
        "INSERT INTO certificate SELECT 'N' || i, gen_random_uuid(), authority, agreement, form, "
        "year, 1000 + i, sha256(i::text::bytea), document_ref, key, issued_on, valid_until, "
        "precommitted_at, state, signature, signed_at, i FROM certificate, "
        "generate_series(1, 20000) AS i"
    )
    await desk.rows("UPDATE published SET size = 20000")
    await desk.rows("ANALYZE certificate")
    await desk.rows(AGE % 61)
    query = _WAITING.format(unless="").replace(":before", "$1").replace(":most", "$2")
    url = desk.office.database.conninfo
    for mode in ("force_generic_plan", "force_custom_plan"):
        async with await psycopg.AsyncConnection.connect(url) as connection:
            await connection.execute(f"SET plan_cache_mode = {mode}")
            await connection.execute(f"PREPARE late (timestamptz, bigint) AS {query}")  # type: ignore[arg-type] - ours
            answer = await connection.execute("EXPLAIN (FORMAT JSON) EXECUTE late (now(), 1000)")
            ((plan,),) = await answer.fetchall()
        scans = list(scans_of(plan[0]["Plan"], "certificate"))
        assert sorted(scans) == ["certificate_log_idx", "certificate_unfinished_idx"]


def scans_of(node: dict[str, Any], table: str) -> Iterator[str]:
    """Return the index by which a plan reads a table, or how else it does."""
    if node.get("Relation Name") == table:
        yield node.get("Index Name", node["Node Type"])
    for child in node.get("Plans", ()):
        yield from scans_of(child, table)
