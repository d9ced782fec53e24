"""How the command line speaks: tables for people, JSON for programs, exit codes for both."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import typer
from rich.console import Console

from tulen.errors import (
    InvalidInputError,
    NotPermittedError,
    RuleViolationError,
    TulenError,
    UnavailableError,
)
from tulen.settings import Settings
from tulen.values import parse_strict
from tulen.verify import Verdict, Verification
from tulen.workflows import Caller, Office, authenticate, open_office

T = TypeVar("T")

INVALID, USAGE, COULD_NOT_CHECK, REVOKED = 1, 2, 3, 4

EXIT_OF_VERDICT = {
    Verdict.VALID: 0,
    Verdict.INVALID: INVALID,
    Verdict.UNKNOWN: COULD_NOT_CHECK,
    Verdict.REVOKED: REVOKED,
    Verdict.REPLACED: REVOKED,
    Verdict.SUSPENDED: REVOKED,
    Verdict.EXPIRED: REVOKED,
}
MARKS = {"PASS": "[green]PASS   [/]", "FAIL": "[red]FAIL   [/]", "UNKNOWN": "[yellow]UNKNOWN[/]"}

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def within_office(work: Callable[[Office], Awaitable[T]]) -> T:
    """Open the office, do ``work`` in it, and close it; refusals become exit codes."""

    async def run() -> T:
        async with open_office(Settings()) as office:
            return await work(office)

    return guarded(run())


def as_caller(work: Callable[[Office, Caller], Awaitable[T]]) -> T:
    """Do ``work`` as whom the API key in ``TULEN_API_KEY`` belongs to."""

    async def authenticated(office: Office) -> T:
        key = office.settings.api_key
        caller = await authenticate(office, key.get_secret_value()) if key else None
        if caller is None:
            raise NotPermittedError(
                "TULEN_API_KEY holds no API key of this office's register; set it and try again"
            )
        return await work(office, caller)

    return within_office(authenticated)


def guarded(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work``; a deliberate error is said in one line and becomes an exit code."""
    try:
        return asyncio.run(work)
    except TulenError as error:
        stop(error)


def stop(error: TulenError) -> NoReturn:
    """Say what is wrong on standard error, and leave with its exit code."""
    err.print(f"[red]{error.code}[/]: {_plain(str(error))}", soft_wrap=True)
    if isinstance(error, UnavailableError):
        raise typer.Exit(COULD_NOT_CHECK)
    raise typer.Exit(INVALID if isinstance(error, RuleViolationError) else USAGE)


def bytes_of(file: Path) -> bytes:
    """Return the content of ``file``; ``-`` is standard input."""
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        stop(InvalidInputError("file", str(file), f"cannot be read: {error.strerror}"))


def document_of(file: Path) -> Any:  # noqa: ANN401 - it is JSON
    """Return the JSON document in ``file``."""
    try:
        return parse_strict(bytes_of(file))
    except InvalidInputError as error:
        stop(error)


def show(document: dict[str, Any], *, as_json: bool, rows: Iterable[tuple[str, object]]) -> None:
    """Print a result, for a program or for a person."""
    if as_json:
        sys.stdout.write(f"{json.dumps(document, ensure_ascii=False)}\n")
        return
    for name, value in rows:
        out.print(f"[dim]{name:<16}[/]{_plain(str(value))}", soft_wrap=True)


def show_verification(verification: Verification, *, as_json: bool) -> NoReturn:
    """Print every check and the verdict, and leave with the verdict's exit code."""
    if as_json:
        sys.stdout.write(f"{json.dumps(verification.to_document(), ensure_ascii=False)}\n")
    else:
        for check in verification.checks:
            out.print(f"{MARKS[check.outcome.value]} {check.step:>2}  {_plain(check.question)}")
            out.print(f"            [dim]{_plain(f'{check.reason} {check.advice}'.strip())}[/]")
        out.print(f"[bold]{verification.verdict.value}[/]")
    raise typer.Exit(EXIT_OF_VERDICT[verification.verdict])


def _plain(text: str) -> str:
    """Return ``text`` so that no bracket in it is taken for markup."""
    return text.replace("[", "\\[")
