"""Forms as data: what each box is called, what fills it, and what it has to hold.

A form is nothing but a view of a certificate's document. What the data does not say, nobody asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from tulen.certificate.consignment import Tick
from tulen.errors import NotFoundError
from tulen.values import AgreementCode, Country, Digest, FormCode
from tulen.values.dated import Dated, in_force


class UnknownFormError(NotFoundError):
    """No form of that name of that agreement is loaded."""

    code: ClassVar[str] = "unknown-form"

    def __init__(self, agreement: str, form: str, known: str) -> None:
        super().__init__(f"{agreement} has no form {form} here; known are {known}")


@dataclass(frozen=True, slots=True)
class Words:
    """One text in English and in Indonesian."""

    en: str
    id: str


@dataclass(frozen=True, slots=True)
class When:
    """The circumstances in which a rule applies: all that are stated.

    Attributes:
        tick: A tick that is set.
        no_tick: A tick that is not.
        criterion: Codes of which the line's criterion holds one.
        countries: Countries of which the goods come from or go to one.
    """

    tick: Tick | None = None
    no_tick: Tick | None = None
    criterion: frozenset[str] = frozenset()
    countries: frozenset[Country] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """What one member of the document must be.

    Attributes:
        member: The member, such as ``exporter/country`` or ``lines/fob``.
        must: ``present``, ``absent``, ``equal``, ``not-after``, ``party``, ``digits``, ``length``.
        to: The member that it is compared with.
        least: The least number of digits or characters.
        most: The greatest; None: no limit.
        when: In which circumstances.
        source: Where that is said.
    """

    member: str
    must: str
    to: str = ""
    least: int = 0
    most: int | None = None
    when: When = field(default_factory=When)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """One box.

    Attributes:
        number: What the form calls it.
        title: Its heading.
        fills: Members of the document that it shows, in this order.
        rules: What they must be.
        source: Where the box is described.
    """

    number: str
    title: Words
    fills: tuple[str, ...]
    rules: tuple[Rule, ...]
    source: str


@dataclass(frozen=True, slots=True)
class CriterionCode:
    """One way to fill the box for the origin criterion.

    Attributes:
        code: Its name, such as ``RVC``.
        texts: The spellings; ``{percent}`` stands for a whole percentage.
        least: The least percentage.
        below: The first percentage that is too high.
        tick: The tick that goes with it, and with nothing else.
        alone: Whether it may stand alone.
        joint: Whether it may stand with others.
    """

    code: str
    texts: tuple[str, ...]
    least: int = 0
    below: int = 101
    tick: Tick | None = None
    alone: bool = True
    joint: bool = False


@dataclass(frozen=True, slots=True)
class Criteria:
    """What the box for the origin criterion may say.

    Attributes:
        codes: The codes.
        suffixes: What may follow the codes, such as ``ACU``.
        joint: What stands between those that were met together.
        source: Where they are listed.
    """

    codes: tuple[CriterionCode, ...]
    suffixes: frozenset[str]
    joint: str
    source: str


@dataclass(frozen=True, slots=True)
class TickBox:
    """One tick of the form.

    Attributes:
        tick: The tick.
        title: What stands beside it.
        needs: Members that must be there where it is set.
        implied_by: Members that must not be there unless it is set.
        source: Where it is described.
    """

    tick: Tick
    title: Words
    needs: tuple[str, ...]
    implied_by: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Words that a certificate bears in some case.

    Attributes:
        case: A tick, ``certified-copy`` or ``replaces``.
        words: The words.
        box: The box that bears them.
        source: Where it is said.
    """

    case: str
    words: str
    box: str
    source: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the boxes stand, by their numbers.

    Attributes:
        left: Above the goods, on the left, from top to bottom.
        right: Above the goods, on the right, below the title.
        columns: The columns of goods, with their share of the width.
        below: Rows below the goods, each of one or two boxes.
    """

    left: tuple[str, ...]
    right: tuple[str, ...]
    columns: tuple[tuple[str, int], ...]
    below: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a form.

    Attributes:
        title: Its title, line by line.
        declaration: What the exporter declares.
        certification: What the authority certifies.
        lines: The most lines of goods.
        boxes: The boxes, by number.
        ticks: The ticks, in the order of the form.
        criteria: What the box for the criterion may say; None where there is no such box.
        marks: Words that it bears in some case.
        layout: Where the boxes stand.
    """

    title: tuple[str, ...]
    declaration: str
    certification: str
    lines: int
    boxes: Mapping[str, Box]
    ticks: tuple[TickBox, ...]
    criteria: Criteria | None
    marks: tuple[Mark, ...]
    layout: Layout

    def box_of(self, member: str) -> str:
        """Return the number of the box that shows ``member``, or one that it is a part of."""
        shown = {rule.member: box.number for box in self.boxes.values() for rule in box.rules}
        shown |= {name: box.number for box in self.boxes.values() for name in box.fills}
        while member and member not in shown:
            member = member.rpartition("/")[0]
        return shown.get(member, "")


@dataclass(frozen=True, slots=True)
class Form:
    """A form of an agreement.

    Attributes:
        agreement: The agreement.
        code: The form's code.
        name: What it is called.
        not_held: What no source at hand states.
        digest: SHA-256 of the file's bytes.
        editions: Its editions.
    """

    agreement: AgreementCode
    code: FormCode
    name: Words
    not_held: tuple[str, ...]
    digest: Digest
    editions: tuple[Dated[Edition], ...]

    def on(self, day: date) -> Dated[Edition]:
        """Return the edition in force on ``day``.

        Raises:
            NotInForceError: none is loaded for that day.
        """
        return in_force(self.editions, day, f"form {self.code} of {self.agreement}")
