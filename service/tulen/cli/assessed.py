"""`tulen assess` of JSON: one good, or one a line, each with the tree of reasons."""

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import typer

from tulen.cli.terminal import INVALID, document_of, err, show, stop
from tulen.errors import InvalidInputError, TulenError
from tulen.origin import Correlation
from tulen.values import Limits, parse_strict
from tulen.workflows.origin import AssessmentView, assess_origin, question_about

LIMITS = Limits(size_bytes=8 << 20, nodes=250_000)
"""Room for a bill of 10,000 lines."""


def assess_document(
    file: Path, *, on: date | None, correlation: Correlation | None, as_json: bool
) -> None:
    """Judge the good in ``file``, and print every finding."""
    question = question_about(document_of(file, LIMITS), on)
    try:
        view = assess_origin(question, correlation)
    except TulenError as error:
        stop(error)
    show(view.to_document(), as_json=as_json, rows=[("", text) for text in _explained(view)])


def assess_documents(
    file: Path, *, on: date | None, correlation: Correlation | None, as_json: bool
) -> None:
    """Judge the good on each line of ``file``, and leave with 1 where a line holds an error."""
    wrong = read = 0
    for number, data in _lines(file):
        read += 1
        try:
            view = assess_origin(question_about(parse_strict(data, LIMITS), on), correlation)
        except TulenError as error:
            wrong += 1
            _say_error(number, error, as_json=as_json)
            continue
        answer = {"line": number, **view.to_document()}
        rows = [("line", str(number)), *(("", text) for text in _explained(view))]
        show(answer, as_json=as_json, rows=rows)
    if not read:
        stop(InvalidInputError("file", str(file), "holds no line"))
    if wrong:
        raise typer.Exit(INVALID)


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, with their numbers; the file is never held as a whole."""
    try:
        with file.open("rb") as opened:
            number = 0
            while data := opened.readline(LIMITS.size_bytes + 1):
                number += 1
                if len(data) > LIMITS.size_bytes:
                    most = f"is longer than {LIMITS.size_bytes} bytes"
                    stop(InvalidInputError("file", f"{file}, line {number}", most))
                if data.strip():
                    yield number, data
    except OSError as error:
        stop(InvalidInputError("file", str(file), f"cannot be read: {error.strerror}"))


def _say_error(number: int, error: TulenError, *, as_json: bool) -> None:
    detail = " ".join(str(error).split())
    if not as_json:
        err.print(f"line {number}: {error.code}: {detail}", soft_wrap=True, markup=False)
        return
    said: dict[str, Any] = {"line": number, "outcome": "ERROR", "code": error.code}
    sys.stdout.write(f"{json.dumps(said | {'error': detail}, ensure_ascii=False)}\n")


def _explained(view: AssessmentView) -> list[str]:
    if view.ruling is None:
        return view.verdict.explain()
    decision = view.ruling.decision.value.replace("_", " ")
    beside = f"{decision}, from the journey alone; neither verdict nor digest holds it"
    return [*view.verdict.explain(), beside, *view.ruling.finding.lines("    ")]
