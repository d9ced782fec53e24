"""The table of steps: every step is reached, named and bounded; the document says the same."""

import re
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tulen.certificate.life import IllegalStepError, Subject, life_of, lives_from
from tulen.errors import InvalidInputError
from tulen.origin.proof.procedure_file import procedure_of
from tulen.values import AgreementCode

SPEC = Path(__file__).parents[2] / "docs/specs/life.md"
DAY = date(2026, 1, 15)


def test_only_what_the_table_has_is_a_step() -> None:
    life = life_of(Subject.CERTIFICATE)
    assert life.step("valid", "suspend").target == "suspended"
    with pytest.raises(IllegalStepError) as caught:
        life.step("revoked", "resume")
    assert str(caught.value) == (
        "resume: is no step for the certificate, which is revoked; nothing follows"
    )
    with pytest.raises(IllegalStepError, match="not there yet; possible are issue"):
        life.step(None, "revoke")


@given(st.lists(st.integers(0, 20), max_size=30), st.sampled_from(Subject))
def test_no_walk_leaves_the_states_that_the_table_knows(choices: list[int], of: Subject) -> None:
    life = life_of(of)
    state: str | None = None
    for choice in choices:
        possible = life.open(state)
        if not possible:
            assert state in life.ends
            return
        state = life.step(state, possible[choice % len(possible)]).target
        assert state in life.states


def test_an_end_is_an_end() -> None:
    assert life_of(Subject.APPLICATION).ends == {"issued", "rejected", "withdrawn"}
    assert life_of(Subject.CERTIFICATE).ends == {"revoked", "replaced", "cancelled"}
    assert life_of(Subject.VERIFICATION).ends == {"determined", "withdrawn"}


def test_a_step_names_the_article_of_the_agreement_where_it_has_one() -> None:
    step = life_of(Subject.CERTIFICATE).step("valid", "copy")
    assert step.article(procedure_of(AgreementCode("ATIGA")), DAY).title == "ATIGA OCP Rule 12"
    assert step.article(None, DAY).title == "Tulen: docs/specs/life.md"


@pytest.mark.parametrize("subject", Subject)
def test_the_document_lists_every_step(subject: Subject) -> None:
    section = SPEC.read_text().split(f"\n## {subject.value.capitalize()}")[1].split("\n## ")[0]
    said = re.findall(r"^\| ([a-z-]+) \|", section, re.MULTILINE)
    assert set(said) - {"event"} == set(life_of(subject).steps)


@pytest.mark.parametrize(
    ("was", "becomes", "field", "words"),
    [
        ('to = "suspended"', 'to = "asleep"', "/certificate", "no step leads to it"),
        ('by = "time"', 'by = "fate"', "/certificate/7/by", "is not one of exporter"),
        ('section = "validity"', 'section = "moods"', "/certificate/7/section", "is not one of"),
        ('event = "resume"', 'event = "revoke"', "/certificate/6/from", "has a step revoke"),
        ("tulen/life/v1", "tulen/life/v2", "/format", "is not 'tulen/life/v1'"),
    ],
)
def test_a_malformed_table_is_refused_where_it_is_wrong(
    was: str, becomes: str, field: str, words: str
) -> None:
    file = resources.files("tulen.certificate.life").joinpath("steps.toml").read_text()
    assert was in file
    with pytest.raises(InvalidInputError) as caught:
        lives_from(file.replace(was, becomes).encode(), "steps.toml")
    assert caught.value.field == f"steps.toml#{field}"
    assert words in str(caught.value)
