"""Questions about origin that change nothing: which verdict, and which agreement is best.

Anyone may ask them: they are answered from the rules that are loaded and from the question alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tulen.customs import AdValorem, NotInTariffError, Tariff, demonstration_tariff
from tulen.errors import InvalidInputError
from tulen.origin import (
    Bill,
    Correlation,
    NotInForceError,
    Option,
    OriginInputs,
    OriginVerdict,
    assess,
    compare,
    judge_bill,
    load_packs,
    pack_of,
    reasons,
    remedies,
)
from tulen.origin.proof.consignment import Journey, judge_journey
from tulen.origin.proof.procedure_file import load_procedures
from tulen.origin.proof.ruling import Ruling, silent
from tulen.values import AgreementCode, date_from
from tulen.values.fields import below, members, part
from tulen.workflows import clock
from tulen.workflows.agreements import form_of

_ANY = "ANY"
"""Stands in for the agreement where a comparison names none; each takes its place in turn."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about a good.

    Attributes:
        asked: What is declared about it: inputs, or a bill of materials of many levels.
        member: Which of the two the question calls it, for messages.
        on: The day whose rules are applied.
        journey: How it came; None where that is not asked.
    """

    asked: OriginInputs | Bill
    member: str
    on: date
    journey: Journey | None

    @classmethod
    def from_document(cls, document: object, *, agreement: str | None = None) -> "Question":
        """Return the question in ``document``: ``{"inputs" | "bill", "on"?, "consignment"?}``.

        Args:
            document: The question; today where no day is named.
            agreement: Stands in where inputs or bill name none.

        Raises:
            InvalidInputError: the document is malformed.
        """
        stated = members(document, frozenset(), _QUESTION)
        if len(_ASKED.keys() & stated) != 1:
            names = ", ".join(sorted(stated))
            raise InvalidInputError("", names, "is not one of inputs and bill: state one of them")
        member, read = next((name, read) for name, read in _ASKED.items() if name in stated)
        good = stated[member]
        if agreement is not None and isinstance(good, dict):
            good = {"agreement": agreement, **good}
        asked = below(f"/{member}", lambda: read(good))
        day = date_from(stated["on"], "/on") if "on" in stated else clock.today()
        if "consignment" not in stated:
            return cls(asked, member, day, None)
        journey = part(stated, "consignment", Journey.from_document)
        ends = {0: asked.exporting_country, len(journey.route) - 1: asked.importing_country}
        for index, country in ends.items():
            if journey.route[index] != country:
                raise InvalidInputError(
                    f"/consignment/route/{index}",
                    journey.route[index],
                    f"is not {country}, which the good goes {'to' if index else 'from'}",
                )
        return cls(asked, member, day, journey)

    def ruling(self, agreement: AgreementCode) -> Ruling | None:
        """Return whether the journey keeps the preference; None where none is stated."""
        if self.journey is None:
            return None
        procedure = load_procedures().get(agreement)
        if procedure is None:
            return silent("direct consignment", agreement, self.on)
        return judge_journey(self.journey, procedure, self.on)


_QUESTION = frozenset({"inputs", "bill", "on", "consignment"})
_ASKED: Mapping[str, Callable[[object], OriginInputs | Bill]] = {
    "inputs": OriginInputs.from_document,
    "bill": Bill.from_document,
}


def _ruled(ruling: Ruling | None) -> dict[str, Any]:
    """Return the member of an answer that says whether the journey keeps the preference."""
    if ruling is None:
        return {}
    return {
        "consignment": {
            "outcome": str(ruling.finding.outcome),
            "decision": str(ruling.decision),
            "explanation": list(ruling.finding.lines()),
            "finding": ruling.finding.to_document(),
        }
    }


@dataclass(frozen=True, slots=True)
class AssessmentView:
    """A verdict on the origin of a good, and what it comes down to.

    Attributes:
        verdict: The verdict.
        ruling: Whether the journey keeps the preference, which neither outcome nor digest of the
            verdict know of; None where no journey was stated.
    """

    verdict: OriginVerdict
    ruling: Ruling | None = None

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        verdict = self.verdict
        document = {
            "outcome": str(verdict.outcome),
            "digest": str(verdict.digest()),
            "reasons": list(reasons(verdict.finding)),
            "remedies": list(remedies(verdict.finding)),
            "explanation": verdict.explain(),
            "verdict": verdict.to_document(),
            **_ruled(self.ruling),
        }
        return document | ({"criterion": verdict.criterion} if verdict.criterion else {})


@dataclass(frozen=True, slots=True)
class Duties:
    """The rates of duty on a good at import.

    Attributes:
        tariff: Where they stand.
        mfn: The most-favoured-nation rate.
        preferential: The rates by agreement.
    """

    tariff: Tariff
    mfn: AdValorem
    preferential: Mapping[AgreementCode, AdValorem]


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """Every agreement that is open between two countries, best first.

    Attributes:
        question: What was asked.
        options: What each agreement offers.
        duties: The rates of duty on the good; None where no tariff that holds it is loaded.
    """

    question: Question
    options: tuple[Option, ...]
    duties: Duties | None

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        document: dict[str, Any] = {
            "on": self.question.on.isoformat(),
            "exporting_country": self.question.asked.exporting_country,
            "importing_country": self.question.asked.importing_country,
            "options": [self._option(option) for option in self.options],
        }
        if self.duties is not None:
            document["duty"] = {
                "tariff": self.duties.tariff.title,
                "demonstration": self.duties.tariff.demonstration,
                "mfn": str(self.duties.mfn),
            }
        return document

    def _option(self, option: Option) -> dict[str, Any]:
        pack, verdict = option.pack, option.verdict
        document: dict[str, Any] = {
            "agreement": pack.agreement,
            "title": pack.title,
            **form_of(pack),
            "outcome": str(option.outcome),
            "reasons": [option.refusal] if verdict is None else list(reasons(verdict.finding)),
            "remedies": list(option.remedies),
            **_ruled(self.question.ruling(pack.agreement)),
        }
        if verdict is not None:
            document |= {"verdict": verdict.to_document(), "digest": str(verdict.digest())}
            if verdict.criterion:
                document["criterion"] = verdict.criterion
        if self.duties is not None and pack.agreement in self.duties.preferential:
            document["duty"] = str(self.duties.preferential[pack.agreement])
        return document


def question_about(document: object, on: date | None = None) -> object:
    """Return ``document`` as a question: inputs or a bill become one, a question stays.

    Args:
        document: A JSON document; a bill is told by its parts.
        on: The day to ask for; where None, the one that a question names.
    """
    question = document
    if not isinstance(document, dict) or not _ASKED.keys() & document:
        is_bill = isinstance(document, dict) and "parts" in document
        question = {"bill" if is_bill else "inputs": document}
    if on is None or not isinstance(question, dict):
        return question
    return question | {"on": on.isoformat()}


def assess_origin(document: object, correlation: Correlation | None = None) -> AssessmentView:
    """Return the verdict on the good in ``document``.

    Args:
        document: The question, see `Question.from_document`.
        correlation: The table that carries codes between editions of the HS; None for none.

    Raises:
        InvalidInputError: the document is malformed, or the agreement does not know what it names.
        UnknownAgreementError: no rules are loaded for the agreement.
        NotAPartyError: a country is no party to it on that day.
        NotInForceError: the rules say nothing for that day.
    """
    question = Question.from_document(document)
    asked, on = question.asked, question.on
    pack = pack_of(asked.agreement)
    verdict = below(
        f"/{question.member}",
        lambda: (
            judge_bill(asked, pack, on, correlation)
            if isinstance(asked, Bill)
            else assess(asked, pack, on, correlation)
        ),
    )
    return AssessmentView(verdict, question.ruling(asked.agreement))


def compare_origin(document: object, correlation: Correlation | None = None) -> ComparisonView:
    """Return what every agreement offers the good in ``document``, best first.

    Args:
        document: The question, where inputs and bill need name no agreement.
        correlation: As in `assess_origin`.

    Raises:
        InvalidInputError: the document is malformed.
    """
    question = Question.from_document(document, agreement=_ANY)
    duties = _duties(question.asked, question.on)
    rates = {} if duties is None else {code: r.rate for code, r in duties.preferential.items()}
    options = below(
        f"/{question.member}",
        lambda: compare(question.asked, load_packs().values(), question.on, rates, correlation),
    )
    return ComparisonView(question, options, duties)


def _duties(asked: OriginInputs | Bill, on: date) -> Duties | None:
    """Return the rates on a good that is classified as deeply as the tariff of its destination."""
    tariff = demonstration_tariff()
    code = asked.good.hs_code if isinstance(asked, Bill) else asked.hs_code
    if code is None or asked.importing_country != tariff.country or asked.hs_edition is not None:
        return None  # The tariff names the edition of its codes in words only.
    try:
        mfn = tariff.mfn(code, on).value
    except (NotInTariffError, NotInForceError):
        return None
    preferential = {}
    for agreement in tariff.lines[code].preferential:
        try:
            preferential[agreement] = tariff.preferential(code, agreement, on).value
        except NotInForceError:
            continue
    return Duties(tariff, mfn, preferential)
