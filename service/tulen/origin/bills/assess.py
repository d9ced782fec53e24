"""Judges a good on many levels: what is made of parts is judged first, then what it goes into.

What is not known is taken both ways. Where origin of a part is undetermined, the good is judged
with it as non-originating; where that fails, also with it as originating, and the good fails only
if it fails both ways.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tulen.errors import InvalidInputError
from tulen.origin.assess import NotAPartyError, assess
from tulen.origin.bills.bill import MAX_LINES, Bill, Line, Part
from tulen.origin.case import Case
from tulen.origin.editions.transposition import Correlation
from tulen.origin.findings import MET, NOT_MET, UNDETERMINED, Finding, OriginVerdict, Outcome
from tulen.origin.inputs import OriginInputs
from tulen.origin.materials import NO_DETAILS, Material
from tulen.origin.pack import Pack
from tulen.origin.terms import Terms
from tulen.values import Country, decimal_text
from tulen.values.amounts import MICRO

_Rounding = Callable[[Fraction], int]
_RANK = {NOT_MET: 0, UNDETERMINED: 1, MET: 2}


class _PartInputs(OriginInputs):
    """Inputs of a part, of which no certificate is made: only the bill limits its lines."""

    most_materials = MAX_LINES


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
        InvalidInputError: the bill is malformed, see `Bill.from_document`, or as `assess`.
        NotAPartyError: the exporting or importing country is no party on that day.
        NotInForceError: the pack says nothing for that day.
    """
    return judge_bill(Bill.from_document(document), pack, on, correlation)


def judge_bill(
    bill: Bill, pack: Pack, on: date, correlation: Correlation | None = None
) -> OriginVerdict:
    """Return whether the good of ``bill`` originates; errors as `assess_bill`.

    The parts that are made in a party are judged bottom-up, each once, by the pack's rule for its
    classification. One that originates counts in full where it goes into, if the pack has roll-up;
    another counts as non-originating, with the non-originating value in it if the pack has tracing.
    The verdict is that of the good, its findings followed by one for every part that is made.
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
        sure = replace(inputs, materials=self._materials(part, inputs, doubt=False))
        best = replace(inputs, materials=self._materials(part, inputs, doubt=True))
        try:
            verdict = self._verdict(part, sure)
        except InvalidInputError as error:
            raise error.within(self._place(part, error.field)) from None
        if (
            verdict.outcome is NOT_MET
            and best != sure
            and self._verdict(part, best).outcome is not NOT_MET
        ):
            verdict = replace(verdict, finding=self._open(verdict.finding, part))
        return verdict, _Judged(
            verdict.outcome,
            Case.of(sure, self.terms).non_originating,
            Case.of(best, self.terms).non_originating,
        )

    def _verdict(self, part: Part, inputs: _PartInputs) -> OriginVerdict:
        """Judge by the price to a millionth; of two ways to round it, the one that helps less."""
        verdict = assess(inputs, self.pack, self.on, self.correlation)
        above = math.ceil(part.value * MICRO)
        if above == math.floor(part.value * MICRO) or inputs.fob is None:
            return verdict
        dearer = replace(inputs, fob=replace(inputs.fob, amount=_amount(above)))
        other = assess(dearer, self.pack, self.on, self.correlation)
        return min(verdict, other, key=lambda item: _RANK[item.outcome])

    def _inputs(self, part: Part, home: Country) -> _PartInputs:
        bill = self.bill
        partner = bill.importing_country
        if partner == home:  # It crosses no border; that it is of a party is all that matters.
            partner = bill.exporting_country
        document = {
            "agreement": bill.agreement,
            "exporting_country": home,
            "importing_country": partner,
            "hs_code": part.hs_code,
            "description": part.description,
            # Of an intermediate the bill's method says nothing where its country has its own.
            "method": bill.method
            if part is bill.good
            else self.terms.method_for(home) or bill.method,
            "fob": {
                "amount": decimal_text(_amount(math.floor(part.value * MICRO))),
                "currency": bill.currency,
            },
            **part.judged,
        }
        if bill.hs_edition is not None:
            document["hs_edition"] = bill.hs_edition
        return _PartInputs.from_document(document, part.pointer)

    def _place(self, part: Part, field: str) -> str:
        """Return where ``field`` of a part's inputs stands: what it does not say, the bill says."""
        return "" if field.strip("/") in {"agreement", "method"} - {*part.judged} else part.pointer

    def _materials(self, part: Part, inputs: _PartInputs, *, doubt: bool) -> tuple[Material, ...]:
        """Return the lines as materials, what a millionth cannot hold rounded against the claim."""
        home = inputs.exporting_country
        materials = self._rounded(part, home, [math.ceil] * len(part.lines), doubt=doubt)
        counted = Case.of(replace(inputs, materials=materials), self.terms).materials
        rounded = [math.floor if item.originates else math.ceil for item in counted]
        return self._rounded(part, home, rounded, doubt=doubt)

    def _rounded(
        self, part: Part, home: Country, ways: Sequence[_Rounding], *, doubt: bool
    ) -> tuple[Material, ...]:
        materials = []
        for index, (line, rounded) in enumerate(zip(part.lines, ways, strict=True)):
            try:
                materials.append(self._material(line, home, rounded, doubt=doubt))
            except InvalidInputError as error:
                raise error.within(f"{part.pointer}/of/{index}") from None
        return tuple(materials)

    def _material(self, line: Line, home: Country, rounded: _Rounding, *, doubt: bool) -> Material:
        """Return a line as a material; what is undetermined originates where ``doubt`` helps."""
        part = self.bill.parts[line.part]
        judged = self.judged.get(line.part)
        country, originating, content = part.country, part.originating, part.content
        if judged is not None:
            originating = judged.outcome is MET or (doubt and judged.outcome is UNDETERMINED)
            inside = judged.least if doubt else judged.foreign
            content = None if inside is None else Fraction(inside, MICRO)
            if originating and country is None:
                country = home
        exact = part.value * line.units * MICRO
        value = _amount(rounded(exact))
        details = part.details
        if part.weight is not None:
            weight = _amount(rounded(Fraction(part.weight) * line.units * MICRO))
            details = replace(details, weight=weight)
        if part.deductions:
            off = tuple(
                [
                    (name, _amount(math.floor(amount * line.units * MICRO)))
                    for name, amount in part.deductions.items()
                ]
            )
            details = replace(details, deductions=off)
        if content is not None:
            # A value that was rounded up must not look as if more had been added to it.
            inner = math.ceil(content * line.units * MICRO) + (rounded(exact) > exact)
            details = replace(details, non_originating_content=min(_amount(inner), value))
        return Material(
            part.description,
            value,
            originating,
            part.hs_code,
            country,
            part.evidence,
            None if details == NO_DETAILS else details,
        )

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
