"""What the steps of the verifier look at, and how they answer."""

from dataclasses import dataclass
from datetime import date, datetime

from tulen.certificate import Allowance, Bundle, FullPresentation, Heading, Presentation
from tulen.values import Digest
from tulen.verify.facts import ChainFacts, ChainQuestion, TrustPolicy, Unavailable
from tulen.verify.replay import Packs
from tulen.verify.result import FAIL, PASS, UNKNOWN, CheckOutcome

Answer = tuple[CheckOutcome, str, str]
"""Outcome, reason and advice."""

ASK_FOR_MORE = "Ask the holder for a bundle that discloses it."
ASK_ISSUER = "Do not rely on it; ask the issuing authority about this certificate number."
WAIT = "Ask again in a few minutes, or ask the holder for a newer bundle."
ASK_AGAIN = "This says nothing against the certificate; ask again when the chain can be read."

_DAY = 86_400
_BEGINS = 14 * 3600
"""How many seconds before midnight UTC a day begins where it begins first."""
_ENDS = _DAY + 12 * 3600
"""How many seconds after midnight UTC a day ends where it ends last."""


@dataclass(frozen=True, slots=True)
class Contents:
    """One bundle by itself.

    Attributes:
        bundle: What was read.
        heading: What the certificate says, as far as it is disclosed.
        digest: Its digest; None where it cannot be recomputed.
        packs: The rule sets that the relying party has.
    """

    bundle: Bundle
    heading: Heading
    digest: Digest | None
    packs: Packs


@dataclass(frozen=True, slots=True)
class Case(Contents):
    """One bundle before one relying party.

    Attributes:
        policy: Whom the relying party trusts.
        facts: What it has seen on the trusted chain in answer to this bundle's question.
        on: The day asked for.
    """

    policy: TrustPolicy
    facts: ChainFacts | Unavailable
    on: date


def passed(reason: str) -> Answer:
    """Return that a step passed."""
    return PASS, reason, ""


def failed(reason: str, advice: str) -> Answer:
    """Return that a step failed, and what can be done."""
    return FAIL, reason, advice


def unknown(cause: str, advice: str) -> Answer:
    """Return that a step cannot be answered, and what can be done."""
    return UNKNOWN, cause, advice


def undisclosed(what: str) -> Answer:
    """Return that a step needs a claim that the bundle does not disclose."""
    return unknown(f"the bundle does not disclose {what}", ASK_FOR_MORE)


def unread(facts: Unavailable) -> Answer:
    """Return that a step needs a fact that could not be read."""
    return unknown(facts.cause, ASK_AGAIN)


def question_of(bundle: Bundle) -> ChainQuestion | None:
    """Return what must be read on chain to judge ``bundle``.

    Returns:
        The question; None where it cannot be asked, because the digest cannot be recomputed or the
        authority is not disclosed. Who hides agreement, form or importing country hides mandate
        or recognition, and no revocation.
    """
    heading, digest = bundle.certificate.heading, bundle.certificate.digest
    if digest is None or heading.authority is None:
        return None
    checkpoint = bundle.log.checkpoint.checkpoint
    return ChainQuestion(
        authority=heading.authority.on_chain,
        root=checkpoint.root,
        size=checkpoint.size,
        digest=digest,
        key=bundle.signature.key,
        agreement=heading.agreement,
        form=heading.form,
        importing_country=heading.importing_country,
        bounded_lines=(
            tuple(allowance.line for allowance in certified(bundle.certificate))
            if heading.back_to_back
            else ()
        ),
        transaction=None if bundle.anchor is None else bundle.anchor.transaction,
    )


def certified(presented: Presentation) -> tuple[Allowance, ...]:
    """Return what ``presented`` shows of the quantities that the certificate certifies."""
    if isinstance(presented, FullPresentation):
        return presented.sealed.allowances
    return tuple(item.allowance for item in presented.allowances)


def usable(
    facts: ChainFacts | Unavailable, question: ChainQuestion | None, policy: TrustPolicy
) -> ChainFacts | Unavailable:
    """Return ``facts`` if they answer ``question`` on the trusted chain; otherwise why not."""
    if question is None:
        return Unavailable(
            "the chain cannot be asked: the bundle does not disclose the issuing authority"
        )
    if isinstance(facts, Unavailable):
        return facts
    if facts.question != question:
        return Unavailable("what was read on chain answers another bundle's question")
    if facts.chain_id != policy.chain_id:
        return Unavailable(
            f"the node is on chain {facts.chain_id}, and the trusted ledger on {policy.chain_id}"
        )
    return facts


def behind(case: Case) -> Answer | None:
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
        WAIT,
    )


def may_be_within(day: date, since: datetime, until: datetime | None) -> bool:
    """Return whether ``day`` has a moment within ``since <= t < until`` somewhere on Earth.

    A certificate has legal dates and the chain has instants; nobody is refused over a time zone.
    """
    midnight = day.toordinal() * _DAY
    return _second(since) < midnight + _ENDS and (
        until is None or _second(until) > midnight - _BEGINS
    )


def has_begun(day: date, instant: datetime) -> bool:
    """Return whether ``day`` had begun somewhere on Earth at ``instant``."""
    return _second(instant) >= day.toordinal() * _DAY - _BEGINS


def _second(instant: datetime) -> int:
    """Return the second of a UTC instant; unlike a datetime, it has room before year 1."""
    of_day = instant.hour * 3600 + instant.minute * 60 + instant.second
    return instant.toordinal() * _DAY + of_day
