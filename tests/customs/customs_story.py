"""The declaration of the project's story, which the customs tests change one thing at a time."""

from decimal import Decimal
from typing import Any

from tulen.customs import (
    CertificateVerdict,
    CertifiedLine,
    ClaimEvidence,
    Declaration,
    PreferenceDecision,
    country_pack,
    demonstration_tariff,
)
from tulen.values import AgreementCode, Country, HsCode, PartyCode, Quantity, UnitCode

PACK = country_pack(Country("ID"))
TARIFF = demonstration_tariff()
GRANTED = {1: PreferenceDecision(1)}

CERTIFIED = CertifiedLine(
    certificate="VN-D-2026-000001",
    line=1,
    agreement=AgreementCode("ATIGA"),
    importing_country=Country("ID"),
    country_of_origin=Country("VN"),
    hs_code=HsCode("392410"),
    consignee=PartyCode("ID.MAJU"),
)
AVAILABLE = Quantity(Decimal(1000), UnitCode("KGM"))
EVIDENCE = ClaimEvidence(CertificateVerdict.VALID, CERTIFIED, AVAILABLE)


def story_document(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - it is JSON
    """Return the story's declaration as JSON, with top-level members changed."""
    return {
        "format": "tulen/declaration/v1",
        "number": "04032001069420260115000001",
        "declared_on": "2026-01-15",
        "arrival_on": "2026-01-14",
        "office": "040300",
        "importer": {"party": "ID.MAJU", "has_api": True},
        "exchange": {"currency": "USD", "rate": "15000", "per": 1},
        "lines": [story_line()],
    } | changes


def story_line(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - it is JSON
    """Return the story's line as JSON, with members changed; None takes a member away."""
    line = {
        "line": 1,
        "hs_code": "39241090",
        "country_of_origin": "VN",
        "description": "Food boxes of polypropylene",
        "quantity": {"amount": "1000", "unit": "KGM"},
        "cost": "10000",
        "insurance": "100",
        "freight": "500",
        "claim": {
            "agreement": "ATIGA",
            "facility": "06",
            "certificate": "VN-D-2026-000001",
            "certificate_line": 1,
        },
    } | changes
    return {name: value for name, value in line.items() if value is not None}


def story(**changes: Any) -> Declaration:  # noqa: ANN401 - it is JSON
    """Return the story's declaration, with top-level members changed."""
    return Declaration.from_document(story_document(**changes))
