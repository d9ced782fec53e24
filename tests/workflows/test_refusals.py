"""Who may do what, and what each workflow refuses: every rule that its docstring names."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from desk import MOIT, PERSONS, Desk, declaration_for

from tulen.api.examples import example
from tulen.chain import calls
from tulen.chain.deploy import send_and_wait
from tulen.customs import NotInTariffError
from tulen.database.errors import OtherContentError, StateChangedError
from tulen.errors import InvalidInputError, NotFoundError
from tulen.values import PartyCode
from tulen.workflows.apply import application_of, apply
from tulen.workflows.approve import approve
from tulen.workflows.certificate import certificate_of
from tulen.workflows.declare import declaration_of, declare
from tulen.workflows.doctor import not_ready
from tulen.workflows.draw_down import draw_down, drawdown_of
from tulen.workflows.issue import issue
from tulen.workflows.log_of import log_of
from tulen.workflows.office import Caller, HaltedError, WrongRoleError
from tulen.workflows.recommend import recommend
from tulen.workflows.register import GOVERNOR
from tulen.workflows.revoke import revoke
from tulen.workflows.work import work_once

pytestmark = pytest.mark.anyio

Act = Callable[[Desk, Caller], Awaitable[Any]]
REVOCATION = {"certificate": "VN.MOIT-D-26-0000001", "reason": "error", "note": "Wrong"}
DRAWDOWN = {"declaration": "040320TULEND00000000009999", "line": 1, "quantity": "1", "unit": "KGM"}
ACTS: dict[str, tuple[str, Act]] = {
    "apply": ("exporter", lambda d, c: apply(d.office, c, example("application"), "ref")),
    "recommend": ("officer-1", lambda d, c: recommend(d.office, c, uuid4(), {})),
    "approve": ("officer-1", lambda d, c: approve(d.office, c, uuid4(), {})),
    "issue": ("officer-1", lambda d, c: issue(d.office, c, {"application": str(uuid4())})),
    "revoke": ("officer-1", lambda d, c: revoke(d.office, c, REVOCATION)),
    "declare": ("importer", lambda d, c: declare(d.office, c, {"declaration": {}})),
    "draw_down": ("priok", lambda d, c: draw_down(d.office, c, DRAWDOWN)),
}
UNKNOWN = ("recommend", "approve", "issue", "revoke", "draw_down")


@pytest.mark.parametrize("name", ACTS)
async def test_nobody_acts_in_anothers_role(desk: Desk, name: str) -> None:
    entitled, act = ACTS[name]
    for who in ("exporter", "officer-1", "importer", "priok"):
        if who != entitled:
            with pytest.raises(WrongRoleError, match=f"takes the role {PERSONS[entitled].role}"):
                await act(desk, PERSONS[who])


@pytest.mark.parametrize("name", UNKNOWN)
async def test_what_is_not_in_the_register_cannot_be_acted_on(desk: Desk, name: str) -> None:
    entitled, act = ACTS[name]
    with pytest.raises(NotFoundError):
        await act(desk, PERSONS[entitled])


async def test_nobody_sees_what_is_not_theirs(desk: Desk) -> None:
    number, bundle = await desk.certified()
    declaration = await desk.declared(number, bundle)
    [(application,)] = await desk.rows("SELECT id FROM application")
    stranger = replace(PERSONS["exporter"], party=PartyCode("VN.OTHER"))
    thai = replace(PERSONS["priok"], party=PartyCode("TH.CUSTOMS"))
    for work in (
        application_of(desk.office, stranger, application),
        certificate_of(desk.office, stranger, number),
        declaration_of(desk.office, stranger, declaration),
        declaration_of(desk.office, thai, declaration),
        drawdown_of(desk.office, PERSONS["priok"], declaration, 1),
        log_of(desk.office, PartyCode("VN.VCCI")),
        draw_down(desk.office, thai, DRAWDOWN | {"declaration": declaration}),
    ):
        with pytest.raises(NotFoundError):
            await work
    seen = await declaration_of(desk.office, PERSONS["perak"], declaration)
    assert seen.to_document()["number"] == declaration


async def test_what_nobody_recommended_is_not_approved(desk: Desk) -> None:
    with pytest.raises(StateChangedError):
        await approve(desk.office, PERSONS["officer-2"], await desk.applied(), {})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/application"),
        ({"application": 7}, "/application"),
        ({"application": "0B5F3F5E-7C0A-5B8E-9B1E-2F6F4F6A8D10"}, "/application"),
    ],
)
async def test_issue_names_what_is_no_application(
    desk: Desk, body: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        await issue(desk.office, PERSONS["officer-1"], body)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"line": True}, "/line"),
        ({"quantity": "0"}, "/quantity"),
        ({"quantity": "-1"}, "/quantity"),
        ({"quantity": 1}, "/quantity"),
        ({"unit": ""}, "/unit"),
        ({"declaration": ""}, "/declaration"),
    ],
)
async def test_draw_down_names_what_is_malformed(
    desk: Desk, change: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        await draw_down(desk.office, PERSONS["priok"], DRAWDOWN | change)
    assert caught.value.field == field


async def test_a_note_is_all_that_a_decision_may_hold(desk: Desk) -> None:
    application = await desk.applied()
    for body in ({"note": ""}, {"note": 1}, {"reason": "because"}):
        with pytest.raises(InvalidInputError):
            await recommend(desk.office, PERSONS["officer-1"], application, body)
    await recommend(desk.office, PERSONS["officer-1"], application, {"note": "Seen"})


async def test_a_declaration_number_is_used_once(desk: Desk) -> None:
    number, bundle = await desk.certified()
    request = declaration_for(number, bundle)
    first = await declare(desk.office, PERSONS["importer"], request)
    again = await declare(desk.office, PERSONS["importer"], request)
    assert again.to_document() == first.to_document()
    request["declaration"]["lines"][0]["cost"] = "10001"
    with pytest.raises(OtherContentError):
        await declare(desk.office, PERSONS["importer"], request)


async def test_a_declaration_is_its_importers_own_and_of_goods_in_the_tariff(desk: Desk) -> None:
    number, bundle = await desk.certified()
    request = declaration_for(number, bundle)
    stranger = replace(PERSONS["importer"], party=PartyCode("ID.OTHER"))
    with pytest.raises(InvalidInputError) as caught:
        await declare(desk.office, stranger, request)
    assert caught.value.field == "/declaration/importer/party"
    request["declaration"]["lines"][0]["hs_code"] = "99999999"
    with pytest.raises(NotInTariffError):
        await declare(desk.office, PERSONS["importer"], request)
    assert await desk.rows("SELECT count(*) FROM declaration") == [(0,)]


async def test_while_its_anchors_are_refused_an_authority_issues_nothing(desk: Desk) -> None:
    waiting = await desk.approved()
    await desk.issued()
    office, deployment = desk.office, desk.office.deployment
    governor, account = office.account(GOVERNOR), office.account(MOIT).address
    withdrawn = calls.withdraw_account(deployment, MOIT, account)
    await send_and_wait(office.chain, governor, withdrawn)
    await work_once(office)
    assert office.halted.keys() == {MOIT}
    assert str(MOIT) in await not_ready(office)
    with pytest.raises(HaltedError, match="until somebody has looked"):
        await desk.issue(waiting)
    authorised = calls.authorise_account(deployment, MOIT, account, calls.ANCHOR)
    await send_and_wait(office.chain, governor, authorised)
    await desk.until_idle()
    assert office.halted == {}
    assert await not_ready(office) == ""
    await desk.issue(waiting)
