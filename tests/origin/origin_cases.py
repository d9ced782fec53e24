"""The goods and packs that the tests of origin share."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tulen.origin import (
    Costs,
    Details,
    Finding,
    Material,
    Method,
    OriginInputs,
    Pack,
    pack_from,
    pack_of,
)
from tulen.values import AgreementCode, Country, Currency, HsCode, Money

DAY = date(2026, 1, 15)
ATIGA = pack_of(AgreementCode("ATIGA"))
BISCUITS = json.loads(Path(__file__).with_name("biscuits.json").read_text(encoding="utf-8"))

GENERAL = """value = { any = [{ rvc = "40%" }, { ctc = "CTH" }] }
reference = { title = "ATIGA Art. 28(1)(a)" }
"""


def shipped_toml() -> str:
    """Return the text of the shipped ATIGA pack, for tests to change."""
    folder = Path(__file__).resolve().parents[2] / "service" / "tulen" / "origin" / "packs"
    return (folder / "atiga.toml").read_text(encoding="utf-8")


def pack_with(rule: str, **terms: str) -> Pack:
    """Return ATIGA with ``rule`` as its general rule, known to be the only rule there is.

    What ATIGA says around its rules is left out, but for what every pack needs.

    ``terms`` are further terms by name, each the TOML of its value.
    """
    text = shipped_toml()
    assert GENERAL in text
    text = text[: text.index("# Terms around the rules")].replace(
        GENERAL, f'value = {rule}\nreference = {{ title = "a rule of this test" }}\n'
    )
    text += (
        '[[coverage]]\nhs = "01-97"\n[[coverage.complete]]\nsince = 2010-05-17\nvalue = true\n'
        'reference = { title = "a statement of this test" }\n'
    )
    for name, value in terms.items():
        text += (
            f"[[{name}]]\nsince = 2010-05-17\nvalue = {value}\n"
            'reference = { title = "a term of this test" }\n'
        )
    return pack_from(text.encode(), "test.toml")


def material(
    value: str | None,
    hs: str | None,
    country: str | None = "CN",
    *,
    originating: bool = False,
    details: Details | None = None,
) -> Material:
    """Return a material; one that originates outside VN comes with a proof of origin."""
    return Material(
        f"Material {hs}",
        Decimal(value) if value is not None else None,
        originating,
        HsCode(hs) if hs is not None else None,
        Country(country) if country is not None else None,
        "Form D 1" if originating and country != "VN" else None,
        details,
    )


def good(
    hs: str,
    *materials: Material,
    fob: str | None = "100",
    method: Method = Method.BUILD_DOWN,
    costs: Costs | None = None,
    wholly_obtained: str | None = None,
    **told: Any,  # noqa: ANN401 - the further members of `OriginInputs`
) -> OriginInputs:
    """Return a good that Viet Nam exports to Indonesia under ATIGA."""
    return OriginInputs(
        AgreementCode("ATIGA"),
        Country("VN"),
        Country("ID"),
        HsCode(hs),
        "A good",
        Money(Decimal(fob), Currency("USD")) if fob is not None else None,
        method,
        materials,
        costs,
        wholly_obtained,
        **told,
    )


def walk(finding: Finding) -> Iterator[Finding]:
    """Yield ``finding`` and everything below it."""
    yield finding
    for part in finding.parts:
        yield from walk(part)


def named(finding: Finding, name: str) -> Finding:
    """Return the one finding of that name."""
    (found,) = [item for item in walk(finding) if item.name == name]
    return found
