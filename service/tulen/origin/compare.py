"""One bill of materials against every agreement that is open between two countries, best first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from tulen.errors import InvalidInputError
from tulen.origin.advice import remedies
from tulen.origin.assess import assess
from tulen.origin.bills.assess import judge_bill
from tulen.origin.bills.bill import Bill
from tulen.origin.editions.transposition import Correlation
from tulen.origin.findings import OriginVerdict, Outcome
from tulen.origin.inputs import Method, OriginInputs
from tulen.origin.pack import Pack
from tulen.values import AgreementCode, Country
from tulen.values.dated import NotInForceError, in_force

_RANK = {Outcome.MET: 0, Outcome.UNDETERMINED: 1, Outcome.NOT_MET: 2}
_NO_DUTIES: Mapping[AgreementCode, Fraction] = MappingProxyType({})
_OF_AN_AGREEMENT = ("/method", "/wholly_obtained")
"""What one agreement may refuse and the next may know; anything else is wrong for all."""


@dataclass(frozen=True, slots=True)
class Option:
    """What one agreement offers.

    Attributes:
        pack: Its rules.
        verdict: The verdict under them; None where they cannot be applied to these inputs.
        refusal: Why they cannot, with the field in question; empty where there is a verdict.
        duty: The preferential rate of duty as a share of the customs value; None where no tariff
            that holds it is loaded.
    """

    pack: Pack
    verdict: OriginVerdict | None
    refusal: str
    duty: Fraction | None

    @property
    def outcome(self) -> Outcome:
        """The outcome; what cannot be judged is undetermined."""
        return Outcome.UNDETERMINED if self.verdict is None else self.verdict.outcome

    @property
    def remedies(self) -> tuple[str, ...]:
        """What would make the good qualify."""
        return () if self.verdict is None else remedies(self.verdict.finding)


def parties_on(pack: Pack, day: date) -> frozenset[Country]:
    """Return the parties of an agreement on ``day``; none where it is not in force by then."""
    try:
        return in_force(pack.parties, day, f"{pack.rule_set} parties").value
    except NotInForceError:
        return frozenset()


def open_between(
    packs: Iterable[Pack], exporting: Country, importing: Country, on: date
) -> list[Pack]:
    """Return those of ``packs`` to which both countries are party ``on`` that day."""
    return [pack for pack in packs if {exporting, importing} <= parties_on(pack, on)]


def compare(
    asked: OriginInputs | Bill,
    packs: Iterable[Pack],
    on: date,
    duties: Mapping[AgreementCode, Fraction] = _NO_DUTIES,
    correlation: Correlation | None = None,
) -> tuple[Option, ...]:
    """Return what every agreement open between the two countries offers, best first.

    MET comes before UNDETERMINED before NOT_MET; then the lower duty, a known one before an unknown
    one; then the code of the agreement. A method of value content that an agreement does not know
    gives way to the first that it knows, as the trace shows.

    Args:
        asked: What is declared about the good; the agreement that it names plays no part.
        packs: The rules that are loaded.
        on: The legal date that decides which agreements are open and which values apply.
        duties: Preferential rates by agreement, as shares of the customs value.
        correlation: As in `assess`.

    Raises:
        InvalidInputError: what is declared contradicts itself, under whichever agreement.
    """
    options = [
        _option(asked, pack, on, duties.get(pack.agreement), correlation)
        for pack in open_between(packs, asked.exporting_country, asked.importing_country, on)
    ]
    return tuple(sorted(options, key=_place))


def _place(option: Option) -> tuple[int, bool, Fraction, str]:
    duty = option.duty
    return _RANK[option.outcome], duty is None, duty or Fraction(0), option.pack.agreement


def _option(
    asked: OriginInputs | Bill,
    pack: Pack,
    on: date,
    duty: Fraction | None,
    correlation: Correlation | None,
) -> Option:
    refusal = ""
    methods = (asked.method, *(method for method in Method if method is not asked.method))
    for method in methods:
        try:
            verdict = _verdict(asked, pack, method, on, correlation)
        except InvalidInputError as error:
            if not error.field.endswith(_OF_AN_AGREEMENT):
                raise
            refusal = refusal or str(error)
            if error.field != "/method":
                break
        except NotInForceError as error:
            refusal = str(error)
            break
        else:
            return Option(pack, verdict, "", duty)
    return Option(pack, None, refusal, duty)


def _verdict(
    asked: OriginInputs | Bill,
    pack: Pack,
    method: Method,
    on: date,
    correlation: Correlation | None,
) -> OriginVerdict:
    if isinstance(asked, Bill):
        bill = replace(asked, agreement=pack.agreement, method=method)
        return judge_bill(bill, pack, on, correlation)
    inputs = replace(asked, agreement=pack.agreement, method=method)
    return assess(inputs, pack, on, correlation)
