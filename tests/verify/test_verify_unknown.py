"""What the verifier cannot know is UNKNOWN: outages, pending anchors, undisclosed claims."""

from dataclasses import replace
from datetime import date

import pytest
from certificate_sample import (
    ANCHORED_AT,
    BUNDLE,
    CERTIFICATE,
    FACTS,
    ON,
    POLICY,
    SEED,
    Issuer,
    document,
    facts_for,
    names_of,
)

from tulen.certificate import Certificate, redact
from tulen.verify import (
    CertificateStatus,
    CheckOutcome,
    State,
    TrustPolicy,
    Unavailable,
    Verdict,
    question_of,
    verify,
)

CHAIN_STEPS = ["anchored", "final", "authority", "key", "mandate", "status", "recognised"]
_CHANGED = document()
_CHANGED["number"] = "VN-ATIGA-2026-000002"
CHANGED = Certificate.from_document(_CHANGED)


def test_an_outage_leaves_what_needs_no_chain_and_is_never_valid_or_invalid() -> None:
    found = verify(BUNDLE.to_bytes(), POLICY, Unavailable("the node does not answer"), ON)
    assert names_of(found, CheckOutcome.UNKNOWN) == CHAIN_STEPS
    assert not names_of(found, CheckOutcome.FAIL)
    assert found.verdict is Verdict.UNKNOWN
    assert all(
        "does not answer" in check.reason for check in found.checks if check.name in CHAIN_STEPS
    )
    assert verify(BUNDLE, POLICY, Unavailable("x"), date(2030, 1, 1)).verdict is Verdict.UNKNOWN


def test_a_node_of_another_chain_is_an_outage() -> None:
    found = verify(BUNDLE, POLICY, replace(FACTS, chain_id=1), ON)
    assert names_of(found, CheckOutcome.UNKNOWN) == CHAIN_STEPS
    assert found.verdict is Verdict.UNKNOWN


def test_a_transaction_that_could_not_be_read_or_is_not_final_is_unknown() -> None:
    unread = verify(BUNDLE, POLICY, replace(FACTS, transaction=Unavailable("no answer")), ON)
    pending = verify(
        BUNDLE, POLICY, replace(FACTS, transaction=replace(FACTS.transaction, final=False)), ON
    )
    for found in (unread, pending):
        assert names_of(found, CheckOutcome.UNKNOWN) == ["final"]
        assert found.verdict is Verdict.UNKNOWN


def test_what_is_missing_before_the_anchoring_block_is_unknown_and_a_revocation_counts() -> None:
    assert BUNDLE.anchor is not None
    nothing = replace(FACTS, anchored=None, party=None, key=None, mandate=None, transaction=None)
    nothing = replace(nothing, mandate_when_anchored=None)
    for as_of_block, verdict in (
        (BUNDLE.anchor.block_number - 1, Verdict.UNKNOWN),
        (BUNDLE.anchor.block_number, Verdict.INVALID),
    ):
        found = verify(BUNDLE, POLICY, replace(nothing, as_of_block=as_of_block), ON)
        assert found.verdict is verdict
    early = replace(
        nothing,
        as_of_block=BUNDLE.anchor.block_number - 1,
        status=CertificateStatus(State.REVOKED, 2, ANCHORED_AT, None),
    )
    assert verify(BUNDLE, POLICY, early, ON).verdict is Verdict.REVOKED


def test_a_bundle_without_an_anchor_is_never_valid() -> None:
    bundle = replace(BUNDLE, anchor=None)
    anchored = verify(bundle, POLICY, facts_for(bundle), ON)
    assert names_of(anchored, CheckOutcome.UNKNOWN) == ["final"]
    assert anchored.verdict is Verdict.UNKNOWN
    waiting = verify(bundle, POLICY, replace(facts_for(bundle), anchored=None), ON)
    assert names_of(waiting, CheckOutcome.UNKNOWN) == [
        *("anchored", "final", "key", "mandate", "recognised")
    ]
    assert waiting.verdict is Verdict.UNKNOWN


def test_another_trusted_ledger_is_seen_without_any_chain() -> None:
    policy = TrustPolicy(POLICY.chain_id, "0x" + "00" * 20)
    found = verify(BUNDLE, policy, Unavailable("offline"), ON)
    assert names_of(found, CheckOutcome.FAIL) == ["anchored"]
    assert found.verdict is Verdict.INVALID


HEADING = [
    "/agreement",
    "/form",
    "/issuing_authority",
    "/issued_on",
    "/valid_until",
    "/importing_country",
]
NOT_NEEDED = ["origin", "parents"]
"""What redacted bundles leave open, and no verdict waits for."""


def test_a_redacted_bundle_with_its_heading_is_valid_and_origin_unknown() -> None:
    bundle = Issuer().bundle(redact(CERTIFICATE, SEED, HEADING, allowances=[1]))
    found = verify(bundle.to_bytes(), POLICY, facts_for(bundle), ON)
    assert names_of(found, CheckOutcome.UNKNOWN) == NOT_NEEDED
    assert not any(check.required for check in found.checks if check.name in NOT_NEEDED)
    assert found.verdict is Verdict.VALID
    assert "/exporter/name" not in found.claims


@pytest.mark.parametrize(
    ("hidden", "unknown"),
    [
        ("/issuing_authority", [*CHAIN_STEPS, "checkpoint"]),
        ("/agreement", ["mandate", "recognised"]),
        ("/importing_country", ["recognised"]),
        ("/form", ["mandate"]),
        ("/issued_on", ["mandate", "period"]),
        ("/valid_until", ["period"]),
    ],
)
def test_what_is_not_disclosed_leaves_its_steps_unknown(hidden: str, unknown: list[str]) -> None:
    shown = [pointer for pointer in HEADING if pointer != hidden]
    bundle = Issuer().bundle(redact(CERTIFICATE, SEED, shown))
    facts = FACTS if question_of(bundle) is None else facts_for(bundle)
    found = verify(bundle, POLICY, facts, ON)
    assert set(names_of(found, CheckOutcome.UNKNOWN)) == {*unknown, *NOT_NEEDED}
    assert found.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("hidden", ["/agreement", "/form"])
def test_hiding_agreement_or_form_does_not_hide_a_revocation(hidden: str) -> None:
    shown = [pointer for pointer in HEADING if pointer != hidden]
    bundle = Issuer().bundle(redact(CERTIFICATE, SEED, shown))
    revoked = CertificateStatus(State.REVOKED, 2, ANCHORED_AT, None)
    facts = replace(facts_for(bundle), status=revoked)
    assert verify(bundle, POLICY, facts, ON).verdict is Verdict.REVOKED


def test_a_country_that_is_not_disclosed_is_unknown() -> None:
    shown = [*HEADING[:2], "/issuing_authority/code", *HEADING[3:]]
    bundle = Issuer().bundle(redact(CERTIFICATE, SEED, shown))
    found = verify(bundle, POLICY, facts_for(bundle), ON)
    assert names_of(found, CheckOutcome.UNKNOWN) == ["authority", *NOT_NEEDED]


def test_claims_of_two_certificates_give_no_digest() -> None:
    mine = redact(CERTIFICATE, SEED, HEADING)
    theirs = redact(CHANGED, SEED, HEADING)
    mixed = replace(mine, disclosed=(*mine.disclosed[:3], *theirs.disclosed[3:]))
    bundle = replace(Issuer().bundle(mine), certificate=mixed)
    found = verify(bundle.to_bytes(), POLICY, FACTS, ON)
    assert found.first_failure is not None
    assert found.first_failure.name == "seal"
    assert question_of(bundle) is None
    assert found.verdict is Verdict.INVALID


def test_what_cannot_be_read_answers_only_the_first_step() -> None:
    for data in (b"", b"{}", b"\xff\xfe", b"[" * 100_000, BUNDLE.to_bytes() + b"x"):
        found = verify(data, POLICY, FACTS, ON)
        assert [(check.step, check.outcome) for check in found.checks] == [(1, CheckOutcome.FAIL)]
        assert found.verdict is Verdict.INVALID
        assert found.claims == {}
        assert "digest" not in found.to_document()


def test_the_document_of_a_verification_holds_no_null_and_not_what_origin_was_judged_on() -> None:
    shown = verify(BUNDLE, POLICY, FACTS, ON).to_document()
    assert shown["verdict"] == "VALID"
    assert shown["as_of"] == {
        "block": 99,
        "time": "2026-02-01T09:00:00Z",
        "read_at": "2026-02-01T09:00:02Z",
        "age_ms": 0,
    }
    assert shown["issuing_paused"] is False
    assert shown["certificate"]["/number"] == "VN-ATIGA-2026-000001"
    assert not any("/origin/inputs" in pointer for pointer in shown["certificate"])
    assert all(None not in check.values() for check in shown["checks"])
