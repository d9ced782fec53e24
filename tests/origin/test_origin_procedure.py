"""Issue, presentation, waiver, discrepancies and clocks, one day before and after each limit."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tulen.errors import InvalidInputError
from tulen.origin import Outcome
from tulen.origin.proof.clocks import deadlines, judge_visit_consent
from tulen.origin.proof.discrepancy import judge_classification, judge_discrepancy, judge_items
from tulen.origin.proof.issuing import alteration_of, judge_certified_copy, judge_issue
from tulen.origin.proof.presenting import (
    fob_shown,
    judge_invoice,
    judge_partial_cumulation,
    judge_presentation,
    judge_self_certification,
    judge_uses,
    proof_needed,
    within_partial_cumulation,
)
from tulen.origin.proof.procedure import Span
from tulen.origin.proof.procedure_file import procedure_of
from tulen.origin.proof.ruling import Decision
from tulen.values import AgreementCode, Country, Currency, HsCode, Money

DAY = date(2026, 1, 15)
ATIGA, RCEP, IJEPA, IK_CEPA, AKFTA, ACFTA = (
    procedure_of(AgreementCode(code))
    for code in ("ATIGA", "RCEP", "IJEPA", "IK-CEPA", "AKFTA", "ACFTA")
)
SHIPPED = date(2025, 3, 10)


@pytest.mark.parametrize(
    ("issued", "decision", "marks"),
    [
        (date(2025, 3, 1), Decision.ISSUE, ()),
        (date(2025, 3, 10), Decision.ISSUE, ()),
        (date(2025, 3, 11), Decision.ISSUE, ("Issued Retroactively",)),
        (date(2026, 3, 9), Decision.ISSUE, ("Issued Retroactively",)),
        (date(2026, 3, 10), Decision.ISSUE, ("Issued Retroactively",)),
        (date(2026, 3, 11), Decision.REFUSE, ()),
    ],
)
def test_a_proof_is_issued_by_shipment_or_marked_within_a_year(
    issued: date, decision: Decision, marks: tuple[str, ...]
) -> None:
    ruling = judge_issue(SHIPPED, issued, ATIGA, DAY, valid_cause=True)
    assert (ruling.decision, ruling.marks) == (decision, marks)


def test_a_late_proof_needs_a_cause() -> None:
    late = date(2025, 4, 1)
    assert judge_issue(SHIPPED, late, ATIGA, DAY, valid_cause=False).decision is Decision.REFUSE
    unknown = judge_issue(SHIPPED, late, ATIGA, DAY)
    assert unknown.decision is Decision.UNDETERMINED
    assert "valid cause" in unknown.finding.remedy


@pytest.mark.parametrize(("days", "marked"), [(7, False), (8, True)])
def test_ik_cepa_allows_seven_days_after_shipment(days: int, marked: bool) -> None:
    issued = SHIPPED + timedelta(days=days)
    ruling = judge_issue(SHIPPED, issued, IK_CEPA, DAY, valid_cause=True)
    assert bool(ruling.marks) is marked


def test_rcep_spells_its_mark_in_capitals() -> None:
    ruling = judge_issue(SHIPPED, date(2025, 4, 1), RCEP, DAY, valid_cause=True)
    assert ruling.marks == ("ISSUED RETROACTIVELY",)


@pytest.mark.parametrize(
    ("copied", "decision"),
    [
        (date(2025, 3, 9), Decision.REFUSE),
        (date(2025, 3, 10), Decision.ISSUE),
        (date(2026, 3, 10), Decision.ISSUE),
        (date(2026, 3, 11), Decision.REFUSE),
    ],
)
def test_a_certified_copy_shows_the_originals_date_for_a_year(
    copied: date, decision: Decision
) -> None:
    copy = judge_certified_copy(SHIPPED, copied, ATIGA, DAY)
    assert (copy.ruling.decision, copy.dated) == (decision, SHIPPED)
    if decision is Decision.ISSUE:
        assert (copy.ruling.marks, copy.box) == (("CERTIFIED TRUE COPY",), "12")


@pytest.mark.parametrize(
    ("presented", "force_majeure", "imported", "decision"),
    [
        (date(2026, 3, 9), None, None, Decision.ACCEPT),
        (date(2026, 3, 10), None, None, Decision.REJECT_PREFERENCE),
        (date(2026, 4, 10), False, date(2026, 3, 9), Decision.MAY_ACCEPT),
        (date(2026, 4, 10), False, date(2026, 3, 10), Decision.REJECT_PREFERENCE),
        (date(2026, 4, 10), True, None, Decision.ACCEPT),
        (date(2026, 4, 10), True, date(2026, 3, 1), Decision.ACCEPT),
        (date(2026, 4, 10), False, None, Decision.REJECT_PREFERENCE),
        (date(2025, 3, 9), None, None, Decision.REJECT_PREFERENCE),
    ],
)
def test_a_proof_is_presented_within_its_year_or_excused(
    presented: date, force_majeure: bool | None, imported: date | None, decision: Decision
) -> None:
    ruling = judge_presentation(
        SHIPPED, presented, ATIGA, DAY, force_majeure=force_majeure, imported_on=imported
    )
    assert (ruling.decision, ruling.expires_on) == (decision, date(2026, 3, 10))


def test_rcep_only_may_accept_for_force_majeure_and_ijepa_says_nothing_of_it() -> None:
    late = date(2026, 4, 10)
    rulings = [
        judge_presentation(SHIPPED, late, procedure, DAY, force_majeure=True)
        for procedure in (RCEP, IJEPA)
    ]
    assert [ruling.decision for ruling in rulings] == [
        Decision.MAY_ACCEPT,
        Decision.REJECT_PREFERENCE,
    ]


def usd(amount: str) -> Money:
    return Money(Decimal(amount), Currency("USD"))


@pytest.mark.parametrize(
    ("amount", "required"), [("199.99", False), ("200", False), ("200.01", True)]
)
def test_no_proof_is_asked_up_to_the_limit(amount: str, required: bool) -> None:
    need = proof_needed(usd(amount), "FOB", ATIGA, DAY)
    assert (need.required, need.declaration) == (required, not required)
    rcep = proof_needed(usd(amount), "customs-value", RCEP, DAY)
    assert (rcep.required, rcep.declaration) == (required, False)


def test_the_limit_is_of_one_value_in_one_currency_and_not_for_split_consignments() -> None:
    assert proof_needed(usd("100"), "customs-value", ATIGA, DAY).required is None
    rupiah = Money(Decimal(100), Currency("IDR"))
    assert proof_needed(rupiah, "FOB", ATIGA, DAY).required is None
    assert proof_needed(usd("100"), "FOB", ATIGA, DAY, splitting=True).required is True
    assert proof_needed(usd("100"), "FOB", ACFTA, DAY).required is None


@pytest.mark.parametrize(
    ("issuer", "says_so", "decision", "marks"),
    [
        ("CH", True, Decision.ACCEPT, ("Third Country Invoicing",)),
        ("CH", False, Decision.REJECT_PREFERENCE, ()),
        ("CH", None, Decision.UNDETERMINED, ()),
        ("TH", None, Decision.ACCEPT, ()),
    ],
)
def test_a_third_countrys_invoice_is_named_on_the_form(
    issuer: str, says_so: bool | None, decision: Decision, marks: tuple[str, ...]
) -> None:
    ruling = judge_invoice(
        Country("TH"), Country(issuer), ATIGA, DAY, says_so=says_so, originating=True
    )
    assert (ruling.decision, ruling.marks) == (decision, marks)


def test_rcep_refuses_no_claim_for_the_invoice_alone() -> None:
    invoice = (Country("TH"), Country("CH"), RCEP, DAY)
    assert judge_invoice(*invoice, originating=True).decision is Decision.ACCEPT
    assert judge_invoice(*invoice, originating=False).decision is Decision.REJECT_PREFERENCE


@pytest.mark.parametrize(
    ("criterion", "exporting", "importing", "shown"),
    [
        ("RVC", "VN", "ID", Outcome.MET),
        ("RVC", "KH", "SG", Outcome.MET),
        ("RVC", "SG", "LA", Outcome.MET),
        ("RVC", "TH", "SG", Outcome.NOT_MET),
        ("CTH", "VN", "ID", Outcome.NOT_MET),
        ("WO", "ID", "KH", Outcome.NOT_MET),
    ],
)
def test_the_price_is_shown_for_value_content_and_three_countries(
    criterion: str, exporting: str, importing: str, shown: Outcome
) -> None:
    ends = (Country(exporting), Country(importing))
    assert fob_shown(frozenset({criterion}), *ends, ATIGA, DAY).outcome is shown


def test_elsewhere_the_price_is_shown_for_value_content_or_nobody_knows() -> None:
    ends = (Country("TH"), Country("SG"))
    assert fob_shown(frozenset({"CTH", "RVC"}), *ends, RCEP, DAY).outcome is Outcome.MET
    assert fob_shown(frozenset({"RVC"}), *ends, ACFTA, DAY).outcome is Outcome.UNDETERMINED


def test_a_partial_cumulation_form_supports_cumulation_alone() -> None:
    ticked = frozenset({"Partial Cumulation"})
    assert judge_partial_cumulation(ticked, ATIGA, DAY).decision is Decision.REJECT_PREFERENCE
    assert judge_partial_cumulation(frozenset(), ATIGA, DAY).decision is Decision.ACCEPT
    assert judge_partial_cumulation(ticked, RCEP, DAY).decision is Decision.UNDETERMINED


@pytest.mark.parametrize(
    ("percent", "outcome"),
    [
        ("19.99", Outcome.NOT_MET),
        ("20", Outcome.MET),
        ("39.99", Outcome.MET),
        ("40", Outcome.NOT_MET),
    ],
)
def test_partial_cumulation_has_a_range(percent: str, outcome: Outcome) -> None:
    assert within_partial_cumulation(Decimal(percent), ATIGA, DAY).outcome is outcome


@pytest.mark.parametrize(
    ("kind", "in_doubt", "corresponds", "decision"),
    [
        ("typing error", False, True, Decision.ACCEPT),
        ("ink colour", False, True, Decision.ACCEPT),
        ("typing error", True, True, Decision.CHECK),
        ("typing error", False, False, Decision.REJECT),
        ("typing error", True, False, Decision.REJECT),
        ("erasure", False, True, Decision.REJECT),
        ("erasure", True, True, Decision.REJECT),
        ("another quantity", False, True, Decision.UNDETERMINED),
        ("typing error", None, True, Decision.UNDETERMINED),
    ],
)
def test_a_minor_discrepancy_defeats_nothing(
    kind: str, in_doubt: bool | None, corresponds: bool | None, decision: Decision
) -> None:
    ruling = judge_discrepancy(kind, ATIGA, DAY, in_doubt=in_doubt, corresponds=corresponds)
    assert ruling.decision is decision


@given(st.dictionaries(st.integers(1, 50), st.sampled_from([True, False, None]), max_size=20))
def test_a_bad_item_blocks_no_other(items: dict[int, bool | None]) -> None:
    expected = {True: Decision.ACCEPT, False: Decision.CHECK, None: Decision.UNDETERMINED}
    rulings = judge_items(items, ATIGA, DAY)
    assert {number: ruling.decision for number, ruling in rulings.items()} == {
        number: expected[in_order] for number, in_order in items.items()
    }


@pytest.mark.parametrize(
    ("importers", "met", "decision", "refund"),
    [
        ("852859", True, Decision.RELEASE_AT_HIGHER_RATE, True),
        ("852859", False, Decision.REJECT_PREFERENCE, False),
        ("852859", None, Decision.UNDETERMINED, False),
        ("85287299", None, Decision.ACCEPT, False),
    ],
)
def test_goods_are_released_while_the_classification_is_settled(
    importers: str, met: bool | None, decision: Decision, refund: bool
) -> None:
    found = judge_classification(
        HsCode("852872"), HsCode(importers), ATIGA, DAY, met_under_both=met
    )
    assert (found.ruling.decision, found.penalty, found.refund) == (decision, False, refund)


def test_the_clocks_of_a_check_and_of_a_rejection_run_in_days() -> None:
    limits = deadlines(date(2025, 1, 2), ATIGA, DAY)
    assert limits["reply"] == date(2025, 4, 2)
    assert limits["process"] == date(2025, 7, 1)
    assert limits["return"] == date(2025, 3, 3)
    assert deadlines(date(2025, 8, 31), IJEPA, DAY)["reply"] == date(2026, 2, 28)
    assert deadlines(date(2025, 8, 31), ACFTA, DAY) == {}


@pytest.mark.parametrize(
    ("consented", "today", "decision"),
    [
        (None, date(2025, 2, 1), Decision.AWAIT),
        (None, date(2025, 2, 2), Decision.MAY_DENY_PREFERENCE),
        (date(2025, 2, 1), date(2025, 3, 1), Decision.ACCEPT),
        (date(2025, 2, 2), date(2025, 3, 1), Decision.MAY_DENY_PREFERENCE),
    ],
)
def test_consent_to_a_visit_is_given_within_thirty_days(
    consented: date | None, today: date, decision: Decision
) -> None:
    ruling = judge_visit_consent(date(2025, 1, 2), consented, today, ATIGA, DAY)
    assert ruling.decision is decision


@pytest.mark.parametrize(
    ("proof", "exporter", "product", "decision"),
    [
        ("Origin Declaration", True, True, Decision.ACCEPT),
        ("Origin Declaration", True, False, Decision.REJECT_PREFERENCE),
        ("Origin Declaration", False, True, Decision.REJECT_PREFERENCE),
        ("Origin Declaration", True, None, Decision.UNDETERMINED),
        ("Form D", True, True, Decision.REJECT_PREFERENCE),
    ],
)
def test_a_declaration_needs_exporter_and_product_in_the_database(
    proof: str, exporter: bool, product: bool | None, decision: Decision
) -> None:
    ruling = judge_self_certification(
        proof, ATIGA, DAY, exporter_registered=exporter, product_registered=product
    )
    assert ruling.decision is decision


def test_a_proof_of_ijepa_serves_one_importation() -> None:
    decisions = [judge_uses(uses, IJEPA, DAY).decision for uses in (1, 2, 3)]
    assert decisions == [Decision.ACCEPT, *[Decision.REJECT_PREFERENCE] * 2]
    assert judge_uses(2, ATIGA, DAY).decision is Decision.UNDETERMINED
    with pytest.raises(InvalidInputError, match="/uses"):
        judge_uses(0, IJEPA, DAY)


def test_an_electronic_form_is_replaced_and_a_paper_one_may_be_struck_out() -> None:
    assert alteration_of(ATIGA, DAY, electronic=True) == "issue_new_and_cancel_previous"
    assert alteration_of(ATIGA, DAY, electronic=False) == "strike_out_and_approve_or_issue_new"
    assert alteration_of(AKFTA, DAY, electronic=True) is None


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 48))
def test_months_end_on_the_same_day_or_the_last_of_a_shorter_month(day: date, months: int) -> None:
    end = Span(months=months).after(day)
    assert (end.year - day.year) * 12 + end.month - day.month == months
    assert end.day == day.day or (end.day < day.day and (end + timedelta(days=1)).day == 1)


@given(st.dates(SHIPPED, date(2027, 1, 1)), st.integers(0, 400))
def test_a_later_presentation_is_never_better(presented: date, later: int) -> None:
    order = [Decision.ACCEPT, Decision.MAY_ACCEPT, Decision.REJECT_PREFERENCE]
    days = (presented, presented + timedelta(days=later))
    first, second = (
        judge_presentation(SHIPPED, day, ATIGA, DAY, imported_on=date(2026, 1, 1)).decision
        for day in days
    )
    assert order.index(first) <= order.index(second)
