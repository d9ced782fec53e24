"""A set-up home folder on a real chain and database, and `tulen` as a person types it."""

import asyncio
import json
import multiprocessing
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from pydantic import SecretStr

from demonstration import set_up
from office_fixtures import NODE_MODULES, free_port
from tulen.api.examples import example
from tulen.chain.embedded import EmbeddedChain, find_anvil
from tulen.cli import main
from tulen.settings import Settings
from tulen.workflows import clock

TULEN = Path(sys.executable).with_name("tulen")
LONGEST_SECONDS = 120

_fork = multiprocessing.get_context("forkserver")
_fork.set_forkserver_preload(
    [
        *("pytest", "cli_home", "tulen.cli.working", "tulen.cli.verification"),
        *("tulen.workflows.doctor", "tulen.workflows.fsck", "tulen.cli.monitoring"),
    ]
)


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int | None
    out: str
    err: str

    @property
    def answer(self) -> Any:  # noqa: ANN401 - it is JSON
        """What it printed for programs."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Home:
    """A home folder that is set up, and its chain node.

    Attributes:
        folder: The home folder; commands run in it.
        chain: The node, which a test may stop, and then must start again.
        keys: API key of each person: exporter, officer-1, officer-2, importer, priok, perak.
        environment: What a command finds in its environment, besides the API key.
    """

    folder: Path
    chain: EmbeddedChain
    keys: dict[str, str]
    environment: dict[str, str]

    def tulen(self, *arguments: object, who: str = "", stdin: bytes = b"", **more: str) -> Said:
        """Run `tulen` as ``who``, in a process that has imported everything before it began.

        Importing takes ten times as long as what a command does, and a story has many commands.
        """
        with TemporaryDirectory() as folder:
            stdio = [Path(folder) / name for name in ("in", "out", "err")]
            stdio[0].write_bytes(stdin)
            environment = self._environment(who, more)
            command = _fork.Process(
                target=_as_command,
                args=([str(item) for item in arguments], self.folder, environment, stdio),
            )
            command.start()
            command.join(LONGEST_SECONDS)
            assert command.exitcode is not None, "it does not end"
            return Said(command.exitcode, *(file.read_text() for file in stdio[1:]))

    def installed_tulen(self, *arguments: object, who: str = "", **more: str) -> Said:
        """Run the installed command, as a shell does."""
        ended = subprocess.run(  # noqa: S603 - the command under test
            [TULEN, *map(str, arguments)],
            cwd=self.folder,
            env=self._environment(who, more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
        return Said(ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    def write(self, name: str, document: object) -> Path:
        """Write a JSON file into the home folder and return its path."""
        path = self.folder / name
        path.write_text(json.dumps(document))
        return path

    def write_application(self) -> Path:
        """Write the example of an application, as of today, and return its path."""
        document = example("application")
        document["transport"]["departure_on"] = legal_day(3)
        document["invoices"][0]["issued_on"] = legal_day(-5)
        return self.write("application.json", document)

    def write_declaration(self, which: str, certificate: str) -> tuple[str, Path]:
        """Write the example of a declaration, as of today; return its new number and its path."""
        document = example(f"declaration-{which}")
        document["number"] = f"{document['office'][:4]}20TULEND{uuid.uuid4().hex[:14].upper()}"
        document |= {"declared_on": legal_day(0), "arrival_on": legal_day(9)}
        document["lines"][0]["claim"]["certificate"] = certificate
        return document["number"], self.write(f"{which}.json", document)

    def _environment(self, who: str, more: Mapping[str, str]) -> dict[str, str]:
        key = {"TULEN_API_KEY": self.keys[who]} if who else {}
        return self.environment | key | dict(more)


def legal_day(after: int) -> str:
    """Return the legal date ``after`` days from today, as the office reckons it."""
    return (clock.today() + timedelta(days=after)).isoformat()


def _as_command(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], stdio: Sequence[Path]
) -> None:
    """Become `tulen`: its arguments, folder, environment, standard streams and exit code."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, (file, flags) in enumerate(
        zip(stdio, (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2), strict=True)
    ):
        os.dup2(os.open(file, flags, 0o600), number)
    sys.stdin = os.fdopen(0)
    sys.argv = ["tulen", *arguments]
    main()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, module_postgres_url: str) -> Iterator[Home]:
    """A home folder as the demonstration makes it; nothing is issued yet."""
    folder = tmp_path_factory.mktemp("home")
    chain = EmbeddedChain(folder / "chain", binary=find_anvil(NODE_MODULES), port=free_port())
    with chain:
        settings = Settings(
            home=folder, database_url=SecretStr(module_postgres_url), chain_rpc_urls=(chain.url,)
        )
        keys = asyncio.run(set_up(settings, chain))
        environment = {
            "PATH": os.environ["PATH"],
            "TULEN_HOME": str(folder),
            "TULEN_DATABASE_URL": module_postgres_url,
            "TULEN_CHAIN_RPC_URLS": chain.url,
            "TULEN_CHECKPOINT_SECONDS": "0",
        }
        yield Home(folder, chain, keys, environment)
