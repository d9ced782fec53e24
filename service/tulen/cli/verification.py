"""`tulen verify`: every check with its answer, and the verdict as exit code."""

import json
import sys
from datetime import date, datetime
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
from tulen.verify import Standing, Stood, Verdict, Verification, stood_in
from tulen.verify.open_attestation import LIMITS, AttestationVerification, is_attestation
from tulen.workflows import clock
from tulen.workflows.verify_alone import verify_offline, verify_on_chain
from tulen.workflows.verify_open_attestation import verify_open_attestation_once

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
EXIT_OF_STANDING = {
    Standing.VALID: 0,
    Standing.INVALID: INVALID,
    Standing.UNKNOWN: COULD_NOT_CHECK,
}
"""Every other standing is one in which no preference is given as it is: as for `REVOKED`."""
VERDICT_STYLES = {Verdict.VALID: STYLES["PASS"], Verdict.UNKNOWN: STYLES["UNKNOWN"]}


def verify_file(
    bundle: Path,
    *,
    offline: bool,
    policy: Path | None,
    on: date | None,
    as_of: datetime | None,
    as_json: bool,
) -> NoReturn:
    """Verify the file, print what was found, and leave with the verdict's exit code.

    It is a bundle or a paper unless it gives itself out as an OpenAttestation document.

    Where ``as_of`` is given, the chain counts as it was at that instant, and the exit code is that
    of how the certificate stood.
    """
    if as_of is not None and (on is not None or offline):
        stop(
            InvalidInputError(
                "--as-of", instant_text(as_of), "goes with neither --on nor --offline"
            )
        )
    if as_of is not None and as_of > clock.now():
        stop(InvalidInputError("--as-of", instant_text(as_of), "lies in the future"))
    data = bytes_of(bundle, max(MAX_PAPER_BYTES, LIMITS.size_bytes))
    try:
        settings = settings_of_environment()
    except InvalidInputError as error:
        stop(error)
    trusted = policy or settings.deployment_file
    verification: Verification | AttestationVerification
    if is_attestation(data):
        if as_of is not None:
            stop(InvalidInputError("--as-of", instant_text(as_of), "is asked of bundles only"))
        verification = guarded(verify_open_attestation_once(settings, data, offline=offline))
    elif offline:
        verification = guarded(verify_offline(settings, trusted, data, on))
    else:
        day = on if as_of is None else as_of.date()
        verification = guarded(verify_on_chain(settings, trusted, data, day, as_of=as_of))
    then = None
    if as_of is not None and isinstance(verification, Verification):
        then = stood_in(as_of, verification)
    if as_json:
        stood = {} if then is None else {"stood": then.to_document()}
        document = verification.to_document() | stood
        sys.stdout.write(f"{json.dumps(document, ensure_ascii=False)}\n")
    else:
        _print(verification)
        if then is not None:
            out.print(_words(then))
    raise typer.Exit(
        EXIT_OF_VERDICT[verification.verdict]
        if then is None
        else EXIT_OF_STANDING.get(then.standing, REVOKED)
    )


def _words(then: Stood) -> Text:
    document = then.to_document()
    more = "".join(
        f", {text}"
        for text in (
            f"since {document['since']}" if "since" in document else "",
            then.reason,
            f"by {document['successor']}" if "successor" in document else "",
        )
        if text
    )
    return Text(f"at {document['at']} it was {then.standing}{more}. {then.advice}", "bold")


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
