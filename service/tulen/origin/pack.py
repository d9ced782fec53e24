"""The rules of origin of one agreement, and what they say on one day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from tulen.origin.hs import HsRange, any_holds
from tulen.origin.inputs import Method
from tulen.origin.rules import Rule
from tulen.origin.terms import CriterionPrint, Terms
from tulen.values import AgreementCode, Country, Digest, FormCode, HsCode
from tulen.values.dated import Dated, in_force

T = TypeVar("T")

REMEMBERED_DAYS = 64
"""How many (pack, day) pairs stay resolved; a batch of assessments rarely spans more days."""

UNKNOWN_IF_SILENT = ("textile_lists",)
"""Terms that may be silent on a day: what asks for them is then undetermined, nothing else is."""


@dataclass(frozen=True, slots=True)
class ProductRule:
    """What an agreement asks of the goods of one range.

    Attributes:
        hs: The range.
        ex: Words that narrow the range; None where all of it is meant.
        rules: The rule, dated.
    """

    hs: HsRange
    ex: str | None
    rules: tuple[Dated[Rule], ...]

    @property
    def name(self) -> str:
        """The rule as a trace names it."""
        return (
            f"rule for {'ex ' if self.ex else ''}{self.hs.text}{f': {self.ex}' if self.ex else ''}"
        )


@dataclass(frozen=True, slots=True)
class Alternative:
    """A rule that goods may meet beside every other one: where it is met, they originate.

    Attributes:
        hs: The ranges that the goods are of.
        ex: Words that narrow the ranges; None where all of them is meant.
        rules: The rule, dated.
    """

    hs: tuple[HsRange, ...]
    ex: str | None
    rules: tuple[Dated[Rule], ...]

    @property
    def name(self) -> str:
        """The rule as a trace names it."""
        return f"alternative rule{f' for {self.ex}' if self.ex else ''}"

    def holds(self, code: HsCode) -> bool | None:
        """Return whether it is for ``code``, its words aside; None if that is too short to tell."""
        return any_holds(self.hs, code)


@dataclass(frozen=True, slots=True)
class Coverage:
    """A range of which the pack holds every product rule that there is, which may be none.

    Attributes:
        hs: The range.
        complete: Whether it does, dated.
    """

    hs: HsRange
    complete: tuple[Dated[bool], ...]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules of a pack on one day.

    Attributes:
        terms: What the agreement says around them.
        general: The rule for goods without a product rule; None where there is none.
        products: Product rules by chapter, the narrower range first.
        coverage: Ranges whose product rules are all held.
        alternatives: Alternative rules by chapter, each with its ranges of that chapter.
    """

    terms: Terms
    general: Dated[Rule] | None
    products: Mapping[str, tuple[tuple[ProductRule, Dated[Rule]], ...]]
    coverage: tuple[tuple[HsRange, Dated[bool]], ...]
    alternatives: Mapping[str, tuple[tuple[Alternative, Dated[Rule]], ...]]

    def covered(self, code: HsCode) -> Dated[bool] | None:
        """Return why every product rule for ``code`` is known to be held; None where it is not."""
        return next((entry for hs, entry in self.coverage if hs.holds(code)), None)


@dataclass(frozen=True, eq=False)
class Pack:
    """The rules of origin of one agreement.

    Attributes:
        agreement: Its code.
        version: Version of the pack, a year and a month.
        title: The agreement's full name.
        form: Code of its form; None where the pack does not hold one, so that nothing is issued.
        hs_edition: Edition of the HS that the pack's codes are of.
        digest: SHA-256 of the file's bytes.
        parties: The parties, dated.
        general_rule: The rule for goods without a product rule, dated; empty where there is none,
            and there is none from the end of the last on.
        wholly_obtained: Categories of goods wholly obtained, with descriptions, dated.
        value_content_methods: The formulas for value content, dated.
        cumulation: Whether originating materials of other parties count in full, dated.
        criteria: How the form prints criteria, dated; empty where the pack does not hold it.
        valid_months: For how many months from issue a proof of origin is valid, dated.
        products: The product rules.
        coverage: Where the pack holds every product rule.
        alternatives: Rules that goods may meet beside every other one.
        optional_terms: Further terms by their name in `Terms`, dated.
        not_held: What the agreement says but the pack does not hold, so that it is unknown.
    """

    agreement: AgreementCode
    version: str
    title: str
    form: FormCode | None
    hs_edition: str
    digest: Digest
    parties: tuple[Dated[frozenset[Country]], ...]
    general_rule: tuple[Dated[Rule], ...]
    wholly_obtained: tuple[Dated[Mapping[str, str]], ...]
    value_content_methods: tuple[Dated[tuple[Method, ...]], ...]
    cumulation: tuple[Dated[bool], ...]
    criteria: tuple[Dated[CriterionPrint], ...]
    valid_months: tuple[Dated[int], ...]
    products: tuple[ProductRule, ...]
    coverage: tuple[Coverage, ...]
    alternatives: tuple[Alternative, ...]
    optional_terms: Mapping[str, tuple[Dated[Any], ...]]
    not_held: frozenset[str] = frozenset()

    @property
    def rule_set(self) -> str:
        """Agreement and version, such as ``ATIGA/2026-01``."""
        return f"{self.agreement}/{self.version}"

    def on(self, day: date) -> RuleBook:
        """Return the rules in force on ``day``.

        Raises:
            NotInForceError: something that every assessment needs is not in force on that day.
        """
        return _rule_book(self, day)

    def valid_months_on(self, day: date) -> int:
        """Return for how many months a proof of origin issued on ``day`` is valid.

        Raises:
            NotInForceError: the pack does not say for that day.
        """
        return in_force(self.valid_months, day, f"{self.rule_set} valid_months").value


@lru_cache(maxsize=REMEMBERED_DAYS)
def _rule_book(pack: Pack, day: date) -> RuleBook:
    def resolved(name: str) -> Dated[Any]:
        return in_force(getattr(pack, name), day, f"{pack.rule_set} {name}")

    further = {
        name: _current(entries, day)
        if name in UNKNOWN_IF_SILENT
        else in_force(entries, day, f"{pack.rule_set} {name}")
        for name, entries in pack.optional_terms.items()
    }
    products: dict[str, list[tuple[ProductRule, Dated[Rule]]]] = {}
    for product in sorted(pack.products, key=_specificity):
        if (rule := _current(product.rules, day)) is not None:
            for chapter in product.hs.chapters:
                products.setdefault(chapter, []).append((product, rule))
    coverage = [(item.hs, _current(item.complete, day)) for item in pack.coverage]
    return RuleBook(
        Terms(
            parties=resolved("parties"),
            cumulation=resolved("cumulation"),
            de_minimis=further.pop("de_minimis", None),
            methods=resolved("value_content_methods"),
            wholly_obtained=resolved("wholly_obtained"),
            criteria=_current(pack.criteria, day),
            **further,
        ),
        None if _ended(pack.general_rule, day) else resolved("general_rule"),
        {chapter: tuple(rules) for chapter, rules in products.items()},
        tuple((hs, entry) for hs, entry in coverage if entry is not None and entry.value),
        _alternatives(pack.alternatives, day),
    )


def _alternatives(
    alternatives: Sequence[Alternative], day: date
) -> Mapping[str, tuple[tuple[Alternative, Dated[Rule]], ...]]:
    found: dict[str, list[tuple[Alternative, Dated[Rule]]]] = {}
    for item in alternatives:
        if (rule := _current(item.rules, day)) is None:
            continue
        ranges: dict[str, list[HsRange]] = {}
        for hs in item.hs:
            for chapter in hs.chapters:
                ranges.setdefault(chapter, []).append(hs)
        for chapter, held in ranges.items():
            found.setdefault(chapter, []).append((replace(item, hs=tuple(held)), rule))
    return {chapter: tuple(rules) for chapter, rules in found.items()}


def _ended(rules: Sequence[Dated[Rule]], day: date) -> bool:
    """Return whether there is no general rule, or no longer one: that an end says, not a gap."""
    return not rules or (rules[-1].until is not None and day >= rules[-1].until)


def _specificity(product: ProductRule) -> tuple[int, bool]:
    """Return what sorts the more specific rule first: the narrower range, then the words."""
    return product.hs.width, product.ex is None


def _current(entries: Sequence[Dated[T]], day: date) -> Dated[T] | None:
    return next((entry for entry in reversed(entries) if day in entry), None)
