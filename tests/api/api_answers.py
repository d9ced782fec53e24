"""What is asked about in the API's tests, and how an answer that refuses must look."""

import json
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Made:
    """One thing of every kind, in the state in which the next step may be asked for.

    Attributes:
        submitted: An application that nobody has decided.
        recommended: One that officer-1 has recommended.
        approved: One that is approved and not issued.
        certificate: Number of a final certificate.
        bundle: Its bundle.
        declaration: Number of a declaration of 600 KGM that claims it and has drawn nothing.
        webhook: Identifier of a webhook of the exporter, to which nothing ever comes.
        verification: Identifier of what customs asks about line 1 of another certificate.
        response: Identifier of what customs told the issuer of it.
    """

    submitted: str
    recommended: str
    approved: str
    certificate: str
    bundle: bytes
    declaration: str
    webhook: str
    verification: str
    response: str


def problem_in(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Return the problem document that ``answer`` must be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(answer.content)
    assert problem["status"] == status
    assert problem["type"] == f"urn:tulen:problem:{problem['code']}"
    assert problem["title"]
    assert problem["detail"]
    assert "Traceback" not in answer.text
    return problem
