"""The story of issue 2 through HTTP: every figure that it promises, from real parts."""

import io
import json
import re
from typing import Any

import pytest
from rich.console import Console

from office_fixtures import Served
from story import Story
from tulen.certificate import Bundle, FullPresentation
from tulen.certificate.seal import verify_signature
from tulen.log import Kind, entry_leaf_hash, root_from_inclusion_path

NEEDS_THE_CHAIN = {"anchored", "final", "authority", "key", "mandate", "status", "recognised"}
HASH = re.compile("[0-9a-f]{64}")
INSTANT = re.compile(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

Told = dict[str, Any]


@pytest.fixture(scope="module")
def telling(served: Served) -> tuple[Told, str]:
    """What happened, and what stood on the terminal."""
    console = Console(file=io.StringIO(), width=200)
    told = Story(served.url, served.office.keys, served.office.chain, console).tell()
    assert isinstance(console.file, io.StringIO)
    return told, console.file.getvalue()


@pytest.fixture(scope="module")
def told(telling: tuple[Told, str]) -> Told:
    return telling[0]


def outcomes(verification: Told) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in verification["checks"]}


def check(verification: Told, name: str) -> Told:
    (found,) = [item for item in verification["checks"] if item["name"] == name]
    return found


def test_the_origin_engine_shows_formula_figures_and_every_heading(told: Told) -> None:
    application = told["application"]
    assert (application["outcome"], application["criteria"]) == ("MET", ["58%"])
    reasoning = "\n".join(line.strip() for line in application["explanation"])
    for words in (
        "MET          general rule: met by RVC 40%, CTH [ATIGA Art. 28(1)(a)]",
        "formula: (FOB - non-originating materials) / FOB, build-down [ATIGA Art. 29(1)]",
        "FOB: USD 16600",
        "non-originating materials: USD 6960",
        "RVC: 241/415 = 58.07%",
        "good: heading 1905",
        "Wheat flour (AU), USD 2900: heading 1101 is not 1905",
        "Cocoa powder (GH), USD 1700: heading 1805 is not 1905",
        "Milk powder (NZ), USD 1900: heading 0402 is not 1905",
        "Cane sugar (VN), USD 1500: 170199 originates and need not change",
        "Refined palm oil (MY), USD 1200: 151190 originates by Form D MY-2026-118804",
        "Printed film packs (CN), USD 460: heading 3923 is not 1905",
    ):
        assert words in reasoning


def test_the_officer_who_recommended_may_not_approve(told: Told) -> None:
    refused = told["same officer"]
    assert (refused["status"], refused["code"]) == (403, "same-officer")
    assert "officer-1 recommended this application; another officer" in refused["detail"]


def test_the_register_and_the_bundle_tell_the_same_of_the_certificate(told: Told) -> None:
    certificate, bundle = told["certificate"], Bundle.parse(told["bundle"])
    presented = bundle.certificate
    assert isinstance(presented, FullPresentation)
    assert certificate["number"] == presented.certificate.number
    assert re.fullmatch(r"VN\.MOIT-D-\d\d-\d{7}", certificate["number"])
    assert certificate["state"] == "final"

    assert presented.digest.hex() == certificate["digest"]
    assert verify_signature(bundle.signature.key, presented.digest, bundle.signature.value)

    head, checkpoint = bundle.log.checkpoint.checkpoint, certificate["checkpoint"]
    leaf = entry_leaf_hash(Kind.CERTIFICATE, presented.digest)
    root = root_from_inclusion_path(leaf, bundle.log.index, head.size, bundle.log.path)
    assert root == head.root
    assert (head.size, head.root.hex()) == (checkpoint["size"], checkpoint["root"])

    anchor, receipt = certificate["anchor"], bundle.anchor
    assert receipt is not None
    assert (anchor["size"], anchor["root"]) == (checkpoint["size"], checkpoint["root"])
    assert HASH.fullmatch(anchor["transaction"])
    assert receipt.transaction.hex() == anchor["transaction"]
    assert receipt.block_hash.hex() == anchor["block_hash"]
    assert receipt.block_number == anchor["block_number"] > 0
    assert 21_000 < anchor["gas_used"] <= 100_000
    assert INSTANT.fullmatch(anchor["anchored_at"])


def test_the_bundle_is_valid_by_fifteen_checks(told: Told) -> None:
    verified = told["verified"]
    assert verified["verdict"] == "VALID"
    assert [item["step"] for item in verified["checks"]] == list(range(1, 16))
    assert set(outcomes(verified).values()) == {"PASS"}
    assert verified["digest"] == told["certificate"]["digest"]


def test_duty_and_taxes_come_out_exactly(told: Told) -> None:
    declared = told["declaration"]
    assert declared["customs_value"] == "159000000"
    assert declared["customs_value_text"] == "Rp159,000,000"
    levies = {levy["levy"]: (levy["mfn"], levy["preferential"]) for levy in declared["levies"]}
    assert levies == {
        "BM": ("7950000", "0"),
        "PPN": ("18364500", "17490000"),
        "PPH": ("4173750", "3975000"),
    }
    assert (declared["saving"], declared["saving_text"]) == ("9023250", "Rp9,023,250")
    (claim,) = declared["claims"]
    assert (claim["outcome"], claim["reasons"]) == ("GRANT", [])


def test_both_ports_draw_and_see_what_is_left(told: Told) -> None:
    priok, perak = told["draws"]
    assert (priok["office_name"], priok["quantity_text"], priok["left_text"]) == (
        "KPU Tanjung Priok",
        "600 KGM",
        "400 KGM",
    )
    assert (perak["office_name"], perak["quantity_text"], perak["left_text"]) == (
        "Tanjung Perak",
        "400 KGM",
        "0 KGM",
    )
    assert all(0 < draw["gas_used"] <= 120_000 for draw in (priok, perak))
    assert perak["block_number"] > priok["block_number"] > 0


def test_the_contract_refuses_the_next_kilogram_and_says_what_is_left(told: Told) -> None:
    refused = told["overdrawn"]
    assert (refused["status"], refused["code"]) == (409, "overdrawn")
    assert refused["detail"] == "line 1: 1 KGM asked for, 0 KGM left"


def test_after_revocation_it_is_revoked_with_reason_and_time(told: Told) -> None:
    revocation, verified = told["revocation"], told["after revocation"]
    assert verified["verdict"] == "REVOKED"
    assert verified["status"]["state"] == "REVOKED"
    assert verified["status"]["reason_words"] == revocation["reason"] == "error: issued in error"
    assert INSTANT.fullmatch(verified["status"]["since"])
    assert verified["status"]["since"] == revocation["revoked_at"]
    assert {name for name, outcome in outcomes(verified).items() if outcome != "PASS"} == {"status"}
    assert check(verified, "status")["outcome"] == "FAIL"


def test_an_outage_is_unknown_for_just_the_checks_that_need_the_chain(told: Told) -> None:
    verified = told["during outage"]
    assert verified["verdict"] == "UNKNOWN"
    found = outcomes(verified)
    assert {name for name, outcome in found.items() if outcome == "UNKNOWN"} == NEEDS_THE_CHAIN
    assert {outcome for name, outcome in found.items() if name not in NEEDS_THE_CHAIN} == {"PASS"}
    assert "does not accept connections" in check(verified, "status")["reason"]
    assert "as_of" not in verified


def test_with_the_node_back_it_recovers_by_itself(told: Told) -> None:
    assert told["after outage"]["verdict"] == "REVOKED"
    assert outcomes(told["after outage"]) == outcomes(told["after revocation"])


def test_the_register_shows_what_the_story_came_to(served: Served, told: Told) -> None:
    number = told["certificate"]["number"]
    shown = served.get("exporter", f"/v1/certificates/{number}").json()
    assert [item["office"] for item in shown["drawdowns"]] == ["040300", "070100"]
    log = served.get("", "/v1/log/VN.MOIT").json()
    assert log["anchored"] >= told["certificate"]["anchor"]["size"]


def test_every_figure_stands_on_the_terminal_too(telling: tuple[Told, str]) -> None:
    told, shown = telling
    certificate = told["certificate"]
    for words in (
        "RVC: 241/415 = 58.07%",
        "refused officer-1 recommended this application; another officer must approve it",
        certificate["number"],
        certificate["digest"],
        certificate["anchor"]["root"],
        certificate["anchor"]["transaction"],
        f"{certificate['anchor']['gas_used']:,}",
        "verdict VALID",
        "customs value Rp159,000,000; saving Rp9,023,250",
        "KPU Tanjung Priok: drew 600 KGM, 400 KGM left",
        "Tanjung Perak: drew 400 KGM, 0 KGM left",
        "refused by the contract line 1: 1 KGM asked for, 0 KGM left",
        "verdict REVOKED",
        "verdict UNKNOWN",
        "node back: verify says REVOKED again, by itself",
    ):
        assert words in shown, words
    assert json.loads(told["bundle"])["format"] == "tulen/bundle/v1"
