"""What an agreement says around its rules: data of its pack, with what holds where it is silent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from tulen.origin.hs import HsRange, any_holds
from tulen.origin.inputs import Method
from tulen.origin.materials import LotMethod, Material, Role
from tulen.origin.selection import Selection
from tulen.values import AgreementCode, Country, HsCode
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
class CriterionPrint:
    """How the application and the form print what was satisfied.

    Attributes:
        general: Code by criterion, for goods without a rule of their own.
        product: The same for goods with one; what is not here is as in ``general``.
        joint: Code by criterion where several had to be met together.
        percent: Codes that are followed by the whole percentage.
        joint_percent: Codes that are so only where several had to be met together.
        box: Template of the form's box by code, where it differs from the code; ``{percent}`` is
            the whole percentage.
        suffixes: Code by circumstance, such as ``de-minimis``.
    """

    general: Mapping[str, str]
    product: Mapping[str, str] = field(default_factory=dict)
    joint: Mapping[str, str] = field(default_factory=dict)
    percent: frozenset[str] = frozenset()
    joint_percent: frozenset[str] = frozenset()
    box: Mapping[str, str] = field(default_factory=dict)
    suffixes: Mapping[str, str] = field(default_factory=dict)


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
class Diagonal:
    """Countries that are no parties, whose originating materials count as if they were.

    Attributes:
        countries: The countries.
        under: Agreements under which a material must originate; empty where any proof counts.
        materials: Those for which that agreement has the same rule as this one; empty for all.
    """

    countries: frozenset[Country]
    under: frozenset[AgreementCode] = frozenset()
    materials: tuple[HsRange, ...] = ()

    def refused(self, material: Material) -> str:
        """Return why an originating material of these countries does not count; else nothing."""
        details, code = material.details, material.hs_code
        under = details.under if details is not None else None
        if self.under and under not in self.under:
            names = " or ".join(sorted(self.under))
            return f"it originates under {under or 'no stated agreement'}, not under {names}"
        if self.materials and (code is None or True not in [r.holds(code) for r in self.materials]):
            return (
                f"the rules for {code or 'an unclassified material'} are not known to be the same"
            )
        return ""


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
        criteria: How its form prints criteria; None where the pack does not hold it for that day.
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
        full_cumulation: Whether what is done in any party counts, also to a material that does not
            originate. If silent, a process counts where the rule says, added value does not.
        value_content_waiver: By goods, what all non-originating materials may come to so that no
            value content is asked for, the first that is for a good applying; never if silent.
        method_of_country: The one formula for value content of each exporting country named.
        sets: Rules for sets, a `SetRow` each, which is built upon this; sets are as other goods if
            silent.
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
    criteria: Dated[CriterionPrint] | None
    de_minimis_by_chapter: Dated[tuple[DeMinimis, ...]] | None = None
    minimal_operations: Dated[MinimalOperations] | None = None
    ancillary: Dated[Mapping[Role, Ancillary]] | None = None
    roll_up: Dated[bool] | None = None
    tracing: Dated[bool] | None = None
    partial_cumulation: Dated[PartialCumulation] | None = None
    deductions: Dated[frozenset[str]] | None = None
    lot_methods: Dated[frozenset[LotMethod]] | None = None
    cumulates_with: Dated[tuple[Diagonal, ...]] | None = None
    full_cumulation: Dated[bool] | None = None
    value_content_waiver: Dated[tuple[DeMinimis, ...]] | None = None
    method_of_country: Dated[Mapping[Country, Method]] | None = None
    sets: Dated[tuple[Any, ...]] | None = None
    produced_exclusively: Dated[bool] | None = None
    textile_tolerance: Dated[Fraction] | None = None
    textile_lists: Dated[Mapping[str, Any]] | None = None
    sources: frozenset[Country] = field(init=False)
    rolls_up: bool = field(init=False)

    def __post_init__(self) -> None:
        """Work out once whose originating materials may count, and whether in full."""
        further = self.cumulates_with.value if self.cumulates_with is not None else ()
        sources = self.parties.value.union(*[row.countries for row in further])
        object.__setattr__(self, "sources", sources)
        object.__setattr__(self, "rolls_up", self.roll_up is None or self.roll_up.value)

    def not_diagonal(self, material: Material) -> str:
        """Return why a material of a further country does not count; else nothing."""
        rows = self.cumulates_with.value if self.cumulates_with is not None else ()
        refused = [row.refused(material) for row in rows if material.country in row.countries]
        return "" if "" in refused else refused[0]

    def method_for(self, country: Country) -> Method | None:
        """Return the one formula of an exporting country; None where it may choose."""
        fixed = self.method_of_country
        return None if fixed is None else fixed.value.get(country)

    def treatment(self, role: Role) -> Ancillary:
        """Return how materials of ``role`` are taken."""
        if self.ancillary is not None and role in self.ancillary.value:
            return self.ancillary.value[role]
        return ANCILLARY[role]
