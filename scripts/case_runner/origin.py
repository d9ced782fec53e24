"""Judges cases of the domain origin, and compares the verdict with what the case expects."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from case_runner.inputs import document_of, stated_code
from case_runner.packs import knows_minimal_operations, pack_for
from case_runner.reading import NotUnderstoodError, only
from case_runner.rules import Rule, in_chapter, method_of, translated
from tulen.origin import Finding, OriginInputs, Outcome, assess

_ON = date(2026, 1, 15)
_VERDICTS = {
    Outcome.MET: "originating",
    Outcome.NOT_MET: "non_originating",
    Outcome.UNDETERMINED: "undetermined",
}
_UNCHANGED = {"unchanged by value": "value", "unchanged by weight": "weight"}


class Answer(NamedTuple):
    """What the core answered.

    Attributes:
        rule: The case's rule.
        whole: The finding of the whole verdict.
        found: The finding by the case's rule.
    """

    rule: Rule
    whole: Finding
    found: Finding


def origin_failures(case: dict[str, Any]) -> list[str]:
    """Return in what the core's verdict on ``case`` differs from the expected one."""
    expected = case["expected"]
    only(expected, (*_CHECKS, "note", "notes"), "expected")
    told = dict(case["input"])
    told["rule"] = in_chapter(told["rule"], stated_code(told["product"]))
    if told.get("minimal_ops_only") and not knows_minimal_operations(case["agreement"]):
        raise NotUnderstoodError("the agreement's minimal operations are not known")
    inputs = OriginInputs.from_document(document_of(case | {"input": told}))
    parties = {told["exporter"], told["importer"]} | {
        item["country"] for item in told.get("materials", []) if item["status"] == "originating"
    }
    measures = {
        measure
        for item in told.get("materials", [])
        for name, measure in (("value", "value"), ("weight_kg", "weight"))
        if item.get(name) is not None
    }
    pack = pack_for(case["agreement"], translated(told["rule"]), parties, measures)
    whole = assess(inputs, pack, _ON).finding
    answer = Answer(told["rule"], whole, whole.parts[-1])
    wrong = []
    for name, check in _CHECKS.items():
        if name in expected and not check(answer, expected[name]):
            wrong.append(f"{name} is not {expected[name]!r} but {_shown(name, answer)}")
    return wrong


def _shown(name: str, answer: Answer) -> str:
    if name == "verdict":
        return f"{_VERDICTS[answer.found.outcome]}: {answer.found.reason}"
    if name == "criterion":
        return ", ".join(sorted(_satisfied(answer.rule, answer.found))) or "none"
    return "; ".join(f"{key} {value}" for key, value in _figures(answer.whole)) or "not shown"


def _walk(finding: Finding) -> Iterator[Finding]:
    yield finding
    for part in finding.parts:
        yield from _walk(part)


def _figures(finding: Finding) -> Iterator[tuple[str, str]]:
    for item in _walk(finding):
        yield from item.figures


def _shares(finding: Finding, name: str) -> list[Fraction]:
    return [Fraction(text.split(" ")[0]) for key, text in _figures(finding) if key == name]


def _is_percent(share: Fraction, expected: object) -> bool:
    """Return whether ``share`` is ``expected`` percent, to two decimals."""
    exact = Decimal(share.numerator) * 100 / Decimal(share.denominator)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal(str(expected))


def _share_of(*names: str) -> Callable[[Answer, Any], bool]:
    def check(answer: Answer, expected: Any) -> bool:  # noqa: ANN401 - whatever the case holds
        return any(
            _is_percent(share, expected) for name in names for share in _shares(answer.found, name)
        )

    return check


def _verdict(answer: Answer, expected: object) -> bool:
    return _VERDICTS[answer.found.outcome] == expected


def _criterion(answer: Answer, expected: str | None) -> bool:
    if expected is None:
        return answer.found.outcome is not Outcome.MET
    return _named(answer.rule, answer.found, expected.split(" + "))


def _named(rule: Rule, found: Finding, words: list[str]) -> bool:
    """Return whether ``words`` name a limb that is satisfied; several may be, each has a name."""
    if found.outcome is not Outcome.MET:
        return False
    limbs = _limbs(rule, found)
    if limbs is None:
        return _names(rule, found).issuperset(words)
    if "any" in rule:
        return any(_named(item, part, words) for item, part in limbs)
    return all(any(_named(item, part, [word]) for item, part in limbs) for word in words)


def _limbs(rule: Rule, found: Finding) -> list[tuple[Rule, Finding]] | None:
    """Return the rules that ``rule`` joins, each with what was found by it; None: it joins none."""
    several = rule.get("any") or rule.get("all")
    if several is None:
        return None
    # Of one rule alone the translation makes no alternative.
    parts = (found,) if len(several) == 1 else found.parts
    return list(zip(several, parts, strict=True))


def _satisfied(rule: Rule, found: Finding) -> set[str]:
    """Return every name of every limb that is satisfied."""
    if found.outcome is not Outcome.MET:
        return set()
    limbs = _limbs(rule, found)
    if limbs is None:
        return _names(rule, found)
    return set().union(*[_satisfied(item, part) for item, part in limbs])


def _names(rule: Rule, found: Finding) -> set[str]:
    """Return what a rule that is met may be called."""
    if "ctc" in rule or "ctc_from" in rule:
        return {rule.get("ctc", "CTH"), "CTC"}
    if "rvc" in rule:
        names = {"RVC", "QVC", *_declared("RVC", found), *_declared("QVC", found)}
        methods = rule.get("method", [])
        return names | {method_of(item) for item in [methods] if isinstance(item, str)}
    names = {"SP", "PSR"}
    for word, code in _CODES.items():
        if word in rule:
            names |= {code}
    if "chemical_reaction" in rule.get("process_any", ()):
        names |= {"CR"}
    return names


_CODES = {
    "max_nom": "MaxNOM",
    "max_weight": "max-weight",
    "wo": "WO",
    "pe": "PE",
    "wo_materials": "WO-materials",
    "any_heading": "any heading",
    "process_any": "process",
    "process_all": "process",
    "process_text": "process",
    "materials_from": "process",
    "textile_list": "process",
    "assembled_from_list": "list",
    "set": "set",
}


def _declared(word: str, found: Finding) -> set[str]:
    return {f"{word} {share * 100 // 1}%" for share in _shares(found, "RVC")}


def _declared_pct(answer: Answer, expected: object) -> bool:
    return any(share * 100 // 1 == expected for share in _shares(answer.found, "RVC"))


def _by_method(answer: Answer, expected: dict[str, Any]) -> bool:
    shown: dict[str, list[Fraction]] = {}
    for item in _walk(answer.found):
        figures = dict(item.figures)
        if "formula" in figures and "RVC" in figures:
            method = figures["formula"].split(", ")[1].split(" ")[0]
            shown.setdefault(method, []).append(Fraction(figures["RVC"].split(" ")[0]))
    return all(
        any(_is_percent(share, value) for share in shown.get(method_of(name), []))
        for name, value in expected.items()
    )


def _de_minimis_used(answer: Answer, expected: object) -> bool:
    used = any(
        item.outcome is Outcome.MET and any(key in _UNCHANGED for key, _ in item.figures)
        for item in _walk(answer.found)
    )
    return used == expected


def _de_minimis_basis(answer: Answer, expected: object) -> bool:
    bases = {
        basis: text.split(" = ")[1]
        for key, text in _figures(answer.found)
        if (basis := _UNCHANGED.get(key)) is not None and " = " in text
    }
    if answer.found.outcome is Outcome.MET:
        bases = {basis: text for basis, text in bases.items() if _keeps(text)}
    return expected in bases


def _keeps(text: str) -> bool:
    """Return whether a share keeps to the limit beside it: ``9.00%, at most 10% of EXW``."""
    share, limit = text.split("%, at most ")
    return Decimal(share) <= Decimal(limit.split("%")[0])


def _reason(answer: Answer, expected: str) -> bool:
    if expected != "minimal_operations":
        raise NotUnderstoodError(f"reason {expected!r} is not understood")
    return any(item.name == "minimal operations" for item in _walk(answer.found))


def _cumulation_used(answer: Answer, expected: object) -> bool:
    used = any(
        key in ("cumulated from other parties", "RVC without partial cumulation")
        for key, _ in _figures(answer.whole)
    )
    return used == expected


def _tolerance(answer: Answer, expected: object) -> bool:
    return any(key == expected for key, _ in _figures(answer.found))


def _tolerance_pct(answer: Answer, expected: object) -> bool:
    return any(
        _is_percent(Fraction(text.split(" ")[0]), expected)
        for key, text in _figures(answer.found)
        if key.startswith("textile ") or key in _UNCHANGED
    )


_CHECKS: dict[str, Callable[[Answer, Any], bool]] = {
    "verdict": _verdict,
    "criterion": _criterion,
    "rvc_pct": _share_of("RVC"),
    "declared_pct": _declared_pct,
    "rvc_by_method": _by_method,
    "rvc_pct_without_partial": _share_of("RVC without partial cumulation"),
    "rvc_pct_without_tracing": _share_of("RVC without tracing"),
    "max_nom_pct": _share_of("MaxNOM"),
    "nonorig_pct": _share_of("non-originating articles"),
    "weight_pct": _share_of("share by weight"),
    "de_minimis_pct": _share_of(*_UNCHANGED),
    "de_minimis_used": _de_minimis_used,
    "de_minimis_basis": _de_minimis_basis,
    "reason": _reason,
    "cumulation_used": _cumulation_used,
    "tolerance": _tolerance,
    "tolerance_pct": _tolerance_pct,
}
