"""`tulen present` and `tulen credential`: presented offline, exported, verified by anybody."""

import json
from pathlib import Path
from typing import Any

import pytest
from cli_home import Home

from tulen.certificate import Bundle


@pytest.fixture(scope="module")
def bundle(home: Home) -> Path:
    """The full bundle of a final certificate, as the exporter has it."""
    application = home.write_application()
    applied = home.tulen("apply", application, "--reference", "vc", "--json", who="exporter")
    identifier = applied.answer["id"]
    assert home.tulen("recommend", identifier, who="officer-1").code == 0
    assert home.tulen("approve", identifier, who="officer-2").code == 0
    number = home.tulen("issue", identifier, "--json", who="officer-1").answer["number"]
    assert home.tulen("worker", "--until-idle").code == 0
    file = home.folder / f"{number}.tulen.json"
    assert home.tulen("bundle", number, "--to", file, who="exporter").code == 0
    return file


def number_in(bundle: Path) -> str:
    return bundle.name.removesuffix(".tulen.json")


def test_the_holder_presents_offline_and_customs_finds_it_valid(home: Home, bundle: Path) -> None:
    shown = home.folder / "for-bank.tulen.json"
    home.chain.stop()
    try:
        said = home.tulen(
            "present", bundle, "--profile", "bank", "-o", shown, "--json", TULEN_DATABASE_URL="no"
        )
    finally:
        home.chain.start()
    assert (said.code, said.answer["profile"]) == (0, "bank"), said.err
    full, part = (Bundle.parse(file.read_bytes()) for file in (bundle, shown))
    assert part.certificate.digest == full.certificate.digest
    assert part.anchor == full.anchor
    assert len(part.certificate.claims) == said.answer["claims"] < len(full.certificate.claims)
    assert home.tulen("verify", shown).code == 0
    changed = shown.with_name("changed.json")
    changed.write_bytes(shown.read_bytes().replace(b'"value":"MV', b'"value":"MW', 1))
    assert changed.read_bytes() != shown.read_bytes()
    assert home.tulen("verify", changed).code == 1


def test_what_cannot_be_presented_is_told(home: Home, bundle: Path) -> None:
    said = home.tulen("present", bundle, "--profile", "king", "-o", "-")
    assert (said.code, said.out) == (2, "")
    assert "known are customs, bank" in said.err
    public = home.folder / "public.json"
    assert home.tulen("present", bundle, "--profile", "public", "-o", public).code == 0
    said = home.tulen("present", public, "--profile", "bank", "-o", "-")
    assert said.code == 2
    assert "redacted already" in said.err


def exported(home: Home, bundle: Path, *options: str) -> Path:
    """Export the certificate as a credential and return the file."""
    file = home.folder / f"credential{len(options)}"
    said = home.tulen(
        "credential", "export", number_in(bundle), *options, "-o", file, who="exporter"
    )
    assert said.code == 0, said.err
    return file


def outcomes(answer: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in answer["checks"]}


@pytest.mark.parametrize("options", [("--profile", "bank"), ("--jwt",)])
def test_a_credential_is_verified_without_the_office(
    home: Home, bundle: Path, options: tuple[str, ...]
) -> None:
    file = exported(home, bundle, *options)
    said = home.tulen("credential", "verify", file, "--json", TULEN_DATABASE_URL="no")
    # Nothing is fetched: the issuer's lists were not handed in.
    assert (said.code, said.answer["verdict"]) == (3, "UNKNOWN"), said.err
    answers = outcomes(said.answer)
    assert answers.pop("status") == "UNKNOWN"
    assert set(answers.values()) == {"PASS"}
    offline = home.tulen("credential", "verify", file, "--offline", "--json").answer
    assert outcomes(offline)["proof"] == "PASS"
    assert outcomes(offline)["issuer"] == "UNKNOWN"


def test_a_forged_credential_says_why(home: Home, bundle: Path) -> None:
    file = exported(home, bundle, "--profile", "public")
    document = json.loads(file.read_bytes())
    document["proof"]["cryptosuite"] = "eddsa-rdfc-2022"
    said = home.tulen("credential", "verify", home.write("forged.json", document))
    assert said.code == 1
    assert "wrong-cryptosuite" in said.out
    assert said.out.rstrip().endswith("INVALID")


def test_a_bomb_is_a_verdict(home: Home) -> None:
    bomb = home.folder / "bomb.json"
    bomb.write_bytes(b"[" * 200_000)
    said = home.tulen("credential", "verify", bomb, "--json")
    assert (said.code, said.answer["verdict"]) == (1, "INVALID")
    assert said.answer["checks"][0]["cause"] == "malformed"


def test_somebody_else_exports_nothing(home: Home, bundle: Path) -> None:
    said = home.tulen("credential", "export", number_in(bundle), who="importer")
    assert (said.code, said.out) == (1, "")
    assert "not-found" in said.err
