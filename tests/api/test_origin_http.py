"""Questions about origin over HTTP: public, exact, and with every problem named."""

from typing import Any

import pytest
from api_answers import problem_in

from office_fixtures import Served
from tulen.api.bodies import BODIES
from tulen.origin import OriginInputs, assess, assess_bill, pack_of
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


BILL: dict[str, Any] = {
    "agreement": "ATIGA",
    "exporting_country": "VN",
    "importing_country": "ID",
    "method": "build-down",
    "currency": "USD",
    "good": "biscuits",
    "parts": {
        "biscuits": {"hs_code": "190531", "value": "10", "of": [{"part": "dough"}]},
        "dough": {
            "hs_code": "190531",
            "country": "VN",
            "value": "7",
            "of": [{"part": "flour", "quantity": "0.5"}, {"part": "butter"}],
        },
        "flour": {"hs_code": "110100", "country": "AU", "value": "4"},
        "butter": {"hs_code": "040510", "country": "NZ", "value": "1"},
    },
}


def bill(**parts: dict[str, Any]) -> dict[str, Any]:
    """Return a question about the bill, with members of its parts changed."""
    changed = {name: {**BILL["parts"][name], **parts.get(name, {})} for name in BILL["parts"]}
    return {"bill": {**BILL, "parts": changed}, "on": DAY}


def test_a_bill_of_two_levels_is_judged_as_the_core_does(served: Served) -> None:
    found = served.post("", "/v1/origin/assessments", bill()).json()
    verdict = assess_bill(BILL, pack_of(AgreementCode("ATIGA")), date_from(DAY, "/on"))
    assert (found["outcome"], found["criterion"]) == ("MET", "100%")
    assert found["verdict"] == verdict.to_document()
    assert found["verdict"]["finding"]["parts"][-1]["name"] == "part dough: origin of 190531"


def test_a_bill_is_compared_without_an_agreement_and_with_duty(served: Served) -> None:
    asked = bill(biscuits={"hs_code": "19053110"})
    del asked["bill"]["agreement"]
    found = served.post("", "/v1/origin/comparisons", asked).json()
    assert found["duty"]["mfn"] == "5%"
    options = {option["agreement"]: option for option in found["options"]}
    assert (options["ATIGA"]["outcome"], options["ATIGA"]["duty"]) == ("MET", "0%")
    assert len(options) > 1


BAD_BILLS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a cycle": (
        {"dough": {"of": [{"part": "biscuits"}]}},
        "bill-cycle",
        "/bill/parts/dough/of",
    ),
    "no such part": (
        {"dough": {"of": [{"part": "water"}]}},
        "bill-unknown-part",
        "/bill/parts/dough/of/0/part",
    ),
    "a negative value": (
        {"flour": {"value": "-4"}},
        "bill-impossible-value",
        "/bill/parts/flour/value",
    ),
    "no rate": (
        {"flour": {"currency": "AUD"}},
        "bill-missing-rate",
        "/bill/parts/flour/currency",
    ),
    "another measure": (
        {"dough": {"of": [{"part": "flour", "unit": "KGM"}]}},
        "bill-unknown-unit",
        "/bill/parts/dough/of/0/unit",
    ),
    "a malformed role": ({"flour": {"role": "cook"}}, "invalid-input", "/bill/parts/flour/role"),
    "two currencies": (
        {"dough": {"prices": {"currency": "EUR", "ex_works": "6"}}},
        "invalid-input",
        "/bill/parts/dough/prices/currency",
    ),
}


@pytest.mark.parametrize("route", ["assessments", "comparisons"])
@pytest.mark.parametrize(("parts", "code", "field"), BAD_BILLS.values(), ids=BAD_BILLS.keys())
def test_every_bad_bill_has_its_code_and_field(
    served: Served, route: str, parts: dict[str, Any], code: str, field: str
) -> None:
    problem = problem_in(served.post("", f"/v1/origin/{route}", bill(**parts)), 422)
    assert (problem["code"], problem["field"]) == (code, field)


def test_a_bill_without_a_value_and_one_too_deep_are_named_too(served: Served) -> None:
    without_value = bill()
    del without_value["bill"]["parts"]["flour"]["value"]
    deep = bill()
    deep["bill"]["parts"] |= {
        f"p{level}": {"value": "1", "of": [{"part": f"p{level + 1}"}]} for level in range(50)
    }
    deep["bill"]["parts"] |= {
        "p50": {"value": "1"},
        "dough": {"value": "1", "of": [{"part": "p0"}]},
    }
    for asked, code in ((without_value, "bill-missing-value"), (deep, "bill-too-deep")):
        assert problem_in(served.post("", "/v1/origin/assessments", asked), 422)["code"] == code


def test_inputs_and_bill_are_not_asked_about_together(served: Served) -> None:
    for asked in (bill() | question(), {"on": DAY}):
        problem = problem_in(served.post("", "/v1/origin/assessments", asked), 422)
        assert problem["detail"].endswith("is not one of inputs and bill: state one of them")


JOURNEY: dict[str, Any] = {
    "route": ["VN", "CN", "ID"],
    "operations": ["unloading", "reloading"],
    "entered_trade": False,
    "justified_by": "transport",
    "documents": ["through_bl", "form_d", "invoice", "supporting_evidence"],
    "bill_issued_in": "VN",
}


def test_a_journey_is_judged_beside_the_verdict_and_its_digest(served: Served) -> None:
    alone = served.post("", "/v1/origin/assessments", question()).json()
    assert "consignment" not in alone
    answers = [
        served.post("", "/v1/origin/assessments", question() | {"consignment": way}).json()
        for way in (JOURNEY, JOURNEY | {"operations": ["repair"]}, {"route": ["VN", "CN", "ID"]})
    ]
    found = [(way["consignment"]["outcome"], way["consignment"]["decision"]) for way in answers]
    assert found == [
        ("MET", "accept"),
        ("NOT_MET", "reject_preference"),
        ("UNDETERMINED", "undetermined"),
    ]
    assert answers[0]["consignment"]["finding"]["reference"] == "ATIGA Art. 32; OCP Rule 21"
    for way in answers:
        del way["consignment"]
        assert way == alone


def test_a_journey_is_judged_for_every_agreement_and_unknown_where_none_is_loaded(
    served: Served,
) -> None:
    asked = without("agreement") | {"on": DAY, "consignment": JOURNEY}
    found = served.post("", "/v1/origin/comparisons", asked).json()["options"]
    outcomes = {option["agreement"]: option["consignment"]["outcome"] for option in found}
    assert outcomes["ATIGA"] == "MET"
    assert outcomes["RCEP"] == "UNDETERMINED"
    unknown = question(agreement="CPTPP", exporting_country="VN", importing_country="JP") | {
        "consignment": {"route": ["VN", "JP"]}
    }
    (finding,) = [
        served.post("", "/v1/origin/assessments", unknown).json()["consignment"]["finding"]
    ]
    assert finding["outcome"] == "UNDETERMINED"
    assert finding["reason"] == f"the procedures of CPTPP that are loaded do not say for {DAY}"


def test_a_journey_leads_from_the_exporting_to_the_importing_country(served: Served) -> None:
    for index, route in ((0, ["TH", "ID"]), (1, ["VN", "MY"])):
        asked = question() | {"consignment": {"route": route}}
        problem = problem_in(served.post("", "/v1/origin/assessments", asked), 422)
        assert problem["field"] == f"/consignment/route/{index}"


def test_an_agreement_shows_its_terms_and_procedures_with_their_articles(served: Served) -> None:
    found = served.get("", "/v1/agreements/ATIGA?on=2026-01-15").json()
    assert (found["form"], found["known_since"]) == ("D", "2010-05-17")
    assert "VN" in found["parties"]["value"]
    assert found["de_minimis"]["reference"] == {"title": "ATIGA Art. 33"}
    said = found["procedures"]
    assert said["validity"]["value"]["lasts"] == "12 months"
    assert said["issue"]["words"] == (
        "by the day of shipment; later, within 12 months of it, marked Issued Retroactively"
    )
    assert said["fob_shown"]["value"] == {"countries": ["KH", "ID", "LA"]}
    assert said["invoicing"]["reference"]["title"] == "ATIGA OCP Rule 23"
    early = served.get("", "/v1/agreements/ATIGA?on=2012-01-15").json()
    assert sorted(early["procedures"]) == ["partial_cumulation", "transit"]
    assert served.get("", "/v1/agreements/CPTPP").json()["procedures"] == {}


def test_an_agreement_that_is_not_loaded_or_none_is_a_problem(served: Served) -> None:
    assert problem_in(served.get("", "/v1/agreements/NAFTA"), 404)["code"] == "unknown-agreement"
    assert problem_in(served.get("", "/v1/agreements/nafta"), 422)["field"] == "path/agreement"
    wrong = problem_in(served.get("", "/v1/agreements/ATIGA?on=today"), 422)
    assert wrong["field"] == "query/on"
