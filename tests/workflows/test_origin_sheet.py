"""The sheet of a trader: what it says is what is judged, and what is wrong is named by its cell."""

from collections.abc import Iterator
from datetime import date

import pytest

from tulen.errors import InvalidInputError
from tulen.origin import Method, OriginInputs
from tulen.origin.circumstances import FACTS
from tulen.workflows.assess_sheet import CHUNK, assess_sheet, judge_lines
from tulen.workflows.origin_sheet import MAX_LINES, SheetLine, inputs_of, sheet_lines
from tulen.workflows.sheet_columns import COLUMNS

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


EVERY: dict[str, str] = {
    "line": "A",
    "agreement": "RCEP",
    "exporting_country": "VN",
    "importing_country": "JP",
    "hs_code": "6109.10",
    "description": "T-shirts",
    "method": "build-down",
    "hs_edition": "HS2017",
    "set_by": "3(b)",
    "fob": "90.00",
    "currency": "USD",
    "labour": "1.50",
    "overhead": "2",
    "other": "0",
    "profit": "3",
    "ex_works": "85",
    "adjusted": "86",
    "transaction": "87",
    "net_cost": "80",
    "cif": "100",
    "freight": "8",
    "insurance": "2.0",
    "net_weight": "10.5",
    "textile_weight": "9",
    "determining_component_weight": "8",
    "processes": "spinning | weaving@TH",
    "operations": "cutting|sewing",
    "only_minimal": "No",
    "embroidered_area": "5.50 %",
    "last_process": "VN",
    "attestations": "of cotton|knitted to shape",
    "attestations_not": "of silk",
    "wholly_obtained": "plants",
    "born_in": "VN",
    "raised_in": "VN",
    "grown_in": "VN",
    "harvested_in": "VN",
    "obtained_in": "VN",
    "hunted_in": "VN",
    "fished_in": "VN",
    "farmed_in": "VN",
    "mined_in": "VN",
    "caught_by_flag": "VN",
    "caught_by_registry": "VN",
    "processed_on_flag": "VN",
    "seabed_rights_of": "VN",
    "collected_in": "VN",
    "scrap_of": "VN",
    "material": "Yarn",
    "material_hs_code": "5205.11",
    "material_country": "TH",
    "material_originating": "no",
    "material_value": "20",
    "material_evidence": "CO 7",
    "material_weight": "7.25",
    "material_role": "accessory",
    "material_separately_invoiced": "no",
    "material_customary": "YES",
    "material_partial_content": "25%",
    "material_non_originating_content": "12.0",
    "material_deductions": "inland freight=1.50|duty=2",
    "material_lot": "L1",
    "material_lot_method": "fifo",
    "material_lists": "short supply",
    "material_kinds": "yarn|cotton yarn",
    "material_under": "ATIGA",
    "set_item": "Shirt",
    "set_item_originating": "yes",
    "set_item_value": "40.0",
}


def every(**changes: str) -> OriginInputs:
    cells = EVERY | changes
    heading, row = ",".join(cells), ",".join(cells.values())
    return inputs(row + "\n", heading=heading + "\n")


def test_every_column_becomes_the_member_that_it_is_named_after() -> None:
    assert set(EVERY) == set(COLUMNS)
    assert every().to_document() == {
        "agreement": "RCEP",
        "exporting_country": "VN",
        "importing_country": "JP",
        "hs_code": "610910",
        "description": "T-shirts",
        "hs_edition": "HS2017",
        "set_by": "3(b)",
        "fob": {"amount": "90", "currency": "USD"},
        "method": "build-down",
        "costs": {"labour": "1.5", "overhead": "2", "other": "0", "profit": "3"},
        "wholly_obtained": "plants",
        "prices": {
            "currency": "USD",
            "ex_works": "85",
            "adjusted": "86",
            "transaction": "87",
            "net_cost": "80",
            "cif": "100",
            "freight": "8",
            "insurance": "2",
        },
        "weights": {"net": "10.5", "textile": "9", "determining_component": "8"},
        "production": {
            "processes": [{"code": "spinning"}, {"code": "weaving", "country": "TH"}],
            "operations": ["cutting", "sewing"],
            "only_minimal": False,
            "embroidered_area": "5.5%",
            "attestations": [
                {"text": "of cotton", "holds": True},
                {"text": "knitted to shape", "holds": True},
                {"text": "of silk", "holds": False},
            ],
            "last_process": "VN",
        },
        "facts": dict.fromkeys(FACTS, "VN"),
        "materials": [
            {
                "description": "Yarn",
                "value": "20",
                "originating": False,
                "hs_code": "520511",
                "country": "TH",
                "evidence": "CO 7",
                "weight": "7.25",
                "role": "accessory",
                "separately_invoiced": False,
                "customary": True,
                "partial_content": "25%",
                "non_originating_content": "12",
                "deductions": {"duty": "2", "inland freight": "1.5"},
                "lot": "L1",
                "lot_method": "fifo",
                "lists": ["short supply"],
                "kinds": ["yarn", "cotton yarn"],
                "under": "ATIGA",
            }
        ],
        "set_items": [{"description": "Shirt", "originating": True, "value": "40"}],
    }


def test_articles_of_a_set_and_materials_stand_in_rows_of_their_own_or_share_one() -> None:
    heading = f"{HEADING[:-1]},set_item,set_item_value\n"
    found = inputs(GOOD[:-1] + ",Plate,1\n", MORE, "A" + "," * 17 + "Cup,2\n", heading=heading)
    assert [item.description for item in found.set_items] == ["Plate", "Cup"]
    assert [item.description for item in found.materials] == ["Flour", "Sugar"]


def test_a_price_that_is_not_known_is_left_open_and_cif_may_stand_for_it() -> None:
    none = dict.fromkeys(("fob", "currency", "ex_works", "adjusted", "transaction"), "")
    none |= dict.fromkeys(("net_cost", "cif", "freight", "insurance"), "")
    assert every(**none).currency is None
    derived = every(fob="")
    assert (derived.fob, derived.fob_amount) == (None, 90)


MISSTATED = {
    "fob": ("91", "cif", "'100' less freight and insurance is 90"),
    "currency": ("", "currency", "'' is missing"),
    "net_cost": ("0", "net_cost", "'0' is not more than zero"),
    "hs_edition": ("HS1996", "hs_edition", "'HS1996' is not one of"),
    "set_by": ("3b", "set_by", "'3b' is not one of 3(a)"),
    "material_under": ("Atiga", "material_under", "'Atiga' is not"),
    "net_weight": ("1,5", "net_weight", "'1,5' is not a decimal"),
    "processes": ("spinning|weaving@Thailand", "processes", "'Thailand' is not"),
    "operations": ("cutting|cutting", "operations", ""),
    "only_minimal": ("perhaps", "only_minimal", "'perhaps' is not yes or no"),
    "embroidered_area": ("5", "embroidered_area", "'5' is not a percentage such as 5%"),
    "last_process": ("Hanoi", "last_process", "'Hanoi' is not"),
    "attestations": ("of silk", "attestations", "'of silk, of silk' answers twice"),
    "born_in": ("Viet Nam", "born_in", "'Viet Nam' is not"),
    "material_weight": ("7 kg", "material_weight", "'7 kg' is not a decimal"),
    "material_role": ("cook", "material_role", "'cook' is not one of retail-packing"),
    "material_customary": ("1", "material_customary", "'1' is not yes or no"),
    "material_partial_content": ("101%", "material_partial_content", "'101%' is not"),
    "material_deductions": ("duty 2", "material_deductions", "'duty 2' is not a name of its own"),
    "material_lot": ("", "material_lot_method", "'fifo' is of no lot"),
    "material_lists": ("short supply||", "material_lists", "'' is not"),
    "set_item": ("", "set_item", "'' is missing"),
    "set_item_value": ("-1", "set_item_value", "'-1' is not a decimal"),
    "set_item_originating": ("maybe", "set_item_originating", "'maybe' is not yes or no"),
}


@pytest.mark.parametrize(("cell", "column", "problem"), MISSTATED.values(), ids=MISSTATED.keys())
def test_what_a_newer_column_cannot_hold_is_named_by_row_and_column(
    request: pytest.FixtureRequest, cell: str, column: str, problem: str
) -> None:
    changed = request.node.callspec.id
    cell = f'"{cell}"' if "," in cell else cell
    with pytest.raises(InvalidInputError) as refused:
        every(**{changed: cell})
    assert str(refused.value).startswith(f"row 2, column {column}: {problem}")


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
