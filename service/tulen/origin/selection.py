"""Which materials a rule speaks of: by classification, or by the words that the rule uses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tulen.errors import InvalidInputError
from tulen.origin.hs import HsRange
from tulen.origin.materials import Material
from tulen.values import line_of_text

_WORDS = re.compile(r"[a-z].*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Selection:
    """HS ranges and kinds of material.

    Attributes:
        ranges: Ranges of the Harmonized System.
        kinds: Words such as ``unembroidered fabric``, as `Details.kinds` may state them.
    """

    ranges: tuple[HsRange, ...]
    kinds: tuple[str, ...] = ()

    @classmethod
    def parse(cls, value: object, field: str) -> "Selection":
        """Return the selection that a list of HS ranges and words spells.

        Raises:
            InvalidInputError: it is no such list, or empty.
        """
        if not isinstance(value, list) or not value:
            raise InvalidInputError(
                field, value, "is not a list of at least one HS prefix or range"
            )
        ranges: list[HsRange] = []
        kinds: list[str] = []
        for index, item in enumerate(value):
            place = f"{field}/{index}"
            if isinstance(item, str) and _WORDS.fullmatch(item):
                kinds.append(line_of_text(item, place))
            else:
                ranges.append(HsRange.parse(item, place))
        return cls(tuple(ranges), tuple(kinds))

    @property
    def text(self) -> str:
        """The selection as a trace shows it."""
        return ", ".join((*[item.text for item in self.ranges], *self.kinds))

    def parts(self) -> Sequence["Selection"]:
        """Return each range and each kind on its own."""
        return [
            *[Selection((item,)) for item in self.ranges],
            *[Selection((), (kind,)) for kind in self.kinds],
        ]

    def holds(self, material: Material) -> bool | None:
        """Return whether ``material`` is meant; None where it is not known well enough."""
        doubtful = False
        for item in self.ranges:
            held = None if material.hs_code is None else item.holds(material.hs_code)
            if held:
                return True
            doubtful = doubtful or held is None
        if self.kinds:
            stated = material.details.kinds if material.details is not None else ()
            if any(kind in stated for kind in self.kinds):
                return True
            doubtful = doubtful or not stated
        return None if doubtful else False
