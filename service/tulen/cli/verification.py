"""`tulen verify`: every check with its answer, and the verdict as exit code."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import NoReturn

import typer
from rich.text import Text

from tulen.cli.terminal import (
    COULD_NOT_CHECK,
    INVALID,
    REVOKED,
    STYLES,
    bytes_of,
    guarded,
    out,
    show_check,
    stop,
)
from tulen.errors import InvalidInputError
from tulen.settings import settings_of_environment
from tulen.values import instant_text
from tulen.verify import Verdict, Verification
from tulen.workflows.verify_alone import verify_offline, verify_on_chain

MAX_PAPER_BYTES = 2 << 20
"""A paper holds the bundle beside its pages and fonts."""
EXIT_OF_VERDICT = {
    Verdict.VALID: 0,
    Verdict.INVALID: INVALID,
    Verdict.UNKNOWN: COULD_NOT_CHECK,
    Verdict.REVOKED: REVOKED,
    Verdict.REPLACED: REVOKED,
    Verdict.SUSPENDED: REVOKED,
    Verdict.EXPIRED: REVOKED,
}
_STYLES = {Verdict.VALID: STYLES["PASS"], Verdict.UNKNOWN: STYLES["UNKNOWN"]}


def verify_file(
    bundle: Path, *, offline: bool, policy: Path | None, on: date | None, as_json: bool
) -> NoReturn:
    """Verify the bundle file, print what was found, and leave with the verdict's exit code."""
    data = bytes_of(bundle, MAX_PAPER_BYTES)
    try:
        settings = settings_of_environment()
    except InvalidInputError as error:
        stop(error)
    trusted = policy or settings.deployment_file
    asked = (
        verify_offline(settings, trusted, data, on)
        if offline
        else verify_on_chain(settings, trusted, data, on)
    )
    verification = guarded(asked)
    if as_json:
        sys.stdout.write(f"{json.dumps(verification.to_document(), ensure_ascii=False)}\n")
    else:
        _print(verification)
    raise typer.Exit(EXIT_OF_VERDICT[verification.verdict])


def _print(verification: Verification) -> None:
    for check in verification.checks:
        detail = ". ".join(text.rstrip(".") for text in (check.reason, check.advice) if text)
        show_check(check.outcome.value, f"{check.step:>2}  {check.question}", detail)
    if verification.as_of is not None:
        out.print(
            Text(
                f"as the chain stood at block {verification.as_of_block} of "
                f"{instant_text(verification.as_of)}",
                "dim",
            )
        )
    style = _STYLES.get(verification.verdict, STYLES["FAIL"])
    out.print(Text(verification.verdict.value, f"bold {style}"))
