"""Whether goods came in one piece: the way from party to party, and goods sold at an exhibition."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from tulen.errors import InvalidInputError
from tulen.origin.findings import Finding, Outcome
from tulen.origin.materials import words_from, yes_or_no
from tulen.origin.proof.procedure import Exhibition, Parties, Procedure, Transit
from tulen.origin.proof.ruling import Decision, Ruling, ruled, silent, stated, together
from tulen.values import Country, line_of_text
from tulen.values.dated import Dated, Reference
from tulen.values.fields import each, members, part

SHORTEST_ROUTE = 2
LONGEST_ROUTE = 50

Sent = Literal["during exhibition", "immediately after exhibition", "later"]


@dataclass(frozen=True, slots=True)
class Journey:
    """How goods came, as far as it is stated; None is not stated.

    Attributes:
        route: The territories that they passed, from the exporting to the importing one.
        operations: What was done to them on the way; names as in the procedures.
        customs_control: Whether they stayed under customs control on the way.
        entered_trade: Whether they entered trade or consumption on the way.
        justified_by: Why they went that way.
        documents: Papers at hand.
        bill_issued_in: Where the through bill of lading was issued.
        by_exporter: Whether the exporter did, or had done, what only the exporter may do.
    """

    route: tuple[Country, ...]
    operations: frozenset[str] | None = None
    customs_control: bool | None = None
    entered_trade: bool | None = None
    justified_by: str | None = None
    documents: frozenset[str] | None = None
    bill_issued_in: Country | None = None
    by_exporter: bool | None = None

    def __post_init__(self) -> None:
        """Refuse a route that is none."""
        if len(self.route) < SHORTEST_ROUTE:
            raise InvalidInputError(
                "/route", self.route, "does not lead from one territory to another"
            )

    @classmethod
    def from_document(cls, document: object) -> "Journey":
        """Return the journey that ``document`` states (docs/specs/origin-proof.md, section 3).

        Raises:
            InvalidInputError: a member is unknown, missing or malformed.
        """
        stated = members(document, frozenset({"route"}), frozenset(_STATED))
        return cls(
            each(stated, "route", _territory, most=LONGEST_ROUTE, least=SHORTEST_ROUTE),
            **{name: part(stated, name, _STATED[name]) for name in stated if name != "route"},
        )


def _territory(value: object) -> Country:
    return Country(value, "")


def _line(value: object) -> str:
    return line_of_text(value, "")


def _words(value: object) -> frozenset[str]:
    """Return a set of different lines of text; that there are none can be stated too."""
    return frozenset(() if value == [] else words_from(value))


_STATED: Mapping[str, Callable[[object], Any]] = {
    "operations": _words,
    "customs_control": yes_or_no,
    "entered_trade": yes_or_no,
    "justified_by": _line,
    "documents": _words,
    "bill_issued_in": _territory,
    "by_exporter": yes_or_no,
}


@dataclass(frozen=True, slots=True)
class Sale:
    """Goods sent to an exhibition and sold there, as far as it is stated.

    Attributes:
        exporting: Where they come from.
        held_in: Where the exhibition was held.
        importing: Where they were sold to.
        customs_control: Whether they stayed under customs control there.
        sent: When they were sent on.
        unchanged: Whether they were sent on in the state in which they had come.
        named: Whether the proof names the exhibition and its address.
        ticked: Whether the proof carries the tick.
    """

    exporting: Country
    held_in: Country
    importing: Country
    customs_control: bool | None = None
    sent: Sent | None = None
    unchanged: bool | None = None
    named: bool | None = None
    ticked: bool | None = None


def judge_journey(journey: Journey, procedure: Procedure, on: date) -> Ruling:
    """Return whether the journey keeps the preference.

    A journey without a stop is direct. Otherwise every condition of the article is judged; what was
    not stated leaves it undetermined.

    Args:
        journey: The journey.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
    """
    name = "direct consignment"
    transit, parties = procedure.on(on, Transit), procedure.on(on, Parties)
    if parties is None:
        return silent(name, procedure.agreement, on)
    members = parties.value.countries
    ends = (journey.route[0], journey.route[-1])
    stops = tuple(country for country in journey.route[1:-1] if country not in ends)
    if strangers := [country for country in ends if country not in members]:
        finding = Finding(
            name, Outcome.NOT_MET, f"{', '.join(strangers)} is not a party", parties.reference
        )
    elif not stops and not journey.operations:
        # Every agreement means this by direct, whatever else it says of journeys.
        article = (transit or parties).reference
        finding = Finding(name, Outcome.MET, "no other territory was passed", article)
    elif transit is None:
        return silent(name, procedure.agreement, on)
    elif not stops:
        finding = together(name, _done(journey, transit), transit.reference)
    else:
        outside = any(stop not in members for stop in stops)
        parts = _conditions(journey, transit, outside=outside)
        finding = together(name, parts, transit.reference)
    return ruled(finding, Decision.ACCEPT, Decision.REJECT_PREFERENCE)


def _conditions(journey: Journey, transit: Dated[Transit], *, outside: bool) -> Iterator[Finding]:
    rule, article = transit.value, transit.reference
    yield from _done(journey, transit)
    if rule.trade:
        yield stated(
            "not entered into trade",
            None if journey.entered_trade is None else not journey.entered_trade,
            article,
            met="the goods were not traded or consumed on the way",
            not_met="the goods entered trade or consumption on the way",
            remedy="show that they stayed in transit",
        )
    if rule.customs_control and (outside or rule.control_within):
        yield stated(
            "customs control",
            journey.customs_control,
            article,
            met="the goods stayed under customs control",
            not_met="the goods did not stay under customs control",
            remedy="show that customs supervised them on the way",
        )
    if rule.justified_by and (outside or journey.justified_by is not None):
        yield _justified(journey, rule, article)
    if outside:
        yield from _papers(journey, rule, article)


def _done(journey: Journey, transit: Dated[Transit]) -> Iterator[Finding]:
    """Yield what the operations on the way are worth; without a statement nobody can tell."""
    rule, article = transit.value, transit.reference
    name = "operations on the way"
    allowed = ", ".join(sorted(rule.operations))
    if journey.operations is None:
        yield Finding(
            name,
            Outcome.UNDETERMINED,
            "it was not stated what was done to the goods",
            article,
            remedy=f"state it; allowed are {allowed}",
        )
        return
    if excess := sorted(journey.operations - rule.operations - rule.unclear):
        yield Finding(
            name,
            Outcome.NOT_MET,
            f"{', '.join(excess)} goes beyond what is allowed",
            article,
            remedy=f"do no more than {allowed}",
        )
    elif unclear := sorted(journey.operations & rule.unclear):
        yield Finding(
            name,
            Outcome.UNDETERMINED,
            f"the article does not say whether {', '.join(unclear)} is allowed",
            article,
            remedy="ask customs of the importing party",
        )
    else:
        yield Finding(name, Outcome.MET, "nothing beyond what is allowed was done", article)
    if reserved := sorted(journey.operations & rule.by_exporter):
        yield stated(
            f"{', '.join(reserved)} by the exporter",
            journey.by_exporter,
            article,
            met="the exporter did it, or answers for it",
            not_met="somebody else did it",
            remedy="have it done under the exporter's responsibility",
        )


def _justified(journey: Journey, rule: Transit, article: Reference) -> Finding:
    allowed = " or ".join(sorted(rule.justified_by))
    return stated(
        "reason for the way",
        None if journey.justified_by is None else journey.justified_by in rule.justified_by,
        article,
        met=f"the way has a {journey.justified_by} reason",
        not_met=f"{journey.justified_by} is not a {allowed} reason",
        remedy=f"show a {allowed} reason",
    )


def _papers(journey: Journey, rule: Transit, article: Reference) -> Iterator[Finding]:
    for choice in rule.documents:
        words = " or ".join(sorted(choice)).replace("_", " ")
        yield stated(
            words,
            None if journey.documents is None else bool(journey.documents & choice),
            article,
            met="it is at hand",
            not_met="it is not at hand",
            remedy=f"present {words}",
        )
    if rule.bill_issued_by_exporting:
        exporting = journey.route[0]
        yield stated(
            "through bill issued in the exporting party",
            None if journey.bill_issued_in is None else journey.bill_issued_in == exporting,
            article,
            met=f"it was issued in {exporting}",
            not_met=f"it was issued in {journey.bill_issued_in}",
            remedy=f"have the carrier issue a through bill of lading in {exporting}",
        )


def judge_exhibition(sale: Sale, procedure: Procedure, on: date) -> Ruling:
    """Return whether goods sold at an exhibition in another party keep the preference.

    Args:
        sale: What happened.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
    """
    name = "exhibition"
    rule, parties = procedure.on(on, Exhibition), procedure.on(on, Parties)
    if rule is None or parties is None:
        return silent(name, procedure.agreement, on)
    article, members = rule.reference, parties.value.countries
    parts = [
        stated(
            "held in another party",
            sale.held_in in members and sale.held_in != sale.exporting,
            article,
            met=f"{sale.held_in} is another party",
            not_met=f"{sale.held_in} is not another party",
            remedy="",
        ),
        stated(
            "sold to a party",
            sale.importing in members,
            article,
            met=f"{sale.importing} is a party",
            not_met=f"{sale.importing} is not a party",
            remedy="",
        ),
        stated(
            "customs control at the exhibition",
            sale.customs_control,
            article,
            met="the goods stayed under customs control",
            not_met="the goods left customs control",
            remedy="show that customs supervised them there",
        ),
        stated(
            "sent on in time",
            None if sale.sent is None else sale.sent != "later",
            article,
            met=f"the goods were sent {sale.sent}",
            not_met="the goods were sent on later",
            remedy="send them on during the exhibition or immediately after it",
        ),
        stated(
            "unchanged",
            sale.unchanged,
            article,
            met="the goods are in the state in which they were sent to the exhibition",
            not_met="the goods were changed there",
            remedy="",
        ),
        stated(
            f"named in box {rule.value.box}",
            sale.named,
            article,
            met="the proof names the exhibition",
            not_met="the proof does not name the exhibition",
            remedy=f"state its name and address in box {rule.value.box}",
        ),
        stated(
            f"tick {rule.value.mark}",
            sale.ticked,
            article,
            met="it is ticked",
            not_met="it is not ticked",
            remedy=f"tick {rule.value.mark}",
        ),
    ]
    return ruled(
        together(name, parts, article),
        Decision.ACCEPT,
        Decision.REJECT_PREFERENCE,
        marks=(rule.value.mark,),
    )
