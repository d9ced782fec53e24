"""What verifications and credentials hold, as OpenAPI describes them."""

from tulen.api.schemas import (
    DATE,
    HASH,
    INSTANT,
    Schema,
    integer,
    several,
    text,
)
from tulen.api.views.words import TEXT, view
from tulen.certificate.credential import Cause
from tulen.verify import CheckOutcome, Verdict

_CAUSE: Schema = {
    "enum": [cause.value for cause in Cause],
    "description": "What is wrong, for programs; of credentials only.",
}
CHECK = view(
    {
        "step": integer(1, 15),
        "name": TEXT,
        "question": TEXT,
        "outcome": {"enum": [outcome.value for outcome in CheckOutcome]},
        "reason": TEXT,
        "required": {"type": "boolean"},
    },
    {"advice": TEXT, "cause": _CAUSE},
)
VERIFICATION = view(
    {
        "verdict": {"enum": [verdict.value for verdict in Verdict]},
        "on": DATE,
        "checks": several(CHECK, 15),
        "certificate": {
            "type": "object",
            "description": "What the certificate says, as far as disclosed, by JSON pointer.",
            "additionalProperties": {"type": ["string", "boolean", "integer"]},
        },
    },
    {
        "digest": HASH,
        "status": view(
            {
                "state": {"enum": ["REVOKED", "SUSPENDED", "REPLACED", "GOOD"]},
                "reason": integer(),
                "reason_words": TEXT,
                "since": INSTANT,
            },
            {"successor": HASH},
        ),
        "as_of": view(
            {
                "block": integer(),
                "time": INSTANT,
                "read_at": INSTANT,
                "age_ms": integer()
                | {"description": "Milliseconds between that reading and this answer."},
            }
        ),
        "issuing_paused": {
            "type": "boolean",
            "description": "Whether the authority may not anchor now; it decides nothing.",
        },
    },
)

_DID = text("^did:[a-z0-9]+:.+$")
_ONE_OR_MORE: Schema = {"type": ["array", "object"]}
CREDENTIAL = view(
    {
        "@context": {"type": "array", "items": {"type": ["string", "object"]}},
        "type": several(TEXT),
        "issuer": {"type": ["string", "object"]},
        "credentialSubject": {"type": "object"},
    },
    {
        "id": TEXT,
        "validFrom": TEXT,
        "validUntil": TEXT,
        "credentialStatus": _ONE_OR_MORE,
        "evidence": _ONE_OR_MORE,
        "proof": {"type": "object"},
    },
) | {"description": "A W3C Verifiable Credential 2.0 (docs/specs/credential.md)."}
CREDENTIAL_VERIFICATION = view(
    {
        "verdict": {"enum": [verdict.value for verdict in Verdict]},
        "at": INSTANT,
        "checks": several(CHECK, 6),
    },
    {"issuer": TEXT, "types": several(TEXT), "id": TEXT, "evidence": VERIFICATION},
)
ISSUER = view(
    {
        "@context": several(TEXT),
        "id": _DID,
        "verificationMethod": several({"type": "object"}),
        "assertionMethod": several(TEXT),
    }
)
ATTESTATION = view(
    {
        "verdict": {"enum": ["VALID", "INVALID", "REVOKED", "UNKNOWN"]},
        "checks": several(CHECK, 7),
    },
    {
        "document": {
            "type": "object",
            "description": "What the document says, by JSON pointer; numbers as their text.",
            "additionalProperties": {"type": ["string", "boolean"]},
        },
        "hidden": integer() | {"description": "How many values it hides."},
        "target_hash": HASH,
        "root": HASH,
        "issuers": several(TEXT, least=0)
        | {"description": "Domain, or identifier, of each issuer; step 6 says whether it is so."},
        "as_of": view(
            {"chain_id": integer(1), "block": integer(), "time": INSTANT, "read_at": INSTANT}
        ),
    },
)
