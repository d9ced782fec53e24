"""The peer's documents against its own contracts on a real chain, and a resolver on loopback."""

import json
from datetime import timedelta

import pytest
from attested import (
    DEPLOYER,
    DID,
    DOMAIN,
    ETHEREUM,
    ISSUER,
    STORE,
    STORE_RECORD,
    Ethereum,
    Zone,
    document,
    outcomes,
    reason,
    settings_for,
    verified,
)

from anvil_fixtures import rpc
from tulen.chain.document_store import DID_REGISTRY, DocumentStoreReader
from tulen.chain.rpc import Chain
from tulen.verify import Unavailable, Verdict
from tulen.verify.open_attestation import Attestation, IssuanceFacts, question_of
from tulen.workflows import clock

pytestmark = pytest.mark.anyio

ALL_PASS = dict.fromkeys(
    ("format", "contents", "batch", "issued", "status", "identity", "accepted"), "PASS"
)


@pytest.mark.parametrize("name", ["store", "batch-first", "batch-last", "hidden"])
async def test_what_the_store_issued_is_valid_and_before_that_it_is_not(
    ethereum: Ethereum, zone: Zone, name: str
) -> None:
    before = await verified(name, settings_for(ethereum, zone))
    assert (before.verdict, outcomes(before)) == (Verdict.INVALID, ALL_PASS | {"issued": "FAIL"})
    await ethereum.issue(document(name)["signature"]["merkleRoot"])
    after = await verified(name, settings_for(ethereum, zone))
    assert (after.verdict, outcomes(after)) == (Verdict.VALID, ALL_PASS)
    assert f"{DOMAIN} names document store {STORE} on chain 1" in reason(after, "identity")
    assert "not proven by DNSSEC" in reason(after, "identity")


async def test_a_certificate_store_is_a_document_store_that_no_domain_vouches_for(
    ethereum: Ethereum, zone: Zone
) -> None:
    await ethereum.issue(document("certificate-store")["signature"]["merkleRoot"])
    answer = await verified("certificate-store", settings_for(ethereum, zone))
    expected = ALL_PASS | {"identity": "UNKNOWN", "accepted": "UNKNOWN"}
    assert (answer.verdict, outcomes(answer)) == (Verdict.UNKNOWN, expected)


@pytest.mark.parametrize("level", range(4))
async def test_to_revoke_the_document_or_any_batch_above_it_revokes_it(
    ethereum: Ethereum, zone: Zone, level: int
) -> None:
    await ethereum.issue(document("batch-first")["signature"]["merkleRoot"])
    settings = settings_for(ethereum, zone)
    before = await verified("batch-first", settings)
    assert before.document is not None
    assert len(before.document.path) == 4
    await ethereum.revoke(before.document.path[level].hex())
    after = await verified("batch-first", settings)
    assert (after.verdict, outcomes(after)) == (Verdict.REVOKED, ALL_PASS | {"status": "FAIL"})


async def test_who_was_never_issued_cannot_be_revoked(ethereum: Ethereum, zone: Zone) -> None:
    await ethereum.revoke(document("store")["signature"]["targetHash"])
    answer = await verified("store", settings_for(ethereum, zone))
    assert answer.verdict is Verdict.INVALID


async def test_a_revocation_is_told_though_the_domain_cannot_be_asked(
    ethereum: Ethereum, zone: Zone
) -> None:
    root = document("store")["signature"]["merkleRoot"]
    await ethereum.issue(root)
    await ethereum.revoke(root)
    answer = await verified("store", settings_for(ethereum, zone, oa_dns_url=None))
    assert answer.verdict is Verdict.REVOKED


@pytest.mark.parametrize("name", ["signed", "signed-revocable", "signed-without-domain"])
async def test_what_the_issuers_key_signed_is_valid(
    ethereum: Ethereum, zone: Zone, name: str
) -> None:
    answer = await verified(name, settings_for(ethereum, zone))
    assert (answer.verdict, outcomes(answer)) == (Verdict.VALID, ALL_PASS)


async def test_what_an_issuer_signed_is_revoked_on_the_store_that_it_names(
    ethereum: Ethereum, zone: Zone
) -> None:
    await ethereum.revoke(document("signed-revocable")["signature"]["targetHash"])
    answer = await verified("signed-revocable", settings_for(ethereum, zone))
    assert (answer.verdict, outcomes(answer)["status"]) == (Verdict.REVOKED, "FAIL")


async def test_who_has_given_an_identifier_away_signs_for_it_no_longer(
    ethereum: Ethereum, zone: Zone
) -> None:
    await ethereum.hand_over(ISSUER, DEPLOYER.address)
    answer = await verified("signed", settings_for(ethereum, zone))
    assert (answer.verdict, outcomes(answer)) == (Verdict.INVALID, ALL_PASS | {"issued": "FAIL"})
    assert DEPLOYER.address.lower() in reason(answer, "issued")


UNSHOWN = {
    "hidden-domain": {"identity", "accepted"},
    "signed-hidden-store": {"status"},
    "signed-ocsp": {"status"},
    "token-registry": {"issued", "status"},
}


@pytest.mark.parametrize(("name", "unknown"), UNSHOWN.items(), ids=UNSHOWN)
async def test_what_is_not_shown_or_not_read_is_unknown(
    ethereum: Ethereum, zone: Zone, name: str, unknown: set[str]
) -> None:
    await ethereum.issue(document(name)["signature"]["merkleRoot"])
    answer = await verified(name, settings_for(ethereum, zone))
    expected = ALL_PASS | dict.fromkeys(unknown, "UNKNOWN")
    assert (answer.verdict, outcomes(answer)) == (Verdict.UNKNOWN, expected)
    assert all(check.advice for check in answer.checks if check.name in unknown)


async def test_an_issuer_of_whom_nobody_has_said_that_he_is_accepted_is_unknown(
    ethereum: Ethereum, zone: Zone
) -> None:
    nobody = settings_for(ethereum, zone, oa_issuers=frozenset())
    answer = await verified("signed", nobody)
    assert (answer.verdict, outcomes(answer)["accepted"]) == (Verdict.UNKNOWN, "UNKNOWN")
    others = settings_for(ethereum, zone, oa_issuers=frozenset({"customs.example.my"}))
    answer = await verified("signed", others)
    assert (answer.verdict, outcomes(answer)["accepted"]) == (Verdict.INVALID, "FAIL")


RECORDS = {
    "no-record": [],
    "no-domain": None,
    "another-store": [STORE_RECORD.replace(STORE, "0x" + "1" * 40)],
    "another-chain": [STORE_RECORD.replace("netId=1", "netId=137")],
    "another-network": [STORE_RECORD.replace("ethereum", "hedera")],
    "another-kind": [STORE_RECORD.replace("openatts", "openattestation")],
    "a-member-twice": [STORE_RECORD.replace("addr=", f"addr=0x{'1' * 40} addr=")],
    "a-key-for-the-store": [f"openatts a=dns-did; p={STORE}; v=1.0;"],
}


@pytest.mark.parametrize("records", RECORDS.values(), ids=RECORDS)
async def test_a_domain_that_does_not_name_the_store_fails_the_identity(
    ethereum: Ethereum, zone: Zone, records: list[str] | None
) -> None:
    await ethereum.issue(document("store")["signature"]["merkleRoot"])
    if records is None:
        del zone.records[DOMAIN]
    else:
        zone.records[DOMAIN] = records
    answer = await verified("store", settings_for(ethereum, zone))
    assert (answer.verdict, outcomes(answer)) == (Verdict.INVALID, ALL_PASS | {"identity": "FAIL"})


async def test_a_domain_that_does_not_name_the_key_fails_the_identity(
    ethereum: Ethereum, zone: Zone
) -> None:
    zone.records[DOMAIN] = [f"openatts a=dns-did; p={DID}0#controller; v=1.0;", STORE_RECORD]
    answer = await verified("signed", settings_for(ethereum, zone))
    assert (answer.verdict, outcomes(answer)) == (Verdict.INVALID, ALL_PASS | {"identity": "FAIL"})


async def test_what_dnssec_proves_is_said(ethereum: Ethereum, zone: Zone) -> None:
    zone.authenticated = True
    answer = await verified("signed", settings_for(ethereum, zone))
    assert reason(answer, "identity").endswith("resolver 127.0.0.1, proven by DNSSEC")


async def test_offline_nothing_that_must_be_asked_is_known(ethereum: Ethereum, zone: Zone) -> None:
    await ethereum.issue(document("store")["signature"]["merkleRoot"])
    for cut in ({"oa_rpc_urls": ()}, {"oa_rpc_urls": ("http://127.0.0.1:9",)}):
        answer = await verified("store", settings_for(ethereum, zone, **cut))
        expected = ALL_PASS | {"issued": "UNKNOWN", "status": "UNKNOWN"}
        assert (answer.verdict, outcomes(answer)) == (Verdict.UNKNOWN, expected)
    for cut in ({"oa_dns_url": None}, {"oa_dns_url": "http://127.0.0.1:9/resolve"}):
        answer = await verified("store", settings_for(ethereum, zone, **cut))
        expected = ALL_PASS | {"identity": "UNKNOWN"}
        assert (answer.verdict, outcomes(answer)) == (Verdict.UNKNOWN, expected)


async def test_several_endpoints_must_agree(ethereum: Ethereum, zone: Zone) -> None:
    await ethereum.issue(document("store")["signature"]["merkleRoot"])
    twice = (ethereum.url, ethereum.url.replace("127.0.0.1", "localhost"))
    answer = await verified("store", settings_for(ethereum, zone, oa_rpc_urls=twice))
    assert (answer.verdict, outcomes(answer)) == (Verdict.VALID, ALL_PASS)
    one_down = (ethereum.url, "http://127.0.0.1:9")
    answer = await verified("store", settings_for(ethereum, zone, oa_rpc_urls=one_down))
    assert answer.verdict is Verdict.UNKNOWN


async def test_a_node_of_another_chain_is_no_answer(ethereum: Ethereum, zone: Zone) -> None:
    await ethereum.issue(document("store")["signature"]["merkleRoot"])
    answer = await verified("store", settings_for(ethereum, zone, oa_chain_id=137))
    assert outcomes(answer) == ALL_PASS | {
        "issued": "UNKNOWN",
        "status": "UNKNOWN",
        "identity": "FAIL",  # The domain names a store of chain 1, not of chain 137.
    }
    assert "serves chain 1, not chain 137" in reason(answer, "issued")


async def test_a_node_that_has_fallen_asleep_is_no_answer(ethereum: Ethereum) -> None:
    question = question_of(Attestation.parse(json.dumps(document("store")).encode()))
    assert question is not None
    async with Chain(ethereum.url, ETHEREUM) as chain:
        answers = [
            await DocumentStoreReader(
                chain, now=lambda age=age: clock.now() + age, max_head_age=timedelta(minutes=1)
            ).read(question)
            for age in (timedelta(), timedelta(hours=1))
        ]
    assert isinstance(answers[0], IssuanceFacts)
    assert isinstance(answers[1], Unavailable)
    assert "at most 60 s of age are believed" in answers[1].cause


NO_STORES = {
    "no contract": ("0x", "no contract at"),
    "reverts": ("0x600080fd", "is no document store"),
    "answers nothing": ("0x00", "is no document store"),
    "answers two": ("0x600260005260206000f3", "is no document store"),
    "answers a long yes": ("0x600160005260406000f3", "is no document store"),
}


@pytest.mark.parametrize(("code", "words"), NO_STORES.values(), ids=NO_STORES)
async def test_what_is_not_a_store_says_neither_issued_nor_revoked(
    ethereum: Ethereum, zone: Zone, code: str, words: str
) -> None:
    rpc(ethereum.url, "anvil_setCode", STORE, code)
    answer = await verified("store", settings_for(ethereum, zone))
    expected = ALL_PASS | {"issued": "FAIL", "status": "FAIL"}
    assert (answer.verdict, outcomes(answer)) == (Verdict.INVALID, expected)
    assert words in reason(answer, "issued")
    assert words in reason(answer, "status")


async def test_without_a_registry_nobody_knows_who_controls_an_identifier(
    ethereum: Ethereum, zone: Zone
) -> None:
    rpc(ethereum.url, "anvil_setCode", DID_REGISTRY, "0x")
    answer = await verified("signed", settings_for(ethereum, zone))
    assert (answer.verdict, outcomes(answer)["issued"]) == (Verdict.UNKNOWN, "UNKNOWN")


async def test_everything_is_read_at_one_block_that_the_answer_names(
    ethereum: Ethereum, zone: Zone
) -> None:
    await ethereum.issue(document("store")["signature"]["merkleRoot"])
    answer = (await verified("store", settings_for(ethereum, zone))).to_document()
    assert answer["as_of"]["block"] == int(rpc(ethereum.url, "eth_blockNumber"), 16)
    assert answer["as_of"]["chain_id"] == 1
    assert answer["issuers"] == [DOMAIN]
    assert answer["document"]["/supplyChainConsignment/includedConsignmentItems/0/hsCode"] == (
        "190531"
    )
    assert json.dumps(answer)
