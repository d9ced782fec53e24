"""Credentials over HTTP: exported, listed, verified, as exporter, customs and anybody see them."""

import json
import time
from typing import Any

import pytest
from api_answers import problem_in

from office_fixtures import PATIENCE_SECONDS, Served
from tulen.certificate import Bundle
from tulen.certificate.credential import context_bytes
from tulen.certificate.profiles import present, profile_named, shipped_profiles

TOKEN = "application/vc+jwt"
SECURED = ("application/vc", TOKEN)


def exported(served: Served, number: str, accept: str, profile: str = "customs") -> Any:  # noqa: ANN401 - JSON or text
    """Return the credential of a certificate, as the exporter gets it."""
    answer = served.http.get(
        f"/v1/certificates/{number}/credential",
        params={"profile": profile},
        headers=served.headers("exporter") | {"Accept": accept},
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == accept
    return answer.text if accept == TOKEN else answer.json()


def verified(served: Served, credential: object, *lists: object) -> dict[str, Any]:
    """Return what anybody learns of a credential."""
    body = {"credential": credential, "status_lists": list(lists)}
    answer = served.http.post("/v1/credentials/verify", content=json.dumps(body).encode())
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def outcomes(verification: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in verification["checks"]}


@pytest.fixture(scope="module")
def number(served: Served) -> str:
    """Number of a final certificate that nobody revokes."""
    made = served.certified()
    served.bundle_of(made)
    return made


@pytest.mark.parametrize("accept", SECURED)
@pytest.mark.parametrize("profile", shipped_profiles())
def test_what_the_authority_exports_anybody_finds_valid(
    served: Served, number: str, accept: str, profile: str
) -> None:
    found = verified(served, exported(served, number, accept, profile))
    assert set(outcomes(found).values()) == {"PASS"}, found
    assert found["verdict"] == "VALID"
    assert found["evidence"]["verdict"] == "VALID"
