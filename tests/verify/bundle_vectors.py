"""Makes tests/vectors/bundle.json: ``python tests/verify/bundle_vectors.py``."""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "certificate"))

from certificate_sample import ANCHORED_AT, FACTS, ON, POLICY, SEED, Issuer
from certificate_vectors import example, text

from tulen.certificate import Bundle, Certificate, FullPresentation, redact
from tulen.values import instant_text
from tulen.verify import Unavailable

FILE = Path(__file__).parent.parent / "vectors" / "bundle.json"

ABOUT = (
    "Test vectors of docs/specs/bundle.md. Bytes are lower-case hexadecimal.",
    "bundles: valid ones. facts: what a reader of the trusted chain finds for the bundle at hand,",
    "whatever the bundle; what the chain denies is absent, and where nothing could be read there",
    "is only 'unavailable', with the cause.",
    "cases: take the bundle 'of', change it by bundle_patch, the facts by facts_patch (RFC 6902),",
    "verify it for the day 'on' under policy. Expected are verdict; first_failure, the first step",
    "that answers FAIL (absent where none does); and at least the steps in 'unknown' as UNKNOWN.",
    "accounts are of lines; those that the bundle's question does not ask for are left aside.",
    "Rule set EXAMPLE/2026-01 is loaded nowhere: step 13 is UNKNOWN, and not required. So is step",
    "15 where a redacted bundle shows no tick.",
)

SHOWN = [
    "/agreement",
    "/form",
    "/issuing_authority",
    "/importing_country",
    "/issued_on",
    "/valid_until",
    "/number",
]
OFFLINE = ["anchored", "final", "authority", "key", "mandate", "status", "recognised"]
Patch = list[dict[str, Any]]


def _bundles() -> dict[str, Bundle]:
    certificate = Certificate.from_document(example(small=True))
    child = Certificate.from_document({**example(small=True), "ticks": ["back-to-back"]})
    return {
        "full": Issuer().bundle(FullPresentation(certificate, SEED)),
        "redacted": Issuer().bundle(redact(certificate, SEED, SHOWN, allowances=[1])),
        "child": Issuer().bundle(FullPresentation(child, SEED)),
        "child-redacted": Issuer().bundle(redact(child, SEED, [*SHOWN, "/ticks"], allowances=[1])),
        "child-without-lines": Issuer().bundle(redact(child, SEED, [*SHOWN, "/ticks"])),
    }


def _facts() -> dict[str, Any]:
    assert FACTS.anchored is not None
    assert FACTS.party is not None
    assert FACTS.key is not None
    assert FACTS.mandate is not None
    assert FACTS.transaction is not None
    assert not isinstance(FACTS.transaction, Unavailable)
    assert FACTS.key.until is not None
    return {
        "chain_id": FACTS.chain_id,
        "as_of_block": FACTS.as_of_block,
        "as_of": instant_text(FACTS.as_of),
        "anchored": {
            "size": FACTS.anchored.size,
            "anchored_at": instant_text(FACTS.anchored.anchored_at),
            "authority": FACTS.anchored.authority.hex(),
        },
        "status": {"state": "GOOD", "reason": 0},
        "party": {
            "country": FACTS.party.country,
            "issues": FACTS.party.issues,
            "registered_at": instant_text(FACTS.party.registered_at),
        },
        "key": {
            "since": instant_text(FACTS.key.since),
            "until": instant_text(FACTS.key.until),
        },
        "mandate": {"since": instant_text(FACTS.mandate.since)},
        "mandate_when_anchored": {"since": instant_text(FACTS.mandate.since)},
        "recognised": True,
        "recognised_when_anchored": True,
        "issuing_paused": False,
        "accounts": [{"line": 1, "bounded": True, "reserved": 10**9}],
        "transaction": {
            "block_number": FACTS.transaction.block_number,
            "block_hash": FACTS.transaction.block_hash.hex(),
            "anchors_root": FACTS.transaction.anchors_root,
            "final": FACTS.transaction.final,
        },
    }


def _put(path: str, value: object) -> Patch:
    """Return the patch that replaces one value."""
    return [{"op": "replace", "path": path, "value": value}]


def _add(path: str, value: object) -> Patch:
    return [{"op": "add", "path": path, "value": value}]


def _drop(path: str) -> Patch:
    return [{"op": "remove", "path": path}]


def _case(
    name: str,
    of: str,
    verdict: str,
    first_failure: str = "",
    *,
    bundle: Patch | None = None,
    facts: Patch | None = None,
    on: str = "",
    unknown: list[str] | None = None,
) -> dict[str, Any]:
    unread = first_failure == "format"
    hidden = ["parents"] if of == "redacted" else []
    found: dict[str, Any] = {
        "name": name,
        "of": of,
        "bundle_patch": bundle or [],
        "facts_patch": facts or [],
        "on": on or ON.isoformat(),
        "verdict": verdict,
        "unknown": [] if unread else [*(unknown or []), "origin", *hidden],
    }
    return {**found, "first_failure": first_failure} if first_failure else found


_DOCUMENT = "/certificate/document"
_ZERO = "00" * 32
_AT = instant_text(ANCHORED_AT)
_GONE = _put("", {"unavailable": "the node does not answer"})


def _cases() -> list[dict[str, Any]]:
    """Return one row a case; what is expected is written here, not computed."""
    return [
        _case("full", "full", "VALID"),
        _case("redacted", "redacted", "VALID"),
        _case("first-day", "full", "VALID", on="2026-01-15"),
        _case("last-day", "full", "VALID", on="2027-01-14"),
        _case("expired", "full", "EXPIRED", "period", on="2027-01-15"),
        _case("not-yet-issued", "full", "INVALID", "period", on="2026-01-14"),
        _case("unknown-member", "full", "INVALID", "format", bundle=_add("/note", "x")),
        _case("unknown-claim", "full", "INVALID", "format", bundle=_add(f"{_DOCUMENT}/note", "x")),
        _case("null", "full", "INVALID", "format", bundle=_put(f"{_DOCUMENT}/number", None)),
        _case("no-signature", "full", "INVALID", "format", bundle=_drop("/signature")),
        _case("upper-case", "full", "INVALID", "format", bundle=_put("/signature/key", "AA" * 32)),
        _case(
            "quantity-raised",
            "full",
            "INVALID",
            "signature",
            bundle=_put(f"{_DOCUMENT}/lines/0/quantity", "1001"),
        ),
        _case(
            "claim-dropped",
            "full",
            "INVALID",
            "signature",
            bundle=_drop(f"{_DOCUMENT}/lines/0/origin/inputs"),
        ),
        _case(
            "seed-altered", "full", "INVALID", "signature", bundle=_put("/certificate/seed", _ZERO)
        ),
        _case(
            "signature-altered",
            "full",
            "INVALID",
            "signature",
            bundle=_put("/signature/value", "00" * 64),
        ),
        _case("index-plus-one", "full", "INVALID", "logged", bundle=_put("/log/index", 7)),
        _case("path-node-altered", "full", "INVALID", "logged", bundle=_put("/log/path/0", _ZERO)),
        _case("path-node-dropped", "full", "INVALID", "logged", bundle=_drop("/log/path/0")),
        _case("path-extended", "full", "INVALID", "logged", bundle=_add("/log/path/-", _ZERO)),
        _case("another-chain", "full", "INVALID", "anchored", bundle=_put("/anchor/chain_id", 1)),
        _case(
            "another-ledger",
            "full",
            "INVALID",
            "anchored",
            bundle=_put("/anchor/ledger", "0x" + "00" * 20),
        ),
        _case(
            "anchored-earlier",
            "full",
            "INVALID",
            "anchored",
            bundle=_put("/anchor/anchored_at", "2026-01-15T08:29:59Z"),
        ),
        _case("another-block", "full", "INVALID", "final", bundle=_put("/anchor/block_number", 41)),
        _case(
            "another-block-hash",
            "full",
            "INVALID",
            "final",
            bundle=_put("/anchor/block_hash", _ZERO),
        ),
        _case("anchor-left-out", "full", "UNKNOWN", bundle=_drop("/anchor"), unknown=["final"]),
        _case(
            "claim-altered",
            "redacted",
            "INVALID",
            "seal",
            bundle=_put("/certificate/claims/0/value", "RCEP"),
        ),
        _case(
            "salt-altered",
            "redacted",
            "INVALID",
            "seal",
            bundle=_put("/certificate/claims/0/salt", "00" * 16),
            unknown=[],
        ),
        _case(
            "allowance-raised",
            "redacted",
            "INVALID",
            "seal",
            bundle=_put("/certificate/allowances/0/quantity", "1001"),
        ),
        _case(
            "agreement-kept-back",
            "redacted",
            "UNKNOWN",
            bundle=_drop("/certificate/claims/0"),
            unknown=["mandate", "recognised"],
        ),
        _case(
            "never-anchored",
            "full",
            "INVALID",
            "anchored",
            facts=_drop("/anchored"),
            unknown=["key", "mandate", "recognised"],
        ),
        _case(
            "anchored-by-another",
            "full",
            "INVALID",
            "anchored",
            facts=_put("/anchored/authority", "00" * 16),
        ),
        _case("anchored-size", "full", "INVALID", "anchored", facts=_put("/anchored/size", 12)),
        _case("no-transaction", "full", "INVALID", "final", facts=_drop("/transaction")),
        _case(
            "another-transaction",
            "full",
            "INVALID",
            "final",
            facts=_put("/transaction/anchors_root", False),
        ),
        _case(
            "not-final",
            "full",
            "UNKNOWN",
            facts=_put("/transaction/final", False),
            unknown=["final"],
        ),
        _case("unregistered", "full", "INVALID", "authority", facts=_drop("/party")),
        _case("customs-only", "full", "INVALID", "authority", facts=_put("/party/issues", False)),
        _case(
            "another-country", "full", "INVALID", "authority", facts=_put("/party/country", "TH")
        ),
        _case("unknown-key", "full", "INVALID", "key", facts=_drop("/key")),
        _case("key-ended", "full", "INVALID", "key", facts=_put("/key/until", _AT)),
        _case(
            "key-compromised", "full", "INVALID", "key", facts=_add("/key/compromised_since", _AT)
        ),
        _case(
            "key-compromised-after",
            "full",
            "VALID",
            facts=_add("/key/compromised_since", "2026-01-15T08:30:01Z"),
        ),
        _case("no-mandate", "full", "INVALID", "mandate", facts=_drop("/mandate_when_anchored")),
        _case(
            "mandate-ended",
            "full",
            "INVALID",
            "mandate",
            facts=_add("/mandate_when_anchored/until", _AT),
        ),
        _case("mandate-ended-since", "full", "VALID", facts=_add("/mandate/until", _AT)),
        _case("mandate-taken-back-since", "full", "VALID", facts=_drop("/mandate")),
        _case(
            "not-recognised-when-anchored",
            "full",
            "INVALID",
            "recognised",
            facts=_put("/recognised_when_anchored", False),
        ),
        _case("recognition-withdrawn-since", "full", "VALID", facts=_put("/recognised", False)),
        _case("issuing-paused", "full", "VALID", facts=_put("/issuing_paused", True)),
        _case("child", "child", "VALID"),
        _case("child-redacted", "child-redacted", "VALID"),
        _case("child-without-lines", "child-without-lines", "UNKNOWN", unknown=["parents"]),
        _case(
            "child-reserved-in-part",
            "child",
            "VALID",
            facts=_put("/accounts/0/reserved", 1),
        ),
        _case(
            "child-without-reservation",
            "child",
            "UNKNOWN",
            facts=_put("/accounts/0", {"line": 1, "bounded": False, "reserved": 0}),
            unknown=["parents"],
        ),
        _case(
            "child-with-reservation-given-back",
            "child",
            "INVALID",
            "parents",
            facts=_put("/accounts/0/reserved", 0),
        ),
        _case(
            "child-accounts-unread",
            "child",
            "UNKNOWN",
            facts=_put("/accounts", {"unavailable": "the node does not answer"}),
            unknown=["parents"],
        ),
        _case("child-offline", "child", "UNKNOWN", facts=_GONE, unknown=[*OFFLINE, "parents"]),
        _case(
            "postdated",
            "full",
            "INVALID",
            "period",
            bundle=_put("/anchor/anchored_at", "2026-01-14T09:59:59Z"),
            facts=_put("/anchored/anchored_at", "2026-01-14T09:59:59Z"),
        ),
        _case(
            "revoked",
            "full",
            "REVOKED",
            "status",
            facts=_put("/status", {"state": "REVOKED", "reason": 1, "since": _AT}),
        ),
        _case(
            "suspended",
            "full",
            "SUSPENDED",
            "status",
            facts=_put("/status", {"state": "SUSPENDED", "reason": 7, "since": _AT}),
        ),
        _case(
            "replaced",
            "redacted",
            "REPLACED",
            "status",
            facts=_put(
                "/status",
                {"state": "REPLACED", "reason": 5, "since": _AT, "successor": "33" * 32},
            ),
        ),
        _case("offline", "full", "UNKNOWN", facts=_GONE, unknown=OFFLINE),
        _case(
            "offline-and-expired",
            "full",
            "UNKNOWN",
            "period",
            facts=_GONE,
            on="2027-01-15",
            unknown=OFFLINE,
        ),
        _case(
            "offline-and-altered",
            "full",
            "INVALID",
            "signature",
            bundle=_put(f"{_DOCUMENT}/number", "VN-1"),
            facts=_GONE,
            unknown=OFFLINE,
        ),
        _case(
            "node-of-another-chain", "full", "UNKNOWN", facts=_put("/chain_id", 1), unknown=OFFLINE
        ),
    ]


def vectors() -> dict[str, Any]:
    """Return the content of the file."""
    return {
        "about": ABOUT,
        "policy": {"chain_id": POLICY.chain_id, "ledger": POLICY.ledger},
        "bundles": {name: bundle.to_document() for name, bundle in _bundles().items()},
        "facts": _facts(),
        "cases": _cases(),
    }


if __name__ == "__main__":
    FILE.write_text(text(json.loads(json.dumps(vectors()))), encoding="utf-8")
