"""Codes of another edition of the HS: a table carries them, and what it leaves open stays open."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from origin_cases import ATIGA, DAY, good, material, pack_with

from tulen.errors import InvalidInputError
from tulen.origin import Correlation, Material, OriginInputs, Outcome, Pack, assess, remedies
from tulen.origin.editions.transposed import MAX_READINGS
from tulen.origin.hs import EDITIONS
from tulen.values import HsCode

HEADER = "from_edition,from,to_edition,to"


def table(*rows: str) -> Correlation:
    """Return a table of rows such as ``HS2017 190531 HS2022 190532``. Its codes are made up."""
    lines = (HEADER, *(row.replace(" ", ",") for row in rows))
    return Correlation.from_csv("\n".join(lines).encode(), "demo.csv")


TABLE = table(
    "HS2017 190531 HS2022 190531",
    "HS2017 190532 HS2022 190532",
    "HS2017 190532 HS2022 190590",
    "HS2017 110100 HS2022 110200",
    "HS2017 110290 HS2022 110290",
    "HS2017 110290 HS2022 190120",
    "HS2017 170199 HS2022 170199",
    "HS2012 190530 HS2017 190531",
    "HS2012 190530 HS2017 190532",
    "HS2012 190540 HS2017 190531",
    "HS2012 110800 HS2017 110999",
)


@pytest.mark.parametrize(
    ("code", "source", "target", "candidates"),
    [
        ("190531", "HS2017", "HS2022", ("190531",)),
        ("19053110", "HS2017", "HS2022", ("190531",)),
        ("190532", "HS2017", "HS2022", ("190532", "190590")),
        ("190590", "HS2022", "HS2017", ("190532",)),
        ("190530", "HS2012", "HS2022", ("190531", "190532", "190590")),
        ("190540", "HS2012", "HS2022", ("190531",)),
        ("190531", "HS2022", "HS2012", ("190530", "190540")),
        ("1905", "HS2017", "HS2022", ("1905",)),
        ("1905", "HS2012", "HS2022", ("1905",)),
        ("1101", "HS2017", "HS2022", ("1102",)),
        ("1102", "HS2017", "HS2022", ("1102", "1901")),
        ("11", "HS2017", "HS2022", ("11", "19")),
        ("17", "HS2017", "HS2022", ("17",)),
        ("190599", "HS2017", "HS2022", ()),
        ("110800", "HS2012", "HS2022", ()),
        ("11", "HS2012", "HS2022", ()),
        ("190531", "HS2002", "HS2022", ()),
    ],
)
def test_a_code_is_all_that_the_table_lets_it_be(
    code: str, source: str, target: str, candidates: tuple[str, ...]
) -> None:
    found = TABLE.transpose(code, source, target)
    assert found.candidates == candidates
    assert bool(found.reason) is not bool(candidates)


def test_a_table_between_two_editions_comes_before_a_chain_of_tables() -> None:
    direct = table(
        "HS2012 190530 HS2017 190531",
        "HS2017 190531 HS2022 190532",
        "HS2017 190531 HS2022 190590",
        "HS2012 190530 HS2022 190532",
    )
    assert direct.transpose("190530", "HS2012", "HS2022").candidates == ("190532",)


@settings(deadline=None)
@given(
    st.from_regex(r"(0[1-9]|[1-9][0-9])([0-9]{2}){0,4}", fullmatch=True), st.sampled_from(EDITIONS)
)
def test_between_equal_editions_every_code_stays_as_it_is(code: str, edition: str) -> None:
    assert TABLE.transpose(code, edition, edition).candidates == (code,)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "line 1"),
        ("from,to", "line 1"),
        (HEADER, ""),
        (f"{HEADER}\nHS2017,190531,HS2022", "line 2"),
        (f"{HEADER}\nHS2017,190531,HS2022,190531\n\n", "line 3"),
        (f"{HEADER}\nHS2018,190531,HS2022,190531", "line 2, from_edition"),
        (f"{HEADER}\nHS2017,1905.31,HS2022,190531", "line 2, from"),
        (f"{HEADER}\nHS2017,190531,2022,190531", "line 2, to_edition"),
        (f"{HEADER}\nHS2017,190531,HS2017,190531", "line 2, to_edition"),
        (f"{HEADER}\nHS2017,190531,HS2022,1905", "line 2, to"),
        (f"{HEADER}\nHS2017,190531,HS2022,190531\nHS2017,190531,HS2022,190531", "line 3, to"),
        (
            f"{HEADER}\nHS2017,190531,HS2022,190531\nHS2022,190531,HS2017,190531",
            "line 3, to_edition",
        ),
        (f'{HEADER}\nHS2017,"190531', "line 2"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_by_line_and_column(text: str, field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        Correlation.from_csv(text.encode(), "demo.csv")
    assert refused.value.field == field


def test_a_table_is_utf_8_and_a_code_is_digits() -> None:
    with pytest.raises(InvalidInputError, match="UTF-8"):
        Correlation.from_csv(b"\xff", "demo.csv")
    with pytest.raises(InvalidInputError, match="2, 4, 6, 8 or 10 digits"):
        TABLE.transpose("190", "HS2017", "HS2022")
    with pytest.raises(InvalidInputError, match="/target"):
        TABLE.transpose("1905", "HS2017", "HS1996")


def _old(hs: str, *materials: Material, edition: str = "HS2017") -> OriginInputs:
    return good(hs, *materials, hs_edition=edition)


CTH, CTSH = pack_with('{ ctc = "CTH" }'), pack_with('{ ctc = "CTSH" }')


def test_the_edition_is_written_only_where_it_is_stated() -> None:
    plain, stated = good("190531"), _old("190531")
    assert "hs_edition" not in plain.to_document()
    assert stated.to_document() == plain.to_document() | {"hs_edition": "HS2017"}
    assert OriginInputs.from_document(stated.to_document()) == stated
    with pytest.raises(InvalidInputError) as refused:
        OriginInputs.from_document(plain.to_document() | {"hs_edition": "HS2018"})
    assert refused.value.field == "/hs_edition"


def test_the_packs_own_edition_needs_no_table_and_changes_nothing() -> None:
    plain = good("190531", material("60", "110100"))
    stated = replace(plain, hs_edition=ATIGA.hs_edition)
    assert assess(stated, ATIGA, DAY).digest() == assess(plain, ATIGA, DAY).digest()
    assert assess(plain, ATIGA, DAY, TABLE).digest() == assess(plain, ATIGA, DAY).digest()


def test_without_a_table_a_good_of_another_edition_is_undetermined() -> None:
    verdict = assess(_old("190531", material("60", "110100")), CTH, DAY)
    assert verdict.outcome is Outcome.UNDETERMINED
    assert "no correlation table is loaded" in verdict.finding.reason
    assert remedies(verdict.finding) == (
        "origin of 190531 (HS2017): state the codes in HS2022, or load a correlation table",
    )


@pytest.mark.parametrize(("hs", "edition"), [("190599", "HS2017"), ("190531", "HS2002")])
def test_a_good_that_the_table_does_not_carry_is_undetermined(hs: str, edition: str) -> None:
    verdict = assess(_old(hs, material("60", "110100"), edition=edition), CTH, DAY, TABLE)
    assert verdict.outcome is Outcome.UNDETERMINED
    assert f"{hs} cannot be carried from {edition} to HS2022" in verdict.finding.reason
    assert "demo.csv" in dict(verdict.finding.figures)[f"{hs} ({edition})"]


def test_a_code_with_one_reading_is_used_and_shown() -> None:
    verdict = assess(_old("190531", material("60", "110100")), CTH, DAY, TABLE)
    assert verdict.outcome is Outcome.MET
    assert verdict.criterion == assess(good("190531", material("60", "110200")), CTH, DAY).criterion
    figures = dict(verdict.finding.figures)
    assert figures["110100 (HS2017)"] == "110200 (HS2022)"
    assert figures["190531 (HS2017)"] == "190531 (HS2022)"
    assert figures["correlation"] == f"HS2017 to HS2022 by {TABLE.title}"


def test_the_codes_of_materials_are_carried_before_they_are_compared() -> None:
    # Under the codes as they stand, 1101 is another heading than 1102; in HS2022 it is the same.
    moved = table("HS2017 110290 HS2022 110200", "HS2017 110100 HS2022 110200")
    inputs = _old("110290", material("60", "110100"))
    assert assess(replace(inputs, hs_edition=None), CTH, DAY).outcome is Outcome.MET
    assert assess(inputs, CTH, DAY, moved).outcome is Outcome.NOT_MET


def test_an_ambiguous_good_is_met_where_every_reading_is() -> None:
    verdict = assess(_old("190532", material("60", "110100")), CTH, DAY, TABLE)
    assert verdict.outcome is Outcome.MET
    assert verdict.criterion
    assert [part.name for part in verdict.finding.parts] == [
        "origin of 190532",
        "origin of 190590",
    ]
    assert remedies(verdict.finding) == ()


def test_an_ambiguous_good_is_undetermined_where_readings_differ() -> None:
    same = table(
        "HS2017 190532 HS2022 190532",
        "HS2017 190532 HS2022 190590",
        "HS2017 190531 HS2022 190590",
    )
    verdict = assess(_old("190532", material("60", "190531")), CTSH, DAY, same)
    assert [part.outcome for part in verdict.finding.parts] == [Outcome.MET, Outcome.NOT_MET]
    assert verdict.outcome is Outcome.UNDETERMINED
    assert verdict.criterion is None
    assert verdict.finding.remedy == "state in HS2022 the code of 190532 (190532 or 190590)"


def test_an_ambiguous_material_is_judged_under_each_of_its_codes() -> None:
    verdict = assess(_old("190531", material("60", "110290")), CTH, DAY, TABLE)
    assert verdict.outcome is Outcome.MET
    assert assess(_old("190531", material("60", "190532")), CTSH, DAY, TABLE).outcome is Outcome.MET
    into_1901 = _old("190120", material("60", "110290"))
    moved = table(
        "HS2017 190120 HS2022 190120",
        "HS2017 110290 HS2022 110290",
        "HS2017 110290 HS2022 190120",
    )
    verdict = assess(into_1901, CTH, DAY, moved)
    assert verdict.outcome is Outcome.UNDETERMINED
    assert "110290 (110290 or 190120)" in verdict.finding.remedy


def test_a_material_that_the_table_does_not_hold_is_unclassified() -> None:
    inputs = _old("190531", material("60", "999999"))
    verdict = assess(inputs, CTH, DAY, TABLE)
    assert verdict.outcome is Outcome.UNDETERMINED
    assert dict(verdict.finding.figures)["999999 (HS2017)"].startswith("unknown: demo.csv")
    by_value = pack_with('{ rvc = "40%" }')
    assert assess(inputs, by_value, DAY, TABLE).outcome is Outcome.MET


def test_more_readings_than_can_be_judged_are_undetermined() -> None:
    many = [material("1", "110290") for _ in range(MAX_READINGS.bit_length())]
    at_most = assess(_old("190531", *many[:-1]), CTH, DAY, TABLE)
    assert len(at_most.finding.parts) == MAX_READINGS
    assert at_most.outcome is Outcome.MET
    beyond = assess(_old("190531", *many), CTH, DAY, TABLE)
    assert beyond.outcome is Outcome.UNDETERMINED
    assert "110290 (110290 or 190120)" in beyond.finding.remedy


@settings(deadline=None)
@given(st.sampled_from(sorted(TABLE.links["HS2017", "HS2022"])), st.sampled_from([CTH, CTSH]))
def test_an_outcome_that_is_not_open_holds_for_every_reading(hs: str, pack: Pack) -> None:
    outcome = assess(_old(hs, material("60", "190532")), pack, DAY, TABLE).outcome
    for code in TABLE.transpose(hs, "HS2017", "HS2022").candidates:
        for of in TABLE.transpose("190532", "HS2017", "HS2022").candidates:
            alone = assess(good(HsCode(code), material("60", of)), pack, DAY).outcome
            assert outcome in (alone, Outcome.UNDETERMINED)
