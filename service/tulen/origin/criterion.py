"""What was satisfied, as the application and the form print it."""

from dataclasses import dataclass
from fractions import Fraction

from tulen.errors import InvalidInputError
from tulen.origin.findings import ACCUMULATION, DE_MINIMIS, Claim
from tulen.origin.terms import CriterionPrint
from tulen.values.dated import Dated


@dataclass(frozen=True, slots=True)
class PrintedCriterion:
    """The criterion as printed.

    Attributes:
        codes: Codes of the application, with suffixes; empty where nobody can tell.
        percentage: The whole percentage that goes with them, rounded down; None where none does.
        box: The text of the form's own box; empty where nobody can tell.
        unprinted: Why nobody can tell; empty where the box is printed.
    """

    codes: tuple[str, ...] = ()
    percentage: int | None = None
    box: str = ""
    unprinted: str = ""


def printed_criterion(
    claim: Claim, printing: Dated[CriterionPrint] | None, *, product_rule: bool = False
) -> PrintedCriterion:
    """Return how the agreement's form prints what was satisfied.

    Args:
        claim: What was.
        printing: How the form prints it; None where the pack does not hold that.
        product_rule: Whether the good met a rule of its own.

    Raises:
        InvalidInputError: nothing was satisfied, or the share is below zero.
    """
    if not claim.criteria:
        raise InvalidInputError("/satisfied", "", "names no criterion")
    if claim.share is not None and claim.share < 0:
        raise InvalidInputError("/value_content", claim.share, "is below zero")
    if printing is None:
        return PrintedCriterion(unprinted="the pack does not hold how the form prints criteria")
    form, joint = printing.value, len(claim.criteria) > 1
    known = _known(form, product_rule=product_rule, joint=joint)
    missing = [item for item in claim.criteria if item not in known]
    missing += sorted(claim.circumstances - form.suffixes.keys() - _TICKED_ONLY)
    if missing:
        return PrintedCriterion(
            unprinted=f"the form has no code for {', '.join(missing)} [{printing.reference}]"
        )
    codes = list(dict.fromkeys([known[item] for item in claim.criteria]))
    with_percent = form.percent | form.joint_percent if joint else form.percent
    counted = not with_percent.isdisjoint(codes)
    percentage = whole_percent(claim.share) if counted else None
    codes += [code for name, code in form.suffixes.items() if name in claim.circumstances]
    if counted and percentage is None:
        return PrintedCriterion(
            tuple(codes),
            unprinted=f"the share that the form asks for is not known [{printing.reference}]",
        )
    texts = [
        form.box.get(code, f"{code} {{percent}}%" if code in with_percent else code)
        for code in codes
    ]
    box = " + ".join(texts).replace("{percent}", str(percentage))
    return PrintedCriterion(tuple(codes), percentage, box)


def whole_percent(share: Fraction | None) -> int | None:
    """Return a share in whole percents, rounded down; None where it is not known."""
    return None if share is None else share.numerator * 100 // share.denominator


_TICKED_ONLY = frozenset({ACCUMULATION, DE_MINIMIS})
"""Circumstances that a form without a suffix for them shows by a tick, or not at all."""


def _known(form: CriterionPrint, *, product_rule: bool, joint: bool) -> dict[str, str]:
    """Return the code of each criterion that the form can print."""
    return {
        **form.general,
        **(form.product if product_rule else {}),
        **(form.joint if joint else {}),
    }
