"""Rules about how a good is made: named processes, words, stages, lists."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from tulen.origin.case import Case
from tulen.origin.findings import MET, NOT_MET, UNDETERMINED, Claim, Finding, Outcome
from tulen.origin.rules import CHANGE, Kind
from tulen.origin.shares import percent_text
from tulen.origin.tariff_change import no_materials
from tulen.origin.terms import WeightOf
from tulen.origin.tolerance import by_weight
from tulen.values.dated import Reference

_TEXTILE_CHAPTERS = range(50, 64)
EMBROIDERY = "embroidery"
_REACTION = "chemical-reaction"


@dataclass(frozen=True, slots=True)
class Processes:
    """Named processes were performed: one of several, or all of them.

    Attributes:
        codes: The processes.
        all_of_them: Whether all are needed.
        not_merely: Operations that are not enough, on their own or together.
        exporting_party: Whether they must be performed in the exporting country.
        embroidered_area: Share of the area that embroidery must cover to count.
    """

    codes: tuple[str, ...]
    all_of_them: bool
    not_merely: frozenset[str] = frozenset()
    exporting_party: bool = False
    embroidered_area: Fraction | None = None
    kinds: ClassVar[frozenset[Kind]] = CHANGE

    @property
    def name(self) -> str:
        """The rule as a trace names it."""
        return f"process: {(' and ' if self.all_of_them else ' or ').join(self.codes)}"

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge by the processes that were stated; a good with none stated is undetermined."""
        production = case.inputs.production
        if production is None or production.processes is None:
            return Finding(
                self.name,
                UNDETERMINED,
                "the processes performed are not stated",
                reference,
                remedy="state every process that was performed, and where",
            )
        exporter = case.inputs.exporting_country
        area = frozenset({exporter}) if self._at_home(case) else case.terms.parties.value
        done = {
            code_of(item.code)
            for item in production.processes
            if (item.country or exporter) in area or (item.country or exporter) == exporter
        }
        performed = [code for code in self.codes if code in done and code not in self.not_merely]
        outcome, reason = self._outcome(performed, case)
        reaction = _REACTION in performed and not (self.all_of_them and len(self.codes) > 1)
        return Finding(
            self.name,
            outcome,
            reason,
            reference,
            remedy="" if outcome is MET else f"perform {self.name.removeprefix('process: ')}",
            claim=Claim(("CR" if reaction else "SP",)) if outcome is MET else None,
        )

    def _at_home(self, case: Case) -> bool:
        """Return whether only what is done in the exporting country counts."""
        full = case.terms.full_cumulation
        return self.exporting_party or (full is not None and not full.value)

    def _outcome(self, performed: list[str], case: Case) -> tuple[Outcome, str]:
        counted = [code for code in performed if code != EMBROIDERY]
        doubtful = False
        if EMBROIDERY in performed:
            large = self._embroidered(case)
            counted += [EMBROIDERY] if large else []
            doubtful = large is None
        missing = [code for code in self.codes if code not in counted]
        if (self.all_of_them and not missing) or (not self.all_of_them and counted):
            return MET, f"performed: {', '.join(counted)}"
        if doubtful and (not self.all_of_them or missing == [EMBROIDERY]):
            return UNDETERMINED, "the embroidered share of the area is not stated"
        return NOT_MET, f"not performed: {', '.join(missing)}"

    def _embroidered(self, case: Case) -> bool | None:
        if self.embroidered_area is None:
            return True
        production = case.inputs.production
        if production is None or production.embroidered_area is None:
            return None
        return production.embroidered_area >= self.embroidered_area


def code_of(text: str) -> str:
    """Return the one spelling of a process: small letters and hyphens."""
    return text.strip().lower().replace("_", "-").replace(" ", "-")


@dataclass(frozen=True, slots=True)
class ProcessText:
    """A process in the words of the rule: it holds if somebody answers for it.

    Attributes:
        text: The words.
        textile_tolerance: Whether basic textile materials within the agreement's share of weight
            may be left aside, which alone decides where the process is not answered for.
    """

    text: str
    textile_tolerance: bool = False
    kinds: ClassVar[frozenset[Kind]] = CHANGE

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge by the attestation of these words, and the tolerance for mixed textiles."""
        found = attested("process", self.text, case, reference)
        if self.textile_tolerance and found.outcome is not MET:
            return self._tolerated(found, case, reference)
        return found

    def _tolerated(self, found: Finding, case: Case, reference: Reference) -> Finding:
        tolerance = case.terms.textile_tolerance
        if tolerance is None or not case.materials:
            return found
        textiles = [
            item
            for item in case.foreign()
            if item.material.hs_code is None
            or int(item.material.hs_code.chapter) in _TEXTILE_CHAPTERS
        ]
        measured = by_weight(textiles, tolerance.value, WeightOf.TEXTILE, case)
        share = percent_text(tolerance.value)
        figures = ((f"textile {share} weight", f"{measured.text} [{tolerance.reference}]"),)
        if measured.within is None:
            return found._replace(figures=figures)
        outcome = MET if measured.within else NOT_MET
        compared = "do not exceed" if measured.within else "exceed"
        return Finding(
            found.name,
            outcome,
            f"non-originating textile materials {compared} {share} of their weight",
            reference,
            figures,
            "" if measured.within else f"at most {share} by weight, or attest the process",
            Claim(("SP",)) if measured.within else None,
        )


def attested(what: str, text: str, case: Case, reference: Reference) -> Finding:
    """Return whether somebody answers for words of a rule."""
    production = case.inputs.production
    answer = production.attested(text) if production is not None else None
    name = f"{what}: {text}"
    if answer is None:
        return Finding(
            name,
            UNDETERMINED,
            "nobody answers for these words",
            reference,
            remedy="attest that the words hold for the good, or that they do not",
        )
    outcome, reason = (MET, "attested") if answer else (NOT_MET, "attested not to hold")
    return Finding(name, outcome, reason, reference, claim=Claim(("SP",)) if answer else None)


@dataclass(frozen=True, slots=True)
class MaterialsFrom:
    """The good is made only from materials of a stage in words, such as ``yarn``."""

    text: str
    kinds: ClassVar[frozenset[Kind]] = CHANGE

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge by the kinds of the non-originating materials, else by an attestation."""
        foreign = [item.material for item in case.foreign() if item.classified is not False]
        stated = [item.details.kinds if item.details is not None else () for item in foreign]
        if case.materials and all(self.text in kinds for kinds in stated):
            return Finding(
                f"made from: {self.text}",
                MET,
                "every non-originating material is of that kind",
                reference,
                claim=Claim(("SP",)),
            )
        return attested("made from", self.text, case, reference)


@dataclass(frozen=True, slots=True)
class AssembledFromList:
    """The good is assembled from materials that stand on a list of the agreement."""

    text: str
    kinds: ClassVar[frozenset[Kind]] = CHANGE

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge by the lists that the non-originating materials are declared to stand on."""
        name = f"assembled from {self.text}"
        if not case.materials:
            return no_materials(name, reference)
        off: list[str] = []
        unknown: list[str] = []
        for item in case.foreign():
            if item.classified is False:
                continue
            lists = item.material.details.lists if item.material.details is not None else ()
            if self.text not in lists:
                (off if lists and item.classified else unknown).append(item.label)
        if off:
            outcome, reason = NOT_MET, f"not on the list: {', '.join(off)}"
        elif unknown:
            outcome, reason = UNDETERMINED, f"not stated for {', '.join(unknown)}"
        else:
            outcome, reason = MET, "every non-originating material stands on the list"
        remedy = "" if outcome is MET else "state the list for each material, or use others"
        claim = Claim(("other",)) if outcome is MET else None
        return Finding(name, outcome, reason, reference, remedy=remedy, claim=claim)


@dataclass(frozen=True, slots=True)
class TextileList:
    """A process of one of the agreement's lists of textile processes was performed."""

    name: str
    kinds: ClassVar[frozenset[Kind]] = CHANGE

    def judge(self, case: Case, reference: Reference) -> Finding:
        """Judge by the list that the pack holds."""
        lists = case.terms.textile_lists
        if lists is None or self.name not in lists.value:
            return Finding(
                f"textile list {self.name}",
                UNDETERMINED,
                "the pack does not hold this list",
                reference,
                remedy=f"add textile list {self.name} to the pack",
            )
        found = lists.value[self.name].judge(case, lists.reference)
        return Finding(
            f"textile list {self.name}",
            found.outcome,
            found.reason,
            reference,
            remedy=found.remedy,
            claim=found.claim,
            parts=(found,),
        )
