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
from tulen.verify.open_attestation import LIMITS, AttestationVerification, is_attestation
from tulen.workflows.verify_alone import verify_offline, verify_on_chain
from tulen.workflows.verify_open_attestation import verify_open_attestation_once

EXIT_OF_VERDICT = {
    Verdict.VALID: 0,
    Verdict.INVALID: INVALID,
    Verdict.UNKNOWN: COULD_NOT_CHECK,
    Verdict.REVOKED: REVOKED,
    Verdict.REPLACED: REVOKED,
    Verdict.SUSPENDED: REVOKED,
    Verdict.EXPIRED: REVOKED,
}
VERDICT_STYLES = {Verdict.VALID: STYLES["PASS"], Verdict.UNKNOWN: STYLES["UNKNOWN"]}


def verify_file(
    bundle: Path, *, offline: bool, policy: Path | None, on: date | None, as_json: bool
) -> NoReturn:
    """Verify the file, print what was found, and leave with the verdict's exit code.

    It is a bundle unless it gives itself out as an OpenAttestation document.
    """
    data = bytes_of(bundle, LIMITS.size_bytes)
    try:
        settings = settings_of_environment()
    except InvalidInputError as error:
        stop(error)
    trusted = policy or settings.deployment_file
    verification: Verification | AttestationVerification
    if is_attestation(data):
        verification = guarded(verify_open_attestation_once(settings, data, offline=offline))
    elif offline:
        verification = guarded(verify_offline(trusted, data, on))
    else:
        verification = guarded(verify_on_chain(settings, trusted, data, on))
    if as_json:
        sys.stdout.write(f"{json.dumps(verification.to_document(), ensure_ascii=False)}\n")
    else:
        _print(verification)
    raise typer.Exit(EXIT_OF_VERDICT[verification.verdict])


def _print(verification: Verification | AttestationVerification) -> None:
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
    style = VERDICT_STYLES.get(verification.verdict, STYLES["FAIL"])
    out.print(Text(verification.verdict.value, f"bold {style}"))
