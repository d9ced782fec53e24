"""Rules that are enough beside every other: the textile processes and Annex 4 of ATIGA."""

from datetime import date

import pytest
from origin_cases import ATIGA, DAY, good, material, named, shipped_toml

from tulen.origin import (
    Attestation,
    Details,
    Finding,
    OriginInputs,
    Outcome,
    Pack,
    Process,
    Production,
    assess,
    pack_from,
)
from tulen.origin.advice import remedies
from tulen.origin.pack import Alternative
from tulen.origin.pack_show import rules_for
from tulen.values import AgreementCode, HsCode

ALTERNATIVE = "alternative rule"
ANNEX_4_LINES = 410
"""Lines of the AHTN 2007 that Annex 4 lists, which has one of them twice."""
ATTACHMENT_CODES = 163 + 344 + 292
"""Codes of groups A, B and C of Attachment 1; two of them stand in B and in C."""
LIST = "ATIGA-Annex4-ITA"
WORDS = next(item.ex for item in ATIGA.alternatives if item.ex and "8471.30.10" in item.ex)


def closed() -> Pack:
    """Return ATIGA with its coverage declared complete, so that the other rules decide."""
    text = shipped_toml()
    text = text[: text.index("# Where this pack holds every product rule")]
    text += '[[coverage]]\nhs = "01-97"\n[[coverage.complete]]\nsince = 2022-01-01\nvalue = true\n'
    return pack_from(f'{text}reference = {{ title = "this test" }}\n'.encode(), "closed.toml")


CLOSED = closed()


def shirt(*processes: str, stated: bool = True) -> OriginInputs:
    """Return a shirt of knitted parts, which fails value content and change of heading."""
    done = Production(processes=tuple(map(Process, processes))) if stated else None
    return good("610910", material("90", "610990"), production=done)


def laptop(*, lists: tuple[str, ...] = (LIST,), is_meant: bool | None = None) -> OriginInputs:
    """Return a laptop made from subassemblies of its own heading."""
    answers = () if is_meant is None else (Attestation(WORDS, is_meant),)
    details = Details(lists=lists) if lists else None
    return good(
        "847130",
        material("90", "847130", details=details),
        production=Production(attestations=answers) if answers else None,
    )


def found(inputs: OriginInputs, pack: Pack = CLOSED, on: date = DAY) -> Finding:
    """Return the finding of a verdict."""
    return assess(inputs, pack, on).finding


@pytest.mark.parametrize("pack", [ATIGA, CLOSED], ids=["coverage open", "coverage complete"])
def test_a_process_gives_origin_though_value_content_and_heading_fail(pack: Pack) -> None:
    finding = found(shirt("cutting", "assembly"), pack)
    assert (finding.outcome, finding.criterion) == (Outcome.MET, "SP")
    assert named(finding, "general rule").outcome is Outcome.NOT_MET
    rule = named(finding, ALTERNATIVE)
    assert str(rule.reference).startswith("ATIGA Annex 3 (HS 2022), Attachment 1")


def test_what_the_attachment_says_is_not_enough_does_not_count() -> None:
    finding = found(shirt("cutting-to-length", "hemming", "labelling", "pressing", "finishing"))
    assert finding.outcome is Outcome.NOT_MET
    assert named(finding, ALTERNATIVE).outcome is Outcome.NOT_MET


@pytest.mark.parametrize("process", ["dyeing", "printing", "finishing"])
def test_fabric_that_is_only_dyed_printed_or_finished_does_not_qualify(process: str) -> None:
    assert found(good_fabric(process)).outcome is Outcome.NOT_MET


def test_fabric_that_is_printed_and_finished_does() -> None:
    finding = found(good_fabric("printing", "finishing"))
    assert (finding.outcome, finding.criterion) == (Outcome.MET, "SP")


def good_fabric(*processes: str) -> OriginInputs:
    """Return printed cotton fabric made from fabric of the same heading."""
    done = Production(processes=tuple(map(Process, processes)))
    return good("520852", material("90", "520811"), production=done)


def test_a_process_meant_for_made_up_articles_leaves_apparel_open_but_gives_linen_origin() -> None:
    assert found(shirt("printing")).outcome is Outcome.UNDETERMINED
    linen = good(
        "630231",
        material("90", "630231"),
        production=Production(processes=(Process("printing"),)),
    )
    assert found(linen).outcome is Outcome.MET


def test_unstated_processes_keep_a_failure_open_and_say_what_would_decide_it() -> None:
    finding = found(shirt(stated=False))
    assert finding.outcome is Outcome.UNDETERMINED
    assert any("state every process that was performed" in text for text in remedies(finding))


def test_a_failed_alternative_takes_nothing_from_a_rule_that_is_met() -> None:
    cloth = good(
        "610910",
        material("10", "520811"),
        production=Production(processes=(Process("hemming"),)),
    )
    finding = found(cloth)
    assert named(finding, ALTERNATIVE).outcome is Outcome.NOT_MET
    assert (finding.outcome, finding.criterion) == (Outcome.MET, "90%")


def test_a_good_without_an_alternative_shows_none() -> None:
    assert ALTERNATIVE not in str(found(good("190531", material("90", "190531"))).to_document())


def test_a_good_known_by_its_heading_alone_must_tell_its_subheading() -> None:
    def fabric(process: str) -> Finding:
        done = Production(processes=(Process(process),))
        return found(good("5208", material("90", "520811"), production=done))

    assert fabric("hemming").outcome is Outcome.NOT_MET
    assert fabric("weaving").outcome is Outcome.UNDETERMINED
    assert any("state the subheading of 5208" in text for text in remedies(fabric("weaving")))


@pytest.mark.parametrize(
    ("lists", "is_meant", "outcome"),
    [
        ((LIST,), True, Outcome.MET),
        ((LIST,), None, Outcome.UNDETERMINED),
        ((LIST,), False, Outcome.NOT_MET),
        ((), True, Outcome.UNDETERMINED),
        ((), None, Outcome.UNDETERMINED),
        (("another list",), None, Outcome.NOT_MET),
        (("another list",), True, Outcome.NOT_MET),
    ],
)
def test_a_good_of_annex_4_originates_only_if_somebody_says_it_is_one(
    lists: tuple[str, ...], is_meant: bool | None, outcome: Outcome
) -> None:
    finding = found(laptop(lists=lists, is_meant=is_meant))
    assert finding.outcome is outcome
    assert finding.criterion == ""
    assert bool(finding.unprinted) is (outcome is Outcome.MET)  # No source gives Form D a code.


def test_an_unanswered_line_of_annex_4_says_what_would_decide_it() -> None:
    finding = found(laptop(lists=()))
    assert f"attest that the good is, or is not, of these: {WORDS}" in " ".join(remedies(finding))


def test_a_laptop_that_meets_the_general_rule_needs_no_answer() -> None:
    finding = found(good("847130", material("10", "850440")))
    assert (finding.outcome, finding.criterion) == (Outcome.MET, "90%")


def test_minimal_operations_defeat_an_alternative_too() -> None:
    packed = laptop(is_meant=True)
    done = Production(
        operations=("packaging",), processes=(), attestations=(Attestation(WORDS, holds=True),)
    )
    finding = found(good("847130", *packed.materials, production=done))
    assert finding.outcome is Outcome.NOT_MET
    assert named(finding, f"{ALTERNATIVE} for {WORDS}").outcome is Outcome.NOT_MET


def test_an_alternative_holds_from_its_day_on() -> None:
    inputs = shirt("cutting", "assembly")
    assert found(inputs, ATIGA, date(2022, 1, 1)).outcome is Outcome.MET
    assert ALTERNATIVE not in str(found(inputs, ATIGA, date(2021, 12, 31)).to_document())


def test_an_alternative_is_shown_after_the_rules_as_one() -> None:
    shown = rules_for(AgreementCode("ATIGA"), HsCode("610910"), DAY)["rules"]
    assert [(rule["hs"], rule["alternative"]) for rule in shown] == [
        ("any other good", False),
        ("610910", True),
    ]
    assert shown[-1]["words"] == "or else, in any case: textile process of list C-apparel"
    shown = rules_for(AgreementCode("ATIGA"), HsCode("847130"), DAY)["rules"]
    assert shown[-1]["ex"] == WORDS
    assert rules_for(AgreementCode("ATIGA"), HsCode("190531"), DAY)["rules"][-1]["hs"] != "190531"


def test_every_line_of_annex_4_and_every_code_of_the_attachment_is_there() -> None:
    listed = [item for item in ATIGA.alternatives if item.ex and item.ex.startswith("AHTN")]
    assert len(listed) == 61
    lines = [part for item in listed for part in (item.ex or "").replace(";", ",").split(", ")]
    assert len(lines) == ANNEX_4_LINES
    codes = [code for item in ATIGA.alternatives if item not in listed for code in spelled(item)]
    assert len(codes) == ATTACHMENT_CODES


def spelled(item: Alternative) -> list[int]:
    """Return every subheading that an alternative names, its ranges spelled out."""
    return [code for hs in item.hs for code in range(int(hs.first), int(hs.last) + 1)]
