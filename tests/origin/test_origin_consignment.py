"""Journeys, exhibitions and back-to-back proofs, at the edges of their articles."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tulen.errors import InvalidInputError
from tulen.origin import Outcome
from tulen.origin.proof.back_to_back import OriginalProof, judge_back_to_back
from tulen.origin.proof.consignment import Journey, Sale, judge_exhibition, judge_journey
from tulen.origin.proof.procedure import Procedure, Transit
from tulen.origin.proof.procedure_file import load_procedures, procedure_of
from tulen.origin.proof.ruling import Decision
from tulen.values import AgreementCode, Country

DAY = date(2026, 1, 15)
ATIGA, RCEP, TCA, IJEPA, AHKFTA = (
    procedure_of(AgreementCode(code)) for code in ("ATIGA", "RCEP", "UK-EU-TCA", "IJEPA", "AHKFTA")
)


def route(*countries: str) -> tuple[Country, ...]:
    return tuple(Country(country) for country in countries)


THROUGH_HONG_KONG = Journey(
    route("VN", "HK", "ID"),
    operations=frozenset({"unloading", "reloading"}),
    entered_trade=False,
    justified_by="transport",
    documents=frozenset({"through_bl", "form_d", "invoice", "supporting_evidence"}),
    bill_issued_in=Country("VN"),
)


def decided(journey: Journey, procedure: Procedure = ATIGA) -> Decision:
    return judge_journey(journey, procedure, DAY).decision


def test_a_journey_through_a_non_party_with_reason_and_papers_is_accepted() -> None:
    ruling = judge_journey(THROUGH_HONG_KONG, ATIGA, DAY)
    assert ruling.decision is Decision.ACCEPT
    assert {str(part.reference) for part in ruling.finding.parts} == {"ATIGA Art. 32; OCP Rule 21"}


@pytest.mark.parametrize(
    "change",
    [
        {"operations": frozenset({"repacking"})},
        {"entered_trade": True},
        {"justified_by": "commercial"},
        {"documents": frozenset({"form_d", "invoice", "supporting_evidence"})},
        {"documents": frozenset({"through_bl", "invoice", "supporting_evidence"})},
        {"bill_issued_in": Country("HK")},
    ],
)
def test_a_journey_that_breaks_one_condition_loses_the_preference(
    change: dict[str, object],
) -> None:
    broken = replace(THROUGH_HONG_KONG, **change)  # type: ignore[arg-type]  # one field each
    ruling = judge_journey(broken, ATIGA, DAY)
    assert ruling.decision is Decision.REJECT_PREFERENCE
    assert ruling.finding.remedy


@pytest.mark.parametrize(
    "name",
    ["operations", "entered_trade", "justified_by", "documents", "bill_issued_in"],
)
def test_a_condition_that_nobody_stated_is_undetermined(name: str) -> None:
    unknown = replace(THROUGH_HONG_KONG, **{name: None})  # type: ignore[arg-type]  # as above
    assert decided(unknown) is Decision.UNDETERMINED


def test_a_way_through_a_party_needs_no_papers_but_still_no_trade() -> None:
    through_thailand = Journey(
        route("KH", "TH", "SG"), operations=frozenset({"reloading"}), entered_trade=False
    )
    assert decided(through_thailand) is Decision.ACCEPT
    assert decided(replace(through_thailand, entered_trade=True)) is Decision.REJECT_PREFERENCE
    assert decided(replace(through_thailand, route=route("KH", "CN", "SG"))) is (
        Decision.UNDETERMINED
    )


def test_a_journey_without_a_stop_is_direct() -> None:
    assert decided(Journey(route("VN", "ID"))) is Decision.ACCEPT
    assert decided(Journey(route("VN", "VN", "ID"))) is Decision.ACCEPT


def test_an_agreement_whose_journeys_are_not_loaded_knows_the_direct_one_alone() -> None:
    assert decided(Journey(route("HK", "ID")), AHKFTA) is Decision.ACCEPT
    assert decided(Journey(route("HK", "SG", "ID")), AHKFTA) is Decision.UNDETERMINED


@pytest.mark.parametrize("ends", [("HK", "ID"), ("VN", "CN")])
def test_a_journey_runs_between_parties(ends: tuple[str, str]) -> None:
    assert decided(Journey(route(*ends))) is Decision.REJECT_PREFERENCE


def test_rcep_asks_for_customs_control_and_no_reason() -> None:
    journey = Journey(
        route("CN", "HK", "ID"),
        operations=frozenset({"unloading", "storage"}),
        customs_control=True,
    )
    assert decided(journey, RCEP) is Decision.ACCEPT
    assert decided(replace(journey, customs_control=False), RCEP) is Decision.REJECT_PREFERENCE
    through_party = replace(journey, route=route("CN", "SG", "ID"), customs_control=False)
    assert decided(through_party, RCEP) is Decision.REJECT_PREFERENCE


@pytest.mark.parametrize(
    ("control", "by_exporter", "decision"),
    [
        (True, True, Decision.ACCEPT),
        (False, True, Decision.REJECT_PREFERENCE),
        (True, False, Decision.REJECT_PREFERENCE),
        (True, None, Decision.UNDETERMINED),
    ],
)
def test_a_consignment_is_split_under_supervision_and_by_the_exporter(
    control: bool, by_exporter: bool | None, decision: Decision
) -> None:
    split = Journey(
        route("GB", "CH", "EU"),
        operations=frozenset({"splitting"}),
        customs_control=control,
        by_exporter=by_exporter,
    )
    assert decided(split, TCA) is decision


def test_either_paper_shows_a_transit_to_japan() -> None:
    for paper in ("through_bl", "customs_certificate"):
        journey = Journey(
            route("ID", "SG", "JP"),
            operations=frozenset({"storage"}),
            documents=frozenset({paper}),
        )
        assert decided(journey, IJEPA) is Decision.ACCEPT
        assert decided(replace(journey, documents=frozenset()), IJEPA) is (
            Decision.REJECT_PREFERENCE
        )


def test_a_route_leads_somewhere() -> None:
    with pytest.raises(InvalidInputError, match="/route"):
        Journey(route("VN"))


def test_what_the_agreement_is_silent_on_is_undetermined() -> None:
    before = date(2010, 5, 16)
    assert judge_journey(THROUGH_HONG_KONG, ATIGA, before).decision is Decision.UNDETERMINED


facts = st.sampled_from([True, False, None])


@given(st.sets(st.sampled_from(["unloading", "storage", "repacking", "assembly"])), facts, facts)
def test_doing_more_on_the_way_never_helps(
    done: set[str], control: bool | None, trade: bool | None
) -> None:
    order = [Outcome.MET, Outcome.UNDETERMINED, Outcome.NOT_MET]
    for procedure in load_procedures().values():
        if procedure.on(DAY, Transit) is None:
            continue
        ends = route("ID", "CH", "JP")
        journeys = [
            Journey(ends, frozenset(), control, trade, "transport", None, None, by_exporter=True),
            Journey(
                ends, frozenset(done), control, trade, "transport", None, None, by_exporter=True
            ),
        ]
        outcomes = [judge_journey(item, procedure, DAY).finding.outcome for item in journeys]
        assert all(order.index(one) <= order.index(other) for one, other in pairwise(outcomes))


SALE = Sale(
    Country("ID"),
    Country("TH"),
    Country("MY"),
    customs_control=True,
    sent="during exhibition",
    unchanged=True,
    named=True,
    ticked=True,
)


def test_goods_sold_at_an_exhibition_keep_the_preference() -> None:
    ruling = judge_exhibition(SALE, ATIGA, DAY)
    assert (ruling.decision, ruling.marks) == (Decision.ACCEPT, ("Exhibition",))


@pytest.mark.parametrize(
    ("change", "decision"),
    [
        ({"held_in": Country("CN")}, Decision.REJECT_PREFERENCE),
        ({"held_in": Country("ID")}, Decision.REJECT_PREFERENCE),
        ({"importing": Country("CN")}, Decision.REJECT_PREFERENCE),
        ({"customs_control": False}, Decision.REJECT_PREFERENCE),
        ({"sent": "later"}, Decision.REJECT_PREFERENCE),
        ({"sent": "immediately after exhibition"}, Decision.ACCEPT),
        ({"unchanged": False}, Decision.REJECT_PREFERENCE),
        ({"named": False}, Decision.REJECT_PREFERENCE),
        ({"ticked": False}, Decision.REJECT_PREFERENCE),
        ({"named": None}, Decision.UNDETERMINED),
    ],
)
def test_an_exhibition_has_conditions(change: dict[str, object], decision: Decision) -> None:
    sale = replace(SALE, **change)  # type: ignore[arg-type]  # one field each
    assert judge_exhibition(sale, ATIGA, DAY).decision is decision


FIRST = OriginalProof(date(2025, 3, 10), Decimal(500))
SECOND = OriginalProof(date(2025, 9, 1), Decimal(500))


@pytest.mark.parametrize(
    ("presented", "decision"),
    [
        (None, Decision.ISSUE),
        (date(2026, 3, 9), Decision.ACCEPT),
        (date(2026, 3, 10), Decision.REJECT_PREFERENCE),
        (date(2026, 3, 11), Decision.REJECT_PREFERENCE),
    ],
)
def test_the_first_original_to_expire_governs(presented: date | None, decision: Decision) -> None:
    for originals in ([FIRST, SECOND], [SECOND, FIRST]):
        ruling = judge_back_to_back(
            originals, Decimal(1000), date(2026, 2, 1), ATIGA, DAY, presented_on=presented
        )
        assert (ruling.decision, ruling.expires_on) == (decision, date(2026, 3, 10))


@pytest.mark.parametrize(
    ("issued", "decision"),
    [
        (date(2025, 3, 9), Decision.REFUSE),
        (date(2025, 3, 10), Decision.ISSUE),
        (date(2026, 3, 9), Decision.ISSUE),
        (date(2026, 3, 10), Decision.REFUSE),
    ],
)
def test_a_back_to_back_proof_is_issued_while_the_original_is_valid(
    issued: date, decision: Decision
) -> None:
    assert judge_back_to_back([FIRST], Decimal(1), issued, ATIGA, DAY).decision is decision


@given(st.integers(1, 2000), st.integers(0, 1000))
def test_no_more_is_re_exported_than_the_originals_cover(quantity: int, before: int) -> None:
    originals = [replace(FIRST, re_exported=Decimal(before)), SECOND]
    ruling = judge_back_to_back(originals, Decimal(quantity), date(2026, 1, 1), ATIGA, DAY)
    assert (ruling.decision is Decision.ISSUE) is (quantity + before <= 1000)


def test_an_agreement_of_two_parties_has_no_intermediate_one() -> None:
    ruling = judge_back_to_back([FIRST], Decimal(1), date(2025, 4, 1), IJEPA, DAY)
    assert ruling.decision is Decision.REFUSE


def test_processing_in_the_intermediate_party_is_not_covered() -> None:
    ruling = judge_back_to_back(
        [FIRST],
        Decimal(1),
        FIRST.issued_on + timedelta(days=1),
        RCEP,
        DAY,
        operations=frozenset({"assembly"}),
    )
    assert ruling.decision is Decision.REFUSE
    assert "assembly" in ruling.finding.reason
