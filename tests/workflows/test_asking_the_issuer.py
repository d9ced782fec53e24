"""Customs asks the issuing authority: the whole way, in order, in time, and seen by two parties."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from desk import PERSONS, Desk

from tulen.certificate.life import IllegalStepError, Subject, life_of
from tulen.database.errors import OtherContentError
from tulen.database.states import Role, VerificationState
from tulen.errors import InvalidInputError, NotFoundError
from tulen.values import PartyCode
from tulen.workflows import clock
from tulen.workflows.certificate import certificate_of
from tulen.workflows.declare import declaration_of
from tulen.workflows.office import WrongRoleError
from tulen.workflows.upkeep import lapse_overdue
from tulen.workflows.verification import VerificationView, ask, verification_of, verifications
from tulen.workflows.verification_steps import determine, reply, take

pytestmark = pytest.mark.anyio

EXPORTER, OFFICER, IMPORTER, CUSTOMS = (
    PERSONS[name] for name in ("exporter", "officer-1", "importer", "priok")
)
CONFIRMED = {"lines": [{"line": 1, "answer": "confirmed"}]}
REFUTED = {"lines": [{"line": 1, "answer": "not-confirmed", "note": "The RVC is 31 percent"}]}
KEPT = {"lines": [{"line": 1, "preference": "kept"}]}


def denied(reason: str) -> dict[str, Any]:
    return {"lines": [{"line": 1, "preference": "denied", "denial": reason}]}


def question(number: str, **changes: object) -> dict[str, Any]:
    return {
        "certificate": number,
        "doubt": "reasonable",
        "reason": "The price is far below earlier ones",
        "question": "Does line 1 meet RVC 40?",
        "lines": [1],
    } | changes


async def asked(desk: Desk, number: str | None = None) -> UUID:
    number = number or (await desk.certified())[0]
    return (await ask(desk.office, CUSTOMS, question(number), str(uuid4()))).row.id


async def step(desk: Desk, request: UUID, event: str, who: str) -> VerificationView:
    return await take(desk.office, PERSONS[who], request, {"event": event, "note": "As agreed"})


async def claim(desk: Desk, number: str, bundle: bytes) -> dict[str, Any]:
    declaration = await desk.declared(number, bundle)
    view = await declaration_of(desk.office, IMPORTER, declaration)
    (found,) = view.to_document()["claims"]
    return {"outcome": found["outcome"], "reasons": found["reasons"]}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Put the clock forward by whole days from now."""
    start = clock.now()

    def set_to(days: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=days))

    return set_to


async def test_an_open_question_suspends_its_line_and_a_confirmed_one_does_not(desk: Desk) -> None:
    number, bundle = await desk.certified()
    assert await claim(desk, number, bundle) == {"outcome": "GRANT", "reasons": []}
    request = await asked(desk, number)
    suspended = {"outcome": "SUSPEND", "reasons": ["UNDER_VERIFICATION"]}
    assert await claim(desk, number, bundle) == suspended
    for who in (EXPORTER, OFFICER):
        (shown,) = (await certificate_of(desk.office, who, number)).document["verifications"]
        assert (shown["id"], shown["state"], shown["lines"]) == (str(request), "asked", [1])
    await step(desk, request, "acknowledge", "officer-1")
    answered = await reply(desk.office, OFFICER, request, CONFIRMED)
    assert answered.to_document()["lines"] == [{"line": 1, "answer": "confirmed"}]
    assert await claim(desk, number, bundle) == suspended
    view = (await determine(desk.office, CUSTOMS, request, KEPT)).to_document()
    assert view["lines"] == [{"line": 1, "answer": "confirmed", "preference": "kept"}]
    assert [(done["event"], done["state"], done["officer"]) for done in view["history"]] == [
        ("ask", "asked", "tanjung-priok"),
        ("acknowledge", "acknowledged", "officer-1"),
        ("reply", "replied", "officer-1"),
        ("determine", "determined", "tanjung-priok"),
    ]
    assert {done["article"] for done in view["history"]} == {
        "ATIGA OCP Rules 13(2), 18(b), 18(d) and 19"
    }
    assert await claim(desk, number, bundle) == {"outcome": "GRANT", "reasons": []}
    assert "verifications" not in (await certificate_of(desk.office, OFFICER, number)).document


async def test_what_was_determined_last_counts_and_a_withdrawn_question_does_not(
    desk: Desk,
) -> None:
    number, bundle = await desk.certified()
    request = await asked(desk, number)
    await reply(desk.office, OFFICER, request, REFUTED)
    await determine(desk.office, CUSTOMS, request, denied("ORIGIN_CRITERIA"))
    no = {"outcome": "DENY", "reasons": ["ORIGIN_CRITERIA"]}
    assert await claim(desk, number, bundle) == no
    again = await asked(desk, number)
    both = {"outcome": "DENY", "reasons": ["ORIGIN_CRITERIA", "UNDER_VERIFICATION"]}
    assert await claim(desk, number, bundle) == both
    await step(desk, again, "withdraw", "priok")
    assert await claim(desk, number, bundle) == no
    third = await asked(desk, number)
    await reply(desk.office, OFFICER, third, CONFIRMED)
    await determine(desk.office, CUSTOMS, third, KEPT)
    assert await claim(desk, number, bundle) == {"outcome": "GRANT", "reasons": []}


async def test_a_visit_is_announced_postponed_agreed_and_made(desk: Desk) -> None:
    request = await asked(desk)
    today = clock.today()
    await reply(desk.office, OFFICER, request, CONFIRMED)
    await step(desk, request, "announce-visit", "priok")
    await step(desk, request, "postpone-visit", "officer-1")
    await step(desk, request, "consent", "officer-2")
    view = (await step(desk, request, "visit", "perak")).to_document()
    assert view["state"] == "visited"
    due = {item["clock"]: item["due_on"] for item in view["clocks"]}
    days = {
        "reply": 90,
        "process": 180,
        "visit_consent": 30,
        "visit_postponement": 60,
        "visit_process": 180,
        "visit_comments": 30,
    }
    assert due == {
        name: (today + timedelta(days=count)).isoformat() for name, count in days.items()
    } | {"determination": "UNKNOWN", "visit_information": "UNKNOWN"}
    assert view["clocks"][0]["limit"] == "90 days"
    assert "limit" not in view["clocks"][2]
    await determine(desk.office, CUSTOMS, request, denied("ORIGIN_CRITERIA"))


async def test_a_further_question_waits_by_a_clock_that_this_agreement_does_not_hold(
    desk: Desk, later: Callable[[int], None]
) -> None:
    request = await asked(desk)
    await reply(desk.office, OFFICER, request, CONFIRMED)
    view = (await step(desk, request, "ask-more", "priok")).to_document()
    assert (view["state"], view["due_clock"], view["due_on"]) == (
        "asked",
        "further_reply",
        "UNKNOWN",
    )
    later(10_000)
    assert await lapse_overdue(desk.office) == 0
    assert (await reply(desk.office, OFFICER, request, REFUTED)).row.state == "replied"


@pytest.mark.parametrize(
    ("events", "days", "after"),
    [
        ((), 90, ("unanswered", "RETRO_CHECK_NO_REPLY")),
        ((("acknowledge", "officer-1"),), 90, ("unanswered", "RETRO_CHECK_NO_REPLY")),
        ((("announce-visit", "priok"),), 30, ("visit-refused", "VISIT_REFUSED")),
        (
            (("announce-visit", "priok"), ("postpone-visit", "officer-1")),
            60,
            ("visit-refused", "VISIT_REFUSED"),
        ),
    ],
)
async def test_a_question_lapses_once_on_the_day_after_its_last(
    desk: Desk,
    later: Callable[[int], None],
    events: tuple[tuple[str, str], ...],
    days: int,
    after: tuple[str, str],
) -> None:
    state, reason = after
    number, bundle = await desk.certified()
    request = await asked(desk, number)
    for event, who in events:
        await step(desk, request, event, who)
    later(days)
    assert await lapse_overdue(desk.office) == 0
    later(days + 1)
    assert sum(await asyncio.gather(*(lapse_overdue(desk.office) for _ in range(3)))) == 1
    assert await lapse_overdue(desk.office) == 0
    view = (await verification_of(desk.office, OFFICER, request)).to_document()
    assert (view["state"], view["possible"]) == (state, ["determine"])
    last = view["history"][-1]
    assert (last["event"], last["officer"]) == ("lapse", "time")
    with pytest.raises(InvalidInputError, match=f"is not {reason}"):
        await determine(desk.office, CUSTOMS, request, denied("ORIGIN_CRITERIA"))
    await determine(desk.office, CUSTOMS, request, denied(reason))
    later(0)
    assert await claim(desk, number, bundle) == {"outcome": "DENY", "reasons": [reason]}


async def test_an_answer_on_the_last_day_is_in_time_and_a_later_one_is_not(
    desk: Desk, later: Callable[[int], None]
) -> None:
    first, second = await asked(desk), await asked(desk)
    later(90)
    assert (await reply(desk.office, OFFICER, first, CONFIRMED)).row.state == "replied"
    later(91)
    with pytest.raises(IllegalStepError, match="unanswered; possible are determine"):
        await reply(desk.office, OFFICER, second, CONFIRMED)
    events = "SELECT event FROM life_step WHERE id = %s ORDER BY step"
    assert await desk.rows(events, str(second)) == [("ask",), ("lapse",)]


async def test_a_refused_visit_is_a_reason_of_its_own(desk: Desk) -> None:
    request = await asked(desk)
    await step(desk, request, "announce-visit", "priok")
    await step(desk, request, "refuse-visit", "officer-1")
    view = await determine(desk.office, CUSTOMS, request, denied("VISIT_REFUSED"))
    assert view.row.state is VerificationState.DETERMINED
    assert (view.row.due_clock, view.row.due_on) == (None, None)


async def test_two_officers_at_once_answer_once(desk: Desk) -> None:
    request = await asked(desk)
    answers = await asyncio.gather(
        reply(desk.office, OFFICER, request, CONFIRMED),
        reply(desk.office, PERSONS["officer-2"], request, REFUTED),
        return_exceptions=True,
    )
    (done,) = (item for item in answers if isinstance(item, VerificationView))
    (refused,) = (item for item in answers if isinstance(item, IllegalStepError))
    assert "replied; possible are announce-visit, ask-more, determine, withdraw" in str(refused)
    now = await verification_of(desk.office, OFFICER, request)
    assert now.lines == done.lines
    assert [item.event for item in now.steps] == ["ask", "reply"]


async def test_the_same_question_once_more_is_the_first(desk: Desk) -> None:
    number, _ = await desk.certified()
    both = await asyncio.gather(
        *(ask(desk.office, CUSTOMS, question(number), "ours-1") for _ in range(2))
    )
    assert len({view.row.id for view in both}) == 1
    assert [item.event for item in both[0].steps] == ["ask"]
    with pytest.raises(OtherContentError):
        await ask(desk.office, CUSTOMS, question(number, doubt="random"), "ours-1")
    other = await ask(desk.office, PERSONS["perak"], question(number), "ours-1")
    assert other.row.id != both[0].row.id


async def test_customs_that_asks_and_the_authority_see_it_and_nobody_else(desk: Desk) -> None:
    number, _ = await desk.certified()
    request = await asked(desk, number)
    strangers = (
        EXPORTER,
        IMPORTER,
        replace(CUSTOMS, role=Role.IMPORTER),
        replace(OFFICER, role=Role.AUDITOR),
        replace(CUSTOMS, party=PartyCode("ID.OTHER")),
        replace(OFFICER, party=PartyCode("VN.OTHER")),
    )
    for stranger in strangers:
        with pytest.raises(NotFoundError):
            await verification_of(desk.office, stranger, request)
    for stranger in strangers[:4]:
        with pytest.raises(WrongRoleError):
            await verifications(desk.office, stranger, None)
    for stranger in strangers[4:]:
        assert (await verifications(desk.office, stranger, None)).rows == ()
    with pytest.raises(WrongRoleError):
        await step(desk, request, "acknowledge", "priok")
    with pytest.raises(WrongRoleError):
        await step(desk, request, "withdraw", "officer-1")
    with pytest.raises(NotFoundError):
        await take(desk.office, strangers[5], request, {"event": "acknowledge", "note": "x"})
    with pytest.raises(NotFoundError):
        await reply(desk.office, OFFICER, uuid4(), CONFIRMED)
    abroad = replace(CUSTOMS, party=PartyCode("TH.CUSTOMS"))
    with pytest.raises(NotFoundError):
        await ask(desk.office, abroad, question(number), "theirs-1")
    with pytest.raises(WrongRoleError):
        await ask(desk.office, OFFICER, question(number), "theirs-1")
    assert (await verification_of(desk.office, PERSONS["officer-2"], request)).row.id == request


async def test_lists_show_customs_the_latest_and_the_authority_the_oldest_first(
    desk: Desk,
) -> None:
    number, _ = await desk.certified()
    first, second = await asked(desk, number), await asked(desk, number)
    await step(desk, second, "acknowledge", "officer-1")
    own = (await verifications(desk.office, CUSTOMS, None)).to_document()["verifications"]
    assert [row["id"] for row in own] == [str(second), str(first)]
    theirs = await verifications(desk.office, OFFICER, None)
    assert [row.id for row in theirs.rows] == [first, second]
    waiting = await verifications(desk.office, OFFICER, VerificationState.ASKED)
    assert [row.id for row in waiting.rows] == [first]


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"lines": []}, "/lines"),
        ({"lines": [{"line": 2, "answer": "confirmed"}]}, "/lines/0/line"),
        ({"lines": CONFIRMED["lines"] * 2}, "/lines/1/line"),
        ({"lines": [{"line": 1, "answer": "perhaps"}]}, "/lines/0/answer"),
        ({"lines": [{"line": 1, "answer": "not-confirmed"}]}, "/lines/0/note"),
    ],
)
async def test_an_answer_is_about_what_was_asked_and_says_why_not(
    desk: Desk, document: dict[str, Any], field: str
) -> None:
    request = await asked(desk)
    with pytest.raises(InvalidInputError) as caught:
        await reply(desk.office, OFFICER, request, document)
    assert caught.value.field == field
    assert (await verification_of(desk.office, OFFICER, request)).row.state == "asked"


async def test_what_is_kept_has_no_reason_and_lines_are_those_of_the_certificate(
    desk: Desk,
) -> None:
    number, _ = await desk.certified()
    for lines, field in (([2], "/lines/0"), ([1, 1], "/lines/1"), ([], "/lines")):
        with pytest.raises(InvalidInputError) as caught:
            await ask(desk.office, CUSTOMS, question(number, lines=lines), "ours-2")
        assert caught.value.field == field
    request = await asked(desk, number)
    await reply(desk.office, OFFICER, request, CONFIRMED)
    kept = {"lines": [{"line": 1, "preference": "kept", "denial": "ORIGIN_CRITERIA"}]}
    for document in (kept, {"lines": [{"line": 1, "preference": "denied"}]}):
        with pytest.raises(InvalidInputError) as caught:
            await determine(desk.office, CUSTOMS, request, document)
        assert caught.value.field == "/lines/0/denial"


async def test_the_database_itself_refuses_a_denial_without_reason(desk: Desk) -> None:
    await asked(desk)
    for change in ("preference = 'denied'", "denial = 'VISIT_REFUSED'"):
        with pytest.raises(psycopg.errors.CheckViolation):
            await desk.rows(f"UPDATE verification_line SET {change}")  # noqa: S608 - constants
    with pytest.raises(psycopg.errors.CheckViolation):
        await desk.rows("UPDATE verification_request SET state = 'replied'")


def test_the_register_knows_the_states_of_the_table() -> None:
    assert {state.value for state in VerificationState} == life_of(Subject.VERIFICATION).states
