"""What was found, in three values, with its reasons: a tree to show, to hash and to replay."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple

import orjson

from tulen.values import AgreementCode, Digest
from tulen.values.dated import Reference


class Outcome(StrEnum):
    """Whether a condition holds. Missing evidence is UNDETERMINED, never a pass or a failure."""

    MET = "MET"
    NOT_MET = "NOT_MET"
    UNDETERMINED = "UNDETERMINED"


MET, NOT_MET, UNDETERMINED = Outcome  # Python 3.11 takes a tenth of a microsecond for Outcome.MET.


def any_of(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the outcome of alternatives: one that is met is enough."""
    seen = set(outcomes)
    if MET in seen:
        return MET
    return UNDETERMINED if UNDETERMINED in seen else NOT_MET


def all_of(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the outcome of conditions that must hold together: one that fails is enough."""
    seen = set(outcomes)
    if NOT_MET in seen:
        return NOT_MET
    return UNDETERMINED if UNDETERMINED in seen else MET


DE_MINIMIS = "de-minimis"
ACCUMULATION = "accumulation"
"""Circumstances without which a claim would not hold."""


class Claim(NamedTuple):
    """What was satisfied, before any form prints it.

    Attributes:
        criteria: Of `CRITERIA`; several where they had to be met together.
        share: Value content as a share of the price, unrounded; None where no criterion is one.
        circumstances: What it took, such as ``de-minimis``.
    """

    criteria: tuple[str, ...]
    share: Fraction | None = None
    circumstances: frozenset[str] = frozenset()


CRITERIA = (
    *("WO", "WO-region", "PE", "RVC", "CC", "CTH", "CTSH", "CTC", "SP", "CR", "PC"),
    "other",
)
"""Wholly obtained in the exporting country, or only in the parties together; produced exclusively;
value content; a change of chapter, heading, subheading or any of them; a process, a chemical
reaction; partial cumulation; and what else a rule may ask, such as a cap or a list."""


class Finding(NamedTuple):
    """One condition, its outcome and why; a named tuple, as a verdict is made of many.

    Attributes:
        name: What was tested, such as ``RVC 40%``.
        outcome: The outcome.
        reason: Why, as a sentence without its full stop.
        reference: The article that asks for it; None for a part of a test.
        figures: Names and values, with the formula where there is one.
        remedy: What would change the outcome; empty where it is met or nothing simple would.
        claim: What is satisfied; None unless met.
        parts: The findings that it rests on.
        criterion: What the form's box for the origin criterion says for it; empty unless met, and
            but for what a claim can rest on alone.
        unprinted: Why the form's box can say nothing although it is met.
        aside: Whether nobody claimed it: it is shown, but is no reason while there are others.
    """

    name: str
    outcome: Outcome
    reason: str
    reference: Reference | None = None
    figures: tuple[tuple[str, str], ...] = ()
    remedy: str = ""
    claim: Claim | None = None
    parts: tuple["Finding", ...] = ()
    criterion: str = ""
    unprinted: str = ""
    aside: bool = False

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form: no null and nothing empty, so that a certificate can hold it."""
        document: dict[str, Any] = {
            "name": self.name,
            "outcome": str(self.outcome),
            "reason": self.reason,
        }
        if self.reference is not None:
            document["reference"] = self.reference.title
        if self.figures:
            document["figures"] = dict(self.figures)
        if self.remedy:
            document["remedy"] = self.remedy
        if self.criterion:
            document["criterion"] = self.criterion
        if self.unprinted:
            document["unprinted"] = self.unprinted
        if self.parts:
            document["parts"] = [part.to_document() for part in self.parts]
        return document

    def lines(self, indent: str = "") -> Iterator[str]:
        """Yield the finding and its parts as lines for a terminal."""
        article = f" [{self.reference}]" if self.reference is not None else ""
        yield f"{indent}{self.outcome.value:<12} {self.name}: {self.reason}{article}"
        below = f"{indent}    "
        for name, value in self.figures:
            yield f"{below}{name}: {value}"
        if self.remedy:
            yield f"{below}would change it: {self.remedy}"
        if self.unprinted:
            yield f"{below}no criterion is printed: {self.unprinted}"
        for part in self.parts:
            yield from part.lines(below)


def whichever(
    name: str, findings: Sequence[Finding], same: str, different: str, remedy: str = ""
) -> Finding:
    """Return what holds whichever of ``findings`` is the right one; UNDETERMINED where they differ.

    Args:
        name: What was tested.
        findings: What was found in each case that may be.
        same: The reason where all come to one outcome and criterion.
        different: The reason where they do not.
        remedy: What would settle it then.
    """
    outcomes = {(finding.outcome, finding.criterion) for finding in findings}
    if len(outcomes) == 1:
        (outcome, criterion), reason, remedy = outcomes.pop(), same, ""
    else:
        outcome, criterion, reason = UNDETERMINED, "", different
    return Finding(
        name,
        outcome,
        reason,
        remedy=remedy,
        parts=tuple(findings),
        criterion=criterion,
        unprinted=findings[0].unprinted if outcome is MET and not criterion else "",
    )


@dataclass(frozen=True, slots=True)
class OriginVerdict:
    """Whether a good originates, under which rule set and as of which day.

    Attributes:
        agreement: The agreement.
        rule_set: Name and version of the pack, such as ``ATIGA/2026-01``.
        rule_set_digest: SHA-256 of the pack's bytes.
        hs_edition: Edition of the HS that the pack's codes are of.
        on: The day whose rules were applied.
        finding: The reasons.
    """

    agreement: AgreementCode
    rule_set: str
    rule_set_digest: Digest
    hs_edition: str
    on: date
    finding: Finding

    @property
    def outcome(self) -> Outcome:
        """The outcome of the whole."""
        return self.finding.outcome

    @property
    def criterion(self) -> str | None:
        """The origin criterion as the form prints it (Form D, box 8); None where it prints none."""
        return self.finding.criterion or None

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form, which `digest` is taken of."""
        return {
            "agreement": self.agreement,
            "rule_set": self.rule_set,
            "rule_set_digest": str(self.rule_set_digest),
            "hs_edition": self.hs_edition,
            "on": self.on.isoformat(),
            "finding": self.finding.to_document(),
        }

    def digest(self) -> Digest:
        """Return the SHA-256 of the canonical bytes (RFC 8785): same inputs, same trace."""
        # A document of text with ASCII names alone: orjson writes its canonical bytes.
        canonical = orjson.dumps(self.to_document(), option=orjson.OPT_SORT_KEYS)
        return Digest(hashlib.sha256(canonical).digest())

    def explain(self) -> list[str]:
        """Return the reasoning as lines for a terminal."""
        printed = f", criterion {self.criterion}" if self.criterion else ""
        return [
            f"{self.outcome.value} under {self.rule_set} ({self.hs_edition}) on {self.on}{printed}",
            *self.finding.lines("    "),
        ]
