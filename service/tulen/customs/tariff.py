"""The tariff: rates of duty per national tariff line, by date. It never assumes a rate.

Rates are ad valorem; `AdValorem` is the first of the kinds of tariff expression.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar

from tulen.customs.declaration import NATIONAL_DIGITS
from tulen.customs.money import percent_text
from tulen.customs.pack import percent_from, toml_from
from tulen.errors import InvalidInputError, RuleViolationError
from tulen.values import AgreementCode, Country, HsCode, line_of_text
from tulen.values.dated import Dated, dated_from, in_force
from tulen.values.fields import members_of

FORMAT = "tulen/tariff/v1"


class NotInTariffError(RuleViolationError):
    """The tariff holds no rate for these goods, so no duty can be reckoned."""

    code: ClassVar[str] = "not-in-tariff"

    def __init__(self, hs_code: HsCode, kind: str, tariff: str) -> None:
        self.hs_code = hs_code
        super().__init__(
            f"HS code {hs_code} has no {kind} rate in the tariff '{tariff}', and none is assumed; "
            "correct the code, or add the rate to the tariff"
        )


@dataclass(frozen=True, slots=True)
class AdValorem:
    """A duty that is a share of the customs value.

    Attributes:
        rate: The share; one twentieth for five percent.
    """

    rate: Fraction

    def duty(self, value: Fraction) -> Fraction:
        """Return the exact duty on goods of this customs value."""
        return value * self.rate

    def __str__(self) -> str:
        """Return the rate in percent."""
        return percent_text(self.rate)


@dataclass(frozen=True, slots=True)
class TariffLine:
    """The rates of one tariff line.

    Attributes:
        description: The goods, in the words of the tariff.
        mfn: Most-favoured-nation rate, by date.
        preferential: Rates by agreement and date.
    """

    description: str
    mfn: tuple[Dated[AdValorem], ...]
    preferential: Mapping[AgreementCode, tuple[Dated[AdValorem], ...]]


@dataclass(frozen=True, slots=True)
class Tariff:
    """A country's tariff.

    Attributes:
        country: Whose tariff it is.
        title: What it is called.
        nomenclature: Which edition its codes are of.
        demonstration: Whether the rates only serve for demonstration and are not law.
        lines: Rates by tariff line of eight digits.
    """

    country: Country
    title: str
    nomenclature: str
    demonstration: bool
    lines: Mapping[HsCode, TariffLine]

    def mfn(self, hs_code: HsCode, day: date) -> Dated[AdValorem]:
        """Return the most-favoured-nation rate of ``hs_code`` on ``day``.

        Raises:
            NotInTariffError: the tariff does not hold the code.
            NotInForceError: it holds no rate for that day.
        """
        line = self.lines.get(hs_code)
        if line is None:
            raise NotInTariffError(hs_code, "MFN", self.title)
        return in_force(line.mfn, day, f"MFN rate of {hs_code}")

    def preferential(
        self, hs_code: HsCode, agreement: AgreementCode, day: date
    ) -> Dated[AdValorem]:
        """Return the rate of ``hs_code`` under ``agreement`` on ``day``.

        Raises:
            NotInTariffError: the tariff does not hold the code, or no such rate for it.
            NotInForceError: it holds no rate for that day.
        """
        line = self.lines.get(hs_code)
        if line is None or agreement not in line.preferential:
            raise NotInTariffError(hs_code, agreement, self.title)
        return in_force(line.preferential[agreement], day, f"{agreement} rate of {hs_code}")


@cache
def demonstration_tariff() -> Tariff:
    """Return the small Indonesian tariff that ships for demonstration; its rates are not law."""
    file = files("tulen.customs") / "packs" / "id-demo-tariff.toml"
    return tariff_from_toml(file.read_text(encoding="utf-8"))


def tariff_from_toml(text: str) -> Tariff:
    """Return the tariff that ``text`` writes in TOML.

    Raises:
        InvalidInputError: it is not TOML, or a member is missing, unknown or malformed.
    """
    names = ("format", "country", "title", "nomenclature", "demonstration", "lines")
    tariff: Any = members_of(toml_from(text), "", names)
    if tariff["format"] != FORMAT:
        raise InvalidInputError("/format", tariff["format"], f"is not {FORMAT}")
    if not isinstance(tariff["demonstration"], bool):
        raise InvalidInputError("/demonstration", tariff["demonstration"], "is not true or false")
    lines = tariff["lines"]
    if not isinstance(lines, dict):
        raise InvalidInputError("/lines", lines, "is not an object with named members")
    return Tariff(
        country=Country(tariff["country"], "/country"),
        title=line_of_text(tariff["title"], "/title"),
        nomenclature=line_of_text(tariff["nomenclature"], "/nomenclature"),
        demonstration=tariff["demonstration"],
        lines={
            _national_line(code): _line_from(line, f"/lines/{code}") for code, line in lines.items()
        },
    )


def _national_line(code: object) -> HsCode:
    hs_code = HsCode(code, "/lines")
    if len(hs_code) != NATIONAL_DIGITS:
        raise InvalidInputError("/lines", hs_code, "is not a tariff line of 8 digits")
    return hs_code


def _line_from(table: object, field: str) -> TariffLine:
    line: Any = members_of(table, field, ("description", "mfn"), ("preferential",))
    preferential = line.get("preferential", {})
    if not isinstance(preferential, dict):
        raise InvalidInputError(
            f"{field}/preferential", preferential, "is not an object with named members"
        )
    return TariffLine(
        description=line_of_text(line["description"], f"{field}/description"),
        mfn=dated_from(line["mfn"], f"{field}/mfn", _expression_from),
        preferential={
            AgreementCode(name, f"{field}/preferential"): dated_from(
                rates, f"{field}/preferential/{name}", _expression_from
            )
            for name, rates in preferential.items()
        },
    )


def _expression_from(value: object, field: str) -> AdValorem:
    return AdValorem(percent_from(value, field))
