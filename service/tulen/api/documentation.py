"""What OpenAPI says of bodies, answers and problems. The core reads bodies; this describes them."""

from typing import Any

from tulen.api.examples import example
from tulen.api.problems import MEDIA_TYPE

Schema = dict[str, Any]

_DECIMAL: Schema = {
    "type": "string",
    "pattern": r"^(0|[1-9][0-9]{0,17})(\.[0-9]{1,6})?$",
    "description": "Exact decimal, as a string.",
}
_DATE: Schema = {"type": "string", "format": "date"}
_COUNTRY: Schema = {"type": "string", "pattern": "^[A-Z]{2}$"}
_LINE_OF_TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 512}
_HS: Schema = {"type": "string", "pattern": "^[0-9]{4}([0-9]{2}){0,3}$"}
_HASH: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_INTEGER: Schema = {"type": "integer", "minimum": 1}


def _object(required: Schema, optional: Schema | None = None) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": required | (optional or {}),
    }


def _list(items: Schema, most: int) -> Schema:
    return {"type": "array", "items": items, "minItems": 1, "maxItems": most}


_MONEY = _object({"amount": _DECIMAL, "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}})
_TRADER = _object({"name": _LINE_OF_TEXT, "address": _LINE_OF_TEXT, "country": _COUNTRY})
_INPUTS = _object(
    {
        "agreement": _LINE_OF_TEXT,
        "exporting_country": _COUNTRY,
        "importing_country": _COUNTRY,
        "hs_code": _HS,
        "description": _LINE_OF_TEXT,
        "fob": _MONEY,
        "method": {"enum": ["build-down", "build-up"]},
    },
    {
        "materials": _list(
            _object(
                {
                    "description": _LINE_OF_TEXT,
                    "value": _DECIMAL,
                    "originating": {"type": "boolean"},
                },
                {"hs_code": _HS, "country": _COUNTRY, "evidence": _LINE_OF_TEXT},
            ),
            500,
        ),
        "costs": _object({}, dict.fromkeys(("labour", "overhead", "other", "profit"), _DECIMAL)),
        "wholly_obtained": {"type": "string", "maxLength": 64},
    },
)
_APPLICATION = _object(
    {
        "format": {"const": "tulen/application/v1"},
        "issuing_authority": _LINE_OF_TEXT,
        "agreement": _LINE_OF_TEXT,
        "form": _LINE_OF_TEXT,
        "exporter": _TRADER,
        "consignee": _TRADER,
        "exporting_country": _COUNTRY,
        "importing_country": _COUNTRY,
        "transport": _object(
            {
                "departure_on": _DATE,
                "means": _LINE_OF_TEXT,
                "port_of_loading": {"type": "string", "pattern": "^[A-Z]{2}[A-Z2-9]{3}$"},
                "port_of_discharge": {"type": "string", "pattern": "^[A-Z]{2}[A-Z2-9]{3}$"},
            }
        ),
        "invoices": _list(_object({"number": _LINE_OF_TEXT, "issued_on": _DATE}), 50),
        "lines": _list(
            _object(
                {
                    "line": _INTEGER,
                    "marks": _LINE_OF_TEXT,
                    "packages": _LINE_OF_TEXT,
                    "description": _LINE_OF_TEXT,
                    "hs_code": _HS,
                    "quantity": _DECIMAL,
                    "unit": {"type": "string", "pattern": "^[A-Z0-9]{2,3}$"},
                    "inputs": _INPUTS,
                },
                {"fob": _MONEY},
            ),
            50,
        ),
    },
    {"ticks": _list(_LINE_OF_TEXT, 7)},
)
_BUNDLE = {
    "type": "object",
    "required": ["format", "certificate", "signature", "log"],
    "properties": {"format": {"const": "tulen/bundle/v1"}},
    "description": "A bundle file, byte for byte (docs/specs/bundle.md).",
}
_DECLARATION = _object(
    {
        "format": {"const": "tulen/declaration/v1"},
        "number": {"type": "string", "pattern": "^[A-Za-z0-9]{26}$"},
        "declared_on": _DATE,
        "arrival_on": _DATE,
        "office": {"type": "string", "pattern": "^[0-9]{6}$"},
        "importer": _object({"party": _LINE_OF_TEXT, "has_api": {"type": "boolean"}}),
        "exchange": _object(
            {
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
                "rate": _DECIMAL,
                "per": _INTEGER,
            }
        ),
        "lines": _list(
            _object(
                {
                    "line": _INTEGER,
                    "hs_code": {"type": "string", "pattern": "^[0-9]{8}$"},
                    "country_of_origin": _COUNTRY,
                    "description": _LINE_OF_TEXT,
                    "quantity": _object({"amount": _DECIMAL, "unit": _LINE_OF_TEXT}),
                    "cost": _DECIMAL,
                    "insurance": _DECIMAL,
                    "freight": _DECIMAL,
                },
                {
                    "claim": _object(
                        {
                            "agreement": _LINE_OF_TEXT,
                            "facility": {"type": "string", "pattern": "^[0-9]{2}$"},
                            "certificate": _LINE_OF_TEXT,
                            "certificate_line": _INTEGER,
                        }
                    )
                },
            ),
            500,
        ),
    }
)
_NOTE = {"note": _LINE_OF_TEXT}

_BODIES: dict[str, tuple[Schema, Any]] = {
    "application": (_APPLICATION, example("application")),
    "recommendation": (_object({}, _NOTE), {}),
    "approval": (_object({}, _NOTE), {}),
    "issue": (
        _object({"application": {"type": "string", "format": "uuid"}}),
        {"application": "0b5f3f5e-7c0a-5b8e-9b1e-2f6f4f6a8d10"},
    ),
    "bundle": (_BUNDLE, None),
    "declaration": (
        _object({"declaration": _DECLARATION}, {"proofs": _list(_BUNDLE, 50)}),
        {"declaration": example("declaration-priok")},
    ),
    "drawdown": (
        _object(
            {
                "declaration": _LINE_OF_TEXT,
                "line": _INTEGER,
                "quantity": _DECIMAL,
                "unit": _LINE_OF_TEXT,
            }
        ),
        {
            "declaration": "040320TULEND20261125000001",
            "line": 1,
            "quantity": "600",
            "unit": "KGM",
        },
    ),
    "revocation": (
        _object(
            {
                "certificate": _LINE_OF_TEXT,
                "reason": {
                    "enum": [
                        "fraud",
                        "error",
                        "withdrawn",
                        "not-exported",
                        "superseded",
                        "court",
                    ]
                },
                "note": _LINE_OF_TEXT,
            }
        ),
        {
            "certificate": "VN.MOIT-D-26-0000001",
            "reason": "error",
            "note": "Weights were mis-stated",
        },
    ),
}

_PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "field": {"type": "string", "description": "JSON pointer of the offending field."},
        "value": {"type": "string", "description": "The offending value, shortened."},
    },
}
_PROBLEMS = {
    401: "No valid API key",
    403: "The caller's role does not include this",
    404: "Not in the register, or not the caller's to see",
    409: "A rule forbids it; the detail says which",
    413: "The body is too large",
    422: "A field holds something that it cannot hold; it is named",
    503: "Something that Tulen needs does not answer; try again",
}
_ANSWERS = {
    "application": "The application with the verdict on its origin and its reasons.",
    "certificate": "The certificate's state, anchor, status and drawn quantities.",
    "bundle": "The bundle file.",
    "verification": "Every check and the verdict.",
    "declaration": "Customs value, duty and levies with and without preference.",
    "drawdown": "What was drawn and what is left.",
    "revocation": "The revocation.",
    "log": "The log's latest checkpoint.",
}


def takes(name: str) -> dict[str, Any]:
    """Return the arguments of a route that describe its body."""
    schema, shown = _BODIES[name]
    content: dict[str, Any] = {"schema": schema}
    if shown is not None:
        content["example"] = shown
    return {
        "openapi_extra": {
            "requestBody": {"required": True, "content": {"application/json": content}}
        }
    }


def answers(name: str, status: int = 201, *, tag: str) -> dict[str, Any]:
    """Return the arguments of a route that describe its answer and its problems."""
    problems = {
        code: {"description": text, "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}
        for code, text in _PROBLEMS.items()
        if not (tag == "Anyone" and code in {401, 403, 409})
    }
    described = {status: {"description": _ANSWERS[name]}}
    return {"status_code": status, "tags": [tag], "responses": problems | described}
