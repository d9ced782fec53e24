"""Who may do and see what: keys, roles, and the same silence about what is not one's own."""

import logging
import uuid
from urllib.parse import quote

import pytest
from api_answers import Made, problem_in

from office_fixtures import Served

pytestmark = pytest.mark.usefixtures("nothing_stored")

NOWHERE = str(uuid.UUID(int=7))
ACTS = {
    "application": ("exporter", "/v1/applications"),
    "recommendation": ("officer-1", f"/v1/applications/{NOWHERE}/recommendations"),
    "approval": ("officer-1", f"/v1/applications/{NOWHERE}/approvals"),
    "issue": ("officer-1", "/v1/certificates"),
    "declaration": ("importer", "/v1/declarations"),
    "drawdown": ("priok", "/v1/drawdowns"),
    "revocation": ("officer-1", "/v1/revocations"),
}
PEOPLE = ("exporter", "officer-1", "importer", "priok", "steward", "auditor")
BAD_KEYS = {
    "none": None,
    "empty": "",
    "scheme-only": "Bearer",
    "basic": "Basic dXNlcjpwYXNz",
    "malformed": "Bearer tulen_",
    "unknown": f"Bearer tulen_{'0' * 12}_{'A' * 43}",
    "sql": "Bearer tulen_' OR 1=1 --",
    "long": "Bearer " + "x" * 8_000,
    "not-ascii": "Bearer tulen_ÿÿÿ",
}


def operations(served: Served) -> list[tuple[str, str]]:
    """Return every method and path that needs a key, placeholders filled with what is nowhere."""
    values = {
        "{application}": NOWHERE,
        "{number}": "VN.MOIT-D-26-9999999",
        "{declaration}": "0" * 26,
        "{line}": "1",
        "{webhook}": NOWHERE,
        "{authority}": "VN.MOIT",
        "{profile}": "bank",
    }
    found = []
    for template, methods in served.app.openapi()["paths"].items():
        path = template
        if path.startswith("/v1/declarations/"):
            path = path.replace("{number}", "0" * 26)
        for name, value in values.items():
            path = path.replace(name, value)
        found += [(m, path) for m, operation in methods.items() if "security" in operation]
    return found


@pytest.mark.parametrize("key", BAD_KEYS.values(), ids=BAD_KEYS.keys())
def test_without_a_good_key_every_route_answers_401(served: Served, key: str | None) -> None:
    asked = operations(served)
    assert len(asked) >= len(ACTS) + 5
    for method, path in asked:
        headers = {"Idempotency-Key": "k"}
        if key is not None:
            headers["Authorization"] = key
        answer = served.http.request(
            method, path, headers={n: v.encode("latin-1") for n, v in headers.items()}
        )
        problem = problem_in(answer, 401)
        assert problem["code"] == "unauthenticated"
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_key_whose_secret_differs_in_one_character_opens_nothing(served: Served) -> None:
    key = served.office.keys["exporter"]
    wrong = key[:-2] + ("B" if key[-2] == "A" else "A") + key[-1]
    answer = served.http.get(
        f"/v1/applications/{NOWHERE}", headers={"Authorization": f"Bearer {wrong}"}
    )
    problem_in(answer, 401)
    assert wrong not in answer.text


@pytest.mark.parametrize("act", ACTS)
def test_every_act_takes_its_role(strangers: Served, act: str) -> None:
    actor, path = ACTS[act]
    for person in PEOPLE:
        problem = strangers.post(person, path, {}).json()
        if person == actor:
            assert problem["status"] in (404, 422), problem
        else:
            assert (problem["status"], problem["code"]) == (403, "wrong-role"), problem


def owned(made: Made) -> dict[str, tuple[str, str]]:
    """Return by kind the path of something that exists, and of the same thing that does not."""
    elsewhere = "VN.MOIT-D-26-9999999"
    return {
        "application": (f"/v1/applications/{made.submitted}", f"/v1/applications/{NOWHERE}"),
        "certificate": (f"/v1/certificates/{made.certificate}", f"/v1/certificates/{elsewhere}"),
        "bundle": (
            f"/v1/certificates/{made.certificate}/bundle",
            f"/v1/certificates/{elsewhere}/bundle",
        ),
        "presentation": (
            f"/v1/certificates/{made.certificate}/presentations/bank",
            f"/v1/certificates/{elsewhere}/presentations/bank",
        ),
        "credential": (
            f"/v1/certificates/{made.certificate}/credential",
            f"/v1/certificates/{elsewhere}/credential",
        ),
        "declaration": (f"/v1/declarations/{made.declaration}", f"/v1/declarations/{'0' * 26}"),
        "drawdown": (f"/v1/drawdowns/{made.declaration}/1", f"/v1/drawdowns/{'0' * 26}/1"),
    }


STRANGE = {
    "application": ("other exporter", "other officer", "importer", "priok", "other customs"),
    "certificate": ("other exporter", "other officer", "importer", "priok", "other customs"),
    "bundle": ("other exporter", "other officer", "importer", "priok", "other customs"),
    "presentation": ("other exporter", "other officer", "importer", "priok", "other customs"),
    "credential": ("other exporter", "other officer", "importer", "priok", "other customs"),
    "declaration": ("other importer", "other customs", "exporter", "officer-1", "auditor"),
    "drawdown": ("other importer", "other customs", "exporter", "officer-1", "auditor"),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_what_is_not_ones_own_looks_like_what_is_not_there(
    strangers: Served, made: Made, kind: str
) -> None:
    there, nowhere = owned(made)[kind]
    for stranger in STRANGE[kind]:
        hidden = problem_in(strangers.get(stranger, there), 404)
        absent = problem_in(strangers.get(stranger, nowhere), 404)
        for own, other in zip(there.split("/"), nowhere.split("/"), strict=True):
            hidden["detail"] = hidden["detail"].replace(own, other) if own else hidden["detail"]
        assert hidden == absent


def test_the_owner_sees_it(strangers: Served, made: Made) -> None:
    for kind, person in (
        ("application", "exporter"),
        ("application", "officer-2"),
        ("certificate", "exporter"),
        ("bundle", "officer-1"),
        ("declaration", "importer"),
        ("declaration", "perak"),
    ):
        assert strangers.get(person, owned(made)[kind][0]).status_code == 200


def test_an_officer_of_another_authority_can_decide_nothing(strangers: Served, made: Made) -> None:
    revocation = {"certificate": made.certificate, "reason": "error", "note": "not mine"}
    for path, body in (
        (f"/v1/applications/{made.submitted}/recommendations", {}),
        (f"/v1/applications/{made.recommended}/approvals", {}),
        ("/v1/certificates", {"application": made.approved}),
        ("/v1/revocations", revocation),
    ):
        problem_in(strangers.post("other officer", path, body), 404)
    drawn = {"declaration": made.declaration, "line": 1, "quantity": "1", "unit": "KGM"}
    problem_in(strangers.post("other customs", "/v1/drawdowns", drawn), 404)


ODD = {
    "nul": "%00",
    "nul-inside": "VN.MOIT-D%00",
    "newline": "VN.MOIT%0A",
    "encoded-slash": "VN.MOIT%2F..%2F..",
    "dots": "%2e%2e%2f%2e%2e",
    "long": "A" * 5_000,
    "unicode": quote("VN.MOIT-D-26-000000\u0660"),
    "not-utf-8": "%ff%fe",
    "bidi": quote("\u202eVN.MOIT"),
    "quotes": quote("'; DROP TABLE certificate; --"),
    "markup": quote("<script>alert(1)</script>"),
    "blank": "%20",
    "negative": "-1",
    "enormous": "9" * 400,
    "float": "1.5",
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_an_odd_path_is_refused_and_not_a_failure(served: Served, odd: str) -> None:
    for who, path in (
        ("exporter", "/v1/applications/{}"),
        ("exporter", "/v1/certificates/{}"),
        ("exporter", "/v1/certificates/{}/bundle"),
        ("exporter", "/v1/certificates/{}/credential"),
        ("exporter", "/v1/certificates/VN.MOIT-D-26-9999999/presentations/{}"),
        ("", "/v1/status-lists/{}"),
        ("", "/v1/issuers/{}/did.json"),
        ("importer", "/v1/declarations/{}"),
        ("priok", "/v1/drawdowns/{}/1"),
        ("priok", f"/v1/drawdowns/{'0' * 26}/{{}}"),
        ("exporter", "/v1/webhooks/{}"),
        ("exporter", "/v1/webhooks/{}/deliveries"),
        ("", "/v1/log/{}"),
    ):
        answer = served.get(who, path.format(odd))
        problem_in(answer, answer.status_code)
        assert answer.status_code in (404, 422), answer.text


NO_DAYS = (
    "",
    "today",
    "2026-02-30",
    "20261125",
    "1764028800",
    "2026-11-25T00:00:00Z",
    "2026-11-25\x00",
    "-1",
    "10000-01-01",
)


@pytest.mark.parametrize("on", NO_DAYS)
def test_a_malformed_day_is_refused(served: Served, certified_bundle: bytes, on: str) -> None:
    answer = served.http.post("/v1/verify", params={"on": on}, content=certified_bundle)
    assert problem_in(answer, 422)["field"] == "query/on"


@pytest.mark.parametrize(("on", "verdict"), [("0001-01-01", "INVALID"), ("9999-12-31", "EXPIRED")])
def test_the_first_and_the_last_day_are_days(
    served: Served, certified_bundle: bytes, on: str, verdict: str
) -> None:
    answer = served.http.post("/v1/verify", params={"on": on}, content=certified_bundle)
    assert (answer.status_code, answer.json()["verdict"]) == (200, verdict)


def test_neither_secrets_nor_documents_reach_the_log(
    served: Served, made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    canary = "CANARY7f3a"
    stolen = {"Authorization": f"Bearer {canary}", "Idempotency-Key": canary}
    for _, path in ACTS.values():
        served.post("exporter", path, {"note": canary, canary: 1})
        served.post("officer-1", path, f'{{"note": "{canary}"'.encode())
        served.http.post(path, headers=stolen)
    served.http.post("/v1/verify", content=made.bundle[:-1] + canary.encode())
    ours = [item for item in caplog.records if not item.name.startswith(("httpx", "httpcore"))]
    said = "\n".join(logging.Formatter().format(item) for item in ours)
    assert "POST /v1/verify" in said
    assert canary not in said
    assert not any(key in said for key in served.office.keys.values())
