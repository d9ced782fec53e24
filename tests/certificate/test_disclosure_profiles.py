"""Disclosure profiles: each reader sees his fields under the same anchor, and no others."""

import json
from importlib import resources
from typing import Any

import pytest
from certificate_sample import (
    BUNDLE,
    DIGEST,
    ON,
    POLICY,
    SEED,
    document,
    facts_for,
    issued,
)
from credential_sample import CREATED, METHOD, sign

from tulen.certificate import Bundle, FullPresentation
from tulen.certificate.credential import credential_document, parse_credential, with_proof
from tulen.certificate.profiles import (
    Profile,
    present,
    profile_named,
    read_profiles,
    shipped_profiles,
)
from tulen.certificate.seal import Salts
from tulen.errors import InvalidInputError
from tulen.values import canonical_bytes
from tulen.verify import Verdict, verify

FILE = resources.files("tulen.certificate").joinpath("profiles.toml").read_bytes()
FULL = BUNDLE.certificate
assert isinstance(FULL, FullPresentation)
CLAIMS = FULL.claims
PARTIAL = [name for name, profile in shipped_profiles().items() if not profile.everything]
WITH_FOB = [{**line, "fob": {"amount": "10000", "currency": "USD"}} for line in document()["lines"]]


def shown_to(name: str, bundle: Bundle = BUNDLE) -> Bundle:
    return present(bundle, profile_named(name))


def test_customs_sees_the_full_bundle_as_it_is() -> None:
    assert shown_to("customs") is BUNDLE


@pytest.mark.parametrize("name", shipped_profiles())
def test_a_presentation_verifies_under_the_same_digest_and_anchor(name: str) -> None:
    shown = Bundle.parse(shown_to(name).to_bytes())
    assert (shown.signature, shown.log, shown.anchor) == (
        BUNDLE.signature,
        BUNDLE.log,
        BUNDLE.anchor,
    )
    assert shown.certificate.digest == DIGEST
    assert verify(shown, POLICY, facts_for(shown), ON).verdict is Verdict.VALID


@pytest.mark.parametrize("name", PARTIAL)
def test_no_value_and_no_salt_of_what_is_kept_back_is_in_the_file(name: str) -> None:
    shown = shown_to(name)
    data, salts = shown.to_bytes().decode(), Salts(SEED)
    assert SEED.hex() not in data
    disclosed = shown.certificate.claims
    said = {str(value) for value in disclosed.values()}
    kept = CLAIMS.keys() - disclosed.keys()
    assert kept
    for pointer in kept:
        value = CLAIMS[pointer]
        assert f'"{pointer}"' not in data
        assert salts.of(pointer).hex() not in data
        if isinstance(value, str) and value not in said:
            assert json.dumps(value, ensure_ascii=False) not in data, pointer
    if not shown_to(name).to_document()["certificate"]["allowances"]:
        assert not any(salts.of(f"allowance/{line}").hex() in data for line in (1, 2))


FORBIDDEN = {
    "bank": ("/approval", "/lines/0/origin", "/lines/0/criterion"),
    "buyer": ("/approval", "/lines/0/origin/inputs", "/lines/0/fob"),
    "carrier": (
        "/approval",
        "/invoices",
        "/lines/0/fob",
        "/lines/0/quantity",
        "/lines/0/origin",
        "/lines/0/criterion",
    ),
    "public": ("/approval", "/exporter", "/consignee", "/transport", "/invoices", "/lines"),
}
NEEDED = {
    "bank": ("/invoices/0/number", "/lines/1/fob/amount", "/exporter/name"),
    "buyer": ("/lines/1/criterion", "/lines/1/quantity", "/ticks/0"),
    "carrier": ("/lines/1/marks", "/transport/means", "/consignee/address"),
    "public": ("/number", "/valid_until", "/issuing_authority/code", "/importing_country"),
}


@pytest.mark.parametrize("name", PARTIAL)
def test_each_reader_is_shown_what_it_needs_and_not_what_it_must_not_see(name: str) -> None:
    disclosed = shown_to(name, issued({"lines": WITH_FOB})).certificate.claims
    for pointer in FORBIDDEN[name]:
        assert not any(claim.startswith((pointer, f"{pointer}/")) for claim in disclosed)
    assert set(NEEDED[name]) <= disclosed.keys()


def test_only_the_buyer_is_shown_allowances() -> None:
    shown = {name: shown_to(name).to_document()["certificate"]["allowances"] for name in PARTIAL}
    assert {name: len(found) for name, found in shown.items()} == {
        "bank": 0,
        "buyer": 2,
        "carrier": 0,
        "public": 0,
    }


def test_every_claim_of_a_profile_names_something_in_a_certificate() -> None:
    whole = issued({"lines": WITH_FOB}).certificate.claims
    for profile in shipped_profiles().values():
        for claim in profile.claims:
            alone = Profile("x", "", "", False, (claim,), False)
            assert alone.pointers_in(whole), (profile.name, claim)


def test_a_claim_stands_for_all_below_it_and_for_no_namesake() -> None:
    shown = Profile("x", "", "", False, ("/form", "/lines/*/line", "/exporter"), False)
    names = ["/exporter/name", "/exporters", "/form", "/format", "/lines/0/line", "/lines/0/lines"]
    names += ["/lines/x/line", "/lines/10/line", "/x/form"]
    pointers = shown.pointers_in(dict.fromkeys(names))
    assert pointers == ["/exporter/name", "/form", "/lines/0/line", "/lines/10/line"]


def changed(name: str, number: int, **members: object) -> dict[str, Any]:
    """Return a presentation with one of its claims changed."""
    shown = shown_to(name).to_document()
    shown["certificate"]["claims"][number] |= members
    return shown


@pytest.mark.parametrize("name", PARTIAL)
def test_any_field_changed_is_refused(name: str) -> None:
    for number, claim in enumerate(shown_to(name).to_document()["certificate"]["claims"]):
        value = claim["value"]
        lie = value + 1 if isinstance(value, int) else f"{value}0"
        data = json.dumps(changed(name, number, value=lie)).encode()
        verification = verify(data, POLICY, facts_for(BUNDLE), ON)
        assert verification.verdict is Verdict.INVALID, claim["pointer"]


@pytest.mark.parametrize("name", PARTIAL)
def test_a_field_added_is_refused(name: str) -> None:
    """It has another claim's place and proof: the roots differ, or the order does."""
    first = shown_to(name).to_document()["certificate"]["claims"][0]
    claims = shown_to(name).to_document()["certificate"]["claims"]
    for place in range(len(claims) + 1):
        shown = shown_to(name).to_document()
        forged = {**first, "pointer": "/zzz", "value": "1", "salt": "00" * 16}
        shown["certificate"]["claims"].insert(place, forged)
        data = json.dumps(shown).encode()
        verification = verify(data, POLICY, facts_for(BUNDLE), ON)
        assert verification.verdict is Verdict.INVALID


def test_a_field_taken_away_leaves_a_presentation_of_less() -> None:
    shown = shown_to("bank").to_document()
    del shown["certificate"]["claims"][3]
    less = Bundle.parse(json.dumps(shown).encode())
    assert less.certificate.digest == DIGEST


@pytest.mark.parametrize("name", shipped_profiles())
def test_fifty_lines_fit_into_a_bundle_and_a_credential(name: str) -> None:
    lines = [{**WITH_FOB[0], "line": number} for number in range(1, 51)]
    shown = shown_to(name, issued({"lines": lines}))
    assert Bundle.parse(shown.to_bytes()) == shown
    made = credential_document(shown, name, name="x", public_url="https://tulen.example")
    secured = with_proof(made, method=METHOD, created=CREATED, sign=sign)
    assert parse_credential(canonical_bytes(secured)).document == made


def test_only_a_full_bundle_can_be_presented_from() -> None:
    with pytest.raises(InvalidInputError, match="redacted already"):
        shown_to("public", shown_to("bank"))


def test_a_profile_that_is_none_is_refused_with_those_that_are() -> None:
    with pytest.raises(InvalidInputError, match="customs, bank, buyer, carrier, public"):
        profile_named("king")


LIES = {
    "no-toml": (b"[", "profiles.toml"),
    "other-format": (FILE.replace(b"profiles/v1", b"profiles/v2"), "/format"),
    "unknown-group": (
        FILE.replace(b'groups = ["status"]', b'groups = ["stat"]'),
        "/profiles/public/groups/0",
    ),
    "no-reason": (FILE.replace(b'reason = "Which invoices', b'why = "Which invoices'), "/groups"),
    "no-pointer": (FILE.replace(b'["/transport"]', b'["transport"]'), "/groups/transport/claims/0"),
    "everything-and-groups": (
        FILE.replace(b"everything = true", b'everything = true\ngroups = ["status"]'),
        "/profiles/customs/groups",
    ),
    "nothing": (FILE.replace(b'groups = ["status"]', b"groups = []"), "/profiles/public/groups"),
}


@pytest.mark.parametrize(("data", "field"), LIES.values(), ids=LIES.keys())
def test_a_malformed_file_is_told_by_its_field(data: bytes, field: str) -> None:
    assert data != FILE
    with pytest.raises(InvalidInputError) as refused:
        read_profiles(data, "profiles.toml")
    assert refused.value.field.startswith("profiles.toml")
    assert field in refused.value.field
