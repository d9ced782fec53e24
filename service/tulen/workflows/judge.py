"""The origin of every line of an application, by the rules of one day."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from tulen.certificate import Application
from tulen.errors import InvalidInputError, RuleViolationError
from tulen.origin import OriginVerdict, Outcome, Pack, assess, load_packs
from tulen.values import Digest


class WrongFormError(InvalidInputError):
    """The agreement has another form."""

    code: ClassVar[str] = "wrong-form"


class NoCriterionError(RuleViolationError):
    """A good originates, but what its certificate would have to print for it is not known."""

    code: ClassVar[str] = "no-criterion"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts on all lines.

    Attributes:
        pack: The rules that were applied.
        verdicts: One verdict per line, in their order.
    """

    pack: Pack
    verdicts: tuple[OriginVerdict, ...]

    @property
    def outcome(self) -> Outcome:
        """The weakest of the lines' outcomes: one line that fails fails the application."""
        outcomes = {verdict.outcome for verdict in self.verdicts}
        for weak in (Outcome.NOT_MET, Outcome.UNDETERMINED):
            if weak in outcomes:
                return weak
        return Outcome.MET

    @property
    def criteria(self) -> list[str]:
        """What box 8 shows, per line; a dash where the rule is not met."""
        return [verdict.criterion or "-" for verdict in self.verdicts]

    @property
    def explanation(self) -> list[str]:
        """Every line's reasoning, for people."""
        return [
            text
            for number, verdict in enumerate(self.verdicts, 1)
            for text in (f"line {number}", *verdict.explain())
        ]

    @property
    def digest(self) -> Digest:
        """One digest over the verdicts of all lines."""
        verdicts = b"".join(verdict.digest() for verdict in self.verdicts)
        return Digest(hashlib.sha256(verdicts).digest())

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "rule_set": self.pack.rule_set,
            "rule_set_digest": self.pack.digest.hex(),
            "criteria": self.criteria,
            "explanation": self.explanation,
            "verdicts": [verdict.to_document() for verdict in self.verdicts],
        }


def judge(application: Application, on: date) -> Judgement:
    """Return the verdict on every line of ``application`` by the rules in force ``on`` that day.

    Raises:
        InvalidInputError: lines and header disagree, no rules are loaded for the agreement, or
            the form is not its own.
        NoCriterionError: a line originates, but its form prints no criterion for it that is held.
        NotInForceError: the rules say nothing for that day.
    """
    consignment = application.consignment
    packs = load_packs()
    pack = packs.get(consignment.agreement)
    if pack is None:
        raise InvalidInputError(
            "/agreement",
            consignment.agreement,
            f"is no agreement whose rules are loaded; those are {', '.join(sorted(packs))}",
        )
    if pack.form is None:
        raise WrongFormError(
            "/form",
            consignment.form,
            f"cannot be issued: {pack.rule_set} does not hold the form of {pack.agreement}",
        )
    if consignment.form != pack.form:
        raise WrongFormError(
            "/form", consignment.form, f"is not the form of {pack.agreement}, which is {pack.form}"
        )
    for index, line in enumerate(application.lines):
        inputs, goods = line.inputs, line.goods
        for name, stated, expected in (
            ("agreement", inputs.agreement, consignment.agreement),
            ("exporting_country", inputs.exporting_country, consignment.exporting_country),
            ("importing_country", inputs.importing_country, consignment.importing_country),
            ("hs_code", inputs.hs_code.subheading, goods.hs_code.subheading),
            ("fob", inputs.fob, goods.fob or inputs.fob),
        ):
            if stated != expected:
                raise InvalidInputError(
                    f"/lines/{index}/inputs/{name}",
                    str(stated),
                    f"differs from what the application says, {expected}",
                )
    judgement = Judgement(pack, tuple(assess(line.inputs, pack, on) for line in application.lines))
    for line, verdict in zip(application.lines, judgement.verdicts, strict=True):
        if verdict.outcome is Outcome.MET and verdict.criterion is None:
            raise NoCriterionError(
                f"line {line.goods.line}: it originates, but no certificate can say by what: "
                f"{verdict.finding.unprinted}"
            )
    return judgement
