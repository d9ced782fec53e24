"""The published bundles and their named mutations are current, and judged as they say."""

import copy
import json
from datetime import date
from typing import Any

import pytest
from bundle_vectors import FILE, text, vectors

from tulen.certificate import Bundle
from tulen.errors import InvalidInputError
from tulen.values import Country, Digest, instant_from
from tulen.verify import (
    AnchoredRoot,
    AnchorTransaction,
    CertificateStatus,
    ChainFacts,
    ChainQuestion,
    CheckOutcome,
    LineAccount,
    RegisteredKey,
    RegisteredMandate,
    RegisteredParty,
    State,
    TrustPolicy,
    Unavailable,
    question_of,
    verify,
)

VECTORS = json.loads(FILE.read_text(encoding="utf-8"))
POLICY = TrustPolicy(**VECTORS["policy"])


def test_the_published_vectors_are_current() -> None:
    assert FILE.read_text(encoding="utf-8") == text(json.loads(json.dumps(vectors())))


def _patched(document: Any, patch: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - JSON
    """Return ``document`` changed by ``patch``: what the vectors use of RFC 6902."""
    holder = {"": copy.deepcopy(document)}
    for change in patch:
        *way, last = change["path"].split("/")
        parent: Any = holder
        for step in way:
            parent = parent[int(step) if isinstance(parent, list) else step]
        if isinstance(parent, list):
            last = len(parent) if last == "-" else int(last)
        if change["op"] == "remove":
            del parent[last]
        elif change["op"] == "add" and isinstance(parent, list):
            parent.insert(last, change["value"])
        else:
            parent[last] = change["value"]
    return holder[""]


def _instant(members: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - an instant or None
    return instant_from(members[name], name) if name in members else None


def _mandate(found: dict[str, Any] | None) -> RegisteredMandate | None:
    return found and RegisteredMandate(_instant(found, "since"), _instant(found, "until"))


def _facts(found: dict[str, Any], question: ChainQuestion) -> ChainFacts | Unavailable:
    if "unavailable" in found:
        return Unavailable(found["unavailable"])
    anchored, party, transaction = (
        found.get(name) for name in ("anchored", "party", "transaction")
    )
    key, status, accounts = found.get("key"), found["status"], found["accounts"]
    return ChainFacts(
        question=question,
        chain_id=found["chain_id"],
        as_of_block=found["as_of_block"],
        as_of=_instant(found, "as_of"),
        read_at=_instant(found, "as_of"),
        anchored=anchored
        and AnchoredRoot(
            anchored["size"],
            _instant(anchored, "anchored_at"),
            bytes.fromhex(anchored["authority"]),
        ),
        status=CertificateStatus(
            State[status["state"]],
            status["reason"],
            _instant(status, "since"),
            Digest.from_hex(status["successor"], "successor") if "successor" in status else None,
        ),
        party=party
        and RegisteredParty(
            Country(party["country"]), party["issues"], _instant(party, "registered_at")
        ),
        key=key
        and RegisteredKey(
            _instant(key, "since"), _instant(key, "until"), _instant(key, "compromised_since")
        ),
        mandate=_mandate(found.get("mandate")),
        mandate_when_anchored=_mandate(found.get("mandate_when_anchored")),
        recognised=found["recognised"],
        recognised_when_anchored=found["recognised_when_anchored"],
        issuing_paused=found["issuing_paused"],
        accounts=(
            Unavailable(accounts["unavailable"])
            if "unavailable" in accounts
            else tuple(
                LineAccount(account["line"], account["reserved"], account["bounded"])
                for account in accounts
                if account["line"] in question.bounded_lines
            )
        ),
        transaction=transaction
        and AnchorTransaction(
            transaction["block_number"],
            Digest.from_hex(transaction["block_hash"], "block_hash"),
            transaction["anchors_root"],
            transaction["final"],
        ),
    )


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_every_case_is_judged_as_it_says(case: dict[str, Any]) -> None:
    data = json.dumps(_patched(VECTORS["bundles"][case["of"]], case["bundle_patch"])).encode()
    try:
        question = question_of(Bundle.parse(data))
    except InvalidInputError:
        question = None
    facts: ChainFacts | Unavailable = Unavailable("nothing to ask")
    if question is not None:
        facts = _facts(_patched(VECTORS["facts"], case["facts_patch"]), question)
    found = verify(data, POLICY, facts, date.fromisoformat(case["on"]))
    failure = found.first_failure
    assert found.verdict == case["verdict"]
    assert (failure.name if failure is not None else None) == case.get("first_failure")
    unknown = {check.name for check in found.checks if check.outcome is CheckOutcome.UNKNOWN}
    assert unknown >= set(case["unknown"])
    if case["verdict"] in {"VALID", "UNKNOWN"}:
        assert unknown == set(case["unknown"])


def test_names_are_unique() -> None:
    names = [case["name"] for case in VECTORS["cases"]]
    assert len(names) == len(set(names))
