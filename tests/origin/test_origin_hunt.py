"""Over every shipped pack's own rules, and over all terms together: nothing unknown makes a good.

To know more may change what is undetermined, never turn what was met into what is not.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from origin_cases import good, material, pack_with, walk
from test_origin_properties import RULES

from tulen.origin import (
    Attestation,
    Costs,
    Details,
    LotMethod,
    Material,
    Method,
    OriginInputs,
    Outcome,
    Pack,
    Prices,
    Process,
    Production,
    Role,
    SetItem,
    Weights,
    assess,
    assess_bill,
    load_packs,
)
from tulen.origin.circumstances import SetRule
from tulen.origin.hs import HsRange
from tulen.origin.rules import AllOf, AnyOf, Rule
from tulen.origin.selection import Selection
from tulen.values import AgreementCode, Country, Currency, HsCode, Money

DAY = date(2026, 9, 1)
MET, NOT_MET, UNDETERMINED = Outcome
CHANGES = ("CC", "CTH", "CTSH")
UNHURRIED = settings(deadline=None, max_examples=400)

TERMS: dict[str, tuple[str, ...]] = {
    "full_cumulation": ("true", "false"),
    "roll_up": ("true", "false"),
    "tracing": ("true", "false"),
    "deductions": ('["freight"]',),
    "lot_methods": ('["fifo"]',),
    "partial_cumulation": ('{ minimum = "20%", below = "40%" }',),
    "cumulates_with": (
        '["KR"]',
        '[{ countries = ["KR"], under = ["AKFTA"], materials = ["11", "1905"] }]',
    ),
    "value_content_waiver": ('[{ goods = ["01-97"], value = "7%", not_for = ["11"] }]',),
    "produced_exclusively": ("true",),
    "sets": (
        '[{ max_non_originating = "10%" }]',
        '[{ by = ["3(c)"], max_non_originating = "15%" }, { goods = ["1905"] }]',
    ),
    "minimal_operations": ('{ operations = ["packaging"] }',),
    "ancillary": (
        "{ indirect = { classification = 'originating', value = 'originating' } }",
        "{ accessory = { classification = 'disregarded', value = 'disregarded' } }",
    ),
}
VALUE_RULES = [rule for rule in RULES if "rvc" in rule or "max_nom" in rule]
PACKS: dict[tuple[str, ...], Pack] = {}


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    """Draw a rule with some of all terms around it; what was drawn once is read once."""
    rule = draw(st.sampled_from(RULES) | st.sampled_from(VALUE_RULES))
    names = draw(st.lists(st.sampled_from(sorted(TERMS)), unique=True, max_size=5))
    terms = {name: draw(st.sampled_from(TERMS[name])) for name in names}
    key = (rule, *[f"{name} {terms[name]}" for name in sorted(terms)])
    if key not in PACKS:
        PACKS[key] = pack_with(rule, **{name: terms[name] for name in sorted(terms)})
    return PACKS[key]


amounts = st.sampled_from([0, 1, 5, 10, 30, 45, 61, 90]).map(Decimal)
maybe = st.none() | st.booleans()


def mostly(known: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return what draws nothing only now and then, so that verdicts are reached."""
    return st.one_of(known, known, known, st.none())


@st.composite
def details(draw: st.DrawFn) -> Details | None:
    if draw(st.booleans()):
        return None
    lot = draw(st.none() | st.just("L"))
    drawn = Details(
        weight=draw(st.none() | amounts),
        role=draw(st.none() | st.none() | st.sampled_from(Role)),
        separately_invoiced=draw(maybe),
        customary=draw(maybe),
        partial_content=draw(st.none() | st.just(Fraction(3, 10))),
        non_originating_content=draw(st.none() | amounts),
        deductions=draw(st.sampled_from([(), (("freight", Decimal(5)),)])),
        lot=lot,
        lot_method=draw(st.none() | st.sampled_from([LotMethod.FIFO, LotMethod.LIFO]))
        if lot
        else None,
        kinds=draw(st.sampled_from([(), ("wholly obtained",), ("yarn",)])),
        under=draw(st.none() | st.just(AgreementCode("AKFTA"))),
    )
    return None if drawn == Details() else drawn


@st.composite
def materials(draw: st.DrawFn, codes: tuple[str, ...], countries: tuple[str, ...]) -> Material:
    country = draw(st.none() | st.sampled_from(countries))
    code = draw(st.none() | st.sampled_from(codes))
    return Material(
        "A material",
        draw(mostly(amounts)),
        draw(st.booleans()) and country is not None,
        HsCode(code) if code else None,
        Country(country) if country else None,
        draw(st.none() | st.just("Proof 1")),
        draw(details()),
    )


NEAR = ("110100", "1101", "190531", "1905", "19053110", "190120", "040510", "060310")


@st.composite
def goods(
    draw: st.DrawFn, codes: tuple[str, ...] = ("190531", "1905"), near: tuple[str, ...] = NEAR
) -> OriginInputs:
    items = draw(st.lists(materials(near, ("VN", "MY", "CN", "KR")), min_size=1, max_size=5))
    articles = draw(
        st.lists(st.builds(SetItem, st.just("An article"), maybe, st.none() | amounts), max_size=3)
    )
    costs = draw(st.none() | st.builds(Costs, *[st.none() | amounts] * 3, st.just(Decimal(1))))
    production = draw(
        st.none()
        | st.builds(
            Production,
            st.none() | st.just((Process("weaving", Country("MY")),)),
            only_minimal=maybe,
            last_process=st.just(Country("VN")),
        )
    )
    return good(
        draw(st.sampled_from(codes)),
        *items,
        fob=draw(mostly(st.just("100"))),
        method=draw(st.sampled_from(Method)),
        costs=costs,
        wholly_obtained=draw(st.none() | st.none() | st.just("plants")),
        weights=draw(st.none() | st.just(Weights(Decimal(100), Decimal(90), Decimal(80)))),
        prices=draw(
            st.none() | st.just(Prices(Currency("USD"), ex_works=Decimal(95), adjusted=Decimal(98)))
        ),
        production=production,
        set_items=tuple(articles),
        set_by=draw(st.none() | st.sampled_from(SetRule)) if articles else None,
    )


def unknown(item: Material, what: str) -> Material:
    """Return ``item`` without one thing that was known of it."""
    if what in ("value", "hs_code", "evidence"):
        return replace(item, **{what: None})  # type: ignore[arg-type]  # each may be None
    told = item.details
    if told is None:
        return item
    empty: Any = () if what == "kinds" else None
    kept = replace(told, **{what: empty})
    return replace(item, details=None if kept == Details() else kept)


FORGOTTEN = ("value", "hs_code", "evidence", "weight", "separately_invoiced", "customary")
INSIDE = ("non_originating_content", "partial_content", "lot_method", "under", "kinds")


def check_knowing_less(inputs: OriginInputs, pack: Pack) -> None:
    """Fail if the good is met once one thing is not known any more of one material."""
    before = assess(inputs, pack, DAY)
    # Amounts that exceed the price together contradict each other, which leaves all open.
    contradictory = any("together exceed" in item.reason for item in walk(before.finding))
    if before.outcome is MET or contradictory:
        return
    for index, item in enumerate(inputs.materials):
        for what in (*FORGOTTEN, *INSIDE):
            if (less := unknown(item, what)) == item:
                continue
            items = (*inputs.materials[:index], less, *inputs.materials[index + 1 :])
            after = assess(replace(inputs, materials=items), pack, DAY).outcome
            assert after is not MET, (index, what)


@UNHURRIED
@given(packs(), goods())
def test_to_know_less_of_a_material_never_makes_the_good(pack: Pack, inputs: OriginInputs) -> None:
    check_knowing_less(inputs, pack)


@UNHURRIED
@given(packs(), goods())
def test_to_know_less_of_the_good_never_makes_it(pack: Pack, inputs: OriginInputs) -> None:
    before = assess(inputs, pack, DAY).outcome
    for what in ("fob", "prices", "weights", "costs", "set_by"):
        after = assess(replace(inputs, **{what: None}), pack, DAY).outcome  # type: ignore[arg-type]
        assert after is not MET or before is MET, what


@UNHURRIED
@given(packs(), goods(), st.data())
def test_more_originating_content_never_turns_met_into_not_met_whatever_the_terms(
    pack: Pack, inputs: OriginInputs, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(inputs.materials) - 1))
    items = list(inputs.materials)
    items[index] = replace(items[index], originating=True, country=Country("VN"))
    before = assess(inputs, pack, DAY).outcome
    after = assess(replace(inputs, materials=tuple(items)), pack, DAY).outcome
    assert before is not MET or after is not NOT_MET


@UNHURRIED
@given(packs(), goods(), st.data())
def test_permuting_materials_permutes_only_the_trace_whatever_the_terms(
    pack: Pack, inputs: OriginInputs, data: st.DataObject
) -> None:
    permuted = replace(inputs, materials=tuple(data.draw(st.permutations(inputs.materials))))
    first, second = (assess(case, pack, DAY) for case in (inputs, permuted))
    assert (first.outcome, first.criterion) == (second.outcome, second.criterion)


@UNHURRIED
@given(packs(), goods(), st.sampled_from([2, 5, 1000]), st.sampled_from(["USD", "JPY"]))
def test_another_unit_of_money_changes_no_outcome(
    pack: Pack, inputs: OriginInputs, times: int, currency: str
) -> None:
    def more(value: Decimal | None) -> Decimal | None:
        return None if value is None else value * times

    def more_details(told: Details | None) -> Details | None:
        if told is None:
            return None
        costs = tuple([(name, value * times) for name, value in told.deductions])
        content = more(told.non_originating_content)
        return replace(told, deductions=costs, non_originating_content=content)

    prices = inputs.prices
    scaled = replace(
        inputs,
        fob=inputs.fob and Money(inputs.fob.amount * times, Currency(currency)),
        prices=prices
        and Prices(
            Currency(currency), ex_works=more(prices.ex_works), adjusted=more(prices.adjusted)
        ),
        costs=inputs.costs and Costs(*[more(value) for _, value in inputs.costs.items()]),
        materials=tuple(
            [
                replace(item, value=more(item.value), details=more_details(item.details))
                for item in inputs.materials
            ]
        ),
        set_items=tuple([replace(item, value=more(item.value)) for item in inputs.set_items]),
    )
    first, second = (assess(case, pack, DAY) for case in (inputs, scaled))
    assert (first.outcome, first.criterion) == (second.outcome, second.criterion)


def _leaves(rule: Rule) -> Iterator[Rule]:
    if isinstance(rule, AnyOf | AllOf):
        for part in rule.rules:
            yield from _leaves(part)
    else:
        yield rule


def _ranges(leaf: Rule) -> Iterator[HsRange]:
    """Yield the ranges that a rule names: as exceptions, or as the materials that it is about."""
    for member in ("exceptions", "of"):
        stated = getattr(leaf, member, None) or ()
        yield from stated.ranges if isinstance(stated, Selection) else stated


SHIPPED = [
    (pack, product, entry.value)
    for pack in load_packs().values()
    for product in pack.products
    for entry in product.rules
    if DAY in entry
]
"""Every product rule of every pack that ships, in force on the day."""


@st.composite
def shipped(draw: st.DrawFn) -> tuple[OriginInputs, Pack, str]:
    """Draw a good that a shipped product rule is for, of materials near what the rule names."""
    pack, product, rule = draw(st.sampled_from(SHIPPED))
    parties = sorted(pack.on(DAY).terms.parties.value)
    exporter, importer = draw(st.permutations(parties))[:2]
    code = draw(st.sampled_from([product.hs.first, product.hs.last]))
    named = [item.first for leaf in _leaves(rule) for item in _ranges(leaf)]
    near = (code, code[:4], f"{code[:4]}{'10' if code[4:] != '10' else '20'}", "720851", *named)
    items = draw(
        st.lists(materials(near, (str(exporter), str(importer), "US")), min_size=1, max_size=4)
    )
    answers = [product.ex] if product.ex is not None and draw(st.booleans()) else []
    production = Production(
        attestations=tuple([Attestation(text, holds=True) for text in answers]),
        last_process=exporter,
    )
    terms = pack.on(DAY).terms
    method = terms.method_for(exporter) or draw(st.sampled_from(terms.methods.value))
    base = draw(goods())
    inputs = replace(
        base,
        agreement=pack.agreement,
        exporting_country=exporter,
        importing_country=importer,
        hs_code=HsCode(code),
        method=method,
        materials=tuple(items),
        wholly_obtained=None,
        production=production,
    )
    return inputs, pack, product.name


@UNHURRIED
@given(shipped())
def test_shipped_rules_are_not_met_by_what_is_unknown(
    drawn: tuple[OriginInputs, Pack, str],
) -> None:
    check_knowing_less(drawn[0], drawn[1])


@UNHURRIED
@given(shipped())
def test_shipped_changes_of_classification_are_never_met_with_a_stranger(
    drawn: tuple[OriginInputs, Pack, str],
) -> None:
    inputs, pack, _ = drawn
    stranger = material("0.000001", None, "US")
    verdict = assess(replace(inputs, materials=(*inputs.materials, stranger)), pack, DAY)
    assert all(
        item.outcome is not MET for item in walk(verdict.finding) if item.name.startswith(CHANGES)
    )


@UNHURRIED
@given(shipped(), st.data())
def test_shipped_rules_are_kept_by_more_originating_content_and_by_any_order(
    drawn: tuple[OriginInputs, Pack, str], data: st.DataObject
) -> None:
    inputs, pack, _ = drawn
    items = list(inputs.materials)
    index = data.draw(st.integers(0, len(items) - 1))
    items[index] = replace(items[index], originating=True, country=inputs.exporting_country)
    before = assess(inputs, pack, DAY)
    assert before.outcome is not MET or (
        assess(replace(inputs, materials=tuple(items)), pack, DAY).outcome is not NOT_MET
    )
    permuted = replace(inputs, materials=tuple(data.draw(st.permutations(inputs.materials))))
    after = assess(permuted, pack, DAY)
    assert (after.outcome, after.criterion) == (before.outcome, before.criterion)


@UNHURRIED
@given(packs(), st.data())
def test_to_know_less_of_a_part_never_makes_the_good_of_a_bill(
    pack: Pack, data: st.DataObject
) -> None:
    def part(**told: object) -> dict[str, Any]:
        drawn = {
            "hs_code": data.draw(st.sampled_from(["110100", "190531", "190120"])),
            "country": data.draw(st.sampled_from(["VN", "MY", "CN", "KR"])),
            "value": str(data.draw(st.integers(1, 40))),
            "evidence": "Proof 1",
            **told,
        }
        dropped = data.draw(st.none() | st.just("evidence"))
        return {name: value for name, value in drawn.items() if name != dropped}

    parts = {
        "good": {"hs_code": "190531", "value": "100", "of": [{"part": "mix"}, {"part": "oil"}]},
        "mix": part(of=[{"part": "flour", "quantity": "0.5"}, {"part": "oil"}]),
        "flour": part(originating=data.draw(st.booleans())),
        "oil": part(originating=data.draw(st.booleans()), lot="L", lot_method="fifo"),
    }
    bill = {
        "agreement": "ATIGA",
        "exporting_country": "VN",
        "importing_country": "ID",
        "method": "build-down",
        "currency": "USD",
        "good": "good",
        "parts": parts,
    }
    before = assess_bill(bill, pack, DAY).outcome
    name = data.draw(st.sampled_from(["mix", "flour", "oil"]))
    member = data.draw(st.sampled_from(["hs_code", "country", "evidence", "lot_method"]))
    less = {key: value for key, value in parts[name].items() if key != member}
    if member == "country":
        less.pop("originating", None)
    after = assess_bill({**bill, "parts": {**parts, name: less}}, pack, DAY).outcome
    assert after is not MET or before is MET
