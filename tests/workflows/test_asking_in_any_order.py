"""Any walk through a request for verification, in the real database: no state that may not be."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from desk import PERSONS, Desk, Foundation, set_back
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tulen.certificate.life import IllegalStepError, Subject, life_of
from tulen.workflows import clock
from tulen.workflows.office import open_office
from tulen.workflows.upkeep import lapse_overdue
from tulen.workflows.verification import VerificationView, ask, verification_of
from tulen.workflows.verification_steps import DENIALS, SAID, determine, reply, take

TABLE = life_of(Subject.VERIFICATION)
WHO = {"officer": ("officer-1", "officer-2"), "customs": ("priok", "perak")}
BOUNDS = settings(
    max_examples=15,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Walk(RuleBasedStateMachine):
    """One request, what the table makes of it, and a clock of its own."""

    desk: Desk
    runner: asyncio.Runner
    number: str
    start: datetime
    days = 0

    def run(self, work: Any) -> Any:  # noqa: ANN401 - whatever the workflow answers
        return self.runner.run(work)

    @property
    def today(self) -> date:
        return clock.now().date()

    @initialize()
    def asks(self) -> None:
        type(self).days = 0
        document = {
            "certificate": self.number,
            "doubt": "random",
            "reason": "Sample of the month",
            "question": "Are these goods yours?",
            "lines": [1],
        }
        view = self.run(ask(self.desk.office, PERSONS["priok"], document, str(uuid4())))
        self.request: UUID = view.row.id
        self.state = "asked"
        self.events = ["ask"]
        self.due: date | None = self.today + timedelta(days=90)
        self.announced: date | None = None

    @rule(days=st.sampled_from([0, 1, 29, 30, 31, 60, 61, 90, 91]))
    def waits(self, days: int) -> None:
        type(self).days += days

    @rule()
    def the_worker_comes(self) -> None:
        self.run(lapse_overdue(self.desk.office))
        self.time_passes()

    @rule(event=st.sampled_from([*SAID, "reply", "determine"]), second=st.booleans())
    def acts(self, event: str, *, second: bool) -> None:
        self.time_passes()  # Whoever comes too late finds it lapsed.
        caller = PERSONS[WHO[TABLE.steps[event][0].actor.value][second]]
        office, request = self.desk.office, self.request
        if event == "reply":
            work = reply(office, caller, request, {"lines": [{"line": 1, "answer": "confirmed"}]})
        elif event == "determine":
            line = {"line": 1, "preference": "denied", "denial": self.reason}
            work = determine(office, caller, request, {"lines": [line]})
        else:
            work = take(office, caller, request, {"event": event, "note": "As agreed"})
        if event in TABLE.open(self.state):
            view: VerificationView = self.run(work)
            self.follow(event)
            assert view.row.state == self.state
        else:
            with pytest.raises(IllegalStepError) as refused:
                self.run(work)
            assert all(possible in str(refused.value) for possible in TABLE.open(self.state))

    @property
    def reason(self) -> str:
        return next(
            (reason.value for state, reason in DENIALS.items() if state == self.state),
            "ORIGIN_CRITERIA",
        )

    def time_passes(self) -> None:
        if self.due is not None and self.today > self.due:
            self.follow("lapse")

    def follow(self, event: str) -> None:
        self.state = TABLE.step(self.state, event).target
        self.events.append(event)
        match event:
            case "acknowledge":
                pass
            case "announce-visit":
                self.announced = self.today
                self.due = self.today + timedelta(days=30)
            case "postpone-visit":
                assert self.announced is not None
                self.due = self.announced + timedelta(days=60)
            case _:
                self.due = None

    @invariant()
    def the_register_has_what_the_table_makes_of_it(self) -> None:
        view = self.run(verification_of(self.desk.office, PERSONS["officer-1"], self.request))
        assert view.row.state == self.state == view.steps[-1].state
        assert view.row.due_on == self.due
        assert [step.event for step in view.steps] == self.events
        assert all(step.article for step in view.steps)
        (line,) = view.lines
        assert (line.preference is not None) == (self.state == "determined")


@pytest.fixture
def walks(foundation: Foundation, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Walk]]:
    """The machine at a desk with one certificate; its loop is the office's for the whole test."""
    with set_back(foundation) as chosen, asyncio.Runner() as runner:
        stack = AsyncExitStack()
        desk = Desk(runner.run(stack.enter_async_context(open_office(chosen))))
        number, _ = runner.run(desk.certified())
        start = clock.now()
        walk = type(
            "WalkHere", (Walk,), {"desk": desk, "runner": runner, "number": number, "start": start}
        )
        monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=walk.days))
        yield walk
        monkeypatch.undo()
        runner.run(stack.aclose())


def test_no_walk_finds_a_state_that_may_not_be(walks: type[Walk]) -> None:
    run_state_machine_as_test(walks, settings=BOUNDS)  # type: ignore[no-untyped-call]  # theirs
