"""A set-up home folder on a real chain and database, and `tulen` as a person types it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from demonstration import set_up
from office_fixtures import NODE_MODULES, free_port
from tulen.chain.embedded import EmbeddedChain, find_anvil
from tulen.settings import Settings

TULEN = Path(sys.executable).with_name("tulen")


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
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
        """Run `tulen` in a process of its own, as ``who``; ``more`` goes into the environment."""
        key = {"TULEN_API_KEY": self.keys[who]} if who else {}
        ended = subprocess.run(
            [TULEN, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment | key | more,
            input=stdin,
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Said(ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    def write(self, name: str, document: object) -> Path:
        """Write a JSON file into the home folder and return its path."""
        path = self.folder / name
        path.write_text(json.dumps(document))
        return path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, module_postgres_url: str) -> Iterator[Home]:
    """A home folder as the demonstration makes it; nothing is issued yet."""
    folder = tmp_path_factory.mktemp("home")
    chain = EmbeddedChain(folder / "chain", binary=find_anvil(NODE_MODULES), port=free_port())
    with chain:
        settings = Settings(
            home=folder, database_url=SecretStr(module_postgres_url), chain_rpc_url=chain.url
        )
        keys = asyncio.run(set_up(settings, chain))
        environment = {
            "PATH": os.environ["PATH"],
            "TULEN_HOME": str(folder),
            "TULEN_DATABASE_URL": module_postgres_url,
            "TULEN_CHAIN_RPC_URL": chain.url,
            "TULEN_CHECKPOINT_SECONDS": "0",
        }
        yield Home(folder, chain, keys, environment)
