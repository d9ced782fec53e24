# ruff: noqa: PLC0415 - as in commands: each imports what it needs when it runs.
"""The commands of disclosure and exchange: present a bundle, export and verify credentials."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from tulen.cli.terminal import STYLES, bytes_of, guarded, out, show, show_check, stop, write
from tulen.errors import InvalidInputError

presenting = typer.Typer()
credentials = typer.Typer(
    help="Export certificates as W3C Verifiable Credentials, and verify those of others.",
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ProfileName = Annotated[
    str,
    typer.Option("--profile", help="Who is to read it: customs, bank, buyer, carrier or public."),
]
MAX_CREDENTIAL_BYTES = 3 << 20
"""A credential of 2 MiB is a third larger as a JWT."""


@presenting.command("present")
def present_command(
    file: Annotated[Path, typer.Argument(help="Full bundle file; - for standard input.")],
    *,
    profile: ProfileName,
    to: Annotated[
        Path, typer.Option("--output", "-o", help="File to write; - for standard output.")
    ],
    as_json: Json = False,
) -> None:
    """Show a reader his part of a certificate, offline, and nothing of the rest."""
    from tulen.certificate import Bundle
    from tulen.certificate.profiles import present, profile_named

    try:
        shown = profile_named(profile)
        bundle = present(Bundle.parse(bytes_of(file)), shown)
    except InvalidInputError as error:
        stop(error)
    data = bundle.to_bytes()
    write(to, data)
    if str(to) != "-":
        claims = len(bundle.certificate.claims)
        answer = {"file": str(to), "profile": shown.name, "claims": claims, "bytes": len(data)}
        show(answer, as_json=as_json, rows=[*answer.items(), ("because", shown.reason)])


@credentials.command("export")
def export_command(
    number: Annotated[str, typer.Argument(help="Number of the certificate.")],
    *,
    profile: ProfileName = "customs",
    jwt: Annotated[bool, typer.Option("--jwt", help="As a JWT (application/vc+jwt).")] = False,
    to: Annotated[
        Path, typer.Option("--output", "-o", help="File to write; - for standard output.")
    ] = Path("-"),
) -> None:
    """Export a certificate as a credential that its authority signs."""
    from tulen.certificate.profiles import profile_named
    from tulen.cli.session import as_caller
    from tulen.workflows.credential import export_credential

    try:
        shown = profile_named(profile)
    except InvalidInputError as error:
        stop(error)
    made = as_caller(
        lambda office, caller: export_credential(office, caller, number, shown, as_token=jwt)
    )
    write(to, made.data)


@credentials.command("verify")
def verify_command(
    file: Annotated[Path, typer.Argument(help="Credential, JSON or JWT; - for standard input.")],
    *,
    status_list: Annotated[
        list[Path] | None,
        typer.Option(help="Status list that came with it; may be given again."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no chain: what needs it is UNKNOWN.")
    ] = False,
    policy: Annotated[
        Path | None,
        typer.Option(help="Deployment file to trust; default: the one in the home folder."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Verify a credential: every check with its answer, and the verdict as exit code."""
    from tulen.cli.verification import EXIT_OF_VERDICT, VERDICT_STYLES
    from tulen.settings import settings_of_environment
    from tulen.workflows.verify_credential_alone import verify_credential_alone

    data, *lists = (bytes_of(item, MAX_CREDENTIAL_BYTES) for item in (file, *(status_list or ())))
    try:
        settings = settings_of_environment()
    except InvalidInputError as error:
        stop(error)
    trusted = policy or settings.deployment_file
    found = guarded(verify_credential_alone(settings, trusted, data, lists, offline=offline))
    if as_json:
        sys.stdout.write(f"{json.dumps(found.to_document(), ensure_ascii=False)}\n")
    else:
        for check in found.checks:
            detail = ". ".join(text.rstrip(".") for text in (check.reason, check.advice) if text)
            title = f"{check.step:>2}  {check.question}"
            show_check(check.outcome.value, f"{title} {check.cause}".rstrip(), detail)
        style = VERDICT_STYLES.get(found.verdict, STYLES["FAIL"])
        out.print(Text(found.verdict.value, f"bold {style}"))
    raise typer.Exit(EXIT_OF_VERDICT[found.verdict])
