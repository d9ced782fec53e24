"""Verifying over HTTP: no key, one verdict for whatever is sent, never VALID for what is not."""

import json
from typing import Any

import pytest
from api_answers import Made, problem_in

from office_fixtures import Served

BITS = 160
UNREADABLE = {
    "empty": b"",
    "not-json": b"%PDF-1.7",
    "not-utf-8": b"\xff\xfe",
    "nested": b"[" * 5_000 + b"]" * 5_000,
    "nested-unclosed": b"[" * 200_000,
    "nan": b"NaN",
    "object": b"{}",
    "array": b"[]",
    "other-format": b'{"format": "tulen/application/v1"}',
    "above-a-mebibyte": b'"' + b"x" * (1 << 20) + b'"',
}


def verified(served: Served, data: object) -> dict[str, Any]:
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    answer = served.http.post("/v1/verify", content=content)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def failures(verification: dict[str, Any]) -> set[str]:
    return {check["name"] for check in verification["checks"] if check["outcome"] == "FAIL"}


def test_anyone_may_verify_without_a_key(served: Served, certified_bundle: bytes) -> None:
    answer = verified(served, certified_bundle)
    assert (answer["verdict"], failures(answer)) == ("VALID", set())


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_no_bundle_is_invalid_and_not_an_error(served: Served, data: bytes) -> None:
    answer = verified(served, data)
    assert (answer["verdict"], failures(answer)) == ("INVALID", {"format"})
    assert len(answer["checks"]) == 1
    assert answer["checks"][0]["advice"]


def test_one_bit_changed_anywhere_is_never_valid(served: Served, certified_bundle: bytes) -> None:
    step = len(certified_bundle) * 8 // BITS | 1  # Odd, so that every bit of a byte has its turn.
    for position in range(step // 2, len(certified_bundle) * 8, step):
        changed = bytearray(certified_bundle)
        changed[position // 8] ^= 1 << position % 8
        answer = verified(served, bytes(changed))
        # UNKNOWN only for the anchor's own transaction, which a node may have forgotten.
        assert answer["verdict"] in {"INVALID", "UNKNOWN"}, (position, answer["verdict"])
        assert failures(answer) or answer["verdict"] == "UNKNOWN"


def altered(bundle: bytes, *path: str | int, value: object) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(bundle)
    target: Any = document
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "step"),
    [
        (("anchor", "chain_id"), 1, "anchored"),
        (("anchor", "ledger"), "0x" + "00" * 20, "anchored"),
        (("anchor", "block_number"), 1, "final"),
        (("anchor", "anchored_at"), "2026-01-01T00:00:00Z", "anchored"),
        (("log", "index"), 10_000, "logged"),
        (("certificate", "document", "lines", 0, "quantity"), "1001", "signature"),
        (("certificate", "document", "exporter", "name"), "Hoa Sen Biscuits", "signature"),
        (("certificate", "seed"), "00" * 32, "signature"),
    ],
)
def test_a_lie_fails_at_its_step(
    served: Served, certified_bundle: bytes, path: tuple[str | int, ...], value: object, step: str
) -> None:
    answer = verified(served, altered(certified_bundle, *path, value=value))
    assert answer["verdict"] == "INVALID"
    assert step in failures(answer)


def another_leaf(served: Served, made: Made) -> dict[str, Any]:
    """Return the bundle of one certificate with the inclusion proof of another."""
    other = json.loads(served.bundle_of(served.certified()))
    return altered(made.bundle, "log", value=other["log"])


def test_the_proof_of_another_leaf_proves_nothing(served: Served, made: Made) -> None:
    answer = verified(served, another_leaf(served, made))
    assert answer["verdict"] == "INVALID"
    assert "logged" in failures(answer)


def test_a_claim_with_the_proof_of_another_leaf_is_denied_and_draws_nothing(
    served: Served, made: Made
) -> None:
    request = served.declaration_for(made.certificate, made.bundle)
    request["proofs"] = [another_leaf(served, made)]
    filed = served.made("importer", "/v1/declarations", request)
    (claim,) = filed["claims"]
    assert (claim["outcome"], claim["reasons"]) == ("DENY", ["INTEGRITY"])
    assert filed["saving"] == "0"

    before = served.office.stored()
    draw = {"declaration": filed["number"], "line": 1, "quantity": "600", "unit": "KGM"}
    problem = problem_in(served.post("priok", "/v1/drawdowns", draw), 409)
    assert problem["code"] != "error"
    assert served.office.stored() == before


def test_a_claim_with_a_bundle_for_another_chain_is_denied(served: Served, made: Made) -> None:
    request = served.declaration_for(made.certificate, made.bundle)
    request["proofs"] = [altered(made.bundle, "anchor", "chain_id", value=1)]
    (claim,) = served.made("importer", "/v1/declarations", request)["claims"]
    assert (claim["outcome"], claim["reasons"]) == ("DENY", ["INTEGRITY"])


def test_a_claim_without_its_proof_is_denied(served: Served, made: Made) -> None:
    request = served.declaration_for(made.certificate, made.bundle)
    (claim,) = served.made("importer", "/v1/declarations", {"declaration": request["declaration"]})[
        "claims"
    ]
    assert claim["outcome"] == "DENY"


def test_during_an_outage_a_claim_is_suspended_and_nothing_is_drawn(
    served: Served, made: Made
) -> None:
    request = served.declaration_for(made.certificate, made.bundle)
    served.office.chain.stop()
    try:
        filed = served.made("importer", "/v1/declarations", request)
        before = served.office.stored()
        draw = {"declaration": filed["number"], "line": 1, "quantity": "600", "unit": "KGM"}
        problem_in(served.post("priok", "/v1/drawdowns", draw), 503)
        assert served.office.stored() == before
    finally:
        served.office.chain.start()
    (claim,) = filed["claims"]
    assert claim["outcome"] == "SUSPEND"
