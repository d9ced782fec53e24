"""Customs' response to the issuer: said once, within its time, seen by who has a part in it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from desk import PERSONS, Desk

from tulen.certificate.life.clocks import clock as time_limit
from tulen.database.errors import OtherContentError
from tulen.errors import InvalidInputError, NotFoundError
from tulen.values import AgreementCode, PartyCode
from tulen.workflows import clock
from tulen.workflows.customs_response import ResponseView, respond, response_of, responses
from tulen.workflows.office import WrongRoleError

pytestmark = pytest.mark.anyio

EXPORTER, OFFICER, IMPORTER, CUSTOMS = (
    PERSONS[name] for name in ("exporter", "officer-1", "importer", "priok")
)
ALL = [{"line": 1, "quantity": "1000", "unit": "KGM"}]
SOME = [{"line": 1, "quantity": "600.5", "unit": "KGM"}]


def told(number: str, **changes: object) -> dict[str, Any]:
    return {
        "certificate": number,
        "kind": "accepted",
        "received_on": clock.today().isoformat(),
        "lines": ALL,
    } | changes


async def test_issuer_and_exporter_see_what_was_used_and_by_when_it_was_due(desk: Desk) -> None:
    number, _ = await desk.certified()
    view = await respond(desk.office, CUSTOMS, told(number), "ours-1")
    document = view.to_document()
    assert document["lines"] == [{"line": 1, "used": "1000 KGM"}]
    today = clock.today()
    assert document["return"] == {
        "clock": "return",
        "since": today.isoformat(),
        "due_on": (today + timedelta(days=60)).isoformat(),
        "limit": "60 days",
        "article": "ATIGA OCP Rules 13(2), 18(b), 18(d) and 19",
    }
    assert document["in_time"] is True
    for who in (EXPORTER, OFFICER, PERSONS["officer-2"], PERSONS["perak"]):
        seen = await response_of(desk.office, who, view.row.id)
        assert seen.to_document() == document
        assert (await responses(desk.office, who)).to_document() == {"responses": [document]}


async def test_a_part_and_a_refusal_have_a_reason(desk: Desk) -> None:
    number, _ = await desk.certified()
    part = told(number, kind="partly", lines=SOME, reason="QTY_OVERDRAW", note="Short landed")
    assert (await respond(desk.office, CUSTOMS, part, "ours-1")).to_document()["lines"] == [
        {"line": 1, "used": "600.5 KGM"}
    ]
    refused = told(number, kind="refused", lines=[], reason="ORIGIN_CRITERIA")
    view = (await respond(desk.office, CUSTOMS, refused, "ours-2")).to_document()
    assert (view["kind"], view["reason"], view["lines"]) == ("refused", "ORIGIN_CRITERIA", [])
    kinds = [item.row.kind for item in (await responses(desk.office, EXPORTER)).views]
    assert kinds == ["refused", "partly"]


async def test_the_last_day_is_in_time_and_the_next_is_not(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, _ = await desk.certified()
    start = clock.now()
    received = start.date().isoformat()
    for days, in_time in ((60, True), (61, False)):
        monkeypatch.setattr(clock, "now", lambda days=days: start + timedelta(days=days))
        view = await respond(
            desk.office, CUSTOMS, told(number, received_on=received), f"ours-{days}"
        )
        assert view.to_document()["in_time"] is in_time


async def test_whether_it_is_in_time_is_unknown_where_the_agreement_is_silent(desk: Desk) -> None:
    number, _ = await desk.certified()
    view = await respond(desk.office, CUSTOMS, told(number), "ours-1")
    silent = ResponseView(replace(view.row, agreement=AgreementCode("RCEP")), view.lines)
    assert silent.to_document()["in_time"] == "UNKNOWN"
    assert silent.to_document()["return"] == {
        "clock": "return",
        "since": view.row.received_on.isoformat(),
        "due_on": "UNKNOWN",
    }
    assert time_limit(None, "return", view.row.received_on).due_on is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "refused", "lines": []}, "/reason"),
        ({"kind": "refused", "reason": "EXPIRED"}, "/lines"),
        ({"kind": "partly", "reason": "EXPIRED", "lines": []}, "/lines"),
        ({"reason": "EXPIRED"}, "/reason"),
        ({"kind": "refused", "reason": "NOT_VERIFIED", "lines": []}, "/reason"),
        ({"lines": [ALL[0] | {"quantity": "1000.000001"}]}, "/lines/0/quantity"),
        ({"lines": [ALL[0] | {"unit": "TNE"}]}, "/lines/0/unit"),
        ({"lines": ALL * 2}, "/lines/1/line"),
        ({"lines": [ALL[0] | {"line": 2}]}, "/lines/0/line"),
        ({"received_on": "2026-01-01"}, "/received_on"),
        ({"received_on": "2100-01-01"}, "/received_on"),
    ],
)
async def test_what_cannot_have_been_is_refused(
    desk: Desk, changes: dict[str, Any], field: str
) -> None:
    number, _ = await desk.certified()
    with pytest.raises(InvalidInputError) as caught:
        await respond(desk.office, CUSTOMS, told(number, **changes), "ours-1")
    assert caught.value.field == field
    assert await desk.rows("SELECT count(*) FROM customs_response") == [(0,)]


async def test_the_same_once_more_is_the_first_and_another_is_refused(desk: Desk) -> None:
    number, _ = await desk.certified()
    both = await asyncio.gather(
        *(respond(desk.office, CUSTOMS, told(number), "ours-1") for _ in range(2))
    )
    assert both[0] == both[1]
    with pytest.raises(OtherContentError):
        await respond(desk.office, CUSTOMS, told(number, note="Late"), "ours-1")


async def test_nobody_else_sees_or_gives_it_and_it_is_never_changed(desk: Desk) -> None:
    number, _ = await desk.certified()
    view = await respond(desk.office, CUSTOMS, told(number), "ours-1")
    strangers = (
        replace(EXPORTER, party=PartyCode("VN.OTHER")),
        replace(OFFICER, party=PartyCode("VN.OTHER")),
        replace(CUSTOMS, party=PartyCode("ID.OTHER")),
    )
    for stranger in (*strangers, IMPORTER):
        with pytest.raises(NotFoundError):
            await response_of(desk.office, stranger, view.row.id)
    for stranger in strangers:
        assert (await responses(desk.office, stranger)).views == ()
    with pytest.raises(WrongRoleError):
        await responses(desk.office, IMPORTER)
    with pytest.raises(WrongRoleError):
        await respond(desk.office, OFFICER, told(number), "ours-1")
    abroad = replace(CUSTOMS, party=PartyCode("TH.CUSTOMS"))
    with pytest.raises(NotFoundError):
        await respond(desk.office, abroad, told(number), "ours-1")
    with pytest.raises(NotFoundError):
        await response_of(desk.office, CUSTOMS, uuid4())
    for table in ("customs_response", "customs_response_line"):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            await desk.rows(f"DELETE FROM {table}")  # noqa: S608 - constants
