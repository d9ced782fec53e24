"""The contracts that Hardhat tests and those that the package ships are the same bytes."""

import json
import os
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ("AuthorityRegistry", "CertificateLedger", "DrawdownLedger")


@pytest.fixture(scope="module")
def hardhat_artifacts() -> Path:
    """Hardhat's artifacts folder, built if it is missing or stale."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    node = shutil.which("node", path=path)
    assert node is not None
    build = subprocess.run(  # noqa: S603 - the project's own build tool
        [node, "node_modules/.bin/hardhat", "build", "--quiet"],
        check=False,
        cwd=ROOT,
        env=os.environ | {"PATH": path, "HARDHAT_DISABLE_TELEMETRY": "true"},
        capture_output=True,
        text=True,
    )
    assert build.returncode == 0, build.stdout + build.stderr
    return ROOT / "artifacts" / "contracts"


def shipped(contract: str) -> dict[str, Any]:
    text = resources.files("tulen.chain").joinpath("artifacts", f"{contract}.json").read_text()
    return json.loads(text)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_hardhat_and_py_solc_x_compile_to_the_same_bytecode(
    contract: str, hardhat_artifacts: Path
) -> None:
    path = hardhat_artifacts / f"{contract}.sol" / f"{contract}.json"
    built = json.loads(path.read_text())
    package = shipped(contract)
    assert package["bytecode"] == built["bytecode"]
    assert package["deployed_bytecode"] == built["deployedBytecode"]
    assert package["abi"] == built["abi"]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_deployed_contract_fits_the_limit_of_eip_170(contract: str) -> None:
    assert 0 < len(bytes.fromhex(shipped(contract)["deployed_bytecode"][2:])) <= 24_576


def test_nothing_but_the_deployed_contracts_is_shipped() -> None:
    folder = resources.files("tulen.chain").joinpath("artifacts")
    names = {entry.name for entry in folder.iterdir() if entry.name.endswith(".json")}
    assert names == {f"{contract}.json" for contract in CONTRACTS}
