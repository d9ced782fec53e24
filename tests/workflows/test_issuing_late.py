"""Issue after shipment: in time, with the mark, too late, or not known."""

from datetime import date, timedelta
from typing import Any

import pytest
from desk import PERSONS, Desk

from office_fixtures import application_of_today
from tulen.certificate import Application, Consignment
from tulen.workflows import clock
from tulen.workflows.apply import application_of
from tulen.workflows.approve import approve
from tulen.workflows.issue_time import NotInTimeError, time_of_issue
from tulen.workflows.recommend import recommend

pytestmark = pytest.mark.anyio

LATE = {"ticks": ["issued-retrospectively"]}
DETAIL = "SELECT detail FROM life_step WHERE subject = 'certificate' AND event = 'issue'"


def shipped(days: int) -> dict[str, Any]:
    """Return an application for goods that leave so many days from today."""
    return application_of_today(days=days)


def consignment(agreement: str = "ATIGA", **changes: object) -> Consignment:
    return Application.from_document(shipped(-1) | {"agreement": agreement} | changes).consignment


async def test_goods_that_left_are_certified_retroactively_with_the_tick(desk: Desk) -> None:
    application = await desk.approved(**shipped(-1), **LATE)
    await desk.issue(application)
    [(detail,)] = await desk.rows(DETAIL)
    assert detail["mark"] == "Issued Retroactively"
    assert detail["time_of_issue"].startswith("issued for a valid cause by ")
    view = await application_of(desk.office, PERSONS["exporter"], application)
    assert view.to_document()["state"] == "issued"


async def test_goods_that_leave_today_are_in_time(desk: Desk) -> None:
    await desk.issue(await desk.approved(**shipped(0)))
    assert await desk.rows(DETAIL) == [({"time_of_issue": "issued in time"},)]


@pytest.mark.parametrize(
    ("days", "ticks", "why"),
    [
        (-1, {}, "Issued Retroactively.*Rule 10.*supplement with the tick"),
        (3, LATE, "in time.*Rule 10.*without the tick"),
        (-400, LATE, r"no proof is issued after .*, 12 months after shipment \(ATIGA OCP Rule 10"),
    ],
)
async def test_what_is_not_in_time_or_wrongly_marked_is_not_approved(
    desk: Desk, days: int, ticks: dict[str, Any], why: str
) -> None:
    application = await desk.applied(**shipped(days), **ticks)
    await recommend(desk.office, PERSONS["officer-1"], application, {})
    with pytest.raises(NotInTimeError, match=why):
        await approve(desk.office, PERSONS["officer-2"], application, {})
    assert await desk.rows("SELECT state FROM application") == [("recommended",)]


async def test_goods_that_left_between_approval_and_issue_need_the_tick(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = await desk.approved(**shipped(0))
    tomorrow = clock.today() + timedelta(days=1)
    monkeypatch.setattr(clock, "today", lambda: tomorrow)
    with pytest.raises(NotInTimeError, match="supplement with the tick"):
        await desk.issue(application)
    assert await desk.rows("SELECT number FROM certificate") == []


def test_a_window_is_needed_only_for_goods_that_left() -> None:
    left = consignment("AIFTA").transport.departure_on
    told = time_of_issue(consignment("AIFTA"), left)
    assert told["time_of_issue"].startswith("UNKNOWN: the procedures of AIFTA")
    for ticks in ({}, LATE):
        with pytest.raises(NotInTimeError, match=r"AIFTA.*add the dated value"):
            time_of_issue(consignment("AIFTA", **ticks), left + timedelta(days=1))
    with pytest.raises(NotInTimeError, match="without the tick"):
        time_of_issue(consignment("AIFTA", **LATE), left)


@pytest.mark.parametrize(
    ("issued_on", "allowed"), [(date(2027, 1, 15), True), (date(2027, 1, 16), False)]
)
def test_the_last_day_of_the_window_counts(issued_on: date, *, allowed: bool) -> None:
    transport = shipped(0)["transport"] | {"departure_on": "2026-01-15"}
    late = consignment(transport=transport, **LATE)
    if allowed:
        assert time_of_issue(late, issued_on)["mark"] == "Issued Retroactively"
    else:
        with pytest.raises(NotInTimeError, match="2027-01-15"):
            time_of_issue(late, issued_on)
