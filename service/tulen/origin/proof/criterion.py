"""What was satisfied, as the application form and the proof print it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tulen.errors import InvalidInputError
from tulen.origin.findings import Finding, Outcome
from tulen.origin.proof.procedure import CriterionPrint, Procedure


@dataclass(frozen=True, slots=True)
class PrintedCriterion:
    """The criterion as printed.

    Attributes:
        codes: Codes of the application, with suffixes; empty where nobody can tell.
        percentage: The whole percentage that goes with them, rounded down; None where none does.
        box: The text of the form's own box; empty where nobody can tell.
        finding: Why, with the source.
    """

    codes: tuple[str, ...]
    percentage: int | None
    box: str
    finding: Finding


def printed_criterion(
    satisfied: Sequence[str],
    procedure: Procedure,
    on: date,
    *,
    product_rule: bool = False,
    region: bool = False,
    value_content: Fraction | None = None,
    circumstances: Collection[str] = (),
) -> PrintedCriterion:
    """Return how the agreement's form prints what was satisfied.

    Args:
        satisfied: WO, PE, RVC, CC, CTH, CTSH, CTC, SP, CR or PC; several if met together.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
        product_rule: Whether the good has a rule of its own.
        region: Whether a good wholly obtained is so only in the region of the parties.
        value_content: The share of value content in percent, unrounded.
        circumstances: ``accumulation``, ``de-minimis``, ``2.6.6(a)`` or ``2.6.6(b)``.

    Raises:
        InvalidInputError: nothing was satisfied, or the share is below zero.
    """
    name = "printed criterion"
    if not satisfied:
        raise InvalidInputError("/satisfied", "", "names no criterion")
    if value_content is not None and value_content < 0:
        raise InvalidInputError("/value_content", value_content, "is below zero")
    entry = procedure.on(on, CriterionPrint)
    if entry is None:
        reason = f"the procedures of {procedure.agreement} that are loaded do not say for {on}"
        return PrintedCriterion((), None, "", Finding(name, Outcome.UNDETERMINED, reason))
    rule = entry.value
    printed: list[str] = []
    if len(satisfied) > 1 and "all" in rule.joint:
        printed = [rule.joint["all"]]
    else:
        codes = _codes(rule, product_rule=product_rule, joint=len(satisfied) > 1)
        wanted = [f"{item}-region" if region and item == "WO" else item for item in satisfied]
        if unknown := [item for item in wanted if item not in codes]:
            finding = Finding(
                name,
                Outcome.UNDETERMINED,
                f"the form has no code for {', '.join(unknown)}",
                entry.reference,
                remedy=f"known are {', '.join(sorted(codes))}",
            )
            return PrintedCriterion((), None, "", finding)
        printed = list(dict.fromkeys(codes[item] for item in wanted))
    if missing := sorted(set(circumstances) - rule.suffixes.keys() - _TICKED_ONLY):
        finding = Finding(
            name,
            Outcome.UNDETERMINED,
            f"the form has no code for {', '.join(missing)}",
            entry.reference,
        )
        return PrintedCriterion((), None, "", finding)
    suffixes = [code for key, code in rule.suffixes.items() if key in circumstances]
    percentage = None
    if value_content is not None and rule.percent & set(printed):
        percentage = value_content.numerator // value_content.denominator
    if rule.percent & set(printed) and percentage is None:
        finding = Finding(
            name,
            Outcome.UNDETERMINED,
            "the percentage that the form asks for was not stated",
            entry.reference,
            remedy="state the share of value content",
        )
    else:
        finding = Finding(name, Outcome.MET, "as the form prints it", entry.reference)
    return PrintedCriterion(
        (*printed, *suffixes), percentage, _box(rule, [*printed, *suffixes], percentage), finding
    )


_TICKED_ONLY = frozenset({"accumulation", "de-minimis"})
"""Circumstances that a form without a suffix for them shows by a tick, or not at all."""


def _codes(rule: CriterionPrint, *, product_rule: bool, joint: bool) -> dict[str, str]:
    codes = dict(rule.general)
    if product_rule:
        codes.update(rule.product)
    if joint:
        codes.update(rule.joint)
    return codes


def _box(rule: CriterionPrint, codes: Sequence[str], percentage: int | None) -> str:
    texts = []
    for code in codes:
        if code in rule.percent and percentage is None:
            return ""
        default = f"{code} {{percent}}%" if code in rule.percent else code
        texts.append(rule.box.get(code, default).replace("{percent}", str(percentage)))
    return " + ".join(texts)
