"""Webhooks over HTTP: whose they are, what is shown once, and what stands in no answer again."""

import json
import uuid
from typing import Any

import httpx
import psycopg
import pytest
from api_answers import Made, problem_in
from sqlalchemy import make_url
from test_openapi_accuracy import fits

from office_fixtures import Served

HOOK = {"url": "https://hooks.example.org/tulen", "types": ["certificate.late"]}
NOWHERE = str(uuid.UUID(int=7))


@pytest.fixture
def hook(served: Served) -> Any:  # noqa: ANN401 - JSON
    made = served.made("exporter", "/v1/webhooks", HOOK)
    yield made
    served.http.request("DELETE", f"/v1/webhooks/{made['id']}", headers=served.headers("exporter"))


def with_key(served: Served, path: str, key: str, body: object) -> httpx.Response:
    headers = served.headers("exporter") | {"Idempotency-Key": key}
    return served.http.post(path, content=json.dumps(body).encode(), headers=headers)


def deleted(served: Served, who: str, path: str) -> httpx.Response:
    return served.http.request("DELETE", path, headers=served.headers(who))


def test_a_webhook_is_made_listed_given_a_new_secret_and_deleted(served: Served) -> None:
    made = served.made("importer", "/v1/webhooks", HOOK)
    fits("webhook", made)
    assert made["secret"].startswith("whsec_")
    path = f"/v1/webhooks/{made['id']}"
    listed = served.get("importer", "/v1/webhooks").json()
    fits("webhooks", listed)
    assert [item["id"] for item in listed["webhooks"]] == [made["id"]]
    rotated = served.made("importer", f"{path}/rotations", {})
    fits("webhook", rotated)
    assert rotated["secret"] != made["secret"]
    assert "previous_secret_until" in rotated
    for shown in (served.get("importer", path).text, json.dumps(listed)):
        assert "whsec_" not in shown
    deliveries = served.get("importer", f"{path}/deliveries").json()
    fits("deliveries", deliveries)
    replayed = served.made("importer", f"{path}/replays", {"since": "2026-01-01T00:00:00Z"})
    fits("replay", replayed)
    gone = deleted(served, "importer", path)
    fits("webhook", gone.json())
    assert (gone.status_code, gone.json()["state"]) == (200, "deleted")
    problem_in(deleted(served, "importer", path), 404)
    assert served.get("importer", "/v1/webhooks").json() == {"webhooks": []}


def test_a_repeat_makes_no_second_webhook_and_shows_no_secret(served: Served) -> None:
    key = str(uuid.uuid4())
    first = with_key(served, "/v1/webhooks", key, HOOK).json()
    again = with_key(served, "/v1/webhooks", key, HOOK)
    assert again.status_code == 201
    assert again.json() == {name: value for name, value in first.items() if name != "secret"}
    path = f"/v1/webhooks/{first['id']}"
    key = str(uuid.uuid4())
    rotated = with_key(served, f"{path}/rotations", key, {}).json()
    assert "secret" in rotated
    assert "secret" not in with_key(served, f"{path}/rotations", key, {}).json()
    deleted(served, "exporter", path)


def test_no_kept_answer_holds_a_secret(served: Served, hook: dict[str, Any]) -> None:
    url = served.office.settings.database_url
    assert url is not None
    plain = make_url(url.get_secret_value()).set(drivername="postgresql")
    with psycopg.connect(plain.render_as_string(hide_password=False)) as connection:
        kept = connection.execute("SELECT response FROM idempotency WHERE route LIKE '%webhooks%'")
        answers = [bytes(row[0]).decode() for row in kept]
    assert any(hook["id"] in answer for answer in answers)
    assert not any("whsec_" in answer for answer in answers)


def test_a_webhook_of_another_party_looks_like_none(
    served: Served, strangers: Served, hook: dict[str, Any]
) -> None:
    for who in ("other exporter", "officer-1", "importer", "auditor"):
        for path in ("", "/deliveries"):
            hidden = problem_in(strangers.get(who, f"/v1/webhooks/{hook['id']}{path}"), 404)
            absent = problem_in(strangers.get(who, f"/v1/webhooks/{NOWHERE}{path}"), 404)
            hidden["detail"] = hidden["detail"].replace(hook["id"], NOWHERE)
            assert hidden == absent
    for who in ("other exporter", "officer-1", "importer"):
        problem_in(deleted(strangers, who, f"/v1/webhooks/{hook['id']}"), 404)
        problem_in(strangers.post(who, f"/v1/webhooks/{hook['id']}/rotations", {}), 404)
    assert served.get("exporter", f"/v1/webhooks/{hook['id']}").json()["state"] == "active"


def test_who_only_looks_on_changes_nothing(strangers: Served) -> None:
    for who in ("steward", "auditor"):
        assert strangers.get(who, "/v1/webhooks").status_code == 200
        assert problem_in(strangers.post(who, "/v1/webhooks", HOOK), 403)["code"] == "wrong-role"


BAD: dict[str, tuple[object, str, str]] = {
    "inside": ({**HOOK, "url": "https://169.254.169.254/"}, "forbidden-address", "/url"),
    "http": ({**HOOK, "url": "http://example.org/"}, "forbidden-address", "/url"),
    "no-types": ({**HOOK, "types": []}, "invalid-input", "/types"),
    "unknown": ({**HOOK, "types": ["certificate.eaten"]}, "invalid-input", "/types/0"),
    "of-the-office": ({**HOOK, "types": ["work.halted"]}, "invalid-input", "/types/0"),
    "twice": ({**HOOK, "types": ["certificate.late"] * 2}, "invalid-input", "/types"),
    "not-text": ({**HOOK, "types": [{}]}, "invalid-input", "/types/0"),
    "more": ({**HOOK, "secret": "whsec_mine"}, "invalid-input", "/secret"),
}


@pytest.mark.parametrize(("body", "code", "where"), BAD.values(), ids=BAD.keys())
@pytest.mark.usefixtures("nothing_stored")
def test_what_cannot_be_a_webhook_is_refused_by_its_place(
    served: Served, body: object, code: str, where: str
) -> None:
    problem = problem_in(served.post("exporter", "/v1/webhooks", body), 422)
    assert (problem["code"], problem["field"]) == (code, where)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"since": "yesterday"},
        {"delivery": "x"},
        {"since": "2026-01-01T00:00:00Z", "after": NOWHERE},
    ],
)
def test_what_is_no_replay_is_refused(served: Served, hook: dict[str, Any], body: object) -> None:
    problem_in(served.post("exporter", f"/v1/webhooks/{hook['id']}/replays", body), 422)


def test_a_party_has_ten_webhooks_at_most(served: Served) -> None:
    made = [served.made("importer", "/v1/webhooks", HOOK) for _ in range(10)]
    problem = problem_in(served.post("importer", "/v1/webhooks", HOOK), 409)
    assert problem["code"] == "too-many-webhooks"
    for item in made:
        deleted(served, "importer", f"/v1/webhooks/{item['id']}")


def test_the_readiness_page_names_what_is_wrong_and_stays_ready(served: Served, made: Made) -> None:
    assert served.http.get("/readyz").text == "ready"
    url = served.office.settings.database_url
    assert url is not None
    plain = make_url(url.get_secret_value()).set(drivername="postgresql")
    with psycopg.connect(
        plain.render_as_string(hide_password=False), autocommit=True
    ) as connection:
        connection.execute(
            "INSERT INTO alarm (kind, subject, detail) "
            "VALUES ('documents.damaged', %s, 'restore it')",
            (made.certificate,),
        )
        answer = served.http.get("/readyz")
        connection.execute("UPDATE alarm SET ended_at = now()")
    assert answer.status_code == 200
    assert answer.text == f"ready\ndocuments.damaged {made.certificate}: restore it"
    assert served.http.get("/readyz").text == "ready"
