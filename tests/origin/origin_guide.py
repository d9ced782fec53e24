"""Writes what docs/guides/origin.md shows of commands: ``python tests/origin/origin_guide.py``.

The guide gives files, each under its name, and commands. They are run in a folder of their own, one
after the other, and what they print is put below them. With --check nothing is written, and the
exit code is 1 where the guide shows something else.
"""

import asyncio
import contextlib
import os
import re
import shlex
import sys
import tempfile
from pathlib import Path

os.environ |= {"TERMINAL_WIDTH": "88", "NO_COLOR": "1"}  # Read when typer is imported.

import httpx
from typer.testing import CliRunner

from tulen.cli import app
from tulen.server import create_app
from tulen.settings import Settings

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "origin.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`([a-z]+\.[a-z]+)`:\n\n\Z")
OK = 200


class Shell:
    """Runs the few programs that the guide runs."""

    def __init__(self) -> None:
        self._code = 0
        # Without its database and chain, which questions about origin do not need.
        self._served = httpx.ASGITransport(create_app(Settings(), with_worker=False))

    def run(self, command: str) -> str:
        """Return what ``command`` prints."""
        program, *arguments = shlex.split(command)
        return {"tulen": self._tulen, "cat": self._cat, "echo": self._echo, "curl": self._curl}[
            program
        ](arguments)

    def _tulen(self, arguments: list[str]) -> str:
        said = CliRunner().invoke(app, arguments, prog_name="tulen")
        self._code = said.exit_code
        return said.output

    def _cat(self, arguments: list[str]) -> str:
        return "".join(Path(name).read_text("utf-8-sig") for name in arguments)

    def _echo(self, arguments: list[str]) -> str:
        if arguments != ["$?"]:
            raise ValueError(arguments)
        return f"{self._code}\n"

    def _curl(self, arguments: list[str]) -> str:
        """Ask, and print nothing: the guide does not show answers that grow with every pack."""
        *options, url = arguments
        body = Path(options[1].removeprefix("@")).read_bytes() if options else None
        answer = asyncio.run(self._answer(url, body))
        if answer.status_code != OK:
            raise ValueError(f"{url}: {answer.text}")
        return ""

    async def _answer(self, url: str, body: bytes | None) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._served) as client:
            return await client.request("GET" if body is None else "POST", url, content=body)


def guide() -> str:
    """Return the guide with what its commands print now."""
    shell, text = Shell(), GUIDE.read_text("utf-8")
    done, written = 0, []
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for block in BLOCK.finditer(text):
            before, (kind, content) = text[done : block.start()], block.groups()
            done = block.end()
            if kind == "console":
                commands = re.findall(r"^\$ (.*)$", content, re.MULTILINE)
                content = "".join(f"$ {command}\n{shell.run(command)}" for command in commands)
            elif named := NAMED.search(before):
                Path(named[1]).write_text(content, "utf-8")
            written += [before, f"```{kind}\n", content, "```"]
    lines = "".join([*written, text[done:]]).splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def main() -> int:
    """Bring the guide up to date, or with --check only say whether it is not."""
    now = guide()
    if now == GUIDE.read_text("utf-8"):
        return 0
    if "--check" in sys.argv:
        sys.stderr.write(
            "docs/guides/origin.md is stale: run python tests/origin/origin_guide.py\n"
        )
        return 1
    GUIDE.write_text(now, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
