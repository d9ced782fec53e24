"""What a request's body holds, as OpenAPI describes it, and an example of each."""

from typing import Any

from tulen.api.examples import example
from tulen.api.origin_bodies import ASSESSMENT, COMPARISON, INPUTS, question_example
from tulen.api.schemas import (
    ABOVE_ZERO,
    AGREEMENT,
    CERTIFICATE_NUMBER,
    COUNTRY,
    CURRENCY,
    DATE,
    DECIMAL,
    DECLARATION_NUMBER,
    FORM,
    HASH,
    HS_CODE,
    IDENTIFIER,
    INSTANT,
    MONEY,
    PARTY,
    UNIT,
    Schema,
    integer,
    line,
    record,
    several,
    text,
)
from tulen.workflows.revoke import REASONS, UNUSED_REASONS
from tulen.workflows.supplement import MAX_REMARKS
from tulen.workflows.webhooks import PARTY_TYPES

_TRADER = record({"name": line(), "address": line(), "country": COUNTRY})
_TRANSPORT = record(
    {
        "departure_on": DATE,
        "means": line(),
        "port_of_loading": line(),
        "port_of_discharge": line(),
    }
)
_INVOICES = several(record({"number": line(), "issued_on": DATE}), 50)
_TICKS = several(
    {
        "enum": [
            "accumulation",
            "back-to-back",
            "de-minimis",
            "exhibition",
            "issued-retrospectively",
            "partial-cumulation",
            "third-country-invoicing",
        ]
    },
    7,
) | {"uniqueItems": True, "description": "Distinct, in alphabetical order."}
_CONSIGNMENT: Schema = {
    "agreement": AGREEMENT,
    "form": FORM,
    "exporter": _TRADER,
    "consignee": _TRADER,
    "exporting_country": COUNTRY,
    "importing_country": COUNTRY,
    "transport": _TRANSPORT,
    "invoices": _INVOICES,
}
_GOODS: Schema = {
    "line": integer(1, 50),
    "marks": line(),
    "packages": line(),
    "description": line(),
    "hs_code": HS_CODE,
    "quantity": ABOVE_ZERO,
    "unit": UNIT,
}
_APPLICATION = record(
    {
        "format": {"const": "tulen/application/v1"},
        "issuing_authority": PARTY,
        **_CONSIGNMENT,
        "lines": several(record({**_GOODS, "inputs": INPUTS}, {"fob": MONEY}), 50),
    },
    {"ticks": _TICKS},
)

_PATH = several(HASH, 64, 0)
_SALT = text("^[0-9a-f]{32}$")
_CERTIFICATE = {
    "type": "object",
    "description": "The certificate, tulen/certificate/v1 (docs/specs/certificate.md).",
    "properties": {"format": {"const": "tulen/certificate/v1"}},
    "required": ["format"],
}
_FULL = record({"document": _CERTIFICATE, "seed": HASH})
_REDACTED = record(
    {
        "leaves": integer(1),
        "claims": several(
            record(
                {
                    "index": integer(),
                    "pointer": {"type": "string"},
                    "value": {"type": ["string", "boolean", "integer"]},
                    "salt": _SALT,
                    "path": _PATH,
                }
            ),
            least=0,
        ),
        "allowances": several(
            record(
                {
                    "index": integer(),
                    "line": integer(1, 50),
                    "unit": UNIT,
                    "quantity": ABOVE_ZERO,
                    "importing_country": COUNTRY,
                    "salt": _SALT,
                    "path": _PATH,
                }
            ),
            50,
            0,
        ),
    }
)
BUNDLE = record(
    {
        "format": {"const": "tulen/bundle/v1"},
        "certificate": {"oneOf": [_FULL, _REDACTED]},
        "signature": record({"key": HASH, "value": text("^[0-9a-f]{128}$")}),
        "log": record(
            {
                "index": integer(),
                "checkpoint": {
                    "type": "string",
                    "description": "Signed checkpoint (docs/specs/log.md).",
                },
                "path": _PATH,
            }
        ),
    },
    {
        "anchor": record(
            {
                "chain_id": integer(1),
                "ledger": text("^0x[0-9a-f]{40}$"),
                "transaction": HASH,
                "block_number": integer(),
                "block_hash": HASH,
                "anchored_at": INSTANT,
            }
        )
    },
) | {"description": "A bundle file as it is, byte for byte (docs/specs/bundle.md)."}

_BATCH_PROOF = record(
    {
        "type": {"const": "SHA3MerkleProof"},
        "targetHash": HASH,
        "proof": several(HASH, 32, 0),
        "merkleRoot": HASH,
    }
)
_ATTESTATION = record(
    {
        "version": {"const": "https://schema.openattestation.com/2.0/schema.json"},
        "data": {"type": "object", "description": "Salted values, `<UUID>:<type>:<value>`."},
        "signature": _BATCH_PROOF,
    },
    {
        "schema": {"type": "string"},
        "privacy": record({}, {"obfuscatedData": several(HASH, least=0)}),
        "proof": several(
            record(
                {
                    "type": {"const": "OpenAttestationSignature2018"},
                    "created": {"type": "string"},
                    "proofPurpose": {"const": "assertionMethod"},
                    "verificationMethod": {"type": "string"},
                    "signature": {"type": "string"},
                }
            ),
            8,
            0,
        ),
    },
) | {"description": "An OpenAttestation 2.0 document (docs/specs/open-attestation.md)."}

_CLAIM = record(
    {
        "agreement": AGREEMENT,
        "facility": text("^[0-9]{2}$"),
        "certificate": line(64),
        "certificate_line": integer(1, 9999),
    }
)
_DECLARATION_LINE = record(
    {
        "line": integer(1, 9999),
        "hs_code": text("^(0[1-9]|[1-9][0-9])[0-9]{6}$"),
        "country_of_origin": COUNTRY,
        "description": line(),
        "quantity": record({"amount": DECIMAL, "unit": UNIT}),
        "cost": DECIMAL,
        "insurance": DECIMAL,
        "freight": DECIMAL,
    },
    {"claim": _CLAIM},
)
_DECLARATION = record(
    {
        "format": {"const": "tulen/declaration/v1"},
        "number": DECLARATION_NUMBER,
        "declared_on": DATE,
        "arrival_on": DATE,
        "office": text("^[0-9]{6}$"),
        "importer": record({"party": PARTY, "has_api": {"type": "boolean"}}),
        "exchange": record({"currency": CURRENCY, "rate": DECIMAL, "per": integer(1)}),
        "lines": several(_DECLARATION_LINE, 500),
    }
)
_NOTE = record({}, {"note": line()})
_REASON = record({"reason": line()})
_STATUS_CHANGE = record({"certificate": CERTIFICATE_NUMBER, "note": line()})
_CREDENTIAL: Schema = {
    "type": ["object", "string"],
    "description": "A credential with its proof inside, or the text of a JWT.",
}


BODIES: dict[str, tuple[Schema, Any]] = {
    "application": (_APPLICATION, example("application")),
    "supplementing": (
        record(
            {"remarks": several(record({"field": line(), "text": line()}), MAX_REMARKS)},
        ),
        {"remarks": [{"field": "/lines/0/hs_code", "text": "Differs from the invoice"}]},
    ),
    "rejection": (_REASON, {"reason": "The cost statement does not support the criterion"}),
    "return": (_REASON, {"reason": "Box 7 names goods that the invoice does not"}),
    "withdrawal": (_REASON, {"reason": "The shipment is cancelled"}),
    "recommendation": (_NOTE, {"note": "Cost statement checked against the invoices"}),
    "approval": (_NOTE, {}),
    "issue": (
        record({"application": {"type": "string", "format": "uuid"}}),
        {"application": "0b5f3f5e-7c0a-5b8e-9b1e-2f6f4f6a8d10"},
    ),
    "bundle": (BUNDLE, example("bundle")),
    "credential": (
        record({"credential": _CREDENTIAL}, {"status_lists": several(_CREDENTIAL, 16, 0)}),
        {"credential": example("credential"), "status_lists": []},
    ),
    "attestation": (_ATTESTATION, example("attestation")),
    "declaration": (
        record({"declaration": _DECLARATION}, {"proofs": several(BUNDLE, 50, 0)}),
        {"declaration": example("declaration-priok"), "proofs": [example("bundle")]},
    ),
    "drawdown": (
        record(
            {
                "declaration": line(64),
                "line": integer(1, 9999),
                "quantity": DECIMAL,
                "unit": UNIT,
            }
        ),
        {
            "declaration": "040320TULEND20261125000001",
            "line": 1,
            "quantity": "600",
            "unit": "KGM",
        },
    ),
    "assessment": (ASSESSMENT, question_example()),
    "comparison": (COMPARISON, question_example()),
    "webhook": (
        record(
            {
                "url": text(
                    "^https?://[^ ]+$",
                    maxLength=2048,
                    description="Where to: https, to a public address.",
                ),
                "types": several({"enum": PARTY_TYPES}, len(PARTY_TYPES)) | {"uniqueItems": True},
            }
        ),
        {
            "url": "https://hooks.example.org/tulen",
            "types": ["certificate.final", "certificate.late", "certificate.revoked"],
        },
    ),
    "replay": (
        {
            "oneOf": [
                record({"delivery": IDENTIFIER}),
                record({"since": INSTANT}),
                record({"after": IDENTIFIER}),
            ]
        },
        {"since": "2026-11-25T08:30:00Z"},
    ),
    "rotation": (record({}), {}),
    "cancellation": (
        record(
            {
                "certificate": CERTIFICATE_NUMBER,
                "reason": {"enum": list(UNUSED_REASONS)},
                "note": line(),
            }
        ),
        {
            "certificate": "VN.MOIT-D-26-0417118",
            "reason": "not-exported",
            "note": "The vessel left without the goods",
        },
    ),
    "suspension": (
        _STATUS_CHANGE,
        {"certificate": "VN.MOIT-D-26-0417118", "note": "Retroactive check 118 of ID.DJBC"},
    ),
    "resumption": (
        _STATUS_CHANGE,
        {"certificate": "VN.MOIT-D-26-0417118", "note": "Answered: the cost statement holds"},
    ),
    "revocation": (
        record(
            {
                "certificate": CERTIFICATE_NUMBER,
                "reason": {"enum": list(REASONS)},
                "note": line(),
            }
        ),
        {
            "certificate": "VN.MOIT-D-26-0417118",
            "reason": "error",
            "note": "Weights were mis-stated",
        },
    ),
}
"""By name: schema and example of each body."""
