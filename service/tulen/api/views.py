"""What an answer holds, as OpenAPI describes it.

Members may be added in this version; a client ignores what it does not know.
"""

from tulen.api.bodies import BUNDLE
from tulen.api.schemas import (
    AGREEMENT,
    CERTIFICATE_NUMBER,
    COUNTRY,
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
    record,
    several,
    text,
)
from tulen.database.states import ApplicationState
from tulen.verify import CheckOutcome, Verdict
from tulen.workflows.webhooks import PARTY_TYPES

_TEXT: Schema = {"type": "string"}
_AMOUNT = text(r"^-?[0-9]+(\.[0-9]+)?$", description="Exact amount as text.")
_UNKNOWN: Schema = {"const": "UNKNOWN", "description": "The chain did not answer."}


def _view(required: Schema, optional: Schema | None = None) -> Schema:
    """Return the schema of an object that has these members, and may get more."""
    return record(required, optional) | {"additionalProperties": True}


_OUTCOME: Schema = {"enum": ["MET", "NOT_MET", "UNDETERMINED"]}
_ORIGIN_VERDICT = _view(
    {
        "agreement": AGREEMENT,
        "rule_set": _TEXT,
        "rule_set_digest": HASH,
        "hs_edition": _TEXT,
        "on": DATE,
        "finding": {"type": "object", "description": "The tree of findings."},
    }
)
_STEP = _view(
    {
        "event": _TEXT,
        "state": _TEXT,
        "party": PARTY,
        "officer": _TEXT,
        "at": INSTANT,
        "article": _TEXT | {"description": "What allows the step."},
    },
    {
        "version": integer(1) | {"description": "Of the application."},
        "document": HASH | {"description": "Where the vault keeps that version."},
        "remarks": several(record({"field": _TEXT, "text": _TEXT})),
        "note": _TEXT,
        "reason": _TEXT,
        "certificate": CERTIFICATE_NUMBER,
    },
)
_APPLICATION_STATE: Schema = {"enum": [state.value for state in ApplicationState]}
_QUEUE = _view(
    {
        "applications": several(
            _view(
                {
                    "id": IDENTIFIER,
                    "exporter": PARTY,
                    "authority": PARTY,
                    "agreement": AGREEMENT,
                    "form": FORM,
                    "state": _APPLICATION_STATE,
                    "version": integer(1),
                    "outcome": _OUTCOME,
                    "submitted_at": INSTANT,
                }
            )
        )
    }
)
_APPLICATION = _view(
    {
        "id": IDENTIFIER,
        "exporter": PARTY,
        "authority": PARTY,
        "state": _APPLICATION_STATE,
        "submitted_at": INSTANT,
        "outcome": _OUTCOME,
        "version": integer(1),
        "history": several(_STEP) | {"description": "What has been done to it, in order."},
        "rule_set": _TEXT,
        "rule_set_digest": HASH,
        "criteria": several(_TEXT) | {"description": "What box 8 shows for each line."},
        "explanation": several(_TEXT) | {"description": "The reasoning, line by line, for people."},
        "verdicts": several(_ORIGIN_VERDICT),
    },
    {
        "recommended_by": _TEXT,
        "approved_by": _TEXT,
        "rejected_by": _TEXT,
        "rejection": _TEXT,
        "certificate": CERTIFICATE_NUMBER,
        "decide_by": INSTANT | {"description": "By the rule that decide_by_rule names."},
        "decide_by_rule": _TEXT,
    },
)
_ANCHOR = _view(
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
_CERTIFICATE = _view(
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
            _view({"line": integer(1), "certified": QUANTITY_TEXT, "drawn": QUANTITY_TEXT})
        ),
        "drawdowns": several(
            _view(
                {
                    "declaration": DECLARATION_NUMBER,
                    "line": integer(1),
                    "certificate_line": integer(1),
                    "office": _TEXT,
                    "state": {"enum": ["requested", "mined", "final", "refused"]},
                }
            ),
            least=0,
        ),
    },
    {
        "checkpoint": _view({"size": integer(1), "root": HASH, "note": _TEXT}),
        "anchor": _ANCHOR,
        "status": _view(
            {
                "state": {"enum": ["GOOD", "REVOKED", "SUSPENDED", "REPLACED"]},
                "reason": _TEXT,
                "since": INSTANT,
                "final": {"type": "boolean"},
            }
        ),
    },
)
_CHECK = _view(
    {
        "step": integer(1, 15),
        "name": _TEXT,
        "question": _TEXT,
        "outcome": {"enum": [outcome.value for outcome in CheckOutcome]},
        "reason": _TEXT,
        "required": {"type": "boolean"},
    },
    {"advice": _TEXT},
)
_VERIFICATION = _view(
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
        "status": _view(
            {
                "state": {"enum": ["REVOKED", "SUSPENDED", "REPLACED", "GOOD"]},
                "reason": integer(),
                "reason_words": _TEXT,
                "since": INSTANT,
            },
            {"successor": HASH},
        ),
        "as_of": _view(
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
_CHARGES = _view(
    {
        "lines": several(
            _view(
                {
                    "line": integer(1),
                    "basis": _TEXT,
                    "customs_value": _AMOUNT,
                    "levies": several(
                        _view(
                            {
                                "levy": _TEXT,
                                "base": _AMOUNT,
                                "rate": _TEXT,
                                "amount": _AMOUNT,
                                "references": several(_TEXT, least=0),
                            }
                        )
                    ),
                }
            )
        ),
        "payable": {"type": "object", "additionalProperties": _AMOUNT},
        "total": _AMOUNT,
    }
)
_DECLARATION = _view(
    {
        "number": DECLARATION_NUMBER,
        "importer": PARTY,
        "declared_on": DATE,
        "filed_at": INSTANT,
        "customs_value": _AMOUNT,
        "customs_value_text": _TEXT,
        "levies": several(
            _view(
                {
                    "levy": _TEXT,
                    "mfn": _AMOUNT,
                    "mfn_text": _TEXT,
                    "preferential": _AMOUNT,
                    "preferential_text": _TEXT,
                }
            )
        ),
        "saving": _AMOUNT,
        "saving_text": _TEXT,
        "claims": several(
            _view(
                {
                    "line": integer(1),
                    "outcome": {"enum": ["GRANT", "DENY", "SUSPEND"]},
                    "reasons": several(_TEXT, least=0),
                    "because": _TEXT,
                }
            ),
            least=0,
        ),
        "without_preference": _CHARGES,
        "with_preference": _CHARGES,
        "demonstration": {"type": "boolean", "description": "The tariff is no law."},
        "explanation": several(_TEXT),
    }
)
_DRAWDOWN = _view(
    {
        "declaration": DECLARATION_NUMBER,
        "line": integer(1),
        "certificate": CERTIFICATE_NUMBER,
        "certificate_line": integer(1),
        "office": _TEXT,
        "office_name": _TEXT,
        "customs": PARTY,
        "state": {"enum": ["requested", "mined", "final", "refused"]},
        "reference": HASH,
        "quantity_text": QUANTITY_TEXT,
        "left_text": {"anyOf": [QUANTITY_TEXT, _UNKNOWN]},
    },
    {
        "refusal": _TEXT,
        "transaction": HASH,
        "block_number": integer(),
        "gas_used": integer(),
    },
)
_REVOCATION = _view(
    {
        "certificate": CERTIFICATE_NUMBER,
        "reason": _TEXT,
        "reason_code": integer(1),
        "note": _TEXT,
        "requested_by": _TEXT,
        "requested_at": INSTANT,
        "transaction": text("^([0-9a-f]{64})?$", description="Empty while none stands."),
        "revoked_at": text("^(.*Z)?$", description="Block time; empty until it is mined."),
    }
)
_LOG = _view(
    {
        "log": _TEXT,
        "size": integer(),
        "sealed": integer(),
        "anchored": {"anyOf": [integer(), _UNKNOWN]},
        "publish_within_seconds": integer(1),
    },
    {"root": HASH, "sealed_at": INSTANT, "checkpoint": _TEXT},
)

_WEBHOOK = _view(
    {
        "id": IDENTIFIER,
        "party": PARTY,
        "url": _TEXT,
        "types": several({"enum": PARTY_TYPES}),
        "state": {"enum": ["active", "disabled", "deleted"]},
        "created_by": _TEXT,
        "created_at": INSTANT,
    },
    {
        "secret": text("^whsec_", description="Shown once, to whoever has just made it."),
        "previous_secret_until": INSTANT,
        "reason": {"type": "string", "description": "Why it was disabled."},
    },
)
_DELIVERY = _view(
    {
        "id": IDENTIFIER,
        "message": text("^msg_", description="What the header webhook-id says."),
        "type": _TEXT,
        "state": {"enum": ["pending", "delivered", "failed"]},
        "created_at": INSTANT,
        "attempts": several(
            _view(
                {"number": integer(1), "attempted_at": INSTANT, "milliseconds": integer()},
                {"status": integer(100, 999), "error": _TEXT},
            ),
            least=0,
        ),
    },
    {"due_at": INSTANT, "settled_at": INSTANT},
)
_REPLAY = _view({"replayed": integer()}, {"after": IDENTIFIER})

_CRITERION: Schema = {
    "type": "string",
    "description": "As the form prints it, where it is met and the rules hold the form's codes.",
}
_REASONS = several(_TEXT) | {"description": "The findings that decide, each named."}
_REMEDIES = several(_TEXT, least=0) | {
    "description": "What would make the good qualify, each with the condition that it is for."
}
_AGREEMENTS = _view(
    {
        "on": DATE,
        "agreements": several(
            _view(
                {
                    "agreement": AGREEMENT,
                    "title": _TEXT,
                    "rule_set": _TEXT,
                    "rule_set_digest": HASH,
                    "hs_edition": _TEXT,
                    "parties": several(COUNTRY, least=0)
                    | {"description": "On that day; empty where it is not in force."},
                    "product_rules": integer(),
                    "coverage": several(_view({"hs": _TEXT, "reference": _TEXT}), least=0)
                    | {"description": "Ranges of which every product rule is held."},
                },
                {"form": FORM},
            ),
            least=0,
        ),
    }
)
_ASSESSMENT = _view(
    {
        "outcome": _OUTCOME,
        "digest": HASH | {"description": "Of the verdict: what a certificate commits to."},
        "reasons": _REASONS,
        "remedies": _REMEDIES,
        "explanation": several(_TEXT) | {"description": "The reasoning, line by line, for people."},
        "verdict": _ORIGIN_VERDICT,
    },
    {"criterion": _CRITERION},
)
_COMPARISON = _view(
    {
        "on": DATE,
        "exporting_country": COUNTRY,
        "importing_country": COUNTRY,
        "options": several(
            _view(
                {
                    "agreement": AGREEMENT,
                    "title": _TEXT,
                    "outcome": _OUTCOME,
                    "reasons": _REASONS,
                    "remedies": _REMEDIES,
                },
                {
                    "form": FORM,
                    "criterion": _CRITERION,
                    "verdict": _ORIGIN_VERDICT,
                    "digest": HASH,
                    "duty": {"type": "string", "description": "Preferential rate of duty."},
                },
            ),
            least=0,
        ),
    },
    {"duty": _view({"tariff": _TEXT, "demonstration": {"type": "boolean"}, "mfn": _TEXT})},
)

VIEWS: dict[str, tuple[Schema, str]] = {
    "application": (
        _APPLICATION,
        "The application with the verdict on its origin and its reasons.",
    ),
    "queue": (_QUEUE, "The applications, without what they say."),
    "certificate": (_CERTIFICATE, "The certificate's state, anchor, status and drawn quantities."),
    "bundle": (BUNDLE, "The bundle file."),
    "verification": (_VERIFICATION, "Every check and the verdict."),
    "declaration": (
        _DECLARATION,
        "Customs value, duty and levies with and without preference.",
    ),
    "drawdown": (_DRAWDOWN, "What was drawn and what is left."),
    "revocation": (_REVOCATION, "The revocation."),
    "agreements": (_AGREEMENTS, "The agreements whose rules are loaded."),
    "assessment": (_ASSESSMENT, "The verdict, and what would change it."),
    "comparison": (_COMPARISON, "Every agreement open between the two countries, best first."),
    "webhook": (_WEBHOOK, "The webhook."),
    "webhooks": (_view({"webhooks": several(_WEBHOOK, least=0)}), "The party's webhooks."),
    "deliveries": (
        _view({"deliveries": several(_DELIVERY, least=0)}),
        "Up to 100 deliveries, the latest first.",
    ),
    "replay": (_REPLAY, "How many are delivered again; `after`, where there are more."),
    "log": (_LOG, "The log's latest checkpoint."),
}
"""By name: schema of each answer, and what it is."""

PROBLEM = _view(
    {
        "type": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "status": integer(400, 599),
        "code": text("^[a-z]+(-[a-z0-9]+)*$"),
        "detail": _TEXT,
    },
    {
        "field": {"type": "string", "description": "JSON pointer of the offending field."},
        "value": {"type": "string", "description": "The offending value, shortened."},
    },
)
"""An error, as RFC 9457 has it."""
