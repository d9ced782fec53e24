"""The rule language: an expression over tests of one good, each answering with its reasons.

A new kind of test is a class with `Rule.judge` here or beside, and its reader in `grammar`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, Protocol

from tulen.origin.findings import MET, NOT_MET, UNDETERMINED, Finding, all_of, any_of
from tulen.origin.inputs import Material, Method, OriginInputs
from tulen.values import Country
from tulen.values.amounts import MAX_FRACTION_DIGITS, MICRO
from tulen.values.dated import Dated, Reference


def micro(value: Decimal) -> int:
    """Return ``value`` in millionths: exact, as amounts have at most six decimals."""
    return int(value.scaleb(MAX_FRACTION_DIGITS))


def percent_text(share: Fraction) -> str:
    """Return a share of the pack as text, such as ``40%``; packs write two decimals at most."""
    whole, rest = divmod(share.numerator * 10_000 // share.denominator, 100)
    return f"{f'{whole}.{rest:02}'.rstrip('0') if rest else whole}%"


@dataclass(frozen=True, slots=True)
class CriterionCodes:
    """How a form prints each origin criterion, as templates.

    Attributes:
        wholly_obtained: For a good wholly obtained.
        value_content: For value content; ``{percent}`` is the share rounded down to whole percents.
        tariff_change: For a change of classification; ``{change}`` is CC, CTH or CTSH.
        joint: Between criteria that had to be met together.
    """

    wholly_obtained: str
    value_content: str
    tariff_change: str
    joint: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agreement says around its rules on one day.

    Attributes:
        parties: The countries that it is in force between.
        cumulation: Whether originating materials of other parties count in full.
        de_minimis: Share of the FOB price that materials without the asked change may reach.
        methods: The formulas for value content that it knows.
        wholly_obtained: Categories of goods wholly obtained, with their descriptions.
        criteria: How its form prints criteria.
    """

    parties: Dated[frozenset[Country]]
    cumulation: Dated[bool]
    de_minimis: Dated[Fraction]
    methods: Dated[tuple[Method, ...]]
    wholly_obtained: Dated[Mapping[str, str]]
    criteria: Dated[CriterionCodes]


class CountedMaterial(NamedTuple):
    """A material as the agreement counts it.

    Attributes:
        material: What was declared.
        value: Its value in millionths.
        originates: Whether it counts as originating.
        refused: Why it does not although it was declared to; empty otherwise.
    """

    material: Material
    value: int
    originates: bool
    refused: str = ""

    @property
    def label(self) -> str:
        """The material as a trace names it."""
        material = self.material
        return f"{material.description} ({material.country or 'undetermined origin'})"


@dataclass(frozen=True, slots=True)
class Case:
    """One good under one agreement on one day, with what every test needs worked out once.

    Attributes:
        inputs: What was declared.
        terms: What the agreement says on that day.
        materials: The materials as counted.
        fob: FOB price in millionths.
        originating: Value of the originating materials in millionths.
        non_originating: Value of the others, those of undetermined origin included.
    """

    inputs: OriginInputs
    terms: Terms
    materials: tuple[CountedMaterial, ...]
    fob: int
    originating: int
    non_originating: int

    @classmethod
    def of(cls, inputs: OriginInputs, terms: Terms) -> "Case":
        """Return the case of ``inputs`` under ``terms``."""
        counted = tuple([_counted(material, inputs, terms) for material in inputs.materials])
        originating = sum([item.value for item in counted if item.originates])
        return cls(
            inputs,
            terms,
            counted,
            micro(inputs.fob.amount),
            originating,
            sum([item.value for item in counted]) - originating,
        )

    def money(self, millionths: int) -> str:
        """Return an amount in the good's currency, not below zero, as text: ``USD 3750``."""
        currency, (whole, rest) = self.inputs.fob.currency, divmod(millionths, MICRO)
        return f"{currency} {whole}.{rest:06}".rstrip("0") if rest else f"{currency} {whole}"


def _counted(material: Material, inputs: OriginInputs, terms: Terms) -> CountedMaterial:
    value = micro(material.value)
    if not material.originating:
        return CountedMaterial(material, value, originates=False)
    refused = ""
    if material.country not in terms.parties.value:
        refused = f"{material.country} is no party"
    elif material.country != inputs.exporting_country:
        if not terms.cumulation.value:
            refused = "materials of other parties do not cumulate"
        elif material.evidence is None:
            refused = f"no proof of origin from {material.country} is named"
    return CountedMaterial(material, value, not refused, refused)


class Rule(Protocol):
    """A condition of origin."""

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Return what the rule finds; ``reference`` is the article that contains it."""


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Alternatives, in the order in which the criterion is printed if several are met."""

    rules: tuple[Rule, ...]

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge all alternatives, so that the trace shows each."""
        parts = tuple(rule.judge(case, reference) for rule in self.rules)
        met = [part for part in parts if part.outcome is MET]
        names = ", ".join(part.name for part in met)
        return Finding(
            "any of",
            any_of([part.outcome for part in parts]),
            f"met by {names}"
            if met
            else f"by none of {len(parts)} alternatives is it shown to be met",
            criterion=met[0].criterion if met else "",
            parts=parts,
        )


@dataclass(frozen=True, slots=True)
class AllOf:
    """Conditions that must hold together."""

    rules: tuple[Rule, ...]

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge all conditions."""
        parts = tuple(rule.judge(case, reference) for rule in self.rules)
        outcome = all_of(part.outcome for part in parts)
        met = sum(part.outcome is MET for part in parts)
        return Finding(
            "all of",
            outcome,
            f"{met} of {len(parts)} conditions met",
            criterion=case.terms.criteria.value.joint.join(part.criterion for part in parts)
            if outcome is MET
            else "",
            parts=parts,
        )


@dataclass(frozen=True, slots=True)
class WhollyObtained:
    """The good is obtained in the exporting country from nothing that comes from elsewhere."""

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge by the declared category and the absence of non-originating materials."""
        category = case.inputs.wholly_obtained
        elsewhere = [
            item.value
            for item in case.materials
            if not item.originates or item.material.country != case.inputs.exporting_country
        ]
        remedy = criterion = ""
        if elsewhere:
            outcome = NOT_MET
            reason = (
                f"{len(elsewhere)} of {len(case.materials)} materials, worth "
                f"{case.money(sum(elsewhere))}, do not originate in {case.inputs.exporting_country}"
            )
        elif category is None:
            outcome = UNDETERMINED
            reason = "it is not stated how the good was wholly obtained"
            remedy = "name the category of wholly obtained goods, if it belongs to one"
        else:
            outcome = MET
            reason = f"{category}: {case.terms.wholly_obtained.value[category]}"
            criterion = case.terms.criteria.value.wholly_obtained
        return Finding("WO", outcome, reason, reference, remedy=remedy, criterion=criterion)
