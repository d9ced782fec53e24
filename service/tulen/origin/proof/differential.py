"""RCEP tariff differentials (Art. 2.6): the RCEP country of origin and the rate that applies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from tulen.errors import InvalidInputError
from tulen.origin.findings import Finding, Outcome
from tulen.origin.proof.procedure import Differentials, Procedure
from tulen.values import Country
from tulen.values.dated import Reference

Option = Literal["2.6.6(a)", "2.6.6(b)"]


@dataclass(frozen=True, slots=True)
class OriginCountry:
    """The RCEP country of origin; None where nobody can tell yet."""

    country: Country | None
    finding: Finding


@dataclass(frozen=True, slots=True)
class ApplicableRate:
    """The rate in percent; None where nobody can tell yet."""

    percent: Decimal | None
    finding: Finding


@dataclass(frozen=True, slots=True)
class DifferentialCase:
    """An originating good, as Art. 2.6 looks at it.

    Attributes:
        exporting: The exporting party.
        importing: The importing party; without tariff differentials it has no appendix.
        criterion: How it originates: WO, PE, or the rule that it met, such as CTC or RVC.
        contributions: Value of the originating materials by party, in one measure.
        on_appendix: Whether the importing party's appendix names it; None: unknown.
        beyond_minimal: Whether the exporting party did more than minimal operations; None: unknown.
        exporting_share: Percentage of value added in the exporting party; None: unknown.
    """

    exporting: Country
    importing: Country
    criterion: str
    contributions: Mapping[Country, Decimal]
    on_appendix: bool | None = None
    beyond_minimal: bool | None = None
    exporting_share: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse figures that are none."""
        for country, value in self.contributions.items():
            if value < 0:
                raise InvalidInputError(f"/contributions/{country}", value, "is less than zero")


def origin_country(case: DifferentialCase, procedure: Procedure, on: date) -> OriginCountry:
    """Return the RCEP country of origin.

    Goods of the appendix: the exporting party if the additional requirement is met (2.6.3).
    Others: the party where they became originating (2.6.2), which for goods made exclusively from
    originating materials takes more than minimal operations. Otherwise the party that contributed
    the highest value of originating materials (2.6.4).

    Args:
        case: The good.
        procedure: The procedures of RCEP.
        on: The day whose rules apply.
    """
    name = "RCEP country of origin"
    rule = procedure.on(on, Differentials)
    on_appendix = False if rule and case.importing not in rule.value.imposing else case.on_appendix
    if rule is None or on_appendix is None:
        why = (
            f"the procedures of {procedure.agreement} that are loaded do not say for {on}"
            if rule is None
            else "it was not stated whether the importing party's appendix names the good"
        )
        return OriginCountry(None, Finding(name, Outcome.UNDETERMINED, why))
    article = rule.reference
    established = (
        _appendix(case, rule.value.appendix_share, article)
        if on_appendix
        else _acquired(case, article)
    )
    if established.outcome is Outcome.MET:
        return OriginCountry(
            case.exporting,
            Finding(name, Outcome.MET, f"it is {case.exporting}", article, parts=(established,)),
        )
    if established.outcome is Outcome.UNDETERMINED:
        return OriginCountry(
            None,
            Finding(
                name,
                Outcome.UNDETERMINED,
                established.reason,
                article,
                remedy=established.remedy,
                parts=(established,),
            ),
        )
    return _highest(case, established, article)


def _appendix(case: DifferentialCase, least: Decimal, article: Reference) -> Finding:
    name = "additional requirement of the appendix"
    if case.exporting_share is None:
        return Finding(
            name,
            Outcome.UNDETERMINED,
            "the share of value added in the exporting party was not stated",
            article,
            remedy=f"state it; no less than {least:f}% is asked for",
        )
    figures = (("share", f"{case.exporting_share:f}%"), ("least", f"{least:f}%"))
    if case.exporting_share >= least:
        return Finding(name, Outcome.MET, "the share is not less than that", article, figures)
    return Finding(
        name,
        Outcome.NOT_MET,
        "the share is less than that",
        article,
        figures,
        f"add {least - case.exporting_share:f}% more in {case.exporting}",
    )


def _acquired(case: DifferentialCase, article: Reference) -> Finding:
    name = "where it became originating"
    if case.criterion != "PE":
        return Finding(name, Outcome.MET, f"by {case.criterion} in {case.exporting}", article)
    if case.beyond_minimal is None:
        return Finding(
            name,
            Outcome.UNDETERMINED,
            "it was not stated whether more than minimal operations took place",
            article,
            remedy=f"state what was done in {case.exporting}",
        )
    if case.beyond_minimal:
        return Finding(name, Outcome.MET, "more than minimal operations took place", article)
    return Finding(
        name,
        Outcome.NOT_MET,
        f"only minimal operations took place in {case.exporting}",
        article,
        remedy="do more than the minimal operations of Art. 2.6.5 there",
    )


def _highest(case: DifferentialCase, before: Finding, article: Reference) -> OriginCountry:
    name = "RCEP country of origin"
    most = max(case.contributions.values(), default=Decimal(0))
    leading = sorted(country for country, value in case.contributions.items() if value == most)
    figures = tuple(
        (f"contributed by {country}", f"{value:f}")
        for country, value in sorted(case.contributions.items())
    )
    if most > 0 and len(leading) == 1:
        finding = Finding(
            name,
            Outcome.MET,
            f"{leading[0]} contributed the highest value of originating materials",
            article,
            figures,
            parts=(before,),
        )
        return OriginCountry(leading[0], finding)
    reason = (
        f"{', '.join(leading)} contributed the same value; the article does not choose"
        if most > 0
        else "no party's contribution was stated"
    )
    return OriginCountry(
        None,
        Finding(
            name,
            Outcome.UNDETERMINED,
            reason,
            article,
            figures,
            "claim the highest rate of Art. 2.6.6",
            parts=(before,),
        ),
    )


def rate_for(
    rates: Mapping[Country, Decimal],
    contributors: Sequence[Country],
    option: Option,
    procedure: Procedure,
    on: date,
) -> ApplicableRate:
    """Return the rate that an importer may choose under Art. 2.6.6.

    Args:
        rates: The importing party's rate for the good by exporting party, in percent.
        contributors: Parties whose originating materials the claim takes into account.
        option: (a), the highest of the contributing parties; (b), the highest of all.
        procedure: The procedures of RCEP.
        on: The day whose rules apply.
    """
    name = f"rate under Art. {option}"
    rule = procedure.on(on, Differentials)
    if rule is None:
        reason = f"the procedures of {procedure.agreement} that are loaded do not say for {on}"
        return ApplicableRate(None, Finding(name, Outcome.UNDETERMINED, reason))
    wanted = sorted(set(contributors)) if option == "2.6.6(a)" else sorted(rates)
    missing = [country for country in wanted if country not in rates]
    if not wanted or missing:
        reason = f"no rate is stated for {', '.join(missing)}" if missing else "no rate is stated"
        return ApplicableRate(
            None,
            Finding(name, Outcome.UNDETERMINED, reason, rule.reference, remedy="state it"),
        )
    percent = max(rates[country] for country in wanted)
    figures = tuple((f"rate for {country}", f"{rates[country]:f}%") for country in wanted)
    finding = Finding(name, Outcome.MET, f"the highest is {percent:f}%", rule.reference, figures)
    return ApplicableRate(percent, finding)
