"""A whole sheet judged: chunk by chunk on every core, in its order, with memory that stays flat."""

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import islice
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import NamedTuple

from tulen.errors import TulenError, UnavailableError
from tulen.origin import Correlation, assess, pack_of, reasons, remedies
from tulen.workflows.origin_sheet import SheetLine, inputs_of

CHUNK = 250
"""Lines that a process is given at once: some tens of milliseconds of work."""
ERROR = "ERROR"


class Judged(NamedTuple):
    """A row of the results.

    Attributes:
        line: What the sheet calls the good.
        row: Where it begins in the sheet.
        agreement: Under which agreement it was judged.
        outcome: MET, NOT_MET or UNDETERMINED; ERROR where it cannot be judged.
        criterion: The origin criterion, as the form prints it.
        reason: The findings that decide.
        would_change_it: What would make it qualify.
        rule_set: The rules that were applied.
        digest: Digest of the verdict.
        error: What is wrong, with row and column.
    """

    line: str
    row: int
    agreement: str = ""
    outcome: str = ERROR
    criterion: str = ""
    reason: str = ""
    would_change_it: str = ""
    rule_set: str = ""
    digest: str = ""
    error: str = ""


def assess_sheet(
    lines: Iterable[SheetLine], on: date, processes: int, correlation: Correlation | None = None
) -> Iterator[list[Judged]]:
    """Yield the results in the order of ``lines``, a chunk at a time.

    Args:
        lines: The goods; read no further ahead than the processes need.
        on: The day whose rules are applied.
        processes: How many processes share the work; with 1 it is done in this one.
        correlation: The table that carries codes between editions of the HS; None for none.

    Raises:
        UnavailableError: one of the processes has ended.
    """
    remaining = iter(lines)
    chunks = iter(lambda: list(islice(remaining, CHUNK)), [])
    if processes == 1:
        for chunk in chunks:
            yield judge_lines(chunk, on, correlation)
        return
    # Started afresh, not forked: a copy of a process that has threads may wait for ever.
    fresh = multiprocessing.get_context("spawn")
    workers: list[multiprocessing.process.BaseProcess] = []
    connections: deque[Connection] = deque()
    try:
        resource_tracker.ensure_running()  # Or it starts with the first, and lets interrupts in.
        with _interrupts_held():
            for _ in range(processes):
                ours, theirs = fresh.Pipe()
                connections.append(ours)
                workers.append(
                    fresh.Process(target=_work, args=(theirs, on, correlation), daemon=True)
                )
                workers[-1].start()
                theirs.close()  # So that it ends here when the worker does, however it ends.
        yield from _shared(chunks, connections)
    finally:
        for connection in connections:
            connection.close()
        for worker in workers:
            worker.join()


def judge_lines(
    lines: list[SheetLine], on: date, correlation: Correlation | None = None
) -> list[Judged]:
    """Return the result of each line; what is wrong with one is said in its own."""
    return [_judged(line, on, correlation) for line in lines]


def _judged(line: SheetLine, on: date, correlation: Correlation | None) -> Judged:
    first = line.rows[0][0]
    try:
        inputs = inputs_of(line)
        verdict = assess(inputs, pack_of(inputs.agreement), on, correlation)
    except TulenError as error:
        return Judged(line.name, first, error=" ".join(str(error).split()))
    return Judged(
        line.name,
        first,
        verdict.agreement,
        verdict.outcome.value,
        verdict.criterion or "",
        "; ".join(reasons(verdict.finding)),
        "; ".join(remedies(verdict.finding)),
        verdict.rule_set,
        str(verdict.digest()),
    )


def _shared(
    chunks: Iterable[list[SheetLine]], workers: deque[Connection]
) -> Iterator[list[Judged]]:
    """Give each worker one chunk at a time, and take the results back in the order of the chunks.

    A worker that is sent nothing while it may be sending can never wait for us as we wait for it.
    """
    given = 0
    for chunk in chunks:
        worker = workers[0]
        result = _received(worker) if given == len(workers) else None
        with _at_work():
            worker.send(chunk)
        workers.rotate(-1)
        given = min(given + 1, len(workers))
        if result is not None:
            yield result
    workers.rotate(given)
    for worker in islice(workers, given):
        yield _received(worker)


def _received(worker: Connection) -> list[Judged]:
    with _at_work():
        result: list[Judged] = worker.recv()
        return result


@contextmanager
def _at_work() -> Iterator[None]:
    try:
        yield
    except (EOFError, ConnectionError) as error:
        raise UnavailableError(
            "a process that judged lines has ended, perhaps for want of memory; run it again"
        ) from error


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold back what interrupts this process: its children inherit that, and end as it says."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(parent: Connection, on: date, correlation: Correlation | None) -> None:
    """Judge what comes until nothing more can: the parent has closed its end, or is gone."""
    try:
        while True:
            parent.send(judge_lines(parent.recv(), on, correlation))
    except (EOFError, ConnectionError):
        return
