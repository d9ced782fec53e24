"""What was read of the chain, used again for a few seconds and never longer.

Revoked means REVOKED everywhere within the age set here, and then UNKNOWN if the chain no longer
answers: nothing in here outlives its age, whatever happens (docs/decisions/0029).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from tulen.chain.events import ChainEvent
from tulen.chain.facts import FactReader
from tulen.verify.facts import AnchorTransaction, ChainFacts, ChainQuestion, Unavailable

MAX_AGE_SECONDS: Final = 30
"""The greatest age that may be set: how long a revocation may stay unseen anywhere."""
MOST_QUESTIONS: Final = 16_384
"""How many answers are kept; one takes about a kilobyte with its question."""

_WITHOUT_BEARING: Final = frozenset({"CheckpointAnchored", "Drawn", "Released"})
"""Events that change nothing of what is kept: an anchored checkpoint stays as it is."""


class _Reading:
    """One reading: the task on its way, or what it brought if that may be kept.

    Not the task then too: it holds on to whatever the request was about that began it.
    """

    __slots__ = ("answer", "began")

    def __init__(self, began: float, task: asyncio.Task[ChainFacts | Unavailable]) -> None:
        self.began = began
        self.answer: asyncio.Task[ChainFacts | Unavailable] | ChainFacts = task


class FactCache:
    """Answers questions as `FactReader` would have answered them at most so long ago.

    Age counts from the moment that a reading began: what changed since may be missing in it. Only
    what is settled is kept, a root anchored by a final transaction: a holder who waits for that
    need not wait for the cache too, and an outage is never remembered. Those who ask the same at
    the same time share one reading, which goes on when one of them leaves.

    Args:
        reader: Reads the chain.
        max_age: Seconds for which an answer is used; zero keeps and shares nothing.
        most: How many answers are kept; the oldest is dropped first.
    """

    def __init__(self, reader: FactReader, max_age: float, *, most: int = MOST_QUESTIONS) -> None:
        if not 0 <= max_age <= MAX_AGE_SECONDS:
            raise ValueError(f"{max_age} is not from 0 to {MAX_AGE_SECONDS} seconds")
        self._reader = reader
        self._max_age = max_age
        self._most = most
        self._readings: OrderedDict[ChainQuestion, _Reading] = OrderedDict()

    async def read(self, question: ChainQuestion) -> ChainFacts | Unavailable:
        """Return what `FactReader.read` answers, or answered not longer ago than the set age."""
        loop = asyncio.get_running_loop()
        known = self._readings.get(question)
        if known is None or loop.time() - known.began >= self._max_age:
            known = self._begin(question, loop.time())
        if isinstance(known.answer, ChainFacts):
            return known.answer
        answer = await asyncio.shield(known.answer)
        if (took := loop.time() - known.began) > MAX_AGE_SECONDS:
            return Unavailable(f"the chain took {took:.0f} s to answer, and may be another by now")
        return answer

    def seen(self, events: Iterable[ChainEvent]) -> None:
        """Forget everything if one of ``events`` may change an answer that is kept.

        So who has seen what happened is not told the contrary afterwards.
        """
        if any(event.name not in _WITHOUT_BEARING for event in events):
            self.forget()

    def forget(self) -> None:
        """Forget everything; who asks from now on is answered from a new reading."""
        self._readings.clear()

    def _begin(self, question: ChainQuestion, now: float) -> _Reading:
        """Set out to read; whoever asks meanwhile joins."""
        self._drop_old(now)
        task = asyncio.create_task(self._reader.read(question))
        reading = self._readings[question] = _Reading(now, task)
        self._readings.move_to_end(question)
        if len(self._readings) > self._most:
            self._readings.popitem(last=False)

        def came(task: asyncio.Task[ChainFacts | Unavailable]) -> None:
            answer = None if task.cancelled() or task.exception() else task.result()
            if isinstance(answer, ChainFacts) and _settled(answer):
                reading.answer = answer
            elif self._readings.get(question) is reading:
                del self._readings[question]

        task.add_done_callback(came)
        return reading

    def _drop_old(self, now: float) -> None:
        """Drop what is too old; readings stand in the order in which they began."""
        while self._readings:
            question, oldest = next(iter(self._readings.items()))
            if now - oldest.began < self._max_age:
                return
            del self._readings[question]


def _settled(answer: ChainFacts) -> bool:
    return (
        answer.anchored is not None
        and not isinstance(answer.accounts, Unavailable)
        and isinstance(answer.transaction, AnchorTransaction)
        and answer.transaction.final
    )
