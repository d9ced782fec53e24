"""The commands, one for each thing that people do."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
import uvicorn

from tulen.cli.terminal import (
    COULD_NOT_CHECK,
    INVALID,
    as_caller,
    bytes_of,
    document_of,
    guarded,
    out,
    show,
    show_verification,
    within_office,
)
from tulen.errors import InvalidInputError
from tulen.server import create_app
from tulen.settings import Settings
from tulen.values import PartyCode, parse_strict
from tulen.worker import work, work_until_idle
from tulen.workflows import (
    apply,
    approve,
    declare,
    doctor,
    draw_down,
    export_bundle,
    issue,
    log_of,
    recommend,
    revoke,
    verify_offline,
    verify_on_chain,
)

app = typer.Typer(
    name="tulen",
    help="Electronic certificates of origin, anchored on chain.\n\n"
    "Exit codes: 0 done or VALID, 1 refused or INVALID, 2 usage or malformed input, "
    "3 could not be checked or done now, 4 REVOKED, REPLACED, SUSPENDED or EXPIRED.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Day = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Legal date; default today.")
]


@app.command("apply")
def apply_command(
    file: Annotated[Path, typer.Argument(help="Application as JSON; - for standard input.")],
    *,
    reference: Annotated[
        str, typer.Option(help="Your own reference; the same one applies only once.")
    ],
    as_json: Json = False,
) -> None:
    """Apply for a certificate, and see the origin of every line judged."""
    document = document_of(file)
    view = as_caller(lambda office, caller: apply(office, caller, document, reference))
    answer = view.to_document()
    show(
        answer,
        as_json=as_json,
        rows=[
            *(("", text) for text in answer["explanation"]),
            ("application", answer["id"]),
            ("outcome", answer["outcome"]),
            ("box 8", ", ".join(answer["criteria"])),
        ],
    )


@app.command("recommend")
def recommend_command(application: UUID, *, as_json: Json = False) -> None:
    """Recommend an application, as the first of two officers."""
    view = as_caller(lambda office, caller: recommend(office, caller, application, {}))
    answer = view.to_document()
    show(answer, as_json=as_json, rows=[("recommended by", answer["recommended_by"])])


@app.command("approve")
def approve_command(application: UUID, *, as_json: Json = False) -> None:
    """Approve a recommended application, as the second of two officers."""
    view = as_caller(lambda office, caller: approve(office, caller, application, {}))
    answer = view.to_document()
    show(answer, as_json=as_json, rows=[("approved by", answer["approved_by"])])


@app.command("issue")
def issue_command(application: UUID, *, as_json: Json = False) -> None:
    """Issue the certificate of an approved application."""
    view = as_caller(
        lambda office, caller: issue(office, caller, {"application": str(application)})
    )
    answer = view.to_document()
    names = ("number", "digest", "state", "publish_by")
    show(answer, as_json=as_json, rows=[(name, answer[name]) for name in names])


@app.command("bundle")
def bundle_command(
    number: str,
    *,
    to: Annotated[Path | None, typer.Option("--to", help="File to write.")] = None,
) -> None:
    """Write the bundle file of a certificate, once its anchor is final."""
    data = as_caller(lambda office, caller: export_bundle(office, caller, number))
    file = to or Path(f"{number}.tulen.json")
    file.write_bytes(data)
    out.print(f"{file}: {len(data):,} bytes", soft_wrap=True)


@app.command("verify")
def verify_command(
    bundle: Annotated[Path, typer.Argument(help="Bundle file; - for standard input.")],
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no chain: what needs it is UNKNOWN.")
    ] = False,
    policy: Annotated[
        Path | None,
        typer.Option(help="Deployment file to trust; default: the one in the home folder."),
    ] = None,
    on: Day = None,
    as_json: Json = False,
) -> None:
    """Verify a bundle: every check with its answer, and the verdict as exit code."""
    data = bytes_of(bundle)
    settings = Settings()
    trusted = policy or settings.deployment_file
    day = on.date() if on else None
    asked = (
        verify_offline(trusted, data, day)
        if offline
        else verify_on_chain(settings.chain_rpc_url, trusted, data, day)
    )
    show_verification(guarded(asked), as_json=as_json)


@app.command("declare")
def declare_command(
    file: Annotated[Path, typer.Argument(help="Declaration as JSON; - for standard input.")],
    *,
    proof: Annotated[list[Path], typer.Option(help="Bundle file; may be given again.")],
    as_json: Json = False,
) -> None:
    """File an import declaration; see value, duty and what preference saves."""
    request = {
        "declaration": document_of(file),
        "proofs": [parse_strict(bytes_of(bundle)) for bundle in proof],
    }
    view = as_caller(lambda office, caller: declare(office, caller, request))
    answer = view.to_document()
    show(
        answer,
        as_json=as_json,
        rows=[
            ("customs value", answer["customs_value_text"]),
            *(
                (levy["levy"], f"{levy['mfn_text']} without, {levy['preferential_text']} with")
                for levy in answer["levies"]
            ),
            ("saving", answer["saving_text"]),
            *(
                (f"line {line['line']}", f"{line['outcome']} {line['because']}")
                for line in answer["claims"]
            ),
        ],
    )


@app.command("draw")
def draw_command(
    declaration: str,
    line: int,
    quantity: str,
    unit: str,
    *,
    as_json: Json = False,
) -> None:
    """Draw a declaration line's quantity from its certificate, on chain."""
    request = {"declaration": declaration, "line": line, "quantity": quantity, "unit": unit}
    view = as_caller(lambda office, caller: draw_down(office, caller, request))
    answer = view.to_document()
    show(
        answer,
        as_json=as_json,
        rows=[
            ("drawn", answer["quantity_text"]),
            ("at", answer["office_name"]),
            ("left", answer["left_text"]),
            ("transaction", answer["transaction"]),
        ],
    )


@app.command("revoke")
def revoke_command(
    number: str,
    *,
    reason: Annotated[
        str, typer.Option(help="fraud, error, withdrawn, not-exported, superseded or court.")
    ],
    note: Annotated[str, typer.Option(help="Why, in words; stays off the chain.")],
    as_json: Json = False,
) -> None:
    """Revoke a certificate for ever, on chain."""
    request = {"certificate": number, "reason": reason, "note": note}
    view = as_caller(lambda office, caller: revoke(office, caller, request))
    answer = view.to_document()
    names = ("certificate", "reason", "revoked_at", "transaction")
    show(answer, as_json=as_json, rows=[(name, answer[name]) for name in names])


@app.command("log")
def log_command(authority: str, *, as_json: Json = False) -> None:
    """Show an authority's log: its size, its latest checkpoint, and what is anchored."""
    try:
        party = PartyCode(authority, "authority")
    except InvalidInputError as error:
        raise typer.BadParameter(str(error)) from None
    answer = within_office(lambda office: log_of(office, party)).to_document()
    show(answer, as_json=as_json, rows=answer.items())


@app.command("doctor")
def doctor_command(*, as_json: Json = False) -> None:
    """Check that database, chain, keys and documents are there and agree."""
    findings = guarded(doctor(Settings()))
    show(
        {"findings": [finding.to_document() for finding in findings]},
        as_json=as_json,
        rows=[(finding.outcome, f"{finding.subject}: {finding.detail}") for finding in findings],
    )
    outcomes = {finding.outcome for finding in findings}
    if "FAIL" in outcomes:
        raise typer.Exit(INVALID)
    if "UNKNOWN" in outcomes:
        raise typer.Exit(COULD_NOT_CHECK)


@app.command("serve")
def serve_command(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    worker: Annotated[bool, typer.Option(help="Also seal, anchor and follow the chain.")] = True,
) -> None:
    """Serve the API and the page."""
    uvicorn.run(
        create_app(with_worker=worker), host=host, port=port, log_level="warning", lifespan="on"
    )


@app.command("worker")
def worker_command(
    *,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Stop when everything is anchored and final.")
    ] = False,
) -> None:
    """Seal checkpoints, anchor them and follow the chain."""
    try:
        within_office(work_until_idle if until_idle else work)
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit from None


def main() -> None:
    """Run the command line."""
    app()
