"""The agreements whose rules are loaded: who is party, what their rules cover, how they are proven.

Anyone may ask: they are answered from the rules that are loaded alone.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tulen.origin import NotInForceError, Pack, load_packs, pack_of, parties_on
from tulen.origin.pack_show import rules_for, terms_on
from tulen.origin.proof.procedure_show import procedures_on
from tulen.values import AgreementCode, HsCode
from tulen.values.dated import in_force
from tulen.workflows import clock


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
                    **form_of(pack),
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
class AgreementView:
    """What one agreement says on a day.

    Attributes:
        shown: Its terms and procedures; None for what is not loaded for that day.
        pack: Its rules.
    """

    shown: dict[str, Any]
    pack: Pack

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form: what is not loaded is left out."""
        document: dict[str, Any] = _without_none(self.shown)
        return document | {"rule_set_digest": str(self.pack.digest)}


def form_of(pack: Pack) -> dict[str, str]:
    """Return the agreement's form as a member of an answer, where the pack holds it."""
    return {} if pack.form is None else {"form": pack.form}


def agreements(on: date | None = None) -> AgreementsView:
    """Return the agreements whose rules are loaded, as they stand ``on`` that day, or today."""
    packs = load_packs()
    return AgreementsView(tuple(packs[code] for code in sorted(packs)), on or clock.today())


def agreement_on(
    agreement: AgreementCode, on: date | None = None, code: HsCode | None = None
) -> AgreementView:
    """Return what an agreement says on a day, or today, with the rules for goods of ``code``.

    Raises:
        UnknownAgreementError: no rules are loaded for it.
    """
    day = on or clock.today()
    terms = terms_on(agreement, day) if code is None else rules_for(agreement, code, day)
    procedures = procedures_on(agreement, day)
    return AgreementView(terms | {"procedures": procedures}, pack_of(agreement))


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


def _without_none(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {name: _without_none(item) for name, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, list) else value
