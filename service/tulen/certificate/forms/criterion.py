"""Reads the box for the origin criterion: codes with their percentages, then suffixes."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from tulen.certificate.forms.form import Criteria, CriterionCode

_PERCENT = re.escape("{percent}")


@dataclass(frozen=True, slots=True)
class Stated:
    """A code that the box states.

    Attributes:
        code: The code.
        percent: Its whole percentage; None where its spelling has none.
    """

    code: CriterionCode
    percent: int | None

    @property
    def in_range(self) -> bool:
        """Whether the percentage is one that the code admits."""
        return self.percent is None or self.code.least <= self.percent < self.code.below


def stated(text: str, criteria: Criteria) -> tuple[Stated, ...]:
    """Return the codes that ``text`` states; none where the form does not know such a text."""
    found: list[Stated] = []
    suffixed = False
    for part in text.split(criteria.joint):
        if part in criteria.suffixes and found:
            suffixed = True
            continue
        one = None if suffixed else _code(part, criteria.codes)
        if one is None:
            return ()
        found.append(one)
    several = len(found) > 1
    if any(not (one.code.joint if several else one.code.alone) for one in found):
        return ()
    return tuple(found)


def _code(text: str, codes: Collection[CriterionCode]) -> Stated | None:
    for code in codes:
        for spelling in code.texts:
            pattern = re.escape(spelling).replace(_PERCENT, "([1-9][0-9]{0,2})")
            if match := re.fullmatch(pattern, text, re.ASCII):
                return Stated(code, int(match[1]) if match.groups() else None)
    return None
