"""Applying, recommending, approving: who may, what counts as the same, what stays."""

from dataclasses import replace

import pytest
from desk import MOIT, PERSONS, Desk, without_origin

from tulen.api.examples import example
from tulen.database.errors import OtherContentError, SameOfficerError, StateChangedError
from tulen.database.states import Role
from tulen.errors import InvalidInputError, NotFoundError
from tulen.values import PartyCode
from tulen.workflows.apply import application_of, apply
from tulen.workflows.approve import OriginNotMetError, approve
from tulen.workflows.authenticate import authenticate, make_api_key
from tulen.workflows.issue import NotApprovedError, issue
from tulen.workflows.office import WrongRoleError
from tulen.workflows.recommend import recommend

pytestmark = pytest.mark.anyio


def heavier() -> dict[str, object]:
    """The example with another quantity, which its origin does not depend on."""
    document = example("application")
    document["lines"][0]["quantity"] = "2000"
    return document


async def test_the_same_reference_with_the_same_document_applies_once(desk: Desk) -> None:
    exporter, document = PERSONS["exporter"], example("application")
    first = await apply(desk.office, exporter, document, "our-1")
    again = await apply(desk.office, exporter, document, "our-1")
    assert again.to_document() == first.to_document()
    assert await desk.rows("SELECT count(*) FROM application") == [(1,)]


async def test_the_same_reference_with_another_quantity_is_refused(desk: Desk) -> None:
    await apply(desk.office, PERSONS["exporter"], example("application"), "our-1")
    with pytest.raises(OtherContentError):
        await apply(desk.office, PERSONS["exporter"], heavier(), "our-1")


async def test_an_application_is_shown_as_it_was_judged_whatever_the_rules_say_now(
    desk: Desk,
) -> None:
    application = await desk.applied()
    before = (await application_of(desk.office, PERSONS["exporter"], application)).to_document()
    await desk.rows("UPDATE application SET submitted_at = '1990-01-01'")  # No rules of that day.
    after = (await application_of(desk.office, PERSONS["exporter"], application)).to_document()
    assert after | {"submitted_at": before["submitted_at"]} == before
    await recommend(desk.office, PERSONS["officer-1"], application, {})


async def test_a_judgement_longer_than_any_request_can_be_shown(desk: Desk) -> None:
    document = example("application")
    inputs = document["lines"][0]["inputs"]
    cheap = {"description": "Sprinkles", "hs_code": "170490", "country": "CN", "value": "0.000001"}
    inputs["materials"] += [cheap | {"originating": False}] * 490
    line = document["lines"][0]
    document["lines"] = [line | {"line": number} for number in range(1, 8)]
    view = await apply(desk.office, PERSONS["exporter"], document, "long")
    again = await application_of(desk.office, PERSONS["exporter"], view.row.id)
    assert len(again.to_document()["verdicts"]) == 7


async def test_an_officer_of_another_authority_sees_and_decides_nothing(desk: Desk) -> None:
    application = await desk.approved()
    stranger = replace(PERSONS["officer-2"], party=PartyCode("VN.VCCI"))
    with pytest.raises(NotFoundError):
        await application_of(desk.office, stranger, application)
    for act in (recommend, approve):
        with pytest.raises(NotFoundError):
            await act(desk.office, stranger, application, {})
    with pytest.raises(NotFoundError):
        await issue(desk.office, stranger, {"application": str(application)})


async def test_one_officer_with_two_api_keys_is_still_one_officer(desk: Desk) -> None:
    application = await desk.applied()
    keys = [await make_api_key(desk.office, MOIT, "officer-9", Role.OFFICER) for _ in range(2)]
    one, other = [await authenticate(desk.office, key) for key in keys]
    assert one is not None
    assert other is not None
    await recommend(desk.office, one, application, {})
    with pytest.raises(SameOfficerError):
        await approve(desk.office, other, application, {})


async def test_each_act_once_more_by_the_same_officer_changes_nothing(desk: Desk) -> None:
    application = await desk.applied()
    for act, officer in ((recommend, "officer-1"), (approve, "officer-2")):
        first = await act(desk.office, PERSONS[officer], application, {})
        again = await act(desk.office, PERSONS[officer], application, {})
        assert again.to_document() == first.to_document()
    with pytest.raises(StateChangedError):
        await recommend(desk.office, PERSONS["officer-2"], application, {})


async def test_what_does_not_originate_is_not_approved(desk: Desk) -> None:
    view = await apply(desk.office, PERSONS["exporter"], without_origin(), "poor")
    assert view.row.outcome == "NOT_MET"
    await recommend(desk.office, PERSONS["officer-1"], view.row.id, {})
    with pytest.raises(OriginNotMetError):
        await approve(desk.office, PERSONS["officer-2"], view.row.id, {})


async def test_what_nobody_has_approved_is_not_issued(desk: Desk) -> None:
    with pytest.raises(NotApprovedError):
        await desk.issue(await desk.applied())


async def test_an_authority_that_is_none_here_is_named(desk: Desk) -> None:
    for wrong in ("VN.VCCI", "VN.HOA-SEN"):
        document = example("application") | {"issuing_authority": wrong}
        with pytest.raises(InvalidInputError) as caught:
            await apply(desk.office, PERSONS["exporter"], document, "our-1")
        assert caught.value.field == "/issuing_authority"


async def test_only_an_exporter_applies_and_only_for_its_own_country(desk: Desk) -> None:
    with pytest.raises(WrongRoleError):
        await apply(desk.office, PERSONS["importer"], example("application"), "our-1")
    thai = replace(PERSONS["exporter"], party=PartyCode("TH.RICE"))
    with pytest.raises(InvalidInputError) as caught:
        await apply(desk.office, thai, example("application"), "our-1")
    assert caught.value.field == "/exporting_country"
