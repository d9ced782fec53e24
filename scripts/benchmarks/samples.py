"""Certificates of about 100 claims, each another one: other numbers, other materials, other values.

Ten materials stand behind the one line, so the origin rule has something to judge, and no two of
them are judged on the same figures, so nothing can be remembered from one to the next.
"""

import secrets
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from tulen.api.examples import example
from tulen.certificate import (
    SEED_BYTES,
    AnchorReceipt,
    Application,
    Approval,
    Bundle,
    Certificate,
    CertificateLine,
    CertificateNumber,
    FullPresentation,
    IssuingAuthority,
    LogProof,
    OriginStatement,
    Signature,
    signing_bytes,
)
from tulen.keys import Ed25519Signer
from tulen.values import PartyCode
from tulen.workflows import clock
from tulen.workflows.judge import judge

AUTHORITY: Final = PartyCode("VN.MOIT")
VALIDITY: Final = timedelta(days=365)
_PACKAGING: Final = ("Cartons", "Inner trays", "Pallets", "Labels")


def certificates(count: int, on: date) -> Iterator[FullPresentation]:
    """Yield certificates with their seeds, as the authority would issue them ``on`` that day."""
    for number in range(count):
        asked = Application.from_document(application(number))
        line, verdict = asked.lines[0], judge(asked, on).verdicts[0]
        certificate = Certificate(
            CertificateNumber(f"{AUTHORITY}-D-26-{number:07}"),
            IssuingAuthority(AUTHORITY, "Ministry of Industry and Trade"),
            asked.consignment,
            (
                CertificateLine(
                    line.goods, str(verdict.criterion), OriginStatement.of(verdict, line.inputs)
                ),
            ),
            Approval("officer-1", "officer-2"),
            on,
            on + VALIDITY,
        )
        yield FullPresentation(certificate, secrets.token_bytes(SEED_BYTES))


def bundle(
    presentation: FullPresentation,
    signer: Ed25519Signer,
    place: LogProof,
    anchor: AnchorReceipt | None = None,
) -> bytes:
    """Return the bundle file of a certificate that stands at ``place`` in the log."""
    signature = signer.sign(signing_bytes(presentation.digest))
    return Bundle(presentation, Signature(signer.public_key, signature), place, anchor).to_bytes()


def application(number: int) -> dict[str, Any]:
    """Return application ``number`` as an exporter sends it."""
    document: dict[str, Any] = example("application")
    document["transport"]["departure_on"] = (clock.today() + timedelta(days=3)).isoformat()
    document["invoices"][0]["number"] = f"HS-BENCH-{number:06}"
    inputs = document["lines"][0]["inputs"]
    inputs["materials"] += [
        {
            "description": f"{name} {number}",
            "hs_code": "481910",
            "country": "VN",
            "originating": True,
            "value": f"{number + 1}.5",
        }
        for name in _PACKAGING
    ]
    inputs["materials"][0]["value"] = f"2900.{number:04}1"
    return document
