"""What answers about webhooks hold."""

from tulen.api.schemas import IDENTIFIER, INSTANT, PARTY, integer, several, text
from tulen.api.views.words import TEXT, view
from tulen.workflows.webhooks import PARTY_TYPES

WEBHOOK = view(
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
DELIVERY = view(
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
REPLAY = view({"replayed": integer()}, {"after": IDENTIFIER})
