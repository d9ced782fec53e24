"""The steps on who issued and for whom, numbered as in docs/specs/bundle.md.

What decides is how the registry read when the certificate was anchored, except for the key: that
one was stolen is learnt later, and counts from the theft on (ADR 0028).
"""

from datetime import datetime

from tulen.values import Quantity, instant_text
from tulen.verify.case import (
    ASK_ISSUER,
    WAIT,
    Answer,
    Case,
    behind,
    certified,
    failed,
    may_be_within,
    passed,
    undisclosed,
    unknown,
    unread,
)
from tulen.verify.facts import RegisteredMandate, Unavailable
from tulen.verify.result import PASS


def authority(case: Case) -> Answer:
    """Step 8: the authority is registered as issuing authority of the named country."""
    if isinstance(case.facts, Unavailable):
        return unread(case.facts)
    code, country, party = case.heading.authority, case.heading.country, case.facts.party
    if party is None:
        return behind(case) or failed(f"{code} is not registered", ASK_ISSUER)
    if not party.issues:
        return failed(f"{code} is registered, but not as issuing authority", ASK_ISSUER)
    if country is None:
        return undisclosed("the issuing authority's country")
    if party.country != country:
        return failed(
            f"{code} is registered for {party.country}, and the certificate says {country}",
            ASK_ISSUER,
        )
    paused = (
        "; its issuing is paused now, which says nothing about what it issued before"
        if case.facts.issuing_paused
        else ""
    )
    return passed(f"{code} is an issuing authority of {country}{paused}")


def key(case: Case) -> Answer:
    """Step 9: the key is the authority's, and was good when the log was anchored."""
    if isinstance(case.facts, Unavailable):
        return unread(case.facts)
    life, name = case.facts.key, f"key {case.bundle.signature.key.hex()[:16]}…"
    if life is None:
        return behind(case) or failed(
            f"{name} is not registered for {case.heading.authority}", ASK_ISSUER
        )
    if case.facts.anchored is None:
        return unknown(f"{name} is registered; when it signed is shown only by an anchor", WAIT)
    moment = case.facts.anchored.anchored_at
    period = _period(life.since, life.until)
    if moment < life.since or (life.until is not None and moment >= life.until):
        return failed(
            f"{name} is valid {period}; the certificate was anchored at {instant_text(moment)}",
            ASK_ISSUER,
        )
    if life.compromised_since is not None and moment >= life.compromised_since:
        return failed(
            f"{name} is not trusted since {instant_text(life.compromised_since)}; the certificate "
            f"was anchored at {instant_text(moment)}",
            "Ask the issuing authority for a new certificate; this key may have been stolen.",
        )
    return passed(
        f"{name} is {case.heading.authority}'s, valid {period}, and the anchor of "
        f"{instant_text(moment)} lies within"
    )


def mandate(case: Case) -> Answer:  # noqa: PLR0911 - a list of reasons
    """Step 10: when anchored, the authority held the mandate, on the issue date too."""
    heading = case.heading
    if isinstance(case.facts, Unavailable):
        return unread(case.facts)
    if heading.agreement is None or heading.form is None:
        return undisclosed("agreement and form")
    if case.facts.anchored is None:
        return behind(case) or unknown(
            "whether the mandate held when anchored is shown only by an anchor", WAIT
        )
    held, what = case.facts.mandate_when_anchored, f"{heading.agreement} form {heading.form}"
    moment = case.facts.anchored.anchored_at
    if held is None:
        since = "" if case.facts.mandate is None else ", though it has one now"
        return failed(
            f"{heading.authority} had no mandate for {what} at {instant_text(moment)}, when the "
            f"certificate was anchored{since}",
            ASK_ISSUER,
        )
    period = _period(held.since, held.until)
    if heading.issued_on is not None and not may_be_within(
        heading.issued_on, held.since, held.until
    ):
        return failed(
            f"{heading.authority} held the mandate for {what} {period}, and the certificate was "
            f"issued on {heading.issued_on}",
            ASK_ISSUER,
        )
    if moment < held.since or (held.until is not None and moment >= held.until):
        return failed(
            f"{heading.authority} held the mandate for {what} {period}, and the certificate was "
            f"anchored at {instant_text(moment)}",
            ASK_ISSUER,
        )
    if heading.issued_on is None:
        return undisclosed("the issue date")
    return passed(
        f"when anchored, {heading.authority} held the mandate for {what} {period}"
        f"{_since_then(held, case.facts.mandate)}"
    )


def _since_then(held: RegisteredMandate, now: RegisteredMandate | None) -> str:
    """Return how the mandate reads now, where it was changed; that decides nothing."""
    if now == held:
        return ""
    changed = "was taken back" if now is None else f"reads {_period(now.since, now.until)}"
    return f"; it {changed} since, which changes nothing for what was anchored before"


def recognised(case: Case) -> Answer:
    """Step 14: when anchored, the importing country recognised the authority."""
    heading = case.heading
    if isinstance(case.facts, Unavailable):
        return unread(case.facts)
    if heading.agreement is None or heading.importing_country is None:
        return undisclosed("agreement and importing country")
    if case.facts.anchored is None:
        return behind(case) or unknown(
            "whether the authority was recognised when anchored is shown only by an anchor", WAIT
        )
    whom = f"{heading.authority} under {heading.agreement}"
    country = heading.importing_country
    if not case.facts.recognised_when_anchored:
        again = ", though it does now" if case.facts.recognised else ""
        return failed(
            f"{country} did not recognise {whom} at "
            f"{instant_text(case.facts.anchored.anchored_at)}, when the certificate was "
            f"anchored{again}",
            "Give no preference on it; ask customs of the importing country about this authority.",
        )
    if not case.facts.recognised:
        reason = (
            f"{country} recognised {whom} when the certificate was anchored; it has withdrawn that "
            "since, which does not undo this certificate"
        )
        return PASS, reason, "Ask customs of the importing country: it may refuse to draw on it."
    return passed(f"{country} recognises {whom}, and did when the certificate was anchored")


def parents(case: Case) -> Answer:  # noqa: PLR0911 - a list of reasons
    """Step 15: what a back-to-back certificate certifies is reserved on its parents."""
    if case.heading.back_to_back is None:
        return undisclosed("whether it is back-to-back")
    if not case.heading.back_to_back:
        return passed("it is not back-to-back: it rests on no other certificate")
    if isinstance(case.facts, Unavailable):
        return unread(case.facts)
    if isinstance(case.facts.accounts, Unavailable):
        return unread(case.facts.accounts)
    accounts = {account.line: account for account in case.facts.accounts}
    if not accounts:
        return undisclosed("any line's quantity")
    told = []
    for allowance in certified(case.bundle.certificate):
        account, line = accounts[allowance.line], f"line {allowance.line}"
        if not account.bounded:
            return behind(case) or unknown(
                f"{line}: nothing was ever reserved for it on a parent, so whether one stands "
                "behind it is not seen here",
                "Ask the holder for the original certificates, and customs of the exporting "
                "country whether it has drawn on them.",
            )
        if account.reserved == 0:
            return failed(
                f"{line}: what was reserved for it on its parents was given back", ASK_ISSUER
            )
        left = min(account.reserved, allowance.quantity.micro)
        reserved = Quantity.from_micro(left, allowance.quantity.unit)
        told.append(f"{line}: {reserved} of {allowance.quantity} are reserved on its parents")
    return passed("; ".join(told))


def _period(since: datetime, until: datetime | None) -> str:
    begins = f"from {instant_text(since)}"
    return begins if until is None else f"{begins} until {instant_text(until)}"
