"""The steps on bundle, ledger and period, numbered as in docs/specs/bundle.md.

Each answers on its own. What the registry is asked is in `tulen.verify.rights`.
"""

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
    ASK_ISSUER,
    WAIT,
    Answer,
    Case,
    Contents,
    behind,
    failed,
    has_begun,
    passed,
    undisclosed,
    unknown,
    unread,
)
from tulen.verify.facts import State, Unavailable
from tulen.verify.replay import replay
from tulen.verify.result import FAIL, UNKNOWN, reason_words

_ASK_HOLDER = "Ask the holder for the bundle as the authority issued it."


def seal(contents: Contents) -> Answer:
    """Step 2: the digest recomputes."""
    if contents.digest is None:
        return failed("the disclosed claims do not all lead to one digest", _ASK_HOLDER)
    presented = contents.bundle.certificate
    if isinstance(presented, FullPresentation):
        what = f"all {len(presented.sealed.claims)} claims"
    else:
        what = f"{len(presented.disclosed)} disclosed claims"
    return passed(f"{what} give the digest {contents.digest.hex()}")


def signature(contents: Contents) -> Answer:
    """Step 3: the signature over that digest is by the bundle's key."""
    signed = contents.bundle.signature
    if contents.digest is None:
        return unknown("there is no digest that a signature could cover", _ASK_HOLDER)
    if not verify_signature(signed.key, contents.digest, signed.value):
        return failed(
            f"the signature is not one of key {signed.key.hex()[:16]}… over this digest; "
            "certificate, seed or signature was altered",
            _ASK_HOLDER,
        )
    return passed(f"key {signed.key.hex()[:16]}… signed the digest")


def checkpoint(contents: Contents) -> Answer:
    """Step 4: the checkpoint is of the named authority's log and signed by the same key."""
    note = contents.bundle.log.checkpoint
    if not _signed(note, contents.bundle.signature.key):
        return failed("the checkpoint is not signed by the certificate's key", _ASK_HOLDER)
    if contents.heading.authority is None:
        return undisclosed("the issuing authority, so its log is not known")
    if note.checkpoint.log_name != (expected := log_name(contents.heading.authority)):
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


def logged(contents: Contents) -> Answer:
    """Step 5: the inclusion proof leads from the entry to the checkpoint's root."""
    log, head = contents.bundle.log, contents.bundle.log.checkpoint.checkpoint
    if contents.digest is None:
        return unknown("there is no digest that could stand in the log", _ASK_HOLDER)
    entry = entry_leaf_hash(Kind.CERTIFICATE, contents.digest)
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
            return unknown("the log has not been anchored with this checkpoint yet", WAIT)
        return behind(case) or failed(
            f"the ledger does not hold the root {head.root.hex()}", ASK_ISSUER
        )
    if found.authority != case.facts.question.authority:
        return failed("the ledger holds that root for another authority", ASK_ISSUER)
    if found.size != head.size:
        return failed(
            f"the ledger holds that root with {found.size} entries, not {head.size}", ASK_ISSUER
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
        return unknown("the bundle names no anchoring transaction", WAIT)
    if isinstance(case.facts, Unavailable):
        return unread(case.facts)
    found = case.facts.transaction
    if isinstance(found, Unavailable):
        return unread(found)
    name = f"transaction {receipt.transaction.hex()[:16]}…"
    if found is None:
        return behind(case) or failed(f"the chain has no {name}", ASK_ISSUER)
    if not found.anchors_root:
        return failed(f"{name} did not anchor that root on the trusted ledger", ASK_ISSUER)
    if (found.block_number, found.block_hash) != (receipt.block_number, receipt.block_hash):
        return failed(
            f"{name} stands in block {found.block_number} ({found.block_hash.hex()[:16]}…), not in "
            f"block {receipt.block_number} ({receipt.block_hash.hex()[:16]}…)",
            _ASK_HOLDER,
        )
    if not found.final:
        return unknown(f"block {found.block_number} is not final yet", WAIT)
    return passed(f"{name} anchored it in block {found.block_number}, which is final")


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
            ASK_ISSUER,
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


def origin(contents: Contents) -> Answer:
    """Step 13: the origin rule, run again, gives the committed verdict."""
    presented = contents.bundle.certificate
    if not isinstance(presented, FullPresentation):
        return undisclosed("what origin was judged on")
    lines = replay(presented.certificate, contents.packs)
    outcomes = {outcome for outcome, _ in lines}
    reason = "; ".join(reason for _, reason in lines)
    if FAIL in outcomes:
        return failed(reason, "Ask the issuing authority to verify the origin of these goods.")
    if UNKNOWN in outcomes:
        return unknown(reason, ASK_FOR_MORE)
    return passed(reason)
