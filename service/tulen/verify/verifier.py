"""The verifier of docs/specs/bundle.md: fifteen steps and one verdict.

It trusts what it is given as trust, recomputes everything else, and asks nobody: who calls it has
read the chain (`question_of` says what to read) or says why it could not.
"""

from collections.abc import Callable
from datetime import date, datetime

from tulen.certificate import Bundle
from tulen.errors import InvalidInputError
from tulen.verify import rights, steps
from tulen.verify.case import Answer, Case, usable
from tulen.verify.facts import ChainFacts, TrustPolicy, Unavailable
from tulen.verify.proof import Proof, prove
from tulen.verify.replay import Packs
from tulen.verify.result import FAIL, PASS, UNKNOWN, Check, Verification, verdict_of

_FORMAT = (1, "format", "Is this a bundle, whole and well formed?")
_ORIGIN_STEP = 13
_PARENTS_STEP = 15
_STEPS: tuple[tuple[int, str, str, Callable[[Case], Answer] | None], ...] = (
    (2, "seal", "Do the contents give one digest?", None),
    (3, "signature", "Did the key sign exactly these contents?", None),
    (4, "checkpoint", "Is the log the named authority's, signed by the same key?", None),
    (5, "logged", "Does the certificate stand in that log?", None),
    (6, "anchored", "Does the trusted ledger hold that log?", steps.anchored),
    (7, "final", "Is the anchoring block final?", steps.final),
    (8, "authority", "Is the authority registered to issue for its country?", rights.authority),
    (9, "key", "Was the key the authority's, and good at the time?", rights.key),
    (10, "mandate", "Might the authority issue this form of this agreement?", rights.mandate),
    (11, "status", "Does the certificate still stand?", steps.status),
    (12, "period", "Is it valid on the day asked for?", steps.period),
    (13, "origin", "Does the origin rule give the same verdict again?", None),
    (14, "recognised", "Did the importing country recognise the authority?", rights.recognised),
    (15, "parents", "If it is back-to-back, do certificates stand behind it?", rights.parents),
)
"""Number, name, question, and who answers: the bundle by itself (`prove`) where None."""


def verify(
    bundle: bytes | Bundle | Proof,
    policy: TrustPolicy,
    facts: ChainFacts | Unavailable,
    on: date,
    packs: Packs | None = None,
    *,
    at: datetime | None = None,
) -> Verification:
    """Return what ``bundle`` proves; nothing is raised, whatever its bytes.

    Args:
        bundle: The bytes of a file, or what `Bundle.parse` read from them, or what `prove` says of
            it.
        policy: The deployment that the relying party trusts.
        facts: What it has read on that chain for `question_of` this bundle, or why it has not.
        on: The day on which the certificate is to be valid.
        packs: The rule sets to replay origin with; those that the project ships where None.
        at: The instant of the answer, from which its age counts; that of the reading where None.
    """
    # Step 1: read it. Only this step is answered where that fails.
    try:
        proof = bundle if isinstance(bundle, Proof) else prove(bundle, packs)
    except InvalidInputError as error:
        return unread(str(error), on)
    size = "" if proof.size is None else f": {proof.size} bytes"
    checks = [Check(*_FORMAT, PASS, f"the bundle is well formed{size}")]

    # Steps 2 to 15: each is taken, whatever the others say.
    contents = proof.contents
    seen = usable(facts, proof.question, policy)
    case = Case(
        contents.bundle,
        contents.heading,
        contents.digest,
        contents.packs,
        policy,
        seen,
        on,
    )
    for step, name, question, take in _STEPS:
        outcome, reason, advice = proof.answers[step] if take is None else take(case)
        required = outcome is not UNKNOWN or not (
            step == _ORIGIN_STEP
            or (step == _PARENTS_STEP and contents.heading.back_to_back is None)
        )
        checks.append(Check(step, name, question, outcome, reason, advice, required))

    # The verdict.
    read = seen if isinstance(seen, ChainFacts) else None
    return Verification(
        verdict_of(
            checks,
            state=None if read is None else read.status.state,
            expired=steps.is_past(case),
        ),
        tuple(checks),
        on,
        contents.bundle,
        contents.digest,
        read,
        at,
    )


def unread(reason: str, on: date) -> Verification:
    """Return what a file proves of which no bundle could be read: nothing, for ``reason``."""
    check = Check(*_FORMAT, FAIL, reason, "Ask the holder for the file again.")
    return Verification(verdict_of([check], state=None, expired=False), (check,), on)
