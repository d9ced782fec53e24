"""What judging origin takes: one good on a core, all packs, and a sheet of 100,000 lines.

No two goods are the same, so nothing can be remembered from one to the next.
"""

import csv
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.stage import Stage
from tulen.api.examples import example
from tulen.origin import OriginInputs, Outcome, assess, load_packs, pack_of
from tulen.workflows.origin_sheet import MAX_LINES

DAY: Final = date(2026, 1, 15)
GOODS: Final = 20
ROUNDS: Final = {20: 20, 200: 4}
"""How often a run goes through all goods, by their materials, so that it lasts long enough."""
SHEET_MATERIALS: Final = 5
PROGRAM: Final = """
import atexit, pathlib
atexit.register(lambda: print(pathlib.Path("/proc/self/status").read_text()))
from tulen.cli import main
main()
"""
MIB: Final = 1024
"""In the kibibytes that the system counts in."""


class Sheet(NamedTuple):
    """What judging a sheet took: seconds, and the peak of memory in MiB."""

    seconds: float
    peak_mib: float


async def origin_20_per_s_core(_stage: Stage) -> float:
    """Verdicts on goods of 20 materials under ATIGA, from inputs that are read already."""
    return _judged_per_s(20)


async def origin_200_per_s_core(_stage: Stage) -> float:
    """The same with 200 materials."""
    return _judged_per_s(200)


async def packs_load_ms(_stage: Stage) -> float:
    """Every pack that ships, from its file to rules."""
    load_packs.cache_clear()
    started = time.perf_counter()
    load_packs()
    return (time.perf_counter() - started) * 1_000


async def assess_100k_s(_stage: Stage) -> float:
    """`tulen assess` on 100,000 lines of 5 materials, from its start to its end."""
    return _sheet().seconds


async def assess_100k_peak_rss_mib(_stage: Stage) -> float:
    """The most memory that it held, besides the processes that it shares the work with."""
    return _sheet().peak_mib


def _judged_per_s(materials: int) -> float:
    goods, rounds = _goods(materials), ROUNDS[materials]
    pack = pack_of(goods[0].agreement)
    started = time.process_time()
    for _ in range(rounds):
        for good in goods:
            if assess(good, pack, DAY).outcome is not Outcome.MET:
                raise RuntimeError(f"a good of {materials} materials was not judged as expected")
    return rounds * len(goods) / (time.process_time() - started)


@cache
def _goods(materials: int) -> list[OriginInputs]:
    """Return goods that meet both alternatives of the rule, most of their materials changed."""
    inputs = OriginInputs.from_document(example("application")["lines"][0]["inputs"])
    several = inputs.materials * (materials // len(inputs.materials) + 1)
    share = inputs.fob.amount / (2 * materials)
    return [
        replace(
            inputs,
            materials=tuple(
                replace(material, value=round(share, 2) + number, description=f"{number}-{index}")
                for index, material in enumerate(several[:materials])
            ),
            fob=replace(inputs.fob, amount=inputs.fob.amount + number * 4 * materials),
        )
        for number in range(GOODS)
    ]


@cache
def _sheet() -> Sheet:
    """Judge a sheet as the command line does.

    Its peak of memory is asked of itself: what the system says of a child counts its parent's too.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "goods.csv"
        with file.open("w", encoding="utf-8", newline="") as opened:
            csv.writer(opened).writerows(_rows())
        started = time.perf_counter()
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, "assess", str(file), "--on", DAY.isoformat()],
            check=True,
            capture_output=True,
            text=True,
        )
        seconds = time.perf_counter() - started
    (peak,) = re.findall(r"^VmHWM:\s+(\d+) kB$", ended.stdout, re.MULTILINE)
    return Sheet(seconds, int(peak) / MIB)


def _rows() -> Iterator[tuple[str, ...]]:
    yield (
        *("line", "agreement", "exporting_country", "importing_country", "hs_code", "description"),
        *("fob", "currency", "method", "material", "material_hs_code", "material_country"),
        *("material_originating", "material_value"),
    )
    materials = (("Flour", "1101", "AU"), ("Butter", "0405", "NZ"), ("Sugar", "1701", "BR"))
    materials += (("Eggs", "0407", "VN"), ("Dough", "1905.90", "CN"))
    for number in range(MAX_LINES):
        good = ("ATIGA", "VN", "ID", "1905.31", f"Biscuits {number}", f"{10_000 + number}.50")
        for index, (name, code, country) in enumerate(materials[:SHEET_MATERIALS]):
            said = "yes" if country == "VN" else "no"
            about = (*good, "USD", "build-down") if not index else ("",) * 8
            value = f"{500 + number % 1_000}"
            yield f"L{number}", *about, name, code, country, said, value
