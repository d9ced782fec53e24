"""What follows a request for verification: acknowledged, answered, visited, determined, lapsed."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.certificate.life import Step, Subject, life_of
from tulen.customs import ClaimReason
from tulen.database import life, verification
from tulen.database.states import Answer, Preference, Role, VerificationState
from tulen.database.verification import VerificationLine, VerificationRequest
from tulen.errors import InvalidInputError
from tulen.values import PartyCode, line_of_text
from tulen.values.fields import members_of, whole_number
from tulen.workflows import clock
from tulen.workflows.office import Caller, Office
from tulen.workflows.step import record_step
from tulen.workflows.verification import (
    MAX_LINES,
    VerificationView,
    clocks_now,
    require_seen,
    view_in,
)

SAID: Final = (
    "acknowledge",
    "ask-more",
    "announce-visit",
    "postpone-visit",
    "consent",
    "refuse-visit",
    "visit",
    "withdraw",
)
"""The steps of which only that they are taken is said, with a note."""
DENIALS: Final[Mapping[VerificationState, ClaimReason]] = {
    VerificationState.REPLIED: ClaimReason.ORIGIN_CRITERIA,
    VerificationState.VISITED: ClaimReason.ORIGIN_CRITERIA,
    VerificationState.UNANSWERED: ClaimReason.RETRO_CHECK_NO_REPLY,
    VerificationState.VISIT_REFUSED: ClaimReason.VISIT_REFUSED,
}
"""By the state that a request is determined from: why preference may be denied."""
TIME: Final = "time"
"""Who takes the step that nobody takes."""
_ACTORS: Final = (Role.CUSTOMS, Role.OFFICER)
_ANY: Final = UUID(int=0)
"""Which request is answered does not matter while the answer is read."""

Say = Callable[
    [VerificationRequest, tuple[VerificationLine, ...]],
    tuple[list[VerificationLine], dict[str, Any]],
]
"""Returns what becomes of the lines, and what the step says; raises where that cannot be."""


async def take(
    office: Office, caller: Caller, request: UUID, document: dict[str, Any]
) -> VerificationView:
    """Take one of the steps `SAID`.

    Args:
        office: Where.
        caller: Customs that asked, or an officer of the authority, as the table of steps has it.
        request: Which.
        document: ``{"event", "note"}``.

    Raises:
        WrongRoleError: the step is not the caller's role's.
        InvalidInputError: the body is malformed.
        NotFoundError: there is no such request, or it is not the caller's.
        IllegalStepError: the request's state does not allow the step; it says what is possible.
    """
    caller.must_be(*_ACTORS)
    members = members_of(document, "", ("event", "note"))
    event = members["event"]
    if event not in SAID:
        raise InvalidInputError("/event", event, f"is not one of {', '.join(SAID)}")
    note = line_of_text(members["note"], "/note")
    return await _take(
        office, caller, request, event, lambda _, lines: (list(lines), {"note": note})
    )


async def reply(
    office: Office, caller: Caller, request: UUID, document: dict[str, Any]
) -> VerificationView:
    """Answer as the issuing authority, line by line.

    Args:
        office: Where.
        caller: An officer of the authority.
        request: Which.
        document: ``{"lines": [{"line", "answer", "note"?}]}``, every line that is asked about; what
            is not confirmed has a note that says why, or what is right.

    Raises:
        WrongRoleError: the caller is no officer.
        InvalidInputError: the body is malformed, or does not answer for exactly those lines.
        NotFoundError: there is no such request, or it is not the caller's.
        IllegalStepError: nothing is asked.
    """
    caller.must_be(Role.OFFICER)
    said = _items_in(document, _answered, ("answer",), ())

    def say(
        _: VerificationRequest, lines: tuple[VerificationLine, ...]
    ) -> tuple[list[VerificationLine], dict[str, Any]]:
        _each_once(said, lines)
        return [
            replace(line, answer=said[line.line].answer, note=said[line.line].note)
            for line in lines
        ], {"lines": document["lines"]}

    return await _take(office, caller, request, "reply", say)


async def determine(
    office: Office, caller: Caller, request: UUID, document: dict[str, Any]
) -> VerificationView:
    """Determine as customs whether each line keeps its preference.

    Args:
        office: Where.
        caller: Customs that asked.
        request: Which.
        document: ``{"lines": [{"line", "preference", "denial"?, "note"?}]}``, every line that is
            asked about; what is denied has the code of the reason, which is the one that fits how
            the request went (`DENIALS`).

    Raises:
        WrongRoleError: the caller is not customs.
        InvalidInputError: the body is malformed, does not determine exactly those lines, or gives
            a reason that does not fit.
        NotFoundError: there is no such request, or it is not the caller's.
        IllegalStepError: the request is not ready for it.
    """
    caller.must_be(Role.CUSTOMS)
    said = _items_in(document, _determined, ("preference",), ("denial",))

    def say(
        row: VerificationRequest, lines: tuple[VerificationLine, ...]
    ) -> tuple[list[VerificationLine], dict[str, Any]]:
        _each_once(said, lines)
        fits = DENIALS[row.state]
        for index, item in enumerate(said.values()):
            if item.denial not in (None, fits):
                raise InvalidInputError(
                    f"/lines/{index}/denial",
                    item.denial,
                    f"is not {fits}, which fits how the request went",
                )
        return [
            replace(line, preference=said[line.line].preference, denial=said[line.line].denial)
            for line in lines
        ], {"lines": document["lines"]}

    return await _take(office, caller, request, "determine", say)


async def lapse(office: Office, request: UUID) -> bool:
    """Let time end what a request waits for, if its last day has passed; return whether it did."""
    now = clock.now()
    async with office.database.transaction() as connection:
        row = await verification.find(connection, request, held=True)
        if row is None or row.due_on is None or row.due_on >= now.date():
            return False
        step = life_of(Subject.VERIFICATION).step(row.state, "lapse")
        detail = {"note": f"nothing came until {row.due_on}, the last day of {row.due_clock}"}
        await _record(connection, row, step, (row.customs, TIME), detail)
        return True


async def _take(
    office: Office, caller: Caller, request: UUID, event: str, say: Say
) -> VerificationView:
    """Take a step: the caller's role, its request, its state, then what is said."""
    table = life_of(Subject.VERIFICATION)
    caller.must_be(Role(table.steps[event][0].actor.value))
    # What is overdue has lapsed, whether or not the worker has come to write it down.
    await lapse(office, request)
    async with office.database.transaction() as connection:
        row = require_seen(caller, await verification.find(connection, request, held=True), request)
        step = table.step(row.state, event)
        lines, detail = say(row, await verification.lines_of(connection, request))
        await verification.say(connection, lines)
        await _record(connection, row, step, caller, detail)
        return await view_in(connection, request)


async def _record(
    connection: AsyncConnection,
    row: VerificationRequest,
    step: Step,
    by: Caller | tuple[PartyCode, str],
    detail: dict[str, Any],
) -> None:
    """Write the step down, then the state and the clock that follow from all steps."""
    now = clock.now()
    await record_step(
        connection, step, str(row.id), agreement=row.agreement, by=by, at=now, detail=detail
    )
    steps = await life.steps_of(connection, Subject.VERIFICATION, str(row.id))
    _, due = clocks_now(row.agreement, steps)
    await verification.advance(
        connection,
        row.id,
        state=step.target,
        at=now,
        due_clock=due.name if due else None,
        due_on=due.due_on if due else None,
    )


def _items_in(
    document: dict[str, Any],
    read: Callable[[int, dict[str, Any], str], VerificationLine],
    required: tuple[str, ...],
    optional: tuple[str, ...],
) -> dict[int, VerificationLine]:
    """Return what is said, by line; the request's identifier is not known yet."""
    items = members_of(document, "", ("lines",))["lines"]
    if not isinstance(items, list) or not 0 < len(items) <= MAX_LINES:
        raise InvalidInputError("/lines", items, f"is not a list of 1 to {MAX_LINES} lines")
    said: dict[int, VerificationLine] = {}
    for index, item in enumerate(items):
        field = f"/lines/{index}"
        table = members_of(item, field, ("line", *required), ("note", *optional))
        number = whole_number(table["line"], f"{field}/line", least=1)
        if number in said:
            raise InvalidInputError(f"{field}/line", number, "is said twice")
        said[number] = read(number, table, field)
    return said


def _each_once(said: Collection[int], lines: tuple[VerificationLine, ...]) -> None:
    """Refuse where something is said of another line, or nothing of one that is asked about."""
    about = {line.line for line in lines}
    for index, number in enumerate(said):
        if number not in about:
            raise InvalidInputError(f"/lines/{index}/line", number, "is not what is asked about")
    if missing := about - set(said):
        raise InvalidInputError("/lines", min(missing), "is asked about; say something of it")


def _answered(number: int, item: dict[str, Any], field: str) -> VerificationLine:
    answer = item["answer"]
    if answer not in list(Answer):
        raise InvalidInputError(f"{field}/answer", answer, f"is not one of {', '.join(Answer)}")
    if answer != Answer.CONFIRMED and "note" not in item:
        raise InvalidInputError(f"{field}/note", None, "is missing: say why, or what is right")
    return VerificationLine(_ANY, number, Answer(answer), _note(item, field))


def _determined(number: int, item: dict[str, Any], field: str) -> VerificationLine:
    preference, denial = item["preference"], item.get("denial")
    if preference not in list(Preference):
        raise InvalidInputError(
            f"{field}/preference", preference, f"is not one of {', '.join(Preference)}"
        )
    if preference == Preference.KEPT and "denial" in item:
        raise InvalidInputError(f"{field}/denial", denial, "is none where preference is kept")
    if preference == Preference.DENIED and denial not in list(DENIALS.values()):
        known = ", ".join(sorted(set(DENIALS.values())))
        raise InvalidInputError(f"{field}/denial", denial, f"is not one of {known}")
    _note(item, field)  # It stays in what was said; the line keeps the authority's.
    return VerificationLine(_ANY, number, preference=Preference(preference), denial=denial)


def _note(item: dict[str, Any], field: str) -> str | None:
    return line_of_text(item["note"], f"{field}/note") if "note" in item else None
