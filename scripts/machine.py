"""What running on one machine takes: signals at the right moment, one run a folder, free ports."""

import contextlib
import fcntl
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

HOST = "127.0.0.1"
OTHER_PORTS = 20
LEFTOVER_SECONDS = 30
"""What processes of a killed run are given to end; they save their state first."""


class CannotRunError(Exception):
    """What keeps Tulen from running, and what to do about it."""


class Interrupts:
    """Turns Ctrl-C, SIGTERM and a closed terminal into one `KeyboardInterrupt`.

    Only the first counts: a second one must not break off the cleaning up, which has time limits of
    its own. While a process is started whose stopping needs to know it, they wait.
    """

    def __init__(self) -> None:
        self._deferred = False
        self._came = False

    def install(self) -> None:
        """Catch them from now on."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._handle)

    def ignore(self) -> None:
        """Let none of them change how the process ends, now that all is cleaned up."""
        self._came = True

    @contextlib.contextmanager
    def deferred(self) -> Iterator[None]:
        """Let the block end first."""
        self._deferred = True
        try:
            yield
        finally:
            self._deferred = False
            if self._came:
                raise KeyboardInterrupt

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        first, self._came = not self._came, True
        if first and not self._deferred:
            raise KeyboardInterrupt


@contextlib.contextmanager
def alone(home: Path) -> Iterator[int]:
    """Hold ``home`` against a second run, and yield the lock for children to inherit.

    What a killed run has left is waited for: it was told to end by the kernel.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "run.lock").open("a+") as lock:
        deadline = time.monotonic() + LEFTOVER_SECONDS
        while not _locked(lock.fileno()):
            lock.seek(0)
            holder = lock.read().strip()
            if _is_alive(holder) or time.monotonic() > deadline:
                raise CannotRunError(
                    f"process {holder} runs Tulen in {home} already; stop it first, or set "
                    "TULEN_HOME to another folder"
                )
            time.sleep(0.1)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield lock.fileno()


def is_held(file: Path) -> bool:
    """Return whether any process holds the lock ``file``."""
    try:
        lock = os.open(file, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _locked(lock)
    finally:
        os.close(lock)


def await_released(file: Path, what: str) -> None:
    """Return once no process holds the lock ``file``; give up after a while."""
    deadline = time.monotonic() + LEFTOVER_SECONDS
    while is_held(file):
        if time.monotonic() > deadline:
            raise CannotRunError(f"another process uses {what} in {file.parent}; stop it first")
        time.sleep(0.1)


def processes_of(home: Path) -> list[tuple[int, str]]:
    """Return number and name of each other process that has ``home`` in command or environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            name = (entry / "comm").read_text().strip()
        except OSError:
            continue  # It has ended, or is somebody else's.
        if bytes(home) in words and int(entry.name) != os.getpid():
            found.append((int(entry.name), name))
    return found


def require_free(port: int) -> None:
    """Return if ``port`` can be listened on."""
    if not _is_free(port):
        raise CannotRunError(
            f"port {port} of {HOST} is taken; stop the program that has it, or choose another "
            "port with --port"
        )


def free_port(wanted: int) -> int:
    """Return the first free port from ``wanted`` on."""
    for port in range(wanted, wanted + OTHER_PORTS):
        if _is_free(port):
            return port
    raise CannotRunError(f"ports {wanted} to {wanted + OTHER_PORTS - 1} are all taken")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        if probe.connect_ex((HOST, port)) == 0:
            return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
