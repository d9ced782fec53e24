"""Translates a rule of a case (the grammar of the facts file) into the language of the project."""

from collections.abc import Callable
from typing import Any

from case_runner.reading import NotUnderstoodError, hyphens, only, percent

Rule = dict[str, Any]

METHODS = {
    "direct": "build-up",
    "indirect": "build-down",
    "build-up": "build-up",
    "build-down": "build-down",
    "buildup": "build-up",
    "builddown": "build-down",
    "focused": "focused",
    "focused-value": "focused",
    "net-cost": "net-cost",
    "transaction-value": "transaction-value",
    "transaction": "transaction-value",
}
_AREAS = {
    "party": "party",
    "any-party": "party",
    "parties": "party",
    "exporting-party": "exporting-party",
}
_NAMED = {"sugar": "1701-1702"}
"""The lists of the United Kingdom mean headings 1701 and 1702 where they say sugar."""
_NOT_MERELY = [
    "labelling",
    "pressing",
    "ironing",
    "cleaning",
    "dry-cleaning",
    "packaging",
    "cutting-to-length",
    "cutting-to-width",
    "hemming",
    "stitching",
    "overlocking",
    "attaching-accessories",
    "bleaching",
    "waterproofing",
    "decating",
    "shrinking",
    "mercerising",
    "finishing",
]
"""ATIGA Annex 3 attachment 1 paragraph 2: what is not enough on its own."""


def translated(rule: Rule) -> Rule:
    """Return ``rule`` in the language of the project."""
    for word, translate in _WORDS.items():
        if word in rule:
            return translate(rule)
    raise NotUnderstoodError(f"rule {sorted(rule)} is not understood")


def method_of(value: object) -> str:
    """Return a method of value content as the project names it."""
    if (method := METHODS.get(hyphens(value))) is None:
        raise NotUnderstoodError(f"method {value!r} is not understood")
    return method


def leaves(rule: Rule) -> list[Rule]:
    """Return the single rules of a case's rule."""
    parts = rule.get("any") or rule.get("all")
    return [rule] if parts is None else [leaf for part in parts for leaf in leaves(part)]


def asks_final_process(rule: Rule) -> bool:
    """Return whether a rule asks where the last process is performed."""
    return any(key.startswith("final_process") for leaf in leaves(rule) for key in leaf)


def in_chapter(rule: Any, code: str) -> Any:  # noqa: ANN401 - a rule, or what is inside of one
    """Return ``rule`` with the chapter of the good, ``code``, where it says the same chapter."""
    match rule:
        case dict():
            return {name: in_chapter(value, code) for name, value in rule.items()}
        case list():
            return [in_chapter(value, code) for value in rule]
        case "same-chapter" if code:
            return code[:2]
        case "same-chapter":
            raise NotUnderstoodError("rule: the chapter of the good is not stated")
        case _:
            return rule


def _several(word: str) -> Callable[[Rule], Rule]:
    def translate(rule: Rule) -> Rule:
        only(rule, (word,), "rule")
        parts = [translated(part) for part in rule[word]]
        return parts[0] if len(parts) == 1 else {word: parts}

    return translate


def _materials(values: list[Any]) -> list[str]:
    if not isinstance(values, list):
        raise NotUnderstoodError(f"{values!r} is no list of materials")
    return [_NAMED.get(str(item), str(item)) for item in values]


def words_of(rule: Rule) -> set[str]:
    """Return the words, and not codes, by which a case's rule names materials."""
    named = [
        str(item)
        for leaf in leaves(rule)
        for member in ("of", "except", "wo_materials")
        for item in (leaf[member] if isinstance(leaf.get(member), list) else ())
    ]
    return {item for item in named if item not in _NAMED and not item[:1].isdigit()}


def _ctc(rule: Rule) -> Rule:
    only(rule, ("ctc", "except", "within_group", "tolerance", "allow", "allow_from"), "ctc")
    result: Rule = {"ctc": rule["ctc"]}
    if rule.get("except"):
        result["except"] = [str(item) for item in rule["except"]]
    if rule.get("within_group"):
        result["within_group"] = True
    if allowed := rule.get("allow") or rule.get("allow_from"):
        result["allow"] = [str(item) for item in allowed]
    if tolerance := rule.get("tolerance"):
        only(tolerance, ("of", "max_value", "max_weight", "basis"), "tolerance")
        of = tolerance["of"]
        result["tolerance"] = {"of": of if isinstance(of, str) else _materials(of)}
        if "max_value" in tolerance:
            result["tolerance"]["max_value"] = percent(tolerance["max_value"], "max_value")
            result["tolerance"]["basis"] = tolerance.get("basis", "EXW")
        else:
            result["tolerance"]["max_weight"] = percent(tolerance["max_weight"], "max_weight")
    return result


def _ctc_from(rule: Rule) -> Rule:
    only(rule, ("ctc_from", "allow_also"), "ctc_from")
    if rule.get("allow_also") != "other headings":
        raise NotUnderstoodError(f"allow_also {rule.get('allow_also')!r} is not understood")
    return {"ctc": "CTH", "allow": [str(item) for item in rule["ctc_from"]]}


def _any_heading(rule: Rule) -> Rule:
    only(rule, ("any_heading", "except"), "any_heading")
    excepted = {"except": _materials(rule["except"])} if rule.get("except") else {}
    return {"any_heading": True, **excepted}


def _rvc(rule: Rule) -> Rule:
    finals = ("final_process_in_party", "final_process_in_exporting_party")
    only(rule, ("rvc", "method", "basis", "of", *finals), "rvc")
    result: Rule = {"rvc": percent(rule["rvc"], "rvc")}
    if isinstance(rule.get("method"), list):
        result["method"] = [method_of(item) for item in rule["method"]]
    elif "method" in rule:
        result["method"] = method_of(rule["method"])
    if "basis" in rule:
        result["basis"] = rule["basis"]
    if rule.get("of"):
        result["of"] = _materials(rule["of"])
    for name in finals:
        if rule.get(name):
            area = "exporting-party" if "exporting" in name else "party"
            result["final_process"] = area
    return result


def _max_nom(rule: Rule) -> Rule:
    only(rule, ("max_nom", "basis", "of"), "max_nom")
    result: Rule = {"max_nom": percent(rule["max_nom"], "max_nom")}
    if "basis" in rule:
        result["basis"] = rule["basis"]
    return result | ({"of": _materials(rule["of"])} if rule.get("of") else {})


def _max_weight(rule: Rule) -> Rule:
    only(rule, ("max_weight", "basis", "of", "each"), "max_weight")
    if rule.get("basis", "net-weight") not in ("net-weight", "net"):
        raise NotUnderstoodError(f"basis {rule['basis']!r} of a weight is not understood")
    result: Rule = {"max_weight": percent(rule["max_weight"], "max_weight")}
    result["of"] = _materials(rule["of"])
    return result | ({"each": True} if rule.get("each") else {})


def _area(rule: Rule) -> Rule:
    if "in" not in rule:
        return {}
    if (area := _AREAS.get(hyphens(rule["in"]))) is None:
        raise NotUnderstoodError(f"in {rule['in']!r} is not understood")
    return {"in": area}


def _wo(rule: Rule) -> Rule:
    only(rule, ("wo", "in"), "wo")
    return {"wo": True, **_area(rule)}


def _wo_materials(rule: Rule) -> Rule:
    only(rule, ("wo_materials",), "wo_materials")
    return {"wo_materials": _materials(rule["wo_materials"])}


def _pe(rule: Rule) -> Rule:
    only(rule, ("pe",), "pe")
    return {"pe": True}


def _processes(word: str) -> Callable[[Rule], Rule]:
    def translate(rule: Rule) -> Rule:
        only(rule, (word, "not_merely", "from_any", "in", "min"), word)
        result: Rule = {word: [hyphens(item) for item in rule[word]], **_area(rule)}
        if merely := rule.get("not_merely"):
            words = _NOT_MERELY if isinstance(merely, str) else [hyphens(item) for item in merely]
            result["not_merely"] = [item for item in words if item not in result[word]]
        if least := rule.get("min"):
            only(least, ("embroidery_area",), "min")
            result["embroidered_area"] = percent(least["embroidery_area"], "embroidery_area")
        return result

    return translate


def _process_text(rule: Rule) -> Rule:
    only(rule, ("process_text", "textile_tolerance_note"), "process_text")
    tolerated = {"textile_tolerance": True} if rule.get("textile_tolerance_note") else {}
    return {"process_text": rule["process_text"], **tolerated}


def _materials_from(rule: Rule) -> Rule:
    only(rule, ("materials_from",), "materials_from")
    stages = rule["materials_from"]
    text = stages if isinstance(stages, str) else " or ".join(map(str, stages))
    return {"materials_from": text}


def _assembled_from_list(rule: Rule) -> Rule:
    only(rule, ("assembled_from_list",), "assembled_from_list")
    return {"assembled_from_list": rule["assembled_from_list"]}


def _textile_list(rule: Rule) -> Rule:
    only(rule, ("textile_list",), "textile_list")
    return {"textile_list": rule["textile_list"]}


def _set(rule: Rule) -> Rule:
    only(rule, ("set",), "set")
    told = rule["set"]
    known = ("gir", "each_item_by_own_rule", "max_nonorig_items", "max_nonorig", "basis")
    only(told, known, "set")
    result: Rule = {}
    if told.get("each_item_by_own_rule"):
        result["each_item_by_own_rule"] = True
    if "gir" in told:
        result["gir"] = told["gir"]
    limit = told.get("max_nonorig_items", told.get("max_nonorig"))
    if limit is not None:
        result["max_non_originating"] = percent(limit, "max_nonorig_items")
    basis = told.get("basis", "set value")
    # The value of a set is read into the FOB price where the case states no other price.
    result["basis"] = "FOB" if basis == "set value" else basis
    return {"set": result}


def _undetermined(rule: Rule) -> Rule:
    only(rule, ("undetermined", "psr_only"), "rule")
    return {"undetermined": str(rule.get("undetermined", "product specific rules only"))}


_WORDS: dict[str, Callable[[Rule], Rule]] = {
    "any": _several("any"),
    "all": _several("all"),
    "ctc": _ctc,
    "ctc_from": _ctc_from,
    "any_heading": _any_heading,
    "rvc": _rvc,
    "max_nom": _max_nom,
    "max_weight": _max_weight,
    "wo": _wo,
    "wo_materials": _wo_materials,
    "pe": _pe,
    "process_any": _processes("process_any"),
    "process_all": _processes("process_all"),
    "process_text": _process_text,
    "materials_from": _materials_from,
    "assembled_from_list": _assembled_from_list,
    "textile_list": _textile_list,
    "set": _set,
    "undetermined": _undetermined,
    "psr_only": _undetermined,
}
