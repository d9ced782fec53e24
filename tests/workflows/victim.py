"""A process of an office that is struck at a chosen call of its work: killed, or told of a failure.

A call is whatever touches the database (each statement, each transaction), the chain node, a
signing key or the disk. One process has everything loaded and forks one for each piece of work:
each is a process of its own, as the system sees it, and starts in milliseconds.
"""

import asyncio
import os
import pickle
import signal
import struct
import subprocess
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import IO, Any, Final

import pytest
from desk import Desk
from failing import Crashed, Plan, failing, tolerant
from sqlalchemy import event

from tulen.settings import Settings
from tulen.vault import disk
from tulen.workflows import log_copy
from tulen.workflows.office import open_office
from tulen.workflows.work import work_once

_ROUNDS: Final = 3
_LENGTH: Final = struct.Struct(">I")


@dataclass
class Blow(Plan):
    """What strikes the process: the call is told to whoever waits, then it ends or raises."""

    tell: int = field(default=-1, kw_only=True)

    def strike(self, what: str) -> None:
        os.write(self.tell, f"{self.when} {what}".encode())
        if self.failure is Crashed:
            os.kill(os.getpid(), signal.SIGKILL)
        super().strike(what)


class StruckSigner:
    """A signing key, each signature of which is a call."""

    def __init__(self, real: Any, plan: Plan) -> None:  # noqa: ANN401 - of either kind
        self._real, self._plan = real, plan

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401, D105 - whatever the key has
        return getattr(self._real, name)

    def sign(self, message: bytes) -> bytes:
        with self._plan.call("sign"):
            return bytes(self._real.sign(message))

    def sign_transaction(self, transaction: dict[str, Any]) -> tuple[bytes, bytes]:
        with self._plan.call("sign_transaction"):
            raw, digest = self._real.sign_transaction(transaction)
            return raw, digest


class StruckKeys:
    """The keys of an office."""

    def __init__(self, real: Any, plan: Plan) -> None:  # noqa: ANN401 - a KeyStore
        self._real, self._plan = real, plan

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401, D105 - whatever the store has
        return getattr(self._real, name)

    def ed25519(self, *which: Any) -> StruckSigner:  # noqa: ANN401 - passed on
        return StruckSigner(self._real.ed25519(*which), self._plan)

    def account(self, *which: Any) -> StruckSigner:  # noqa: ANN401 - passed on
        return StruckSigner(self._real.account(*which), self._plan)


def struck(desk: Desk, plan: Plan) -> Desk:
    """Return the same desk, every touch of which is a call of ``plan``; for the whole process."""
    found = failing(desk, plan)
    office = replace(found.office, keys=StruckKeys(found.office.keys, plan))  # type: ignore[arg-type] - all it needs
    for room, name in (
        (log_copy, "write_durably"),
        (log_copy, "sync_folder"),
        (disk, "write_durably"),
        (disk, "sync_folder"),
    ):
        setattr(room, name, _as_call(plan, f"{room.__name__}.{name}", getattr(room, name)))
    engine = office.database._engine.sync_engine
    under_way: list[Any] = []

    def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:  # noqa: ANN401
        call = plan.call(statement.partition("\n")[0][:60])
        call.__enter__()
        under_way.append(call)

    def after(*_: Any) -> None:  # noqa: ANN401 - SQLAlchemy's
        under_way.pop().__exit__(None, None, None)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    return Desk(office)


def _as_call(plan: Plan, what: str, real: Callable[..., None]) -> Callable[..., None]:
    def call(*arguments: Any, **named: Any) -> None:  # noqa: ANN401 - passed on
        with plan.call(what):
            real(*arguments, **named)

    return call


async def rounds(desk: Desk) -> None:
    """Do the worker's first rounds, as it does them: one that fails is followed by another."""
    for _ in range(_ROUNDS):
        await tolerant(work_once(desk.office))
        desk.mine(2)


PIECES: Final[dict[str, Callable[..., Awaitable[object]]]] = {
    "issue": Desk.issue,
    "draw": Desk.draw,
    "revoke": Desk.revoke,
    "rounds": rounds,
}


@dataclass
class Victims:
    """Starts processes that are struck."""

    process: subprocess.Popen[bytes]

    async def strike(self, settings: Settings, plan: Plan, piece: str, *arguments: object) -> str:
        """Let a process do ``piece``, and be struck by ``plan``; return at what, if it came so far.

        Raises:
            RuntimeError: it ended in another way than by being struck, or by coming through.
        """
        request = (settings, plan.at, plan.failure, plan.when, piece, arguments)
        answer = await asyncio.to_thread(self._ask, pickle.dumps(request))
        code, what, trace = pickle.loads(answer)  # noqa: S301 - of our own process
        killed = code == -signal.SIGKILL and what and plan.failure is Crashed
        if not killed and code != 0:
            raise RuntimeError(f"process ended with {code}, struck {what!r}\n{trace}")
        return str(what)

    def _ask(self, request: bytes) -> bytes:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        _send(self.process.stdin, request)
        return _receive(self.process.stdout)


@contextmanager
def victims() -> Iterator[Victims]:
    """Yield what starts processes that are struck."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(  # noqa: S603 - this file
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    ) as process:
        yield Victims(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(scope="session")
def killer() -> Iterator[Victims]:
    """What starts processes that are struck, once per worker of a run."""
    with victims() as found:
        yield found


def _send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(_LENGTH.pack(len(message)) + message)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes:
    (length,) = _LENGTH.unpack(pipe.read(_LENGTH.size) or _LENGTH.pack(0))
    return pipe.read(length)


async def _work(settings: Settings, plan: Blow, piece: str, arguments: tuple[object, ...]) -> None:
    async with open_office(settings) as office:
        await tolerant(PIECES[piece](struck(Desk(office), plan), *arguments))


def _in_a_process(request: bytes) -> tuple[int, str, str]:
    """Fork a process for one piece of work; return how it ended, what was struck, what it said."""
    settings, at, failure, when, piece, arguments = pickle.loads(request)  # noqa: S301 - our own
    told, tell = os.pipe()
    said, say = os.pipe()
    child = os.fork()
    if child == 0:
        code = 0
        try:
            plan = Blow(at, failure, when, tell=tell)
            asyncio.run(_work(settings, plan, piece, arguments))
        except BaseException:  # noqa: BLE001 - told to whoever waits
            os.write(say, traceback.format_exc()[-10_000:].encode())
            code = 1
        os._exit(code)
    os.close(tell)
    os.close(say)
    with os.fdopen(told) as what, os.fdopen(said) as trace:
        answer = what.read(), trace.read()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), *answer


def main() -> None:
    """Serve requests until there are no more."""
    while request := _receive(sys.stdin.buffer):
        _send(sys.stdout.buffer, pickle.dumps(_in_a_process(request)))


if __name__ == "__main__":
    main()
