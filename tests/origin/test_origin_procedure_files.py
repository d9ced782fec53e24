"""The procedures that are shipped, and files that are refused."""

from datetime import date

import pytest

from tulen.errors import InvalidInputError
from tulen.origin import UnknownAgreementError, load_packs
from tulen.origin.proof.procedure import BackToBack, Parties, Validity
from tulen.origin.proof.procedure_file import load_procedures, procedure_from, procedure_of
from tulen.values import AgreementCode, Country
from tulen.values.dated import in_force

DAY = date(2026, 1, 15)
LATE = date(2026, 11, 1)
"""A day on which every shipped pack is in force."""

CUSTOMS_TERRITORIES = {Country("EU")}
"""Names that a route may use for several parties together."""

HEAD = 'format = "tulen/procedures/v1"\nagreement = "X"\ntitle = "An agreement"\n'


def section(name: str, value: str) -> str:
    return f'[[{name}]]\nsince = 2026-01-01\nvalue = {value}\nreference = {{ title = "Art. 1" }}\n'


def test_procedures_and_packs_agree_on_parties_and_validity() -> None:
    packs = load_packs()
    assert AgreementCode("ATIGA") in packs
    for agreement in packs.keys() & load_procedures().keys():
        pack, procedure = packs[agreement], procedure_of(agreement)
        parties, validity = procedure.on(LATE, Parties), procedure.on(LATE, Validity)
        if parties is not None:
            held = in_force(pack.parties, LATE, pack.rule_set).value
            assert parties.value.countries - CUSTOMS_TERRITORIES == held, agreement
        if validity is not None and pack.valid_months:
            assert validity.value.lasts.months == pack.valid_months_on(LATE), agreement


def test_every_shipped_section_names_an_article() -> None:
    for procedure in load_procedures().values():
        assert procedure.sections
        for entries in procedure.sections.values():
            assert all(entry.reference.title for entry in entries)


def test_a_section_begins_and_ends_on_its_days() -> None:
    text = HEAD + section("back_to_back", "{ allowed = true }").replace(
        "value =", "until = 2026-02-01\nvalue ="
    )
    procedure = procedure_from(text.encode(), "x.toml")
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1))
    assert [procedure.on(day, BackToBack) is not None for day in days] == [
        False,
        True,
        True,
        False,
    ]


def test_an_agreement_without_procedures_is_named() -> None:
    with pytest.raises(UnknownAgreementError, match="NONE: no rules are loaded"):
        procedure_of(AgreementCode("NONE"))


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("=", "x.toml: "),
        (HEAD.replace("v1", "v2"), "x.toml#/format"),
        (HEAD + 'valid = "12 months"\n', "x.toml#/valid"),
        (HEAD + section("validity", "{}"), "x.toml#/validity/0/value/lasts"),
        (HEAD + section("validity", '{ lasts = "a year" }'), "x.toml#/validity/0/value/lasts"),
        (HEAD + section("validity", '{ lasts = "0 days" }'), "x.toml#/validity/0/value/lasts"),
        (
            HEAD + section("validity", '{ lasts = "9 days", force_majeure = "can" }'),
            "x.toml#/validity/0/value/force_majeure",
        ),
        (
            HEAD + section("parties", '{ countries = ["ID", "ID"] }'),
            "x.toml#/parties/0/value/countries/1",
        ),
        (
            HEAD + section("parties", '{ countries = ["Indonesia"] }'),
            "x.toml#/parties/0/value/countries/0",
        ),
        (HEAD + section("parties", "{ countries = [] }"), "x.toml#/parties/0/value/countries"),
        (HEAD + section("back_to_back", "{ allowed = 1 }"), "x.toml#/back_to_back/0/value/allowed"),
        (
            HEAD + section("back_to_back", "{ allowed = true, until = 3 }"),
            "x.toml#/back_to_back/0/value/until",
        ),
        (
            HEAD + section("issue", '{ days_after = -1, mark = "late" }'),
            "x.toml#/issue/0/value/days_after",
        ),
        (
            HEAD + section("waiver", '{ amount = "200", currency = "USD", basis = "CIF" }'),
            "x.toml#/waiver/0/value/basis",
        ),
        (HEAD + section("clocks", "{ limits = {} }"), "x.toml#/clocks/0/value/limits"),
        (
            HEAD + section("clocks", '{ limits = { reply = "9000 days" } }'),
            "x.toml#/clocks/0/value/limits/reply",
        ),
        (
            HEAD + section("transit", '{ operations = ["storage"], documents = ["bill"] }'),
            "x.toml#/transit/0/value/documents/0",
        ),
    ],
)
def test_a_malformed_file_is_refused_by_its_field(text: str, field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        procedure_from(text.encode(), "x.toml")
    assert str(refused.value).startswith(field)
