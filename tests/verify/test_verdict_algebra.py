"""The verdict as a function of the checks: a table, and the specification said once more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tulen.verify import Check, CheckOutcome, State, Verdict
from tulen.verify.result import verdict_of

P, F, U = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN


def _checks(outcomes: dict[int, CheckOutcome]) -> list[Check]:
    return [
        Check(
            step,
            "name",
            "Why?",
            outcomes.get(step, P),
            "because",
            required=step != 13 or outcomes.get(step) is not U,
        )
        for step in range(1, 14)
    ]


TABLE = {
    "all-pass": ({}, State.GOOD, False, Verdict.VALID),
    "revoked": ({11: F}, State.REVOKED, False, Verdict.REVOKED),
    "replaced": ({11: F}, State.REPLACED, False, Verdict.REPLACED),
    "suspended": ({11: F}, State.SUSPENDED, False, Verdict.SUSPENDED),
    "revoked-and-otherwise-invalid": ({9: F, 11: F}, State.REVOKED, False, Verdict.REVOKED),
    "revoked-but-not-its-own": ({3: F, 11: F}, State.REVOKED, False, Verdict.INVALID),
    "revoked-but-log-not-known": ({4: U, 11: F}, State.REVOKED, False, Verdict.INVALID),
    "revoked-and-expired": ({11: F, 12: F}, State.REVOKED, True, Verdict.REVOKED),
    "outage": (dict.fromkeys(range(6, 12), U), None, False, Verdict.UNKNOWN),
    "outage-and-broken": ({3: F, **dict.fromkeys(range(6, 12), U)}, None, False, Verdict.INVALID),
    "outage-and-expired": (
        {12: F, **dict.fromkeys(range(6, 12), U)},
        None,
        True,
        Verdict.UNKNOWN,
    ),
    "expired": ({12: F}, State.GOOD, True, Verdict.EXPIRED),
    "expired-and-broken": ({7: F, 12: F}, State.GOOD, True, Verdict.INVALID),
    "not-yet-valid": ({12: F}, State.GOOD, False, Verdict.INVALID),
    "origin-not-replayed": ({13: U}, State.GOOD, False, Verdict.VALID),
    "origin-not-replayed-and-expired": ({12: F, 13: U}, State.GOOD, True, Verdict.EXPIRED),
    "origin-denied": ({13: F}, State.GOOD, False, Verdict.INVALID),
}


@pytest.mark.parametrize(
    ("outcomes", "state", "expired", "verdict"), TABLE.values(), ids=TABLE.keys()
)
def test_the_verdict_is_that_of_the_table(
    outcomes: dict[int, CheckOutcome], state: State | None, expired: bool, verdict: Verdict
) -> None:
    assert verdict_of(_checks(outcomes), state=state, expired=expired) is verdict


def test_a_bundle_that_cannot_be_read_is_invalid() -> None:
    unread = [Check(1, "format", "Why?", F, "because")]
    assert verdict_of(unread, state=None, expired=False) is Verdict.INVALID


@given(
    outcomes=st.dictionaries(st.integers(1, 13), st.sampled_from([P, F, U])),
    state=st.sampled_from([None, *State]),
    expired=st.booleans(),
)
def test_no_verdict_claims_more_than_the_checks_say(
    outcomes: dict[int, CheckOutcome], state: State | None, expired: bool
) -> None:
    said = set(outcomes.values())
    required_unknown = any(what is U for step, what in outcomes.items() if step != 13)
    authentic = all(outcomes.get(step, P) is P for step in range(2, 6))
    verdict = verdict_of(_checks(outcomes), state=state, expired=expired)
    declared = {State.REVOKED, State.REPLACED, State.SUSPENDED}
    assert (verdict.name in {each.name for each in declared}) == (state in declared and authentic)
    if verdict is Verdict.VALID:
        assert F not in said
        assert not required_unknown
    if verdict is Verdict.INVALID:
        assert F in said
    if verdict is Verdict.UNKNOWN:
        assert required_unknown
    if verdict is Verdict.EXPIRED:
        assert expired
        assert {step for step, what in outcomes.items() if what is F} == {12}
        assert not required_unknown
