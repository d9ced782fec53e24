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
    several,
    text,
)
from tulen.api.verification_views import (
    CREDENTIAL,
    CREDENTIAL_VERIFICATION,
    ISSUER,
    TEXT,
    VERIFICATION,
    view,
)
from tulen.database.states import ApplicationState
from tulen.workflows.webhooks import PARTY_TYPES

_AMOUNT = text(r"^-?[0-9]+(\.[0-9]+)?$", description="Exact amount as text.")
_UNKNOWN: Schema = {"const": "UNKNOWN", "description": "The chain did not answer."}


_OUTCOME: Schema = {"enum": ["MET", "NOT_MET", "UNDETERMINED"]}
_ORIGIN_VERDICT = view(
    {
        "agreement": AGREEMENT,
        "rule_set": TEXT,
        "rule_set_digest": HASH,
        "hs_edition": TEXT,
        "on": DATE,
        "finding": {"type": "object", "description": "The tree of findings."},
    }
)
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
_QUEUE = view(
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
                    "outcome": _OUTCOME,
                    "submitted_at": INSTANT,
                }
            )
        )
    }
)
_APPLICATION = view(
    {
        "id": IDENTIFIER,
        "exporter": PARTY,
        "authority": PARTY,
        "state": _APPLICATION_STATE,
        "submitted_at": INSTANT,
        "outcome": _OUTCOME,
        "version": integer(1),
        "history": several(_STEP) | {"description": "What has been done to it, in order."},
        "rule_set": TEXT,
        "rule_set_digest": HASH,
        "criteria": several(TEXT) | {"description": "What box 8 shows for each line."},
        "explanation": several(TEXT) | {"description": "The reasoning, line by line, for people."},
        "verdicts": several(_ORIGIN_VERDICT),
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
_CERTIFICATE = view(
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
_CHARGES = view(
    {
        "lines": several(
            view(
                {
                    "line": integer(1),
                    "basis": TEXT,
                    "customs_value": _AMOUNT,
                    "levies": several(
                        view(
                            {
                                "levy": TEXT,
                                "base": _AMOUNT,
                                "rate": TEXT,
                                "amount": _AMOUNT,
                                "references": several(TEXT, least=0),
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
_DECLARATION = view(
    {
        "number": DECLARATION_NUMBER,
        "importer": PARTY,
        "declared_on": DATE,
        "filed_at": INSTANT,
        "customs_value": _AMOUNT,
        "customs_value_text": TEXT,
        "levies": several(
            view(
                {
                    "levy": TEXT,
                    "mfn": _AMOUNT,
                    "mfn_text": TEXT,
                    "preferential": _AMOUNT,
                    "preferential_text": TEXT,
                }
            )
        ),
        "saving": _AMOUNT,
        "saving_text": TEXT,
        "claims": several(
            view(
                {
                    "line": integer(1),
                    "outcome": {"enum": ["GRANT", "DENY", "SUSPEND"]},
                    "reasons": several(TEXT, least=0),
                    "because": TEXT,
                }
            ),
            least=0,
        ),
        "without_preference": _CHARGES,
        "with_preference": _CHARGES,
        "demonstration": {"type": "boolean", "description": "The tariff is no law."},
        "explanation": several(TEXT),
    }
)
_DRAWDOWN = view(
    {
        "declaration": DECLARATION_NUMBER,
        "line": integer(1),
        "certificate": CERTIFICATE_NUMBER,
        "certificate_line": integer(1),
        "office": TEXT,
        "office_name": TEXT,
        "customs": PARTY,
        "state": {"enum": ["requested", "mined", "final", "refused"]},
        "reference": HASH,
        "quantity_text": QUANTITY_TEXT,
        "left_text": {"anyOf": [QUANTITY_TEXT, _UNKNOWN]},
    },
    {
        "refusal": TEXT,
        "transaction": HASH,
        "block_number": integer(),
        "gas_used": integer(),
    },
)
_REVOCATION = view(
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
_LOG = view(
    {
        "log": TEXT,
        "size": integer(),
        "sealed": integer(),
        "anchored": {"anyOf": [integer(), _UNKNOWN]},
        "publish_within_seconds": integer(1),
    },
    {"root": HASH, "sealed_at": INSTANT, "checkpoint": TEXT},
)

_WEBHOOK = view(
    {
        "id": IDENTIFIER,
        "party": PARTY,
        "url": TEXT,
        "types": several({"enum": PARTY_TYPES}),
        "state": {"enum": ["active", "disabled", "deleted"]},
        "created_by": TEXT,
        "created_at": INSTANT,
    },
    {
        "secret": text("^whsec_", description="Shown once, to whoever has just made it."),
        "previous_secret_until": INSTANT,
        "reason": {"type": "string", "description": "Why it was disabled."},
    },
)
_DELIVERY = view(
    {
        "id": IDENTIFIER,
        "message": text("^msg_", description="What the header webhook-id says."),
        "type": TEXT,
        "state": {"enum": ["pending", "delivered", "failed"]},
        "created_at": INSTANT,
        "attempts": several(
            view(
                {"number": integer(1), "attempted_at": INSTANT, "milliseconds": integer()},
                {"status": integer(100, 999), "error": TEXT},
            ),
            least=0,
        ),
    },
    {"due_at": INSTANT, "settled_at": INSTANT},
)
_REPLAY = view({"replayed": integer()}, {"after": IDENTIFIER})

_CRITERION: Schema = {
    "type": "string",
    "description": "As the form prints it, where it is met and the rules hold the form's codes.",
}
_REASONS = several(TEXT) | {"description": "The findings that decide, each named."}
_REMEDIES = several(TEXT, least=0) | {
    "description": "What would make the good qualify, each with the condition that it is for."
}
_AGREEMENTS = view(
    {
        "on": DATE,
        "agreements": several(
            view(
                {
                    "agreement": AGREEMENT,
                    "title": TEXT,
                    "rule_set": TEXT,
                    "rule_set_digest": HASH,
                    "hs_edition": TEXT,
                    "parties": several(COUNTRY, least=0)
                    | {"description": "On that day; empty where it is not in force."},
                    "product_rules": integer(),
                    "coverage": several(view({"hs": TEXT, "reference": TEXT}), least=0)
                    | {"description": "Ranges of which every product rule is held."},
                },
                {"form": FORM},
            ),
            least=0,
        ),
    }
)
_ASSESSMENT = view(
    {
        "outcome": _OUTCOME,
        "digest": HASH | {"description": "Of the verdict: what a certificate commits to."},
        "reasons": _REASONS,
        "remedies": _REMEDIES,
        "explanation": several(TEXT) | {"description": "The reasoning, line by line, for people."},
        "verdict": _ORIGIN_VERDICT,
    },
    {"criterion": _CRITERION},
)
_COMPARISON = view(
    {
        "on": DATE,
        "exporting_country": COUNTRY,
        "importing_country": COUNTRY,
        "options": several(
            view(
                {
                    "agreement": AGREEMENT,
                    "title": TEXT,
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
    {"duty": view({"tariff": TEXT, "demonstration": {"type": "boolean"}, "mfn": TEXT})},
)

VIEWS: dict[str, tuple[Schema, str]] = {
    "application": (
        _APPLICATION,
        "The application with the verdict on its origin and its reasons.",
    ),
    "queue": (_QUEUE, "The applications, without what they say."),
    "certificate": (_CERTIFICATE, "The certificate's state, anchor, status and drawn quantities."),
    "bundle": (BUNDLE, "The bundle file."),
    "verification": (VERIFICATION, "Every check and the verdict."),
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
    "webhooks": (view({"webhooks": several(_WEBHOOK, least=0)}), "The party's webhooks."),
    "deliveries": (
        view({"deliveries": several(_DELIVERY, least=0)}),
        "Up to 100 deliveries, the latest first.",
    ),
    "replay": (_REPLAY, "How many are delivered again; `after`, where there are more."),
    "credential": (CREDENTIAL, "The credential; as application/vc+jwt, the text of a token."),
    "credential_verification": (CREDENTIAL_VERIFICATION, "Every check and the verdict."),
    "issuer": (ISSUER, "The party's DID document."),
    "log": (_LOG, "The log's latest checkpoint."),
}
"""By name: schema of each answer, and what it is."""

PROBLEM = view(
    {
        "type": {"type": "string", "format": "uri"},
        "title": TEXT,
        "status": integer(400, 599),
        "code": text("^[a-z]+(-[a-z0-9]+)*$"),
        "detail": TEXT,
    },
    {
        "field": {"type": "string", "description": "JSON pointer of the offending field."},
        "value": {"type": "string", "description": "The offending value, shortened."},
    },
)
"""An error, as RFC 9457 has it."""
