"""Translates the facts of a case into the inputs that the core judges."""

from decimal import Decimal
from typing import Any

from case_runner.packs import agreement_code
from case_runner.reading import NotUnderstoodError, decimal, hyphens, only, percent
from case_runner.rules import asks_final_process, leaves, method_of, words_of

_INPUT = [
    "product",
    "exporter",
    "importer",
    "rule",
    "rule_basis",
    "materials",
    "fob",
    "rvc_method",
    "processes",
    "operations",
    "minimal_ops_only",
    "weight_kg",
    "net_weight_kg",
    "facts",
    "exw",
    "adjusted_value",
    "net_cost",
    "transaction_value",
    "cif",
    "international_freight",
    "insurance",
    "costs",
    "profit_stated",
    "currency",
    "attested_process",
    "basic_textile_weight_kg",
    "component_weight_kg",
    "embroidery_area_pct",
    "product_attributes",
    "set_value",
    "set_items",
    "final_process_in",
    "last_process_in",
    "note",
    "notes",
]
_MATERIAL = [
    "desc",
    "hs",
    "country",
    "status",
    "value",
    "weight_kg",
    "role",
    "separately_invoiced",
    "customary",
    "embedded_nom",
    "traced_nom",
    "partial_cumulation_rvc",
    "proof",
    "deduct",
    "fungible_lot",
    "method",
    "on_list",
    "elastomeric",
    "value_basis",
    "wholly_obtained",
    "note",
    "notes",
]
_ROLES = {
    "retail-packing": "retail-packing",
    "transport-packing": "transport-packing",
    "accessory": "accessory",
    "accessories": "accessory",
    "neutral": "indirect",
    "neutral-element": "indirect",
    "indirect": "indirect",
    "indirect-material": "indirect",
    "seed": "seed",
    "material": None,
    "ingredient": None,
}
_LOTS = {
    "average": "average",
    "weighted-average": "average",
    "fifo": "fifo",
    "lifo": "lifo",
    "segregation": "segregation",
    "physical-segregation": "segregation",
}
_FACTS = {
    "born_in": "born_in",
    "raised_in": "raised_in",
    "grown_in": "grown_in",
    "harvested_in": "harvested_in",
    "picked_in": "harvested_in",
    "gathered_in": "harvested_in",
    "obtained_in": "obtained_in",
    "slaughtered_in": "obtained_in",
    "hunted_in": "hunted_in",
    "fished_in": "fished_in",
    "caught_in": "fished_in",
    "farmed_in": "farmed_in",
    "mined_in": "mined_in",
    "extracted_in": "mined_in",
    "vessel_flag": "caught_by_flag",
    "caught_by": "caught_by_flag",
    "caught_by_flag": "caught_by_flag",
    "vessel_registered": "caught_by_registry",
    "vessel_registered_in": "caught_by_registry",
    "vessel_registry": "caught_by_registry",
    "factory_ship_flag": "processed_on_flag",
    "seabed_rights": "seabed_rights_of",
    "collected_in": "collected_in",
    "scrap_from": "scrap_of",
    "waste_from": "scrap_of",
}
_BESIDE_THE_POINT = ("raised_years", "seed_from", "seed_country", "feed_from")
"""Facts that change nothing: a crop has no origin of its seed, an animal none of its feed."""
_OPERATIONS = {
    "preserv": "preservation",
    "chill": "preservation",
    "freez": "preservation",
    "drying": "preservation",
    "transport": "facilitating-shipment",
    "shipment": "facilitating-shipment",
    "loading": "facilitating-shipment",
    "label": "labelling",
    "mark": "labelling",
    "logo": "labelling",
    "pack": "packaging",
    "present": "packaging",
    "bottling": "packaging",
    "boxing": "packaging",
    "sift": "sorting",
    "screen": "sorting",
    "sort": "sorting",
    "classif": "sorting",
    "grading": "sorting",
    "sharpen": "sharpening",
    "simple-cut": "cutting",
    "simple-grind": "grinding",
    "slit": "slitting",
    "simple-bend": "bending",
    "coil": "coiling",
    "dilut": "dilution",
    "disassembl": "disassembly",
    "simple-assembl": "simple-assembly",
    "slaughter": "slaughter",
    "paint": "painting",
    "polish": "painting",
    "peel": "peeling",
    "shelling": "peeling",
    "stoning": "peeling",
    "mixing": "mixing",
    "wash": "washing",
    "clean": "washing",
    "iron": "ironing",
    "pressing": "ironing",
    "husk": "husking",
}
"""How cases word an operation, and the code that lists of minimal operations have for it."""
_UNSTATED_HS = "9999"
"""Stands for a good whose code the published source does not state."""
_HEADING = 4


def document_of(case: dict[str, Any]) -> dict[str, Any]:
    """Return the inputs document of a case."""
    told = case["input"]
    only(told, _INPUT, "input")
    only(told["product"], ("hs", "desc", "attributes", "note"), "product")
    if told.get("profit_stated") and "profit" not in told.get("costs", {}):
        raise NotUnderstoodError("profit is stated, but not given")
    code = stated_code(told["product"])
    prices = _prices(told)
    document: dict[str, Any] = {
        "agreement": agreement_code(case["agreement"]),
        "exporting_country": told["exporter"],
        "importing_country": told["importer"],
        "hs_code": code if len(code) >= _HEADING else _UNSTATED_HS,
        "description": told["product"].get("desc") or "the good",
        "method": method_of(told.get("rvc_method", "build-down")),
        "costs": _costs(told),
        "prices": prices,
        "weights": _weights(told),
        "materials": _materials(told),
        "production": _production(told),
        "facts": _facts(told.get("facts", {})),
        "set_items": [_set_item(item) for item in told.get("set_items", [])],
    }
    price = told.get("fob", told.get("set_value"))
    if price is None and len(prices) == 1 and "profit" in told.get("costs", {}):
        price = _sum_of_elements(told)
    if price is not None:
        document["fob"] = {"amount": decimal(price, "fob"), "currency": _currency(told)}
    if set(prices) == {"currency"}:
        document["prices"] = {}
    return {name: value for name, value in document.items() if value not in ({}, [], None)}


def _currency(told: dict[str, Any]) -> str:
    return str(told.get("currency", "USD"))


def _sum_of_elements(told: dict[str, Any]) -> Decimal | None:
    """Return the price that materials, costs and profit come to, where all are stated."""
    values = [item.get("value") for item in told.get("materials", [])]
    if not values or None in values:
        return None
    return Decimal(sum(values) + sum(told["costs"].values()))


def _prices(told: dict[str, Any]) -> dict[str, str]:
    names = {
        "exw": "ex_works",
        "adjusted_value": "adjusted",
        "transaction_value": "transaction",
        "net_cost": "net_cost",
        "cif": "cif",
        "international_freight": "freight",
        "insurance": "insurance",
    }
    stated = {
        names[name]: decimal(told[name], name) for name in names if told.get(name) is not None
    }
    return {"currency": _currency(told), **stated}


def _weights(told: dict[str, Any]) -> dict[str, str]:
    names = {
        "weight_kg": "net",
        "net_weight_kg": "net",
        "basic_textile_weight_kg": "textile",
        "component_weight_kg": "determining_component",
    }
    weights = {
        names[name]: decimal(told[name], name) for name in names if told.get(name) is not None
    }
    if "net" in weights:
        # One weight is stated: the good is all textile, and all of the component that decides.
        weights = {"textile": weights["net"], "determining_component": weights["net"], **weights}
    return weights


def _costs(told: dict[str, Any]) -> dict[str, str]:
    """Return the costs of a case, which states all there are: what it does not name is nothing."""
    costs = dict.fromkeys(("labour", "overhead", "other", "profit"), Decimal(0))
    for name, value in told.get("costs", {}).items():
        if "international" in name:
            raise NotUnderstoodError(f"costs: {name} is no cost up to FOB")
        kind = next((kind for kind in ("labour", "overhead", "profit") if kind in name), "other")
        costs[kind] += Decimal(decimal(value, f"costs/{name}"))
    return {name: decimal(value, name) for name, value in costs.items()}


def _materials(told: dict[str, Any]) -> list[dict[str, Any]]:
    documents = [_material(item, told) for item in told.get("materials", [])]
    if any("assembled_from_list" in leaf for leaf in leaves(told["rule"])):
        for document in documents:
            # A case says of every material that is on the list that it is.
            document.setdefault("lists", ["no list"])
    return documents


def _material(item: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    only(item, _MATERIAL, "material")
    originating = _status(item) == "originating"
    code, country = stated_code(item), str(item.get("country") or "")
    document: dict[str, Any] = {
        "description": item.get("desc") or "material",
        "originating": originating,
    }
    if originating and not country:
        country = told["exporter"]
    # A heading is the least that the core calls a classification; a chapter is less than that.
    # Nor is a code worth anything to a change from that of a good which is not stated.
    if len(code) >= _HEADING and not (
        _asks_change(told["rule"]) and not stated_code(told["product"])
    ):
        document["hs_code"] = code
    if country:
        document["country"] = country
    if item.get("proof"):
        document["evidence"] = str(item["proof"])
    elif originating and "proof" not in item:
        # By the conventions of the cases, originating means with evidence.
        document["evidence"] = "as the case states"
    for name, member in _AMOUNTS.items():
        if item.get(name) is not None:
            document[member] = decimal(item[name], name)
    if kinds := _kinds(item, told, originating=originating):
        document["kinds"] = kinds
    return document | _details(item) | _role(item) | _lot(item)


def _status(item: dict[str, Any]) -> str:
    status = str(item["status"])
    if status not in ("originating", "non_originating", "undetermined"):
        raise NotUnderstoodError(f"status {status!r} is not understood")
    return status


def stated_code(item: dict[str, Any]) -> str:
    """Return the code that a good or material has, empty where it is not stated."""
    code = str(item.get("hs") or "").replace(".", "")
    if code and not (code.isascii() and code.isdigit()):
        raise NotUnderstoodError(f"hs {code!r} is no HS code")
    return code if code.strip("0") else ""


def _asks_change(rule: dict[str, Any]) -> bool:
    return any({"ctc", "ctc_from"} & leaf.keys() for leaf in leaves(rule))


def _details(item: dict[str, Any]) -> dict[str, Any]:
    details: dict[str, Any] = {
        name: item[name]
        for name in ("separately_invoiced", "customary")
        if item.get(name) is not None
    }
    if item.get("partial_cumulation_rvc") is not None:
        share = item["partial_cumulation_rvc"]
        details["partial_content"] = percent(share, "partial_cumulation_rvc")
    if item.get("deduct"):
        details["deductions"] = {
            hyphens(name): decimal(value, name) for name, value in item["deduct"].items()
        }
    if item.get("on_list"):
        lists = item["on_list"]
        details["lists"] = lists if isinstance(lists, list) else [lists]
    return details


_ELASTOMERIC = "elastomeric yarn not wholly formed in the parties"
"""How the packs' de minimis names what cases call elastomeric."""

_AMOUNTS = {
    "value": "value",
    "weight_kg": "weight",
    "embedded_nom": "non_originating_content",
    "traced_nom": "non_originating_content",
}


def _kinds(item: dict[str, Any], told: dict[str, Any], *, originating: bool) -> list[str]:
    """Return what a material is called; a case says all that matters about it.

    A rule may name a material by words that no material of the case is described with: then none
    of them is known to be another one either.
    """
    described = [str(each.get("desc") or "material").lower() for each in told["materials"]]
    mine = str(item.get("desc") or "material").lower()
    words = words_of(told["rule"])
    kinds = [mine, *sorted(word for word in words if word in mine and word != mine)]
    if words and not any(word in text for word in words for text in described):
        kinds = []
    if item.get("elastomeric"):
        kinds.append(_ELASTOMERIC)
    if originating and item.get("wholly_obtained", True):
        kinds.append("wholly obtained")
    return kinds


def _role(item: dict[str, Any]) -> dict[str, str]:
    if not item.get("role"):
        return {}
    if (word := hyphens(item["role"])) not in _ROLES:
        raise NotUnderstoodError(f"role {item['role']!r} is not understood")
    role = _ROLES[word]
    return {"role": role} if role is not None else {}


def _lot(item: dict[str, Any]) -> dict[str, str]:
    if not item.get("fungible_lot"):
        return {}
    lot = {"lot": str(item["fungible_lot"])}
    if item.get("method"):
        if (method := _LOTS.get(hyphens(item["method"]))) is None:
            raise NotUnderstoodError(f"method {item['method']!r} of a lot is not understood")
        lot["lot_method"] = method
    return lot


def _production(told: dict[str, Any]) -> dict[str, Any]:
    production: dict[str, Any] = {}
    if "processes" in told:
        codes = [hyphens(code) for code in told["processes"]] or ["none"]
        production["processes"] = [{"code": code} for code in dict.fromkeys(codes)]
    if told.get("operations"):
        production["operations"] = list(dict.fromkeys(map(_operation, told["operations"])))
    if told.get("minimal_ops_only") is not None:
        production["only_minimal"] = told["minimal_ops_only"]
    if told.get("embroidery_area_pct") is not None:
        area = told["embroidery_area_pct"]
        production["embroidered_area"] = percent(area, "embroidery_area_pct")
    if told.get("attested_process") is not None:
        texts = [leaf["process_text"] for leaf in leaves(told["rule"]) if "process_text" in leaf]
        if texts:
            production["attestations"] = [
                {"text": text, "holds": told["attested_process"]} for text in dict.fromkeys(texts)
            ]
    if last := told.get("final_process_in", told.get("last_process_in")):
        production["last_process"] = last
    elif asks_final_process(told["rule"]):
        # By the conventions of the cases, processes are taken as given unless a case says else.
        production["last_process"] = told["exporter"]
    return production


def _operation(text: str) -> str:
    word = hyphens(text)
    return next((code for part, code in _OPERATIONS.items() if part in word), word)


def _facts(facts: dict[str, Any]) -> dict[str, str]:
    only(facts, (*_FACTS, *_BESIDE_THE_POINT), "facts")
    return {_FACTS[name]: value for name, value in facts.items() if name in _FACTS}


def _set_item(item: dict[str, Any]) -> dict[str, Any]:
    only(item, ("desc", "status", "value", "hs", "country", "note"), "set item")
    document: dict[str, Any] = {"description": item.get("desc") or "article"}
    if (status := _status(item)) != "undetermined":
        document["originating"] = status == "originating"
    if item.get("value") is not None:
        document["value"] = decimal(item["value"], "set item")
    return document
