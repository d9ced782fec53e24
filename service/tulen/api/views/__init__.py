"""What an answer holds, as OpenAPI describes it.

Members may be added in this version; a client ignores what it does not know.
"""

from tulen.api.bodies import BUNDLE
from tulen.api.schemas import Schema, several
from tulen.api.views.certificate import APPLICATION, CERTIFICATE, LOG, QUEUE, REVOCATION
from tulen.api.views.customs import DECLARATION, DRAWDOWN
from tulen.api.views.origin import AGREEMENT_ON, AGREEMENTS, ASSESSMENT, COMPARISON
from tulen.api.views.verification import (
    ATTESTATION,
    CREDENTIAL,
    CREDENTIAL_VERIFICATION,
    ISSUER,
    VERIFICATION,
)
from tulen.api.views.webhooks import DELIVERY, REPLAY, WEBHOOK
from tulen.api.views.words import PROBLEM, view

__all__ = ["PROBLEM", "VIEWS"]

VIEWS: dict[str, tuple[Schema, str]] = {
    "application": (
        APPLICATION,
        "The application with the verdict on its origin and its reasons.",
    ),
    "queue": (QUEUE, "The applications, without what they say."),
    "certificate": (CERTIFICATE, "The certificate's state, anchor, status and drawn quantities."),
    "bundle": (BUNDLE, "The bundle file."),
    "verification": (VERIFICATION, "Every check and the verdict."),
    "attestation": (ATTESTATION, "Every check and the verdict."),
    "declaration": (
        DECLARATION,
        "Customs value, duty and levies with and without preference.",
    ),
    "drawdown": (DRAWDOWN, "What was drawn and what is left."),
    "revocation": (REVOCATION, "The revocation."),
    "agreements": (AGREEMENTS, "The agreements whose rules are loaded."),
    "agreement": (AGREEMENT_ON, "What the agreement says on that day."),
    "assessment": (ASSESSMENT, "The verdict, and what would change it."),
    "comparison": (COMPARISON, "Every agreement open between the two countries, best first."),
    "webhook": (WEBHOOK, "The webhook."),
    "webhooks": (view({"webhooks": several(WEBHOOK, least=0)}), "The party's webhooks."),
    "deliveries": (
        view({"deliveries": several(DELIVERY, least=0)}),
        "Up to 100 deliveries, the latest first.",
    ),
    "replay": (REPLAY, "How many are delivered again; `after`, where there are more."),
    "credential": (CREDENTIAL, "The credential; as application/vc+jwt, the text of a token."),
    "credential_verification": (CREDENTIAL_VERIFICATION, "Every check and the verdict."),
    "issuer": (ISSUER, "The party's DID document."),
    "log": (LOG, "The log's latest checkpoint."),
}
"""By name: schema of each answer, and what it is."""
