"""At import: customs value, duty and levies, and the preference that a certificate is worth.

Exact and pure: rates are dated data with their source, and nothing is rounded but what is payable.
"""

from tulen.customs.declaration import Declaration, DeclarationLine, Importer, PreferenceClaim
from tulen.customs.duties import (
    Charges,
    DutyAssessment,
    LevyCharge,
    LineCharges,
    PayableLevy,
    RateBasis,
    assess_duties,
)
from tulen.customs.money import exact_text, money_text
from tulen.customs.pack import CountryPack, LevyCode, Rounding, country_pack, pack_from_toml
from tulen.customs.preference import (
    CertificateVerdict,
    CertifiedLine,
    ClaimEvidence,
    ClaimOutcome,
    ClaimReason,
    Objection,
    PreferenceDecision,
    decide_preferences,
)
from tulen.customs.tariff import (
    AdValorem,
    NotInTariffError,
    Tariff,
    TariffLine,
    demonstration_tariff,
    tariff_from_toml,
)
from tulen.customs.value import CustomsValue, ExchangeRate, customs_value

__all__ = [
    "AdValorem",
    "CertificateVerdict",
    "CertifiedLine",
    "Charges",
    "ClaimEvidence",
    "ClaimOutcome",
    "ClaimReason",
    "CountryPack",
    "CustomsValue",
    "Declaration",
    "DeclarationLine",
    "DutyAssessment",
    "ExchangeRate",
    "Importer",
    "LevyCharge",
    "LevyCode",
    "LineCharges",
    "NotInTariffError",
    "Objection",
    "PayableLevy",
    "PreferenceClaim",
    "PreferenceDecision",
    "RateBasis",
    "Rounding",
    "Tariff",
    "TariffLine",
    "assess_duties",
    "country_pack",
    "customs_value",
    "decide_preferences",
    "demonstration_tariff",
    "exact_text",
    "money_text",
    "pack_from_toml",
    "tariff_from_toml",
]
