"""The OpenAPI description is true: of examples, of real answers, and under generated requests."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from api_answers import Made
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from office_fixtures import Served
from tulen.api.bodies import BODIES
from tulen.api.examples import example
from tulen.api.views import VIEWS
from tulen.certificate import Application, Bundle
from tulen.certificate.credential import read_credential
from tulen.certificate.profiles import present, profile_named
from tulen.customs import Declaration
from tulen.origin import load_packs
from tulen.server import create_app
from tulen.settings import Settings
from tulen.values import canonical_bytes, parse_strict
from tulen.verify.credential import evidence_in

DESCRIBED = schemathesis.openapi.from_dict(create_app(Settings()).openapi())
ACTORS = {
    "/v1/applications": "exporter",
    "/v1/certificates/{number}/bundle": "exporter",
    "/v1/certificates/{number}/credential": "exporter",
    "/v1/certificates/{number}/presentations/{profile}": "exporter",
    "/v1/declarations": "importer",
    "/v1/declarations/{number}": "importer",
    "/v1/drawdowns": "priok",
    "/v1/drawdowns/{declaration}/{line}": "priok",
}
EXAMPLES = 5
VECTORS = Path(__file__).parents[1] / "vectors"


@pytest.mark.parametrize("name", BODIES)
def test_every_example_fits_its_schema(name: str) -> None:
    schema, shown = BODIES[name]
    jsonschema_rs.validator_for(schema, validate_formats=True).validate(shown)


def test_every_example_is_accepted_by_the_core() -> None:
    Application.from_document(parse_strict(canonical_bytes(example("application"))))
    Bundle.from_document(example("bundle"))
    for name in ("priok", "perak", "one-more"):
        Declaration.from_document(example(f"declaration-{name}"))


def test_the_example_of_a_bundle_is_the_published_vector() -> None:
    vectors = json.loads((VECTORS / "bundle.json").read_text())
    assert example("bundle") == vectors["bundles"]["full"]


def test_the_example_of_a_credential_is_made_from_the_example_of_a_bundle() -> None:
    credential = read_credential(example("credential"))
    bundle = Bundle.from_document(example("bundle"))
    evidence = evidence_in(credential)
    assert evidence == present(bundle, profile_named("public"))
    assert credential.securing.is_by(bundle.signature.key)


def closed(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """Return ``schema`` with no room for members that it does not name."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(value) for name, value in schema.items()}
    return found | (
        {"additionalProperties": False} if found.get("additionalProperties") is True else {}
    )


def fits(name: str, document: object) -> None:
    schema, _ = VIEWS[name]
    jsonschema_rs.validator_for(closed(schema), validate_formats=True).validate(document)


def test_real_answers_hold_what_is_described_and_nothing_else(served: Served, made: Made) -> None:
    number = served.certified()
    bundle = served.bundle_of(number)
    fits("bundle", json.loads(bundle))
    declared = served.made("importer", "/v1/declarations", served.declaration_for(number, bundle))
    fits("declaration", declared)
    draw = {"declaration": declared["number"], "line": 1, "quantity": "600", "unit": "KGM"}
    fits("drawdown", served.made("priok", "/v1/drawdowns", draw))
    revocation = {"certificate": number, "reason": "error", "note": "Mis-stated"}
    fits("revocation", served.made("officer-1", "/v1/revocations", revocation))
    fits("verification", served.post("", "/v1/verify", bundle).json())
    fits("verification", served.post("", "/v1/verify", made.bundle).json())
    fits("verification", served.post("", "/v1/verify", b"").json())
    for body in (example("attestation"), {"version": "openattestation.com/3.0"}, {}):
        fits("attestation", served.post("", "/v1/verify/open-attestation", body).json())
    for name, who, path in (
        ("application", "exporter", f"/v1/applications/{made.submitted}"),
        ("application", "officer-1", f"/v1/applications/{made.approved}"),
        ("certificate", "officer-1", f"/v1/certificates/{number}"),
        ("certificate", "exporter", f"/v1/certificates/{made.certificate}"),
        ("declaration", "priok", f"/v1/declarations/{made.declaration}"),
        ("drawdown", "importer", f"/v1/drawdowns/{declared['number']}/1"),
        ("log", "", "/v1/log/VN.MOIT"),
        ("bundle", "exporter", f"/v1/certificates/{made.certificate}/presentations/bank"),
        ("credential", "exporter", f"/v1/certificates/{made.certificate}/credential"),
        ("credential", "", "/v1/status-lists/VN.MOIT-suspension-0"),
        ("issuer", "", "/v1/issuers/VN.MOIT/did.json"),
        ("agreements", "", "/v1/agreements"),
        *(("agreement", "", f"/v1/agreements/{code}") for code in load_packs()),
    ):
        fits(name, served.get(who, path).json())
    credential = served.get("exporter", f"/v1/certificates/{number}/credential").json()
    for asked in (credential, example("credential"), {}):
        found = served.post("", "/v1/credentials/verify", {"credential": asked})
        fits("credential_verification", found.json())
    application = served.applied()
    fits("application", served.get("exporter", f"/v1/applications/{application}").json())


@DESCRIBED.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_generated_requests_get_what_is_described(case: schemathesis.Case, served: Served) -> None:
    who = ACTORS.get(case.operation.path, "officer-1")
    excluded = [positive_data_acceptance]  # A schema cannot know who is registered.
    if case.operation.path in {"/v1/verify", "/v1/verify/open-attestation"}:
        excluded.append(negative_data_rejection)  # What is no bundle has the verdict INVALID.
    case.call_and_validate(
        base_url=served.url,
        headers={"Authorization": f"Bearer {served.office.keys[who]}"},
        excluded_checks=excluded,
    )
