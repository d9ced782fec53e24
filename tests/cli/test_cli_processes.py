"""What goes on until it is told to end ends cleanly when it is told, and leaves nothing behind."""

import fcntl
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cli_home import TULEN, Home

from office_fixtures import free_port
from tulen.database import EmbeddedPostgres, migrate

START_SECONDS = 30
STOP_SECONDS = 15


@contextmanager
def started(home: Home, *arguments: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start `tulen` in a session of its own, and make sure that it ends."""
    environment = home.environment | more
    process = subprocess.Popen(  # noqa: S603 - the command under test
        [TULEN, *arguments],
        env={name: value for name, value in environment.items() if value},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                assert answer.read() == b"ready"
                return
        except urllib.error.URLError:
            time.sleep(0.05)
    pytest.fail(f"not ready: {process.poll()}")


def wait_for_postgres(process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_running(folder):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(folder: Path) -> bool:
    """Return whether any process of a PostgreSQL server holds its lock in ``folder``."""
    lock = os.open(folder / "server.lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends_with_0_when_it_is_told_to(home: Home, ending: signal.Signals) -> None:
    port = free_port()
    with started(home, "serve", "--port", str(port)) as process:
        wait_until_ready(process, port)
        process.send_signal(ending)
        out, err = process.communicate(timeout=STOP_SECONDS)
        assert (process.returncode, out, err) == (0, b"", b"")


@pytest.fixture
def own_home() -> Iterator[Path]:
    """A folder outside pytest's own, which each pytest that starts closes to PostgreSQL's user."""
    with TemporaryDirectory(prefix="tulen-test-worker-") as path:
        yield Path(path)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_ends_with_130_and_its_postgres_with_it(
    home: Home, own_home: Path, ending: signal.Signals
) -> None:
    folder = own_home / "database"
    with EmbeddedPostgres(folder, durable=False) as postgres:
        migrate(postgres.url)
    for name in ("deployment.json", "passphrase", "keys"):
        (own_home / name).symlink_to(home.folder / name)
    own = {"TULEN_HOME": str(own_home), "TULEN_DATABASE_URL": ""}
    with started(home, "worker", **own) as process:
        wait_for_postgres(process, folder)
        time.sleep(0.5)
        process.send_signal(ending)
        out, err = process.communicate(timeout=STOP_SECONDS)
        assert (process.returncode, out) == (130, b"")
        assert b"Traceback" not in err
    assert not is_running(folder)


def test_a_second_worker_lets_the_first_one_lead(home: Home) -> None:
    with started(home, "worker") as process:
        deadline = time.monotonic() + START_SECONDS
        while (said := home.tulen("worker", "--until-idle")).err == "":
            assert time.monotonic() < deadline
        assert said.code == 0
        assert said.err == "another process is the worker; nothing was done here\n"
        assert process.poll() is None
