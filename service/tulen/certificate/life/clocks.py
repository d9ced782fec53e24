"""The time limits of a verification request, counted from the days of its steps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from tulen.origin.proof.procedure import Clocks, Procedure, Span

STARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "ask": ("reply", "process"),
    "reply": ("determination",),
    "ask-more": ("further_reply",),
    "announce-visit": ("visit_consent", "visit_postponement", "visit_process"),
    "visit": ("visit_comments", "visit_information"),
}
"""By step: the clocks, as procedures name them, that start on its day."""

_ENDS: Final[Mapping[str, str]] = {
    "ask": "reply",
    "ask-more": "further_reply",
    "announce-visit": "visit_consent",
    "postpone-visit": "visit_postponement",
}
"""By step: the clock after which the request lapses by itself."""
_CHANGES_NO_CLOCK: Final = "acknowledge"


@dataclass(frozen=True, slots=True)
class Clock:
    """One time limit.

    Attributes:
        name: As the procedures name it.
        since: The day of the step that started it.
        limit: How long; None where the agreement's procedures do not hold it, so nobody knows.
        article: Where the limit stands; None as above.
    """

    name: str
    since: date
    limit: Span | None
    article: str | None

    @property
    def due_on(self) -> date | None:
        """The last day within the limit; None where the limit is not known."""
        return None if self.limit is None else self.limit.after(self.since)


def clock(procedure: Procedure | None, name: str, since: date) -> Clock:
    """Return the clock ``name`` as the agreement has it for something that happened on ``since``.

    Args:
        procedure: The agreement's procedures; None where none are loaded.
        name: As the procedures name it.
        since: From when it runs; the rules of that day apply.
    """
    entry = None if procedure is None else procedure.on(since, Clocks)
    limit = None if entry is None else entry.value.limits.get(name)
    held = entry is not None and limit is not None
    return Clock(name, since, limit, entry.reference.title if entry and held else None)


def clocks_of(
    steps: Iterable[tuple[str, date]], procedure: Procedure | None
) -> tuple[tuple[Clock, ...], Clock | None]:
    """Return the clocks that steps have started, and the one after which the request lapses.

    Args:
        steps: Events and their days, in order.
        procedure: The agreement's procedures; None where none are loaded.
    """
    started: dict[str, Clock] = {}
    ends: str | None = None
    for event, day in steps:
        for name in STARTS.get(event, ()):
            started.pop(name, None)
            started[name] = clock(procedure, name, day)
        if event != _CHANGES_NO_CLOCK:
            ends = _ENDS.get(event)
    return tuple(started.values()), None if ends is None else started[ends]
