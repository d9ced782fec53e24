from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from customs_story import AVAILABLE, CERTIFIED, EVIDENCE, PACK, story, story_line
from hypothesis import given
from hypothesis import strategies as st

from tulen.customs import (
    CertificateVerdict,
    CertifiedLine,
    ClaimEvidence,
    ClaimOutcome,
    ClaimReason,
    PreferenceDecision,
    decide_preferences,
)
from tulen.errors import InvalidInputError
from tulen.values import AgreementCode, Country, HsCode, PartyCode, Quantity, UnitCode

CLAIM = story_line()["claim"]
DENY, SUSPEND = ClaimOutcome.DENY, ClaimOutcome.SUSPEND


def decide(evidence: ClaimEvidence = EVIDENCE, **line: Any) -> PreferenceDecision:  # noqa: ANN401 - it is JSON
    declaration = story(lines=[story_line(**line)])
    return decide_preferences(declaration, {1: evidence}, PACK)[1]


def certified(**changes: Any) -> ClaimEvidence:  # noqa: ANN401 - fields of many types
    return replace(EVIDENCE, certified=replace(CERTIFIED, **changes))


def kilograms(amount: str) -> Quantity:
    return Quantity(Decimal(amount), UnitCode("KGM"))


def test_a_claim_with_nothing_against_it_is_granted() -> None:
    decision = decide()
    assert (decision.outcome, decision.objections) == (ClaimOutcome.GRANT, ())


def test_the_last_millionth_that_is_left_is_granted() -> None:
    left = replace(EVIDENCE, available=kilograms("0.000001"))
    assert (
        decide(left, quantity={"amount": "0.000001", "unit": "KGM"}).outcome is ClaimOutcome.GRANT
    )


def test_a_certificate_without_a_registered_consignee_is_for_any_importer() -> None:
    assert decide(certified(consignee=None)).outcome is ClaimOutcome.GRANT


@pytest.mark.parametrize("code", ["392410", "39241090", "3924101000"])
def test_only_the_first_six_digits_of_the_certified_code_count(code: str) -> None:
    assert decide(certified(hs_code=HsCode(code))).outcome is ClaimOutcome.GRANT


EVIDENCE_LIES = {
    "revoked": (DENY, ["REVOKED"], replace(EVIDENCE, verdict=CertificateVerdict.REVOKED)),
    "replaced": (DENY, ["REPLACED"], replace(EVIDENCE, verdict=CertificateVerdict.REPLACED)),
    "expired": (DENY, ["EXPIRED"], replace(EVIDENCE, verdict=CertificateVerdict.EXPIRED)),
    "invalid": (DENY, ["INTEGRITY"], replace(EVIDENCE, verdict=CertificateVerdict.INVALID)),
    "not found": (DENY, ["REFERENCE_UNKNOWN"], ClaimEvidence(CertificateVerdict.NOT_FOUND)),
    "suspended": (
        SUSPEND,
        ["UNDER_VERIFICATION"],
        replace(EVIDENCE, verdict=CertificateVerdict.SUSPENDED),
    ),
    "unknown": (
        SUSPEND,
        ["NOT_VERIFIED"],
        replace(EVIDENCE, verdict=CertificateVerdict.UNKNOWN),
    ),
    "quantity left not read": (SUSPEND, ["NOT_VERIFIED"], replace(EVIDENCE, available=None)),
    "goods not read": (SUSPEND, ["NOT_VERIFIED"], replace(EVIDENCE, certified=None)),
    "nothing read": (
        SUSPEND,
        ["NOT_VERIFIED"] * 3,
        ClaimEvidence(CertificateVerdict.UNKNOWN),
    ),
    "seal and signature fail": (
        DENY,
        ["INTEGRITY"],
        replace(EVIDENCE, verdict=CertificateVerdict.INVALID, failed_steps=("seal", "signature")),
    ),
    "mandate and origin fail": (
        DENY,
        ["SIGNATORY_UNKNOWN", "ORIGIN_CRITERIA"],
        replace(EVIDENCE, verdict=CertificateVerdict.INVALID, failed_steps=("mandate", "origin")),
    ),
    "a failed step beside a valid verdict": (
        DENY,
        ["SIGNATORY_UNKNOWN"],
        replace(EVIDENCE, failed_steps=("key",)),
    ),
    "one unit short": (
        DENY,
        ["QTY_OVERDRAW"],
        replace(EVIDENCE, available=kilograms("999.999999")),
    ),
    "nothing left": (DENY, ["QTY_OVERDRAW"], replace(EVIDENCE, available=kilograms("0"))),
    "another unit": (
        SUSPEND,
        ["QTY_NOT_COMPARABLE"],
        replace(EVIDENCE, available=Quantity(Decimal(1000), UnitCode("PCE"))),
    ),
    "another subheading": (DENY, ["HS_MISMATCH"], certified(hs_code=HsCode("392490"))),
    "a heading only": (DENY, ["HS_MISMATCH"], certified(hs_code=HsCode("3924"))),
    "another origin": (DENY, ["GOODS_MISMATCH"], certified(country_of_origin=Country("TH"))),
    "another agreement": (
        DENY,
        ["AGREEMENT_MISMATCH"],
        certified(agreement=AgreementCode("RCEP")),
    ),
    "for another country": (
        DENY,
        ["DESTINATION_MISMATCH"],
        certified(importing_country=Country("MY")),
    ),
    "to another consignee": (
        DENY,
        ["CONSIGNEE_MISMATCH"],
        certified(consignee=PartyCode("ID.LAIN")),
    ),
    "another certificate": (DENY, ["REFERENCE_UNKNOWN"], certified(certificate="VN-D-2026-000002")),
    "another line": (DENY, ["REFERENCE_UNKNOWN"], certified(line=2)),
}


@pytest.mark.parametrize(
    ("outcome", "reasons", "evidence"), EVIDENCE_LIES.values(), ids=EVIDENCE_LIES
)
def test_evidence_that_does_not_carry_the_claim_is_met_with_its_reason(
    outcome: ClaimOutcome, reasons: list[str], evidence: ClaimEvidence
) -> None:
    decision = decide(evidence)
    assert (decision.outcome, list(decision.reasons)) == (outcome, reasons)


CLAIM_LIES = {
    "another facility": (DENY, ["FACILITY_MISMATCH"], {"claim": CLAIM | {"facility": "54"}}),
    "goods of a country that has no part": (
        DENY,
        ["AGREEMENT_NOT_OPEN", "GOODS_MISMATCH"],
        {"country_of_origin": "CN"},
    ),
    "an agreement that the pack does not hold": (
        DENY,
        ["AGREEMENT_NOT_HELD", "AGREEMENT_MISMATCH"],
        {"claim": CLAIM | {"agreement": "ACFTA", "facility": "54"}},
    ),
    "more than is left": (
        DENY,
        ["QTY_OVERDRAW"],
        {"quantity": {"amount": "1000.000001", "unit": "KGM"}},
    ),
}


@pytest.mark.parametrize(("outcome", "reasons", "line"), CLAIM_LIES.values(), ids=CLAIM_LIES)
def test_a_claim_that_does_not_fit_is_met_with_its_reason(
    outcome: ClaimOutcome, reasons: list[str], line: dict[str, Any]
) -> None:
    decision = decide(**line)
    assert (decision.outcome, list(decision.reasons)) == (outcome, reasons)


def test_a_pack_that_lacks_the_agreement_suspends_and_does_not_deny() -> None:
    evidence = certified(agreement=AgreementCode("ACFTA"))
    decision = decide(evidence, claim=CLAIM | {"agreement": "ACFTA", "facility": "54"})
    assert decision.outcome is SUSPEND
    assert decision.reasons == (ClaimReason.AGREEMENT_NOT_HELD,)


def test_a_day_before_the_pack_begins_suspends() -> None:
    declaration = story(declared_on="2022-03-31")
    decision = decide_preferences(declaration, {1: EVIDENCE}, PACK)[1]
    assert decision.reasons == (ClaimReason.AGREEMENT_NOT_HELD,)
    assert "2022-03-31" in decision.objections[0].because


def test_every_reason_is_collected_and_a_denial_outweighs_a_doubt() -> None:
    evidence = ClaimEvidence(
        CertificateVerdict.REVOKED,
        replace(CERTIFIED, hs_code=HsCode("190531"), importing_country=Country("MY")),
        available=None,
        failed_steps=("seal", "key"),
    )
    decision = decide(evidence, country_of_origin="CN")
    assert decision.outcome is DENY
    assert decision.reasons == (
        ClaimReason.REVOKED,
        ClaimReason.INTEGRITY,
        ClaimReason.SIGNATORY_UNKNOWN,
        ClaimReason.AGREEMENT_NOT_OPEN,
        ClaimReason.HS_MISMATCH,
        ClaimReason.GOODS_MISMATCH,
        ClaimReason.DESTINATION_MISMATCH,
        ClaimReason.NOT_VERIFIED,
    )


def test_the_document_of_a_decision_names_outcome_and_reasons() -> None:
    assert decide(certified(hs_code=HsCode("190531"))).to_document() == {
        "line": 1,
        "outcome": "DENY",
        "objections": [
            {"reason": "HS_MISMATCH", "because": "HS-6: declared 392410, certified 190531"}
        ],
    }


def test_a_claim_that_nobody_looked_into_is_suspended() -> None:
    decision = decide_preferences(story(), {}, PACK)[1]
    assert decision.outcome is SUSPEND


def test_a_line_without_a_claim_gets_no_decision() -> None:
    declaration = story(lines=[story_line(claim=None)])
    assert decide_preferences(declaration, {}, PACK) == {}


def test_evidence_for_a_line_without_a_claim_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="not a line that claims preference"):
        decide_preferences(story(lines=[story_line(claim=None)]), {1: EVIDENCE}, PACK)


def _two_lines(first: str, second: str, **changes: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - it is JSON
    return [
        story_line(line=1, quantity={"amount": first, "unit": "KGM"}, **changes),
        story_line(line=2, quantity={"amount": second, "unit": "KGM"}),
    ]


def _outcomes(lines: list[dict[str, Any]]) -> list[ClaimOutcome]:
    evidence = {line["line"]: EVIDENCE for line in lines}
    decisions = decide_preferences(story(lines=lines), evidence, PACK)
    return [decisions[number].outcome for number in sorted(decisions)]


def test_two_lines_share_what_is_left_of_one_certificate_line() -> None:
    assert _outcomes(_two_lines("600", "400")) == [ClaimOutcome.GRANT, ClaimOutcome.GRANT]
    assert _outcomes(_two_lines("600", "401")) == [ClaimOutcome.GRANT, DENY]


def test_the_lower_line_number_is_served_first_wherever_it_stands() -> None:
    assert _outcomes(_two_lines("600", "401")[::-1]) == [ClaimOutcome.GRANT, DENY]


def test_a_denied_line_takes_nothing_from_the_next() -> None:
    lines = _two_lines("600", "1000", country_of_origin="TH")
    assert _outcomes(lines) == [DENY, ClaimOutcome.GRANT]


def test_an_overdraw_says_what_is_left() -> None:
    lines = _two_lines("600", "401")
    decisions = decide_preferences(story(lines=lines), {1: EVIDENCE, 2: EVIDENCE}, PACK)
    because = decisions[2].objections[0].because
    assert because == "401 KGM is claimed, 1000 KGM is left after 600 for lines before it"


@given(
    st.sampled_from(sorted(set(CertificateVerdict) - {CertificateVerdict.VALID})),
    st.sampled_from([CERTIFIED, None]),
    st.sampled_from([AVAILABLE, None]),
    st.lists(st.sampled_from(["seal", "key", "origin", "period", "no such step"])).map(tuple),
)
def test_nothing_but_a_valid_certificate_is_ever_granted(
    verdict: CertificateVerdict,
    line: CertifiedLine | None,
    available: Quantity | None,
    failed: tuple[str, ...],
) -> None:
    assert decide(ClaimEvidence(verdict, line, available, failed)).outcome is not ClaimOutcome.GRANT
