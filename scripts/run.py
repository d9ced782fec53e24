"""Run Tulen on this machine: database, chain, parties, the story, then API and page until Ctrl-C."""

import argparse
import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import IO

from rich.console import Console

from demonstration import PARTIES, kept_api_keys, set_up
from story import Story, StoryError
from tulen.chain.embedded import EmbeddedChain, find_anvil
from tulen.chain.rpc import Chain
from tulen.database import EmbeddedPostgres, migrate
from tulen.errors import TulenError, UnavailableError
from tulen.settings import Settings
from tulen.workflows.office import deployment_in

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
READY_SECONDS = 30
OTHER_PORTS = 20

console = Console(highlight=False)


class CannotRunError(Exception):
    """What keeps Tulen from running, and what to do about it."""


def main() -> int:
    """Run; return the exit code."""
    arguments = _arguments()
    settings = Settings()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with _alone(settings.home):
            if arguments.fresh:
                _forget(settings)
            _run(settings, arguments)
    except KeyboardInterrupt:
        console.print("\nstopped")
    except (CannotRunError, StoryError, TulenError) as error:
        console.print(f"[red]cannot go on:[/] {error}", soft_wrap=True)
        return 1
    return 0


def _run(settings: Settings, arguments: argparse.Namespace) -> None:
    started = time.monotonic()
    _require_free(arguments.port)
    chain_port = _free_port(8545)
    url = f"http://{HOST}:{chain_port}"
    os.environ |= {"TULEN_CHAIN_RPC_URL": url, "TULEN_HOME": str(settings.home)}
    if arguments.once or not _story_file(settings).exists():
        # The story shows everything; nobody needs to wait five seconds for a checkpoint in it.
        os.environ.setdefault("TULEN_CHECKPOINT_SECONDS", "1")
    settings = Settings()
    chain = EmbeddedChain(
        settings.home / "chain", binary=find_anvil(ROOT / "node_modules"), port=chain_port
    )
    with contextlib.ExitStack() as stack:
        stack.enter_context(chain)
        _step(started, f"chain: Anvil, id {chain.chain_id}, {url}")
        postgres = stack.enter_context(EmbeddedPostgres(settings.database_folder))
        migrate(postgres.url)
        _step(started, "database: PostgreSQL, migrated")
        keys = kept_api_keys(settings)
        if keys is None:
            keys = asyncio.run(set_up(settings, chain))
        else:
            asyncio.run(_require_same_chain(settings))
        _step(started, f"parties: {', '.join(party.code for party in PARTIES)}")
        server = stack.enter_context(_server(settings, arguments.port))
        _step(started, f"service: http://{HOST}:{arguments.port} (log: {settings.home}/server.log)")
        if arguments.once or not _story_file(settings).exists():
            told = Story(f"http://{HOST}:{arguments.port}", keys, chain, console).tell()
            _keep(settings, told["bundle"])
        if arguments.once:
            return
        console.print(
            f"\n[bold]http://{HOST}:{arguments.port}[/]  the page; drop "
            f"{settings.home}/story.tulen.json on it\n"
            f"http://{HOST}:{arguments.port}/v1/openapi.json  the interface; API keys are in "
            f"{settings.home}/api-keys.json\nCtrl-C stops everything; the state stays."
        )
        while server.poll() is None:
            time.sleep(0.2)
        raise CannotRunError(f"the service ended by itself; see {settings.home}/server.log")


async def _require_same_chain(settings: Settings) -> None:
    """Refuse to go on with a chain that does not hold what the database relies on."""
    deployment = deployment_in(settings.deployment_file)
    async with Chain(settings.chain_rpc_url, deployment.chain_id) as chain:
        code = await chain.request("eth_getCode", deployment.ledger, "latest")
    if code == "0x":
        raise CannotRunError(
            f"the chain in {settings.home}/chain has lost the contracts that the database relies "
            "on; begin anew with ./scripts/run --fresh, or restore that folder from a backup"
        )


@contextlib.contextmanager
def _server(settings: Settings, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Serve API, page and worker in a process of its own while the block runs."""
    log = settings.home / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [Path(sys.executable).with_name("tulen"), "serve", "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us; we stop it when the story has ended.
        )
    try:
        _await_ready(server, port, log)
        yield server
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _await_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/readyz", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    end = log.read_text(errors="replace")[-1500:]
    raise CannotRunError(f"the service does not answer on port {port}:\n{end}")


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[IO[str]]:
    """Hold the home folder against a second run."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotRunError(
                f"process {lock.read().strip()} runs Tulen in {home} already; stop it first, or "
                "set TULEN_HOME to another folder"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield lock


def _forget(settings: Settings) -> None:
    """Remove all state; whatever still runs in it is stopped first."""
    if settings.database_folder.exists():
        with contextlib.suppress(UnavailableError):
            EmbeddedPostgres(settings.database_folder).stop()
    for path in settings.home.iterdir():
        if path.name in {"run.lock", "setup.lock"}:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _require_free(port: int) -> None:
    if not _is_free(port):
        raise CannotRunError(
            f"port {port} of {HOST} is taken; stop the program that has it, or choose another "
            "port with --port"
        )


def _free_port(wanted: int) -> int:
    """Return the first free port from ``wanted`` on."""
    for port in range(wanted, wanted + OTHER_PORTS):
        if _is_free(port):
            return port
    raise CannotRunError(f"ports {wanted} to {wanted + OTHER_PORTS - 1} are all taken")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex((HOST, port)) != 0 and _binds(probe, port)


def _binds(probe: socket.socket, port: int) -> bool:
    with socket.socket() as second:
        second.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            second.bind((HOST, port))
        except OSError:
            return False
    return True


def _story_file(settings: Settings) -> Path:
    return settings.home / "story.tulen.json"


def _keep(settings: Settings, bundle: bytes) -> None:
    _story_file(settings).write_bytes(bundle)


def _step(started: float, text: str) -> None:
    console.print(f"[dim]{time.monotonic() - started:5.1f} s[/]  {text}", soft_wrap=True)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./scripts/run", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the story")
    parser.add_argument("--fresh", action="store_true", help="begin with nothing")
    parser.add_argument("--port", type=int, default=8000, help="port of API and page")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
