"""What an agreement says around its rules: de minimis, operations, cumulation, ancillary, lots."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from origin_cases import DAY, good, material, pack_with, shipped_toml, walk

from tulen.errors import InvalidInputError
from tulen.origin import (
    Attestation,
    Details,
    Finding,
    LotMethod,
    Material,
    OriginInputs,
    Outcome,
    Production,
    Role,
    Weights,
    assess,
    pack_from,
)
from tulen.values import Country

MET, NOT_MET, UNDETERMINED = Outcome
CTH, RVC = '{ ctc = "CTH" }', '{ rvc = "40%" }'
ROWS = """[
    { goods = ["50-63"], weight = "10%", not_for = ["elastomeric-yarn"] },
    { goods = ["2009"], value = "10%", not_for = ["0805"] },
    { goods = ["11"], value = "10%", weight = "10%" },
    { goods = ["28-49"], value = "10%" },
]"""


def by_rule(rule: str, inputs: OriginInputs, **terms: str) -> Finding:
    return assess(inputs, pack_with(rule, **terms), DAY).finding.parts[-1]


def heavy(value: str | None, hs: str, weight: str | None, **details: object) -> Material:
    kilograms = Decimal(weight) if weight is not None else None
    return material(value, hs, details=Details(weight=kilograms, **details))  # type: ignore[arg-type]


FABRIC = {"kinds": ("fabric",)}
TABLE = {
    "by weight, at the limit": ("520832", [heavy("50", "520812", "10", **FABRIC)], MET),
    "by weight, above it": ("520832", [heavy("1", "520812", "10.1", **FABRIC)], NOT_MET),
    "by weight, not weighed": ("520832", [heavy("1", "520812", None, **FABRIC)], UNDETERMINED),
    "barred by its kind": (
        "520832",
        [heavy("1", "520812", "1", kinds=("elastomeric-yarn",))],
        NOT_MET,
    ),
    "may be of the barred kind": ("520832", [heavy("1", "520812", "1")], UNDETERMINED),
    "barred by its code": ("200912", [material("6", "200911")], MET),
    "by value where weight fails": ("110812", [heavy("9", "1108", "13")], MET),
    "by weight where value fails": ("110812", [heavy("13", "1108", "9")], MET),
    "neither": ("110812", [heavy("13", "1108", "13")], NOT_MET),
    "no row, nothing allowed": ("151790", [material("0.01", "1517")], NOT_MET),
    "a row by value": ("320730", [material("10", "3207")], MET),
}


@pytest.mark.parametrize(("hs", "materials", "outcome"), TABLE.values(), ids=TABLE.keys())
def test_de_minimis_depends_on_the_chapter(
    hs: str, materials: list[Material], outcome: Outcome
) -> None:
    inputs = good(hs, *materials, weights=Weights(net=Decimal(100)))
    assert by_rule(CTH, inputs, de_minimis_by_chapter=ROWS).outcome is outcome


def test_de_minimis_never_saves_what_its_row_bars() -> None:
    rule = '{ ctc = "CC", except = ["0805"] }'
    assert by_rule(rule, good("200912", material("6", "0805"))).outcome is MET
    inputs = good("200912", material("6", "0805"))
    assert by_rule(rule, inputs, de_minimis_by_chapter=ROWS).outcome is NOT_MET


BOTH = '{ any = [{ rvc = "40%" }, { ctc = "CC" }] }'
JOINT = '{ all = [{ rvc = "40%" }, { ctc = "CC" }] }'
PACKED = Production(operations=("packaging",))
ONLY = Production(only_minimal=True)
OPERATIONS = {
    "all claims": ("all", BOTH, PACKED, NOT_MET),
    "all claims, but more was done": (
        "all",
        BOTH,
        Production(operations=("packaging", "baking")),
        MET,
    ),
    "all claims, nothing stated": ("all", BOTH, None, MET),
    "value content alone": ("value-content", RVC, ONLY, NOT_MET),
    "value content beside a change": ("value-content", BOTH, ONLY, MET),
    "value content with a change": ("value-content", JOINT, ONLY, MET),
    "a change": ("tariff-change", '{ ctc = "CC" }', ONLY, NOT_MET),
    "value content where a change is meant": ("tariff-change", RVC, ONLY, MET),
}


@pytest.mark.parametrize(
    ("scope", "rule", "production", "outcome"), OPERATIONS.values(), ids=OPERATIONS.keys()
)
def test_minimal_operations_defeat_the_claims_of_their_scope(
    scope: str, rule: str, production: Production | None, outcome: Outcome
) -> None:
    terms = f'{{ operations = ["packaging"], scope = "{scope}" }}'
    inputs = good("180690", material("55", "2106"), production=production)
    assert by_rule(rule, inputs, minimal_operations=terms).outcome is outcome


PARTIAL = '{ minimum = "20%", below = "40%" }'


def partly(content: Fraction, *, evidence: str | None = "Form D, partial cumulation") -> Material:
    item = material("40", "852990", "MY", details=Details(partial_content=content))
    return replace(item, evidence=evidence)


@pytest.mark.parametrize(
    ("item", "share", "outcome"),
    [
        (partly(Fraction(30, 100)), "42.00%", MET),
        (partly(Fraction(20, 100)), "38.00%", NOT_MET),
        (partly(Fraction(19, 100)), "30.00%", NOT_MET),
        (partly(Fraction(40, 100)), "30.00%", NOT_MET),
        (partly(Fraction(30, 100), evidence=None), "30.00%", NOT_MET),
        (replace(partly(Fraction(30, 100)), country=Country("CN")), "30.00%", NOT_MET),
    ],
)
def test_partial_cumulation_counts_in_proportion(
    item: Material, share: str, outcome: Outcome
) -> None:
    inputs = good("852872", material("30", "852910"), item)
    found = by_rule(RVC, inputs, partial_cumulation=PARTIAL)
    assert found.outcome is outcome
    figures = [dict(part.figures)["RVC"] for part in walk(found) if part.figures]
    assert [text.split(" = ")[1] for text in figures] == [share]
    assert by_rule(RVC, inputs).outcome is NOT_MET


def ancillary(role: Role, value: str, hs: str, **details: object) -> Material:
    return material(value, hs, details=Details(role=role, **details))  # type: ignore[arg-type]


ASIDE = {
    "retail packing does not fail a change": (
        CTH,
        [ancillary(Role.RETAIL_PACKING, "15", "190531")],
        MET,
    ),
    "retail packing counts in value": (
        RVC,
        [ancillary(Role.RETAIL_PACKING, "61", "4819")],
        NOT_MET,
    ),
    "transport packing counts nowhere": (
        RVC,
        [ancillary(Role.TRANSPORT_PACKING, "61", "190531")],
        MET,
    ),
    "a catalyst counts nowhere": (RVC, [ancillary(Role.INDIRECT, "61", "3815")], MET),
    "an accessory with the good": (
        CTH,
        [ancillary(Role.ACCESSORY, "15", "190531", separately_invoiced=False, customary=True)],
        MET,
    ),
    "an accessory with an invoice": (
        CTH,
        [ancillary(Role.ACCESSORY, "15", "190531", separately_invoiced=True, customary=True)],
        NOT_MET,
    ),
    "an accessory of which too little is known": (
        CTH,
        [ancillary(Role.ACCESSORY, "15", "190531", customary=True)],
        UNDETERMINED,
    ),
}


@pytest.mark.parametrize(("rule", "materials", "outcome"), ASIDE.values(), ids=ASIDE.keys())
def test_what_is_no_ingredient_is_taken_by_its_role(
    rule: str, materials: list[Material], outcome: Outcome
) -> None:
    inputs = good("190531", *materials, material("1", "1101"))
    assert by_rule(rule, inputs).outcome is outcome


def test_a_pack_may_count_transport_packing() -> None:
    terms = '{ transport-packing = { classification = "counted", value = "counted" } }'
    inputs = good("190531", ancillary(Role.TRANSPORT_PACKING, "61", "4819"))
    assert by_rule(RVC, inputs, ancillary=terms).outcome is NOT_MET


def test_an_originating_material_forgets_what_is_in_it_unless_the_pack_says_no() -> None:
    pad = material("50", "870830", "VN", originating=True)
    pad = replace(pad, details=Details(non_originating_content=Decimal(20)))
    inputs = good("870830", pad, material("45", "7318"))
    assert by_rule(RVC, inputs).outcome is MET
    assert by_rule(RVC, inputs, roll_up="false").outcome is NOT_MET


def test_tracing_counts_only_what_is_foreign_in_an_intermediate_of_a_party() -> None:
    part = material("50", "870899", "VN", details=Details(non_originating_content=Decimal(25)))
    inputs = good("870899", part, material("20", "8482"))
    assert by_rule(RVC, inputs).outcome is NOT_MET
    assert by_rule(RVC, inputs, tracing="true").outcome is MET
    elsewhere = replace(
        inputs, materials=(replace(part, country=Country("CN")), inputs.materials[1])
    )
    assert by_rule(RVC, elsewhere, tracing="true").outcome is NOT_MET


def test_only_deductions_that_the_agreement_knows_are_taken_off() -> None:
    bought = material(
        "62",
        "940390",
        details=Details(deductions=(("inland-freight", Decimal(2)), ("gift", Decimal(9)))),
    )
    inputs = good("940360", bought)
    assert by_rule(RVC, inputs).outcome is NOT_MET
    found = by_rule(RVC, inputs, deductions='["inland-freight"]')
    assert found.outcome is MET
    assert found.criterion == "40%"


def lot(method: LotMethod | None, value: str, *, originating: bool) -> Material:
    item = material(value, "390761", "VN" if originating else "CN", originating=originating)
    return replace(item, details=Details(lot="PET", lot_method=method))


@pytest.mark.parametrize(
    ("methods", "outcome"),
    [
        ((LotMethod.AVERAGE, LotMethod.AVERAGE), MET),
        ((None, None), NOT_MET),
        ((LotMethod.FIFO, LotMethod.AVERAGE), NOT_MET),
    ],
)
def test_a_lot_counts_as_originating_only_by_one_method(
    methods: tuple[LotMethod | None, LotMethod | None], outcome: Outcome
) -> None:
    first, second = methods
    resin = lot(first, "30", originating=True), lot(second, "20", originating=False)
    inputs = good("392330", *resin, material("38", "3206"))
    assert by_rule(RVC, inputs).outcome is outcome


def test_a_pack_may_refuse_a_method_for_lots() -> None:
    inputs = good("392330", lot(LotMethod.LIFO, "30", originating=True), material("38", "3206"))
    assert by_rule(RVC, inputs).outcome is MET
    assert by_rule(RVC, inputs, lot_methods='["fifo"]').outcome is NOT_MET


def test_materials_of_further_countries_count_where_the_pack_says_so() -> None:
    inputs = good("190531", material("70", "1101", "KR", originating=True))
    assert by_rule(RVC, inputs).outcome is NOT_MET
    assert by_rule(RVC, inputs, cumulates_with='["KR"]').outcome is MET


def test_a_pack_may_open_produced_exclusively_to_every_good() -> None:
    inputs = good("070190", material("80", "0701", "MY", originating=True))
    assert assess(inputs, pack_with(CTH.replace("CTH", "CC")), DAY).outcome is MET
    pack = pack_with("{ wo = true }", produced_exclusively="true")
    verdict = assess(inputs, pack, DAY)
    assert (verdict.outcome, verdict.criterion) == (MET, None)
    assert verdict.finding.unprinted.startswith("the form has no code for PE [ATIGA Annex 7")
    assert assess(inputs, pack_with("{ wo = true }"), DAY).outcome is NOT_MET


def test_mixed_textiles_are_tolerated_by_the_weight_of_basic_textile_materials() -> None:
    rule = '{ process_text = "spinning or weaving", textile_tolerance = true }'

    def fabric(kilograms: str) -> OriginInputs:
        weights = Weights(textile=Decimal(100))
        yarn, buttons = heavy(None, "5107", kilograms), heavy(None, "9606", "40")
        return good("511219", yarn, buttons, weights=weights)

    assert by_rule(rule, fabric("10"), textile_tolerance='"10%"').outcome is MET
    assert by_rule(rule, fabric("10.1"), textile_tolerance='"10%"').outcome is NOT_MET
    assert by_rule(rule, fabric("10")).outcome is UNDETERMINED


def test_a_textile_list_is_the_packs() -> None:
    lists = '{ C = { process_any = ["embroidery"], embroidered_area = "5%" } }'
    told = Production(embroidered_area=Fraction(6, 100))
    inputs = OriginInputs.from_document(
        good("630231", production=told).to_document()
        | {"production": {"embroidered_area": "6%", "processes": [{"code": "embroidery"}]}}
    )
    assert by_rule('{ textile_list = "C" }', inputs, textile_lists=lists).outcome is MET
    assert by_rule('{ textile_list = "A" }', inputs, textile_lists=lists).outcome is UNDETERMINED


def test_an_agreement_without_a_general_rule_admits_no_good_without_a_product_rule() -> None:
    text = shipped_toml()
    start, end = text.index("[[general_rule]]"), text.index("[[wholly_obtained]]")
    bare = text[:start] + text[end : text.index("# Product specific rules")]
    covered = bare + (
        '[[coverage]]\nhs = "01-97"\n[[coverage.complete]]\nsince = 2010-05-17\nvalue = true\n'
        'reference = { title = "a statement of this test" }\n'
    )
    inputs = good("190531", material("10", "1101"))
    outcomes = [
        assess(inputs, pack_from(each.encode(), "bare.toml"), DAY).outcome
        for each in (bare, covered)
    ]
    assert outcomes == [UNDETERMINED, NOT_MET]


def test_a_narrowed_heading_applies_where_somebody_answers_for_the_words() -> None:
    pack = pack_from(shipped_toml().encode(), "atiga.toml")
    scallops = "scallops of the genera Pecten, Chlamys or Placopecten"
    others = "other molluscs of the family Pectinidae"
    fresh = good("030722", material("65", "030721"))

    def told(*answers: Attestation) -> OriginInputs:
        return replace(fresh, production=Production(attestations=answers))

    assert assess(fresh, pack, DAY).outcome is UNDETERMINED
    assert assess(told(Attestation(scallops, holds=True)), pack, DAY).outcome is NOT_MET
    answered = told(Attestation(scallops, holds=False), Attestation(others, holds=True))
    assert assess(answered, pack, DAY).criterion == "CTSH"
    # It cannot be both; which of the rules is right is then not known.
    both = told(Attestation(scallops, holds=True), Attestation(others, holds=True))
    assert assess(both, pack, DAY).outcome is UNDETERMINED


BROKEN = {
    "a row for no goods": ("de_minimis_by_chapter", '[{ value = "1%" }]', "/goods"),
    "a basis of no value": (
        "de_minimis_by_chapter",
        '[{ goods = ["01"], weight = "1%", basis = "EXW" }]',
        "/basis",
    ),
    "an unknown scope": (
        "minimal_operations",
        '{ operations = ["packaging"], scope = "some" }',
        "/scope",
    ),
    "an unknown role": ("ancillary", "{ wheels = {} }", "/wheels"),
    "limits the wrong way round": (
        "partial_cumulation",
        '{ minimum = "40%", below = "20%" }',
        "/below",
    ),
    "an unknown lot method": ("lot_methods", '["guess"]', "/0"),
    "a flag that is a word": ("tracing", '"yes"', "/value"),
    "a list that is no rule": ("textile_lists", '{ A = "weaving" }', "/A"),
}


@pytest.mark.parametrize(("name", "value", "field"), BROKEN.values(), ids=BROKEN.keys())
def test_a_malformed_term_is_refused_at_its_place(name: str, value: str, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        pack_with(CTH, **{name: value})
    assert caught.value.field.startswith(f"test.toml#/{name}")
    assert caught.value.field.endswith(field)


def test_a_pack_says_something_about_de_minimis() -> None:
    text = shipped_toml()
    start, end = text.index("[[de_minimis]]"), text.index("[[cumulation]]")
    with pytest.raises(InvalidInputError, match=r"write .0%."):
        pack_from((text[:start] + text[end:]).encode(), "test.toml")
