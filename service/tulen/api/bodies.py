"""What a request's body holds, as OpenAPI describes it, and an example of each."""

from typing import Any

from tulen.api.examples import example
from tulen.api.schemas import (
    ABOVE_ZERO,
    AGREEMENT,
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
    SHORTEST,
    UNIT,
    Schema,
    integer,
    line,
    record,
    several,
    text,
)
from tulen.certificate.particulars import MAX_ORIGINALS
from tulen.origin import LotMethod, Role
from tulen.origin.circumstances import FACTS, MAX_PROCESSES, MAX_SET_ITEMS, SetRule
from tulen.origin.hs import EDITIONS
from tulen.origin.materials import MAX_WORDS
from tulen.workflows.revoke import REASONS
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
_PRIOR = record(
    {"reference": line(64), "issued_on": DATE, "country": COUNTRY},
    {"valid_until": DATE, "authority": PARTY, "digest": HASH},
)
_MORE_OF_CONSIGNMENT: Schema = {
    "ticks": _TICKS,
    "producer": _TRADER,
    "invoicing_party": record({"name": line(), "country": COUNTRY}),
    "exhibition": _TRADER,
    "originals": several(_PRIOR, MAX_ORIGINALS),
    "replaces": _PRIOR,
    "declaration": record({"signatory": line(), "place": line(), "declared_on": DATE}),
    "remarks": line(),
}
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
_MORE_OF_GOODS: Schema = {
    "fob": MONEY,
    "manufacturer": line(),
    "trade_mark": line(),
    "country_of_origin": COUNTRY,
}
_YES_OR_NO: Schema = {"type": "boolean"}
_SHARE = text(r"^(100|[1-9]?[0-9](\.[0-9]?[1-9])?)%$", description="Such as 7.5%.")
_WORDS = several(line(), MAX_WORDS) | {"uniqueItems": True}
_MATERIAL = record(
    {"description": line(), "originating": _YES_OR_NO},
    {
        "value": SHORTEST | {"description": "Absent: unknown, which is never taken as zero."},
        "hs_code": HS_CODE,
        "country": COUNTRY,
        "evidence": line(),
        "weight": SHORTEST | {"description": "Net, in kilograms."},
        "role": {"enum": [role.value for role in Role]},
        "separately_invoiced": _YES_OR_NO,
        "customary": _YES_OR_NO,
        "partial_content": _SHARE,
        "non_originating_content": SHORTEST,
        "deductions": {
            "type": "object",
            "description": "Costs within its value, by name.",
            "additionalProperties": SHORTEST,
            "propertyNames": line(),
            "minProperties": 1,
        },
        "lot": line(),
        "lot_method": {
            "enum": [method.value for method in LotMethod],
            "description": "How the lot is accounted for; only with lot.",
        },
        "lists": _WORDS,
        "kinds": _WORDS,
        "under": AGREEMENT
        | {"description": "The agreement under which it originates, where that is another one."},
    },
)
_PRODUCTION = record(
    {},
    {
        "processes": several(record({"code": line()}, {"country": COUNTRY}), MAX_PROCESSES),
        "operations": _WORDS,
        "only_minimal": _YES_OR_NO,
        "embroidered_area": _SHARE,
        "last_process": COUNTRY,
        "attestations": several(record({"text": line(), "holds": _YES_OR_NO}), MAX_PROCESSES),
    },
) | {"minProperties": 1}
_SET_ITEM = record({"description": line()}, {"originating": _YES_OR_NO, "value": SHORTEST})
_GOOD: Schema = {
    "exporting_country": COUNTRY,
    "importing_country": COUNTRY,
    "hs_code": HS_CODE,
    "description": line(),
    "method": {"enum": ["build-down", "build-up"]},
}
_MORE_OF_GOOD: Schema = {
    "fob": record({"amount": ABOVE_ZERO, "currency": CURRENCY}),
    "materials": several(_MATERIAL, 500),
    "costs": record({}, dict.fromkeys(("labour", "overhead", "other", "profit"), SHORTEST))
    | {"minProperties": 1},
    "wholly_obtained": line(64),
    "prices": record(
        {"currency": CURRENCY},
        dict.fromkeys(("ex_works", "adjusted", "transaction", "net_cost", "cif"), ABOVE_ZERO)
        | dict.fromkeys(("freight", "insurance"), SHORTEST),
    )
    | {"minProperties": 2},
    "weights": record({}, dict.fromkeys(("net", "textile", "determining_component"), ABOVE_ZERO))
    | {"minProperties": 1, "description": "In kilograms."},
    "production": _PRODUCTION,
    "facts": record({}, dict.fromkeys(FACTS, COUNTRY))
    | {"minProperties": 1, "description": "Where each thing was done to a good wholly obtained."},
    "set_items": several(_SET_ITEM, MAX_SET_ITEMS),
    "set_by": {
        "enum": [rule.value for rule in SetRule],
        "description": "General rule by which they are classified as a set; only with set_items.",
    },
    "hs_edition": {
        "enum": list(EDITIONS),
        "description": "HS edition of every code, where it is not that of the agreement's rules.",
    },
}
_INPUTS = record({"agreement": AGREEMENT, **_GOOD}, _MORE_OF_GOOD)
_ANY_AGREEMENT = AGREEMENT | {"description": "Plays no part: every agreement is compared."}
_COMPARED = record(_GOOD, {"agreement": _ANY_AGREEMENT, **_MORE_OF_GOOD})
_APPLICATION = record(
    {
        "format": {"const": "tulen/application/v1"},
        "issuing_authority": PARTY,
        **_CONSIGNMENT,
        "lines": several(record({**_GOODS, "inputs": _INPUTS}, _MORE_OF_GOODS), 50),
    },
    _MORE_OF_CONSIGNMENT,
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


def _question() -> dict[str, Any]:
    """Return the example of a question about origin: the good that is applied for."""
    return {"inputs": example("application")["lines"][0]["inputs"], "on": "2026-11-25"}


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
    "assessment": (record({"inputs": _INPUTS}, {"on": DATE}), _question()),
    "comparison": (record({"inputs": _COMPARED}, {"on": DATE}), _question()),
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
    "revocation": (
        record(
            {
                "certificate": text(r"^[A-Z0-9]([A-Z0-9.-]{0,38}[A-Z0-9])?$"),
                "reason": {"enum": list(REASONS)},
                "note": line(),
            }
        ),
        {
            "certificate": "VN.MOIT-D-26-0000001",
            "reason": "error",
            "note": "Weights were mis-stated",
        },
    ),
}
"""By name: schema and example of each body."""
