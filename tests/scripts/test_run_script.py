"""`scripts/run`: what was done survives restarts, nothing stays behind, and every refusal helps.

`scripts/sweep-run` ends it in each phase by each signal; here are the quick ones.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from machine import processes_of
from office_fixtures import free_port

ROOT = Path(__file__).parents[2]
RUN = [sys.executable, str(ROOT / "scripts" / "run.py")]
TULEN = Path(sys.executable).with_name("tulen")
SERVING = "Ctrl-C stops everything"
LONGEST_SECONDS = 90
GONE_SECONDS = 20


@dataclass(frozen=True)
class Runner:
    """Runs in one home folder."""

    home: Path

    def to_the_end(self, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run and return what was said, and how it ended."""
        return subprocess.run(  # noqa: S603 - the script under test
            [*RUN, "--port", str(free_port()), *options],
            env=self.environment(more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )

    @contextmanager
    def until(self, words: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
        """Run until ``words`` are said, and make sure that it ends; yield process and output."""
        output = self.home.with_suffix(".out")
        with output.open("wb") as file:
            process = subprocess.Popen(  # noqa: S603 - the script under test
                [*RUN, "--port", str(free_port())],
                env=self.environment({}),
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        try:
            deadline = time.monotonic() + LONGEST_SECONDS
            while words not in output.read_text():
                assert process.poll() is None, output.read_text()
                assert time.monotonic() < deadline, output.read_text()
                time.sleep(0.02)
            yield process, output
        finally:
            process.terminate()
            process.wait(LONGEST_SECONDS)

    def left(self, *allowed: str) -> set[str]:
        """Return the names of processes that do not end, but for ``allowed``."""
        deadline = time.monotonic() + GONE_SECONDS
        while left := {name for _, name in processes_of(self.home)} - {*allowed}:
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        return left

    def environment(self, more: dict[str, str]) -> dict[str, str]:
        """Return the environment of a run."""
        named = {name: value for name, value in os.environ.items() if not name.startswith("TULEN_")}
        return named | {"TULEN_HOME": str(self.home), "PYTHONUNBUFFERED": "1"} | more


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder outside pytest's own, which each pytest that starts closes to PostgreSQL's user."""
    with TemporaryDirectory(prefix="tulen-test-run-") as path:
        yield Path(path)


@pytest.fixture(scope="module")
def first() -> Iterator[tuple[Runner, str]]:
    """A home folder after `scripts/run --once`, and what that said."""
    with TemporaryDirectory(prefix="tulen-test-run-") as path:
        runner = Runner(Path(path) / "home")
        ended = runner.to_the_end("--once")
        assert ended.returncode == 0, ended.stdout
        assert runner.left() == set()
        yield runner, ended.stdout


@pytest.fixture
def runner(first: tuple[Runner, str], folder: Path) -> Runner:
    """A copy of that home folder."""
    shutil.copytree(first[0].home, folder / "home")
    if os.geteuid() == 0:  # PostgreSQL's files are not root's.
        owner = (first[0].home / "database" / "data").stat()
        for path in (folder / "home" / "database").rglob("*"):
            os.chown(path, owner.st_uid, owner.st_gid)
    return Runner(folder / "home")


def test_the_first_run_tells_the_whole_story_within_a_hundred_columns(
    first: tuple[Runner, str],
) -> None:
    said = first[1]
    for words in (
        "RVC: 241/415 = 58.07%",
        "PASS    15  If it is back-to-back, do certificates stand behind it?\n   verdict VALID\n",
        "saving Rp9,023,250",
        "14 of 15 checks PASS\n   FAIL    11  Does the certificate still stand?\n",
        "8 of 15 checks PASS\n   UNKNOWN  6  ",
        "node back: verify says REVOKED again, by itself",
    ):
        assert words in said
    story = said.partition("\n1. ")[2]
    assert max(map(len, story.splitlines())) <= 100


def test_a_second_start_is_quick_and_all_that_was_done_still_stands(
    first: tuple[Runner, str],
) -> None:
    runner = first[0]
    begun = time.monotonic()
    with runner.until(SERVING) as (process, output):
        busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
        assert time.monotonic() - begun < 10 * busy
        assert "1. An exporter" not in output.read_text(), "the story is told once"
        chain = next(word for word in output.read_text().split() if ":85" in word)
        said = subprocess.run(  # noqa: S603 - the project's own command
            [TULEN, "verify", "--json", runner.home / "story.tulen.json"],
            env=runner.environment({"TULEN_CHAIN_RPC_URLS": chain}),
            capture_output=True,
            check=False,
        )
        assert said.returncode == 4, said
        checks = json.loads(said.stdout)["checks"]
        assert [check["name"] for check in checks if check["outcome"] != "PASS"] == ["status"]

        second = runner.to_the_end()
        assert second.returncode == 1
        assert f"process {process.pid} runs Tulen in" in second.stdout
        process.send_signal(signal.SIGINT)
        assert process.wait(LONGEST_SECONDS) == 0
    assert runner.left() == set()


def test_killed_while_it_serves_it_leaves_no_process_and_starts_again(runner: Runner) -> None:
    with runner.until(SERVING) as (process, _):
        process.kill()
        process.wait()
    assert runner.left("postgres") == set(), "the kernel ends Anvil and the service with it"
    with runner.until(SERVING) as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONGEST_SECONDS) == 0
    assert runner.left() == set()


def test_when_anvil_is_killed_it_is_started_again(runner: Runner) -> None:
    with runner.until(SERVING) as (process, output):
        (anvil,) = [number for number, name in processes_of(runner.home) if name == "anvil"]
        os.kill(anvil, signal.SIGKILL)
        deadline = time.monotonic() + GONE_SECONDS
        while "Anvil has ended by itself" not in output.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        while anvil in dict(processes_of(runner.home)) or "anvil" not in {
            name for _, name in processes_of(runner.home)
        }:
            assert time.monotonic() < deadline
        time.sleep(1)
        assert process.poll() is None, output.read_text()


def test_interrupted_before_anything_it_ends_quietly(folder: Path) -> None:
    runner = Runner(folder / "home")
    with runner.until("") as (process, output):
        time.sleep(0.3)  # It imports what it needs.
        process.send_signal(signal.SIGINT)
        assert process.wait(LONGEST_SECONDS) == 130
        assert output.read_text() == "\nstopped\n"


def test_interrupted_while_it_sets_up_it_leaves_nothing_running(folder: Path) -> None:
    runner = Runner(folder / "home")
    with runner.until("chain: Anvil") as (process, _):
        process.send_signal(signal.SIGINT)
        assert process.wait(LONGEST_SECONDS) == 130
    assert runner.left() == set()


def test_a_chain_that_was_lost_is_not_gone_on_with(runner: Runner) -> None:
    shutil.rmtree(runner.home / "chain")
    ended = runner.to_the_end("--once")
    said = " ".join(ended.stdout.split())
    assert ended.returncode == 1
    assert "cannot go on: contracts: " in said
    assert f"Restore {runner.home} as a whole from a backup, or begin anew with" in said


def test_a_port_that_is_taken_is_said_at_once(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = str(listening.getsockname()[1])
        ended = Runner(folder / "home").to_the_end("--port", port)
    assert ended.returncode == 1
    assert f"port {port} of 127.0.0.1 is taken" in ended.stdout
    assert "Traceback" not in ended.stdout


@pytest.mark.parametrize("name", ["TULEN_DATABASE_URL", "TULEN_CHAIN_RPC_URLS"])
def test_a_database_or_chain_of_ones_own_is_a_contradiction(folder: Path, name: str) -> None:
    ended = Runner(folder / "home").to_the_end(**{name: "postgresql://127.0.0.1/tulen"})
    assert ended.returncode == 1
    assert f"{name} is set, but ./scripts/run brings" in " ".join(ended.stdout.split())


def test_a_port_that_is_none_is_a_usage_error(folder: Path) -> None:
    ended = Runner(folder / "home").to_the_end("--port", "99999")
    assert ended.returncode == 2
    assert "99999 is not a port" in ended.stdout
