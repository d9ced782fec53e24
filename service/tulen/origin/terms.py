"""What an agreement says around its rules: data of its pack, with what holds where it is silent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from tulen.origin.hs import HsRange, any_holds
from tulen.origin.inputs import Method
from tulen.origin.materials import LotMethod, Role
from tulen.origin.selection import Selection
from tulen.values import Country, HsCode
from tulen.values.dated import Dated


class Basis(StrEnum):
    """The price that values are measured against."""

    FOB = "FOB"
    CIF = "CIF"
    EXW = "EXW"
    AV = "AV"
    TV = "TV"
    NC = "NC"


class WeightOf(StrEnum):
    """The weight that weights are measured against."""

    NET = "net"
    TEXTILE = "textile"
    DETERMINING_COMPONENT = "determining_component"


@dataclass(frozen=True, slots=True)
class CriterionCodes:
    """How a form prints each origin criterion, as templates.

    Attributes:
        wholly_obtained: For a good wholly obtained.
        value_content: For value content; ``{percent}`` is the share rounded down to whole percents.
        tariff_change: For a change of classification; ``{change}`` is CC, CTH or CTSH.
        joint: Between criteria that had to be met together.
        produced_exclusively: For a good produced exclusively from originating materials.
        specific: For every other rule: a process, a cap, a list, a set.
    """

    wholly_obtained: str
    value_content: str
    tariff_change: str
    joint: str
    produced_exclusively: str = "PE"
    specific: str = "SP"


@dataclass(frozen=True, slots=True)
class DeMinimis:
    """What materials that fail a rule of classification may come to, for some goods.

    Attributes:
        goods: The goods that it is for.
        value: Share of ``basis``; None where value is no measure.
        weight: Share of ``weight_of``; None where weight is no measure. Where both are, one that
            holds is enough; where neither is, nothing is allowed.
        basis: The price that the value is measured against.
        weight_of: The weight that the weight is measured against.
        barred: Materials that it never rescues; None where there are none.
    """

    goods: tuple[HsRange, ...]
    value: Fraction | None = None
    weight: Fraction | None = None
    basis: Basis = Basis.FOB
    weight_of: WeightOf = WeightOf.NET
    barred: Selection | None = None

    def holds(self, code: HsCode) -> bool | None:
        """Return whether it is for ``code``; None where that is too short to tell."""
        return any_holds(self.goods, code)


class Scope(StrEnum):
    """Which claims minimal operations can defeat."""

    ALL = "all"
    VALUE_CONTENT = "value-content"
    TARIFF_CHANGE = "tariff-change"


@dataclass(frozen=True, slots=True)
class MinimalOperations:
    """Operations that confer no origin, however little or much they cost.

    Attributes:
        operations: Their codes.
        scope: Which claims they defeat: all, those that rest on value content alone, or those
            that rest on a change of classification or a process.
    """

    operations: frozenset[str]
    scope: Scope = Scope.ALL


class Treatment(StrEnum):
    """How a test takes a material that is no ingredient."""

    COUNTED = "counted"
    DISREGARDED = "disregarded"
    ORIGINATING = "originating"


@dataclass(frozen=True, slots=True)
class Ancillary:
    """How materials of one role are taken, by classification and process, and by value."""

    classification: Treatment
    value: Treatment


ANCILLARY: Mapping[Role, Ancillary] = MappingProxyType(
    {
        Role.RETAIL_PACKING: Ancillary(Treatment.DISREGARDED, Treatment.COUNTED),
        Role.TRANSPORT_PACKING: Ancillary(Treatment.DISREGARDED, Treatment.DISREGARDED),
        Role.ACCESSORY: Ancillary(Treatment.DISREGARDED, Treatment.COUNTED),
        Role.INDIRECT: Ancillary(Treatment.DISREGARDED, Treatment.DISREGARDED),
        Role.SEED: Ancillary(Treatment.COUNTED, Treatment.COUNTED),
    }
)
"""What every agreement read so far has in common (ATIGA Art. 34 to 36, RCEP Art. 3.8 to 3.10)."""


@dataclass(frozen=True, slots=True)
class PartialCumulation:
    """Materials that count in proportion to their own value content (ATIGA Art. 30(2)).

    Attributes:
        minimum: The content that they need.
        below: The content from which they originate anyhow.
    """

    minimum: Fraction
    below: Fraction


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agreement says around its rules on one day.

    Attributes:
        parties: The countries that it is in force between.
        cumulation: Whether originating materials of other parties count in full.
        de_minimis: Share of the FOB price that materials without the asked change may reach; None
            where ``de_minimis_by_chapter`` says so.
        methods: The formulas for value content that it knows.
        wholly_obtained: Categories of goods wholly obtained, with their descriptions.
        criteria: How its form prints criteria.
        de_minimis_by_chapter: The same by goods, the first that is for a good applying.
        minimal_operations: Operations that confer no origin.
        ancillary: How packing, accessories and indirect materials are taken, where it differs from
            `ANCILLARY`.
        roll_up: Whether an originating material forgets what it is made of; it does if silent.
        tracing: Whether a non-originating material made in a party counts only with the
            non-originating materials in it; it does not if silent.
        partial_cumulation: Whether materials count in proportion; they do not if silent.
        deductions: Costs that may be taken off the value of a non-originating material.
        lot_methods: Accepted methods for interchangeable materials; all are if silent.
        cumulates_with: Further countries whose originating materials count.
        produced_exclusively: Whether goods made only from originating materials originate whatever
            their rule says; they do not if silent.
        textile_tolerance: Share of the weight of basic textile materials that may fail.
        textile_lists: Lists of textile processes by name: each a `Rule`, which is built upon this.
    """

    parties: Dated[frozenset[Country]]
    cumulation: Dated[bool]
    de_minimis: Dated[Fraction] | None
    methods: Dated[tuple[Method, ...]]
    wholly_obtained: Dated[Mapping[str, str]]
    criteria: Dated[CriterionCodes]
    de_minimis_by_chapter: Dated[tuple[DeMinimis, ...]] | None = None
    minimal_operations: Dated[MinimalOperations] | None = None
    ancillary: Dated[Mapping[Role, Ancillary]] | None = None
    roll_up: Dated[bool] | None = None
    tracing: Dated[bool] | None = None
    partial_cumulation: Dated[PartialCumulation] | None = None
    deductions: Dated[frozenset[str]] | None = None
    lot_methods: Dated[frozenset[LotMethod]] | None = None
    cumulates_with: Dated[frozenset[Country]] | None = None
    produced_exclusively: Dated[bool] | None = None
    textile_tolerance: Dated[Fraction] | None = None
    textile_lists: Dated[Mapping[str, Any]] | None = None
    sources: frozenset[Country] = field(init=False)

    def __post_init__(self) -> None:
        """Work out once whose originating materials may count."""
        further = self.cumulates_with.value if self.cumulates_with is not None else frozenset()
        object.__setattr__(self, "sources", self.parties.value | further)

    def treatment(self, role: Role) -> Ancillary:
        """Return how materials of ``role`` are taken."""
        if self.ancillary is not None and role in self.ancillary.value:
            return self.ancillary.value[role]
        return ANCILLARY[role]
