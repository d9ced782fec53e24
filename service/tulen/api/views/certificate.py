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
from tulen.api.views.asked import VERIFICATION_STATE
from tulen.api.views.origin import ORIGIN_VERDICT
from tulen.api.views.words import OUTCOME, TEXT, UNKNOWN, view
from tulen.database.states import ApplicationState
from tulen.verify import Standing

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
        "time_of_issue": TEXT | {"description": "Why it is in time, or what is not known."},
        "mark": TEXT | {"description": "Words that the certificate, or its copy, bears."},
        "successor": CERTIFICATE_NUMBER | {"description": "What replaces it."},
        "successor_digest": HASH,
        "box": TEXT | {"description": "Where a copy bears them."},
        "dated": DATE | {"description": "What a copy shows: when the original was issued."},
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
        "history": several(_STEP, least=0) | {"description": "Its life, as far as it is begun."},
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
        "verifications": several(
            view(
                {
                    "id": IDENTIFIER,
                    "customs": PARTY,
                    "state": VERIFICATION_STATE,
                    "asked_at": INSTANT,
                    "lines": several(integer(1)),
                }
            )
        )
        | {"description": "Customs' requests about it that nothing has ended."},
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
        "stood": view(
            {
                "at": INSTANT,
                "standing": {"enum": [word.value for word in Standing if word.value.islower()]},
                "advice": TEXT | {"description": "What to do."},
            },
            {
                "since": {"anyOf": [INSTANT, DATE]},
                "reason": TEXT,
                "successor": HASH,
                "read_until": INSTANT | {"description": "How far the chain has been read here."},
            },
        )
        | {"description": "How it stood at the instant that was asked for."},
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
