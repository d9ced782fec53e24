"""What answers about declarations and quantities drawn hold."""

from tulen.api.schemas import (
    CERTIFICATE_NUMBER,
    DATE,
    DECLARATION_NUMBER,
    HASH,
    INSTANT,
    PARTY,
    QUANTITY_TEXT,
    integer,
    several,
)
from tulen.api.views.words import AMOUNT, TEXT, UNKNOWN, view

_CHARGES = view(
    {
        "lines": several(
            view(
                {
                    "line": integer(1),
                    "basis": TEXT,
                    "customs_value": AMOUNT,
                    "levies": several(
                        view(
                            {
                                "levy": TEXT,
                                "base": AMOUNT,
                                "rate": TEXT,
                                "amount": AMOUNT,
                                "references": several(TEXT, least=0),
                            }
                        )
                    ),
                }
            )
        ),
        "payable": {"type": "object", "additionalProperties": AMOUNT},
        "total": AMOUNT,
    }
)
DECLARATION = view(
    {
        "number": DECLARATION_NUMBER,
        "importer": PARTY,
        "declared_on": DATE,
        "filed_at": INSTANT,
        "customs_value": AMOUNT,
        "customs_value_text": TEXT,
        "levies": several(
            view(
                {
                    "levy": TEXT,
                    "mfn": AMOUNT,
                    "mfn_text": TEXT,
                    "preferential": AMOUNT,
                    "preferential_text": TEXT,
                }
            )
        ),
        "saving": AMOUNT,
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
DRAWDOWN = view(
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
        "left_text": {"anyOf": [QUANTITY_TEXT, UNKNOWN]},
    },
    {
        "refusal": TEXT,
        "transaction": HASH,
        "block_number": integer(),
        "gas_used": integer(),
    },
)
