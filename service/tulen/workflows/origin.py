"""Questions about origin that change nothing: which agreements, which verdict, which is best.

Anyone may ask them: they are answered from the rules that are loaded and from the question alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tulen.customs import AdValorem, NotInTariffError, Tariff, demonstration_tariff
from tulen.origin import (
    NotInForceError,
    Option,
    OriginInputs,
    OriginVerdict,
    Pack,
    assess,
    compare,
    load_packs,
    pack_of,
    parties_on,
    reasons,
    remedies,
)
from tulen.values import AgreementCode, date_from
from tulen.values.dated import in_force
from tulen.values.fields import Document, members
from tulen.workflows import clock

_QUESTION = frozenset({"inputs"})
_QUESTION_OPTIONAL = frozenset({"on"})
_ANY = "ANY"
"""Stands in for the agreement where a comparison names none; each takes its place in turn."""


@dataclass(frozen=True, slots=True)
class AgreementsView:
    """The agreements whose rules are loaded, as they stand on a day.

    Attributes:
        packs: Their rules.
        on: The day.
    """

    packs: tuple[Pack, ...]
    on: date

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "on": self.on.isoformat(),
            "agreements": [
                {
                    "agreement": pack.agreement,
                    "title": pack.title,
                    **_form(pack),
                    "rule_set": pack.rule_set,
                    "rule_set_digest": str(pack.digest),
                    "hs_edition": pack.hs_edition,
                    "parties": sorted(parties_on(pack, self.on)),
                    "product_rules": len(pack.products),
                    "coverage": _coverage(pack, self.on),
                }
                for pack in self.packs
            ],
        }


@dataclass(frozen=True, slots=True)
class AssessmentView:
    """A verdict on the origin of a good, and what it comes down to.

    Attributes:
        verdict: The verdict.
    """

    verdict: OriginVerdict

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
        inputs: What is declared about the good.
        on: The day whose rules were applied.
        options: What each agreement offers.
        duties: The rates of duty on the good; None where no tariff that holds it is loaded.
    """

    inputs: OriginInputs
    on: date
    options: tuple[Option, ...]
    duties: Duties | None

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        document: dict[str, Any] = {
            "on": self.on.isoformat(),
            "exporting_country": self.inputs.exporting_country,
            "importing_country": self.inputs.importing_country,
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
            **_form(pack),
            "outcome": str(option.outcome),
            "reasons": [option.refusal] if verdict is None else list(reasons(verdict.finding)),
            "remedies": list(option.remedies),
        }
        if verdict is not None:
            document |= {"verdict": verdict.to_document(), "digest": str(verdict.digest())}
            if verdict.criterion:
                document["criterion"] = verdict.criterion
        if self.duties is not None and pack.agreement in self.duties.preferential:
            document["duty"] = str(self.duties.preferential[pack.agreement])
        return document


def agreements(on: date | None = None) -> AgreementsView:
    """Return the agreements whose rules are loaded, as they stand ``on`` that day, or today."""
    packs = load_packs()
    return AgreementsView(tuple(packs[code] for code in sorted(packs)), on or clock.today())


def assess_origin(document: object) -> AssessmentView:
    """Return the verdict on the good in ``document``.

    Args:
        document: ``{"inputs": ..., "on"?: day}``; today where no day is named.

    Raises:
        InvalidInputError: the document is malformed, or the agreement does not know what it names.
        UnknownAgreementError: no rules are loaded for the agreement.
        NotAPartyError: a country is no party to it on that day.
        NotInForceError: the rules say nothing for that day.
    """
    question = members(document, _QUESTION, _QUESTION_OPTIONAL)
    inputs, on = OriginInputs.from_document(question["inputs"], "/inputs"), _day(question)
    return AssessmentView(assess(inputs, pack_of(inputs.agreement), on))


def compare_origin(document: object) -> ComparisonView:
    """Return what every agreement offers the good in ``document``, best first.

    Args:
        document: ``{"inputs": ..., "on"?: day}``, where the inputs need name no agreement.

    Raises:
        InvalidInputError: the document is malformed.
    """
    question = members(document, _QUESTION, _QUESTION_OPTIONAL)
    stated = question["inputs"]
    if isinstance(stated, dict):
        stated = {"agreement": _ANY, **stated}
    inputs, on = OriginInputs.from_document(stated, "/inputs"), _day(question)
    duties = _duties(inputs, on)
    rates = {} if duties is None else {code: r.rate for code, r in duties.preferential.items()}
    return ComparisonView(inputs, on, compare(inputs, load_packs().values(), on, rates), duties)


def _form(pack: Pack) -> dict[str, str]:
    """Return the agreement's form, where the pack holds it."""
    return {} if pack.form is None else {"form": pack.form}


def _day(question: Document) -> date:
    return date_from(question["on"], "/on") if "on" in question else clock.today()


def _coverage(pack: Pack, on: date) -> list[dict[str, str]]:
    """Return the ranges of which the pack holds every product rule, and who says so."""
    found = []
    for item in pack.coverage:
        try:
            complete = in_force(item.complete, on, item.hs.text)
        except NotInForceError:
            continue
        if complete.value:
            found.append({"hs": item.hs.text, "reference": str(complete.reference)})
    return found


def _duties(inputs: OriginInputs, on: date) -> Duties | None:
    """Return the rates on a good that is classified as deeply as the tariff of its destination."""
    tariff, code = demonstration_tariff(), inputs.hs_code
    if inputs.importing_country != tariff.country or inputs.hs_edition is not None:
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
