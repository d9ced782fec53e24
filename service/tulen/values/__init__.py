"""Values of the field that cannot be wrong: each validates itself when it is made."""

from tulen.values.amounts import Money, Quantity, decimal_from, decimal_text
from tulen.values.codes import (
    AgreementCode,
    Country,
    Currency,
    FormCode,
    HsCode,
    PartyCode,
    UnitCode,
)
from tulen.values.digest import Digest, Ed25519PublicKey
from tulen.values.json import DEFAULT_LIMITS, Limits, canonical_bytes, parse_strict
from tulen.values.period import Period, date_from, instant_from, instant_text
from tulen.values.text import line_of_text

__all__ = [
    "DEFAULT_LIMITS",
    "AgreementCode",
    "Country",
    "Currency",
    "Digest",
    "Ed25519PublicKey",
    "FormCode",
    "HsCode",
    "Limits",
    "Money",
    "PartyCode",
    "Period",
    "Quantity",
    "UnitCode",
    "canonical_bytes",
    "date_from",
    "decimal_from",
    "decimal_text",
    "instant_from",
    "instant_text",
    "line_of_text",
    "parse_strict",
]
