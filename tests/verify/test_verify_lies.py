"""One truth, then one lie at a time: each is caught at its step, with its verdict."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from certificate_sample import (
    ANCHORED_AT,
    BUNDLE,
    CERTIFICATE,
    DIGEST,
    FACTS,
    ON,
    OTHER_KEY,
    POLICY,
    RECEIPT,
    SEED,
    Issuer,
    document,
    facts_for,
    issued,
    names_of,
)

from tulen.certificate import Bundle, Certificate, FullPresentation
from tulen.log import SignedCheckpoint
from tulen.values import Country, Digest
from tulen.verify import (
    CertificateStatus,
    ChainFacts,
    CheckOutcome,
    State,
    Unavailable,
    Verdict,
    verify,
)

OTHER = Digest(bytes(range(32)))
SECOND = timedelta(seconds=1)
STEPS = (
    "format",
    "seal",
    "signature",
    "checkpoint",
    "logged",
    "anchored",
    "final",
    "authority",
    "key",
    "mandate",
    "status",
    "period",
    "origin",
    "recognised",
    "parents",
)


def test_a_bundle_in_order_passes_every_step() -> None:
    found = verify(BUNDLE.to_bytes(), POLICY, FACTS, ON)
    assert names_of(found, CheckOutcome.PASS) == list(STEPS)
    assert [check.step for check in found.checks] == list(range(1, 16))
    assert found.verdict is Verdict.VALID
    assert found.digest == DIGEST
    assert (found.as_of_block, found.as_of) == (FACTS.as_of_block, FACTS.as_of)
    assert verify(BUNDLE, POLICY, FACTS, ON).verdict is Verdict.VALID


def _path(bundle: Bundle, path: tuple[Digest, ...]) -> Bundle:
    return replace(bundle, log=replace(bundle.log, path=path))


_PATH = BUNDLE.log.path
_NOTE = BUNDLE.log.checkpoint
_CHANGED = document()
_CHANGED["lines"][0]["quantity"] = "1001"
CHANGED = Certificate.from_document(_CHANGED)
OTHERS_BUNDLE = Issuer(OTHER_KEY).bundle(BUNDLE.certificate)
THAILAND = Issuer(log="tulen/TH.DFT")

BUNDLE_LIES: dict[str, tuple[str, Bundle]] = {
    "document-altered": (
        "signature",
        replace(BUNDLE, certificate=FullPresentation(CHANGED, SEED)),
    ),
    "seed-altered": (
        "signature",
        replace(BUNDLE, certificate=FullPresentation(CERTIFICATE, bytes(32))),
    ),
    "signature-altered": (
        "signature",
        replace(BUNDLE, signature=replace(BUNDLE.signature, value=bytes(64))),
    ),
    "signed-by-another-key": (
        "signature",
        replace(BUNDLE, signature=replace(BUNDLE.signature, key=OTHERS_BUNDLE.signature.key)),
    ),
    "checkpoint-signed-by-another-key": ("checkpoint", replace(BUNDLE, log=OTHERS_BUNDLE.log)),
    "checkpoint-signature-altered": (
        "checkpoint",
        replace(BUNDLE, log=replace(BUNDLE.log, checkpoint=replace(_NOTE, signature=bytes(64)))),
    ),
    "checkpoint-of-another-size": (
        "checkpoint",
        replace(
            BUNDLE,
            log=replace(
                BUNDLE.log,
                checkpoint=replace(_NOTE, checkpoint=replace(_NOTE.checkpoint, size=12)),
            ),
        ),
    ),
    "another-authority's-log": ("checkpoint", THAILAND.bundle(BUNDLE.certificate)),
    "index-plus-one": ("logged", replace(BUNDLE, log=replace(BUNDLE.log, index=7))),
    "index-beyond-the-log": ("logged", replace(BUNDLE, log=replace(BUNDLE.log, index=11))),
    "path-node-changed": ("logged", _path(BUNDLE, (OTHER, *_PATH[1:]))),
    "path-node-dropped": ("logged", _path(BUNDLE, _PATH[1:])),
    "path-extended": ("logged", _path(BUNDLE, (*_PATH, OTHER))),
    "path-swapped": ("logged", _path(BUNDLE, (_PATH[1], _PATH[0], *_PATH[2:]))),
    "another-certificate's-log": (
        "logged",
        replace(BUNDLE, log=Issuer().bundle(FullPresentation(CHANGED, SEED)).log),
    ),
    "another-chain": ("anchored", replace(BUNDLE, anchor=replace(RECEIPT, chain_id=1))),
    "another-ledger": (
        "anchored",
        replace(BUNDLE, anchor=replace(RECEIPT, ledger="0x" + "0" * 40)),
    ),
    "anchored-earlier": (
        "anchored",
        replace(BUNDLE, anchor=replace(RECEIPT, anchored_at=ANCHORED_AT - SECOND)),
    ),
    "another-block": ("final", replace(BUNDLE, anchor=replace(RECEIPT, block_number=41))),
    "another-block-hash": ("final", replace(BUNDLE, anchor=replace(RECEIPT, block_hash=OTHER))),
}


@pytest.mark.parametrize(("step", "bundle"), BUNDLE_LIES.values(), ids=BUNDLE_LIES.keys())
def test_every_lie_in_the_bundle_is_caught_at_its_step(step: str, bundle: Bundle) -> None:
    found = verify(bundle.to_bytes(), POLICY, facts_for(bundle), ON)
    assert found.first_failure is not None
    assert found.first_failure.name == step
    assert found.first_failure.advice
    assert found.verdict is Verdict.INVALID


def test_another_transaction_is_caught_where_the_chain_is_asked_for_it() -> None:
    bundle = replace(BUNDLE, anchor=replace(RECEIPT, transaction=OTHER))
    found = verify(bundle, POLICY, replace(facts_for(bundle), transaction=None), ON)
    assert names_of(found, CheckOutcome.FAIL) == ["final"]


def test_facts_of_another_question_are_no_facts() -> None:
    bundle = replace(BUNDLE, anchor=replace(RECEIPT, transaction=OTHER))
    found = verify(bundle, POLICY, FACTS, ON)
    assert names_of(found, CheckOutcome.UNKNOWN) == [*STEPS[5:11], "recognised"]
    assert found.verdict is Verdict.UNKNOWN
    assert found.as_of is None


def _facts(**changed: Any) -> ChainFacts:  # noqa: ANN401 - fields of several types
    return replace(FACTS, **changed)


assert FACTS.anchored is not None
assert FACTS.party is not None
assert FACTS.key is not None
assert FACTS.mandate is not None
assert not isinstance(FACTS.transaction, Unavailable)
assert FACTS.transaction is not None
CHAIN_LIES: dict[str, tuple[str, ChainFacts]] = {
    "never-anchored": ("anchored", _facts(anchored=None)),
    "anchored-by-another": (
        "anchored",
        _facts(anchored=replace(FACTS.anchored, authority=bytes(16))),
    ),
    "anchored-with-another-size": ("anchored", _facts(anchored=replace(FACTS.anchored, size=12))),
    "backdated": (
        "anchored",
        _facts(anchored=replace(FACTS.anchored, anchored_at=ANCHORED_AT + timedelta(days=90))),
    ),
    "no-such-transaction": ("final", _facts(transaction=None)),
    "transaction-of-something-else": (
        "final",
        _facts(transaction=replace(FACTS.transaction, anchors_root=False)),
    ),
    "moved-by-a-reorganisation": (
        "final",
        _facts(transaction=replace(FACTS.transaction, block_hash=OTHER)),
    ),
    "unregistered-authority": ("authority", _facts(party=None)),
    "customs-only": ("authority", _facts(party=replace(FACTS.party, issues=False))),
    "authority-of-another-country": (
        "authority",
        _facts(party=replace(FACTS.party, country=Country("TH"))),
    ),
    "unknown-key": ("key", _facts(key=None)),
    "key-not-yet-valid": ("key", _facts(key=replace(FACTS.key, since=ANCHORED_AT + SECOND))),
    "key-no-longer-valid": ("key", _facts(key=replace(FACTS.key, until=ANCHORED_AT))),
    "key-compromised-before": (
        "key",
        _facts(key=replace(FACTS.key, compromised_since=ANCHORED_AT)),
    ),
    "no-mandate": ("mandate", _facts(mandate_when_anchored=None)),
    "mandate-ended-before-the-anchor": (
        "mandate",
        _facts(mandate_when_anchored=replace(FACTS.mandate, until=ANCHORED_AT)),
    ),
    "mandate-began-after-the-anchor": (
        "mandate",
        _facts(mandate_when_anchored=replace(FACTS.mandate, since=ANCHORED_AT + SECOND)),
    ),
    "mandate-ended-before-the-issue": (
        "mandate",
        _facts(
            mandate_when_anchored=replace(
                FACTS.mandate, until=datetime(2026, 1, 14, 10, tzinfo=UTC)
            )
        ),
    ),
    "mandate-began-after-the-issue": (
        "mandate",
        _facts(
            mandate_when_anchored=replace(
                FACTS.mandate, since=datetime(2026, 1, 16, 12, tzinfo=UTC)
            )
        ),
    ),
    "not-recognised-when-anchored": ("recognised", _facts(recognised_when_anchored=False)),
}


@pytest.mark.parametrize(("step", "facts"), CHAIN_LIES.values(), ids=CHAIN_LIES.keys())
def test_every_contradiction_by_the_chain_is_caught_at_its_step(
    step: str, facts: ChainFacts
) -> None:
    found = verify(BUNDLE, POLICY, facts, ON)
    assert found.first_failure is not None
    assert found.first_failure.name == step
    assert found.verdict is Verdict.INVALID


def test_what_still_holds_at_the_edge_holds() -> None:
    facts = _facts(
        key=replace(
            FACTS.key,
            since=ANCHORED_AT,
            until=ANCHORED_AT + SECOND,
            compromised_since=ANCHORED_AT + SECOND,
        ),
        mandate_when_anchored=replace(FACTS.mandate, since=ANCHORED_AT, until=ANCHORED_AT + SECOND),
    )
    assert verify(BUNDLE, POLICY, facts, ON).verdict is Verdict.VALID


STATUSES = {
    Verdict.REVOKED: CertificateStatus(State.REVOKED, 1, ANCHORED_AT, None),
    Verdict.SUSPENDED: CertificateStatus(State.SUSPENDED, 7, ANCHORED_AT, None),
    Verdict.REPLACED: CertificateStatus(State.REPLACED, 5, ANCHORED_AT, OTHER),
}


@pytest.mark.parametrize(("verdict", "status"), STATUSES.items(), ids=STATUSES.keys())
def test_a_status_is_the_verdict_and_says_why_and_since_when(
    verdict: Verdict, status: CertificateStatus
) -> None:
    found = verify(BUNDLE, POLICY, _facts(status=status), ON)
    assert found.verdict is verdict
    assert names_of(found, CheckOutcome.FAIL) == ["status"]
    reason = found.checks[10].reason
    assert "2026-01-15T08:30:00Z" in reason
    assert "block 99" in reason
    words = {1: "false statements", 7: "importing customs is open", 5: OTHER.hex()}
    assert words[status.reason] in reason
    shown = found.to_document()["status"]
    assert (shown["state"], shown["reason"]) == (status.state.name, status.reason)


def test_a_reason_that_this_version_does_not_know_is_shown_by_its_number() -> None:
    status = CertificateStatus(State.REVOKED, 99, ANCHORED_AT, None)
    assert "reason 99" in verify(BUNDLE, POLICY, _facts(status=status), ON).checks[10].reason


def test_only_what_the_authority_made_can_be_revoked() -> None:
    facts = _facts(status=STATUSES[Verdict.REVOKED])
    altered = _path(BUNDLE, _PATH[1:])
    assert verify(altered, POLICY, facts, ON).verdict is Verdict.INVALID


def test_revoked_counts_before_expired_and_before_an_outage() -> None:
    facts = _facts(status=STATUSES[Verdict.REVOKED], transaction=Unavailable("no answer"))
    assert verify(BUNDLE, POLICY, facts, date(2030, 1, 1)).verdict is Verdict.REVOKED


DAYS = {
    date(2026, 1, 14): Verdict.INVALID,
    date(2026, 1, 15): Verdict.VALID,
    date(2027, 1, 14): Verdict.VALID,
    date(2027, 1, 15): Verdict.EXPIRED,
    date.max: Verdict.EXPIRED,
    date.min: Verdict.INVALID,
}


@pytest.mark.parametrize(("day", "verdict"), DAYS.items(), ids=map(str, DAYS))
def test_the_period_holds_its_first_day_and_not_its_last(day: date, verdict: Verdict) -> None:
    assert verify(BUNDLE, POLICY, FACTS, day).verdict is verdict


@pytest.mark.parametrize(
    ("anchored_at", "verdict"),
    [
        (datetime(2026, 1, 14, 10, 0, 0, tzinfo=UTC), Verdict.VALID),
        (datetime(2026, 1, 14, 9, 59, 59, tzinfo=UTC), Verdict.INVALID),
    ],
)
def test_a_certificate_issued_after_its_anchor_is_postdated_wherever_on_earth(
    anchored_at: datetime, verdict: Verdict
) -> None:
    bundle = replace(BUNDLE, anchor=replace(RECEIPT, anchored_at=anchored_at))
    facts = _facts(anchored=replace(FACTS.anchored, anchored_at=anchored_at))
    found = verify(bundle, POLICY, facts, ON)
    assert found.verdict is verdict
    assert verify(bundle, POLICY, facts, date(2030, 1, 1)).verdict is (
        Verdict.EXPIRED if verdict is Verdict.VALID else Verdict.INVALID
    )


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-30"])
def test_dates_at_the_ends_of_the_calendar_raise_nothing(day: str) -> None:
    bundle = issued({"issued_on": day, "valid_until": "9999-12-31"})
    assert verify(bundle.to_bytes(), POLICY, facts_for(bundle), ON).verdict is Verdict.INVALID


def test_a_note_by_another_signer_of_the_same_log_is_not_believed() -> None:
    note = OTHERS_BUNDLE.log.checkpoint
    forged = SignedCheckpoint(note.checkpoint, _NOTE.key_id, note.signature)
    bundle = replace(BUNDLE, log=replace(BUNDLE.log, checkpoint=forged))
    assert verify(bundle, POLICY, FACTS, ON).first_failure.name == "checkpoint"  # type: ignore[union-attr]
