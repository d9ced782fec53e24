"""Step 13: the origin rule is run again on what the certificate commits to."""

from typing import Any

import pytest
from certificate_sample import BUNDLE, ON, POLICY, document, facts_for, issued, names_of

from tulen.certificate import Bundle
from tulen.verify import CheckOutcome, Verdict, verify


def _judged(**changed: Any) -> Bundle:  # noqa: ANN401 - JSON
    lines = document()["lines"]
    lines[1]["origin"].update(changed.pop("origin", {}))
    lines[1].update(changed)
    return issued({"lines": lines})


def _inputs(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"origin": {"inputs": {**document()["lines"][1]["origin"]["inputs"], **changed}}}


_DEAR = [{"description": "Biscuits", "value": "9000", "originating": False, "hs_code": "190531"}]
ORIGIN_LIES: dict[str, tuple[str, Bundle]] = {
    "another-criterion": ("criterion", _judged(criterion="WO")),
    "another-reasoning": ("reasoning", _judged(origin={"verdict_digest": "00" * 32})),
    "another-day": ("reasoning", _judged(origin={"judged_on": "2026-01-14"})),
    "a-day-before-any-rule": ("cannot give", _judged(origin={"judged_on": "1990-01-01"})),
    "materials-that-do-not-qualify": ("outcome", _judged(**_inputs(materials=_DEAR))),
    "judged-for-another-country": ("importing country", _judged(**_inputs(importing_country="TH"))),
    "judged-for-another-agreement": ("agreement", _judged(**_inputs(agreement="RCEP"))),
}


@pytest.mark.parametrize(("word", "bundle"), ORIGIN_LIES.values(), ids=ORIGIN_LIES.keys())
def test_an_origin_that_does_not_come_out_again_fails(word: str, bundle: Bundle) -> None:
    found = verify(bundle.to_bytes(), POLICY, facts_for(bundle), ON)
    assert names_of(found, CheckOutcome.FAIL) == ["origin"]
    assert word in found.checks[12].reason
    assert "line 2" in found.checks[12].reason
    assert "line 1" in found.checks[12].reason
    assert found.verdict is Verdict.INVALID


def test_an_edition_that_is_the_rule_sets_own_changes_no_reasoning() -> None:
    bundle = _judged(**_inputs(hs_edition="HS2022"))
    found = verify(bundle, POLICY, facts_for(bundle), ON)
    assert found.checks[12].outcome is CheckOutcome.PASS


def test_a_changed_rule_or_edition_or_inputs_kept_back_are_named_unknown_and_not_required() -> None:
    lines = document()["lines"]
    del lines[0]["origin"]["inputs"]
    kept_back = issued({"lines": lines})
    renamed = _judged(origin={"rule_set": "ATIGA/2019-01"})
    rewritten = _judged(origin={"rule_set_digest": "00" * 32})
    carried = _judged(**_inputs(hs_edition="HS2017"))
    for bundle, packs, difference in (
        (kept_back, None, "line 1: inputs missing: "),
        (renamed, None, "line 2: rule changed: it was judged under ATIGA/2019-01 "),
        (rewritten, None, f"line 2: rule changed: it was judged under ATIGA/2026-01 ({'0' * 12}…)"),
        (carried, None, "line 2: HS edition changed: its codes are of HS2017, those of ATIGA/"),
        (BUNDLE, {}, "is not loaded here"),
    ):
        found = verify(bundle, POLICY, facts_for(bundle), ON, packs)
        assert difference in found.checks[12].reason
        assert names_of(found, CheckOutcome.UNKNOWN) == ["origin"]
        assert not found.checks[12].required
        assert found.verdict is Verdict.VALID
