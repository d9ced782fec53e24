# ruff: noqa: PLC0415 - as in commands: each imports what it needs when it runs.
"""The commands that ask about origin: they need no office, no database and no chain."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tulen.cli.terminal import document_of, show, stop
from tulen.errors import InvalidInputError

if TYPE_CHECKING:
    from tulen.origin import Correlation

assessing = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Day = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Legal date; default today.")
]


Table = Annotated[
    Path | None,
    typer.Option(
        "--correlation",
        envvar="TULEN_CORRELATION_TABLE",
        help="CSV table that carries HS codes from one edition to another.",
    ),
]


@assessing.command("assess")
def assess_command(
    file: Annotated[
        Path,
        typer.Argument(help="Sheet .csv; inputs or bill .json (- for standard input), or .jsonl."),
    ],
    *,
    to: Annotated[
        Path | None,
        typer.Option(help="File for the results of a sheet; default FILE.results.csv."),
    ] = None,
    correlation: Table = None,
    on: Day = None,
    as_json: Json = False,
) -> None:
    """Judge the origin of a good, or of up to 100,000, with why, and what would change it.

    A sheet gets a file of results beside it; a good as JSON is shown with every finding.
    Exit codes: 0 all judged, 1 some lines hold errors, or refused, 2 unreadable.
    """
    table = _table(correlation)
    day = on.date() if on else None
    is_lines = file.suffix.lower() == ".jsonl"
    if is_lines or file.suffix.lower() == ".json" or str(file) == "-":
        from tulen.cli.assessed import assess_document, assess_documents

        if to is not None:
            stop(InvalidInputError("--to", str(to), "is for the results of a sheet"))
        judge = assess_documents if is_lines else assess_document
        judge(file, on=day, correlation=table, as_json=as_json)
        return

    from tulen.cli.sheet import assess_file
    from tulen.workflows import clock

    assess_file(file, to, on=day or clock.today(), correlation=table, as_json=as_json)


@assessing.command("compare")
def compare_command(
    file: Annotated[Path, typer.Argument(help="Inputs or bill as JSON; - for standard input.")],
    *,
    correlation: Table = None,
    on: Day = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show every finding with its article and figures.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Judge a good under every agreement open between two countries, best first."""
    from tulen.cli.assessed import LIMITS
    from tulen.workflows.origin import compare_origin, question_about

    table = _table(correlation)
    question = question_about(document_of(file, LIMITS), on.date() if on else None)
    try:
        view = compare_origin(question, table)
    except InvalidInputError as error:
        stop(error)
    answer = view.to_document()
    between = f"{answer['exporting_country']} to {answer['importing_country']}"
    rows = [("between", between), ("on", answer["on"])]
    if "duty" in answer:
        rows.append(("without", f"{answer['duty']['mfn']} duty ({answer['duty']['tariff']})"))
    for option, shown in zip(view.options, answer["options"], strict=True):
        rows += [
            ("", ""),
            (shown["agreement"], f"{shown['outcome']} {shown.get('criterion', '')}".strip()),
            *((name, shown[name]) for name in ("title", "duty") if name in shown),
        ]
        if explain and option.verdict is not None:
            rows += [("", text) for text in option.verdict.explain()]
        else:
            rows += [("because", text) for text in shown["reasons"]]
            rows += [("would qualify", text) for text in shown["remedies"]]
        came = shown.get("consignment", {"explanation": []})["explanation"]
        rows += [("journey", text) for text in (came if explain else came[:1])]
    if not answer["options"]:
        rows.append(("", "no agreement is open between the two, of those whose rules are loaded"))
    show(answer, as_json=as_json, rows=rows)


def _table(file: Path | None) -> "Correlation | None":
    if file is None:
        return None

    from tulen.workflows.correlation import correlation_in

    try:
        return correlation_in(file)
    except InvalidInputError as error:
        stop(error)
