"""Forms as data, and what is said of a certificate box by box."""

from datetime import date
from importlib import resources
from typing import Any

import pytest
from certificate_sample import ISSUED_ON, document

from tulen.certificate.forms import (
    BoxFinding,
    UnknownFormError,
    check_boxes,
    form_from,
    form_of,
    load_forms,
)
from tulen.errors import InvalidInputError
from tulen.values import AgreementCode, FormCode
from tulen.values.dated import NotInForceError

FORM_D = form_of(AgreementCode("ATIGA"), FormCode("D"))
EDITIONS = resources.files("tulen.certificate.forms").joinpath("editions")
INVOICER = {"name": "Trading Hub Pte Ltd", "country": "SG"}
ORIGINAL = {"reference": "TH-1", "issued_on": "2026-01-02", "country": "TH"}


def correct() -> dict[str, Any]:
    """Return the sample with nothing wrong in any box."""
    return document() | {"ticks": ["accumulation"]}


def found(changed: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one.box, one.field, one.code) for one in check_boxes(changed, FORM_D, ISSUED_ON)]


def changed(pointer: str, value: object) -> dict[str, Any]:
    """Return the correct certificate with one member changed; None takes it away."""
    result = correct()
    *steps, last = pointer.split("/")[1:]
    target: Any = result
    for step in steps:
        target = target[int(step) if isinstance(target, list) else step]
    if value is None:
        del target[last]
    else:
        target[last] = value
    return result


def test_the_ten_forms_are_loaded() -> None:
    assert {f"{code} of {agreement}" for agreement, code in load_forms()} == {
        *("D of ATIGA", "E of ACFTA", "AK of AKFTA", "AJ of AJCEP", "AI of AIFTA"),
        *("AANZ of AANZFTA", "AHK of AHKFTA", "RCEP of RCEP", "IJEPA of IJEPA", "CO of NON-PREF"),
    }


def test_every_box_rule_tick_and_mark_names_its_source() -> None:
    for form in load_forms().values():
        for entry in form.editions:
            assert entry.reference.title
            edition = entry.value
            parts = [*edition.boxes.values(), *edition.ticks, *edition.marks]
            parts += [rule for box in edition.boxes.values() for rule in box.rules]
            assert all(part.source for part in parts)


def test_a_certificate_without_mistake_has_no_finding() -> None:
    assert found(correct()) == []


@pytest.mark.parametrize(
    ("pointer", "value", "expected"),
    [
        ("/exporter/country", "TH", ("1", "/exporter/country", "equal")),
        ("/importing_country", "JP", ("2", "/importing_country", "party")),
        ("/lines/0/hs_code", "1905", ("7", "/lines/0/hs_code", "digits")),
        ("/lines/1/criterion", "NEARLY", ("8", "/lines/1/criterion", "criterion")),
        ("/lines/1/criterion", "PC 45%", ("8", "/lines/1/criterion", "percentage")),
        ("/lines/0/fob", None, ("9", "/lines/0/fob", "present")),
        ("/invoices/0/issued_on", "2026-01-16", ("10", "/invoices/0/issued_on", "not-after")),
        ("/ticks", ["back-to-back"], ("7", "/originals", "tick-needs")),
        ("/invoicing_party", INVOICER, ("7", "/ticks", "tick-missing")),
        ("/originals", [ORIGINAL], ("7", "/ticks", "tick-missing")),
        ("/transport/departure_on", "2026-01-05", ("13", "/ticks", "late")),
        ("/ticks", ["issued-retrospectively"], ("13", "/ticks", "not-late")),
    ],
)
def test_each_mistake_is_said_of_its_box(
    pointer: str, value: object, expected: tuple[str, str, str]
) -> None:
    assert expected in found(changed(pointer, value))


def test_a_finding_speaks_english_and_indonesian_and_says_what_to_do() -> None:
    (one,) = check_boxes(changed("/lines/0/hs_code", "1905"), FORM_D, ISSUED_ON)
    assert one == BoxFinding(
        "7", "/lines/0/hs_code", "digits", one.message, one.remedy, "ATIGA Annex 7, Form D, box 7"
    )
    assert one.message.en == "Box 7, line 1: the HS code 1905 has fewer than 6 digits."
    assert one.message.id == "Kotak 7, baris 1: kode HS 1905 kurang dari 6 angka."
    assert one.remedy.en
    assert one.remedy.id != one.remedy.en


def test_an_application_is_not_asked_for_what_only_the_authority_adds() -> None:
    applied = {
        name: value
        for name, value in correct().items()
        if name not in ("number", "issuing_authority", "approval", "issued_on", "valid_until")
    }
    for line in applied["lines"]:
        del line["criterion"], line["origin"]
    assert found(applied) == []
    applied["exporter"]["country"] = "TH"
    assert found(applied) == [("1", "/exporter/country", "equal")]


def test_more_lines_than_the_form_has_are_counted() -> None:
    lines = correct()["lines"]
    many = [{**lines[0], "line": number + 1} for number in range(51)]
    assert found(correct() | {"lines": many}) == [("5", "/lines", "lines")]


def test_an_unknown_form_names_those_that_are_known() -> None:
    with pytest.raises(UnknownFormError, match="D of ATIGA"):
        form_of(AgreementCode("ATIGA"), FormCode("Z"))


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('right = ["Reference No.", "4"]', 'right = ["Reference No."]', "/layout"),
        ('must = "digits", least = 6', 'must = "digits"', "/least"),
        ('must = "party"', 'must = "guess"', "/must"),
        ('tick = "exhibition"', 'tick = "exhibited"', "/tick"),
        ("lines = 50", "lines = 51", "/lines"),
        ('case = "certified-copy"', 'case = "copied"', "/case"),
        ('box = "12"', 'box = "99"', "/marks/0/box"),
    ],
)
def test_a_malformed_form_is_refused_at_its_place(old: str, new: str, field: str) -> None:
    text = EDITIONS.joinpath("d.toml").read_text("utf-8")
    assert old in text
    with pytest.raises(InvalidInputError) as refused:
        form_from(text.replace(old, new, 1).encode(), "d.toml")
    assert refused.value.field.startswith("d.toml#/")
    assert refused.value.field.endswith(field)


def test_a_form_has_no_edition_before_its_first_day() -> None:
    with pytest.raises(NotInForceError, match="form D of ATIGA"):
        FORM_D.on(date(1990, 1, 1))
