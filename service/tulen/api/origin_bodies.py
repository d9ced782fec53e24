"""What a question about origin holds, as OpenAPI describes it: inputs, a bill, a journey."""

from typing import Any

from tulen.api.examples import example
from tulen.api.schemas import (
    ABOVE_ZERO,
    AGREEMENT,
    COUNTRY,
    CURRENCY,
    DATE,
    HS_CODE,
    SHORTEST,
    Schema,
    line,
    record,
    several,
    text,
)
from tulen.origin import LotMethod, Method, Role
from tulen.origin.bills.bill import MAX_LINES
from tulen.origin.bills.units import UNITS
from tulen.origin.circumstances import FACTS, MAX_PROCESSES, MAX_SET_ITEMS, SetRule
from tulen.origin.hs import EDITIONS
from tulen.origin.inputs import MAX_MATERIALS
from tulen.origin.materials import MAX_WORDS
from tulen.origin.proof.consignment import LONGEST_ROUTE, SHORTEST_ROUTE

_YES_OR_NO: Schema = {"type": "boolean"}
_SHARE = text(r"^(100|[1-9]?[0-9](\.[0-9]?[1-9])?)%$", description="Such as 7.5%.")
_WORDS = several(line(), MAX_WORDS) | {"uniqueItems": True}
_MATERIAL = record(
    {"description": line(), "originating": _YES_OR_NO},
    {
        "value": SHORTEST | {"description": "Absent: unknown, which is never taken as zero."},
        "hs_code": HS_CODE,
        "country": COUNTRY,
        "evidence": line(),
        "weight": SHORTEST | {"description": "Net, in kilograms."},
        "role": {"enum": [role.value for role in Role]},
        "separately_invoiced": _YES_OR_NO,
        "customary": _YES_OR_NO,
        "partial_content": _SHARE,
        "non_originating_content": SHORTEST,
        "deductions": {
            "type": "object",
            "description": "Costs within its value, by name.",
            "additionalProperties": SHORTEST,
            "propertyNames": line(),
            "minProperties": 1,
        },
        "lot": line(),
        "lot_method": {
            "enum": [method.value for method in LotMethod],
            "description": "How the lot is accounted for; only with lot.",
        },
        "lists": _WORDS,
        "kinds": _WORDS,
        "under": AGREEMENT
        | {"description": "The agreement under which it originates, where that is another one."},
    },
)
_PRODUCTION = record(
    {},
    {
        "processes": several(record({"code": line()}, {"country": COUNTRY}), MAX_PROCESSES),
        "operations": _WORDS,
        "only_minimal": _YES_OR_NO,
        "embroidered_area": _SHARE,
        "last_process": COUNTRY,
        "attestations": several(record({"text": line(), "holds": _YES_OR_NO}), MAX_PROCESSES),
    },
) | {"minProperties": 1}
_SET_ITEM = record({"description": line()}, {"originating": _YES_OR_NO, "value": SHORTEST})
_METHOD: Schema = {"enum": [method.value for method in Method]}
_GOOD: Schema = {
    "exporting_country": COUNTRY,
    "importing_country": COUNTRY,
    "hs_code": HS_CODE,
    "description": line(),
    "method": _METHOD,
}
_MORE_OF_GOOD: Schema = {
    "fob": record({"amount": ABOVE_ZERO, "currency": CURRENCY}),
    "materials": several(_MATERIAL, MAX_MATERIALS),
    "costs": record({}, dict.fromkeys(("labour", "overhead", "other", "profit"), SHORTEST))
    | {"minProperties": 1},
    "wholly_obtained": line(64),
    "prices": record(
        {"currency": CURRENCY},
        dict.fromkeys(("ex_works", "adjusted", "transaction", "net_cost", "cif"), ABOVE_ZERO)
        | dict.fromkeys(("freight", "insurance"), SHORTEST),
    )
    | {"minProperties": 2},
    "weights": record({}, dict.fromkeys(("net", "textile", "determining_component"), ABOVE_ZERO))
    | {"minProperties": 1, "description": "In kilograms."},
    "production": _PRODUCTION,
    "facts": record({}, dict.fromkeys(FACTS, COUNTRY))
    | {"minProperties": 1, "description": "Where each thing was done to a good wholly obtained."},
    "set_items": several(_SET_ITEM, MAX_SET_ITEMS),
    "set_by": {
        "enum": [rule.value for rule in SetRule],
        "description": "General rule by which they are classified as a set; only with set_items.",
    },
    "hs_edition": {
        "enum": list(EDITIONS),
        "description": "HS edition of every code, where it is not that of the agreement's rules.",
    },
}
INPUTS = record({"agreement": AGREEMENT, **_GOOD}, _MORE_OF_GOOD)
_ANY_AGREEMENT = AGREEMENT | {"description": "Plays no part: every agreement is compared."}
_COMPARED = record(_GOOD, {"agreement": _ANY_AGREEMENT, **_MORE_OF_GOOD})

_JUDGED = ("costs", "prices", "weights", "production", "facts", "wholly_obtained")
_OF_A_MATERIAL = (
    "lot",
    "lot_method",
    "partial_content",
    "non_originating_content",
    "deductions",
    "under",
)
_PART = record(
    {"value": SHORTEST | {"description": "Of one unit."}},
    {
        "description": line(),
        "hs_code": HS_CODE,
        "country": COUNTRY,
        "currency": CURRENCY,
        "unit": {"enum": list(UNITS)},
        "weight": SHORTEST | {"description": "Net, of one unit, in kilograms."},
        "originating": _YES_OR_NO | {"description": "For parts without `of` only."},
        "evidence": line(),
        "role": {"enum": [role.value for role in Role]},
        "separately_invoiced": _YES_OR_NO,
        "customary": _YES_OR_NO,
        "lists": _WORDS,
        "kinds": _WORDS,
        **{name: _MATERIAL["properties"][name] for name in _OF_A_MATERIAL},
        "of": several(
            record(
                {"part": line()},
                {"quantity": ABOVE_ZERO, "unit": {"enum": list(UNITS)}},
            ),
            MAX_LINES,
        )
        | {"description": "What one unit takes of other parts."},
        "method": _METHOD,
        **{name: _MORE_OF_GOOD[name] for name in _JUDGED},
    },
)
_BILL: Schema = {
    "exporting_country": COUNTRY,
    "importing_country": COUNTRY,
    "method": _METHOD,
    "currency": CURRENCY,
    "good": line() | {"description": "Name of the part that is exported."},
    "parts": {
        "type": "object",
        "description": "Every part by its name (docs/specs/origin.md, section 1).",
        "propertyNames": line(),
        "additionalProperties": _PART,
        "minProperties": 1,
    },
}
_MORE_OF_BILL: Schema = {
    "rates": {
        "type": "object",
        "description": "What one unit of another currency is worth in the bill's.",
        "propertyNames": CURRENCY,
        "additionalProperties": ABOVE_ZERO,
    },
    "hs_edition": _MORE_OF_GOOD["hs_edition"],
}
_ASSESSED_BILL = record({"agreement": AGREEMENT, **_BILL}, _MORE_OF_BILL)
_COMPARED_BILL = record(_BILL, {"agreement": _ANY_AGREEMENT, **_MORE_OF_BILL})

_SET_OF_WORDS = _WORDS | {"minItems": 0}
_JOURNEY = record(
    {
        "route": several(COUNTRY, LONGEST_ROUTE, SHORTEST_ROUTE)
        | {"description": "From the exporting to the importing country, with every stop."}
    },
    {
        "operations": _SET_OF_WORDS
        | {"description": "All that was done to the goods on the way; empty: nothing was."},
        "customs_control": _YES_OR_NO,
        "entered_trade": _YES_OR_NO,
        "justified_by": line(),
        "documents": _SET_OF_WORDS | {"description": "Papers at hand, complete."},
        "bill_issued_in": COUNTRY,
        "by_exporter": _YES_OR_NO,
    },
) | {"description": "How the goods came (docs/specs/origin-proof.md, section 3)."}
_MORE: Schema = {"on": DATE, "consignment": _JOURNEY}


def _question(inputs: Schema, bill: Schema) -> Schema:
    return {"oneOf": [record({"inputs": inputs}, _MORE), record({"bill": bill}, _MORE)]}


ASSESSMENT = _question(INPUTS, _ASSESSED_BILL)
COMPARISON = _question(_COMPARED, _COMPARED_BILL)


def question_example() -> dict[str, Any]:
    """Return the example of a question about origin: the good that is applied for."""
    return {"inputs": example("application")["lines"][0]["inputs"], "on": "2026-11-25"}
