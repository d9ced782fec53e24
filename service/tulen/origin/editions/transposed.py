"""Judges a good whose codes are of another edition of the HS than the pack's."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from tulen.origin.editions.transposition import Correlation
from tulen.origin.findings import UNDETERMINED, Finding, whichever
from tulen.origin.inputs import OriginInputs
from tulen.values import HsCode

MAX_READINGS = 64
"""How many ways to read the good's and its materials' codes together are judged; each is a whole
judgement, and ambiguous materials multiply."""


def in_edition(
    inputs: OriginInputs,
    edition: str,
    correlation: Correlation | None,
    judge: Callable[[OriginInputs], Finding],
) -> Finding:
    """Return what holds for the good whichever codes of ``edition`` its own codes may be.

    A material whose code the table does not hold counts as unclassified.

    Args:
        inputs: The good; its ``hs_edition`` is another one.
        edition: The edition of the rules.
        correlation: The table to carry codes by; None where none is loaded.
        judge: Judges inputs whose codes are of ``edition``.
    """
    source = inputs.hs_edition or edition
    name = f"origin of {inputs.hs_code} ({source})"
    if correlation is None:
        return Finding(
            name,
            UNDETERMINED,
            f"its codes are of {source}, the rules of {edition}, and no correlation table is "
            "loaded",
            remedy=f"state the codes in {edition}, or load a correlation table",
        )
    figures = {"correlation": f"{source} to {edition} by {correlation.title}"}

    def read(code: HsCode) -> tuple[HsCode, ...]:
        carried = correlation.transpose(code, source, edition)
        figures[f"{code} ({source})"] = (
            f"{' or '.join(carried.candidates)} ({edition})"
            if carried.candidates
            else f"unknown: {carried.reason}"
        )
        return tuple([HsCode(candidate) for candidate in carried.candidates])

    goods = read(inputs.hs_code)
    stated = [material.hs_code for material in inputs.materials]
    of_materials = [(code is not None and read(code)) or (None,) for code in stated]
    shown = tuple(figures.items())
    if not goods:
        return Finding(
            name,
            UNDETERMINED,
            f"{inputs.hs_code} cannot be carried from {source} to {edition}",
            figures=shown,
            remedy=f"state the codes in {edition}, or load a table that holds {inputs.hs_code}",
        )
    remedy = _remedy(edition, (inputs.hs_code, *stated), (goods, *of_materials))
    if len(goods) * prod(map(len, of_materials)) > MAX_READINGS:
        return Finding(
            name,
            UNDETERMINED,
            f"its codes can be read in {edition} in more than {MAX_READINGS} ways together",
            figures=shown,
            remedy=remedy,
        )
    found = [judge(reading) for reading in _readings(inputs, edition, goods, of_materials)]
    if len(found) == 1:
        return found[0]._replace(figures=(*shown, *found[0].figures))
    return whichever(
        name,
        found,
        f"however its codes are read in {edition}, the outcome is the same",
        f"how its codes are read in {edition} decides the outcome",
        remedy,
    )._replace(figures=shown)


def _remedy(
    edition: str, stated: Sequence[HsCode | None], candidates: Sequence[Sequence[HsCode | None]]
) -> str:
    ambiguous = {
        f"{code} ({' or '.join(map(str, may_be))})"
        for code, may_be in zip(stated, candidates, strict=True)
        if len(may_be) > 1
    }
    return f"state in {edition} the code of {', '.join(sorted(ambiguous))}"


def _readings(
    inputs: OriginInputs,
    edition: str,
    goods: Sequence[HsCode],
    of_materials: Sequence[Sequence[HsCode | None]],
) -> Iterator[OriginInputs]:
    """Yield the inputs under every choice of codes: the good's, then each material's."""
    for good in goods:
        for choice in product(*of_materials):
            materials = zip(inputs.materials, choice, strict=True)
            yield replace(
                inputs,
                hs_code=good,
                hs_edition=edition,
                materials=tuple([replace(one, hs_code=code) for one, code in materials]),
            )
