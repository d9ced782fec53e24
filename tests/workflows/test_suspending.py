"""Suspending and resuming: in turn, each once, and what the chain has is what counts."""

import asyncio

import pytest
from desk import PERSONS, Desk

from tulen.certificate.life import IllegalStepError
from tulen.errors import InvalidInputError, NotFoundError
from tulen.values import PartyCode
from tulen.workflows.issue import issue
from tulen.workflows.issued import NotIssuedError
from tulen.workflows.office import Caller, WrongRoleError
from tulen.workflows.revoke import InUseError, RevocationView, cancel_unused
from tulen.workflows.suspend import resume, suspend

pytestmark = pytest.mark.anyio

NOTE = "Retroactive check 118 of ID.DJBC"
EVENTS = "SELECT event, state, article FROM life_step WHERE subject = 'certificate' ORDER BY step"


async def changed(desk: Desk, verb: str, number: str, who: str = "officer-1") -> RevocationView:
    act = {"suspend": suspend, "resume": resume}[verb]
    return await act(desk.office, PERSONS[who], {"certificate": number, "note": NOTE})


async def test_a_certificate_is_suspended_and_resumed_and_suspended_again(desk: Desk) -> None:
    number = await desk.issued()
    for verb, state in (("suspend", "SUSPENDED"), ("resume", "GOOD"), ("suspend", "SUSPENDED")):
        view = await changed(desk, verb, number)
        assert view.revoked_at
        await desk.settled()
        assert await desk.status(number) == state
    assert await desk.rows(EVENTS) == [
        ("issue", "valid", "ATIGA OCP Rule 10(1)-(2)"),
        *[
            (event, state, "ATIGA OCP Rules 13(2), 18(b), 18(d) and 19")
            for event, state in (
                ("suspend", "suspended"),
                ("resume", "valid"),
                ("suspend", "suspended"),
            )
        ],
    ]
    assert await desk.complaints() == []


async def test_what_two_officers_suspend_at_once_is_suspended_once(desk: Desk) -> None:
    number = await desk.issued()
    views = await asyncio.gather(
        *(changed(desk, "suspend", number, who) for who in ("officer-1", "officer-2"))
    )
    assert len({view.transaction for view in views}) == 1
    assert await desk.rows("SELECT count(*) FROM revocation") == [(1,)]
    assert len(await desk.rows(EVENTS)) == 2


async def test_a_step_out_of_turn_is_refused_with_what_is_possible(desk: Desk) -> None:
    number = await desk.issued()
    with pytest.raises(IllegalStepError, match="is valid; possible are cancel"):
        await changed(desk, "resume", number)
    await changed(desk, "suspend", number)
    await desk.settled()
    with pytest.raises(IllegalStepError, match="is suspended; possible are"):
        await changed(desk, "suspend", number)
    await desk.revoke(number)
    await desk.settled()
    for verb in ("suspend", "resume"):
        with pytest.raises(IllegalStepError, match="is revoked; nothing follows"):
            await changed(desk, verb, number)


async def test_only_an_officer_of_the_issuer_suspends_and_only_what_is_logged(desk: Desk) -> None:
    number = await desk.issued()
    with pytest.raises(WrongRoleError):
        await changed(desk, "suspend", number, "exporter")
    stranger = Caller(PartyCode("VN.VCCI"), "someone", PERSONS["officer-1"].role)
    with pytest.raises(NotFoundError):
        await suspend(desk.office, stranger, {"certificate": number, "note": NOTE})
    application = await desk.approved()
    await issue(desk.office, PERSONS["officer-1"], {"application": str(application)})
    await desk.rows("UPDATE certificate SET state = 'signed', log_index = NULL WHERE log_index = 1")
    ((other,),) = await desk.rows("SELECT number FROM certificate WHERE state = 'signed'")
    with pytest.raises(NotIssuedError):
        await changed(desk, "suspend", other)


async def test_what_is_unused_is_cancelled_and_what_is_used_is_not(desk: Desk) -> None:
    unused, (used, bundle) = await desk.issued(), await desk.certified()
    reason = {"reason": "not-exported", "note": "The vessel left without the goods"}
    officer = PERSONS["officer-1"]
    declaration = await desk.declared(used, bundle)
    await desk.draw(declaration, "600")
    await desk.settled()
    with pytest.raises(InUseError, match="revoke it, or have customs release"):
        await cancel_unused(desk.office, officer, {"certificate": used} | reason)
    assert await desk.status(used) == "GOOD"
    view = await cancel_unused(desk.office, officer, {"certificate": unused} | reason)
    assert view.revoked_at
    await desk.settled()
    assert await desk.status(unused) == "REVOKED"
    assert ("cancel", "cancelled") in [row[:2] for row in await desk.rows(EVENTS)]
    with pytest.raises(InvalidInputError, match="known are withdrawn, not-exported"):
        await cancel_unused(
            desk.office, officer, {"certificate": used, "reason": "fraud", "note": "x"}
        )
