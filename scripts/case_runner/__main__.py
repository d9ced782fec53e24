"""Command line of `scripts/cases`."""

import importlib
import importlib.util
import json
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from case_runner.origin import origin_failures
from case_runner.reading import NotUnderstoodError
from case_runner.shape import shaped
from tulen.errors import TulenError

Judge = Callable[[dict[str, Any]], list[str]]
"""Judges a case and returns what is wrong with the answer, in words; nothing if it is right."""


def domains() -> Mapping[str, Judge]:
    """Return what judges the cases of each domain."""
    known: dict[str, Judge] = {"origin": origin_failures}
    if importlib.util.find_spec("case_domains") is not None:
        known |= importlib.import_module("case_domains").DOMAINS
    return known


def failures(case: object, judges: Mapping[str, Judge]) -> list[str]:
    """Return what is wrong with the core's answer to ``case``; what is not understood is wrong."""
    try:
        known = shaped(case)
        domain = known.get("domain")
        if domain not in judges:
            return [f"domain {domain} is not understood"]
        return judges[domain](known)
    except (NotUnderstoodError, TulenError) as error:
        return [str(error)]
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return [f"the case is not of the known shape: {type(error).__name__} {error}"]


def main(paths: list[str]) -> int:
    """Run the cases of each file; return how the process ends."""
    if not paths or paths[0].startswith("-"):
        print("usage: scripts/cases FILE...", file=sys.stderr)
        return 2
    judges, passed, failed = domains(), 0, 0
    for path in paths:
        try:
            document = json.loads(Path(path).read_text(encoding="utf-8"), parse_float=Decimal)
            cases = document["cases"]
            if not isinstance(cases, list):
                raise TypeError("cases is no list")  # noqa: TRY301 - told as the rest of the file
        except (OSError, ValueError, KeyError, TypeError) as error:
            print(f"{path}: holds no cases: {error}", file=sys.stderr)
            return 2
        for case in cases:
            wrong = failures(case, judges)
            failed += bool(wrong)
            passed += not wrong
            if wrong:
                told = case if isinstance(case, dict) else {}
                print(f"{told.get('id', '?')} ({told.get('domain')}): {'; '.join(wrong)}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
