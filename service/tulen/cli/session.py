"""Commands that take an office: opened for one piece of work, for whoever's API key is set."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import typer

from tulen.cli.terminal import COULD_NOT_CHECK, INVALID, guarded, show, show_check, stop
from tulen.errors import InvalidInputError, NotPermittedError
from tulen.settings import Settings, settings_of_environment
from tulen.workflows.authenticate import authenticate
from tulen.workflows.doctor import Finding
from tulen.workflows.office import Caller, Office, open_office

T = TypeVar("T")


def settings() -> Settings:
    """Return the settings of the environment."""
    try:
        return settings_of_environment()
    except InvalidInputError as error:
        stop(error)


def within_office(work: Callable[[Office], Awaitable[T]]) -> T:
    """Open the office, do ``work`` in it, and close it; refusals become exit codes."""
    chosen = settings()

    async def run() -> T:
        async with open_office(chosen) as office:
            return await work(office)

    return guarded(run())


def as_caller(work: Callable[[Office, Caller], Awaitable[T]]) -> T:
    """Do ``work`` as whom the API key in ``TULEN_API_KEY`` belongs to."""

    async def authenticated(office: Office) -> T:
        key = office.settings.api_key
        if key is None:
            raise NotPermittedError("TULEN_API_KEY is not set; it says who you are")
        caller = await authenticate(office, key.get_secret_value())
        if caller is None:
            raise NotPermittedError(
                "TULEN_API_KEY holds no API key of this office's register; was it withdrawn?"
            )
        return await work(office, caller)

    return within_office(authenticated)


def show_findings(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print what was found; leave with 1 if anything fails, else 3 if anything is unknown."""
    if as_json:
        show({"findings": [item.to_document() for item in findings]}, as_json=True, rows=())
    else:
        for item in findings:
            show_check(item.outcome, item.subject, item.detail)
    outcomes = {item.outcome for item in findings}
    if "FAIL" in outcomes:
        raise typer.Exit(INVALID)
    if "UNKNOWN" in outcomes:
        raise typer.Exit(COULD_NOT_CHECK)
