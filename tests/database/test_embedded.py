"""The embedded PostgreSQL server: several users, sudden deaths, nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from tulen.database import EmbeddedPostgres
from tulen.errors import UnavailableError


def ask(server: EmbeddedPostgres, query: str) -> list[tuple]:
    with psycopg.connect(server.url.replace("+psycopg", "")) as connection:
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []


def start(folder: Path) -> EmbeddedPostgres:
    """Start without fsync: it is needed against power cuts, not against any sudden death here."""
    return EmbeddedPostgres(folder, durable=False)


def number_of(server: EmbeddedPostgres) -> int:
    return int((server.folder / "data" / "postmaster.pid").read_text().split()[0])


def runs(number: int) -> bool:
    """Whether a process lives; one that is dead but not yet reaped does not."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def socket_of(server: EmbeddedPostgres) -> Path:
    return Path(server.url.partition("host=")[2])


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """One data folder for the module: making one is the slow part.

    Not pytest's: each run of it closes that to the server's account.
    """
    with TemporaryDirectory() as place:
        yield Path(place, "long" * 40)


@pytest.fixture
def new_folder() -> Iterator[Path]:
    """A data folder that does not exist yet."""
    with TemporaryDirectory() as place:
        yield Path(place, "new")


def test_it_is_postgresql_18_with_utf_8_and_utc(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        assert ask(server, "SHOW server_version")[0][0].startswith("18.")
        assert ask(server, "SHOW server_encoding") == [("UTF8",)]
        assert ask(server, "SHOW timezone") == [("UTC",)]
        assert ask(server, "SHOW fsync") == [("on",)]
        assert ask(server, "SHOW listen_addresses") == [("",)]


def test_stopping_leaves_no_process_and_no_socket(folder: Path) -> None:
    server = start(folder)
    number, socket = number_of(server), socket_of(server)
    assert runs(number)
    assert socket.exists()
    server.stop()
    server.stop()
    assert not runs(number)
    assert not socket.exists()


def test_only_its_account_can_reach_the_socket(folder: Path) -> None:
    with start(folder) as server:
        assert socket_of(server).stat().st_mode & 0o777 == 0o700


def test_the_last_to_leave_stops_it(folder: Path) -> None:
    first = start(folder)
    second = start(folder)
    assert first.url == second.url
    first.stop()
    assert ask(second, "SELECT 1") == [(1,)]
    number = number_of(second)
    second.stop()
    assert not runs(number)


OTHER = """
import sys, time
from pathlib import Path
from tulen.database import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
print(server.url, flush=True)
time.sleep(60)
"""


def other_process(folder: Path) -> subprocess.Popen:
    return subprocess.Popen(  # noqa: S603 - this interpreter
        [sys.executable, "-c", OTHER, folder], stdout=subprocess.PIPE, text=True
    )


def test_a_user_that_is_killed_counts_no_more(folder: Path) -> None:
    with other_process(folder) as other:
        url = other.stdout.readline().strip()
        server = start(folder)
        assert server.url == url
        number = number_of(server)
        other.kill()
        other.wait()
        assert ask(server, "SELECT 1") == [(1,)]
        server.stop()
        assert not runs(number)


def test_a_server_that_outlived_its_user_is_taken_over(folder: Path) -> None:
    with other_process(folder) as other:
        url = other.stdout.readline().strip()
        other.kill()
        other.wait()
    with start(folder) as server:
        assert server.url == url


def test_two_processes_that_start_at_once_share_one_server(folder: Path) -> None:
    with other_process(folder) as one, other_process(folder) as two:
        assert one.stdout.readline() == two.stdout.readline() != ""
        one.kill()
        two.kill()
    start(folder).stop()


def test_what_was_committed_survives_kill_9_of_the_server(folder: Path) -> None:
    killed = start(folder)
    ask(killed, "CREATE TABLE IF NOT EXISTS kept (n int)")
    ask(killed, "INSERT INTO kept VALUES (1)")
    old_socket = socket_of(killed)
    os.kill(number_of(killed), signal.SIGKILL)
    with start(folder) as server:
        assert ask(server, "SELECT n FROM kept") == [(1,)]
        assert not old_socket.exists()
        killed.stop()
        assert ask(server, "SELECT n FROM kept") == [(1,)]


@contextmanager
def process_with_number_of(server: EmbeddedPostgres) -> Iterator[subprocess.Popen]:
    """A process that has nothing to do with the killed server, but its number, in its file."""
    account = server._account
    with subprocess.Popen(
        ["/bin/sleep", "60"], user=None if account is None else account.pw_uid
    ) as innocent:
        pid_file = server.folder / "data" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        os.kill(int(lines[0]), signal.SIGKILL)
        while server._runs():
            time.sleep(0.01)
        pid_file.write_text("\n".join([str(innocent.pid), *lines[1:]]))
        yield innocent
        assert innocent.poll() is None
        innocent.kill()


def test_starting_is_not_misled_by_a_dead_servers_number(folder: Path) -> None:
    server = start(folder)
    with (
        process_with_number_of(server) as innocent,
        start(folder) as again,
    ):
        assert number_of(again) != innocent.pid
    server.stop()


def test_stopping_does_not_kill_who_has_a_dead_servers_number(folder: Path) -> None:
    server = start(folder)
    with process_with_number_of(server):
        server.stop()
    assert not socket_of(server).exists()


def test_a_first_start_killed_in_the_middle_is_done_again(new_folder: Path) -> None:
    folder = new_folder
    with other_process(folder) as other:
        while not (folder / "data.unfinished" / "PG_VERSION").exists():
            time.sleep(0.001)
        other.kill()
    with start(folder) as server:
        assert ask(server, "SELECT 1") == [(1,)]
    assert not (folder / "data.unfinished").exists()


def test_a_server_that_cannot_start_says_why(new_folder: Path) -> None:
    folder = new_folder
    start(folder).stop()
    (folder / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(UnavailableError, match="version"):
        start(folder)
