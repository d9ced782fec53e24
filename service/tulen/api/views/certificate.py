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
    Schema,
    integer,
    several,
    text,
)
from tulen.api.views.origin import ORIGIN_VERDICT
from tulen.api.views.words import OUTCOME, TEXT, UNKNOWN, view
from tulen.database.states import ApplicationState

_STEP = view(
    {
        "event": TEXT,
        "state": TEXT,
        "party": PARTY,
        "officer": TEXT,
        "at": INSTANT,
        "article": TEXT | {"description": "What allows the step."},
    },
    {
        "version": integer(1) | {"description": "Of the application."},
        "document": HASH | {"description": "Where the vault keeps that version."},
        "remarks": several(view({"field": TEXT, "text": TEXT})),
        "note": TEXT,
        "reason": TEXT,
        "certificate": CERTIFICATE_NUMBER,
    },
)
_APPLICATION_STATE: Schema = {"enum": [state.value for state in ApplicationState]}
QUEUE = view(
    {
        "applications": several(
            view(
                {
                    "id": IDENTIFIER,
                    "exporter": PARTY,
                    "authority": PARTY,
                    "agreement": AGREEMENT,
                    "form": FORM,
                    "state": _APPLICATION_STATE,
                    "version": integer(1),
                    "outcome": OUTCOME,
                    "submitted_at": INSTANT,
                }
            )
        )
    }
)
APPLICATION = view(
    {
        "id": IDENTIFIER,
        "exporter": PARTY,
        "authority": PARTY,
        "state": _APPLICATION_STATE,
        "submitted_at": INSTANT,
        "outcome": OUTCOME,
        "version": integer(1),
        "history": several(_STEP) | {"description": "What has been done to it, in order."},
        "rule_set": TEXT,
        "rule_set_digest": HASH,
        "criteria": several(TEXT) | {"description": "What box 8 shows for each line."},
        "explanation": several(TEXT) | {"description": "The reasoning, line by line, for people."},
        "verdicts": several(ORIGIN_VERDICT),
    },
    {
        "recommended_by": TEXT,
        "approved_by": TEXT,
        "rejected_by": TEXT,
        "rejection": TEXT,
        "certificate": CERTIFICATE_NUMBER,
        "decide_by": INSTANT | {"description": "By the rule that decide_by_rule names."},
        "decide_by_rule": TEXT,
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
