"""What is said of rights that changed since, of parents, and of how old an answer is."""

from dataclasses import replace
from datetime import timedelta

import pytest
from certificate_sample import BUNDLE, FACTS, ON, POLICY, facts_for, issued, names_of

from tulen.certificate import Bundle
from tulen.verify import (
    ChainFacts,
    Check,
    CheckOutcome,
    LineAccount,
    Proofs,
    RegisteredMandate,
    Unavailable,
    Verdict,
    Verification,
    prove,
    verify,
)

CHILD = issued({"ticks": ["back-to-back"]})
KILOGRAM = 10**6


def check(verification: Verification, name: str) -> Check:
    (found,) = [item for item in verification.checks if item.name == name]
    return found


def of_child(*accounts: LineAccount) -> Verification:
    return verify(CHILD, POLICY, replace(facts_for(CHILD), accounts=accounts), ON)


def test_recognition_withdrawn_since_is_said_with_advice_and_changes_no_verdict() -> None:
    found = verify(BUNDLE, POLICY, replace(FACTS, recognised=False), ON)
    assert found.verdict is Verdict.VALID
    said = check(found, "recognised")
    assert said.outcome is CheckOutcome.PASS
    assert "recognised VN.MOIT under ATIGA when the certificate was anchored" in said.reason
    assert "withdrawn" in said.reason
    assert "may refuse to draw" in said.advice


def test_recognition_that_came_after_the_anchor_does_not_help() -> None:
    found = verify(BUNDLE, POLICY, replace(FACTS, recognised_when_anchored=False), ON)
    assert found.verdict is Verdict.INVALID
    said = check(found, "recognised").reason
    assert "ID did not recognise VN.MOIT under ATIGA at 2026-01-15T08:30:00Z" in said
    assert "though it does now" in said


MANDATE = FACTS.mandate
assert MANDATE is not None


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (MANDATE, ""),
        (None, "it was taken back since"),
        (RegisteredMandate(MANDATE.since, FACTS.as_of), "it reads from 2025-12-01T00:00:00Z until"),
    ],
)
def test_todays_mandate_is_said_where_it_differs_and_decides_nothing(
    now: RegisteredMandate | None, words: str
) -> None:
    found = verify(BUNDLE, POLICY, replace(FACTS, mandate=now), ON)
    assert found.verdict is Verdict.VALID
    said = check(found, "mandate").reason
    assert words in said
    assert ("since, which changes nothing" in said) is bool(words)


def test_a_mandate_of_today_is_none_of_then() -> None:
    found = verify(BUNDLE, POLICY, replace(FACTS, mandate_when_anchored=None), ON)
    assert names_of(found, CheckOutcome.FAIL) == ["mandate"]
    assert "though it has one now" in check(found, "mandate").reason


def test_a_pause_is_information() -> None:
    found = verify(BUNDLE, POLICY, replace(FACTS, issuing_paused=True), ON)
    assert found.verdict is Verdict.VALID
    assert "its issuing is paused now" in check(found, "authority").reason
    assert found.to_document()["issuing_paused"] is True


def test_a_certificate_that_is_not_back_to_back_needs_no_parents_and_no_chain() -> None:
    found = verify(BUNDLE, POLICY, Unavailable("the node does not answer"), ON)
    assert check(found, "parents").outcome is CheckOutcome.PASS


def test_a_child_stands_on_what_is_reserved_for_each_of_its_lines() -> None:
    found = of_child(
        LineAccount(1, 600 * KILOGRAM, bounded=True), LineAccount(2, 99**9, bounded=True)
    )
    assert found.verdict is Verdict.VALID
    said = check(found, "parents").reason
    assert "line 1: 600 KGM of 1000 KGM are reserved on its parents" in said
    assert "line 2: 12.5 KGM of 12.5 KGM are reserved" in said


def test_one_line_without_a_reservation_leaves_a_child_unknown_and_required() -> None:
    found = of_child(LineAccount(1, KILOGRAM, bounded=True), LineAccount(2, 0, bounded=False))
    said = check(found, "parents")
    assert (said.outcome, said.required) == (CheckOutcome.UNKNOWN, True)
    assert said.reason.startswith("line 2: nothing was ever reserved")
    assert found.verdict is Verdict.UNKNOWN


def test_a_reservation_that_was_given_back_fails_a_child() -> None:
    found = of_child(LineAccount(1, 0, bounded=True), LineAccount(2, KILOGRAM, bounded=True))
    assert names_of(found, CheckOutcome.FAIL) == ["parents"]
    assert found.verdict is Verdict.INVALID


def test_accounts_that_were_not_read_leave_only_the_parents_unknown() -> None:
    facts = replace(facts_for(CHILD), accounts=Unavailable("the node does not answer"))
    found = verify(CHILD, POLICY, facts, ON)
    assert names_of(found, CheckOutcome.UNKNOWN) == ["parents"]
    assert "does not answer" in check(found, "parents").reason


@pytest.mark.parametrize(("later", "age"), [(0, 0), (2_400, 2_400), (-5_000, 0)])
def test_an_answer_shows_how_old_its_reading_is_and_never_less_than_nothing(
    later: int, age: int
) -> None:
    at = FACTS.read_at + timedelta(milliseconds=later)
    assert verify(BUNDLE, POLICY, FACTS, ON, at=at).to_document()["as_of"]["age_ms"] == age


def test_what_was_not_read_has_no_age() -> None:
    found = verify(BUNDLE, POLICY, Unavailable("no answer"), ON, at=FACTS.read_at)
    assert found.age is None
    assert not {"as_of", "issuing_paused"} & found.to_document().keys()


FILE = BUNDLE.to_bytes()
OTHER_FILE = CHILD.to_bytes()


def test_a_file_is_proven_once_and_judged_each_time() -> None:
    proofs = Proofs()
    proof = proofs.of(FILE)
    assert proofs.of(bytes(bytearray(FILE))) is proof
    assert proofs.of(OTHER_FILE) is not proof
    later: list[ChainFacts | Unavailable] = [FACTS, Unavailable("no answer")]
    for facts in later:
        assert verify(proof, POLICY, facts, ON) == verify(FILE, POLICY, facts, ON)


def test_what_is_remembered_of_files_is_bounded_in_bytes_and_the_latest_used_stays() -> None:
    third = issued({"number": "VN-ATIGA-2026-000002"}).to_bytes()
    proofs = Proofs(len(FILE) + len(OTHER_FILE) + len(third) - 1)
    first, second = proofs.of(FILE), proofs.of(OTHER_FILE)
    assert proofs.of(FILE) is first
    proofs.of(third)
    assert proofs.of(FILE) is first
    assert proofs.of(OTHER_FILE) is not second
    assert Proofs(0).of(FILE).contents.bundle == BUNDLE


def test_a_bundle_that_was_read_already_is_proven_anew() -> None:
    proofs = Proofs()
    assert proofs.of(BUNDLE) is not proofs.of(BUNDLE)
    assert proofs.of(BUNDLE).answers == prove(Bundle.parse(FILE)).answers
