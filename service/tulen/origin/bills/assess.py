"""Judges a good on many levels: what is made of parts is judged first, then what it goes into.

What is not known is taken both ways. Where origin of a part is undetermined, the good is judged
with it as non-originating; where that fails, also with it as originating, and the good fails only
if it fails both ways.
"""

import math
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tulen.errors import InvalidInputError
from tulen.origin.assess import NotAPartyError, assess
from tulen.origin.bills.bill import Bill, Line, Part
from tulen.origin.case import Case
from tulen.origin.editions.transposition import Correlation
from tulen.origin.findings import MET, NOT_MET, UNDETERMINED, Finding, OriginVerdict, Outcome
from tulen.origin.inputs import OriginInputs
from tulen.origin.materials import NO_DETAILS, Material
from tulen.origin.pack import Pack
from tulen.origin.terms import Terms
from tulen.values import Country, HsCode, Money
from tulen.values.amounts import MICRO
from tulen.values.fields import below


@dataclass(frozen=True, slots=True)
class _Judged:
    """A made part, judged; amounts are for one unit, in millionths.

    Attributes:
        outcome: Whether it originates.
        foreign: Non-originating value within it at most; None where that is its whole value.
        least: The same at least.
    """

    outcome: Outcome
    foreign: int | None
    least: int | None


def assess_bill(
    document: object, pack: Pack, on: date, correlation: Correlation | None = None
) -> OriginVerdict:
    """Return whether the good of a bill of materials of many levels originates.

    Args:
        document: The bill as a JSON object (docs/specs/origin.md, section 1).
        pack: The rules of the agreement that the bill names.
        on: The legal date that decides which dated values apply.
        correlation: As in `assess`.

    Raises:
        InvalidInputError: the bill is malformed, see `Bill.from_document`, or as `judge_bill`.
        NotAPartyError: the exporting or importing country is no party on that day.
        NotInForceError: the pack says nothing for that day.
    """
    return judge_bill(Bill.from_document(document), pack, on, correlation)


def judge_bill(
    bill: Bill, pack: Pack, on: date, correlation: Correlation | None = None
) -> OriginVerdict:
    """Return whether the good of ``bill`` originates.

    The parts that are made in a party are judged bottom-up, each once, by the pack's rule for its
    classification. One that originates counts in full where it goes into, if the pack has roll-up;
    another counts as non-originating, with the non-originating value in it if the pack has tracing.
    The verdict is that of the good, its findings followed by one for every part that is made.

    Raises:
        InvalidInputError: as `assess`.
        NotAPartyError: the exporting or importing country is no party on that day.
        NotInForceError: the pack says nothing for that day.
    """
    terms = pack.on(on).terms
    for country in (bill.exporting_country, bill.importing_country):
        if country not in terms.parties.value:
            raise NotAPartyError(country, pack.agreement, on)
    judging = _Judging(bill, pack, on, terms, correlation, {})
    findings = [judging.intermediate(part) for part in bill.made if part is not bill.good]
    verdict, _ = judging.judge(bill.good, bill.exporting_country)
    finding = verdict.finding
    return replace(verdict, finding=finding._replace(parts=(*finding.parts, *findings)))


@dataclass(frozen=True, slots=True)
class _Judging:
    """One bill under one pack; ``judged`` fills from the bottom up."""

    bill: Bill
    pack: Pack
    on: date
    terms: Terms
    correlation: Correlation | None
    judged: dict[str, _Judged]

    def intermediate(self, part: Part) -> Finding:
        """Judge a part that is made, and return what was found."""
        finding, judged = self._intermediate(part)
        self.judged[part.name] = judged
        return finding._replace(name=f"part {part.name}: {finding.name}")

    def _intermediate(self, part: Part) -> tuple[Finding, _Judged]:
        if part.country is None:
            reason, remedy = "where it was made is not stated", "state the country"
        elif part.country not in self.terms.parties.value:
            reason = f"it was made in {part.country}, which is no party"
            return Finding("origin", NOT_MET, reason), _Judged(NOT_MET, None, None)
        elif part.hs_code is None:
            reason, remedy = "its classification is not stated", "classify the part"
        else:
            verdict, judged = self.judge(part, part.country)
            return verdict.finding, judged
        return Finding("origin", UNDETERMINED, reason, remedy=remedy), _Judged(
            UNDETERMINED, None, 0
        )

    def judge(self, part: Part, home: Country) -> tuple[OriginVerdict, _Judged]:
        """Judge a part by its rule, what is undetermined in it both ways where that matters."""
        inputs = self._inputs(part, home)
        sure = replace(inputs, materials=self._materials(part, home, doubt=False))
        best = replace(inputs, materials=self._materials(part, home, doubt=True))
        try:
            verdict = self._assessed(sure)
        except InvalidInputError as error:
            raise error.within(self._place(part, error.field)) from None
        if (
            verdict.outcome is NOT_MET
            and best != sure
            and self._assessed(best).outcome is not NOT_MET
        ):
            verdict = replace(verdict, finding=self._open(verdict.finding, part))
        return verdict, _Judged(
            verdict.outcome,
            Case.of(sure, self.terms).non_originating,
            Case.of(best, self.terms).non_originating,
        )

    def _inputs(self, part: Part, home: Country) -> OriginInputs:
        bill = self.bill
        partner = bill.importing_country
        if partner == home:  # It crosses no border; that it is of a party is all that matters.
            partner = bill.exporting_country
        stated: dict[str, Any] = {"method": bill.method, **part.judged}
        fob = Money(_amount(math.floor(part.value * MICRO)), bill.currency)
        return below(
            part.pointer,
            lambda: OriginInputs(
                agreement=bill.agreement,
                exporting_country=home,
                importing_country=partner,
                hs_code=HsCode(part.hs_code, "/hs_code"),
                description=part.description,
                fob=fob,
                hs_edition=bill.hs_edition,
                **stated,
            ),
        )

    def _assessed(self, inputs: OriginInputs) -> OriginVerdict:
        return assess(inputs, self.pack, self.on, self.correlation)

    def _place(self, part: Part, field: str) -> str:
        """Return where ``field`` of a part's inputs stands: what it does not say, the bill says."""
        return "" if field.strip("/") in {"agreement", "method"} - {*part.judged} else part.pointer

    def _materials(self, part: Part, home: Country, *, doubt: bool) -> tuple[Material, ...]:
        materials = []
        for index, line in enumerate(part.lines):
            try:
                materials.append(self._material(line, home, doubt=doubt))
            except InvalidInputError as error:
                raise error.within(f"{part.pointer}/of/{index}") from None
        return tuple(materials)

    def _material(self, line: Line, home: Country, *, doubt: bool) -> Material:
        """Return a line as a material; what is undetermined originates where ``doubt`` helps."""
        part = self.bill.parts[line.part]
        judged = self.judged.get(line.part)
        country, originating, content = part.country, part.originating, None
        if judged is not None:
            originating = judged.outcome is MET or (doubt and judged.outcome is UNDETERMINED)
            content = judged.least if doubt else judged.foreign
            if originating and country is None:
                country = home
        # Where a millionth is not enough, the rest is rounded against the claim.
        rounded = math.floor if self._counts(part, country, home, originating) else math.ceil
        value = _amount(rounded(part.value * line.units * MICRO))
        details = part.details
        if part.weight is not None:
            weight = _amount(rounded(Fraction(part.weight) * line.units * MICRO))
            details = replace(details, weight=weight)
        if content is not None:
            inner = _amount(math.ceil(content * line.units))
            details = replace(details, non_originating_content=min(inner, value))
        return Material(
            part.description,
            value,
            originating,
            part.hs_code,
            country,
            part.evidence,
            None if details == NO_DETAILS else details,
        )

    def _counts(
        self, part: Part, country: Country | None, home: Country, originating: bool
    ) -> bool:
        """Return whether a material counts as originating."""
        if not originating or country not in self.terms.sources:
            return False
        return country == home or (self.terms.cumulation.value and part.evidence is not None)

    def _open(self, finding: Finding, part: Part) -> Finding:
        """Return ``finding``, which fails only if what is undetermined does not originate."""
        names = [line.part for line in part.lines if self._is_open(line.part)]
        which = ", ".join(dict.fromkeys(names))
        return finding._replace(
            outcome=UNDETERMINED,
            reason=f"it does not originate unless {which} does, which cannot be said",
            remedy=f"settle the origin of {which}",
        )

    def _is_open(self, name: str) -> bool:
        judged = self.judged.get(name)
        return judged is not None and (
            judged.outcome is UNDETERMINED or judged.foreign != judged.least
        )


def _amount(millionths: int) -> Decimal:
    return Decimal(f"{millionths}e-6")
