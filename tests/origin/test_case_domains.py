"""Worked cases are translated whole, compared whole, and refused where they are not understood."""

from typing import Any

import pytest

from case_domains import DOMAINS


def failures(
    domain: str, agreement: str, given: dict[str, Any], expected: dict[str, Any]
) -> list[str]:
    case = {"id": "T", "domain": domain, "agreement": agreement}
    return DOMAINS[domain]({**case, "input": given, "expected": expected})


LATE = {"shipment_date": "2025-03-10", "issue_date": "2026-03-11", "valid_cause": True}
COPY = {"original_issue": "2025-03-10", "copy_issue": "2025-03-11"}
PRESENTED = {"issue_date": "2025-03-10", "presented": "2026-04-10"}
RE_EXPORT = {
    "original_issue": "2025-03-10",
    "original_qty": 1000,
    "already_reexported": 900,
    "this_qty": 100,
    "b2b_issue": "2026-03-09",
}
TWO = {
    "originals": [{"issue": "2025-03-10", "qty": 500}, {"issue": "2025-09-01", "qty": 500}],
    "this_qty": 1000,
    "b2b_issue": "2026-02-01",
    "presented": "2026-03-09",
}
ROUTE = {
    "exporter": "VN",
    "importer": "ID",
    "route": ["VN", "HK", "ID"],
    "justified_by": "transport",
    "entered_trade": False,
    "operations": ["unloading", "reloading"],
    "through_bl_issued_in": "VN",
    "documents": ["through_bl", "form_d", "invoice", "supporting_evidence"],
}
CHOICE = {
    "importer": "ID",
    "rates": {"CN": 5, "JP": 3, "KR": 10, "AU": 0, "VN": 0},
    "contributors": ["CN", "JP"],
    "option": "2.6.6(b)",
}

CASES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("proof", "ATIGA", LATE, {"verdict": "refuse"}),
    ("proof", "ATIGA", LATE | {"issue_date": "2025-03-10"}, {"verdict": "issue", "mark": []}),
    (
        "proof",
        "RCEP",
        LATE | {"issue_date": "2025-03-11"},
        {"verdict": "issue", "mark": ["ISSUED RETROACTIVELY"]},
    ),
    ("proof", "ATIGA", COPY | {"copy_issue": "2026-03-11"}, {"verdict": "refuse"}),
    ("proof", "RCEP", COPY, {"verdict": "issue", "date_shown": "2025-03-10"}),
    ("proof", "ATIGA", PRESENTED, {"verdict": "reject_preference"}),
    ("proof", "ATIGA", PRESENTED | {"presented": "2026-03-09"}, {"verdict": "accept"}),
    ("proof", "ATIGA", PRESENTED | {"force_majeure": True}, {"verdict": "accept"}),
    ("proof", "RCEP", PRESENTED | {"force_majeure": True}, {"verdict": "may_accept"}),
    (
        "proof",
        "ATIGA",
        {"consignment_fob_usd": 200.01},
        {"proof_required": True, "simplified_declaration": False},
    ),
    ("proof", "RCEP", {"consignment_customs_value_usd": 200}, {"proof_required": False}),
    ("proof", "IJEPA", {"consignment_customs_value_usd": 200.01}, {"proof_required": True}),
    ("proof", "ATIGA", RE_EXPORT, {"verdict": "issue"}),
    ("proof", "ATIGA", RE_EXPORT | {"this_qty": 101}, {"verdict": "refuse"}),
    ("proof", "RCEP", RE_EXPORT | {"b2b_issue": "2026-03-11"}, {"verdict": "refuse"}),
    ("proof", "ATIGA", TWO, {"verdict": "accept", "governing_expiry": "2026-03-10"}),
    ("proof", "ATIGA", TWO | {"this_qty": 1001}, {"verdict": "reject_preference"}),
    (
        "proof",
        "ATIGA",
        {"criterion": "RVC", "exporter": "VN", "importer": "ID"},
        {"fob_required": True},
    ),
    (
        "proof",
        "ATIGA",
        {
            "discrepancy": "slight difference in signature",
            "origin_in_doubt": False,
            "corresponds_to_goods": True,
        },
        {"verdict": "accept"},
    ),
    ("proof", "ATIGA", {"rejected_on": "2025-12-31"}, {"return_due": "2026-03-01"}),
    ("proof", "IJEPA", {"certificate_uses": 1}, {"verdict": "accept"}),
    ("transit", "ATIGA", ROUTE, {"verdict": "accept"}),
    ("transit", "ATIGA", ROUTE | {"through_bl_issued_in": None}, {"verdict": "reject_preference"}),
    ("transit", "ATIGA", ROUTE | {"through_bl_issued_in": "HK"}, {"verdict": "reject_preference"}),
    ("transit", "ATIGA", ROUTE | {"entered_trade": True}, {"verdict": "reject_preference"}),
    (
        "transit",
        "RCEP",
        {"route": ["CN", "HK", "ID"], "operations": ["storing"], "customs_control": True},
        {"verdict": "accept"},
    ),
    (
        "transit",
        "ATIGA",
        {"route": ["KH", "SG"], "good_originating": False},
        {"verdict": "reject_preference"},
    ),
    (
        "proof",
        "ATIGA",
        {
            "discrepancy": "missing signature",
            "origin_in_doubt": False,
            "corresponds_to_goods": True,
        },
        {"verdict": "reject"},
    ),
    (
        "proof",
        "RCEP",
        {"exporter": "TH", "invoice_issuer_country": "CH", "good_originating": True},
        {"verdict": "accept", "box13": []},
    ),
    (
        "proof",
        "RCEP",
        {"proof": "Declaration of Origin", "approved_exporter": False},
        {"verdict": "reject_preference"},
    ),
    (
        "proof",
        "ATIGA",
        {
            "exporter": "ID",
            "exhibition_in": "TH",
            "importer": "MY",
            "under_customs_control": True,
            "consigned": "six months after the exhibition",
            "same_state": True,
            "box13": ["Exhibition"],
            "exhibition_name_stated": True,
        },
        {"verdict": "reject_preference"},
    ),
    (
        "proof",
        "ATIGA",
        {"items": [{"no": 7, "ok": False}, {"no": 9, "ok": True}]},
        {"items": {"7": "retroactive_check_possible", "9": "accept"}},
    ),
    (
        "proof",
        "ATIGA",
        {"exporter_hs": "852872", "importer_hs": "852859", "roo_met_under_both": False},
        {"verdict": "reject_preference", "penalty": False},
    ),
    (
        "proof",
        "ATIGA",
        {"notification_received": "2025-01-02", "consent_received": "2025-02-01"},
        {"verdict": "accept", "consent_due": "2025-02-01"},
    ),
    (
        "proof",
        "ATIGA",
        {
            "first_exporter": "VN",
            "intermediate": "SG",
            "importer": "ID",
            "operations_in_intermediate": ["repacking"],
            "original_proof": "valid Form D",
        },
        {"required_proof": "Back-to-Back Form D issued by SG", "retains_origin": "VN"},
    ),
    ("proof", "ATIGA", {"form": "Form D", "box13": []}, {"verdict": "accept"}),
    (
        "proof",
        "ATIGA",
        {"form": "e-Form D", "action": "alteration"},
        {"action_required": "issue_new_and_cancel_previous"},
    ),
    ("proof", "RCEP", {"request_received": "2025-01-02"}, {"reply_due": "2025-04-02"}),
    (
        "coding",
        "AIFTA",
        {"satisfied": "RVC + CTSH", "rvc_pct": 36.67},
        {"code": ["CTSH", "RVC"], "percentage": 36},
    ),
    ("coding", "ATIGA", {"satisfied": "WO"}, {"code": ["WO"]}),
    (
        "coding",
        "ATIGA",
        {"satisfied": "PC", "rvc_pct": 25.9},
        {"code": ["PC"], "percentage": 25, "box8": "PC 25%"},
    ),
    ("coding", "ACFTA", {"satisfied": "CTH", "psr": True}, {"code": ["PSR"]}),
    ("coding", "AJCEP", {"satisfied": "CTH", "psr": True}, {"code": ["CTC"]}),
    ("coding", "RCEP", {"satisfied": "CTH", "accumulation": True}, {"code": ["CTC", "ACU"]}),
    (
        "tariff_differential",
        "RCEP",
        CHOICE,
        {"applicable_rate_pct": 10, "code": "2.6.6B"},
    ),
    (
        "tariff_differential",
        "RCEP",
        {
            "exporter": "VN",
            "importer": "JP",
            "criterion": "CTC",
            "on_appendix_of_importer": True,
            "exporter_domestic_value_pct": 19.99,
            "contributions": {"VN": 20, "CN": 40, "KR": 20},
        },
        {"rcep_country_of_origin": "CN"},
    ),
]


@pytest.mark.parametrize(("domain", "agreement", "given", "expected"), CASES)
def test_a_case_passes(
    domain: str, agreement: str, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert failures(domain, agreement, given, expected) == []


@pytest.mark.parametrize(("domain", "agreement", "given", "expected"), CASES)
def test_a_member_that_nobody_reads_fails_the_case(
    domain: str, agreement: str, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    failed = failures(domain, agreement, {**given, "colour": "red"}, expected)
    assert failed == ["input member colour is not understood"]


@pytest.mark.parametrize(("domain", "agreement", "given", "expected"), CASES)
def test_every_expected_member_is_compared(
    domain: str, agreement: str, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    for name in expected:
        assert failures(domain, agreement, given, {**expected, name: "something else"})
    assert failures(domain, agreement, given, {**expected, "odd": 1}) == [
        "expected member odd has no answer"
    ]


@pytest.mark.parametrize(
    ("domain", "agreement", "given"),
    [
        ("proof", "ATIGA", {"moon": "full"}),
        ("proof", "NONE", {"certificate_uses": 1}),
        ("proof", "ATIGA", {"issue_date": "2025-13-01", "presented": "2025-03-01"}),
        ("proof", "ATIGA", {"consignment_fob_usd": "much"}),
        ("proof", "ATIGA", PRESENTED | {"exporter": "CN"}),
        ("transit", "ATIGA", ROUTE | {"importer": "MY"}),
        ("transit", "ATIGA", {"operations": []}),
        ("transit", "ATIGA", {"route": []}),
        ("transit", "ATIGA", ROUTE | {"non_member_transit": False}),
        ("coding", "ATIGA", {}),
        ("tariff_differential", "RCEP", {}),
    ],
)
def test_a_case_that_is_not_understood_fails(
    domain: str, agreement: str, given: dict[str, Any]
) -> None:
    assert failures(domain, agreement, given, {"verdict": "accept"})
