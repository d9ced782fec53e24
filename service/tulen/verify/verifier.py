"""The verifier of docs/specs/bundle.md: thirteen steps and one verdict.

It trusts what it is given as trust, recomputes everything else, and asks nobody: who calls it has
read the chain (`question_of` says what to read) or says why it could not.
"""

from collections.abc import Callable
from datetime import date

from tulen.certificate import Bundle
from tulen.errors import InvalidInputError
from tulen.origin import load_packs
from tulen.verify import steps
from tulen.verify.case import Answer, Case, question_of, usable
from tulen.verify.facts import ChainFacts, State, TrustPolicy, Unavailable
from tulen.verify.replay import Packs
from tulen.verify.result import FAIL, PASS, UNKNOWN, Check, Verification, verdict_of

_FORMAT = (1, "format", "Is this a bundle, whole and well formed?")
_ORIGIN_STEP = 13
_STEPS: tuple[tuple[int, str, str, Callable[[Case], Answer]], ...] = (
    (2, "seal", "Do the contents give one digest?", steps.seal),
    (3, "signature", "Did the key sign exactly these contents?", steps.signature),
    (
        4,
        "checkpoint",
        "Is the log the named authority's, signed by the same key?",
        steps.checkpoint,
    ),
    (5, "logged", "Does the certificate stand in that log?", steps.logged),
    (6, "anchored", "Does the trusted ledger hold that log?", steps.anchored),
    (7, "final", "Is the anchoring block final?", steps.final),
    (8, "authority", "Is the authority registered to issue for its country?", steps.authority),
    (9, "key", "Was the key the authority's, and good at the time?", steps.key),
    (10, "mandate", "Might the authority issue this form of this agreement?", steps.mandate),
    (11, "status", "Does the certificate still stand?", steps.status),
    (12, "period", "Is it valid on the day asked for?", steps.period),
    (13, "origin", "Does the origin rule give the same verdict again?", steps.origin),
)


def verify(
    bundle: bytes | Bundle,
    policy: TrustPolicy,
    facts: ChainFacts | Unavailable,
    on: date,
    packs: Packs | None = None,
) -> Verification:
    """Return what ``bundle`` proves; nothing is raised, whatever its bytes.

    Args:
        bundle: The bytes of a file, or what `Bundle.parse` read from them.
        policy: The deployment that the relying party trusts.
        facts: What it has read on that chain for `question_of` this bundle, or why it has not.
        on: The day on which the certificate is to be valid.
        packs: The rule sets to replay origin with; those that the project ships where None.
    """
    # Step 1: read it. Only this step is answered where that fails.
    try:
        read = bundle if isinstance(bundle, Bundle) else Bundle.parse(bundle)
        digest = read.certificate.digest
    except InvalidInputError as error:
        check = Check(*_FORMAT, FAIL, str(error), "Ask the holder for the file again.")
        return Verification(verdict_of([check], state=None, expired=False), (check,), on)
    size = len(bundle) if isinstance(bundle, bytes) else None
    reason = "the bundle is well formed" + (f": {size} bytes" if size is not None else "")
    checks = [Check(*_FORMAT, PASS, reason)]

    # Steps 2 to 13: each is taken, whatever the others say.
    seen = usable(facts, question_of(read), policy)
    case = Case(
        read,
        read.certificate.heading,
        digest,
        policy,
        seen,
        on,
        load_packs() if packs is None else packs,
    )
    for step, name, question, take in _STEPS:
        outcome, reason, advice = take(case)
        required = step != _ORIGIN_STEP or outcome is not UNKNOWN
        checks.append(Check(step, name, question, outcome, reason, advice, required))

    # The verdict.
    status = None if isinstance(seen, Unavailable) else seen.status
    state: State | None = None if status is None else status.state
    return Verification(
        verdict_of(checks, state=state, expired=steps.is_past(case)),
        tuple(checks),
        on,
        read,
        digest,
        status,
        None if isinstance(seen, Unavailable) else seen.as_of_block,
        None if isinstance(seen, Unavailable) else seen.as_of,
    )
