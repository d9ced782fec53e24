"""The chain that comes with the packages: an Anvil of our own on loopback, its state in a folder.

For one machine and for tests; a consortium runs nodes of its own. Anyone who reaches the port
governs such a chain, so it listens on loopback only.

What is done about Anvil 1.7.1, each thing measured:

* It makes a block per transaction at once, but calls only the last but two final, so a keeper adds
  two empty blocks whenever something has happened. Blocks on a clock would add 1.8 kB each to the
  state for ever; this way an idle chain does not grow.
* It writes its state in place: who kills it meanwhile leaves half a file, which it then refuses to
  read. So the keeper writes whole snapshots aside, before it makes what they hold final and again
  with the two empty blocks; a start takes the higher of the snapshot and the file that Anvil writes
  when it is asked to end.
* Blocks, receipts and events survive a restart; old account states do not, so `eth_call` then
  answers for the latest block only.
* Each start makes a genesis block of the moment, keeps it beside the one that was saved, and later
  takes either for the chain's first. So a chain's genesis has one time for ever, kept in the
  folder; mining begins only once the clock, which that sets back too, is right again.
* It would outlive us: the kernel is asked to end it with us (Linux), which still saves its state.

What is lost when Anvil itself is killed, or the power fails, is what the keeper has not yet
written: a quarter of a second's transactions while the state is small, of which all but the last
two of a burst may already have been called final. A transaction adds about 11 kB to the state and
a snapshot of 3.5 MB takes 40 ms, so this serves tens of thousands of transactions and not millions.
"""

import fcntl
import gzip
import http.client
import logging
import os
import platform
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Final, Self

import orjson

from tulen.errors import UnavailableError

CHAIN_ID: Final = 1337
HOST: Final = "127.0.0.1"
START_SECONDS: Final = 10.0
STOP_SECONDS: Final = 20.0
KEEPER_SECONDS: Final = 0.25
KEEPER_REST: Final = 4
"""The keeper rests this many times as long as its last snapshot took."""

_LOG = logging.getLogger(__name__)
_NEVER: Final = str(365 * 24 * 3600)
_RECENT_STATES: Final = "256"
_LOG_TAIL: Final = 500
_DIES_WITH_PARENT: Final = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""
"""Runs between fork and the program in a Python of its own, since code in a forked copy of a
process with threads may hang. 1 is PR_SET_PDEATHSIG, which outlasts execv."""


def dying_with_us(*command: str) -> list[str]:
    """Return what to start instead of ``command`` so that it ends when our main thread does.

    However we end, the kernel then sends it SIGTERM (Linux; elsewhere nothing does).
    """
    return [sys.executable, "-IS", "-c", _DIES_WITH_PARENT, str(os.getpid()), *command]


class EmbeddedChainError(UnavailableError):
    """The embedded chain cannot run; the message says what is in its way."""

    code: ClassVar[str] = "embedded-chain"


def find_anvil(node_modules: Path) -> Path:
    """Return Anvil's program in an npm folder: the platform's own, never the launcher.

    The launcher is a Node script that would stand between us and the process to end.

    Raises:
        EmbeddedChainError: it is not installed for this platform.
    """
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    package = f"anvil-{platform.system().lower()}-{machine.lower()}"
    binary = node_modules / "@foundry-rs" / package / "bin" / "anvil"
    if not binary.is_file():
        raise EmbeddedChainError(
            f"npm package @foundry-rs/{package} is not installed; run scripts/setup"
        )
    return binary


class EmbeddedChain:
    """An Anvil with its state in ``folder``; a context manager, to be entered by the main thread.

    Args:
        folder: Where the chain lives; made if need be.
        binary: Anvil's program, see `find_anvil`.
        port: Port on loopback.
        chain_id: EIP-155 id of the chain.

    Raises:
        EmbeddedChainError: on entering: the port or the folder is taken, or Anvil does not start.
    """

    def __init__(self, folder: Path, *, binary: Path, port: int, chain_id: int = CHAIN_ID) -> None:
        self.url = f"http://{HOST}:{port}"
        self.chain_id = chain_id
        self._folder = folder
        self._binary = binary
        self._port = port
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._keeper: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        """Whether Anvil runs."""
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> Self:
        """Start Anvil and return once it answers."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop Anvil."""
        self.stop()

    def start(self) -> None:
        """Start Anvil and return once it answers, from where it was left."""
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("the kernel would end Anvil with this thread, not with the process")
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._take_folder()
            self._require_free_port()
            self._spawn()
            self._await_answer()
        except BaseException:
            self.stop()
            raise
        self._stopping.clear()
        self._keeper = threading.Thread(target=self._keep, name="tulen-chain-keeper", daemon=True)
        self._keeper.start()

    def stop(self) -> None:
        """Save everything and end Anvil; nothing happens where it does not run."""
        self._stopping.set()
        if self._keeper is not None:
            self._keeper.join()
            self._keeper = None
        if self._process is not None:
            if self.alive:
                with suppress(OSError, http.client.HTTPException, ValueError):
                    self._snapshot()
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def fund(self, address: str, wei: int) -> None:
        """Give an account ``wei`` to pay its transactions with."""
        self._rpc("anvil_setBalance", address, hex(wei))

    def _take_folder(self) -> None:
        """Lock the folder; Anvil inherits the lock, so it is free once both are gone."""
        self._lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmbeddedChainError(
                f"the chain in {self._folder} runs already; stop the other process first"
            ) from None

    def _require_free_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, self._port))
            except OSError as error:
                raise EmbeddedChainError(
                    f"port {self._port} of {HOST} is taken ({error.strerror}); stop the program "
                    "that has it, or choose another port"
                ) from None

    def _spawn(self) -> None:
        arguments = [
            str(self._binary),
            *("--host", HOST, "--port", str(self._port), "--chain-id", str(self.chain_id)),
            *("--accounts", "0", "--slots-in-an-epoch", "1", "--quiet"),
            *("--prune-history", _RECENT_STATES),
            *("--timestamp", str(self._genesis_time()), "--no-mining"),
            *("--dump-state", str(self._folder / "exit.json"), "--state-interval", _NEVER),
        ]
        saved = self._newest_state()
        if saved is not None:
            arguments += ["--load-state", str(saved)]
        with (self._folder / "anvil.log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program and arguments
                dying_with_us(*arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=() if self._lock is None else (self._lock,),
                start_new_session=True,  # Ctrl-C is for us; we end Anvil when all is saved
            )

    def _genesis_time(self) -> int:
        """Return when the chain began, in seconds since 1970; it begins now if it never did."""
        file = self._folder / "genesis"
        if not file.exists():
            aside = self._folder / "genesis.new"
            aside.write_text(f"{int(time.time())}\n", "ascii")
            aside.replace(file)
        return int(file.read_text("ascii"))

    def _newest_state(self) -> Path | None:
        """Return the saved state to start from; half a file is none."""
        found: list[tuple[int, Path]] = []
        damaged = False
        for name in ("exit.json", "snapshot.json"):
            path = self._folder / name
            try:
                found.append((orjson.loads(path.read_bytes())["best_block_number"], path))
            except FileNotFoundError:
                continue
            except (orjson.JSONDecodeError, KeyError, TypeError):
                damaged = True
                _LOG.warning("chain:state-damaged", extra={"file": name})
        if damaged and not found:
            raise EmbeddedChainError(
                f"no saved state in {self._folder} can be read; restore the folder from a backup, "
                "or delete it to begin a new chain"
            )
        return max(found)[1] if found else None

    def _await_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.alive:
            try:
                served = int(self._rpc("eth_chainId"), 16)
            except (OSError, http.client.HTTPException, ValueError, TypeError):
                time.sleep(0.01)
                continue
            if served == self.chain_id and self.alive:
                self._rpc("evm_setTime", hex(int(time.time())))
                self._rpc("evm_setAutomine", True)
                if int(self._rpc("txpool_status")["pending"], 16):  # Sent a moment too early.
                    self._rpc("evm_mine")
                return
            raise EmbeddedChainError(f"chain {served} of somebody else answers on {self.url}")
        said = (self._folder / "anvil.log").read_text("utf-8", "replace").strip()[-_LOG_TAIL:]
        raise EmbeddedChainError(f"Anvil does not start: {said or 'it says nothing'}")

    def _keep(self) -> None:
        """Save what has happened, then make it final; again and again until we stop."""
        kept, pause = -1, KEEPER_SECONDS
        while not self._stopping.wait(pause):
            try:
                head = int(self._rpc("eth_blockNumber"), 16)
                if head == kept:
                    continue
                begun = time.monotonic()
                self._snapshot()
                self._rpc("anvil_mine", "0x2")
                self._snapshot()  # What the next two transactions make final, the two blocks.
                pause = max(KEEPER_SECONDS, KEEPER_REST * (time.monotonic() - begun))
                kept = head + 2
            except (OSError, http.client.HTTPException, ValueError, TypeError):
                _LOG.warning("chain:keeper-failed", exc_info=True)

    def _snapshot(self) -> None:
        """Write the whole state aside, then put it in place of the last."""
        state = gzip.decompress(bytes.fromhex(self._rpc("anvil_dumpState")[2:]))
        aside = self._folder / "snapshot.new"
        with aside.open("wb") as file:
            file.write(state)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self._folder / "snapshot.json")

    def _rpc(self, method: str, *params: str | bool) -> Any:  # noqa: ANN401 - whatever Anvil answers
        connection = http.client.HTTPConnection(HOST, self._port, timeout=START_SECONDS)
        try:
            body = orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
            connection.request("POST", "/", body, {"Content-Type": "application/json"})
            answer = orjson.loads(connection.getresponse().read())
        finally:
            connection.close()
        if not isinstance(answer, dict) or "error" in answer:
            raise ValueError(f"{method}: {answer}")
        return answer.get("result")
