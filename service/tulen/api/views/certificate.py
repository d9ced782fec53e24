"""What answers about applications, certificates, their checks and the log hold."""

from tulen.api.schemas import (
    AGREEMENT,
    CERTIFICATE_NUMBER,
    DATE,
    DECLARATION_NUMBER,
    FORM,
    HASH,
    IDENTIFIER,
    INSTANT,
    PARTY,
    QUANTITY_TEXT,
    integer,
    several,
    text,
)
from tulen.api.views.origin import ORIGIN_VERDICT
from tulen.api.views.words import OUTCOME, TEXT, UNKNOWN, view
from tulen.verify import CheckOutcome, Verdict

APPLICATION = view(
    {
        "id": IDENTIFIER,
        "exporter": PARTY,
        "authority": PARTY,
        "state": {"enum": ["submitted", "recommended", "approved", "issued", "rejected"]},
        "submitted_at": INSTANT,
        "outcome": OUTCOME,
        "rule_set": TEXT,
        "rule_set_digest": HASH,
        "criteria": several(TEXT) | {"description": "What box 8 shows for each line."},
        "explanation": several(TEXT) | {"description": "The reasoning, line by line, for people."},
        "verdicts": several(ORIGIN_VERDICT),
    },
    {
        "recommended_by": TEXT,
        "approved_by": TEXT,
        "certificate": CERTIFICATE_NUMBER,
    },
)
_ANCHOR = view(
    {
        "size": integer(1),
        "root": HASH,
        "transaction": HASH,
        "block_number": integer(),
        "block_hash": HASH,
        "anchored_at": INSTANT,
    },
    {"gas_used": integer()},
)
CERTIFICATE = view(
    {
        "number": CERTIFICATE_NUMBER,
        "application": IDENTIFIER,
        "authority": PARTY,
        "agreement": AGREEMENT,
        "form": FORM,
        "digest": HASH,
        "issued_on": DATE,
        "valid_until": DATE,
        "state": {"enum": ["precommitted", "signed", "logged", "checkpointed", "mined", "final"]},
        "publish_by": INSTANT | {"description": "Until when the anchor is to be final; UTC."},
        "late": {"type": "boolean", "description": "Whether it is not, after that."},
        "drawn": several(
            view({"line": integer(1), "certified": QUANTITY_TEXT, "drawn": QUANTITY_TEXT})
        ),
        "drawdowns": several(
            view(
                {
                    "declaration": DECLARATION_NUMBER,
                    "line": integer(1),
                    "certificate_line": integer(1),
                    "office": TEXT,
                    "state": {"enum": ["requested", "mined", "final", "refused"]},
                }
            ),
            least=0,
        ),
    },
    {
        "checkpoint": view({"size": integer(1), "root": HASH, "note": TEXT}),
        "anchor": _ANCHOR,
        "status": view(
            {
                "state": {"enum": ["GOOD", "REVOKED", "SUSPENDED", "REPLACED"]},
                "reason": TEXT,
                "since": INSTANT,
                "final": {"type": "boolean"},
            }
        ),
    },
)
_CHECK = view(
    {
        "step": integer(1, 15),
        "name": TEXT,
        "question": TEXT,
        "outcome": {"enum": [outcome.value for outcome in CheckOutcome]},
        "reason": TEXT,
        "required": {"type": "boolean"},
    },
    {"advice": TEXT},
)
VERIFICATION = view(
    {
        "verdict": {"enum": [verdict.value for verdict in Verdict]},
        "on": DATE,
        "checks": several(_CHECK, 15),
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
REVOCATION = view(
    {
        "certificate": CERTIFICATE_NUMBER,
        "reason": TEXT,
        "reason_code": integer(1),
        "note": TEXT,
        "requested_by": TEXT,
        "requested_at": INSTANT,
        "transaction": text("^([0-9a-f]{64})?$", description="Empty while none stands."),
        "revoked_at": text("^(.*Z)?$", description="Block time; empty until it is mined."),
    }
)
LOG = view(
    {
        "log": TEXT,
        "size": integer(),
        "sealed": integer(),
        "anchored": {"anyOf": [integer(), UNKNOWN]},
        "publish_within_seconds": integer(1),
    },
    {"root": HASH, "sealed_at": INSTANT, "checkpoint": TEXT},
)
