"""The steps of the verifier, numbered as in docs/specs/bundle.md. Each answers on its own."""

from datetime import datetime
from functools import lru_cache

from tulen.certificate import FullPresentation, verify_signature
from tulen.log import (
    Kind,
    SignedCheckpoint,
    entry_leaf_hash,
    log_name,
    root_from_inclusion_path,
)
from tulen.values import Ed25519PublicKey, instant_text
from tulen.verify.case import (
    ASK_FOR_MORE,
    Answer,
    Case,
    failed,
    has_begun,
    may_be_within,
    passed,
    undisclosed,
    unknown,
    unread,
)
from tulen.verify.facts import State, Unavailable
from tulen.verify.replay import replay
from tulen.verify.result import FAIL, UNKNOWN, reason_words

_ASK_ISSUER = "Do not rely on it; ask the issuing authority about this certificate number."
_ASK_HOLDER = "Ask the holder for the bundle as the authority issued it."
_WAIT = "Ask again in a few minutes, or ask the holder for a newer bundle."


def seal(case: Case) -> Answer:
    """Step 2: the digest recomputes."""
    if case.digest is None:
        return failed("the disclosed claims do not all lead to one digest", _ASK_HOLDER)
    presented = case.bundle.certificate
    if isinstance(presented, FullPresentation):
        what = f"all {len(presented.sealed.claims)} claims"
    else:
        what = f"{len(presented.disclosed)} disclosed claims"
    return passed(f"{what} give the digest {case.digest.hex()}")


def signature(case: Case) -> Answer:
    """Step 3: the signature over that digest is by the bundle's key."""
    signed = case.bundle.signature
    if case.digest is None:
        return unknown("there is no digest that a signature could cover", _ASK_HOLDER)
    if not verify_signature(signed.key, case.digest, signed.value):
        return failed(
            f"the signature is not one of key {signed.key.hex()[:16]}… over this digest; "
            "certificate, seed or signature was altered",
            _ASK_HOLDER,
        )
    return passed(f"key {signed.key.hex()[:16]}… signed the digest")


def checkpoint(case: Case) -> Answer:
    """Step 4: the checkpoint is of the named authority's log and signed by the same key."""
    note = case.bundle.log.checkpoint
    if not _signed(note, case.bundle.signature.key):
        return failed("the checkpoint is not signed by the certificate's key", _ASK_HOLDER)
    if case.heading.authority is None:
        return undisclosed("the issuing authority, so its log is not known")
    if note.checkpoint.log_name != (expected := log_name(case.heading.authority)):
        return failed(
            f"the checkpoint is of log {note.checkpoint.log_name}, not of {expected}", _ASK_HOLDER
        )
    return passed(
        f"log {note.checkpoint.log_name} had {note.checkpoint.size} entries and the root "
        f"{note.checkpoint.root.hex()}"
    )


@lru_cache(maxsize=256)
def _signed(note: SignedCheckpoint, by: Ed25519PublicKey) -> bool:
    """Return whether ``by`` signed ``note``; remembered, since many certificates share one."""
    return note.verify(by)


def logged(case: Case) -> Answer:
    """Step 5: the inclusion proof leads from the entry to the checkpoint's root."""
    log, head = case.bundle.log, case.bundle.log.checkpoint.checkpoint
    if case.digest is None:
        return unknown("there is no digest that could stand in the log", _ASK_HOLDER)
    entry = entry_leaf_hash(Kind.CERTIFICATE, case.digest)
    if root_from_inclusion_path(entry, log.index, head.size, log.path) != head.root:
        return failed(
            f"the inclusion proof does not show the certificate as entry {log.index} of "
            f"{head.size}",
            _ASK_HOLDER,
        )
    return passed(f"the certificate is entry {log.index} of {head.size}")


def anchored(case: Case) -> Answer:  # noqa: PLR0911 - a list of reasons
    """Step 6: the trusted ledger holds that root, for that authority, since that time."""
    receipt, policy = case.bundle.anchor, case.policy
    if receipt is not None and (receipt.chain_id, receipt.ledger) != (
        policy.chain_id,
        policy.ledger,
    ):
        return failed(
            f"the bundle names ledger {receipt.ledger} on chain {receipt.chain_id}; trusted is "
            f"{policy.ledger} on chain {policy.chain_id}",
            _ASK_HOLDER,
        )
    if isinstance(case.facts, Unavailable):
        return unread(case.facts)
    found, head = case.facts.anchored, case.bundle.log.checkpoint.checkpoint
    if found is None:
        if receipt is None:
            return unknown("the log has not been anchored with this checkpoint yet", _WAIT)
        return _behind(case) or failed(
            f"the ledger does not hold the root {head.root.hex()}", _ASK_ISSUER
        )
    if found.authority != case.facts.question.authority:
        return failed("the ledger holds that root for another authority", _ASK_ISSUER)
    if found.size != head.size:
        return failed(
            f"the ledger holds that root with {found.size} entries, not {head.size}", _ASK_ISSUER
        )
    since = instant_text(found.anchored_at)
    if receipt is not None and receipt.anchored_at != found.anchored_at:
        return failed(
            f"the ledger holds that root since {since}, not since "
            f"{instant_text(receipt.anchored_at)} as the bundle says",
            _ASK_HOLDER,
        )
    return passed(f"the ledger holds that root since {since}")


def final(case: Case) -> Answer:  # noqa: PLR0911 - a list of reasons
    """Step 7: the named transaction anchored that root, in the named and final block."""
    receipt = case.bundle.anchor
    if receipt is None:
        return unknown("the bundle names no anchoring transaction", _WAIT)
    if isinstance(case.facts, Unavailable):
        return unread(case.facts)
    found = case.facts.transaction
    if isinstance(found, Unavailable):
        return unread(found)
    name = f"transaction {receipt.transaction.hex()[:16]}…"
    if found is None:
        return _behind(case) or failed(f"the chain has no {name}", _ASK_ISSUER)
    if not found.anchors_root:
        return failed(f"{name} did not anchor that root on the trusted ledger", _ASK_ISSUER)
    if (found.block_number, found.block_hash) != (receipt.block_number, receipt.block_hash):
        return failed(
            f"{name} stands in block {found.block_number} ({found.block_hash.hex()[:16]}…), not in "
            f"block {receipt.block_number} ({receipt.block_hash.hex()[:16]}…)",
            _ASK_HOLDER,
        )
    if not found.final:
        return unknown(f"block {found.block_number} is not final yet", _WAIT)
    return passed(f"{name} anchored it in block {found.block_number}, which is final")


def authority(case: Case) -> Answer:
    """Step 8: the authority is registered as issuing authority of the named country."""
    if isinstance(case.facts, Unavailable):
        return unread(case.facts)
    code, country, party = case.heading.authority, case.heading.country, case.facts.party
    if party is None:
        return _behind(case) or failed(f"{code} is not registered", _ASK_ISSUER)
    if not party.issues:
        return failed(f"{code} is registered, but not as issuing authority", _ASK_ISSUER)
    if country is None:
        return undisclosed("the issuing authority's country")
    if party.country != country:
        return failed(
            f"{code} is registered for {party.country}, and the certificate says {country}",
            _ASK_ISSUER,
        )
    return passed(f"{code} is an issuing authority of {country}")


def key(case: Case) -> Answer:
    """Step 9: the key is the authority's, and was good when the log was anchored."""
    if isinstance(case.facts, Unavailable):
        return unread(case.facts)
    life, name = case.facts.key, f"key {case.bundle.signature.key.hex()[:16]}…"
    if life is None:
        return _behind(case) or failed(
            f"{name} is not registered for {case.heading.authority}", _ASK_ISSUER
        )
    if case.facts.anchored is None:
        return unknown(f"{name} is registered; when it signed is shown only by an anchor", _WAIT)
    moment = case.facts.anchored.anchored_at
    period = _period(life.since, life.until)
    if moment < life.since or (life.until is not None and moment >= life.until):
        return failed(
            f"{name} is valid {period}; the certificate was anchored at {instant_text(moment)}",
            _ASK_ISSUER,
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
    """Step 10: the authority held the mandate on the issue date and when anchored."""
    heading = case.heading
    if isinstance(case.facts, Unavailable):
        return unread(case.facts)
    if heading.agreement is None or heading.form is None:
        return undisclosed("agreement and form")
    held, what = case.facts.mandate, f"{heading.agreement} form {heading.form}"
    if held is None:
        return _behind(case) or failed(
            f"{heading.authority} has no mandate for {what}", _ASK_ISSUER
        )
    period = _period(held.since, held.until)
    if heading.issued_on is not None and not may_be_within(
        heading.issued_on, held.since, held.until
    ):
        return failed(
            f"{heading.authority} holds the mandate for {what} {period}, and the certificate was "
            f"issued on {heading.issued_on}",
            _ASK_ISSUER,
        )
    if case.facts.anchored is None:
        return unknown("whether the mandate held when anchored is shown only by an anchor", _WAIT)
    moment = case.facts.anchored.anchored_at
    if moment < held.since or (held.until is not None and moment >= held.until):
        return failed(
            f"{heading.authority} holds the mandate for {what} {period}, and the certificate was "
            f"anchored at {instant_text(moment)}",
            _ASK_ISSUER,
        )
    if heading.issued_on is None:
        return undisclosed("the issue date")
    return passed(f"{heading.authority} holds the mandate for {what} {period}")


def status(case: Case) -> Answer:
    """Step 11: neither revoked, replaced nor suspended."""
    if isinstance(case.facts, Unavailable):
        return unread(case.facts)
    found = case.facts.status
    as_of = f"block {case.facts.as_of_block} of {instant_text(case.facts.as_of)}"
    if found.state is State.GOOD:
        return passed(f"neither revoked, replaced nor suspended, as of {as_of}")
    what = f"{found.state.name.lower()}, {reason_words(found.reason)}"
    if found.since is not None:
        what += f", since {instant_text(found.since)}"
    if found.successor is not None:
        what += f", by the certificate with digest {found.successor.hex()}"
    return failed(f"{what}; as of {as_of}", _STATUS_ADVICE[found.state])


_STATUS_ADVICE = {
    State.REVOKED: "Give no preference on it.",
    State.REPLACED: "Ask the holder for the certificate that replaces it.",
    State.SUSPENDED: "Wait for the authority's answer; preference may be given against security.",
}


def period(case: Case) -> Answer:
    """Step 12: the day asked for lies in the period, which began before the anchor."""
    issued, until = case.heading.issued_on, case.heading.valid_until
    if issued is not None and is_postdated(case):
        return failed(
            f"it says it was issued on {issued}, after its anchor of {_anchor_date(case)}",
            _ASK_ISSUER,
        )
    if issued is not None and case.on < issued:
        return failed(
            f"it was issued on {issued}, after {case.on}", "Ask for a day on which it is valid."
        )
    if until is not None and case.on >= until:
        return failed(
            f"{case.on} is past: it was valid until {until}, that day not included",
            "Ask the issuing authority for a new certificate.",
        )
    if issued is None or until is None:
        return undisclosed("the issue date and the end of validity")
    return passed(f"{case.on} lies between {issued} and {until}, that day not included")


def is_postdated(case: Case) -> bool:
    """Return whether the issue date is after the anchor's date, wherever on Earth."""
    moment, issued = _anchor_moment(case), case.heading.issued_on
    return moment is not None and issued is not None and not has_begun(issued, moment)


def is_past(case: Case) -> bool:
    """Return whether step 12 fails only because the day is past."""
    until = case.heading.valid_until
    return until is not None and case.on >= until and not is_postdated(case)


def _anchor_moment(case: Case) -> datetime | None:
    """Return when it was anchored: by the chain, or else by the bundle's own word."""
    if not isinstance(case.facts, Unavailable) and case.facts.anchored is not None:
        return case.facts.anchored.anchored_at
    return None if case.bundle.anchor is None else case.bundle.anchor.anchored_at


def _anchor_date(case: Case) -> str:
    moment = _anchor_moment(case)
    return "" if moment is None else instant_text(moment)


def origin(case: Case) -> Answer:
    """Step 13: the origin rule, run again, gives the committed verdict."""
    presented = case.bundle.certificate
    if not isinstance(presented, FullPresentation):
        return undisclosed("what origin was judged on")
    lines = replay(presented.certificate, case.packs)
    outcomes = {outcome for outcome, _ in lines}
    reason = "; ".join(reason for _, reason in lines)
    if FAIL in outcomes:
        return failed(reason, "Ask the issuing authority to verify the origin of these goods.")
    if UNKNOWN in outcomes:
        return unknown(reason, ASK_FOR_MORE)
    return passed(reason)


def _behind(case: Case) -> Answer | None:
    """Return UNKNOWN where the chain was read before the named block: what is missing may follow.

    What was there already counts all the same, a revocation above all.
    """
    receipt, facts = case.bundle.anchor, case.facts
    if receipt is None or isinstance(facts, Unavailable):
        return None
    if receipt.block_number <= facts.as_of_block:
        return None
    return unknown(
        f"the bundle names block {receipt.block_number}, and the chain was read at block "
        f"{facts.as_of_block}",
        _WAIT,
    )


def _period(since: datetime, until: datetime | None) -> str:
    begins = f"from {instant_text(since)}"
    return begins if until is None else f"{begins} until {instant_text(until)}"
