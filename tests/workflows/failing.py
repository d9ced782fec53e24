"""The real rooms of an office, which fail or wait at a chosen call."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from desk import Desk
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.chain.rpc import Chain
from tulen.database import Database
from tulen.errors import UnavailableError
from tulen.values import Digest
from tulen.vault import DiskVault


class Crashed(BaseException):
    """The process ended here."""


FAILURES: tuple[type[BaseException], ...] = (Crashed, UnavailableError)
WAYS = tuple(itertools.product(FAILURES, ("before", "after")))
"""A process that ends, or a room that does not answer: before the call, or after it was done."""


@dataclass
class Plan:
    """Which call fails, and how.

    Attributes:
        at: The call, from 1, counted over all rooms.
        failure: What is raised.
        when: ``before`` the call, or ``after`` it was done: it persists, but reports a failure.
        made: What was called.
    """

    at: int
    failure: type[BaseException]
    when: str
    made: list[str] = field(default_factory=list)

    @contextmanager
    def call(self, what: str) -> Iterator[None]:
        self.made.append(what)
        strikes = len(self.made) == self.at
        if strikes and self.when == "before":
            self.strike(what)
        yield
        if strikes and self.when == "after":
            self.strike(what)

    def strike(self, what: str) -> None:
        raise self.failure(f"{self.when} {what}")

    @property
    def struck(self) -> bool:
        return len(self.made) >= self.at

    def told(self) -> str:
        what = self.made[self.at - 1] if self.struck else "nothing"
        return f"{self.failure.__name__} {self.when} call {self.at}, {what}"


class FailingDatabase(Database):
    """The database of an office."""

    def __init__(self, real: Database, plan: Plan) -> None:
        vars(self).update(vars(real))
        self._plan = plan

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        with self._plan.call("reading"):
            async with super().reading() as connection:
                yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        with self._plan.call("transaction"):
            async with super().transaction() as connection:
                yield connection


class FailingChain:
    """The chain node of an office."""

    def __init__(self, real: Chain, plan: Plan) -> None:
        self._real = real
        self._plan = plan

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401, D105 - whatever the chain has
        return getattr(self._real, name)

    async def request(self, method: str, *params: Any) -> Any:  # noqa: ANN401 - JSON
        with self._plan.call(method):
            return await self._real.request(method, *params)


class FailingVault(DiskVault):
    """The vault of an office."""

    def __init__(self, real: DiskVault, plan: Plan) -> None:
        vars(self).update(vars(real))
        self._plan = plan

    def put(self, data: bytes) -> Digest:
        with self._plan.call("put"):
            return super().put(data)


def failing(desk: Desk, plan: Plan) -> Desk:
    """Return the same desk in a process that fails by ``plan``."""
    office = desk.office
    return Desk(
        replace(
            office,
            database=FailingDatabase(office.database, plan),
            chain=FailingChain(office.chain, plan),
            vault=FailingVault(office.vault, plan),
            halted={},
        )
    )


async def tolerant(work: Awaitable[object]) -> None:
    """Let the caller be told that it failed; what was kept, the worker brings about."""
    with suppress(UnavailableError):
        await work
    await asyncio.sleep(0)


class TogetherChain(FailingChain):
    """A chain node that nobody reaches before everybody is there to send."""

    def __init__(self, real: Chain, barrier: asyncio.Barrier) -> None:
        super().__init__(real, Plan(0, Crashed, "never"))
        self._barrier = barrier

    async def request(self, method: str, *params: Any) -> Any:  # noqa: ANN401 - JSON
        if method == "eth_sendRawTransaction":
            await self._barrier.wait()
        return await super().request(method, *params)


def together(desk: Desk, count: int) -> Desk:
    """Return the same desk where ``count`` transactions are handed over at once."""
    chain = TogetherChain(desk.office.chain, asyncio.Barrier(count))
    return Desk(replace(desk.office, chain=chain))


class InterruptedChain(FailingChain):
    """A chain node that answers a call only after something else has happened, once."""

    def __init__(
        self,
        real: Chain,
        method: str,
        meanwhile: Callable[[], Awaitable[object]],
        **parameters: object,
    ) -> None:
        super().__init__(real, Plan(0, Crashed, "never"))
        self._method, self._parameters = method, parameters.items()
        self._meanwhile: Callable[[], Awaitable[object]] | None = meanwhile

    async def request(self, method: str, *params: Any) -> Any:  # noqa: ANN401 - JSON
        if method == self._method and self._fits(*params):
            meanwhile, self._meanwhile = self._meanwhile, None
            if meanwhile is not None:
                await meanwhile()
        return await super().request(method, *params)

    def _fits(self, *params: Any) -> bool:  # noqa: ANN401 - JSON
        return not self._parameters or self._parameters <= params[0].items()


def interrupted(
    desk: Desk, method: str, meanwhile: Callable[[], Awaitable[object]], **parameters: object
) -> Desk:
    """Return the same desk where ``meanwhile`` comes before the first such call."""
    chain = InterruptedChain(desk.office.chain, method, meanwhile, **parameters)
    return Desk(replace(desk.office, chain=chain))
