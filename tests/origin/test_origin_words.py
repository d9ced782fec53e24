"""Every word of the rule language, met, not met, and undetermined where something is not said."""

from decimal import Decimal
from fractions import Fraction

import pytest
from origin_cases import DAY, good, material, pack_with, walk

from tulen.origin import (
    Attestation,
    Details,
    Finding,
    Method,
    OriginInputs,
    Outcome,
    Prices,
    Process,
    Production,
    SetItem,
    Weights,
    assess,
)
from tulen.values import Country, Currency

MET, NOT_MET, UNDETERMINED = Outcome
USD = Currency("USD")


def by_rule(rule: str, inputs: OriginInputs, **terms: str) -> Finding:
    """Return what ``rule`` alone finds."""
    return assess(inputs, pack_with(rule, **terms), DAY).finding.parts[-1]


def priced(*materials: object, **prices: str) -> OriginInputs:
    """Return a good without a FOB price, but with others."""
    told = Prices(USD, **{name: Decimal(value) for name, value in prices.items()})
    return good("940171", *materials, fob=None, prices=told)  # type: ignore[arg-type]


def made(*codes: str, **told: object) -> Production:
    return Production(tuple(Process(code) for code in codes), **told)  # type: ignore[arg-type]


SEAT = (
    material("45", "940190"),
    material("30", "7306"),
    material("10", "3921", "VN", originating=True),
)


OBTAINED = Details(kinds=("wholly obtained",))
DENIED = Production(attestations=(Attestation("from yarn", holds=False),))

ANSWERS = {
    "focused counts only what the rule names": (
        '{ rvc = "55%", method = "focused", basis = "AV", of = ["9401"] }',
        priced(*SEAT, adjusted="100"),
        MET,
    ),
    "focused is not met above its limit": (
        '{ rvc = "56%", method = "focused", basis = "AV", of = ["9401"] }',
        priced(*SEAT, adjusted="100"),
        NOT_MET,
    ),
    "focused does not guess an unknown classification": (
        '{ rvc = "55%", method = "focused", basis = "AV", of = ["9401"] }',
        priced(material("46", None), adjusted="100"),
        UNDETERMINED,
    ),
    "net cost is measured against net cost": (
        '{ rvc = "35%", method = "net-cost" }',
        priced(material("58", "840731"), adjusted="100", net_cost="90"),
        MET,
    ),
    "net cost does not take another price instead": (
        '{ rvc = "35%", method = "net-cost" }',
        priced(material("58", "840731"), adjusted="100"),
        UNDETERMINED,
    ),
    "transaction value": (
        '{ rvc = "60%", method = "transaction-value" }',
        priced(material("45", "848190"), transaction="100"),
        NOT_MET,
    ),
    "build-up against the adjusted value counts materials alone": (
        '{ rvc = "10%", method = "build-up", basis = "AV" }',
        priced(*SEAT, adjusted="100"),
        MET,
    ),
    "FOB follows from CIF": (
        '{ rvc = "40%" }',
        priced(material("60", "7306"), cif="106", freight="5", insurance="1"),
        MET,
    ),
    "FOB does not follow from CIF without insurance": (
        '{ rvc = "40%" }',
        priced(material("60", "7306"), cif="106", freight="5"),
        UNDETERMINED,
    ),
    "an unknown value is no zero": (
        '{ rvc = "40%" }',
        good("940171", material(None, "7306"), material("10", "7307")),
        UNDETERMINED,
    ),
    "an unknown value does not hide a failure": (
        '{ rvc = "40%" }',
        good("940171", material(None, "7306"), material("61", "7307")),
        NOT_MET,
    ),
    "a cap on value includes its limit": (
        '{ max_nom = "70%", basis = "EXW" }',
        priced(material("70", "9108"), ex_works="100"),
        MET,
    ),
    "a cap on value is exceeded": (
        '{ max_nom = "70%", basis = "EXW" }',
        priced(material("70.01", "9108"), ex_works="100"),
        NOT_MET,
    ),
    "a cap on value of named materials": (
        '{ max_nom = "10%", basis = "EXW", of = ["9109"] }',
        priced(material("70", "9108"), ex_works="100"),
        MET,
    ),
    "a cap on value needs the price": (
        '{ max_nom = "70%", basis = "EXW" }',
        good("910211", material("70", "9108")),
        UNDETERMINED,
    ),
    "any heading but cereals": (
        '{ any_heading = true, except = ["10"] }',
        good("190410", material("5", "2501")),
        MET,
    ),
    "any heading but this one": (
        '{ any_heading = true, except = ["10"] }',
        good("190410", material("50", "1006")),
        NOT_MET,
    ),
    "any heading at all": ("{ any_heading = true }", good("190410", material("90", "1904")), MET),
    "a heading that may stay": (
        '{ ctc = "CTH", allow = ["848190"] }',
        good("848180", material("50", "848190")),
        MET,
    ),
    "an excluded code is not let in by allow": (
        '{ ctc = "CTH", allow = ["8481"], except = ["848190"] }',
        good("848180", material("50", "848190")),
        NOT_MET,
    ),
    "a tolerance of the rule": (
        '{ ctc = "CTH", tolerance = { of = "same-heading", max_value = "20%", basis = "FOB" } }',
        good("281511", material("20", "281512"), material("40", "2501")),
        MET,
    ),
    "a tolerance of the rule is exceeded": (
        '{ ctc = "CTH", tolerance = { of = "same-heading", max_value = "20%", basis = "FOB" } }',
        good("281511", material("20.1", "281512")),
        NOT_MET,
    ),
    "produced exclusively": (
        "{ pe = true }",
        good("940360", material("40", "4407", "MY", originating=True)),
        MET,
    ),
    "not produced exclusively": (
        "{ pe = true }",
        good("940360", material("40", "4407", "MY", originating=True), material("1", "8302")),
        NOT_MET,
    ),
    "wholly obtained by facts": (
        "{ wo = true }",
        good("010229", facts=(("born_in", Country("VN")), ("raised_in", Country("VN")))),
        MET,
    ),
    "raised is not born": (
        "{ wo = true }",
        good("010229", facts=(("raised_in", Country("VN")),)),
        UNDETERMINED,
    ),
    "born elsewhere": (
        "{ wo = true }",
        good("010229", facts=(("born_in", Country("AR")), ("raised_in", Country("VN")))),
        NOT_MET,
    ),
    "grown in another party": (
        '{ wo = true, in = "exporting-party" }',
        good("090710", facts=(("grown_in", Country("MY")),)),
        NOT_MET,
    ),
    "grown in any party": (
        '{ wo = true, in = "party" }',
        good("090710", facts=(("grown_in", Country("MY")),)),
        MET,
    ),
    "a crop forgets its seed": (
        "{ wo = true }",
        good("0702", material("1", "120991"), facts=(("grown_in", Country("VN")),)),
        MET,
    ),
    "materials wholly obtained": (
        '{ wo_materials = ["10"] }',
        good(
            "110812",
            material("50", "1005", "VN", originating=True, details=OBTAINED),
        ),
        MET,
    ),
    "originating is not wholly obtained": (
        '{ wo_materials = ["10"] }',
        good("110812", material("50", "1005", "VN", originating=True)),
        UNDETERMINED,
    ),
    "materials not wholly obtained": (
        '{ wo_materials = ["10"] }',
        good("110812", material("50", "1005")),
        NOT_MET,
    ),
    "all processes": (
        '{ process_all = ["cut", "sewn"] }',
        good("610120", material("70", "6006"), production=made("cut", "sewn")),
        MET,
    ),
    "a process is missing": (
        '{ process_all = ["cut", "sewn"] }',
        good("610120", material("70", "6006"), production=made("sewn")),
        NOT_MET,
    ),
    "no process is stated": (
        '{ process_all = ["cut", "sewn"] }',
        good("610120", material("70", "6006")),
        UNDETERMINED,
    ),
    "a process elsewhere": (
        '{ process_any = ["weaving"], in = "exporting-party" }',
        good("520832", production=Production((Process("weaving", Country("MY")),))),
        NOT_MET,
    ),
    "embroidery that covers enough": (
        '{ process_any = ["embroidery"], embroidered_area = "5%" }',
        good("630231", production=made("embroidery", embroidered_area=Fraction(1, 20))),
        MET,
    ),
    "embroidery that covers too little": (
        '{ process_any = ["embroidery"], embroidered_area = "5%" }',
        good("630231", production=made("embroidery", embroidered_area=Fraction(1, 25))),
        NOT_MET,
    ),
    "embroidery of unknown size": (
        '{ process_any = ["embroidery"], embroidered_area = "5%" }',
        good("630231", production=made("embroidery")),
        UNDETERMINED,
    ),
    "words that are answered for": (
        '{ process_text = "from yarn" }',
        good("620342", production=Production(attestations=(Attestation("from yarn", holds=True),))),
        MET,
    ),
    "words that are denied": (
        '{ process_text = "from yarn" }',
        good("620342", production=DENIED),
        NOT_MET,
    ),
    "words that nobody answers for": (
        '{ process_text = "from yarn" }',
        good("620342", material("1", "5205")),
        UNDETERMINED,
    ),
    "a stage of material": (
        '{ materials_from = "yarn" }',
        good("620342", material("1", "5205", details=Details(kinds=("yarn",)))),
        MET,
    ),
    "assembled from a list": (
        '{ assembled_from_list = "ITA" }',
        good("847150", material("90", "847330", details=Details(lists=("ITA",)))),
        MET,
    ),
    "assembled from something else": (
        '{ assembled_from_list = "ITA" }',
        good("847150", material("90", "847330", details=Details(lists=("other",)))),
        NOT_MET,
    ),
    "a list that nobody mentions": (
        '{ assembled_from_list = "ITA" }',
        good("847150", material("90", "847330")),
        UNDETERMINED,
    ),
    "a textile list that the pack lacks": (
        '{ textile_list = "C" }',
        good("630231", production=made("weaving")),
        UNDETERMINED,
    ),
    "a set within its limit": (
        '{ set = { gir = "3(c)", max_non_originating = "10%" } }',
        good(
            "960500",
            set_items=(SetItem("a", True, Decimal(90)), SetItem("b", False, Decimal(10))),
        ),
        MET,
    ),
    "a set beyond its limit": (
        '{ set = { max_non_originating = "10%" } }',
        good("960500", set_items=(SetItem("b", originating=False, value=Decimal(11)),)),
        NOT_MET,
    ),
    "a set whose article is unknown": (
        '{ set = { max_non_originating = "10%" } }',
        good("960500", set_items=(SetItem("b", None, Decimal(11)),)),
        UNDETERMINED,
    ),
    "a rule that cannot be read": (
        '{ undetermined = "manufacture in which the word is long" }',
        good("960500", material("1", "0101")),
        UNDETERMINED,
    ),
    "a last process in the exporting party": (
        '{ rvc = "40%", final_process = "exporting-party" }',
        good("940171", material("1", "7306"), production=Production(last_process=Country("VN"))),
        MET,
    ),
    "a last process in another party": (
        '{ rvc = "40%", final_process = "exporting-party" }',
        good("940171", material("1", "7306"), production=Production(last_process=Country("MY"))),
        NOT_MET,
    ),
    "a last process nobody states": (
        '{ rvc = "40%", final_process = "party" }',
        good("940171", material("1", "7306")),
        UNDETERMINED,
    ),
}


@pytest.mark.parametrize(("rule", "inputs", "outcome"), ANSWERS.values(), ids=ANSWERS.keys())
def test_a_rule_answers(rule: str, inputs: OriginInputs, outcome: Outcome) -> None:
    assert by_rule(rule, inputs).outcome is outcome


@pytest.mark.parametrize(("rule", "inputs", "outcome"), ANSWERS.values(), ids=ANSWERS.keys())
def test_its_inputs_are_committed_and_read_back(
    rule: str, inputs: OriginInputs, outcome: Outcome
) -> None:
    document = inputs.to_document()
    again = OriginInputs.from_document(document)
    assert again == inputs
    assert again.to_document() == document
    assert by_rule(rule, again).outcome is outcome


def _weighed(*, sugar: str, milk: str) -> OriginInputs:
    return good(
        "180632",
        material("10", "1701", details=Details(weight=Decimal(sugar))),
        material("20", "0402", details=Details(weight=Decimal(milk))),
        weights=Weights(net=Decimal(100)),
    )


@pytest.mark.parametrize(
    ("each", "sugar", "milk", "outcome"),
    [
        (", each = true", "40", "40", MET),
        (", each = true", "40.1", "1", NOT_MET),
        ("", "38", "2", MET),
        ("", "38", "2.1", NOT_MET),
    ],
)
def test_a_cap_on_weight_is_on_each_or_on_all_together(
    each: str, sugar: str, milk: str, outcome: Outcome
) -> None:
    rule = f'{{ max_weight = "40%", of = ["1701-1702", "04"]{each} }}'
    assert by_rule(rule, _weighed(sugar=sugar, milk=milk)).outcome is outcome


def test_a_cap_on_weight_passes_what_it_does_not_name() -> None:
    inputs = good("190530", material(None, "1001", details=Details(weight=Decimal(60))))
    assert by_rule('{ max_weight = "20%", of = ["1101-1108"] }', inputs).outcome is MET


def test_a_choice_of_methods_is_bound_to_the_exporting_countrys_own() -> None:
    rule = '{ rvc = "40%", method = ["build-up", "build-down"] }'
    inputs = good("940171", material("10", "7306"), method=Method.BUILD_UP)
    assert by_rule(rule, inputs).outcome is UNDETERMINED
    found = by_rule(rule, good("940171", material("10", "7306")))
    assert found.outcome is MET
    assert found.criterion == "90%"


def test_an_alternative_shows_what_each_method_came_to() -> None:
    rule = (
        '{ any = [{ rvc = "35%", method = "build-up", basis = "AV" }, '
        '{ rvc = "45%", method = "build-down", basis = "AV" }] }'
    )
    found = by_rule(rule, priced(*SEAT, adjusted="100"))
    shares = [dict(item.figures)["RVC"] for item in walk(found) if item.figures]
    assert shares == ["1/10 = 10.00%", "1/4 = 25.00%"]
