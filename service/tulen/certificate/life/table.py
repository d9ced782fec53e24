"""The table of steps, as ``steps.toml`` holds it, with the article that allows each.

The machine is one for all agreements. What an agreement says of its own about a step (a time
limit, a mark) stands in its procedures (docs/specs/origin-proof.md); ``section`` names the part.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, ClassVar

from tulen.errors import InvalidInputError, RuleViolationError
from tulen.origin.proof.procedure import Procedure
from tulen.origin.proof.procedure_file import section_named
from tulen.values import line_of_text
from tulen.values.dated import Dated, Reference
from tulen.values.fields import members_of

FORMAT = "tulen/life/v1"
FILE = "steps.toml"


class Subject(StrEnum):
    """What has a life."""

    APPLICATION = "application"
    CERTIFICATE = "certificate"
    VERIFICATION = "verification"


class Actor(StrEnum):
    """Who may take a step."""

    EXPORTER = "exporter"
    OFFICER = "officer"
    SECOND_OFFICER = "second-officer"
    CUSTOMS = "customs"
    TIME = "time"


class IllegalStepError(RuleViolationError):
    """The step cannot be taken from the state that the thing is in."""

    code: ClassVar[str] = "illegal-step"

    def __init__(self, subject: Subject, state: str | None, event: str, open_: list[str]) -> None:
        self.subject, self.state, self.event = subject, state, event
        possible = f"possible are {', '.join(open_)}" if open_ else "nothing follows"
        super().__init__(
            f"{event}: is no step for the {subject}, which is {state or 'not there yet'}; "
            f"{possible}"
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table.

    Attributes:
        subject: Whose life.
        event: What happens.
        sources: The states it may happen in; None stands for before there is anything.
        target: The state that follows.
        actor: Who may do it.
        section: The section of an agreement's procedures that regulates it; None where none does.
        reference: What allows it where the agreement itself says nothing, or nothing held.
    """

    subject: Subject
    event: str
    sources: frozenset[str | None]
    target: str
    actor: Actor
    section: type | None
    reference: Reference

    def article(self, procedure: Procedure | None, day: date) -> Reference:
        """Return the agreement's article for this step on ``day``, or else the table's own."""
        if self.section is None or procedure is None:
            return self.reference
        entry: Dated[object] | None = procedure.on(day, self.section)
        return self.reference if entry is None else entry.reference


@dataclass(frozen=True, slots=True)
class Life:
    """All steps of one subject.

    Attributes:
        subject: Whose.
        steps: By event; one event may lead to different states from different ones.
    """

    subject: Subject
    steps: Mapping[str, tuple[Step, ...]]

    @property
    def states(self) -> frozenset[str]:
        """Every state that there is."""
        return frozenset(step.target for steps in self.steps.values() for step in steps)

    @property
    def ends(self) -> frozenset[str]:
        """The states that nothing follows."""
        return frozenset(state for state in self.states if not self.open(state))

    def open(self, state: str | None) -> list[str]:
        """Return the events that may happen in ``state``, by name."""
        return sorted(
            event
            for event, steps in self.steps.items()
            if any(state in step.sources for step in steps)
        )

    def step(self, state: str | None, event: str) -> Step:
        """Return the step that ``event`` is in ``state``.

        Raises:
            IllegalStepError: there is none; it names those that are possible.
        """
        for step in self.steps.get(event, ()):
            if state in step.sources:
                return step
        raise IllegalStepError(self.subject, state, event, self.open(state))


@cache
def _lives() -> Mapping[Subject, Life]:
    data = resources.files(__package__).joinpath(FILE).read_bytes()
    return lives_from(data, FILE)


def life_of(subject: Subject) -> Life:
    """Return the shipped table of ``subject``."""
    return _lives()[subject]


def lives_from(data: bytes, name: str) -> Mapping[Subject, Life]:
    """Return the tables in ``data``.

    Args:
        data: A TOML file.
        name: Its name, for messages.

    Raises:
        InvalidInputError: it is malformed, a state cannot be reached, or an event is ambiguous.
    """
    try:
        document = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInputError(name, str(error), "is not TOML in UTF-8") from error
    try:
        return _lives_in(document)
    except InvalidInputError as error:
        raise error.within(f"{name}#") from error


def _lives_in(document: Mapping[str, Any]) -> Mapping[Subject, Life]:
    members_of(document, "", ("format", *Subject))
    if document["format"] != FORMAT:
        raise InvalidInputError("/format", document["format"], f"is not '{FORMAT}'")
    lives = {}
    for subject in Subject:
        rows = document[subject]
        if not isinstance(rows, list) or not rows:
            raise InvalidInputError(f"/{subject}", rows, "is not a list of steps")
        steps: dict[str, list[Step]] = {}
        for number, row in enumerate(rows):
            step = _step(subject, row, f"/{subject}/{number}")
            known = steps.setdefault(step.event, [])
            if both := [state for other in known for state in step.sources & other.sources]:
                raise InvalidInputError(
                    f"/{subject}/{number}/from", both[0], f"has a step {step.event} already"
                )
            known.append(step)
        life = Life(
            subject, MappingProxyType({event: tuple(rows) for event, rows in steps.items()})
        )
        _check(life)
        lives[subject] = life
    return MappingProxyType(lives)


def _step(subject: Subject, row: object, field: str) -> Step:
    table = members_of(row, field, ("event", "to", "by", "reference"), ("from", "section"))
    sources = table.get("from", [])
    if not isinstance(sources, list) or ("from" in table and not sources):
        raise InvalidInputError(f"{field}/from", sources, "is not a list of states")
    actor = table["by"]
    if actor not in list(Actor):
        raise InvalidInputError(f"{field}/by", actor, f"is not one of {', '.join(Actor)}")
    return Step(
        subject,
        line_of_text(table["event"], f"{field}/event"),
        frozenset(line_of_text(state, f"{field}/from") for state in sources) or frozenset({None}),
        line_of_text(table["to"], f"{field}/to"),
        Actor(actor),
        section_named(table["section"], f"{field}/section") if "section" in table else None,
        Reference(line_of_text(table["reference"], f"{field}/reference")),
    )


def _check(life: Life) -> None:
    """Refuse a state that nothing leads to."""
    for event, steps in life.steps.items():
        for step in steps:
            for state in step.sources:
                if state is not None and state not in life.states:
                    raise InvalidInputError(
                        f"/{life.subject}", state, f"no step leads to it; {event} starts from it"
                    )
