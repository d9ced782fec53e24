"""Signals at the right moment, one run a folder, free ports."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from machine import (
    CannotRunError,
    Interrupts,
    alone,
    await_released,
    free_port,
    is_held,
    processes_of,
    require_free,
)

HOLDS = """
import sys, time
from pathlib import Path
from machine import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def interrupts() -> Iterator[Interrupts]:
    """Interrupts that are caught, and no longer once the test has ended."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    interrupts = Interrupts()
    interrupts.install()
    yield interrupts
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_interrupts(interrupts: Interrupts, number: signal.Signals) -> None:
    assert interrupts
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)


def test_a_second_signal_does_not_break_off_the_cleaning_up(interrupts: Interrupts) -> None:
    assert interrupts
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGTERM)


def test_a_deferred_signal_waits_for_the_end_of_the_block(interrupts: Interrupts) -> None:
    done = []

    def start() -> None:
        with interrupts.deferred():
            signal.raise_signal(signal.SIGINT)
            done.append("started")

    with pytest.raises(KeyboardInterrupt):
        start()
    assert done == ["started"]


def test_when_all_is_cleaned_up_a_signal_changes_nothing(interrupts: Interrupts) -> None:
    interrupts.ignore()
    signal.raise_signal(signal.SIGINT)


def test_an_error_that_an_interrupt_caused_counts_as_the_interrupt(interrupts: Interrupts) -> None:
    def start() -> None:
        with interrupts.deferred():
            signal.raise_signal(signal.SIGINT)
            raise OSError

    with pytest.raises(KeyboardInterrupt):
        start()


def test_a_second_run_is_told_which_process_has_the_folder(tmp_path: Path) -> None:
    process = subprocess.Popen(  # noqa: S603 - this interpreter
        [sys.executable, "-c", HOLDS, tmp_path],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        with (
            pytest.raises(CannotRunError, match=f"process {process.pid} runs Tulen in"),
            alone(tmp_path),
        ):
            pytest.fail("two at once")
        process.kill()
    with alone(tmp_path):
        assert (tmp_path / "run.lock").read_text() == str(os.getpid())


def test_what_a_killed_run_has_left_is_waited_for(tmp_path: Path) -> None:
    holds = 'exec 9>>"$1"; flock 9; (sleep 0.5) & echo $$ >"$1"; echo held'
    with subprocess.Popen(  # noqa: S603 - a fixed program
        ["bash", "-c", holds, "bash", tmp_path / "run.lock"],  # noqa: S607 - from the PATH
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        process.wait()  # Its child still holds the lock.
        assert is_held(tmp_path / "run.lock")
        started = time.monotonic()
        with alone(tmp_path):
            assert time.monotonic() - started > 0.2


def test_a_lock_that_nobody_holds_is_free(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "none")
    (tmp_path / "lock").touch()
    assert not is_held(tmp_path / "lock")
    await_released(tmp_path / "lock", "nothing")


def test_a_port_that_is_taken_is_named_with_what_to_do(taken: int) -> None:
    with pytest.raises(CannotRunError, match=f"port {taken} of 127.0.0.1 is taken; .* --port"):
        require_free(taken)


def test_the_next_free_port_is_found(taken: int) -> None:
    found = free_port(taken)
    assert taken < found <= taken + 20
    require_free(found)


def test_processes_are_found_by_their_folder(tmp_path: Path) -> None:
    with subprocess.Popen(
        ["sleep", "60"],  # noqa: S607 - from the PATH
        env={"PATH": os.environ["PATH"], "TULEN_HOME": str(tmp_path)},
    ) as process:
        try:
            deadline = time.monotonic() + 5
            while (process.pid, "sleep") not in processes_of(tmp_path):
                assert time.monotonic() < deadline
        finally:
            process.kill()
    assert processes_of(tmp_path) == []
