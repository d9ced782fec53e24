"""What answers to questions about origin hold."""

from tulen.api.schemas import AGREEMENT, COUNTRY, DATE, FORM, HASH, Schema, integer, several
from tulen.api.views.words import OUTCOME, TEXT, view
from tulen.origin.pack_show import AROUND
from tulen.origin.proof.procedure_show import SHOWN

ORIGIN_VERDICT = view(
    {
        "agreement": AGREEMENT,
        "rule_set": TEXT,
        "rule_set_digest": HASH,
        "hs_edition": TEXT,
        "on": DATE,
        "finding": {"type": "object", "description": "The tree of findings."},
    }
)
_CONSIGNMENT = view(
    {
        "outcome": OUTCOME,
        "decision": {"enum": ["accept", "reject_preference", "undetermined"]},
        "explanation": several(TEXT),
        "finding": {"type": "object", "description": "The tree of findings."},
    }
) | {
    "description": "Whether the journey keeps the preference, where one was stated. It stands "
    "beside the verdict: neither the outcome nor the digest knows of it."
}
_CRITERION: Schema = {
    "type": "string",
    "description": "As the form prints it, where it is met and the rules hold the form's codes.",
}
_REASONS = several(TEXT) | {"description": "The findings that decide, each named."}
_REMEDIES = several(TEXT, least=0) | {
    "description": "What would make the good qualify, each with the condition that it is for."
}
AGREEMENTS = view(
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
_STATED = view(
    {
        "value": {"description": "As the file of the agreement writes it."},
        "since": DATE,
        "reference": view({"title": TEXT}, {"href": TEXT}),
    },
    {"until": DATE},
)
_SAID = {
    **_STATED,
    "properties": _STATED["properties"]
    | {"words": {"type": "string", "description": "The same as a sentence, for people."}},
    "required": [*_STATED["required"], "words"],
}
AGREEMENT_ON = view(
    {
        "agreement": AGREEMENT,
        "title": TEXT,
        "rule_set": TEXT,
        "rule_set_digest": HASH,
        "hs_edition": TEXT,
        "on": DATE,
        "known_since": DATE
        | {
            "description": "First day of which the rules know parties: of entry into force where a "
            "source states it, else of the source."
        },
        "not_held": several(TEXT, least=0)
        | {"description": "What the agreement has and the rules do not hold: unknown."},
        "procedures": view({}, dict.fromkeys(SHOWN, _SAID))
        | {"description": "How origin is proven; what is not there is not loaded, so unknown."},
    },
    {"form": FORM, **dict.fromkeys(("parties", *AROUND), _STATED)},
)
ASSESSMENT = view(
    {
        "outcome": OUTCOME,
        "digest": HASH | {"description": "Of the verdict: what a certificate commits to."},
        "reasons": _REASONS,
        "remedies": _REMEDIES,
        "explanation": several(TEXT) | {"description": "The reasoning, line by line, for people."},
        "verdict": ORIGIN_VERDICT,
    },
    {"criterion": _CRITERION, "consignment": _CONSIGNMENT},
)
COMPARISON = view(
    {
        "on": DATE,
        "exporting_country": COUNTRY,
        "importing_country": COUNTRY,
        "options": several(
            view(
                {
                    "agreement": AGREEMENT,
                    "title": TEXT,
                    "outcome": OUTCOME,
                    "reasons": _REASONS,
                    "remedies": _REMEDIES,
                },
                {
                    "form": FORM,
                    "criterion": _CRITERION,
                    "verdict": ORIGIN_VERDICT,
                    "digest": HASH,
                    "duty": {"type": "string", "description": "Preferential rate of duty."},
                    "consignment": _CONSIGNMENT,
                },
            ),
            least=0,
        ),
    },
    {"duty": view({"tariff": TEXT, "demonstration": {"type": "boolean"}, "mfn": TEXT})},
)
