"""Bills of materials of many levels: judged bottom-up, or refused by name.

The example, by hand, under RVC 40% with the build-down formula (price - non-originating) / price:

* 1 kg of compound is worth 10 and takes 700 g of resin (CN, 5 a kilogram: 3.50) and 0.3 kg of
  filler (VN, originating). (10 - 3.50) / 10 = 65%: it originates.
* A pad is worth 20 and takes 0.6 kg of compound (6.00, originating) and a plate (CN, 9).
  (20 - 9) / 20 = 55%: it originates. Were the compound non-originating: (20 - 15) / 20 = 25%.
* The brake is worth 100 and takes two pads (40, originating) and a caliper (CN, 45).
  (100 - 45) / 100 = 55%: it originates. Were the pads non-originating: (100 - 85) / 100 = 15%.
"""

import copy
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from origin_cases import DAY, named, pack_with

from tulen.errors import InvalidInputError
from tulen.origin import NotAPartyError, OriginVerdict, Outcome, assess_bill

RVC = '{ rvc = "40%" }'
PACK = pack_with(RVC)
MET, NOT_MET, UNDETERMINED = Outcome
Bill = dict[str, Any]

BRAKE: Bill = {
    "agreement": "ATIGA",
    "exporting_country": "VN",
    "importing_country": "ID",
    "method": "build-down",
    "currency": "USD",
    "good": "brake",
    "parts": {
        "brake": {
            "hs_code": "870830",
            "value": "100",
            "of": [{"part": "pad", "quantity": "2"}, {"part": "caliper"}],
        },
        "pad": {
            "hs_code": "681381",
            "country": "VN",
            "value": "20",
            "of": [{"part": "compound", "quantity": "0.6"}, {"part": "plate"}],
        },
        "compound": {
            "hs_code": "382499",
            "country": "VN",
            "value": "10",
            "unit": "KGM",
            "of": [
                {"part": "resin", "quantity": "700", "unit": "GRM"},
                {"part": "filler", "quantity": "0.3"},
            ],
        },
        "resin": {"hs_code": "390940", "country": "CN", "value": "5", "unit": "KGM"},
        "filler": {
            "hs_code": "251110",
            "country": "VN",
            "value": "4",
            "unit": "KGM",
            "originating": True,
        },
        "plate": {"hs_code": "732690", "country": "CN", "value": "9"},
        "caliper": {"hs_code": "870899", "country": "CN", "value": "45"},
    },
}


def brake(change: Callable[[Bill], object] = lambda _: None) -> Bill:
    """Return the example, with ``change`` made to its parts."""
    bill = copy.deepcopy(BRAKE)
    change(bill["parts"])
    return bill


def judged(bill: Bill, **terms: str) -> OriginVerdict:
    return assess_bill(bill, pack_with(RVC, **terms) if terms else PACK, DAY)


def dear_resin(parts: Bill) -> None:
    """Make the compound fail: (10 - 0.7 x 14) / 10 = 2%."""
    parts["resin"]["value"] = "14"


def unclassified(parts: Bill) -> None:
    """Leave open whether the compound originates."""
    del parts["compound"]["hs_code"]


def chain(levels: int) -> Bill:
    """Return a bill whose deepest part lies ``levels`` lines below the good."""
    parts: Bill = {
        f"part {level}": {
            "hs_code": "870830",
            "country": "VN",
            "value": "10",
            "of": [{"part": f"part {level + 1}"}],
        }
        for level in range(levels)
    }
    parts[f"part {levels}"] = {"hs_code": "390940", "country": "CN", "value": "1"}
    return {**BRAKE, "good": "part 0", "parts": parts}


def wide(lines: int, per_part: int = 500) -> Bill:
    """Return a bill of ``lines`` lines in all, of intermediates of up to ``per_part`` lines."""
    parts: Bill = {"screw": {"hs_code": "731815", "country": "CN", "value": "0.0001"}}
    count, left = 0, lines
    while left > 0:
        size = min(per_part, left - 1)  # One line more takes the part into the good.
        parts[f"group {count}"] = {
            "hs_code": "870899",
            "country": "VN",
            "value": "1",
            "of": [{"part": "screw"}] * size,
        }
        count, left = count + 1, left - size - 1
    of = [{"part": f"group {index}"} for index in range(count)]
    parts["brake"] = {"hs_code": "870830", "value": "100", "of": of}
    return {**BRAKE, "parts": parts}


def test_three_levels_come_to_what_was_worked_by_hand() -> None:
    verdict = judged(brake())
    assert (verdict.outcome, verdict.criterion) == (MET, "55%")
    compound, pad = verdict.finding.parts[-2:]
    assert compound.name.startswith("part compound")
    assert pad.name.startswith("part pad")
    assert (compound.outcome, compound.criterion) == (MET, "65%")
    assert (pad.outcome, pad.criterion) == (MET, "55%")
    assert any("USD 45" in line for line in verdict.explain())


def test_a_part_that_does_not_originate_counts_in_full_where_it_goes_into() -> None:
    # The pad: (20 - 6 - 9) / 20 = 25%. The brake: (100 - 40 - 45) / 100 = 15%.
    verdict = judged(brake(dear_resin))
    assert verdict.outcome is NOT_MET
    assert [part.outcome for part in verdict.finding.parts[-2:]] == [NOT_MET, NOT_MET]
    assert "15.00%" in "\n".join(verdict.explain())


def test_tracing_counts_only_what_is_foreign_in_a_part_through_all_levels() -> None:
    # 0.6 x 9.80 + 9 = 14.88 a pad; the brake: (100 - 2 x 14.88 - 30) / 100 = 40.24%.
    def change(parts: Bill) -> None:
        dear_resin(parts)
        parts["caliper"]["value"] = "30"

    assert judged(brake(change)).outcome is NOT_MET
    verdict = judged(brake(change), tracing="true")
    assert (verdict.outcome, verdict.criterion) == (MET, "40%")
    assert "40.24%" in "\n".join(verdict.explain())


def test_without_roll_up_an_originating_part_still_counts_what_is_foreign_in_it() -> None:
    # The pad: (20 - 0.6 x 3.50 - 9) / 20 = 44.5%. The brake: (100 - 2 x 11.10 - 45) / 100 = 32.8%.
    verdict = judged(brake(), roll_up="false")
    assert verdict.outcome is NOT_MET
    assert "32.8" in "\n".join(verdict.explain())


def test_what_is_undetermined_below_leaves_the_good_undetermined_where_it_decides() -> None:
    verdict = judged(brake(unclassified))
    assert verdict.outcome is UNDETERMINED
    assert verdict.criterion is None
    assert "settle the origin of pad" in verdict.finding.remedy


def test_what_is_undetermined_below_neither_saves_nor_spoils_what_is_decided_anyhow() -> None:
    def hopeless(parts: Bill) -> None:
        unclassified(parts)
        parts["caliper"]["value"] = "70"  # (100 - 70) / 100 = 30%, whatever the pads are.

    def safe(parts: Bill) -> None:
        unclassified(parts)
        parts["caliper"]["value"] = "15"  # (100 - 40 - 15) / 100 = 45%, whatever the pads are.

    assert judged(brake(hopeless)).outcome is NOT_MET
    assert judged(brake(safe)).outcome is MET


def test_doubt_about_content_reaches_the_good_through_a_part_that_fails_for_certain() -> None:
    # The pad fails both ways, (20 - 19) / 20 = 5% or (20 - 13) / 20 = 35%. The brake, by tracing:
    # (100 - 2 x 19 - 30) / 100 = 32% or (100 - 2 x 13 - 30) / 100 = 44%.
    def change(parts: Bill) -> None:
        unclassified(parts)
        parts["plate"]["value"] = "13"
        parts["caliper"]["value"] = "30"

    verdict = judged(brake(change), tracing="true")
    assert named(verdict.finding, "part pad: origin of 681381").outcome is NOT_MET
    assert verdict.outcome is UNDETERMINED


def test_a_part_made_elsewhere_or_in_a_party_without_proof_does_not_originate() -> None:
    def made_in(country: str, **more: str) -> Bill:
        def change(parts: Bill) -> None:
            parts["pad"].update(country=country, **more)
            parts["compound"]["evidence"] = "Form D VN-1"  # It crosses a border into the pad.

        return brake(change)

    assert judged(made_in("CN")).outcome is NOT_MET
    assert judged(made_in("MY")).outcome is NOT_MET
    assert judged(made_in("MY", evidence="Form D MY-1")).outcome is MET
    assert judged(made_in("ID", evidence="Form D ID-1")).outcome is MET


def test_where_a_part_was_made_is_never_guessed() -> None:
    assert judged(brake(lambda parts: parts["pad"].pop("country"))).outcome is UNDETERMINED


def test_values_in_another_currency_count_at_the_stated_rate() -> None:
    bill = brake(lambda parts: parts["caliper"].update(currency="EUR"))
    assert judged({**bill, "rates": {"EUR": "1.4"}}).outcome is NOT_MET  # 63 of 100.
    assert judged({**bill, "rates": {"EUR": "1.3"}}).outcome is MET  # 58.50 of 100.


def test_what_a_millionth_cannot_hold_is_rounded_against_the_claim() -> None:
    def half(value: str) -> Bill:
        return brake(
            lambda parts: (
                parts["caliper"].update(value=value),
                parts["brake"]["of"][1].update(quantity="0.5"),
            )
        )

    assert judged(half("120")).criterion == "40%"
    assert judged(half("120.000001")).outcome is NOT_MET  # 60.0000005 of 100 is too much.


def test_fifty_levels_are_judged_and_one_more_is_refused() -> None:
    assert judged(chain(50)).outcome is MET
    assert len(judged(chain(50)).finding.parts) == 2 + 49
    with pytest.raises(InvalidInputError, match=r"51 levels.*exceed 50: part 0 > part 1") as caught:
        judged(chain(51))
    assert caught.value.code == "bill-too-deep"


def test_ten_thousand_levels_are_refused_and_do_not_break_the_stack() -> None:
    with pytest.raises(InvalidInputError, match="9999 levels"):
        judged(chain(9_999))


def test_shared_parts_are_judged_once_however_many_ways_lead_to_them() -> None:
    bill = chain(50)
    for part in bill["parts"].values():
        part["of"] = part["of"] * 2 if "of" in part else []
    del bill["parts"]["part 50"]["of"]
    assert len(judged(bill).finding.parts) == 2 + 49  # Not two to the power of fifty.


def test_ten_thousand_materials_are_judged_and_one_more_is_refused() -> None:
    assert judged(wide(10_000)).outcome is MET
    for bill in (wide(10_001), wide(10_002, per_part=5_000)):
        with pytest.raises(InvalidInputError, match="exceed") as caught:
            judged(bill)
        assert caught.value.code == "bill-too-many-materials"


def put(name: str, **members: object) -> Callable[[Bill], None]:
    return lambda parts: parts[name].update(members)


REFUSED: dict[str, tuple[Callable[[Bill], object], str, str, str]] = {
    "a cycle": (
        put("resin", of=[{"part": "pad"}]),
        "bill-cycle",
        "/parts/resin/of",
        "is made of itself: pad > compound > resin > pad",
    ),
    "a part of itself": (
        put("pad", of=[{"part": "pad"}]),
        "bill-cycle",
        "/parts/pad/of",
        "is made of itself: pad > pad",
    ),
    "an unknown part": (
        put("pad", of=[{"part": "gasket"}]),
        "bill-unknown-part",
        "/parts/pad/of/0/part",
        "add it under /parts",
    ),
    "a missing value": (
        lambda parts: parts["plate"].pop("value"),
        "bill-missing-value",
        "/parts/plate/value",
        "state what one unit of the part is worth",
    ),
    "a negative value": (
        put("plate", value="-9"),
        "bill-impossible-value",
        "/parts/plate/value",
        "is negative",
    ),
    "a made part of no value": (
        put("pad", value="0"),
        "bill-impossible-value",
        "/parts/pad/value",
        "more than zero for a part that is made",
    ),
    "a negative quantity": (
        put("pad", of=[{"part": "plate", "quantity": "-1"}]),
        "bill-impossible-value",
        "/parts/pad/of/0/quantity",
        "is negative",
    ),
    "no quantity at all": (
        put("pad", of=[{"part": "plate", "quantity": "0"}]),
        "bill-impossible-value",
        "/parts/pad/of/0/quantity",
        "is not more than zero",
    ),
    "a currency without a rate": (
        put("plate", currency="JPY"),
        "bill-missing-rate",
        "/parts/plate/currency",
        "state under /rates what 1 JPY is worth",
    ),
    "a value that vanishes at its rate": (
        put("pad", value="0.001", currency="IDR"),
        "bill-impossible-value",
        "/parts/pad/value",
        "in USD",
    ),
    "an unknown unit": (
        put("resin", unit="ZZZ"),
        "bill-unknown-unit",
        "/parts/resin/unit",
        "is not a known unit; convert to one of",
    ),
    "a unit of another measure": (
        put("pad", of=[{"part": "compound", "unit": "LTR"}]),
        "bill-unknown-unit",
        "/parts/pad/of/0/unit",
        "does not measure mass",
    ),
    "a number instead of a decimal": (
        put("plate", value=9),
        "invalid-input",
        "/parts/plate/value",
        "is not a decimal",
    ),
    "a declared origin of what is made": (
        put("pad", originating=True),
        "invalid-input",
        "/parts/pad/originating",
        "is worked out from `of`",
    ),
    "a process of a material": (
        put("plate", production={"last_process": "VN"}),
        "invalid-input",
        "/parts/plate/production",
        "is for parts with `of`",
    ),
    "an unknown member": (put("plate", colour="red"), "invalid-input", "/parts/plate/colour", ""),
    "no list of parts": (put("pad", of=[]), "invalid-input", "/parts/pad/of", "at least one"),
    "a good of nothing": (
        lambda parts: parts["brake"].pop("of"),
        "invalid-input",
        "/parts/brake/of",
        "say what the good is of",
    ),
    "a malformed role": (
        put("plate", role="wheel"),
        "invalid-input",
        "/parts/plate/role",
        "is not one of",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_bill_is_refused_by_name_with_its_field_and_what_to_do(name: str) -> None:
    change, code, field, problem = REFUSED[name]
    with pytest.raises(InvalidInputError) as caught:
        judged({**brake(change), "rates": {"IDR": "0.00006"}})
    assert (caught.value.code, caught.value.field) == (code, field)
    assert problem in str(caught.value)


def test_the_bill_itself_is_read_strictly() -> None:
    for member, value in (
        ("importing_country", "VN"),
        ("method", "guess"),
        ("good", "wheel"),
        ("rates", {"USD": "1"}),
        ("parts", {}),
        ("agreement", "RCEP"),
    ):
        with pytest.raises(InvalidInputError) as caught:
            judged({**brake(), member: value})
        assert caught.value.field.startswith(f"/{member}")
    with pytest.raises(NotAPartyError):
        judged({**brake(), "importing_country": "CN"})


@settings(deadline=None, max_examples=50)
@given(
    st.randoms(use_true_random=False),
    st.lists(st.sampled_from(["resin", "plate", "caliper"]), unique=True),
    st.booleans(),
)
def test_the_order_of_parts_and_lines_means_nothing(
    shuffle: random.Random, dear: list[str], open_origin: bool
) -> None:
    def change(parts: Bill) -> None:
        for name in dear:
            parts[name]["value"] = str(int(parts[name]["value"]) * 2)
        if open_origin:
            unclassified(parts)
        parts["plate"]["of"] = [{"part": "filler"}]  # As high up as the compound.

    bill = brake(change)
    other = copy.deepcopy(bill)
    names = list(other["parts"])
    shuffle.shuffle(names)
    other["parts"] = {name: other["parts"][name] for name in names}
    assert judged(other).digest() == judged(bill).digest()
    for part in other["parts"].values():
        if "of" in part:
            shuffle.shuffle(part["of"])
    first, second = judged(bill), judged(other)
    assert (first.outcome, first.criterion) == (second.outcome, second.criterion)
    assert [(item.name, item.outcome) for item in first.finding.parts] == [
        (item.name, item.outcome) for item in second.finding.parts
    ]


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 30), st.integers(1, 40), st.integers(1, 99), st.booleans(), st.booleans())
def test_settling_what_was_open_never_contradicts_what_was_decided(
    resin: int, plate: int, caliper: int, roll_up: bool, tracing: bool
) -> None:
    def change(parts: Bill) -> None:
        for name, value in (("resin", resin), ("plate", plate), ("caliper", caliper)):
            parts[name]["value"] = str(value)

    pack = PACKS[roll_up, tracing]
    settled = assess_bill(brake(change), pack, DAY).outcome
    bill = brake(change)
    unclassified(bill["parts"])
    assert assess_bill(bill, pack, DAY).outcome in (UNDETERMINED, settled)


PACKS = {
    (roll_up, tracing): pack_with(RVC, roll_up=str(roll_up).lower(), tracing=str(tracing).lower())
    for roll_up in (True, False)
    for tracing in (True, False)
}


JUNK = st.sampled_from([None, True, 0, -1, 1.5, "", "-1", "9" * 18, "\ud800", "pad", [], [[]], {}])


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_junk_anywhere_is_refused_or_judged_and_never_crashes(data: st.DataObject) -> None:
    bill: Any = {**copy.deepcopy(BRAKE), "rates": {"EUR": "1.1"}}
    bill["parts"]["pad"].update(
        unit="H87", currency="EUR", weight="1", role="accessory", costs={"labour": "1"}
    )
    inside = bill
    while True:
        keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(inside[key], dict | list) or data.draw(st.booleans()):
            break
        inside = inside[key]
    inside[key] = data.draw(JUNK)
    with suppress(InvalidInputError, NotAPartyError):
        assert judged(bill).digest()
