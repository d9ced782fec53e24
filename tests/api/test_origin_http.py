"""Questions about origin over HTTP: public, exact, and with every problem named."""

from typing import Any

import pytest
from api_answers import problem_in

from office_fixtures import Served
from tulen.api.bodies import BODIES
from tulen.origin import OriginInputs, assess, pack_of
from tulen.values import AgreementCode, date_from

pytestmark = pytest.mark.usefixtures("nothing_stored")

DAY = "2026-11-25"
PRICE = {"amount": "10000", "currency": "USD"}
DOUGH = {"description": "Dough", "value": "7000", "originating": False, "hs_code": "190590"}


def question(name: str = "assessment", **changes: object) -> dict[str, Any]:
    body = BODIES[name][1]
    return {"inputs": body["inputs"] | changes, "on": DAY}


def without(name: str) -> dict[str, Any]:
    asked = question("comparison")
    del asked["inputs"][name]
    return asked


def test_an_assessment_is_the_verdict_of_the_core_with_its_digest(served: Served) -> None:
    asked = question()
    answer = served.post("", "/v1/origin/assessments", asked)
    assert answer.status_code == 200
    inputs = OriginInputs.from_document(asked["inputs"])
    verdict = assess(inputs, pack_of(AgreementCode("ATIGA")), date_from(DAY, "/on"))
    found = answer.json()
    assert found["verdict"] == verdict.to_document()
    assert found["digest"] == str(verdict.digest())
    assert found["explanation"] == verdict.explain()
    assert (found["outcome"], found["criterion"], found["remedies"]) == ("MET", "58%", [])


def test_a_good_that_fails_is_told_why_and_what_would_change_it(served: Served) -> None:
    found = served.post("", "/v1/origin/assessments", question(fob=PRICE, materials=[DOUGH])).json()
    assert found["outcome"] == "NOT_MET"
    assert "criterion" not in found
    for condition in ("RVC 40%: ", "CTH: "):
        assert any(text.startswith(condition) for text in found["reasons"])
    assert any(text.startswith("RVC 40%: ") for text in found["remedies"])


def test_a_comparison_names_duty_and_tariff_for_a_line_of_the_tariff(served: Served) -> None:
    asked = without("agreement") | {"on": DAY}
    asked["inputs"]["hs_code"] = "19053110"
    found = served.post("", "/v1/origin/comparisons", asked).json()
    assert found["duty"] == {
        "tariff": "Demonstration tariff, not law",
        "demonstration": True,
        "mfn": "5%",
    }
    (atiga,) = [option for option in found["options"] if option["agreement"] == "ATIGA"]
    assert (atiga["outcome"], atiga["criterion"], atiga["duty"]) == ("MET", "58%", "0%")
    assert found["options"][0]["outcome"] == "MET"


def test_a_comparison_without_a_line_of_the_tariff_names_no_duty(served: Served) -> None:
    found = served.post("", "/v1/origin/comparisons", question("comparison")).json()
    assert "duty" not in found
    assert all("duty" not in option for option in found["options"])


def test_a_comparison_of_codes_of_another_edition_names_no_duty(served: Served) -> None:
    asked = without("agreement") | {"on": DAY}
    asked["inputs"] |= {"hs_code": "19053110", "hs_edition": "HS2017"}
    found = served.post("", "/v1/origin/comparisons", asked).json()
    assert "duty" not in found
    assert all("duty" not in option for option in found["options"])


def test_two_countries_without_an_agreement_have_no_options(served: Served) -> None:
    asked = question("comparison", importing_country="AQ")
    found = served.post("", "/v1/origin/comparisons", asked).json()
    assert found["options"] == []


def test_agreements_show_their_parties_on_the_day(served: Served) -> None:
    def atiga(on: str) -> dict[str, Any]:
        found = served.get("", f"/v1/agreements?on={on}").json()
        assert found["on"] == on
        (entry,) = [item for item in found["agreements"] if item["agreement"] == "ATIGA"]
        return dict(entry)

    assert atiga("2026-01-15")["parties"] == [
        *("BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "VN")
    ]
    assert "190531" in [item["hs"] for item in atiga("2026-01-15")["coverage"]]
    before = atiga("2010-05-16")
    assert (before["parties"], before["coverage"]) == ([], [])
    assert before["rule_set_digest"] == str(pack_of(AgreementCode("ATIGA")).digest)


PROBLEMS = {
    "no such agreement": ({"agreement": "NAFTA"}, 404, "unknown-agreement", None),
    "no party": ({"exporting_country": "CN"}, 409, "not-a-party", None),
    "no such method": ({"method": "guess"}, 422, "invalid-input", "/inputs/method"),
    "a bad material": (
        {"materials": [{"description": "x", "value": "-1", "originating": False}]},
        422,
        "invalid-input",
        "/inputs/materials/0/value",
    ),
}


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"), PROBLEMS.values(), ids=PROBLEMS.keys()
)
def test_every_problem_has_its_code_and_field(
    served: Served, changes: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    problem = problem_in(served.post("", "/v1/origin/assessments", question(**changes)), status)
    assert (problem["code"], problem.get("field")) == (code, field)


def test_a_day_before_the_rules_is_a_rule_and_a_day_that_is_none_an_error(served: Served) -> None:
    early = question() | {"on": "2010-05-16"}
    assert problem_in(served.post("", "/v1/origin/assessments", early), 409)["code"] == (
        "not-in-force"
    )
    none = question() | {"on": "2026-02-30"}
    assert problem_in(served.post("", "/v1/origin/assessments", none), 422)["field"] == "/on"
