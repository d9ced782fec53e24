"""The page's own words: one headline per verdict, and what a certificate says, for people."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from tulen.verify import CheckOutcome, Verdict, Verification, reason_words

Claims = Mapping[str, str | bool | int]


def headline(verification: Verification) -> tuple[str, str]:
    """Return the verdict in a word or two, and one sentence that says what follows from it."""
    status = verification.status
    because = reason_words(status.reason) if status is not None else ""
    since = f" since {instant(status.since)}" if status is not None and status.since else ""
    match verification.verdict:
        case Verdict.VALID:
            return "Valid", f"All {len(verification.checks)} checks passed."
        case Verdict.REVOKED:
            return "Revoked", f"The issuing authority revoked it{since} ({because})."
        case Verdict.REPLACED:
            return "Replaced", f"The issuing authority replaced it by another one{since}."
        case Verdict.SUSPENDED:
            return "Suspended", f"The issuing authority suspended it{since} ({because})."
        case Verdict.EXPIRED:
            return "Expired", f"It is genuine, and no longer valid on {day(verification.on)}."
        case Verdict.UNKNOWN:
            open_ones = sum(check.outcome is CheckOutcome.UNKNOWN for check in verification.checks)
            return "Could not check", (
                f"{open_ones} of {len(verification.checks)} checks could not be made. That says "
                "nothing for or against the certificate; check it again later."
            )
        case Verdict.INVALID:
            return "Invalid", "Do not rely on this file; the failed checks below say why."


def day(value: date) -> str:
    """Return a legal date as in ``25 Nov 2026``."""
    return f"{value.day} {value:%b %Y}"


def instant(value: datetime) -> str:
    """Return a UTC instant as in ``25 Nov 2026, 02:01 UTC``."""
    return f"{day(value)}, {value:%H:%M} UTC"


def lines_of(claims: Claims) -> Sequence[Mapping[str, str]]:
    """Return the goods lines in ``claims``, in their order, as far as they are disclosed."""
    found: dict[str, dict[str, str]] = {}
    for pointer, value in claims.items():
        first, _, rest = pointer.removeprefix("/lines/").partition("/")
        if pointer.startswith("/lines/") and rest:
            found.setdefault(first, {})[rest] = str(value)
    return [found[index] for index in sorted(found, key=lambda index: (len(index), index))]
