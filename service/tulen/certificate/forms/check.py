"""Looks at a certificate, or an application, box by box: what is missing, wrong or contradicts."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tulen.certificate.consignment import Tick
from tulen.certificate.forms.criterion import Stated, stated
from tulen.certificate.forms.form import Box, Edition, Form, Rule, When, Words
from tulen.certificate.forms.form_file import TICKS
from tulen.certificate.forms.words import catalogue
from tulen.origin.proof.procedure import IssueWindow, Parties
from tulen.origin.proof.procedure_file import load_procedures
from tulen.values.fields import Document

_OF_AUTHORITY = frozenset(
    {"number", "issuing_authority", "issued_on", "valid_until", "approval", "place_of_issue"}
)
"""Members that an application does not have yet."""
_OF_VERDICT = frozenset({"lines/criterion", "lines/origin"})


@dataclass(frozen=True, slots=True)
class BoxFinding:
    """What is wrong with one box.

    Attributes:
        box: The number of the box.
        field: JSON pointer of the member.
        code: What is wrong, for programs: a name of words.toml.
        message: What is wrong, for people.
        remedy: What to do.
        source: Where the form or the agreement says so.
    """

    box: str
    field: str
    code: str
    message: Words
    remedy: Words
    source: str

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {
            "box": self.box,
            "field": self.field,
            "code": self.code,
            "message": {"en": self.message.en, "id": self.message.id},
            "remedy": {"en": self.remedy.en, "id": self.remedy.id},
            "source": self.source,
        }


def check_boxes(document: Document, form: Form, on: date) -> tuple[BoxFinding, ...]:
    """Return what is wrong with the boxes of ``document``, in the order of the form.

    Args:
        document: The JSON form of a `Certificate`, or of an `Application`: what only the authority
            and the verdict add is then not asked for.
        form: Its form.
        on: The day whose edition and whose parties count.

    Raises:
        NotInForceError: no edition is loaded for that day.
    """
    entry = form.on(on)
    look = _Look(document, form, entry.value, on)
    found = [*look.lines(), *look.criteria(), *look.ticks(), *look.time()]
    for box in entry.value.boxes.values():
        for rule in box.rules:
            found.extend(look.rule(box, rule))
    places = {number: place for place, number in enumerate(entry.value.boxes)}
    return tuple(sorted(found, key=lambda one: (places.get(one.box, len(places)), one.field)))


class _Look:
    """One document seen through one edition."""

    def __init__(self, document: Document, form: Form, edition: Edition, on: date) -> None:
        self._document = document
        self._edition = edition
        self._on = on
        self._source = str(form.on(on).reference)
        self._known_ticks = {
            *(box.tick for box in edition.ticks),
            *(mark.case for mark in edition.marks),
            *(Tick if TICKS in form.not_held else ()),
        }
        self._applied = "number" not in document
        self._ticked = {Tick(tick) for tick in document.get("ticks", ())}
        self._procedure = load_procedures().get(document["agreement"])
        self._stated: Mapping[int, Sequence[Stated]] = {}
        if edition.criteria is not None and not self._applied:
            self._stated = {
                index: stated(line["criterion"], edition.criteria)
                for index, line in enumerate(document["lines"])
            }

    def lines(self) -> Iterator[BoxFinding]:
        count, most = len(self._document["lines"]), self._edition.lines
        if count > most:
            yield self._found("lines", "lines/line", "/lines", count=count, most=most)

    def criteria(self) -> Iterator[BoxFinding]:
        criteria = self._edition.criteria
        if criteria is None:
            return
        for index, codes in self._stated.items():
            text, member = self._document["lines"][index]["criterion"], "lines/criterion"
            field, source = f"/lines/{index}/criterion", criteria.source
            if not codes:
                known = ", ".join(code.texts[0] for code in criteria.codes)
                yield self._found(
                    "criterion",
                    member,
                    field,
                    source,
                    value=text,
                    known=known.replace("{percent}", "nn"),
                )
            for one in codes:
                code = one.code
                if not one.in_range:
                    yield self._found(
                        "percentage",
                        member,
                        field,
                        source,
                        value=text,
                        least=code.least,
                        below=code.below,
                    )
                if code.tick is not None and code.tick not in self._ticked:
                    yield self._found(
                        "criterion-tick", member, field, source, value=text, tick=code.tick
                    )

    def ticks(self) -> Iterator[BoxFinding]:
        for index, tick in enumerate(self._document.get("ticks", ())):
            if tick not in self._known_ticks:
                yield self._found("no-such-tick", "ticks", f"/ticks/{index}", tick=tick)
        for box in self._edition.ticks:
            ticked = box.tick in self._ticked
            for member in box.needs if ticked else ():
                if self._is_absent(member):
                    yield self._found("tick-needs", member, f"/{member}", box.source, tick=box.tick)
            for member in () if ticked else box.implied_by:
                if not self._is_absent(member):
                    yield self._found("tick-missing", member, "/ticks", box.source, tick=box.tick)
            if ticked and not self._applied:
                yield from self._criterion_of(box.tick, box.source)

    def _criterion_of(self, tick: Tick, source: str) -> Iterator[BoxFinding]:
        codes = self._edition.criteria.codes if self._edition.criteria is not None else ()
        wanted = [code.code for code in codes if code.tick is tick]
        if wanted and not any(
            one.code.tick is tick for line in self._stated.values() for one in line
        ):
            yield self._found(
                "tick-criterion", "ticks", "/ticks", source, tick=tick, known=", ".join(wanted)
            )

    def time(self) -> Iterator[BoxFinding]:
        """Compare shipment and issue, where the agreement says when issue is in time."""
        tick = Tick.ISSUED_RETROSPECTIVELY
        window = self._procedure.on(self._on, IssueWindow) if self._procedure else None
        if window is None or self._applied or tick not in self._known_ticks:
            return
        departure = self._document["transport"]["departure_on"]
        issued = self._document["issued_on"]
        late = (date.fromisoformat(issued) - date.fromisoformat(departure)).days
        if (late > window.value.days_after) != (tick in self._ticked):
            yield self._found(
                "late" if tick not in self._ticked else "not-late",
                "ticks",
                "/ticks",
                str(window.reference),
                tick=tick,
                departure=departure,
                issued=issued,
            )

    def rule(self, box: Box, rule: Rule) -> Iterator[BoxFinding]:
        """Apply one rule wherever its member stands, or ought to."""
        if self._applied and not (_OF_AUTHORITY | _OF_VERDICT).isdisjoint(
            (rule.member, rule.member.partition("/")[0], rule.to, rule.to.partition("/")[0])
        ):
            return
        for field, value in _values(self._document, rule.member):
            if (
                self._applies(rule.when, field)
                and (figures := self._broken(rule, value)) is not None
            ):
                yield self._found(
                    rule.must, rule.member, field, rule.source, box=box.number, **figures
                )

    def _broken(self, rule: Rule, value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - JSON
        """Return the figures of a broken rule; None where it is kept, or cannot be asked."""
        if rule.must in ("present", "absent"):
            return {} if (value is None) is (rule.must == "present") else None
        if value is None:
            return None
        other = self._value(rule.to) if rule.to else None
        parties = self._procedure.on(self._on, Parties) if self._procedure else None
        kept: Mapping[str, Callable[[], bool]] = {
            "equal": lambda: other is None or value == other,
            "not-after": lambda: other is None or value <= other,
            "party": lambda: parties is None or value in parties.value.countries,
            "digits": lambda: len(value) >= rule.least,
            "length": lambda: rule.least <= len(value) <= (rule.most or len(value)),
        }
        if kept[rule.must]():
            return None
        return {
            "value": value,
            "other": rule.to,
            "expected": other,
            "count": len(value),
            "least": rule.least,
            "most": rule.most,
        }

    def _applies(self, when: When, field: str) -> bool:
        document = self._document
        ends = {document["exporting_country"], document["importing_country"]}
        return (
            (when.tick is None or when.tick in self._ticked)
            and (when.no_tick is None or when.no_tick not in self._ticked)
            and (not when.countries or not when.countries.isdisjoint(ends))
            and (not when.criterion or self._has_criterion(when.criterion, field))
        )

    def _has_criterion(self, wanted: frozenset[str], field: str) -> bool:
        line = int(field.split("/")[2])
        return any(one.code.code in wanted for one in self._stated.get(line, ()))

    def _value(self, member: str) -> Any:  # noqa: ANN401 - JSON
        return next((value for _, value in _values(self._document, member)), None)

    def _is_absent(self, member: str) -> bool:
        return all(value is None for _, value in _values(self._document, member))

    def _found(
        self,
        code: str,
        member: str,
        field: str,
        source: str = "",
        *,
        box: str = "",
        **figures: object,
    ) -> BoxFinding:
        words = catalogue()
        message, label = words.messages[code], words.members[member]
        number = box or self._edition.box_of(member)
        steps = field.split("/")
        line = int(steps[2]) + 1 if steps[1] == "lines" and len(steps) > 2 else None  # noqa: PLR2004 - a pointer below one line

        def said(template: str, language: str) -> str:
            other = words.members.get(str(figures.get("other")), label)
            return template.format(
                **{"most": "", "agreement": self._document["agreement"], "day": self._on}
                | figures
                | {"label": getattr(label, language), "other": getattr(other, language)}
                | {"tick": self._tick_title(figures.get("tick"), language)}
            )

        place = Words(
            f"Box {number}" + (f", line {line}" if line else ""),
            f"Kotak {number}" + (f", baris {line}" if line else ""),
        )
        return BoxFinding(
            number,
            field,
            code,
            Words(
                f"{place.en}: {said(message.said.en, 'en')}.",
                f"{place.id}: {said(message.said.id, 'id')}.",
            ),
            Words(said(message.remedy.en, "en"), said(message.remedy.id, "id")),
            source or self._source,
        )

    def _tick_title(self, tick: object, language: str) -> str:
        titles = {str(box.tick): box.title for box in self._edition.ticks}
        title = titles.get(str(tick))
        return str(tick) if title is None else str(getattr(title, language))


def _values(document: Mapping[str, Any], member: str) -> Iterable[tuple[str, Any]]:
    """Yield each place where ``member`` stands, or would, with its value or None."""
    found: list[tuple[str, Any]] = [("", document)]
    steps = member.split("/")
    for number, step in enumerate(steps):
        found = [
            (f"{field}/{step}", value.get(step) if isinstance(value, dict) else None)
            for field, value in found
        ]
        if number < len(steps) - 1:
            found = [
                (f"{field}/{index}", item)
                for field, value in found
                for index, item in enumerate(value if isinstance(value, list) else ())
            ] + [(field, value) for field, value in found if not isinstance(value, list)]
    return found
