"""One run of Tulen here, see `run`; a module of its own, since importing all this takes long."""

import asyncio
import contextlib
import logging
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from demonstration import PARTIES, kept_api_keys, set_up
from machine import (
    HOST,
    CannotRunError,
    Interrupts,
    await_released,
    free_port,
    is_held,
    require_free,
)
from story import Story, StoryError
from tulen.chain.embedded import EmbeddedChain, dying_with_us, find_anvil
from tulen.database import EmbeddedPostgres, migrate
from tulen.errors import TulenError
from tulen.settings import Settings, settings_of_environment
from tulen.workflows.doctor import doctor

ROOT = Path(__file__).resolve().parent.parent
CHAIN_PORT = 8545
BUNDLE = "story.tulen.json"
READY_SECONDS = 30
STOP_SECONDS = 20

FAILURES = (CannotRunError, StoryError, TulenError, OSError)
"""What a run can fail with; each says what is wrong, and where it can, what to do about it."""

console = Console(highlight=False)


class Run:
    """One run, from nothing running to nothing running.

    Args:
        home: Where all state is; this process holds it alone.
        port: Port of API and page.
        lock: File descriptor of the lock on ``home``, which the service inherits.
        interrupts: What a signal does.

    Attributes:
        serving: Whether it has come so far that Ctrl-C is the way to end it.
    """

    def __init__(self, home: Path, port: int, *, lock: int, interrupts: Interrupts) -> None:
        self._home = home
        self._port = port
        self._lock = lock
        self._interrupts = interrupts
        self._started = time.monotonic()
        self.serving = False

    def __call__(self, *, once: bool) -> None:
        """Start everything, tell the story where it was not told yet, and serve but for ``once``.

        Raises:
            CannotRunError: something is in the way; the message says what to do about it.
            StoryError: the service says something else than it should.
            TulenError: database, chain or set-up fail.
        """
        require_free(self._port)
        await_released(self._home / "chain" / "lock", "the chain")
        chain = EmbeddedChain(
            self._home / "chain",
            binary=find_anvil(ROOT / "node_modules"),
            port=free_port(CHAIN_PORT),
        )
        told = self._home / "story.told"
        telling = once or not told.exists()
        os.environ |= {"TULEN_CHAIN_RPC_URLS": chain.url, "TULEN_HOME": str(self._home)}
        if telling:
            # The story shows everything; nobody needs to wait five seconds for a checkpoint in it.
            os.environ.setdefault("TULEN_CHECKPOINT_SECONDS", "1")
        settings = settings_of_environment()
        with contextlib.ExitStack() as stack:
            stack.enter_context(chain)
            self._say(f"chain: Anvil, id {chain.chain_id}, {chain.url}")
            postgres = stack.enter_context(self._database(settings.database_folder))
            migrate(postgres.url)
            self._say("database: PostgreSQL, migrated")
            keys = kept_api_keys(settings)
            if keys is None:
                keys = asyncio.run(set_up(settings, chain))
            else:
                _require_agreement(settings)
            self._say(f"parties: {', '.join(party.code for party in PARTIES)}")
            server = stack.enter_context(self._server())
            self._say(f"service: http://{HOST}:{self._port} (log: {self._home}/server.log)")
            if telling:
                url = f"http://{HOST}:{self._port}"
                try:
                    Story(url, keys, chain, console, self._home / BUNDLE).tell()
                except StoryError as error:
                    raise StoryError(f"{error}{self._what_ended(server, chain)}") from error
                told.touch()
            if not once:
                self._serve(server, chain, settings)

    def _serve(
        self, server: subprocess.Popen[bytes], chain: EmbeddedChain, settings: Settings
    ) -> None:
        """Watch over the two processes until Ctrl-C."""
        url = f"http://{HOST}:{self._port}"
        console.print(
            f"\n[bold]{url}[/]\n   the page; drop {self._home}/{BUNDLE} on it\n"
            f"[bold]{url}/v1/openapi.json[/]\n   the interface; API keys are in "
            f"{self._home}/api-keys.json\nCtrl-C stops everything; the state stays.",
            soft_wrap=True,
        )
        self.serving = True
        while server.poll() is None:
            if not chain.alive:
                self._say("[red]Anvil has ended by itself[/]; it is started again as it was saved")
                chain.stop()
                chain.start()
                _require_agreement(settings)
            time.sleep(0.2)
        raise CannotRunError(self._what_ended(server, chain).removeprefix("; "))

    @contextlib.contextmanager
    def _database(self, folder: Path) -> Iterator[EmbeddedPostgres]:
        """Run PostgreSQL while the block runs.

        An interrupt never leaves it half started or half stopped: unlike the others, it would
        outlive us.
        """
        postgres: EmbeddedPostgres | None = None
        try:
            with self._interrupts.deferred():
                postgres = EmbeddedPostgres(folder)
            yield postgres
        finally:
            if postgres is not None:
                with self._interrupts.deferred():
                    postgres.stop()

    @contextlib.contextmanager
    def _server(self) -> Iterator[subprocess.Popen[bytes]]:
        """Serve API, page and worker in a process of its own while the block runs."""
        log = self._home / "server.log"
        tulen = Path(sys.executable).with_name("tulen")
        with log.open("wb") as output:
            server = subprocess.Popen(
                dying_with_us(str(tulen), "serve", "--port", str(self._port)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us; we stop it when the story has ended.
                pass_fds=(self._lock,),
            )
        try:
            self._await_ready(server)
            yield server
        finally:
            server.terminate()
            try:
                server.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()

    def _await_ready(self, server: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and server.poll() is None:
            try:
                with urllib.request.urlopen(f"http://{HOST}:{self._port}/readyz", timeout=2):
                    return
            except OSError:
                time.sleep(0.05)
        raise CannotRunError(
            f"the service does not answer on port {self._port}:\n{self._end_of_log()}"
        )

    def _what_ended(self, server: subprocess.Popen[bytes], chain: EmbeddedChain) -> str:
        """Say which of the processes is gone, if one is."""
        if server.poll() is not None:
            return f"; the service has ended by itself:\n{self._end_of_log()}"
        if not chain.alive:
            return "; Anvil has ended by itself: run ./scripts/run again, it goes on from there"
        return f"; {self._home}/server.log may say why"

    def _end_of_log(self) -> str:
        return (self._home / "server.log").read_text(errors="replace")[-1500:].strip()

    def _say(self, text: str) -> None:
        console.print(f"[dim]{time.monotonic() - self._started:5.1f} s[/]  {text}", soft_wrap=True)


def home_folder() -> Path:
    """Return where the state is, by the settings of the environment."""
    for name in ("TULEN_DATABASE_URL", "TULEN_CHAIN_RPC_URLS"):
        if os.environ.get(name):
            raise CannotRunError(
                f"{name} is set, but ./scripts/run brings a database and a chain of its own; unset "
                "it, or start `tulen serve` against yours (docs/operations/running.md)"
            )
    return settings_of_environment().home.absolute()


def _require_agreement(settings: Settings) -> None:
    """Refuse to go on where database, chain, keys or documents contradict each other."""
    wrong = [
        f"{finding.subject}: {finding.detail}"
        for finding in asyncio.run(doctor(settings))
        # That certificates wait is what the service is about to end.
        if finding.outcome != "PASS" and finding.subject != "worker"
    ]
    if wrong:
        raise CannotRunError(
            f"{'; '.join(wrong)}.\nRestore {settings.home} as a whole from a backup, or begin anew "
            "with ./scripts/run --fresh"
        )


def forget(home: Path, interrupts: Interrupts) -> None:
    """Remove all state; whatever still runs in it is stopped first."""
    await_released(home / "chain" / "lock", "the chain")
    database = Settings(home=home).database_folder
    if is_held(database / "server.lock"):
        with interrupts.deferred():
            EmbeddedPostgres(database).stop()
        await_released(database / "server.lock", "the database")
    for path in home.iterdir():
        if path.name in {"run.lock", "setup.lock"}:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def log_to(file: Path) -> None:
    """Keep in ``file`` what this process has to say besides what stands on the terminal."""
    logging.basicConfig(
        filename=file,
        level=logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    logging.getLogger("tulen").setLevel(logging.INFO)
