"""The input of a worked case: every member read once, in the words of the core."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tulen.origin.proof.procedure import Procedure
from tulen.origin.proof.ruling import Ruling
from tulen.values import Country

Answer = dict[str, Any]

DAY = date(2026, 1, 15)
"""The day whose rules are applied to a case that names none."""

_OPERATIONS = {
    "affixing labels": "labelling required by the importing party",
    "consignment splitting": "splitting",
    "labelling": "labelling required by the importing party",
    "labelling required by importer": "labelling required by the importing party",
    "labelling required by importing party": "labelling required by the importing party",
    "marking required by importing party": "labelling required by the importing party",
    "preserving": "preservation",
    "storing": "storage",
    "temporary storage": "storage",
    "transhipment": "reloading",
    "transshipment": "reloading",
    "warehousing": "storage",
}

_CRITERIA = {
    "wholly obtained": "WO",
    "produced exclusively": "PE",
    "exclusively originating": "PE",
    "partial cumulation": "PC",
    "process": "SP",
    "specific process": "SP",
    "chemical reaction": "CR",
}

_KNOWN_CRITERIA = {"WO", "PE", "CC", "CTH", "CTSH", "CTC", "RVC", "QVC", "CR", "SP", "PC"}
_SHARE_BEHIND = re.compile(r"\s*\d+(\.\d+)?\s*%?$")

_REASONS = {
    "geography": "geographical",
    "geographic": "geographical",
    "geographical reason": "geographical",
    "geographical reasons": "geographical",
    "transport reasons": "transport",
    "transport requirement": "transport",
    "transport requirements": "transport",
}


class Facts:
    """The members of a case's input, each read once; what nobody read is left."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._left = dict(members)

    def has(self, *names: str) -> bool:
        """Return whether any of ``names`` was not read yet."""
        return any(name in self._left for name in names)

    def take(self, *names: str) -> Any:  # noqa: ANN401 - JSON
        """Return the first of ``names`` that is there, read; None where none is."""
        found = next((name for name in names if name in self._left), None)
        return self._left.pop(found) if found is not None else None

    def day(self, *names: str) -> date | None:
        """Return the date that one of ``names`` spells."""
        text = self.take(*names)
        return date.fromisoformat(text) if text is not None else None

    def country(self, *names: str) -> Country | None:
        """Return the country that one of ``names`` spells."""
        text = self.take(*names)
        return Country(text) if text is not None else None

    def operations(self, *names: str) -> frozenset[str] | None:
        """Return operations under the names that the procedures use."""
        words = self.take(*names)
        if words is None:
            return None
        spelled = (word.replace("_", " ").replace("-", " ") for word in words)
        return frozenset(_OPERATIONS.get(word, word) for word in spelled)

    def reason(self, *names: str) -> str | None:
        """Return the reason for a way under the name that the procedures use."""
        text = self.take(*names)
        word = None if text is None else text.lower().replace("_", " ").replace("-", " ")
        return None if word is None else _REASONS.get(word, word)

    def left(self) -> list[str]:
        """Return the members that nothing read."""
        return sorted(self._left)


Handler = Callable[[Facts, Procedure], Answer]


def number(value: object) -> Decimal:
    """Return the decimal that a number of JSON, or its text, spells."""
    return Decimal(str(value))


def must(value: Any, name: str) -> Any:  # noqa: ANN401 - whatever it is, it is there
    """Return ``value``; a case without it is not understood."""
    if value is None:
        raise ValueError(f"{name} is missing")
    return value


def answer_of(ruling: Ruling) -> Answer:
    """Return a ruling in the words of the cases."""
    answer: Answer = {
        "verdict": str(ruling.decision),
        "mark": list(ruling.marks),
        "box13": list(ruling.marks),
    }
    if ruling.expires_on is not None:
        answer["governing_expiry"] = answer["expiry"] = ruling.expires_on.isoformat()
    return answer


def criteria_in(value: object) -> list[str]:
    """Return the criteria that a list, or words joined by ``+``, name.

    A share behind a criterion, as forms print it, says how much and not which: ``RVC 45%``.
    """
    items: Iterable[object] = value if isinstance(value, list) else str(value).split("+")
    words = [_SHARE_BEHIND.sub("", str(item).strip()) or "RVC" for item in items]
    named = [_CRITERIA.get(word.lower(), word) for word in words]
    if unknown := [word for word in named if word not in _KNOWN_CRITERIA]:
        raise ValueError(f"criterion {', '.join(unknown)} is not understood")
    return named
