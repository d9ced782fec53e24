"""The rule language: an expression over tests of one good, each answering with its reasons.

A new kind of test is a class with `Rule.judge` and `Rule.kinds` beside, and its reader in
`grammar`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol

from tulen.origin.case import Case
from tulen.origin.findings import MET, NOT_MET, UNDETERMINED, Claim, Finding, all_of, any_of
from tulen.origin.terms import MinimalOperations, Scope
from tulen.values.dated import Reference


class Kind(StrEnum):
    """What a claim of origin rests on."""

    OBTAINED = "obtained"
    VALUE = "value"
    CHANGE = "change"


class Rule(Protocol):
    """A condition of origin."""

    @property
    def kinds(self) -> frozenset[Kind]:
        """What a claim by this rule rests on."""

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Return what the rule finds; ``reference`` is the article that contains it."""


OBTAINED = frozenset({Kind.OBTAINED})
VALUE = frozenset({Kind.VALUE})
CHANGE = frozenset({Kind.CHANGE})


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Alternatives, in the order in which the criterion is printed if several are met."""

    rules: tuple[Rule, ...]

    @property
    def kinds(self) -> frozenset[Kind]:
        """Everything that some alternative rests on."""
        return frozenset().union(*[rule.kinds for rule in self.rules])

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge all alternatives, so that the trace shows each."""
        return self.found(tuple([rule.judge(case, reference) for rule in self.rules]))

    def found(self, parts: tuple[Finding, ...]) -> Finding:
        """Return what the findings of the alternatives come to."""
        met = [part for part in parts if part.outcome is MET]
        names = ", ".join([part.name for part in met])
        return Finding(
            "any of",
            any_of([part.outcome for part in parts]),
            f"met by {names}"
            if met
            else f"by none of {len(parts)} alternatives is it shown to be met",
            claim=met[0].claim if met else None,
            parts=parts,
        )


@dataclass(frozen=True, slots=True)
class AllOf:
    """Conditions that must hold together."""

    rules: tuple[Rule, ...]

    @property
    def kinds(self) -> frozenset[Kind]:
        """Everything that some condition rests on."""
        return frozenset().union(*[rule.kinds for rule in self.rules])

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge all conditions."""
        parts = tuple([rule.judge(case, reference) for rule in self.rules])
        outcome = all_of([part.outcome for part in parts])
        met = sum([part.outcome is MET for part in parts])
        return Finding(
            "all of",
            outcome,
            f"{met} of {len(parts)} conditions met",
            claim=_joint([part.claim for part in parts]) if outcome is MET else None,
            parts=parts,
        )


def _joint(claims: Sequence[Claim | None]) -> Claim:
    """Return what is satisfied where all of ``claims`` are; the least of their shares counts."""
    made = [claim for claim in claims if claim is not None]
    return Claim(
        tuple(dict.fromkeys([item for claim in made for item in claim.criteria])),
        min([claim.share for claim in made if claim.share is not None], default=None),
        frozenset().union(*[claim.circumstances for claim in made]),
    )


@dataclass(frozen=True, slots=True)
class Undetermined:
    """A rule whose text cannot be read with certainty; it is shown and decides nothing."""

    text: str
    kinds: ClassVar[frozenset[Kind]] = CHANGE

    def judge(self, _case: Case, reference: Reference) -> Finding:
        """Show the rule as it is written."""
        return Finding(
            "rule in words",
            UNDETERMINED,
            f"not judged: {self.text}",
            reference,
            remedy="have a person compare the good with the words of the rule",
        )


def judged(rule: Rule, case: Case, reference: Reference) -> Finding:
    """Return what ``rule`` finds, with what minimal operations take from each alternative."""
    if isinstance(rule, AnyOf):
        return rule.found(tuple([judged(item, case, reference) for item in rule.rules]))
    found = rule.judge(case, reference)
    if case.inputs.production is None:
        return found  # Nobody says that it was so little.
    if (minimal := case.terms.minimal_operations) is None:
        return _open_to_doubt(found, rule, case)
    if not only_minimal(case):
        return found
    if not _defeated(rule.kinds, minimal.value):
        return found
    return Finding(
        "minimal operations",
        NOT_MET,
        "nothing but minimal operations was done, which confer no origin",
        minimal.reference,
        remedy="process the materials further, or use originating ones",
        parts=(found,),
    )


def _open_to_doubt(found: Finding, rule: Rule, case: Case) -> Finding:
    """Return ``found``; undetermined where the pack leaves open what minimal operations defeat."""
    production = case.inputs.production
    if production is None or not production.only_minimal:
        return found
    if found.outcome is not MET or rule.kinds == OBTAINED:
        return found
    return Finding(
        "minimal operations",
        UNDETERMINED,
        "nothing but minimal operations was done, and the pack does not hold what they defeat",
        remedy="add the agreement's minimal operations to the pack",
        parts=(found,),
    )


def only_minimal(case: Case) -> bool:
    """Return whether minimal operations are all that is known to have been done."""
    minimal, production = case.terms.minimal_operations, case.inputs.production
    if minimal is None or production is None:
        return False
    if production.only_minimal is not None:
        return production.only_minimal
    if production.operations is None:
        return False
    processes = [item.code for item in production.processes or ()]
    return all(code in minimal.value.operations for code in (*production.operations, *processes))


def _defeated(kinds: frozenset[Kind], minimal: MinimalOperations) -> bool:
    match minimal.scope:
        case Scope.ALL:
            return kinds != OBTAINED
        case Scope.VALUE_CONTENT:
            return kinds == VALUE
        case Scope.TARIFF_CHANGE:
            return Kind.CHANGE in kinds
