# ruff: noqa: PLC0415 - as in commands: each imports what it needs when it runs.
"""The commands that ask about origin: they need no office, no database and no chain."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from tulen.cli.terminal import document_of, show, stop
from tulen.errors import InvalidInputError

assessing = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Day = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Legal date; default today.")
]


@assessing.command("assess")
def assess_command(
    file: Annotated[Path, typer.Argument(help="Goods and materials as CSV, one row a material.")],
    *,
    to: Annotated[
        Path | None, typer.Option(help="File for the results; default FILE.results.csv.")
    ] = None,
    on: Day = None,
    as_json: Json = False,
) -> None:
    """Judge the origin of up to 100,000 goods, and write why, and what would change it.

    Exit codes: 0 all lines judged, 1 some hold errors (see the results), 2 unreadable.
    """
    from tulen.cli.sheet import assess_file

    assess_file(file, to, on=_day(on), as_json=as_json)


@assessing.command("compare")
def compare_command(
    file: Annotated[Path, typer.Argument(help="Origin inputs as JSON; - for standard input.")],
    *,
    on: Day = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show every finding with its article and figures.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Judge a good under every agreement open between two countries, best first."""
    inputs = document_of(file)

    from tulen.workflows.origin import compare_origin

    question = {"inputs": inputs, "on": _day(on).isoformat()}
    try:
        view = compare_origin(question)
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
            continue
        rows += [("because", text) for text in shown["reasons"]]
        rows += [("would qualify", text) for text in shown["remedies"]]
    if not answer["options"]:
        rows.append(("", "no agreement is open between the two, of those whose rules are loaded"))
    show(answer, as_json=as_json, rows=rows)


def _day(on: datetime | None) -> date:
    from tulen.workflows import clock

    return on.date() if on else clock.today()
