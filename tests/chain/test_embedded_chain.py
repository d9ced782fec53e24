import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from anvil_fixtures import NODE_MODULES, Account, free_port, rpc, running_anvil
from tulen.chain.calls import Call
from tulen.chain.deploy import send_and_wait
from tulen.chain.embedded import CHAIN_ID, EmbeddedChain, EmbeddedChainError, find_anvil
from tulen.chain.follower import block, finalized, head
from tulen.chain.rpc import Chain
from tulen.chain.sender import Receipt, receipt

ANVIL = find_anvil(NODE_MODULES)
CREATES = Call(None, bytes.fromhex("6460006000a06000526005601bf3"))
"""Creates a contract whose code is 60006000a0: an event without content."""
PAYER = Account("payer")


def embedded(folder: Path, port: int | None = None) -> EmbeddedChain:
    return EmbeddedChain(folder, binary=ANVIL, port=port or free_port())


def until(true: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


async def create(chain: EmbeddedChain) -> Receipt:
    chain.fund(PAYER.address, 10**18)
    async with Chain(chain.url, CHAIN_ID) as client:
        return await send_and_wait(client, PAYER, CREATES)


async def standing(chain: EmbeddedChain, made: Receipt) -> bool:
    """Whether the receipt and its block are as they were."""
    async with Chain(chain.url, CHAIN_ID) as client:
        found = await block(client, made.block_number)
        again = await receipt(client, made.tx_hash)
    return again == made and found is not None and found.hash == made.block_hash


@pytest.mark.anyio
async def test_a_transaction_is_mined_at_once_and_soon_final(tmp_path: Path) -> None:
    with embedded(tmp_path) as chain:
        made = await create(chain)
        assert made.succeeded
        async with Chain(chain.url, CHAIN_ID) as client:
            for _ in range(300):
                if (await finalized(client)).number >= made.block_number:
                    break
                await asyncio.sleep(0.01)
            else:
                pytest.fail("it never became final")


@pytest.mark.anyio
async def test_an_idle_chain_does_not_grow(tmp_path: Path) -> None:
    with embedded(tmp_path) as chain:
        snapshot = tmp_path / "snapshot.json"
        until(snapshot.exists)
        until(lambda: json.loads(snapshot.read_bytes())["best_block_number"] == 2)
        written = (tmp_path / "snapshot.json").stat().st_mtime_ns
        await asyncio.sleep(1)
        async with Chain(chain.url, CHAIN_ID) as client:
            assert (await head(client)).number == 2
        assert (tmp_path / "snapshot.json").stat().st_mtime_ns == written


@pytest.mark.anyio
async def test_a_restarted_chain_goes_on_where_it_was(tmp_path: Path) -> None:
    with embedded(tmp_path) as chain:
        made = await create(chain)
    begun = time.monotonic()
    with embedded(tmp_path) as chain:
        assert time.monotonic() - begun < 2
        assert await standing(chain, made)
        assert rpc(chain.url, "eth_getCode", made.created, "latest") == "0x60006000a0"
        next_one = await create(chain)
        assert next_one.block_number > made.block_number


@pytest.mark.anyio
async def test_what_was_final_survives_the_killing_of_anvil(tmp_path: Path) -> None:
    with embedded(tmp_path) as chain:
        made = await create(chain)
        until(
            lambda: (
                int(rpc(chain.url, "eth_getBlockByNumber", "finalized", False)["number"], 16)
                >= made.block_number
            )
        )
        assert chain._process is not None
        os.kill(chain._process.pid, signal.SIGKILL)
        chain._process.wait()
        assert not chain.alive
    assert not (tmp_path / "exit.json").exists()
    with embedded(tmp_path) as chain:
        assert await standing(chain, made)


def keepers() -> set[threading.Thread]:
    """Return the keepers of this process: other tests may run a chain for the whole session."""
    return {one for one in threading.enumerate() if one.name == "tulen-chain-keeper"}


def test_stopping_leaves_nothing_behind(tmp_path: Path) -> None:
    before = keepers()
    port = free_port()
    with embedded(tmp_path, port) as chain:
        assert chain._process is not None
        pid = chain._process.pid
        assert chain.alive
    assert not chain.alive
    assert not Path(f"/proc/{pid}").exists()
    chain.stop()
    with embedded(tmp_path, port):
        pass
    assert keepers() <= before


DAMAGES = {
    "half an exit file": ({"exit.json": 0.5}, True),
    "an empty exit file": ({"exit.json": 0.0}, True),
    "half a snapshot": ({"snapshot.json": 0.5}, True),
    "half of both": ({"exit.json": 0.5, "snapshot.json": 0.5}, False),
}


@pytest.mark.anyio
@pytest.mark.parametrize(("damage", "starts"), DAMAGES.values(), ids=DAMAGES.keys())
async def test_half_a_file_is_not_started_from(
    tmp_path: Path, damage: dict[str, float], starts: bool
) -> None:
    with embedded(tmp_path) as chain:
        made = await create(chain)
    for name, part in damage.items():
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(content[: int(len(content) * part)])
    if starts:
        with embedded(tmp_path) as chain:
            assert await standing(chain, made)
    else:
        with pytest.raises(EmbeddedChainError, match="restore the folder from a backup"):
            embedded(tmp_path).start()


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(EmbeddedChainError, match=f"port {port} of 127.0.0.1 is taken"):
            embedded(tmp_path, port).start()
    with embedded(tmp_path, port):
        pass


def test_somebody_else_s_chain_on_the_port_is_not_taken_for_ours(tmp_path: Path) -> None:
    port = free_port()
    with running_anvil(port=port, chain_id=5):
        chain = embedded(tmp_path, port)
        with pytest.raises(EmbeddedChainError, match="is taken"):
            chain.start()
        chain._require_free_port = lambda: None  # it came in between
        with pytest.raises(EmbeddedChainError, match=r"somebody else|Anvil does not start"):
            chain.start()
        assert rpc(f"http://127.0.0.1:{port}", "eth_chainId") == "0x5", "theirs goes on"


def test_a_folder_has_one_chain(tmp_path: Path) -> None:
    with (
        embedded(tmp_path),
        pytest.raises(EmbeddedChainError, match="runs already; stop the other process first"),
    ):
        embedded(tmp_path).start()


def test_a_program_that_does_not_start_is_quoted(tmp_path: Path) -> None:
    broken = tmp_path / "anvil"
    broken.write_text("#!/bin/sh\necho no luck today >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(EmbeddedChainError, match="Anvil does not start: no luck today"):
        EmbeddedChain(tmp_path, binary=broken, port=free_port()).start()


def test_anvil_is_looked_for_in_the_platform_s_package(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedChainError, match=r"@foundry-rs/anvil-.* is not installed"):
        find_anvil(tmp_path)


def test_only_the_main_thread_starts_it(tmp_path: Path) -> None:
    caught: list[BaseException] = []

    def start() -> None:
        try:
            embedded(tmp_path).start()
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert len(caught) == 1


OWNER = """
import sys, time
from pathlib import Path
from tulen.chain.embedded import EmbeddedChain
chain = EmbeddedChain(Path(sys.argv[1]), binary=Path(sys.argv[2]), port=int(sys.argv[3]))
chain.start()
print(chain._process.pid, flush=True)
time.sleep(60)
"""


@contextmanager
def owner(folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a process that owns a chain; yields it and Anvil's process id."""
    command = [sys.executable, "-c", OWNER, str(folder), str(ANVIL), str(port)]
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
        )
        stack.callback(process.kill)
        assert process.stdout is not None
        anvil = int(process.stdout.readline())
        try:
            yield process, anvil
        finally:
            with suppress(ProcessLookupError):
                os.kill(anvil, signal.SIGKILL)


@pytest.mark.anyio
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel must be asked to end a child")
async def test_a_killed_owner_takes_anvil_along_and_nothing_is_lost(tmp_path: Path) -> None:
    port = free_port()
    with owner(tmp_path, port) as (process, anvil):
        for _ in range(3):
            rpc(f"http://127.0.0.1:{port}", "evm_mine")
        process.kill()
        until(lambda: not Path(f"/proc/{anvil}").exists())
    saved = json.loads((tmp_path / "exit.json").read_bytes())
    assert saved["best_block_number"] >= 3
    with embedded(tmp_path, port) as chain:
        assert int(rpc(chain.url, "eth_blockNumber"), 16) >= saved["best_block_number"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_ctrl_c_in_the_terminal_reaches_us_and_not_anvil(tmp_path: Path) -> None:
    with embedded(tmp_path) as chain:
        assert chain._process is not None
        assert os.getpgid(chain._process.pid) != os.getpgid(0)
