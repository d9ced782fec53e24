"""Duty and levies of a declaration, with and without the preferences granted, and how they arise.

Amounts per line are exact. They are rounded at one point only: the sum of each levy over the
declaration becomes the amount payable (PMK 190/PMK.04/2022 article 22(4)).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from tulen.customs.declaration import Declaration, DeclarationLine, PreferenceClaim
from tulen.customs.money import TIMES, exact_text, money_text, percent_text
from tulen.customs.pack import CountryPack, LevyCode, Rounding, TaxRates
from tulen.customs.preference import ClaimOutcome, PreferenceDecision
from tulen.customs.tariff import Tariff
from tulen.customs.value import CustomsValue
from tulen.errors import InvalidInputError
from tulen.values import decimal_text
from tulen.values.dated import Dated, Reference


class RateBasis(StrEnum):
    """Which rate of duty was applied."""

    MFN = "MFN"
    PREFERENTIAL = "PREFERENTIAL"


@dataclass(frozen=True, slots=True)
class LevyCharge:
    """One levy on one line, exactly.

    Attributes:
        levy: Its code.
        base: What it is reckoned on, in national currency.
        rate: What the base is multiplied by, as in ``5%``.
        amount: The exact amount, in national currency.
        references: Where the rate can be read.
    """

    levy: LevyCode
    base: Fraction
    rate: str
    amount: Fraction
    references: tuple[Reference, ...]

    def __str__(self) -> str:
        """Return the formula with its figures and sources."""
        sources = "; ".join(reference.title for reference in self.references)
        return (
            f"{self.levy} {self.rate} {TIMES} {money_text(self.base)} = {money_text(self.amount)} "
            f"[{sources}]"
        )


@dataclass(frozen=True, slots=True)
class LineCharges:
    """All levies on one line.

    Attributes:
        line: The declaration line's number.
        value: Its customs value.
        basis: Which rate of duty was applied: the preferential one only where it is lower.
        charges: One charge per levy, in the order of reckoning.
    """

    line: int
    value: CustomsValue
    basis: RateBasis
    charges: tuple[LevyCharge, ...]


@dataclass(frozen=True, slots=True)
class PayableLevy:
    """One levy over the declaration.

    Attributes:
        levy: Its code.
        exact: The exact sum of its charges.
        payable: What is to be paid, in whole units of the national currency.
        rounding: The rule that leads from one to the other.
    """

    levy: LevyCode
    exact: Fraction
    payable: int
    rounding: Dated[Rounding]


@dataclass(frozen=True, slots=True)
class Charges:
    """The levies of a declaration under one assumption about its preferences.

    Attributes:
        lines: Exact charges per line.
        levies: What is payable, per levy.
    """

    lines: tuple[LineCharges, ...]
    levies: tuple[PayableLevy, ...]

    @property
    def total(self) -> int:
        """Everything payable."""
        return sum(levy.payable for levy in self.levies)

    def payable(self, code: LevyCode) -> int:
        """Return what is payable of one levy."""
        return next(levy.payable for levy in self.levies if levy.levy is code)


@dataclass(frozen=True, slots=True)
class DutyAssessment:
    """What a declaration has to pay, and what its preferences save.

    Attributes:
        value: Customs value of all lines, in national currency.
        without_preference: Charges if every line paid the MFN rate.
        with_preference: Charges with the preferences that are granted.
        explanation: Every step with its figures, for people.
        demonstration: Whether the tariff's rates are for demonstration only.
    """

    value: Fraction
    without_preference: Charges
    with_preference: Charges
    explanation: tuple[str, ...]
    demonstration: bool

    @property
    def saving(self) -> int:
        """What the preferences save, never below zero."""
        return self.without_preference.total - self.with_preference.total

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form (docs/specs/customs.md): exact amounts are strings."""
        return {
            "customs_value": exact_text(self.value),
            "without_preference": _charges_document(self.without_preference),
            "with_preference": _charges_document(self.with_preference),
            "saving": str(self.saving),
            "demonstration": self.demonstration,
            "explanation": list(self.explanation),
        }


def assess_duties(
    declaration: Declaration,
    tariff: Tariff,
    pack: CountryPack,
    decisions: Mapping[int, PreferenceDecision],
) -> DutyAssessment:
    """Return the duty and levies of ``declaration`` by the law of the day it was submitted.

    A claim that is denied, suspended or not decided pays the MFN rate. A granted one pays the lower
    of both rates (PMK 48/PMK.010/2022 article 2(2)).

    Args:
        declaration: The declaration.
        tariff: Rates of duty.
        pack: The other levies, and rounding.
        decisions: Decisions on preference claims, by line number.

    Raises:
        InvalidInputError: a decision is on a line that claims nothing, or tariff and pack are of
            two countries.
        NotInTariffError: the tariff lacks a rate that is needed.
        NotInForceError: a rate or rule is needed for a day on which there is none.
    """
    if tariff.country != pack.country:
        raise InvalidInputError("tariff", tariff.country, f"is not the tariff of {pack.country}")
    claiming = {line.line for line in declaration.lines if line.claim is not None}
    for number in decisions:
        if number not in claiming:
            raise InvalidInputError("decisions", number, "is not a line that claims preference")
    granted = {
        number for number, decision in decisions.items() if decision.outcome is ClaimOutcome.GRANT
    }
    without = _charges(declaration, tariff, pack, ())
    with_preference = _charges(declaration, tariff, pack, granted)
    return DutyAssessment(
        value=sum((line.value.national for line in without.lines), Fraction(0)),
        without_preference=without,
        with_preference=with_preference,
        explanation=_explanation(declaration, tariff, decisions, without, with_preference),
        demonstration=tariff.demonstration,
    )


def _charges(
    declaration: Declaration, tariff: Tariff, pack: CountryPack, granted: Collection[int]
) -> Charges:
    day = declaration.declared_on
    taxes = pack.taxes(day, has_api=declaration.importer.has_api)
    lines = tuple(
        _line_charges(declaration, line, tariff, taxes, preferred=line.line in granted)
        for line in declaration.lines
    )
    levies = []
    for code in LevyCode:
        exact = sum(
            (charge.amount for line in lines for charge in line.charges if charge.levy is code),
            Fraction(0),
        )
        rounding = pack.rounding(code, day)
        levies.append(PayableLevy(code, exact, rounding.value.payable(exact), rounding))
    return Charges(lines, tuple(levies))


def _line_charges(
    declaration: Declaration,
    line: DeclarationLine,
    tariff: Tariff,
    taxes: TaxRates,
    *,
    preferred: bool,
) -> LineCharges:
    day = declaration.declared_on
    value = declaration.customs_value(line)
    basis, rate = RateBasis.MFN, tariff.mfn(line.hs_code, day)
    if preferred and line.claim is not None:
        preferential = tariff.preferential(line.hs_code, line.claim.agreement, day)
        if preferential.value.rate < rate.value.rate:
            basis, rate = RateBasis.PREFERENTIAL, preferential
    duty = rate.value.duty(value.national)
    return LineCharges(
        line.line,
        value,
        basis,
        (
            LevyCharge(LevyCode.BM, value.national, str(rate.value), duty, (rate.reference,)),
            *_taxes(value.national + duty, taxes),
        ),
    )


def _taxes(import_value: Fraction, taxes: TaxRates) -> tuple[LevyCharge, LevyCharge]:
    """Return PPN and PPh 22 on the customs value with the exact duty (nilai impor)."""
    ppn, factor, pph = taxes.ppn, taxes.ppn_base_factor, taxes.pph
    rate = percent_text(ppn.value)
    if factor.value != 1:
        rate = f"{rate} {TIMES} {exact_text(factor.value)}"
    sources = tuple(dict.fromkeys((ppn.reference, factor.reference)))
    return (
        LevyCharge(
            LevyCode.PPN, import_value, rate, import_value * ppn.value * factor.value, sources
        ),
        LevyCharge(
            LevyCode.PPH,
            import_value,
            percent_text(pph.value),
            import_value * pph.value,
            (pph.reference,),
        ),
    )


def _explanation(
    declaration: Declaration,
    tariff: Tariff,
    decisions: Mapping[int, PreferenceDecision],
    without: Charges,
    granted: Charges,
) -> tuple[str, ...]:
    """Return every step in words and figures, in the order in which one would recompute it."""
    steps = [f"rates of duty from '{tariff.title}'"]
    for line, mfn, applied in zip(declaration.lines, without.lines, granted.lines, strict=True):
        where = f"line {line.line}"
        cif = " + ".join(decimal_text(part) for part in (line.cost, line.insurance, line.freight))
        steps.append(
            f"{where}: customs value ({cif}) {declaration.exchange.currency} {TIMES} "
            f"{money_text(declaration.exchange.rate)} {declaration.exchange.unit_text} = "
            f"{money_text(mfn.value.national)}"
        )
        steps.extend(f"{where}, MFN: {charge}" for charge in mfn.charges)
        if line.claim is None:
            continue
        steps.append(f"{where}: {_claim_text(line.claim, decisions.get(line.line))}")
        if applied.basis is RateBasis.PREFERENTIAL:
            steps.extend(f"{where}, {line.claim.agreement}: {charge}" for charge in applied.charges)
    steps.append(f"payable without preference: {_total_text(without)}")
    steps.append(f"payable with preference: {_total_text(granted)}")
    steps.append(
        f"saving: {money_text(without.total)} - {money_text(granted.total)} = "
        f"{money_text(without.total - granted.total)}"
    )
    return tuple(steps)


def _claim_text(claim: PreferenceClaim, decision: PreferenceDecision | None) -> str:
    what = f"{claim.agreement} claimed with {claim.certificate} line {claim.certificate_line}"
    if decision is None:
        return f"{what}: not decided, the MFN rate applies"
    if decision.outcome is ClaimOutcome.GRANT:
        return f"{what}: GRANT, the lower of both rates applies"
    objections = "; ".join(
        f"{objection.reason} ({objection.because})" for objection in decision.objections
    )
    return f"{what}: {decision.outcome}, the MFN rate applies: {objections}"


def _total_text(charges: Charges) -> str:
    levies = " + ".join(
        f"{levy.levy} {money_text(levy.payable)} ({money_text(levy.exact)} {levy.rounding.value})"
        for levy in charges.levies
    )
    return f"{levies} = {money_text(charges.total)}"


def _charges_document(charges: Charges) -> dict[str, Any]:
    return {
        "lines": [
            {
                "line": line.line,
                "customs_value": exact_text(line.value.national),
                "basis": str(line.basis),
                "levies": [
                    {
                        "levy": str(charge.levy),
                        "base": exact_text(charge.base),
                        "rate": charge.rate,
                        "amount": exact_text(charge.amount),
                        "references": [str(reference) for reference in charge.references],
                    }
                    for charge in line.charges
                ],
            }
            for line in charges.lines
        ],
        "payable": {str(levy.levy): str(levy.payable) for levy in charges.levies},
        "total": str(charges.total),
    }
