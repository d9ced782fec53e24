"""The same answers over HTTP and on the command line."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from attested import DOMAIN, ETHEREUM, STORE, STORE_RECORD, Ethereum, document

from anvil_fixtures import rpc
from office_fixtures import SetUp, serving
from tulen.api.examples import example
from tulen.server import create_app

PATH = "/v1/verify/open-attestation"
COMMAND = "from tulen.cli import main; main()"


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("records") / "records.json"
    file.write_text(json.dumps({DOMAIN: [STORE_RECORD]}))
    return file


@pytest.fixture(scope="module")
def http(set_up_office: SetUp, mainnet: str, records: Path) -> Iterator[httpx.Client]:
    """A service that looks up Singapore's documents."""
    more = {
        "oa_rpc_urls": (mainnet,),
        "oa_dns_file": records,
        "oa_issuers": frozenset({DOMAIN}),
        "chain_max_head_age_seconds": 0,
    }
    app = create_app(set_up_office.settings.model_copy(update=more), with_worker=False)
    with serving(app) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.fixture
def issued(ethereum: Ethereum) -> Ethereum:
    anyio.run(ethereum.issue, document("store")["signature"]["merkleRoot"])
    return ethereum


def posted(http: httpx.Client, body: object) -> dict[str, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = http.post(PATH, content=raw)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_anyone_may_verify_a_document_over_http(http: httpx.Client, issued: Ethereum) -> None:
    answer = posted(http, document("store"))
    assert answer["verdict"] == "VALID"
    assert [check["step"] for check in answer["checks"]] == list(range(1, 8))
    assert answer["issuers"] == [DOMAIN]
    assert answer["as_of"]["chain_id"] == ETHEREUM
    anyio.run(issued.revoke, document("store")["signature"]["targetHash"])
    assert posted(http, document("store"))["verdict"] == "REVOKED"


@pytest.mark.parametrize(
    "body",
    [b"", b"%PDF-1.7", b"[" * 200_000, b'"' + b"x" * (1 << 20) + b'"', example("bundle"), {}, []],
    ids=["empty", "pdf", "nested", "mebibyte", "bundle", "object", "array"],
)
def test_what_is_no_document_is_invalid_and_not_an_error(http: httpx.Client, body: object) -> None:
    answer = posted(http, body)
    assert (answer["verdict"], len(answer["checks"])) == ("INVALID", 1)
    assert answer["checks"][0]["advice"]


def test_a_body_above_the_limit_is_refused(http: httpx.Client) -> None:
    assert http.post(PATH, content=b" " * ((2 << 20) + 1)).status_code == 413


def test_the_example_is_the_peers_document() -> None:
    assert example("attestation") == document("store")


def tulen(file: Path, *options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-c", COMMAND, "verify", file, *options],
        env={**os.environ, **settings},
        cwd=file.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_command_line_recognises_a_document(
    issued: Ethereum, records: Path, tmp_path: Path
) -> None:
    file = tmp_path / "certificate.tt"
    file.write_text(json.dumps(document("store"), indent=1))
    settings = {
        "TULEN_OA_RPC_URLS": issued.url,
        "TULEN_OA_DNS_FILE": str(records),
        "TULEN_OA_ISSUERS": f"customs.example.my, {DOMAIN.upper()}",
        "TULEN_CHAIN_MAX_HEAD_AGE_SECONDS": "0",
    }
    said = tulen(file, **settings)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.rstrip().endswith("VALID")
    assert STORE in said.stdout
    said = tulen(file, "--json", "--offline", **settings)
    answer = json.loads(said.stdout)
    assert (said.returncode, answer["verdict"]) == (3, "UNKNOWN")
    assert [check["name"] for check in answer["checks"] if check["outcome"] == "UNKNOWN"] == [
        "issued",
        "status",
    ]
    anyio.run(issued.revoke, document("store")["signature"]["merkleRoot"])
    assert tulen(file, **settings).returncode == 4
    file.write_text(json.dumps(document("store")).replace("190531", "190532"))
    assert tulen(file, **settings).returncode == 1
    refused = tulen(file, **settings | {"TULEN_OA_DNS_FILE": "nowhere.json"})
    assert (refused.returncode, "TULEN_OA_DNS_FILE" in refused.stderr) == (2, True)


def test_large_attachments_are_verified_and_not_repeated(
    http: httpx.Client, ethereum: Ethereum
) -> None:
    assert rpc(ethereum.url, "eth_chainId") == "0x1"
    salt = "b366393c-8531-4e34-be54-91e0d3e9de04"
    scan = f"{salt}:string:{'A' * 1_500_000}"
    changed = document("store")
    changed["data"]["attachments"] = [{"filename": f"{salt}:string:a.pdf", "data": scan}]
    answer = posted(http, changed)
    assert answer["verdict"] == "INVALID"
    assert "/attachments/0/filename" in answer["document"]
    assert "/attachments/0/data" not in answer["document"]
