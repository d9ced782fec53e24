"""`tulen assess`: a sheet of goods, judged on every core, and a file of results beside it."""

import csv
import os
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TextIO

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tulen.cli.terminal import INTERRUPTED, INVALID, err, show, stop
from tulen.errors import InvalidInputError, UnavailableError
from tulen.origin import Correlation
from tulen.workflows.assess_sheet import CHUNK, ERROR, Judged, assess_sheet
from tulen.workflows.origin_sheet import sheet_lines

SUFFIX = ".results.csv"


def assess_file(
    file: Path, to: Path | None, *, on: date, correlation: Correlation | None, as_json: bool
) -> None:
    """Judge every line of ``file``, print how many had which outcome, and leave with 1 on errors.

    The file is read once before, so that what makes it unreadable is said before any work is done.
    """
    results = to or file.with_name(f"{file.stem}{SUFFIX}")
    if results.resolve() == file.resolve():
        stop(InvalidInputError("--to", str(results), "is the file that is read"))
    try:
        with _opened(file) as text:
            count = sum(1 for _ in sheet_lines(text))
        outcomes = _written(file, results, on, correlation, count)
    except InvalidInputError as error:
        stop(error.within(f"{file}: " if error.field else str(file)))
    except UnavailableError as error:
        stop(error)
    except (OSError, UnicodeDecodeError) as error:
        stop(_unreadable(error, file))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    answer = {"lines": count, **dict(sorted(outcomes.items())), "results": str(results)}
    show(answer, as_json=as_json, rows=answer.items())
    if outcomes[ERROR]:
        raise typer.Exit(INVALID)


def _written(
    file: Path, results: Path, on: date, correlation: Correlation | None, count: int
) -> Counter[str]:
    """Write the results, whole or not at all; return how many lines had which outcome."""
    outcomes: Counter[str] = Counter()
    aside = results.with_name(f".{results.name}.{os.getpid()}")
    # A second process takes longer to start than a chunk takes to be judged.
    processes = 1 if count <= CHUNK else os.cpu_count() or 1
    try:
        # With the mark that tells spreadsheets that it is UTF-8.
        with (
            aside.open("w", encoding="utf-8-sig", newline="") as output,
            _opened(file) as text,
            _progress() as progress,
        ):
            writer = csv.writer(output)
            writer.writerow(Judged._fields)
            task = progress.add_task("lines", total=count)
            for judged in assess_sheet(sheet_lines(text), on, processes, correlation):
                writer.writerows(judged)
                outcomes.update(line.outcome for line in judged)
                progress.advance(task, len(judged))
        aside.replace(results)
    finally:
        aside.unlink(missing_ok=True)
    return outcomes


def _opened(file: Path) -> TextIO:
    return file.open(encoding="utf-8-sig", newline="")


def _progress() -> Progress:
    """Return a bar on standard error, which is shown on a terminal only."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


def _unreadable(error: OSError | UnicodeDecodeError, file: Path) -> InvalidInputError:
    if isinstance(error, UnicodeDecodeError):
        return InvalidInputError("file", str(file), "is not UTF-8; save the sheet as CSV UTF-8")
    name = error.filename or str(file)
    return InvalidInputError("file", str(name), f"cannot be read or written: {error.strerror}")
