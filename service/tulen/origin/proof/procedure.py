"""What an agreement says about proofs of origin and journeys, on one day.

A section that is not loaded, or not in force, is None: who asks then answers UNDETERMINED.
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, TypeVar, cast

from tulen.values import AgreementCode, Country, Currency, Digest
from tulen.values.dated import Dated

MONTHS_OF_A_YEAR = 12

Leniency = Literal["shall", "may"]
"""Whether customs must or may take a late proof for a reason that the agreement names."""


@dataclass(frozen=True, slots=True)
class Span:
    """A time limit in calendar days or calendar months; exactly one is more than zero."""

    days: int = 0
    months: int = 0

    def after(self, day: date) -> date:
        """Return the last day of the limit that starts after ``day``.

        A month that is too short ends it on its last day: 31 January plus one month is the last of
        February.
        """
        if self.days:
            return day + timedelta(days=self.days)
        year, month = divmod(day.year * MONTHS_OF_A_YEAR + day.month - 1 + self.months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(day.day, last))

    def __str__(self) -> str:
        """Return it as the data spells it."""
        return f"{self.days} days" if self.days else f"{self.months} months"


@dataclass(frozen=True, slots=True)
class Parties:
    """The countries whose goods and territories count as the agreement's own."""

    countries: frozenset[Country]


@dataclass(frozen=True, slots=True)
class IssueWindow:
    """When a proof is issued: by ``days_after`` the shipment, later only for a cause and marked."""

    days_after: int
    mark: str
    retroactive: Span | None = None


@dataclass(frozen=True, slots=True)
class Validity:
    """For how long a proof can be presented, and who may still be late."""

    lasts: Span
    force_majeure: Leniency | None = None
    imported_in_time: Leniency | None = None


@dataclass(frozen=True, slots=True)
class CertifiedCopy:
    """A copy of a lost proof: within which time of the original's issue, and what it bears."""

    within: Span
    words: str
    box: str | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """Up to which value of a consignment no proof is asked for."""

    amount: Decimal
    currency: Currency
    basis: str
    declaration: bool = False


@dataclass(frozen=True, slots=True)
class BackToBack:
    """Whether an intermediate party issues on the strength of the first one's proof."""

    allowed: bool
    proof: str | None = None
    operations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Invoicing:
    """An invoice from elsewhere: the tick, and whether the proof has to say so."""

    must_state: bool
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Exhibition:
    """Goods sold at an exhibition: the tick, and where the exhibition is named."""

    mark: str
    box: str


@dataclass(frozen=True, slots=True)
class FobShown:
    """The FOB price is shown for value content; only for goods from or to ``countries`` if any."""

    countries: frozenset[Country] = frozenset()


@dataclass(frozen=True, slots=True)
class PartialCumulation:
    """The tick of a proof that only supports cumulation, and its range of value content."""

    mark: str
    least: Decimal
    below: Decimal


@dataclass(frozen=True, slots=True)
class Discrepancies:
    """Which differences between a proof and the goods are minor, and which defeat the proof."""

    minor: frozenset[str]
    grave: frozenset[str] = frozenset()
    item_by_item: bool = False
    classification: Literal["release"] | None = None


@dataclass(frozen=True, slots=True)
class Clocks:
    """Time limits by name, such as ``reply``."""

    limits: Mapping[str, Span]


@dataclass(frozen=True, slots=True)
class SelfCertification:
    """What a declaration of origin by an exporter is called; both registers must hold it."""

    proof: str


@dataclass(frozen=True, slots=True)
class Uses:
    """For how many importations one proof serves."""

    most: int


@dataclass(frozen=True, slots=True)
class Alteration:
    """What is done to a proof that has to change after issue, on paper and as data."""

    paper: str
    electronic: str


@dataclass(frozen=True, slots=True)
class Transit:
    """What a good may go through between the parties.

    Attributes:
        operations: What may be done to it on the way.
        unclear: What the article neither names nor excludes.
        customs_control: Whether it has to stay under customs control.
        control_within: Whether that is asked within other parties as well.
        trade: Whether it may not enter trade or consumption on the way.
        justified_by: What may justify a way through a non-party; empty where nothing need.
        documents: Papers for a way through a non-party; of each set, one is enough.
        bill_issued_by_exporting: Whether the through bill must be issued in the exporting party.
        by_exporter: Operations that only the exporter may do, or have done.
    """

    operations: frozenset[str]
    unclear: frozenset[str] = frozenset()
    customs_control: bool = False
    control_within: bool = False
    trade: bool = False
    justified_by: frozenset[str] = frozenset()
    documents: tuple[frozenset[str], ...] = ()
    bill_issued_by_exporting: bool = False
    by_exporter: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Differentials:
    """RCEP tariff differentials: the additional requirement, and who applies different rates."""

    appendix_share: Decimal
    imposing: frozenset[Country]


Section = TypeVar("Section")


@dataclass(frozen=True, eq=False)
class Procedure:
    """The procedures of one agreement.

    Attributes:
        agreement: Its code.
        title: Its full name.
        digest: SHA-256 of the file's bytes.
        sections: The dated values of each section.
    """

    agreement: AgreementCode
    title: str
    digest: Digest
    sections: Mapping[type, tuple[Dated[object], ...]]

    def on(self, day: date, section: type[Section]) -> Dated[Section] | None:
        """Return the ``section`` in force on ``day``; None where none is loaded for that day."""
        entries = cast("tuple[Dated[Section], ...]", self.sections.get(section, ()))
        return next((entry for entry in reversed(entries) if day in entry), None)
