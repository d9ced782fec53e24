"""Doing a thing once, however often it is asked for, and by whom."""

import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from api_answers import Made, problem_in

from office_fixtures import Served
from tulen.api.examples import example


def sent(served: Served, who: str, path: str, key: str | None, body: object) -> httpx.Response:
    headers = served.headers(who)
    del headers["Idempotency-Key"]
    if key is not None:
        headers["Idempotency-Key"] = key
    return served.http.post(path, content=json.dumps(body).encode(), headers=headers)


@pytest.mark.parametrize(
    "key", [None, "", "x" * 129, "with blank", "ÿ".encode("latin-1").decode("latin-1"), "a\tb"]
)
@pytest.mark.usefixtures("nothing_stored")
def test_every_post_wants_a_sound_key(served: Served, key: str | None) -> None:
    headers = served.headers("exporter")
    del headers["Idempotency-Key"]
    raw = {name: value.encode() for name, value in headers.items()}
    if key is not None:
        raw["Idempotency-Key"] = key.encode("latin-1")
    body = json.dumps(example("application")).encode()
    answer = served.http.post("/v1/applications", content=body, headers=raw)
    assert problem_in(answer, 422)["field"] == "header/Idempotency-Key"


def test_a_repeat_gets_the_first_answer_byte_for_byte(served: Served) -> None:
    key = str(uuid.uuid4())
    first = sent(served, "exporter", "/v1/applications", key, example("application"))
    assert first.status_code == 201
    before = served.office.stored()
    again = sent(served, "exporter", "/v1/applications", key, example("application"))
    assert (again.status_code, again.content) == (201, first.content)
    assert served.office.stored() == before


def test_a_key_used_with_another_body_is_refused(served: Served) -> None:
    key = str(uuid.uuid4())
    sent(served, "exporter", "/v1/applications", key, example("application"))
    before = served.office.stored()
    other = example("application") | {"ticks": ["exhibition"]}
    problem = problem_in(sent(served, "exporter", "/v1/applications", key, other), 422)
    assert (problem["code"], problem["field"]) == ("idempotency-key-reused", "Idempotency-Key")
    assert served.office.stored() == before


def test_two_officers_never_share_a_key(served: Served) -> None:
    application, key = served.applied(), str(uuid.uuid4())
    path = f"/v1/applications/{application}"
    assert sent(served, "officer-1", f"{path}/recommendations", key, {}).status_code == 201
    refused = problem_in(sent(served, "officer-2", f"{path}/recommendations", key, {}), 409)
    assert refused["code"] == "state-changed"


def test_a_refusal_is_not_remembered(served: Served) -> None:
    application, key = served.applied(), str(uuid.uuid4())
    path = f"/v1/applications/{application}"
    problem_in(sent(served, "officer-2", f"{path}/approvals", key, {}), 409)
    served.made("officer-1", f"{path}/recommendations", {})
    assert sent(served, "officer-2", f"{path}/approvals", key, {}).status_code == 201


def test_the_same_request_at_once_is_done_once(served: Served) -> None:
    number = served.certified()
    bundle = served.bundle_of(number)
    request = {
        "declaration": served.declared(number, bundle),
        "line": 1,
        "quantity": "600",
        "unit": "KGM",
    }
    key, start = str(uuid.uuid4()), threading.Barrier(6)

    def draw(_: int) -> httpx.Response:
        start.wait()
        return sent(served, "priok", "/v1/drawdowns", key, request)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(draw, range(6)))
    done = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.content for answer in done}) == 1
    for answer in answers:
        if answer not in done:
            assert problem_in(answer, 409)["code"] == "in-progress"
    (drawn,) = served.get("exporter", f"/v1/certificates/{number}").json()["drawdowns"]
    assert drawn["declaration"] == request["declaration"]


def test_other_keys_at_once_draw_no_more_than_is_certified(served: Served) -> None:
    number = served.certified()
    bundle = served.bundle_of(number)
    declared = [
        served.declared(number, bundle, quantity={"amount": "400", "unit": "KGM"}) for _ in range(4)
    ]
    start = threading.Barrier(4)

    def draw(declaration: str) -> httpx.Response:
        start.wait()
        body = {"declaration": declaration, "line": 1, "quantity": "400", "unit": "KGM"}
        return served.post("priok", "/v1/drawdowns", body)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(draw, declared))
    drawn = [answer.json() for answer in answers if answer.status_code == 201]
    refused = [problem_in(answer, 409) for answer in answers if answer.status_code != 201]
    assert [draw["state"] for draw in drawn] == ["mined"] * 2
    assert {problem["code"] for problem in refused} == {"overdrawn"}
    assert all("400 KGM asked for" in problem["detail"] for problem in refused)


def test_two_keys_for_one_line_at_once_draw_it_once(served: Served) -> None:
    number = served.certified()
    bundle = served.bundle_of(number)
    declaration = served.declared(number, bundle, quantity={"amount": "300", "unit": "KGM"})
    body = {"declaration": declaration, "line": 1, "quantity": "300", "unit": "KGM"}
    start = threading.Barrier(4)

    def draw(_: int) -> httpx.Response:
        start.wait()
        return served.post("priok", "/v1/drawdowns", body)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(draw, range(4)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    again = served.made("priok", "/v1/drawdowns", body)
    assert again["left_text"] == "700 KGM"
    transactions = {answer.json()["transaction"] for answer in answers if answer.is_success}
    assert transactions == {again["transaction"]}


def test_a_declaration_line_draws_once_and_other_content_is_refused(
    served: Served, made: Made
) -> None:
    number = served.declared(made.certificate, made.bundle)
    request = {"declaration": number, "line": 1, "quantity": "3", "unit": "KGM"}
    first = served.made("priok", "/v1/drawdowns", request)
    before = served.office.stored()
    other = request | {"quantity": "4"}
    assert problem_in(served.post("priok", "/v1/drawdowns", other), 409)["code"] == "other-content"
    assert served.office.stored() == before
    again = served.made("priok", "/v1/drawdowns", request)
    assert again["transaction"] == first["transaction"]


@pytest.mark.usefixtures("nothing_stored")
def test_a_declaration_number_used_for_other_content_is_refused(served: Served, made: Made) -> None:
    request = served.declaration_for(made.certificate, made.bundle)
    request["declaration"]["number"] = made.declaration
    request["declaration"]["lines"][0]["cost"] = "10001"
    problem = problem_in(served.post("importer", "/v1/declarations", request), 409)
    assert problem["code"] == "other-content"
