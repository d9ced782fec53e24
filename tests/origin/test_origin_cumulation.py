"""Cumulation beyond a partner's originating materials: in full, diagonal, and by the book."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from origin_cases import DAY, good, material, named, pack_with, walk

from tulen.errors import InvalidInputError
from tulen.origin import (
    Costs,
    Details,
    Finding,
    Material,
    Method,
    OriginInputs,
    Outcome,
    Process,
    Production,
    assess,
)
from tulen.origin.case import Case
from tulen.values import AgreementCode, Country

MET, NOT_MET, UNDETERMINED = Outcome
RVC = '{ rvc = "40%" }'


def by_rule(rule: str, inputs: OriginInputs, **terms: str) -> Finding:
    return assess(inputs, pack_with(rule, **terms), DAY).finding.parts[-1]


def worked(country: str, *, evidence: str | None, content: str = "20") -> Material:
    """Return a component worth 70 that does not originate, with what is foreign in it."""
    item = material(
        "70", "870899", country, details=Details(non_originating_content=Decimal(content))
    )
    return replace(item, evidence=evidence)


VALUE_ADDED = {
    "in another party, with evidence": (worked("MY", evidence="Declaration 7"), MET),
    "in another party, without evidence": (worked("MY", evidence=None), NOT_MET),
    "in the exporting country": (worked("VN", evidence=None), MET),
    "in no party": (worked("CN", evidence="Declaration 7"), NOT_MET),
    "too little of it": (worked("MY", evidence="Declaration 7", content="61"), NOT_MET),
    "just enough": (worked("MY", evidence="Declaration 7", content="60"), MET),
}


@pytest.mark.parametrize(("item", "outcome"), VALUE_ADDED.values(), ids=VALUE_ADDED.keys())
def test_full_cumulation_counts_value_added_to_what_does_not_originate(
    item: Material, outcome: Outcome
) -> None:
    inputs = good("870830", item)
    assert by_rule(RVC, inputs, full_cumulation="true").outcome is outcome
    assert by_rule(RVC, inputs, full_cumulation="false").outcome is NOT_MET
    assert by_rule(RVC, inputs).outcome is NOT_MET


def test_full_cumulation_says_what_it_added_and_what_it_refused() -> None:
    inputs = good("870830", worked("MY", evidence="Declaration 7"))
    (figures,) = [
        dict(part.figures)
        for part in walk(by_rule(RVC, inputs, full_cumulation="true"))
        if part.figures
    ]
    assert figures["non-originating materials"] == "USD 20"
    assert figures["RVC without full cumulation"] == "3/10 = 30.00%"
    bare = good("870830", worked("MY", evidence=None))
    (figures,) = [
        dict(part.figures)
        for part in walk(by_rule(RVC, bare, full_cumulation="true"))
        if part.figures
    ]
    assert "no evidence of the production in MY" in figures["declared added value but not counted"]


def test_value_added_in_a_party_counts_towards_build_up() -> None:
    rule = '{ rvc = "40%", method = "build-up" }'
    costs = Costs(Decimal(0), Decimal(0), Decimal(0), Decimal(0))
    inputs = good("870830", worked("MY", evidence="D 7"), method=Method.BUILD_UP, costs=costs)
    assert by_rule(rule, inputs, full_cumulation="true").outcome is MET  # 50 of 100.
    assert by_rule(rule, inputs).outcome is NOT_MET


def test_no_value_is_added_in_other_parties_where_nothing_of_theirs_cumulates() -> None:
    pack = pack_with(RVC, full_cumulation="true")
    terms = pack.on(DAY).terms
    closed = replace(terms, cumulation=replace(terms.cumulation, value=False))
    for item, counts in (
        (worked("MY", evidence="D 7"), False),
        (worked("VN", evidence=None), True),
    ):
        assert (Case.of(good("870830", item), closed).non_originating == 20_000_000) is counts


WEAVING = '{ process_any = ["weaving"] }'
AT_HOME = '{ process_any = ["weaving"], in = "exporting-party" }'


def woven_in(country: str | None) -> OriginInputs:
    process = Process("weaving", Country(country) if country else None)
    return good("620342", material("60", "5205"), production=Production(processes=(process,)))


@pytest.mark.parametrize(
    ("rule", "country", "full", "outcome"),
    [
        (WEAVING, "MY", "true", MET),
        (WEAVING, "MY", "false", NOT_MET),
        (WEAVING, "VN", "false", MET),
        (WEAVING, None, "false", MET),
        (WEAVING, "CN", "true", NOT_MET),
        (AT_HOME, "MY", "true", NOT_MET),
    ],
)
def test_full_cumulation_counts_processes_in_any_party(
    rule: str, country: str | None, full: str, outcome: Outcome
) -> None:
    assert by_rule(rule, woven_in(country), full_cumulation=full).outcome is outcome
    silent = MET if rule == WEAVING and country != "CN" else NOT_MET
    assert by_rule(rule, woven_in(country)).outcome is silent


TABLE = '[{ countries = ["KR"], under = ["AKFTA"], materials = ["52", "8501"] }]'


def korean(under: str | None, hs: str | None = "520812", evidence: str | None = "AK 1") -> Material:
    item = material("70", hs, "KR", originating=True)
    details = Details(under=AgreementCode(under)) if under else None
    return replace(item, details=details, evidence=evidence)


DIAGONAL = {
    "under the linked agreement, where the rules are the same": (korean("AKFTA"), MET),
    "under another agreement": (korean("RCEP"), NOT_MET),
    "under no stated agreement": (korean(None), NOT_MET),
    "without evidence": (korean("AKFTA", evidence=None), NOT_MET),
    "where the rules differ": (korean("AKFTA", "610910"), NOT_MET),
    "where the rules may differ": (korean("AKFTA", None), NOT_MET),
    "known only to a depth at which they may differ": (
        korean("AKFTA", "8501"),
        MET,
    ),
}


@pytest.mark.parametrize(("item", "outcome"), DIAGONAL.values(), ids=DIAGONAL.keys())
def test_diagonal_cumulation_needs_proof_under_an_agreement_of_the_same_rule(
    item: Material, outcome: Outcome
) -> None:
    assert by_rule(RVC, good("620342", item), cumulates_with=TABLE).outcome is outcome


def test_one_of_several_links_is_enough_and_the_reason_names_what_is_missing() -> None:
    links = '[{ countries = ["KR"], under = ["AKFTA"] }, { countries = ["KR"], under = ["RCEP"] }]'
    assert by_rule(RVC, good("620342", korean("RCEP")), cumulates_with=links).outcome is MET
    found = by_rule(RVC, good("620342", korean("CPTPP")), cumulates_with=links)
    text = "\n".join(line for part in walk(found) for line in part.lines())
    assert "it originates under CPTPP, not under AKFTA" in text


def test_a_country_beside_the_parties_cumulates_neither_in_part_nor_in_full() -> None:
    part = replace(
        material("50", "852990", "KR", details=Details(partial_content=Fraction(30, 100))),
        evidence="partial",
    )
    added = worked("KR", evidence="D 7")
    links = '["KR"]'
    partial = '{ minimum = "20%", below = "40%" }'
    inputs = good("852872", part, material("20", "852910"))
    found = by_rule(RVC, inputs, cumulates_with=links, partial_cumulation=partial)
    assert found.outcome is NOT_MET
    inputs = good("852872", added)
    assert by_rule(RVC, inputs, cumulates_with=links, full_cumulation="true").outcome is NOT_MET


WAIVER = '[{ goods = ["22"], value = "5%" }, { goods = ["01-97"], value = "7%", not_for = ["04"] }]'
STRICT = '{ rvc = "60%", method = "build-up" }'
NOTHING = Costs(Decimal(0), Decimal(0), Decimal(0), Decimal(0))


def little(value: str | None, hs: str = "8481", of: str = "848180") -> OriginInputs:
    return good(of, material(value, hs), method=Method.BUILD_UP, costs=NOTHING)


WAIVED = {
    "at the limit": (little("7"), MET),
    "above it": (little("7.01"), NOT_MET),
    "of unknown value": (little(None), UNDETERMINED),
    "of what it is not for": (little("7", "0406"), NOT_MET),
    "by the row of the good": (little("6", of="220300"), NOT_MET),
}


@pytest.mark.parametrize(("inputs", "outcome"), WAIVED.values(), ids=WAIVED.keys())
def test_de_minimis_may_waive_value_content(inputs: OriginInputs, outcome: Outcome) -> None:
    found = by_rule(STRICT, inputs, value_content_waiver=WAIVER)
    assert found.outcome is outcome
    assert (found.claim is not None) is (outcome is MET)
    assert by_rule(STRICT, inputs).outcome is (UNDETERMINED if outcome is UNDETERMINED else NOT_MET)


def test_a_waiver_counts_all_that_does_not_originate_and_waives_nothing_else() -> None:
    two = good(
        "848180",
        material("4", "8481"),
        material("4", "7326"),
        method=Method.BUILD_UP,
        costs=NOTHING,
    )
    assert by_rule(STRICT, two, value_content_waiver=WAIVER).outcome is NOT_MET
    both = '{ all = [{ rvc = "60%", method = "build-up" }, { process_any = ["casting"] }] }'
    assert by_rule(both, little("7"), value_content_waiver=WAIVER).outcome is UNDETERMINED
    last = '{ rvc = "60%", method = "build-up", final_process = "exporting-party" }'
    assert by_rule(last, little("7"), value_content_waiver=WAIVER).outcome is UNDETERMINED


def test_a_waiver_stands_in_for_a_price_that_is_not_stated() -> None:
    net = '{ rvc = "50%", method = "net-cost", basis = "NC" }'
    inputs = good("848180", material("7", "8481"))
    assert by_rule(net, inputs, value_content_waiver=WAIVER).outcome is MET
    dear = good("848180", material("8", "8481"))
    assert by_rule(net, dear, value_content_waiver=WAIVER).outcome is UNDETERMINED


FIXED = '{ VN = "build-up", TH = "build-down" }'


def test_a_country_with_one_method_is_judged_by_no_other() -> None:
    inputs = good("190531", material("10", "1101"))
    with pytest.raises(InvalidInputError, match="is not the method of VN, build-up") as caught:
        assess(inputs, pack_with(RVC, method_of_country=FIXED), DAY)
    assert caught.value.field == "/method"
    named_right = replace(inputs, method=Method.BUILD_UP)
    assert assess(named_right, pack_with(RVC, method_of_country=FIXED), DAY).outcome
    elsewhere = replace(inputs, exporting_country=Country("MY"))
    assert assess(elsewhere, pack_with(RVC, method_of_country=FIXED), DAY).outcome is MET


MALFORMED = {
    "a method of no country": ("method_of_country", '{ vn = "build-up" }', "/vn"),
    "a country of no method": ("method_of_country", '{ VN = "guess" }', "/VN"),
    "no country": ("method_of_country", "{}", "/value"),
    "a link to nobody": ("cumulates_with", '[{ under = ["AKFTA"] }]', "/countries"),
    "a link and a country": ("cumulates_with", '[{ countries = ["KR"] }, "JP"]', "/1"),
    "a link to goods of no code": (
        "cumulates_with",
        '[{ countries = ["KR"], materials = ["yarn"] }]',
        "/materials/0",
    ),
    "a flag that is a word": ("full_cumulation", '"yes"', "/value"),
    "a waiver for no goods": ("value_content_waiver", '[{ value = "7%" }]', "/goods"),
    "a set by no rule": ("sets", '[{ by = ["3(d)"] }]', "/by/0"),
    "a basis of nothing": ("sets", '[{ basis = "AV" }]', "/basis"),
}


@pytest.mark.parametrize(("name", "value", "field"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_term_is_refused_where_it_stands(name: str, value: str, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        pack_with(RVC, **{name: value})
    assert caught.value.field.startswith(f"test.toml#/{name}")
    assert caught.value.field.endswith(field)


def test_the_agreement_of_a_proof_and_the_rule_of_a_set_are_written_and_read() -> None:
    document = good("620342", korean("AKFTA")).to_document() | {
        "set_items": [{"description": "comb"}],
        "set_by": "3(b)",
    }
    inputs = OriginInputs.from_document(document)
    assert inputs.to_document() == document
    assert document["materials"][0]["under"] == "AKFTA"
    del document["set_items"]
    with pytest.raises(InvalidInputError, match="state its articles"):
        OriginInputs.from_document(document)
    assert named(assess(inputs, pack_with(RVC), DAY).finding, "WO").aside
