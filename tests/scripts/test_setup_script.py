"""`scripts/setup` is quiet and quick when there is nothing to do, and says what keeps it from work.

Each test sets up a folder of its own whose steps are stand-ins: what is tested is what is done
again, what is not, and what is said.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = (
    *("bash", "env", "cat", "sha256sum", "cut", "mktemp", "rm", "mkdir", "dirname", "sort"),
    *("find", "xargs", "grep", "flock", "sleep", "touch", "chmod"),
)
NODE = '#!/usr/bin/env bash\n[ "$1" = -e ] && exit 0\nmkdir -p artifacts; echo build >>"$CALLS"\n'
NPM = '#!/usr/bin/env bash\nrm -rf node_modules; mkdir -p node_modules/.bin; echo npm >>"$CALLS"\n'
PYTHON = """#!/usr/bin/env bash
case "$*" in
    --version) echo "Python 3.11.7" ;;
    "-m venv .venv") echo venv >>"$CALLS"; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
    *"pip install"*) echo "pip ${*: -1}" >>"$CALLS"; eval "${PIP:-:}" ;;
esac
"""
STEPS = ["venv", "pip requirements.lock", "pip .", "npm", "build"]


class Folder:
    """A clone with stand-ins for everything that is installed.

    Args:
        path: Where.
    """

    def __init__(self, path: Path) -> None:
        self.path = path / "clone"
        self.tools = path / "tools"
        self.calls = path / "calls"
        for folder in ("scripts", "contracts", "tests/contracts"):
            (self.path / folder).mkdir(parents=True)
        shutil.copy(ROOT / "scripts" / "setup", self.path / "scripts")
        for name in ("requirements.lock", "requirements-node.lock", "package-lock.json"):
            (self.path / name).write_text(f"{name} 1\n")
        for name in ("pyproject.toml", "hardhat.config.js", "contracts/A.sol"):
            (self.path / name).write_text(f"{name} 1\n")
        self.tools.mkdir()
        for name in NEEDED:
            found = shutil.which(name)
            assert found, name
            (self.tools / name).symlink_to(found)
        (self.tools / "cp").symlink_to(shutil.which("cp") or "")
        for name, text in {"node": NODE, "npm": NPM, "python3": PYTHON}.items():
            self.tool(name, text)

    def tool(self, name: str, text: str) -> None:
        """Make a tool that is on the PATH."""
        file = self.tools / name
        file.unlink(missing_ok=True)
        file.write_text(text)
        file.chmod(0o755)

    def start(self, **more: str) -> subprocess.Popen[str]:
        """Start scripts/setup in a session of its own."""
        environment = {"PATH": str(self.tools), "CALLS": str(self.calls), "HOME": str(self.path)}
        return subprocess.Popen(  # noqa: S603 - the script under test
            [self.path / "scripts" / "setup"],
            env=environment | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def setup(self, code: int = 0, **more: str) -> tuple[list[str], str]:
        """Run scripts/setup; return the steps that it did, and what it said."""
        self.calls.write_text("")
        with self.start(**more) as process:
            out, err = process.communicate(timeout=30)
        assert (process.returncode, out) == (code, ""), err
        return self.calls.read_text().splitlines(), err


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_it_does_every_step_and_then_none_without_a_word(folder: Folder) -> None:
    steps, said = folder.setup()
    assert steps == STEPS
    assert "Python packages" in said
    started = time.monotonic()
    assert folder.setup() == ([], "")
    assert time.monotonic() - started < 3


def test_in_this_very_folder_there_is_nothing_to_do_in_under_3_seconds() -> None:
    started = time.monotonic()
    ended = subprocess.run(  # noqa: S603 - the script under test
        [ROOT / "scripts" / "setup"], capture_output=True, check=True, timeout=300
    )
    if not ended.stderr:  # Somebody has changed a lock or a contract since the last set-up.
        assert time.monotonic() - started < 3
    assert ended.stdout == b""


CHANGES = {
    "requirements.lock": ["pip requirements.lock"],
    "pyproject.toml": ["pip ."],
    "package-lock.json": ["npm", "build"],
    "contracts/A.sol": ["build"],
    "hardhat.config.js": ["build"],
}


@pytest.mark.parametrize(("changed", "steps"), CHANGES.items())
def test_a_change_does_again_what_depends_on_it(
    folder: Folder, changed: str, steps: list[str]
) -> None:
    folder.setup()
    (folder.path / changed).write_text("2\n")
    assert folder.setup()[0] == steps


def test_a_folder_that_was_moved_gets_a_new_virtual_environment(folder: Folder) -> None:
    folder.setup()
    folder.path = folder.path.rename(folder.path.with_name("moved"))
    assert folder.setup()[0] == STEPS[:3]


def test_a_broken_virtual_environment_is_made_anew(folder: Folder) -> None:
    folder.setup()
    (folder.path / ".venv" / "bin" / "python").unlink()
    assert folder.setup()[0] == STEPS[:3]


def test_another_python_gets_a_virtual_environment_of_its_own(folder: Folder) -> None:
    folder.setup()
    folder.tool("python3", PYTHON.replace("3.11.7", "3.12.1"))
    assert folder.setup()[0] == STEPS[:3]


def test_killed_while_it_installs_it_begins_with_an_empty_environment(folder: Folder) -> None:
    with folder.start(PIP="sleep 60") as process:
        while "pip requirements.lock" not in (
            folder.calls.read_text() if folder.calls.exists() else ""
        ):
            assert process.poll() is None
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert folder.setup()[0] == STEPS


def test_what_outlives_a_killed_setup_is_waited_for(folder: Folder) -> None:
    with folder.start(PIP='sleep 1; echo late >>"$CALLS"') as process:
        while "pip" not in (folder.calls.read_text() if folder.calls.exists() else ""):
            time.sleep(0.01)
        process.kill()
        process.wait()
        with folder.start() as second:
            _, said = second.communicate(timeout=30)
    assert "another setup is at work here; waiting for it" in said
    assert folder.calls.read_text().splitlines() == [*STEPS[:2], "late", *STEPS]


def test_a_failing_step_shows_its_output_and_what_to_do(folder: Folder) -> None:
    fails = "echo ERROR: no such package; exit 1"
    steps, said = folder.setup(code=1, PIP=fails)
    assert steps == STEPS[:2]
    assert "ERROR: no such package\n" in said
    assert "failed (above). Mend the cause and run ./scripts/setup again" in said
    assert "network" not in said
    assert folder.setup()[0] == STEPS


def test_without_a_network_it_says_so(folder: Folder) -> None:
    fails = "echo NewConnectionError: Temporary failure in name resolution; exit 1"
    assert "The package index was not reached: check the network" in folder.setup(1, PIP=fails)[1]


def test_without_a_new_enough_python_it_says_which_it_needs(folder: Folder) -> None:
    folder.tool("python3", "#!/usr/bin/env bash\nexit 1\n")
    steps, said = folder.setup(code=1)
    assert steps == []
    assert said.startswith("setup: Python 3.11 or newer is needed and was not found on the PATH")


def test_without_a_new_enough_node_it_takes_the_one_from_the_package_index(
    folder: Folder,
) -> None:
    (folder.tools / "node").rename(folder.tools / "real-node")
    (folder.tools / "npm").rename(folder.tools / "real-npm")
    bring = 'case "$*" in *node.lock) cp "$TOOLS/real-node" .venv/bin/node;'
    bring += ' cp "$TOOLS/real-npm" .venv/bin/npm ;; esac'
    more = {"PIP": bring, "TOOLS": str(folder.tools)}
    steps, _ = folder.setup(**more)
    assert steps == [*STEPS[:3], "pip requirements-node.lock", *STEPS[3:]]
    assert folder.setup(**more) == ([], "")


def test_a_folder_that_cannot_be_written_to_is_named(folder: Folder) -> None:
    (folder.path / ".tulen").touch()  # Even root makes no folder in its place.
    assert f"this folder cannot be written to: {folder.path}" in folder.setup(code=1)[1]
