"""Certified true copies: in the agreement's window, of a valid certificate, with its own date."""

from datetime import timedelta

import pytest
from desk import PERSONS, Desk

from tulen.certificate.life import IllegalStepError
from tulen.errors import NotFoundError
from tulen.values import PartyCode
from tulen.workflows import clock
from tulen.workflows import copy as copying
from tulen.workflows.copy import CopyRefusedError, copy
from tulen.workflows.issued import NotIssuedError
from tulen.workflows.office import Caller, WrongRoleError
from tulen.workflows.suspend import suspend

pytestmark = pytest.mark.anyio

COPIES = "SELECT state, article, detail FROM life_step WHERE event = 'copy' ORDER BY step"


async def copied(desk: Desk, number: str, who: str = "officer-1") -> dict[str, object]:
    request = {"certificate": number, "reason": "Lost by the courier"}
    view = await copy(desk.office, PERSONS[who], request)
    return view.to_document()


async def test_a_copy_shows_the_date_of_the_original_and_what_it_bears(desk: Desk) -> None:
    number = await desk.issued()
    await copied(desk, number)
    answer = await copied(desk, number)
    shown = {
        "reason": "Lost by the courier",
        "mark": "CERTIFIED TRUE COPY",
        "box": "12",
        "dated": answer["issued_on"],
    }
    assert await desk.rows(COPIES) == [("valid", "ATIGA OCP Rule 12", shown)] * 2
    assert answer["history"][-1].items() >= shown.items()  # type: ignore[index] - a list
    assert await desk.rows("SELECT count(*) FROM log_entry") == [(1,)]


async def test_a_suspended_certificate_is_not_copied(desk: Desk) -> None:
    number = await desk.issued()
    await suspend(desk.office, PERSONS["officer-1"], {"certificate": number, "note": "Check 118"})
    await desk.settled()
    with pytest.raises(IllegalStepError, match="suspended"):
        await copied(desk, number)
    assert await desk.rows(COPIES) == []


async def test_nothing_is_copied_that_has_expired_or_after_the_limit(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await desk.issued()
    [(until,)] = await desk.rows("SELECT valid_until FROM certificate")
    monkeypatch.setattr(clock, "today", lambda: until)
    with pytest.raises(IllegalStepError, match="expired"):
        await copied(desk, number)
    await desk.rows("UPDATE certificate SET valid_until = valid_until + 500")
    assert (await copied(desk, number))["valid_until"] > str(until)
    monkeypatch.setattr(clock, "today", lambda: until + timedelta(days=1))
    with pytest.raises(CopyRefusedError, match=r"12 months after the original \(ATIGA OCP Rule 12"):
        await copied(desk, number)
    monkeypatch.setattr(copying, "load_procedures", dict)
    with pytest.raises(CopyRefusedError, match="not known"):
        await copied(desk, number)
    assert len(await desk.rows(COPIES)) == 1


async def test_only_an_officer_of_the_issuing_authority_copies(desk: Desk) -> None:
    number = await desk.issued()
    with pytest.raises(WrongRoleError):
        await copied(desk, number, "exporter")
    stranger = Caller(PartyCode("VN.VCCI"), "someone", PERSONS["officer-1"].role)
    with pytest.raises(NotFoundError):
        await copy(desk.office, stranger, {"certificate": number, "reason": "Lost"})


async def test_a_certificate_that_is_not_logged_yet_is_not_copied(desk: Desk) -> None:
    number = await desk.issued()
    await desk.rows("UPDATE certificate SET state = 'signed', log_index = NULL")
    with pytest.raises(NotIssuedError):
        await copied(desk, number)
