"""The page's own words: one headline per verdict, and what a certificate says, for people."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from tulen.errors import InvalidInputError
from tulen.values import date_from
from tulen.verify import CheckOutcome, Verdict, Verification, reason_words

Claims = Mapping[str, str | bool | int]


_HEADLINES = {
    Verdict.VALID: ("Valid", "{passed} of {checks} checks passed{and_none_else}."),
    Verdict.REVOKED: ("Revoked", "The issuing authority revoked it{since}{because}."),
    Verdict.REPLACED: ("Replaced", "The issuing authority replaced it by another one{since}."),
    Verdict.SUSPENDED: ("Suspended", "The issuing authority suspended it{since}{because}."),
    Verdict.EXPIRED: ("Expired", "It is genuine, and no longer valid on {on}."),
    Verdict.INVALID: ("Invalid", "Do not rely on this file: the checks that failed say why."),
    Verdict.UNKNOWN: (
        "Could not check",
        "{unknown} of {checks} checks could not be made, so nothing is said for or against it yet.",
    ),
}


def headline(verification: Verification) -> tuple[str, str]:
    """Return the verdict in a word or two, and one sentence that says what follows from it."""
    status, checks = verification.status, verification.checks
    word, sentence = _HEADLINES[verification.verdict]
    counts = Counter(check.outcome for check in checks)
    return word, sentence.format(
        checks=len(checks),
        passed=counts[CheckOutcome.PASS],
        unknown=counts[CheckOutcome.UNKNOWN],
        and_none_else="; no other is needed" if counts[CheckOutcome.UNKNOWN] else "",
        on=day(verification.on),
        since=f" on {instant(status.since)}" if status and status.since else "",
        because=f" ({reason_words(status.reason)})" if status else "",
    )


class Fact(NamedTuple):
    """One thing that a certificate says: what it is, in short, and more of it."""

    label: str
    text: str
    more: str = ""


_FACTS = (
    ("Number", ("/number",), ()),
    ("Agreement", ("/agreement", "/form"), ()),
    ("Issued by", ("/issuing_authority/name",), ("/issuing_authority/code",)),
    ("Issued on", ("/issued_on",), ("/valid_until",)),
    ("Exporter", ("/exporter/name",), ("/exporter/address", "/exporter/country")),
    ("Consignee", ("/consignee/name",), ("/consignee/address", "/consignee/country")),
    ("From", ("/transport/port_of_loading", "/exporting_country"), ("/transport/departure_on",)),
    ("To", ("/transport/port_of_discharge", "/importing_country"), ("/transport/means",)),
)
"""Label, pointers of the text, pointers of more."""
_BEFORE = {
    "/form": "form ",
    "/valid_until": "valid before ",
    "/transport/departure_on": "departs ",
    "/transport/means": "by ",
}


def facts_of(claims: Claims) -> Sequence[Fact]:
    """Return what ``claims`` say of the certificate, as far as it is disclosed."""
    facts = (
        Fact(label, _joined(claims, text), _joined(claims, more)) for label, text, more in _FACTS
    )
    return [fact for fact in facts if fact.text or fact.more]


def _joined(claims: Claims, pointers: Sequence[str]) -> str:
    return ", ".join(
        f"{_BEFORE.get(pointer, '')}{_spelled(claims[pointer])}"
        for pointer in pointers
        if pointer in claims
    )


def _spelled(value: str | bool | int) -> str:
    """Return a claim's value; a date as the page writes dates."""
    try:
        return day(date_from(value, ""))
    except InvalidInputError:
        return str(value)


def day(value: date) -> str:
    """Return a legal date as in ``25 Nov 2026``, not to be broken."""
    return f"{value.day}\u00a0{value:%b}\u00a0{value.year}"


def instant(value: datetime) -> str:
    """Return a UTC instant as in ``25 Nov 2026, 02:01 UTC``."""
    return f"{day(value)}, {value:%H:%M}\u00a0UTC"


def seconds(value: timedelta) -> str:
    """Return a short time as in ``2.4 s``, cut off after tenths."""
    tenths = value // timedelta(milliseconds=100)
    return f"{tenths // 10}.{tenths % 10}\u00a0s"


def lines_of(claims: Claims) -> Sequence[Mapping[str, str]]:
    """Return the goods lines in ``claims``, in their order, as far as they are disclosed."""
    found: dict[str, dict[str, str]] = {}
    for pointer, value in claims.items():
        first, _, rest = pointer.removeprefix("/lines/").partition("/")
        if pointer.startswith("/lines/") and rest:
            found.setdefault(first, {})[rest] = str(value)
    return [found[index] for index in sorted(found, key=lambda index: (len(index), index))]
