"""The sheet of a trader: what it says is what is judged, and what is wrong is named by its cell."""

from collections.abc import Iterator
from datetime import date

import pytest

from tulen.errors import InvalidInputError
from tulen.origin import Method, OriginInputs
from tulen.workflows.assess_sheet import CHUNK, assess_sheet, judge_lines
from tulen.workflows.origin_sheet import MAX_LINES, SheetLine, inputs_of, sheet_lines

DAY = date(2026, 1, 15)
HEADING = (
    "line,agreement,exporting_country,importing_country,hs_code,description,fob,currency,method,"
    "material,material_hs_code,material_country,material_originating,material_value,"
    "material_evidence,labour,wholly_obtained\n"
)
GOOD = "A,ATIGA,VN,ID,1905.31,Biscuits,100.50,USD,build-down,Flour,1101,AU,no,40.00,,,\n"
MORE = "A,,,,,,,,,Sugar,1701.99,TH,YES,20,Form D 7,,\n"


def lines_of(*rows: str, heading: str = HEADING) -> list[SheetLine]:
    return list(sheet_lines([heading, *rows]))


def inputs(*rows: str, heading: str = HEADING) -> OriginInputs:
    (line,) = lines_of(*rows, heading=heading)
    return inputs_of(line)


def test_a_line_becomes_the_inputs_that_it_spells() -> None:
    assert inputs(GOOD, MORE).to_document() == {
        "agreement": "ATIGA",
        "exporting_country": "VN",
        "importing_country": "ID",
        "hs_code": "190531",
        "description": "Biscuits",
        "fob": {"amount": "100.5", "currency": "USD"},
        "method": "build-down",
        "materials": [
            {
                "description": "Flour",
                "value": "40",
                "originating": False,
                "hs_code": "1101",
                "country": "AU",
            },
            {
                "description": "Sugar",
                "value": "20",
                "originating": True,
                "hs_code": "170199",
                "country": "TH",
                "evidence": "Form D 7",
            },
        ],
    }


def test_what_is_not_stated_stays_unknown() -> None:
    found = inputs("A,ATIGA,VN,ID,1905.31,Biscuits,100,USD,build-up,Flour,,,no,40,,,\n")
    (flour,) = found.materials
    assert (flour.hs_code, flour.country, found.costs) == (None, None, None)
    assert found.method is Method.BUILD_UP
    assert inputs("A,ATIGA,VN,ID,1905.31,Biscuits,100,USD,build-up\n").materials == ()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_cells_are_parted_as_the_heading_is(separator: str) -> None:
    rows = [text.replace(",", separator) for text in (HEADING, GOOD, MORE)]
    assert inputs(*rows[1:], heading=rows[0]) == inputs(GOOD, MORE)


def test_a_good_may_be_described_again_in_the_same_words_and_empty_rows_are_passed_over() -> None:
    again = GOOD.replace("Flour,1101", "Salt,2501")
    assert len(inputs(GOOD, ",,,,,,\n", "\n", again).materials) == 2


def test_rows_are_counted_as_a_spreadsheet_shows_them() -> None:
    first = GOOD.replace("Biscuits", '"Biscuits')
    second = 'in two rows"' + ",".join(["", *GOOD.split(",")[6:]])
    other = GOOD.replace("A,", "B,", 1)
    lines = lines_of(first.split(",100.50")[0] + "\n", second, "\n", other)
    assert [(line.name, line.rows[0][0]) for line in lines] == [("A", 2), ("B", 4)]


UNREADABLE = {
    "nothing": ([], "row 1: 'line' is missing"),
    "an unknown column": (["line,hs\n"], "row 1: 'hs' is no column; the columns are line, "),
    "a column twice": (["line,line\n"], "row 1: 'line' stands twice"),
    "a column missing": (["line,agreement\n"], "row 1: 'exporting_country' is missing"),
    "no line": ([HEADING], "document: '' holds no line"),
    "no name": ([HEADING, GOOD[1:]], "row 2, column line: '' is empty; every row names its line"),
    "a formula": ([HEADING, f"={GOOD}"], "row 2, column line: '=A' begins with one of = + - @"),
    "apart": (
        [HEADING, GOOD, GOOD.replace("A,", "B,", 1), MORE],
        "row 4, column line: 'A' stood above, before other lines; keep its rows together",
    ),
    "too many cells": ([HEADING, f"{GOOD[:-1]},,,\n"], "row 2: '20 cells' are more than the 17"),
    "an open quotation": ([HEADING, f'A,"{GOOD}'], "row 2: 'unexpected end of data' makes it no"),
}


@pytest.mark.parametrize(("rows", "message"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_file_whose_rows_cannot_be_told_apart_is_refused(rows: list[str], message: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        list(sheet_lines(rows))
    assert str(refused.value).startswith(message)


def test_one_line_too_many_is_refused_where_it_stands() -> None:
    rows = (f"L{number}\n" for number in range(MAX_LINES + 1))
    found = sheet_lines(iter([HEADING, *rows]))
    with pytest.raises(InvalidInputError, match=r"^row 100002, .* is one line more than 100,000"):
        for _ in found:
            pass


WRONG = {
    "fob with a comma": (GOOD.replace("100.50", '"100,50"'), "row 2, column fob: '100,50' is not"),
    "no price": (GOOD.replace("100.50", ""), "row 2, column fob: '' is missing"),
    "no currency": (GOOD.replace("USD", ""), "row 2, column currency: '' is missing"),
    "no method": (GOOD.replace("build-down", ""), "row 2, column method: '' is missing"),
    "a lost zero": (GOOD.replace("1905.31", "40510"), "row 2, column hs_code: '40510' is not"),
    "bad costs": (GOOD.replace(",,,\n", ",,x,\n"), "row 2, column labour: 'x' is not a decimal"),
    "a free good": (GOOD.replace("100.50", "0.00"), "row 2, column fob: "),
    "agreement": (GOOD.replace("ATIGA", "atiga"), "row 2, column agreement: 'atiga' is not"),
    "other price": (
        f"{GOOD}A,,,,,,99,,,Salt,2501,VN,yes,1,,,\n",
        "row 3, column fob: '99' differs from row 2",
    ),
    "neither yes nor no": (
        GOOD + MORE.replace("YES", "maybe"),
        "row 3, column material_originating: 'maybe' is not yes or no",
    ),
    "negative": (GOOD + MORE.replace(",20,", ",-20,"), "row 3, column material_value: '-20' is"),
    "no name of it": (GOOD.replace("Flour", ""), "row 2, column material: '' is missing"),
    "its code": (GOOD + MORE.replace("1701.99", "17"), "row 3, column material_hs_code: '17' is"),
    "its country": (GOOD.replace("AU", "Au"), "row 2, column material_country: 'Au' is not"),
    "from nowhere": (
        GOOD + MORE.replace(",TH,", ",,"),
        "row 3, column material_country: '' is missing",
    ),
}


@pytest.mark.parametrize(("rows", "message"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_in_a_line_is_named_by_row_and_column(rows: str, message: str) -> None:
    lines = lines_of(*rows.splitlines(keepends=True))
    with pytest.raises(InvalidInputError) as refused:
        inputs_of(lines[0])
    assert str(refused.value).startswith(message)
    (judged,) = judge_lines(lines, DAY)
    assert (judged.outcome, judged.error) == ("ERROR", str(refused.value))


def test_a_bad_line_takes_nothing_from_its_neighbours() -> None:
    rows = [GOOD.replace("A,", f"{name},", 1) for name in "ABC"]
    rows[1] = rows[1].replace("ATIGA", "NAFTA")
    judged = judge_lines(lines_of(*rows), DAY)
    assert [line.outcome for line in judged] == ["MET", "ERROR", "MET"]
    assert judged[1].error.startswith("NAFTA: no rules are loaded; known are ")
    assert judged[0].digest == judged[2].digest


def test_fewer_chunks_than_processes_keep_their_order_too() -> None:
    (sample,) = lines_of(GOOD)
    names = [f"L{number}" for number in range(CHUNK + 1)]
    results = assess_sheet((SheetLine(name, sample.rows) for name in names), DAY, 3)
    assert [line.line for chunk in results for line in chunk] == names


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_a_long_sheet_keeps_its_order_and_is_read_no_further_than_the_work(processes: int) -> None:
    count, read = 7 * CHUNK + 1, 0
    (sample,) = lines_of(GOOD)

    def endless() -> Iterator[SheetLine]:
        nonlocal read
        for read in range(1, count + 1):
            yield SheetLine(f"L{read}", sample.rows)

    results = assess_sheet(endless(), DAY, processes)
    first = next(results)
    assert read == (CHUNK if processes == 1 else (processes + 1) * CHUNK)
    names = [line.line for chunk in (first, *results) for line in chunk]
    assert names == [f"L{number}" for number in range(1, count + 1)]
