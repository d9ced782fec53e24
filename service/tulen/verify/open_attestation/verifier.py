"""The verifier of docs/specs/open-attestation.md: seven steps and one verdict.

It believes nothing that the document says of itself, recomputes every hash, and asks nobody.
"""

from collections.abc import Callable

from tulen.errors import InvalidInputError
from tulen.verify.case import Answer
from tulen.verify.facts import Unavailable
from tulen.verify.open_attestation import steps
from tulen.verify.open_attestation.document import Attestation, UnreadVersionError
from tulen.verify.open_attestation.facts import (
    IssuanceFacts,
    IssuerPolicy,
    NameRecords,
    Seen,
    question_of,
)
from tulen.verify.open_attestation.result import AttestationVerification, verdict_of
from tulen.verify.result import FAIL, PASS, UNKNOWN, Check

_FORMAT = (1, "format", "Is this an OpenAttestation 2.0 document, whole and well formed?")
_STEPS: tuple[tuple[int, str, str, Callable[[steps.Case], Answer]], ...] = (
    (2, "contents", "Do its values give the document's hash?", steps.contents),
    (3, "batch", "Does that hash belong to its batch?", steps.batch),
    (4, "issued", "Did the issuer's store issue it, or the issuer's key sign it?", steps.issued),
    (5, "status", "Does it still stand?", steps.status),
    (6, "identity", "Does the issuer's domain say that store or key is its own?", steps.identity),
    (7, "accepted", "Is it an issuer whose documents are accepted?", steps.accepted),
)


def verify_attestation(
    document: bytes | Attestation, policy: IssuerPolicy, seen: Seen
) -> AttestationVerification:
    """Return what ``document`` proves; nothing is raised, whatever its bytes.

    Args:
        document: The bytes of a file, or what `Attestation.parse` read from them.
        policy: Whom the relying party accepts.
        seen: What it has read outside for `question_of` and `domains_of` this document.
    """
    # Step 1: read it. Only this step is answered where that fails.
    try:
        read = document if isinstance(document, Attestation) else Attestation.parse(document)
    except UnreadVersionError as error:
        version = f"it is of version {error.value}, and only version 2.0 is read"
        return _unread(Check(*_FORMAT, UNKNOWN, version, steps.ELSEWHERE))
    except InvalidInputError as error:
        return _unread(Check(*_FORMAT, FAIL, str(error), "Ask the holder for the file again."))
    checks = [Check(*_FORMAT, PASS, f"the document is well formed: {read.size} bytes")]

    # Steps 2 to 7: each is taken, whatever the others say.
    facts = _usable(read, policy, seen.issuance)

    def names(domain: str) -> NameRecords | Unavailable:
        return seen.names.get(domain, Unavailable(f"{domain} was not looked up"))

    case = steps.Case(read, policy, facts, names)
    checks += [Check(step, name, asked, *take(case)) for step, name, asked, take in _STEPS]
    return AttestationVerification(
        verdict_of(checks, revoked=steps.is_revoked(case)),
        tuple(checks),
        read,
        facts if isinstance(facts, IssuanceFacts) else None,
    )


def _unread(check: Check) -> AttestationVerification:
    return AttestationVerification(verdict_of([check], revoked=False), (check,))


def _usable(
    document: Attestation, policy: IssuerPolicy, facts: IssuanceFacts | Unavailable
) -> IssuanceFacts | Unavailable:
    """Return ``facts`` if they are this document's, of the policy's chain; otherwise why not."""
    if isinstance(facts, Unavailable):
        return facts
    stated = document.values.get("/network/chainId")
    if facts.question != question_of(document):
        return Unavailable("what was read on chain answers another document's question")
    if facts.chain_id != policy.chain_id:
        return Unavailable(f"chain {facts.chain_id} was read, not chain {policy.chain_id}")
    if stated is not None and stated != str(policy.chain_id):
        return Unavailable(
            f"the document says that it is of chain {stated}, and chain {policy.chain_id} is asked"
        )
    return facts
