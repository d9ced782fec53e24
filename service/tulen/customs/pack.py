"""The country pack: what a country levies at import and which preferences it gives, by date.

Rates, rounding and agreements are read from ``packs/<country>.toml``, each with the day it begins
and where it can be read. The pack holds no exchange rates.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib.resources import files
from math import ceil, floor
from typing import Any, Literal

from tulen.customs.money import money_text
from tulen.errors import InvalidInputError, NotFoundError
from tulen.values import AgreementCode, Country, Currency, decimal_from, line_of_text
from tulen.values.dated import Dated, dated_from, in_force
from tulen.values.fields import members_of

FORMAT = "tulen/customs-pack/v1"

_RATIO = re.compile(r"([1-9][0-9]{0,8})(?:/([1-9][0-9]{0,8}))?")
_ROUNDING = re.compile(r"(up|down) to ([1-9][0-9]{0,8})")
_FACILITY = re.compile(r"[0-9]{2}")
_OFFICE = re.compile(r"[0-9]{6}")


class LevyCode(StrEnum):
    """Levies (jenis pungutan) by their code in CEISA, in the order in which they are reckoned."""

    BM = "BM"
    PPN = "PPN"
    PPH = "PPH"


@dataclass(frozen=True, slots=True)
class Rounding:
    """How a levy's sum over a declaration becomes the amount to pay.

    Attributes:
        direction: Towards more or towards less.
        unit: Multiple of the national currency that is paid.
    """

    direction: Literal["up", "down"]
    unit: int

    def payable(self, exact: Fraction) -> int:
        """Return ``exact`` as it is paid; a full multiple stays as it is."""
        step = ceil if self.direction == "up" else floor
        return step(exact / self.unit) * self.unit

    def __str__(self) -> str:
        """Return the rule in words, as in ``up to the full Rp1,000``."""
        return f"{self.direction} to the full {money_text(self.unit)}"


@dataclass(frozen=True, slots=True)
class Levy:
    """What a levy is called and how it is rounded.

    Attributes:
        title: Its name.
        rounding: Its rounding, by date.
    """

    title: str
    rounding: tuple[Dated[Rounding], ...]


@dataclass(frozen=True, slots=True)
class PreferentialAgreement:
    """A trade agreement as the importing country applies it.

    Attributes:
        facility: Facility code under which a declaration claims it.
        origins: Countries whose originating goods it favours, by date.
    """

    facility: str
    origins: tuple[Dated[frozenset[Country]], ...]


@dataclass(frozen=True, slots=True)
class TaxRates:
    """The taxes at import in force on one day for one importer.

    Attributes:
        ppn: Rate of value added tax (PPN).
        ppn_base_factor: Share of the import value that PPN is reckoned on (DPP nilai lain).
        pph: Rate of income tax article 22 (PPh 22).
    """

    ppn: Dated[Fraction]
    ppn_base_factor: Dated[Fraction]
    pph: Dated[Fraction]


@dataclass(frozen=True, slots=True)
class CountryPack:
    """A country's levies at import and preferences.

    Attributes:
        country: The importing country.
        currency: Its currency, which all levies are in.
        title: What the pack is.
        levies: Name and rounding of every levy.
        ppn_rate: Rate of value added tax (PPN).
        ppn_base_factor: Share of the import value that PPN is reckoned on (DPP nilai lain).
        pph_rate_with_api: Rate of income tax article 22 (PPh 22), importers with an API.
        pph_rate_without_api: The same, importers without.
        agreements: Preferential agreements by code.
        offices: Names of the customs offices (kantor pabean) that are known, by code.
    """

    country: Country
    currency: Currency
    title: str
    levies: Mapping[LevyCode, Levy]
    ppn_rate: tuple[Dated[Fraction], ...]
    ppn_base_factor: tuple[Dated[Fraction], ...]
    pph_rate_with_api: tuple[Dated[Fraction], ...]
    pph_rate_without_api: tuple[Dated[Fraction], ...]
    agreements: Mapping[AgreementCode, PreferentialAgreement]
    offices: Mapping[str, str]

    def office_name(self, code: str) -> str:
        """Return the name of a customs office; its code where the pack does not name it."""
        return self.offices.get(code, code)

    def rounding(self, levy: LevyCode, day: date) -> Dated[Rounding]:
        """Return how ``levy`` is rounded on ``day``.

        Raises:
            NotInForceError: the pack holds no rule for that day.
        """
        return in_force(self.levies[levy].rounding, day, f"rounding of {levy}")

    def taxes(self, day: date, *, has_api: bool) -> TaxRates:
        """Return the taxes in force on ``day`` for an importer with or without an API.

        Raises:
            NotInForceError: the pack lacks one of them for that day.
        """
        pph = self.pph_rate_with_api if has_api else self.pph_rate_without_api
        holder = "with" if has_api else "without"
        return TaxRates(
            ppn=in_force(self.ppn_rate, day, "rate of PPN"),
            ppn_base_factor=in_force(self.ppn_base_factor, day, "base factor of PPN"),
            pph=in_force(pph, day, f"rate of PPh 22 {holder} API"),
        )


@cache
def country_pack(country: Country) -> CountryPack:
    """Return the pack that ships for ``country``.

    Raises:
        NotFoundError: none ships.
    """
    file = files("tulen.customs") / "packs" / f"{country.lower()}.toml"
    if not file.is_file():
        raise NotFoundError(f"no customs pack ships for {country}")
    return pack_from_toml(file.read_text(encoding="utf-8"))


def pack_from_toml(text: str) -> CountryPack:
    """Return the pack that ``text`` writes in TOML.

    Raises:
        InvalidInputError: it is not TOML, or a member is missing, unknown or malformed.
    """
    pack: Any = members_of(
        toml_from(text),
        "",
        ("format", "country", "currency", "title", "levies", "agreements", "offices"),
    )
    if pack["format"] != FORMAT:
        raise InvalidInputError("/format", pack["format"], f"is not {FORMAT}")
    levies: Any = members_of(pack["levies"], "/levies", tuple(LevyCode))
    ppn: Any = members_of(
        levies["PPN"], "/levies/PPN", ("title", "rounding", "rate", "base_factor")
    )
    pph: Any = members_of(
        levies["PPH"],
        "/levies/PPH",
        ("title", "rounding", "rate_with_api", "rate_without_api"),
    )
    members_of(levies["BM"], "/levies/BM", ("title", "rounding"))
    return CountryPack(
        country=Country(pack["country"], "/country"),
        currency=Currency(pack["currency"], "/currency"),
        title=line_of_text(pack["title"], "/title"),
        levies={
            code: Levy(
                line_of_text(levies[code]["title"], f"/levies/{code}/title"),
                dated_from(levies[code]["rounding"], f"/levies/{code}/rounding", _rounding_from),
            )
            for code in LevyCode
        },
        ppn_rate=dated_from(ppn["rate"], "/levies/PPN/rate", percent_from),
        ppn_base_factor=dated_from(ppn["base_factor"], "/levies/PPN/base_factor", _ratio_from),
        pph_rate_with_api=dated_from(
            pph["rate_with_api"], "/levies/PPH/rate_with_api", percent_from
        ),
        pph_rate_without_api=dated_from(
            pph["rate_without_api"], "/levies/PPH/rate_without_api", percent_from
        ),
        agreements=_agreements_from(pack["agreements"]),
        offices=_offices_from(pack["offices"]),
    )


def toml_from(text: str) -> dict[str, Any]:
    """Return the TOML document in ``text``; the language itself refuses duplicate keys.

    Raises:
        InvalidInputError: it is not TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInputError("", text[:40], f"is not TOML: {error}") from error


def percent_from(value: object, field: str) -> Fraction:
    """Return the rate that ``value`` spells in percent, such as ``"2.5%"``, exactly.

    Raises:
        InvalidInputError: it does not.
    """
    if not isinstance(value, str) or not value.endswith("%"):
        raise InvalidInputError(field, value, 'is not a rate in percent, such as "2.5%"')
    return Fraction(decimal_from(value[:-1], field)) / 100


def _ratio_from(value: object, field: str) -> Fraction:
    match = _RATIO.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise InvalidInputError(field, value, 'is not a share, such as "11/12" or "1"')
    return Fraction(int(match[1]), int(match[2] or 1))


def _rounding_from(value: object, field: str) -> Rounding:
    match = _ROUNDING.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise InvalidInputError(field, value, 'is not a rounding, such as "up to 1000"')
    return Rounding("up" if match[1] == "up" else "down", int(match[2]))


def _agreements_from(table: object) -> dict[AgreementCode, PreferentialAgreement]:
    if not isinstance(table, dict):
        raise InvalidInputError("/agreements", table, "is not an object with named members")
    agreements = {}
    for name, value in table.items():
        field = f"/agreements/{name}"
        agreement: Any = members_of(value, field, ("facility", "origins"))
        facility = agreement["facility"]
        if not isinstance(facility, str) or not _FACILITY.fullmatch(facility):
            raise InvalidInputError(f"{field}/facility", facility, "is not two digits")
        agreements[AgreementCode(name, "/agreements")] = PreferentialAgreement(
            facility, dated_from(agreement["origins"], f"{field}/origins", _countries_from)
        )
    return agreements


def _offices_from(table: object) -> dict[str, str]:
    if not isinstance(table, dict):
        raise InvalidInputError("/offices", table, "is not an object with named members")
    for code in table:
        if not _OFFICE.fullmatch(code):
            raise InvalidInputError("/offices", code, "is not an office code of six digits")
    return {code: line_of_text(name, f"/offices/{code}") for code, name in table.items()}


def _countries_from(value: object, field: str) -> frozenset[Country]:
    if not isinstance(value, list):
        raise InvalidInputError(field, value, "is not a list of countries")
    return frozenset(Country(code, f"{field}/{index}") for index, code in enumerate(value))
