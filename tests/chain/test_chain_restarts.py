"""However the embedded chain ends, it goes on as the same chain, and what was final stands."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from anvil_fixtures import NODE_MODULES, free_port, mine, rpc
from tulen.chain.embedded import EmbeddedChain, find_anvil


@pytest.fixture
def chain(tmp_path: Path) -> EmbeddedChain:
    return EmbeddedChain(tmp_path, binary=find_anvil(NODE_MODULES), port=free_port())


def hash_of(chain: EmbeddedChain, block: str) -> str:
    found: str = rpc(chain.url, "eth_getBlockByNumber", block, False)["hash"]
    return found


def kill(chain: EmbeddedChain) -> None:
    """Kill Anvil itself, and clear up after it."""
    assert chain._process is not None
    os.kill(chain._process.pid, signal.SIGKILL)
    chain._process.wait()
    chain.stop()


def await_saved(chain: EmbeddedChain, head: int) -> None:
    """Wait until the keeper has made final, and saved, what there is."""
    deadline = time.monotonic() + 10
    while int(rpc(chain.url, "eth_blockNumber"), 16) < head:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.2)


def test_the_first_block_stays_the_first_however_often_it_is_restarted(
    chain: EmbeddedChain, tmp_path: Path
) -> None:
    with chain:
        first = hash_of(chain, "0x0")
    time.sleep(1.1)  # Another second, so that Anvil would make another block.
    for round_ in range(3):
        chain.start()
        assert hash_of(chain, "0x0") == first
        mine(chain.url, 1)
        (chain.stop, lambda: kill(chain))[round_ % 2]()
    with chain:
        assert hash_of(chain, "0x0") == first
    saved = json.loads((tmp_path / "exit.json").read_bytes())
    assert len(saved["blocks"]) == saved["best_block_number"] + 1, "none of them stands twice"


def test_what_one_transaction_makes_final_outlives_anvils_death(chain: EmbeddedChain) -> None:
    with chain:
        await_saved(chain, 2)
        mine(chain.url, 1)
        final = rpc(chain.url, "eth_getBlockByNumber", "finalized", False)
        assert final["number"] == "0x1"
        kill(chain)
    with chain:
        assert hash_of(chain, "0x1") == final["hash"]


def test_blocks_tell_the_right_time_after_a_restart(chain: EmbeddedChain) -> None:
    with chain:
        await_saved(chain, 2)
    with chain:
        before = int(time.time())
        mine(chain.url, 1)
        told = int(rpc(chain.url, "eth_getBlockByNumber", "latest", False)["timestamp"], 16)
        assert before - 1 <= told <= time.time() + 1
