"""Supplementing, rejecting, sending back, withdrawing: in order, once, and written down."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from desk import PERSONS, Desk

from tulen.api.examples import example
from tulen.certificate.life.service import due_at, service_limit
from tulen.database.errors import OtherContentError, SameOfficerError, StateChangedError
from tulen.database.states import ApplicationState
from tulen.errors import InvalidInputError, NotFoundError
from tulen.values import Country, Digest
from tulen.workflows.apply import application_of, apply
from tulen.workflows.approve import approve
from tulen.workflows.decide import reject, send_back, withdraw
from tulen.workflows.office import WrongRoleError
from tulen.workflows.queue import queue
from tulen.workflows.recommend import recommend
from tulen.workflows.supplement import ask, supplement

pytestmark = pytest.mark.anyio

EXPORTER, FIRST, SECOND = (PERSONS[name] for name in ("exporter", "officer-1", "officer-2"))
REMARK = {"remarks": [{"field": "/lines/0/hs_code", "text": "Differs from the invoice"}]}


def corrected() -> dict[str, object]:
    document = example("application")
    document["lines"][0]["packages"] = "60 cartons"
    return document


async def test_the_exporter_supplements_and_both_versions_stay(desk: Desk) -> None:
    application = await desk.applied()
    asked = await ask(desk.office, FIRST, application, REMARK)
    assert asked.row.state is ApplicationState.SUPPLEMENTING
    assert asked.to_document()["history"][-1]["remarks"] == REMARK["remarks"]
    with pytest.raises(StateChangedError, match="supplementing, not submitted"):
        await recommend(desk.office, FIRST, application, {})
    answered = await supplement(desk.office, EXPORTER, application, corrected())
    assert (answered.row.version, answered.row.state) == (2, ApplicationState.SUBMITTED)
    assert answered.application.to_document() == corrected()
    first = answered.steps[0].detail["document"]
    assert first != answered.row.document_ref.hex()
    await recommend(desk.office, FIRST, application, {})
    await approve(desk.office, SECOND, application, {"note": "Seen the packing list"})
    await desk.issue(application)
    ((ref,),) = await desk.rows("SELECT document_ref FROM certificate")
    assert b"60 cartons" in desk.office.vault.get(Digest(ref))
    view = await application_of(desk.office, EXPORTER, application)
    assert [step["event"] for step in view.to_document()["history"]] == [
        "submit",
        "ask",
        "supplement",
        "recommend",
        "approve",
        "issue",
    ]
    assert view.to_document()["history"][4]["note"] == "Seen the packing list"
    assert view.to_document()["history"][5]["article"] == "ATIGA OCP Rule 10(1)-(2)"


async def test_a_repeated_submission_is_compared_with_what_was_submitted_first(desk: Desk) -> None:
    document = example("application")
    application = (await apply(desk.office, EXPORTER, document, "our-1")).row.id
    await ask(desk.office, FIRST, application, REMARK)
    await supplement(desk.office, EXPORTER, application, corrected())
    again = await apply(desk.office, EXPORTER, document, "our-1")
    assert (again.row.id, again.row.version) == (application, 2)
    with pytest.raises(OtherContentError):
        await apply(desk.office, EXPORTER, corrected(), "our-1")


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({}, "/remarks"),
        ({"remarks": []}, "/remarks"),
        ({"remarks": [{"field": "/lines/7/hs_code", "text": "?"}]}, "/remarks/0/field"),
        ({"remarks": [{"field": "lines", "text": "?"}]}, "/remarks/0/field"),
        ({"remarks": [{"field": "/lines/0", "text": ""}]}, "/remarks/0/text"),
        ({"remarks": [{"field": "/lines/0"}]}, "/remarks/0"),
    ],
)
async def test_a_remark_names_a_place_in_the_application(
    desk: Desk, document: dict[str, object], field: str
) -> None:
    application = await desk.applied()
    with pytest.raises(InvalidInputError) as caught:
        await ask(desk.office, FIRST, application, document)
    assert caught.value.field.startswith(field)


async def test_a_supplement_cannot_become_another_application(desk: Desk) -> None:
    application = await desk.applied()
    with pytest.raises(StateChangedError, match="submitted, not supplementing"):
        await supplement(desk.office, EXPORTER, application, corrected())
    await ask(desk.office, FIRST, application, REMARK)
    other = corrected() | {"issuing_authority": "VN.VCCI"}
    with pytest.raises(InvalidInputError, match="apply anew"):
        await supplement(desk.office, EXPORTER, application, other)
    with pytest.raises(WrongRoleError):
        await supplement(desk.office, FIRST, application, corrected())


async def test_the_second_officer_sends_back_and_the_first_may_not(desk: Desk) -> None:
    application = await desk.applied()
    reason = {"reason": "Box 7 names goods that the invoice does not"}
    with pytest.raises(StateChangedError):
        await send_back(desk.office, SECOND, application, reason)
    await recommend(desk.office, FIRST, application, {})
    with pytest.raises(SameOfficerError):
        await send_back(desk.office, FIRST, application, reason)
    back = await send_back(desk.office, SECOND, application, reason)
    assert (back.row.state, back.row.recommended_by) == (ApplicationState.SUBMITTED, None)
    await recommend(desk.office, SECOND, application, {})
    assert (await approve(desk.office, FIRST, application, {})).row.approved_by == FIRST.officer


@pytest.mark.parametrize("before", ["submitted", "supplementing", "recommended"])
async def test_what_is_not_approved_is_rejected_or_withdrawn_for_good(
    desk: Desk, before: str
) -> None:
    async def made() -> object:
        application = await desk.applied()
        if before == "supplementing":
            await ask(desk.office, FIRST, application, REMARK)
        elif before == "recommended":
            await recommend(desk.office, FIRST, application, {})
        return application

    rejected, withdrawn = await made(), await made()
    reason = {"reason": "The criterion is not supported"}
    view = await reject(desk.office, SECOND, rejected, reason)
    assert view.to_document()["rejection"] == reason["reason"]
    assert await reject(desk.office, SECOND, rejected, reason) == view
    view = await withdraw(desk.office, EXPORTER, withdrawn, {"reason": "Not shipped"})
    assert view.row.state is ApplicationState.WITHDRAWN
    for application in (rejected, withdrawn):
        for act, who in ((recommend, FIRST), (ask, FIRST), (reject, FIRST), (withdraw, EXPORTER)):
            body = {"reason": "x"} if act in (reject, withdraw) else REMARK if act is ask else {}
            with pytest.raises(StateChangedError):
                await act(desk.office, who, application, body)


async def test_what_is_approved_is_neither_rejected_nor_withdrawn(desk: Desk) -> None:
    application = await desk.approved()
    for act, who in ((reject, SECOND), (withdraw, EXPORTER)):
        with pytest.raises(StateChangedError):
            await act(desk.office, who, application, {"reason": "Too late"})


async def test_another_exporter_can_neither_supplement_nor_withdraw(desk: Desk) -> None:
    stranger = replace(EXPORTER, party=PERSONS["importer"].party)
    application = await desk.applied()
    await ask(desk.office, FIRST, application, REMARK)
    for act, body in ((supplement, corrected()), (withdraw, {"reason": "x"})):
        with pytest.raises(NotFoundError):
            await act(desk.office, stranger, application, body)


async def test_the_queue_shows_an_office_its_own_by_state_and_an_exporter_his(desk: Desk) -> None:
    first, second = await desk.applied(), await desk.applied()
    await recommend(desk.office, FIRST, second, {})
    whole = (await queue(desk.office, FIRST, None)).to_document()["applications"]
    assert [row["id"] for row in whole] == [str(first), str(second)]
    waiting = await queue(desk.office, FIRST, ApplicationState.RECOMMENDED)
    assert [row.id for row in waiting.rows] == [second]
    own = await queue(desk.office, EXPORTER, None)
    assert [row.id for row in own.rows] == [second, first]
    with pytest.raises(WrongRoleError):
        await queue(desk.office, PERSONS["importer"], None)


async def test_a_step_is_never_changed_nor_taken_away(desk: Desk) -> None:
    await desk.applied()
    for statement in ("UPDATE life_step SET officer = 'x'", "DELETE FROM life_step"):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            await desk.rows(statement)


def test_the_clock_leaves_weekends_out_and_stands_while_the_exporter_is_asked() -> None:
    friday = datetime(2026, 11, 27, 15, tzinfo=UTC)
    limit = service_limit(Country("ID"), friday.date())
    assert limit is not None
    assert due_at(friday, limit.value, []) == datetime(2026, 11, 30, 15, tzinfo=UTC)
    pause = (friday + timedelta(hours=1), friday + timedelta(hours=7))
    assert due_at(friday, limit.value, [pause]) == datetime(2026, 11, 30, 21, tzinfo=UTC)
    assert service_limit(Country("JP"), friday.date()) is None
