"""What answers about customs' requests for verification and its responses hold."""

from tulen.api.schemas import (
    AGREEMENT,
    CERTIFICATE_NUMBER,
    DATE,
    IDENTIFIER,
    INSTANT,
    PARTY,
    QUANTITY_TEXT,
    Schema,
    integer,
    several,
)
from tulen.api.views.words import TEXT, view
from tulen.database.states import Answer, Doubt, Preference, ResponseKind, VerificationState

VERIFICATION_STATE: Schema = {"enum": [state.value for state in VerificationState]}
_NOT_HELD: Schema = {"const": "UNKNOWN", "description": "The agreement's limit is not held."}
_DUE: Schema = {"anyOf": [DATE, _NOT_HELD], "description": "The last day."}
_CLOCK = view({"clock": TEXT, "since": DATE, "due_on": _DUE}, {"limit": TEXT, "article": TEXT})
_SUMMARY: Schema = {
    "id": IDENTIFIER,
    "certificate": CERTIFICATE_NUMBER,
    "authority": PARTY,
    "customs": PARTY,
    "agreement": AGREEMENT,
    "state": VERIFICATION_STATE,
    "asked_at": INSTANT,
}
_WAITS: Schema = {
    "due_clock": TEXT | {"description": "The clock after which it lapses by itself."},
    "due_on": _DUE,
}
_SAID: Schema = {
    "answer": {"enum": list(Answer)},
    "note": TEXT,
    "preference": {"enum": list(Preference)},
    "denial": TEXT,
}
_STEP = view(
    {
        "event": TEXT,
        "state": VERIFICATION_STATE,
        "party": PARTY,
        "officer": TEXT,
        "at": INSTANT,
        "article": TEXT | {"description": "What allows the step."},
    },
    {"note": TEXT, "reason": TEXT, "lines": several(view({"line": integer(1)}, _SAID))},
)
VERIFICATION_REQUEST = view(
    {
        **_SUMMARY,
        "doubt": {"enum": list(Doubt)},
        "reason": TEXT,
        "question": TEXT,
        "asked_by": TEXT,
        "lines": several(view({"line": integer(1)}, _SAID)),
        "clocks": several(_CLOCK),
        "possible": several(TEXT, least=0) | {"description": "What may happen next."},
        "history": several(_STEP) | {"description": "What has been done, in order."},
    },
    _WAITS,
)
VERIFICATION_REQUESTS = view({"verifications": several(view(_SUMMARY, _WAITS), least=0)})
RESPONSE = view(
    {
        "id": IDENTIFIER,
        "certificate": CERTIFICATE_NUMBER,
        "authority": PARTY,
        "customs": PARTY,
        "kind": {"enum": list(ResponseKind)},
        "received_on": DATE,
        "responded_by": TEXT,
        "responded_at": INSTANT,
        "lines": several(view({"line": integer(1), "used": QUANTITY_TEXT}), least=0),
        "return": _CLOCK | {"description": "Within which the issuer is to be told."},
        "in_time": {"anyOf": [{"type": "boolean"}, _NOT_HELD]},
    },
    {"reason": TEXT, "note": TEXT},
)
RESPONSES = view({"responses": several(RESPONSE, least=0)})
