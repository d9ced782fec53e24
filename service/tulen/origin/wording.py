"""Says a rule in the words of a schedule, from the table that a pack writes.

`schedule_rule` reads the simpler of these sentences back (docs/specs/origin.md, "Schedules").
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Words = Mapping[str, Any]


def rule_words(rule: Words) -> str:
    """Return ``rule``, a table of the rule language, as a sentence without its full stop."""
    for word, say in _SAYS.items():
        if word in rule:
            return say(rule)
    return ", ".join(rule)


def _joined(rules: Sequence[Words], by: str) -> str:
    return by.join(
        f"({rule_words(rule)})" if "any" in rule or "all" in rule else rule_words(rule)
        for rule in rules
    )


def _ranges(rule: Words, member: str, before: str) -> str:
    return f" {before} {', '.join(rule[member])}" if member in rule else ""


def _change(rule: Words) -> str:
    text = (
        f"{rule['ctc']}"
        + _ranges(rule, "except", "except from")
        + _ranges(rule, "allow", "or from")
    )
    if rule.get("within_group"):
        text += " within the group"
    if "tolerance" in rule:
        text += f", but {_allowance(rule['tolerance'])}"
    return text


def _allowance(tolerance: Words) -> str:
    of = tolerance["of"]
    what = ", ".join(of) if isinstance(of, list) else f"the {of.replace('-', ' ')}"
    if "max_weight" in tolerance:
        return f"materials of {what} up to {tolerance['max_weight']} by weight"
    return f"materials of {what} up to {tolerance['max_value']} of {tolerance.get('basis', 'EXW')}"


def _content(rule: Words) -> str:
    text = f"RVC {rule['rvc']}"
    if "method" in rule:
        method = rule["method"]
        text += f" by {method if isinstance(method, str) else ' or '.join(method)}"
    if "basis" in rule:
        text += f" of {rule['basis']}"
    text += _ranges(rule, "of", "counting only")
    if "final_process" in rule:
        text += f", last process in the {rule['final_process'].replace('-', ' ')}"
    return text


def _wholly(rule: Words) -> str:
    return f"WO in the {rule['in'].replace('-', ' ')}" if "in" in rule else "WO"


def _value_limit(rule: Words) -> str:
    return f"MaxNOM {rule['max_nom']} of {rule.get('basis', 'EXW')}{_ranges(rule, 'of', 'for')}"


def _weight_limit(rule: Words) -> str:
    each = " each" if rule.get("each") else ""
    return f"at most {rule['max_weight']} by weight{_ranges(rule, 'of', 'of')}{each}"


def _processes(rule: Words) -> str:
    named = rule.get("process_any") or rule["process_all"]
    text = (" or " if "process_any" in rule else " and ").join(named)
    text = f"process {text}"
    if "not_merely" in rule:
        text += f", not merely {', '.join(rule['not_merely'])}"
    if "in" in rule:
        text += f", in the {rule['in'].replace('-', ' ')}"
    return text


def _set(rule: Words) -> str:
    table = rule["set"]
    text = "set: each item by its own rule"
    if "max_non_originating" in table:
        text += (
            f", others up to {table['max_non_originating']} of the set's "
            f"{table.get('basis', 'value')}"
        )
    return text


def _quoted(member: str) -> Callable[[Words], str]:
    return lambda rule: f"“{rule[member]}”"


_SAYS: Mapping[str, Callable[[Words], str]] = {
    "any": lambda rule: _joined(rule["any"], " or "),
    "all": lambda rule: _joined(rule["all"], " and "),
    "ctc": _change,
    "any_heading": lambda rule: "any heading" + _ranges(rule, "except", "except from"),
    "rvc": _content,
    "max_nom": _value_limit,
    "max_weight": _weight_limit,
    "wo": _wholly,
    "wo_materials": lambda rule: f"materials of {', '.join(rule['wo_materials'])} wholly obtained",
    "pe": lambda _rule: "PE",
    "process_any": _processes,
    "process_all": _processes,
    "process_text": _quoted("process_text"),
    "materials_from": lambda rule: f"made from {rule['materials_from']}",
    "assembled_from_list": lambda rule: f"assembled from goods of {rule['assembled_from_list']}",
    "textile_list": lambda rule: f"textile process of list {rule['textile_list']}",
    "set": _set,
    "undetermined": lambda rule: f"not read with certainty: {rule['undetermined']}",
}
"""What each word of the rule language says."""
