# ruff: noqa: PLC0415 - each command imports what it needs when it runs, so that `tulen --help` and
# `tulen verify` do not wait for web server and database.
"""The commands, one for each thing that people do."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from tulen.cli.assessing import assessing
from tulen.cli.audit import audit
from tulen.cli.credentials import credentials, presenting
from tulen.cli.rules import rules
from tulen.cli.terminal import (
    document_of,
    guarded,
    out,
    show,
    stop,
    write,
)
from tulen.cli.webhooks import webhooks
from tulen.errors import InvalidInputError
from tulen.values import PartyCode

app = typer.Typer(
    name="tulen",
    help="Electronic certificates of origin, anchored on chain.\n\n"
    "Exit codes: 0 done or VALID, 1 refused or INVALID, 2 usage or malformed input, "
    "3 could not be checked or done now, 4 REVOKED, REPLACED, SUSPENDED or EXPIRED. "
    "Who you are says the API key in TULEN_API_KEY.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(audit)
app.add_typer(assessing)
app.add_typer(webhooks, name="webhook")
app.add_typer(rules, name="rules")
app.add_typer(presenting)
app.add_typer(credentials, name="credential")

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Day = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Legal date; default today.")
]
ApplicationId = Annotated[UUID, typer.Argument(help="Identifier that `tulen apply` printed.")]
Number = Annotated[str, typer.Argument(help="Number of the certificate.")]


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

    from tulen.cli.session import as_caller
    from tulen.workflows.apply import apply

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
def recommend_command(application: ApplicationId, *, as_json: Json = False) -> None:
    """Recommend an application, as the first of two officers."""
    from tulen.cli.session import as_caller
    from tulen.workflows.recommend import recommend

    view = as_caller(lambda office, caller: recommend(office, caller, application, {}))
    answer = view.to_document()
    show(answer, as_json=as_json, rows=[("recommended by", answer["recommended_by"])])


@app.command("approve")
def approve_command(application: ApplicationId, *, as_json: Json = False) -> None:
    """Approve a recommended application, as the second of two officers."""
    from tulen.cli.session import as_caller
    from tulen.workflows.approve import approve

    view = as_caller(lambda office, caller: approve(office, caller, application, {}))
    answer = view.to_document()
    show(answer, as_json=as_json, rows=[("approved by", answer["approved_by"])])


@app.command("issue")
def issue_command(application: ApplicationId, *, as_json: Json = False) -> None:
    """Issue the certificate of an approved application."""
    from tulen.cli.session import as_caller
    from tulen.workflows.issue import issue

    request = {"application": str(application)}
    view = as_caller(lambda office, caller: issue(office, caller, request))
    answer = view.to_document()
    names = ("number", "digest", "state", "publish_by")
    show(answer, as_json=as_json, rows=[(name, answer[name]) for name in names])


@app.command("bundle")
def bundle_command(
    number: Number,
    *,
    to: Annotated[
        Path | None,
        typer.Option(help="File to write; - for standard output; default NUMBER.tulen.json."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the bundle file of a certificate, once its anchor is final."""
    from tulen.cli.session import as_caller
    from tulen.workflows.certificate import export_bundle

    data = as_caller(lambda office, caller: export_bundle(office, caller, number))
    file = to or Path(f"{number}.tulen.json")
    write(file, data)
    if str(file) != "-":
        answer = {"file": str(file), "bytes": len(data)}
        show(answer, as_json=as_json, rows=answer.items())


@app.command("verify")
def verify_command(
    bundle: Annotated[
        Path,
        typer.Argument(help="Bundle, or OpenAttestation document; - for standard input."),
    ],
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nobody: what needs a chain is UNKNOWN.")
    ] = False,
    policy: Annotated[
        Path | None,
        typer.Option(help="Deployment file to trust; default: the one in the home folder."),
    ] = None,
    on: Day = None,
    as_json: Json = False,
) -> None:
    """Verify a file: every check with its answer, and the verdict as exit code."""
    from tulen.cli.verification import verify_file

    day = on.date() if on else None
    verify_file(bundle, offline=offline, policy=policy, on=day, as_json=as_json)


@app.command("declare")
def declare_command(
    file: Annotated[Path, typer.Argument(help="Declaration as JSON; - for standard input.")],
    *,
    proof: Annotated[
        list[Path] | None, typer.Option(help="Bundle file; may be given again.")
    ] = None,
    as_json: Json = False,
) -> None:
    """File an import declaration; see value, duty and what preference saves."""
    request = {
        "declaration": document_of(file),
        "proofs": [document_of(bundle) for bundle in proof or ()],
    }

    from tulen.cli.session import as_caller
    from tulen.workflows.declare import declare

    view = as_caller(lambda office, caller: declare(office, caller, request))
    answer = view.to_document()
    show(
        answer,
        as_json=as_json,
        rows=[
            ("declaration", answer["number"]),
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
    declaration: Annotated[str, typer.Argument(help="Number of the declaration.")],
    line: Annotated[int, typer.Argument(help="Line of the declaration.")],
    quantity: Annotated[str, typer.Argument(help="How much, such as 600 or 0.5.")],
    unit: Annotated[str, typer.Argument(help="Its unit, such as KGM.")],
    *,
    as_json: Json = False,
) -> None:
    """Draw a declaration line's quantity from its certificate, on chain."""
    from tulen.cli.session import as_caller
    from tulen.workflows.draw_down import draw_down

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
            ("transaction", answer.get("transaction", "not sent yet; the worker sends it")),
        ],
    )


@app.command("revoke")
def revoke_command(
    number: Number,
    *,
    reason: Annotated[
        str, typer.Option(help="fraud, error, withdrawn, not-exported, superseded or court.")
    ],
    note: Annotated[str, typer.Option(help="Why, in words; stays off the chain.")],
    as_json: Json = False,
) -> None:
    """Revoke a certificate for ever, on chain."""
    from tulen.cli.session import as_caller
    from tulen.workflows.revoke import revoke

    request = {"certificate": number, "reason": reason, "note": note}
    view = as_caller(lambda office, caller: revoke(office, caller, request))
    answer = view.to_document()
    names = ("certificate", "reason", "revoked_at", "transaction")
    show(answer, as_json=as_json, rows=[(name, answer[name]) for name in names])


@app.command("cancel")
def cancel_command(
    transaction: Annotated[
        str, typer.Argument(help="Nonce, or hash, of a transaction of your party's account.")
    ],
    *,
    as_json: Json = False,
) -> None:
    """Cancel a transaction that no block holds yet, by another one at its nonce."""
    from tulen.cli.session import as_caller
    from tulen.workflows.cancel import cancel

    view = as_caller(lambda office, caller: cancel(office, caller, transaction))
    answer = view.to_document()
    names = ("outcome", "purpose", "reference", "nonce", "transaction")
    show(answer, as_json=as_json, rows=[(name, answer[name]) for name in names])


@app.command("log")
def log_command(
    authority: Annotated[str, typer.Argument(help="Code of the authority, such as VN.MOIT.")],
    *,
    as_json: Json = False,
) -> None:
    """Show an authority's log: its size, its latest checkpoint, and what is anchored."""
    try:
        party = PartyCode(authority, "authority")
    except InvalidInputError as error:
        stop(error)

    from tulen.cli.session import within_office
    from tulen.workflows.log_of import log_of

    answer = within_office(lambda office: log_of(office, party)).to_document()
    note = answer.get("checkpoint", "")
    rows = [(name, value) for name, value in answer.items() if name != "checkpoint"]
    show(answer, as_json=as_json, rows=rows)
    if note and not as_json:
        out.print(f"\n{note}", end="", markup=False, soft_wrap=True)


@app.command("doctor")
def doctor_command(*, as_json: Json = False) -> None:
    """Check that keys, documents, database and chain are there and agree."""
    from tulen.cli.session import settings, show_findings
    from tulen.workflows.doctor import doctor

    show_findings(guarded(doctor(settings())), as_json=as_json)


@app.command("serve")
def serve_command(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    worker: Annotated[bool, typer.Option(help="Also seal, anchor and follow the chain.")] = True,
) -> None:
    """Serve the API and the page until Ctrl-C."""
    from tulen.cli.serving import serve

    serve(host, port, with_worker=worker)


@app.command("worker")
def worker_command(
    *,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Stop when everything is anchored and final.")
    ] = False,
    within: Annotated[
        int, typer.Option(min=1, help="With --until-idle: seconds after which to give up.")
    ] = 60,
) -> None:
    """Seal checkpoints, anchor them and follow the chain, until Ctrl-C."""
    from tulen.cli.working import run_worker

    run_worker(until_idle=until_idle, within=within)
