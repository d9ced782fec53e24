"""How the command line speaks: tables for people, JSON for programs, exit codes for both."""

import asyncio
import json
import os
import sys
import textwrap
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.text import Text

from tulen.errors import InvalidInputError, RuleViolationError, TulenError, UnavailableError
from tulen.values import DEFAULT_LIMITS, Limits, parse_strict

T = TypeVar("T")

INVALID, USAGE, COULD_NOT_CHECK, REVOKED, INTERRUPTED = 1, 2, 3, 4, 130
MAX_FILE_BYTES = 1 << 20
"""No document of ours is larger (docs/specs); what is larger is not read to its end."""

STYLES = {"PASS": "green", "FAIL": "red", "UNKNOWN": "yellow"}

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def guarded(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work``; a deliberate error is said in one line and becomes an exit code."""
    try:
        return asyncio.run(work)
    except TulenError as error:
        stop(error)
    except OSError as error:
        stop(UnavailableError(f"{error.filename or 'the system'}: {error.strerror or error}"))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def stop(error: TulenError) -> NoReturn:
    """Say what is wrong on standard error, and leave with its exit code."""
    line = " ".join(str(error).split())
    err.print(Text.assemble((error.code, "red"), f": {line}"), soft_wrap=True)
    if isinstance(error, UnavailableError):
        raise typer.Exit(COULD_NOT_CHECK)
    raise typer.Exit(INVALID if isinstance(error, RuleViolationError) else USAGE)


def bytes_of(file: Path, most: int = MAX_FILE_BYTES) -> bytes:
    """Return the content of ``file``, at most ``most`` bytes; ``-`` is standard input."""
    try:
        if str(file) == "-":
            data = sys.stdin.buffer.read(most + 1)
        else:
            with file.open("rb") as opened:
                data = opened.read(most + 1)
    except OSError as error:
        stop(InvalidInputError("file", str(file), f"cannot be read: {error.strerror}"))
    if len(data) > most:
        stop(InvalidInputError("file", str(file), f"is larger than {most} bytes"))
    return data


def document_of(file: Path, limits: Limits = DEFAULT_LIMITS) -> Any:  # noqa: ANN401 - it is JSON
    """Return the JSON document in ``file``."""
    try:
        return parse_strict(bytes_of(file, limits.size_bytes), limits)
    except InvalidInputError as error:
        stop(error.within(str(file)))


def write(file: Path, data: bytes) -> None:
    """Write ``file``, whole or not at all; ``-`` is standard output."""
    if str(file) == "-":
        sys.stdout.buffer.write(data)
        return
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        aside.write_bytes(data)
        aside.replace(file)
    except OSError as error:
        aside.unlink(missing_ok=True)
        stop(InvalidInputError("file", str(file), f"cannot be written: {error.strerror}"))


def show(document: dict[str, Any], *, as_json: bool, rows: Iterable[tuple[str, object]]) -> None:
    """Print a result, for a program or for a person."""
    if as_json:
        sys.stdout.write(f"{json.dumps(document, ensure_ascii=False)}\n")
        return
    for name, value in rows:
        out.print(Text.assemble((f"{name:<15} ", "dim"), str(value)), soft_wrap=True)


def show_check(outcome: str, title: str, detail: str) -> None:
    """Print one thing that was looked at, and below it what was found."""
    out.print(Text.assemble((f"{outcome:<8}", STYLES[outcome]), title), soft_wrap=True)
    if detail:
        space = " " * 8
        lines = textwrap.fill(
            detail,
            out.width,
            initial_indent=space,
            subsequent_indent=space,
            break_long_words=False,  # A digest stays whole, to be copied.
            break_on_hyphens=False,
        )
        out.print(Text(lines, "dim"), soft_wrap=True)
