"""The core alone: what the peer's library says of its documents, one lie at a time, bad input."""

import json
import random
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attested import (
    DID,
    DOCUMENTS,
    DOMAIN,
    ETHEREUM,
    GOOD,
    ISSUER,
    KEY_RECORD,
    MADE,
    STORE,
    STORE_RECORD,
    document,
    outcomes,
    reason,
)
from hypothesis import given
from hypothesis import strategies as st

from tulen.errors import InvalidInputError
from tulen.verify import Unavailable, Verdict
from tulen.verify.open_attestation import (
    Attestation,
    AttestationVerification,
    IssuanceFacts,
    IssuerPolicy,
    NameRecords,
    Seen,
    is_attestation,
    question_of,
    verify_attestation,
)
from tulen.verify.open_attestation.signing import signer_of

HERE = Path(__file__).parent
POLICY = IssuerPolicy(ETHEREUM, frozenset({DOMAIN, DID}))
NAMES = {DOMAIN: NameRecords((STORE_RECORD, KEY_RECORD), "a test", authenticated=True)}
AT = datetime(2026, 11, 25, tzinfo=UTC)
VERSION_3 = {
    "version": "https://schema.openattestation.com/3.0/schema.json",
    "@context": ["https://www.w3.org/2018/credentials/v1"],
    "proof": {"type": "OpenAttestationMerkleProofSignature2018"},
}
VERSION_4 = {
    "@context": [
        "https://www.w3.org/ns/credentials/v2",
        "https://schemata.openattestation.com/com/openattestation/4.0/context.json",
    ],
    "proof": {"type": "OpenAttestationHashProof2018"},
}
VERSION_1 = {"schema": "opencerts/1.4", "data": {}, "signature": {"type": "SHA3MerkleProof"}}


def bytes_of(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def judged(data: object) -> AttestationVerification:
    """Verify where chain and domain say yes to whatever is asked."""
    raw = data if isinstance(data, bytes) else bytes_of(data)
    try:
        question = question_of(Attestation.parse(raw))
    except InvalidInputError:
        question = None
    if question is None:
        return verify_attestation(raw, POLICY, Seen(Unavailable("nothing to ask"), NAMES))
    facts = IssuanceFacts(
        question,
        ETHEREUM,
        1,
        AT,
        AT,
        dict.fromkeys(question.stores, GOOD),
        dict.fromkeys(question.identities, ISSUER.address.lower()),
    )
    return verify_attestation(raw, POLICY, Seen(facts, NAMES))


def test_the_documents_are_what_the_peers_library_makes() -> None:
    ended = subprocess.run(  # noqa: S603 - the project's own
        ["node", HERE / "make_documents.mjs", "--check"],  # noqa: S607 - the project's own
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert (ended.returncode, ended.stderr.decode()) == (0, "")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_peers_library_and_this_one_agree_on_every_document(name: str) -> None:
    found = outcomes(judged(document(name)))
    integrity = [found.get(step) for step in ("format", "contents", "batch")]
    assert (integrity == ["PASS"] * 3) is MADE["peer"][name]


def change(path: str, value: object) -> Callable[[Any], Any]:
    """Return what sets a member, or with `GONE` takes it away."""

    def apply(document: Any) -> Any:  # noqa: ANN401 - JSON
        *parents, last = [int(step) if step.isdigit() else step for step in path.split("/")]
        target = document
        for step in parents:
            target = target[step]
        if value is GONE:
            del target[last]
        else:
            target[last] = value(target[last]) if callable(value) else value
        return document

    return apply


GONE = object()
ITEM = "data/supplyChainConsignment/includedConsignmentItems/0"
LIES: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
    "value-altered": ("store", "contents", change(f"{ITEM}/hsCode", lambda old: old[:-1] + "2")),
    "salt-altered": ("store", "contents", change(f"{ITEM}/hsCode", lambda old: "0" + old[1:])),
    "type-altered": (
        "store",
        "contents",
        change(f"{ITEM}/packages", lambda old: old.replace("number", "string")),
    ),
    "value-left-out": ("store", "contents", change(f"{ITEM}/hsCode", GONE)),
    "value-moved": (
        "store",
        "contents",
        lambda d: change(f"{ITEM}/code", d["data"]["id"])(change("data/id", GONE)(d)),
    ),
    "value-repeated": (
        "store",
        "contents",
        lambda d: change(f"{ITEM}/origin", d["data"]["id"])(d),
    ),
    "empty-added": ("store", "contents", change("data/more", {})),
    "empty-array-for-object": ("store", "contents", change("data/marks", [])),
    "normal-form": (
        "store",
        "contents",
        change(
            "data/supplyChainConsignment/consignor/name", lambda old: old.replace("ö", "o\u0308")
        ),
    ),
    "hidden-left-out": ("hidden", "contents", change("privacy/obfuscatedData/0", GONE)),
    "hidden-altered": ("hidden", "contents", change("privacy/obfuscatedData/1", "ab" * 32)),
    "hidden-added": (
        "hidden",
        "contents",
        lambda d: d["privacy"]["obfuscatedData"].append("ab" * 32) or d,
    ),
    "hidden-repeated": (
        "hidden",
        "contents",
        lambda d: d["privacy"]["obfuscatedData"].append(d["privacy"]["obfuscatedData"][0]) or d,
    ),
    "hash-altered": ("store", "contents", change("signature/targetHash", "ab" * 32)),
    "root-altered": ("batch-first", "batch", change("signature/merkleRoot", "ab" * 32)),
    "proof-shorter": ("batch-first", "batch", lambda d: d["signature"]["proof"].pop() and d),
    "proof-longer": (
        "batch-first",
        "batch",
        lambda d: d["signature"]["proof"].append("ab" * 32) or d,
    ),
    "proof-turned": ("batch-first", "batch", lambda d: d["signature"]["proof"].reverse() or d),
    "proof-of-another": (
        "batch-first",
        "batch",
        change("signature/proof", document("batch-last")["signature"]["proof"]),
    ),
    "signature-altered": (
        "signed",
        "issued",
        change("proof/0/signature", lambda old: old[:20] + "0000" + old[24:]),
    ),
    "signature-of-another": (
        "signed",
        "issued",
        change("proof/0/signature", document("signed-ocsp")["proof"][0]["signature"]),
    ),
    "signature-cut": ("signed", "issued", change("proof/0/signature", lambda old: old[:-2])),
    "signature-parity": (
        "signed",
        "issued",
        change("proof/0/signature", lambda old: old[:-2] + "1d"),
    ),
    "signature-zero": ("signed", "issued", change("proof/0/signature", "0x" + "00" * 64 + "1b")),
    "signature-top": ("signed", "issued", change("proof/0/signature", "0x" + "ff" * 64 + "1b")),
    "signature-by-another-key": (
        "signed",
        "issued",
        change("proof/0/verificationMethod", f"did:ethr:0x{'1' * 40}#controller"),
    ),
    "no-signature": ("signed", "issued", change("proof", [])),
}


@pytest.mark.parametrize(("name", "step", "lie"), LIES.values(), ids=LIES)
def test_every_lie_is_caught_at_its_step(name: str, step: str, lie: Callable[[Any], Any]) -> None:
    honest = judged(document(name))
    assert honest.verdict in {Verdict.VALID, Verdict.UNKNOWN}
    found = judged(lie(document(name)))
    assert found.verdict is Verdict.INVALID
    first = next(check for check in found.checks if check.outcome.value == "FAIL")
    assert (first.name, bool(first.advice)) == (step, True)


def deep(levels: int) -> dict[str, Any]:
    value: Any = "b366393c-8531-4e34-be54-91e0d3e9de04:string:x"
    for _ in range(levels):
        value = {"a": value}
    return change("data/deep", value)(document("store"))


def duplicated(name: bytes, first: bytes) -> bytes:
    return bytes_of(document("store")).replace(
        b'"' + name + b'": ', b'"' + name + b'": ' + first, 1
    )


UUID = "b366393c-8531-4e34-be54-91e0d3e9de04"
REFUSED: dict[str, tuple[Any, str]] = {
    "empty": (b"", "is not JSON"),
    "not-utf-8": (b"\xff\xfe", "is not JSON"),
    "array": ([], "is not an object"),
    "lone-surrogate": (bytes_of(document("store")).replace(b"SG2026", b"\\ud800"), "is not JSON"),
    "too-big": (b'"' + b"x" * (2 << 20) + b'"', "exceed 2097152 bytes"),
    "too-deep": (deep(40), "exceeds 32"),
    "far-too-deep": (b"[" * 5_000 + b"]" * 5_000, "document"),
    "too-many-values": (
        change("data/many", [f"{UUID}:number:1"] * 20_001)(document("store")),
        "exceed",
    ),
    "a-name-twice": (duplicated(b"id", b'"x", "id": '), "stands twice"),
    "data-twice": (duplicated(b"data", b'{}, "data": '), "stands twice"),
    "no-data": (change("data", GONE)(document("store")), "/data"),
    "no-signature": (change("signature", GONE)(document("store")), "/signature"),
    "no-version": (change("version", GONE)(document("signed")) | {"signature": {}}, "/version"),
    "unknown-member": (document("store") | {"note": "x"}, "/note"),
    "unknown-in-privacy": (change("privacy/more", 1)(document("hidden")), "/privacy/more"),
    "batch-type": (change("signature/type", "SHA2")(document("store")), "/signature/type"),
    "proof-too-long": (
        change("signature/proof", ["ab" * 32] * 33)(document("store")),
        "33 elements",
    ),
    "proof-odd": (
        change("signature/proof", ["ab" * 31 + "a"])(document("store")),
        "/signature/proof/0",
    ),
    "proof-short": (
        change("signature/proof", ["ab" * 31])(document("store")),
        "/signature/proof/0",
    ),
    "proof-no-hash": (change("signature/proof", [1])(document("store")), "/signature/proof/0"),
    "root-in-capitals": (
        change("signature/merkleRoot", str.upper)(document("store")),
        "/signature/merkleRoot",
    ),
    "root-with-prefix": (
        change("signature/merkleRoot", lambda old: "0x" + old)(document("store")),
        "/signature/merkleRoot",
    ),
    "hidden-in-capitals": (
        change("privacy/obfuscatedData/0", str.upper)(document("hidden")),
        "/privacy/obfuscatedData/0",
    ),
    "value-unsalted": (change("data/id", "SG2026")(document("store")), "/data/id"),
    "value-number": (change("data/id", 1)(document("store")), "/data/id"),
    "value-float": (change("data/id", 1.5)(document("store")), "/data/id"),
    "value-true": (change("data/id", True)(document("store")), "/data/id"),
    "value-null": (change("data/id", None)(document("store")), "/data/id"),
    "salt-of-version-1": (
        change("data/id", UUID.replace("-4", "-1") + ":string:x")(document("store")),
        "/data/id",
    ),
    "salt-too-long": (change("data/id", f"0{UUID}:string:x")(document("store")), "/data/id"),
    "type-unknown": (change("data/id", f"{UUID}:bigint:1")(document("store")), "/data/id"),
    "type-with-blank": (change("data/id", f"{UUID}: string:x")(document("store")), "/data/id"),
    "no-type": (change("data/id", f"{UUID}:x")(document("store")), "/data/id"),
    "number-in-hexadecimal": (
        change("data/id", f"{UUID}:number:0x10")(document("store")),
        "/data/id",
    ),
    "number-with-blank": (change("data/id", f"{UUID}:number: 1")(document("store")), "/data/id"),
    "number-arabic": (change("data/id", f"{UUID}:number:٣")(document("store")), "/data/id"),
    "number-empty": (change("data/id", f"{UUID}:number:")(document("store")), "/data/id"),
    "boolean-in-capitals": (
        change("data/id", f"{UUID}:boolean:TRUE")(document("store")),
        "/data/id",
    ),
    "null-of-something": (change("data/id", f"{UUID}:null:x")(document("store")), "/data/id"),
    "name-empty": (
        change("data/marks", {"": {"a": f"{UUID}:string:x"}})(document("store")),
        "not bind",
    ),
    "name-with-dot": (
        change("data/marks", {"a.b": f"{UUID}:string:x"})(document("store")),
        "not bind",
    ),
    "name-proto": (change("data/__proto__", f"{UUID}:string:x")(document("store")), "not bind"),
    "issuers-as-object": (
        change("data/issuers", lambda old: {"0": old[0]})(document("store")),
        "/data/issuers",
    ),
    "issuers-too-many": (
        change("data/issuers", lambda old: old * 9)(document("store")),
        "exceed 8",
    ),
    "two-ways-to-issue": (
        change("data/issuers/0/tokenRegistry", f"{UUID}:string:{STORE}")(document("store")),
        "more than one way",
    ),
    "store-no-address": (
        change("data/issuers/0/documentStore", f"{UUID}:string:store.eth")(document("store")),
        "is not an Ethereum address",
    ),
    "domain-url": (
        change("data/issuers/0/identityProof/location", f"{UUID}:string:https://{DOMAIN}/")(
            document("store")
        ),
        "is not a domain name",
    ),
    "domain-look-alike": (
        change("data/issuers/0/identityProof/location", f"{UUID}:string:cust\u043ems.example.sg")(
            document("store")
        ),
        "is not a domain name",
    ),
    "domain-address": (
        change("data/issuers/0/identityProof/location", f"{UUID}:string:127.0.0.1")(
            document("store")
        ),
        "is not a domain name",
    ),
    "domain-with-override": (
        change("data/issuers/0/identityProof/location", f"{UUID}:string:a\u202e.example.sg")(
            document("store")
        ),
        "forbidden character",
    ),
    "signature-type": (change("proof/0/type", "JwtProof")(document("signed")), "/proof/0/type"),
    "signatures-too-many": (change("proof", lambda old: old * 9)(document("signed")), "9 elements"),
}


@pytest.mark.parametrize(("data", "words"), REFUSED.values(), ids=REFUSED)
def test_bad_input_is_invalid_with_the_field_that_is_wrong(data: Any, words: str) -> None:  # noqa: ANN401 - JSON
    found = judged(data)
    assert (found.verdict, outcomes(found)) == (Verdict.INVALID, {"format": "FAIL"})
    assert words in reason(found, "format")
    assert len(reason(found, "format")) < 600


@pytest.mark.parametrize("data", [VERSION_1, VERSION_3, VERSION_4], ids=["1", "3", "4"])
def test_another_version_is_unknown_and_named(data: dict[str, Any]) -> None:
    assert is_attestation(bytes_of(data))
    found = judged(data)
    assert (found.verdict, outcomes(found)) == (Verdict.UNKNOWN, {"format": "UNKNOWN"})
    assert "only version 2.0 is read" in reason(found, "format")
    assert found.checks[0].advice


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_of_the_peer_is_recognised(name: str) -> None:
    assert is_attestation(bytes_of(document(name)))


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"format": "tulen/bundle/v1"}', b"[" * 9999])
def test_nothing_else_is_recognised(data: bytes) -> None:
    assert not is_attestation(data)


def test_facts_of_another_document_or_chain_are_not_used() -> None:
    other = question_of(Attestation.parse(bytes_of(document("batch-first"))))
    own = question_of(Attestation.parse(bytes_of(document("store"))))
    assert other
    assert own
    for question, chain_id in ((other, ETHEREUM), (own, 137)):
        facts = IssuanceFacts(question, chain_id, 1, AT, AT, {STORE: GOOD}, {})
        found = verify_attestation(bytes_of(document("store")), POLICY, Seen(facts, NAMES))
        assert (found.verdict, outcomes(found)["issued"]) == (Verdict.UNKNOWN, "UNKNOWN")


def test_a_document_that_says_it_is_of_another_chain_is_not_looked_up_here() -> None:
    policy = IssuerPolicy(137, POLICY.accepted)
    question = question_of(Attestation.parse(bytes_of(document("store"))))
    assert question
    facts = IssuanceFacts(question, 137, 1, AT, AT, {STORE: GOOD}, {})
    found = verify_attestation(bytes_of(document("store")), policy, Seen(facts, NAMES))
    assert "says that it is of chain 1" in reason(found, "issued")


def test_one_bit_changed_anywhere_is_never_valid() -> None:
    whole = bytes_of(document("hidden"))
    assert judged(whole).verdict is Verdict.VALID
    chance = random.Random(5)  # noqa: S311 - the same bits in each run
    for position in chance.sample(range(len(whole) * 8), 400):
        changed = bytearray(whole)
        changed[position // 8] ^= 1 << position % 8
        assert judged(bytes(changed)).verdict is not Verdict.VALID, position


@given(st.binary(max_size=70).map(bytes.hex) | st.text(max_size=140))
def test_no_signature_raises(signature: str) -> None:
    assert signer_of(bytes(32), "0x" + signature) != ISSUER.address.lower()


def test_values_are_shown_as_they_are_hashed() -> None:
    shown = judged(document("store")).to_document()["document"]
    items = "/supplyChainConsignment/includedConsignmentItems"
    assert shown[f"{items}/0/grossWeight"] == "312.5"
    assert shown[f"{items}/1/grossWeight"] == "1e-7"
    assert shown[f"{items}/1/description"] == "Wafers \u2028 \u0001 \u007f \\ / 威化 🍪"
    assert shown["/isPreferential"] is True
    assert "/remarks" not in shown
