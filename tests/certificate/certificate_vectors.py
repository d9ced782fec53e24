"""Makes tests/vectors/certificate.json: ``python tests/certificate/certificate_vectors.py``."""

import copy
import json
from pathlib import Path
from typing import Any

from certificate_sample import KEY, SEED, document

from tulen.certificate import (
    Certificate,
    allowance_proof,
    declaration_reference,
    seal,
    signing_bytes,
)
from tulen.certificate.seal import Salts

FILE = Path(__file__).parent.parent / "vectors" / "certificate.json"

ABOUT = (
    "Test vectors of docs/specs/certificate.md. Bytes are lower-case hexadecimal.",
    "claims: the claims of document in leaf order, with salts and leaf hashes (sections 2 to 4).",
    "allowances: their leaves follow, in order; quantity_millionths is the integer that is packed.",
    "digest: RFC 9162 tree head over all leaf hashes. signature: of key over signed_bytes.",
    "allowance_proofs: inclusion proofs of the allowance leaves under digest (section 6).",
    "declarations: references of lines of import declarations (section 6).",
)


def example(*, small: bool = False) -> dict[str, Any]:
    """Return a document that names a rule set of no agreement, so that no pack can change it."""
    changed = document()
    for line in changed["lines"]:
        line["criterion"] = "40%"
        line["origin"].update(
            rule_set="EXAMPLE/2026-01", rule_set_digest="11" * 32, verdict_digest="22" * 32
        )
    if small:
        del changed["ticks"]
        changed["lines"] = changed["lines"][:1]
        line = changed["lines"][0]
        del line["fob"]
        line["origin"]["inputs"]["materials"] = line["origin"]["inputs"]["materials"][:1]
    return changed


def bare() -> dict[str, Any]:
    """Return a document with no member that may be absent."""
    changed = example(small=True)
    del changed["lines"][0]["origin"]["inputs"]
    changed["lines"][0]["quantity"] = "0.000001"
    changed["lines"][0]["unit"] = "H87"
    return changed


def whole() -> dict[str, Any]:
    """Return a document with every member that may be absent."""
    changed = example(small=True)
    maker = {"name": "Xưởng Bánh Hoa Sen", "address": "5 Lê Lợi, Đà Lạt", "country": "VN"}
    prior = {"reference": "TH/2025/0041187", "issued_on": "2025-12-01", "country": "TH"}
    changed |= {
        "ticks": ["back-to-back", "exhibition", "third-country-invoicing"],
        "producer": maker,
        "invoicing_party": {"name": "Lion City Trading Pte Ltd", "country": "SG"},
        "exhibition": {**maker, "country": "ID"},
        "originals": [
            prior,
            {
                **prior,
                "country": "SG",
                "valid_until": "2026-12-01",
                "authority": "SG.CUSTOMS",
                "digest": "ab" * 32,
            },
        ],
        "replaces": {**prior, "country": "VN"},
        "declaration": {
            "signatory": "Trần Thị Mai",
            "place": "Đà Lạt",
            "declared_on": "2026-01-14",
        },
        "remarks": "Transhipped at Singapore",
        "place_of_issue": "Thành phố Hồ Chí Minh",
    }
    changed["lines"][0] |= {
        "fob": {"amount": "10000", "currency": "USD"},
        "manufacturer": maker["name"],
        "trade_mark": "HOA SEN",
        "country_of_origin": "VN",
    }
    return changed


def _case(name: str, certificate: dict[str, Any], seed: bytes) -> dict[str, Any]:
    model = Certificate.from_document(certificate)
    sealed, salts = seal(model, seed), Salts(seed)
    claims = zip(sealed.claims, sealed.leaf_hashes, strict=False)
    return {
        "name": name,
        "document": copy.deepcopy(certificate),
        "seed": seed.hex(),
        "claims": [
            {
                "pointer": pointer,
                "value": value,
                "salt": salts.of(pointer).hex(),
                "leaf_hash": leaf_hash.hex(),
            }
            for (pointer, value), leaf_hash in claims
        ],
        "allowances": [
            {
                "line": allowance.line,
                "unit": allowance.quantity.unit,
                "quantity_millionths": str(allowance.quantity.micro),
                "importing_country": allowance.importing_country,
                "salt": allowance.salt.hex(),
                "leaf_hash": allowance.leaf_hash.hex(),
            }
            for allowance in sealed.allowances
        ],
        "digest": sealed.digest.hex(),
        "signed_bytes": signing_bytes(sealed.digest).hex(),
        "signature": KEY.sign(signing_bytes(sealed.digest)).signature.hex(),
        "allowance_proofs": [
            {
                "line": line,
                "leaf_index": found.leaf_index,
                "leaf_count": found.leaf_count,
                "path": [node.hex() for node in found.path],
            }
            for line in range(1, len(model.lines) + 1)
            for found in [allowance_proof(model, seed, line)]
        ],
    }


def vectors() -> dict[str, Any]:
    """Return the content of the file."""
    salt = bytes(range(16))
    return {
        "about": ABOUT,
        "key": {"private": bytes(KEY).hex(), "public": bytes(KEY.verify_key).hex()},
        "cases": [
            _case("two lines, ticks, names beyond ASCII", example(), SEED),
            _case("one line without what may be absent", bare(), bytes(32)),
            _case("one line with everything that may be absent", whole(), SEED),
        ],
        "declarations": [
            {
                "salt": salt.hex(),
                "number": number,
                "line": line,
                "reference": declaration_reference(salt, number, line).hex(),
            }
            for number, line in (("000020-001234-20260201-000001", 1), ('PIB ü/"\\', 2))
        ],
    }


def text(content: dict[str, Any]) -> str:
    """Return ``content`` as the file holds it."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(vectors()), "utf-8")
