# ruff: noqa: PLC0415 - as in commands: each imports what it needs when it runs.
"""The commands about rules of origin: check a pack, show a rule, read a schedule of rules."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tulen.cli.terminal import USAGE, bytes_of, err, show, stop
from tulen.errors import InvalidInputError, TulenError

if TYPE_CHECKING:
    from tulen.origin.pack_check import CheckedPack

rules = typer.Typer(
    help="Check packs of rules of origin, show a rule, read schedules.", no_args_is_help=True
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@rules.command("check")
def check_command(
    pack: Annotated[str, typer.Argument(help="Pack as TOML, or the code of a shipped one.")],
    *,
    as_json: Json = False,
) -> None:
    """Check a pack: every problem with its line and what to do."""
    from tulen.origin.pack_check import check_pack

    name, data = _pack_named(pack)
    checked = check_pack(data, name)
    if as_json:
        show(_as_document(name, checked), as_json=True, rows=())
    else:
        for problem in checked.problems:
            place = f" {problem.field}" if problem.field else ""
            err.print(
                f"{name}:{problem.line}:{place} {problem.message}", soft_wrap=True, markup=False
            )
    if checked.problems or checked.pack is None:
        raise typer.Exit(USAGE)
    if not as_json:
        show({}, as_json=False, rows=_summary(checked))


def _pack_named(pack: str) -> tuple[str, bytes]:
    from tulen.origin.pack_show import shipped_pack
    from tulen.values import AgreementCode

    file = Path(pack)
    if pack == "-" or file.exists() or "." in pack or "/" in pack:
        return file.name, bytes_of(file)
    try:
        return shipped_pack(AgreementCode(pack, "pack"))
    except TulenError as error:
        stop(error)


def _as_document(name: str, checked: "CheckedPack") -> dict[str, Any]:
    return {
        "file": name,
        "valid": not checked.problems,
        "problems": [
            {"line": problem.line, "field": problem.field, "message": problem.message}
            for problem in checked.problems
        ],
    }


def _summary(checked: "CheckedPack") -> list[tuple[str, object]]:
    pack = checked.pack
    if pack is None:
        return []
    return [
        ("valid", pack.rule_set),
        ("title", pack.title),
        ("product rules", len(pack.products)),
        ("complete for", ", ".join(item.hs.text for item in pack.coverage) or "no range"),
        ("digest", pack.digest),
    ]


@rules.command("show")
def show_command(
    agreement: Annotated[str, typer.Argument(help="Code of the agreement, such as ATIGA.")],
    hs_code: Annotated[
        str | None, typer.Argument(help="HS code of the good, such as 6109.10.")
    ] = None,
    *,
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="Legal date; default today."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the rule for a good, and what the agreement says around it, each with its article.

    Without HS_CODE, only the latter: parties, terms, and how origin is proven and carried.
    """
    from tulen.values import AgreementCode, HsCode
    from tulen.workflows.agreements import agreement_on

    try:
        code = None if hs_code is None else HsCode(hs_code.replace(".", ""), "hs_code")
        view = agreement_on(AgreementCode(agreement, "agreement"), on.date() if on else None, code)
    except TulenError as error:
        stop(error)
    show(view.shown, as_json=as_json, rows=_rows(view.shown))


_LABELS = {
    "parties": "parties",
    "de_minimis": "de minimis",
    "de_minimis_by_chapter": "de minimis",
    "cumulation": "cumulation",
    "value_content_methods": "value content",
    "valid_months": "valid, months",
}
"""What is shown of the agreement around its rules, as `terms_on` names it and as people do."""
_PROCEDURES = {
    "issue": "issued",
    "validity": "valid",
    "back_to_back": "back-to-back",
    "waiver": "waiver",
    "invoicing": "other invoice",
    "fob_shown": "FOB shown",
    "certified_copy": "certified copy",
    "clocks": "time limits",
    "transit": "transit",
    "exhibition": "exhibition",
    "partial_cumulation": "in part",
    "self_certification": "self-certified",
    "uses": "uses",
}
"""Sections of the procedures, as `procedures_on` names them and as people do."""


def _rows(answer: dict[str, Any]) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = [
        ("agreement", f"{answer['title']}, {answer['rule_set']}, {answer['hs_edition']}"),
        ("on", answer["on"]),
        *((name, answer[name]) for name in ("form",) if name in answer),
        ("known since", answer["known_since"]),
        *(_rules_rows(answer) if "rules" in answer else ()),
    ]
    for name, label in _LABELS.items():
        if (stated := answer[name]) is not None:
            rows.append((label, f"{_said(stated['value'])} [{stated['reference']['title']}]"))
    if answer["not_held"]:
        unknown = ", ".join(name.replace("_", " ") for name in answer["not_held"])
        rows.append(("not held", f"{unknown}: unknown to this pack"))
    procedures = answer["procedures"]
    for name, label in _PROCEDURES.items():
        if (said := procedures[name]) is not None:
            rows.append((label, f"{said['words']} [{said['reference']['title']}]"))
    if silent := [label for name, label in _PROCEDURES.items() if procedures[name] is None]:
        rows.append(("not loaded", f"{', '.join(silent)}: unknown, not absent"))
    return rows


def _rules_rows(answer: dict[str, Any]) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for rule in answer["rules"]:
        narrowed = f", {rule['ex']}" if rule["ex"] else ""
        rows += [
            ("rule", f"{rule['words']}"),
            ("  for", f"{rule['hs']}{narrowed}"),
            ("  since", _dates(rule)),
            ("  in", rule["reference"]["title"]),
        ]
    if not answer["rules"]:
        rows.append(("rule", "none is held for this code on that day"))
    if answer["coverage"]:
        rows.append(("coverage", f"complete: {answer['coverage']['reference']['title']}"))
    else:
        rows.append(
            ("coverage", "not complete: another rule may exist, so no rule here is the last word")
        )
    return rows


def _dates(rule: dict[str, Any]) -> str:
    return f"{rule['since']}, until {rule['until']}" if rule["until"] else rule["since"]


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        separator = "; " if any(isinstance(item, dict) for item in value) else ", "
        return separator.join(_said(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {_said(item)}" for name, item in value.items())
    return str(value)


@rules.command("import")
def import_command(
    file: Annotated[
        Path, typer.Argument(help="Schedule as .csv or .xlsx, or .json of the UK tariff service.")
    ],
    *,
    since: Annotated[
        datetime,
        typer.Option(formats=["%Y-%m-%d"], help="First day of rules that name none."),
    ],
    reference: Annotated[str, typer.Option(help="Where the rules stand, as article or annex.")],
    href: Annotated[str | None, typer.Option(help="Address of that, for https.")] = None,
    base: Annotated[
        str | None,
        typer.Option(help="What shares are of where a text names no base: FOB or AV."),
    ] = None,
    to: Annotated[Path, typer.Option(help="File to write; - for standard output.")] = Path("-"),
) -> None:
    """Read a schedule of product rules, and write it as the [[products]] of a pack."""
    from tulen.cli.schedules import import_schedule

    if base not in (None, "FOB", "AV"):
        stop(InvalidInputError("base", base, "is not FOB or AV"))
    import_schedule(file, since=since.date(), title=reference, href=href, base=base, to=to)
