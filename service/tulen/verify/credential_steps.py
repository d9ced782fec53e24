"""The steps of verifying a credential (docs/specs/credential.md), and what they look at.

As with a bundle, everything outside of the credential has been read by who calls: the registry on
chain, the status lists, and what verifying the bundle inside gave.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from tulen.certificate.credential import (
    PROOF_TYPE,
    Cause,
    Credential,
    Purpose,
    RefusedCredentialError,
    StatusEntry,
    is_set,
    key_in,
    parts_of,
    subject_of,
)
from tulen.errors import InvalidInputError
from tulen.values import Ed25519PublicKey, PartyCode, instant_text
from tulen.verify.facts import RegisteredKey, RegisteredParty, Unavailable
from tulen.verify.result import FAIL, PASS, UNKNOWN, CheckOutcome, Verdict, Verification

CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""How far ahead of ours the clock of whoever signs may be."""

_ASK_HOLDER = "Ask the holder for the credential again."
_DO_NOT_RELY = "Do not rely on it; ask the issuing authority about it."
_ASK_AGAIN = "This says nothing against the credential; ask again when it can be looked up."
_ASK_FOR_LIST = "Ask the holder or the issuer for the current status list, and hand it in too."


class IssuerQuestion(NamedTuple):
    """What has to be read in the registry: is that key the party's, and good?"""

    party: PartyCode
    key: Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class IssuerFacts:
    """What the registry on chain says of a party and one of its keys, at one block.

    Attributes:
        party: The party; None where it is not registered.
        key: The key, under that party; None where it is not registered there.
        as_of: Time of the block.
    """

    party: RegisteredParty | None
    key: RegisteredKey | None
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Outside:
    """What was read for a credential, elsewhere than in it.

    Attributes:
        issuers: What the registry says, by question; what is missing was not asked.
        lists: The status lists at hand, by their URL.
        evidence: What verifying the bundle inside gave; None where there is none.
    """

    issuers: Mapping[IssuerQuestion, IssuerFacts | Unavailable]
    lists: Mapping[str, Credential | RefusedCredentialError | Unavailable]
    evidence: Verification | None = None


class Answer(NamedTuple):
    """What a step answers, as `Check` takes it."""

    outcome: CheckOutcome
    reason: str
    advice: str = ""
    required: bool = True
    cause: str = ""


def issuer_question(credential: Credential) -> IssuerQuestion | None:
    """Return what to ask the registry about who issued ``credential``.

    Returns:
        The question; None where the issuer names no party, or its key would have to be fetched.
    """
    key = _key_of(credential)
    return (
        None if key is None or credential.party is None else IssuerQuestion(credential.party, key)
    )


def proof(credential: Credential, at: datetime, _outside: Outside) -> Answer:
    """Step 2: the key that the issuer names signed exactly this."""
    securing, key = credential.securing, _key_of(credential)
    if key is None:
        return Answer(
            UNKNOWN,
            f"the key of {securing.method} would have to be fetched, and nothing is fetched here",
            "Ask the issuer to name its key by did:key, or by a did:web whose fragment is the key.",
            cause=Cause.UNKNOWN_KEY,
        )
    if not securing.is_by(key):
        return Answer(
            FAIL,
            f"the signature is not that of {securing.method} over these contents",
            _DO_NOT_RELY,
            cause=Cause.BAD_SIGNATURE,
        )
    if securing.expires is not None and securing.expires <= at:
        return Answer(
            FAIL,
            f"the proof ended at {securing.expires.isoformat()}",
            _ASK_HOLDER,
            cause=Cause.EXPIRED,
        )
    starts = [securing.created, getattr(securing, "not_before", None)]
    late = max((moment for moment in starts if moment is not None), default=at)
    if late > at + CLOCKS_DIFFER:
        return Answer(
            FAIL,
            f"the proof begins at {late.isoformat()}, which is to come",
            _DO_NOT_RELY,
            cause=Cause.NOT_YET_VALID,
        )
    return Answer(PASS, f"{securing.method} signed exactly these contents")


def period(credential: Credential, at: datetime, _outside: Outside) -> Answer:
    """Step 3: the instant asked for lies in the validity of the credential."""
    since, until = credential.valid_from, credential.valid_until
    if since is not None and at < since:
        return Answer(
            FAIL,
            f"it is valid from {since.isoformat()} on",
            "Ask for an instant at which it is valid.",
            cause=Cause.NOT_YET_VALID,
        )
    if until is not None and until < at:
        return Answer(
            FAIL,
            f"it was valid until {until.isoformat()}",
            "Ask the issuer for a new credential.",
            cause=Cause.EXPIRED,
        )
    begins = "" if since is None else f" from {since.isoformat()}"
    ends = ", with no end" if until is None else f" until {until.isoformat()}"
    return Answer(PASS, f"it is valid{begins}{ends}")


def issuer(credential: Credential, at: datetime, outside: Outside) -> Answer:  # noqa: PLR0911 - a list of reasons
    """Step 4: the issuer is an authority of the registry, and the key is good there."""
    question = issuer_question(credential)
    if question is None:
        return Answer(
            UNKNOWN,
            f"{credential.issuer['id']} names no party of the registry, or none of its keys",
            "Decide by other means whether this issuer is to be trusted.",
            cause=Cause.UNKNOWN_ISSUER,
        )
    facts = outside.issuers.get(question, Unavailable("the registry was not asked"))
    if isinstance(facts, Unavailable):
        return Answer(UNKNOWN, facts.cause, _ASK_AGAIN)
    if facts.party is None or not facts.party.issues:
        what = "not registered" if facts.party is None else "registered, but issues nothing"
        return Answer(FAIL, f"{question.party} is {what}", _DO_NOT_RELY, cause=Cause.UNKNOWN_ISSUER)
    key, made = facts.key, credential.securing.created or at
    if key is None:
        return Answer(
            FAIL,
            f"the key that signed is not registered for {question.party}",
            _DO_NOT_RELY,
            cause=Cause.UNKNOWN_ISSUER,
        )
    if key.compromised_since is not None:
        return Answer(  # Whoever has the key may date what it signs as it likes.
            FAIL,
            f"the key of {question.party} was in other hands from "
            f"{instant_text(key.compromised_since)} on",
            _DO_NOT_RELY,
            cause=Cause.KEY_NOT_GOOD,
        )
    if made < key.since or (key.until is not None and made >= key.until):
        until = "" if key.until is None else f" until {instant_text(key.until)}"
        return Answer(
            FAIL,
            f"the key of {question.party} was good from {instant_text(key.since)}{until}, and the "
            f"credential was signed at {made.isoformat()}",
            _DO_NOT_RELY,
            cause=Cause.KEY_NOT_GOOD,
        )
    return Answer(
        PASS,
        f"the key is registered for {question.party}, an issuing authority, as of "
        f"{instant_text(facts.as_of)}",
    )


def status(credential: Credential, at: datetime, outside: Outside) -> Answer:
    """Step 5: neither revoked nor suspended, by the issuer's lists."""
    entries = [entry for entry in credential.statuses if entry.purpose in list(Purpose)]
    if not entries:
        return Answer(
            UNKNOWN, "the credential names no list of revocations or suspensions", required=False
        )
    answers = [_listed(credential, entry, at, outside) for entry in entries]
    for outcome in (FAIL, UNKNOWN):
        for answer in answers:
            if answer.outcome is outcome:
                return answer
    return Answer(PASS, "; ".join(answer.reason for answer in answers))


def _listed(credential: Credential, entry: StatusEntry, at: datetime, outside: Outside) -> Answer:
    """Return what one list says of the credential; a list that cannot be relied on says nothing."""
    found = outside.lists.get(entry.list_id)
    if not isinstance(found, Credential):
        cause = "" if found is None else f": {found.cause}"
        return _no_list(entry, f"is not at hand{cause}", Cause.NO_STATUS_LIST)
    problem = _problem_of_list(found, credential, entry, at, outside)
    if problem is not None:
        return problem
    try:
        marked = is_set(found, entry.purpose, entry.index)
    except RefusedCredentialError as error:
        return _no_list(entry, str(error), error.cause)
    since = "" if found.valid_from is None else f" of {found.valid_from.isoformat()}"
    if not marked:
        return Answer(PASS, f"no {entry.purpose} stands in the list{since}")
    advice, cause_of = _MARKED[Purpose(entry.purpose)]
    return Answer(FAIL, f"the list{since} shows its {entry.purpose}", advice, cause=cause_of)


def _problem_of_list(
    found: Credential, credential: Credential, entry: StatusEntry, at: datetime, outside: Outside
) -> Answer | None:
    """Return why a list cannot be relied on, or None: it is the issuer's own, good and not old."""
    if found.id != entry.list_id or found.issuer["id"] != credential.issuer["id"]:
        return _no_list(entry, "is another list, or another issuer's", Cause.WRONG_STATUS_LIST)
    for take in (proof, issuer):
        answer = take(found, at, outside)
        if answer.outcome is not PASS:
            return _no_list(entry, answer.reason, Cause.WRONG_STATUS_LIST)
    answer = period(found, at, outside)
    if answer.outcome is not PASS:
        return _no_list(entry, f"is too old: {answer.reason}", Cause.STALE_STATUS_LIST)
    return None


_MARKED = {
    Purpose.REVOCATION: ("Give no preference on it.", Cause.REVOKED),
    Purpose.SUSPENSION: (
        "Wait for the authority's answer; preference may be given against security.",
        Cause.SUSPENDED,
    ),
}


def _no_list(entry: StatusEntry, why: str, cause: Cause) -> Answer:
    return Answer(UNKNOWN, f"the status list {entry.list_id}: {why}", _ASK_FOR_LIST, cause=cause)


def evidence(credential: Credential, _at: datetime, outside: Outside) -> Answer:
    """Step 6: the bundle inside proves what the credential says, under its anchor."""
    if credential.evidence(PROOF_TYPE) is None:
        return Answer(UNKNOWN, "it carries no bundle: nothing links it to a log", required=False)
    found = outside.evidence
    if found is None:
        return Answer(UNKNOWN, "the bundle in it was not looked at", _ASK_AGAIN)
    differing = _differing(credential, found)
    if differing is not None:
        return differing
    if found.verdict is Verdict.VALID:
        return Answer(PASS, "the bundle proves what the credential says: VALID")
    if found.verdict is Verdict.UNKNOWN:
        open_step = next(c for c in found.checks if c.outcome is UNKNOWN and c.required)
        return Answer(UNKNOWN, f"the bundle: {open_step.reason}", open_step.advice)
    return _failed_evidence(found)


def _differing(credential: Credential, found: Verification) -> Answer | None:
    """Return how the credential says something else than its bundle, or None."""
    if found.bundle is None or found.digest is None:
        return _failed_evidence(found)
    try:
        said = subject_of(found.bundle.certificate, found.digest)
    except InvalidInputError as error:
        return Answer(FAIL, str(error), _DO_NOT_RELY, cause=Cause.EVIDENCE_FAILS)
    if credential.subject != said:
        reason = "the subject says something else than the certificate in the bundle"
    elif credential.party != found.bundle.certificate.heading.authority:
        reason = f"{credential.issuer['id']} is not the authority of the certificate in the bundle"
    else:
        return None
    return Answer(FAIL, reason, _DO_NOT_RELY, cause=Cause.EVIDENCE_DIFFERS)


def _failed_evidence(found: Verification) -> Answer:
    failure = found.first_failure
    why = f": {failure.reason}" if failure else ""
    return Answer(
        FAIL,
        f"the bundle is {found.verdict}{why}",
        failure.advice if failure else _DO_NOT_RELY,
        cause=_OF_VERDICT.get(found.verdict, Cause.EVIDENCE_FAILS),
    )


_OF_VERDICT = {
    Verdict.EXPIRED: Cause.EXPIRED,
    Verdict.REVOKED: Cause.REVOKED,
    Verdict.REPLACED: Cause.REVOKED,
    Verdict.SUSPENDED: Cause.SUSPENDED,
}


def _key_of(credential: Credential) -> Ed25519PublicKey | None:
    return key_in(*parts_of(credential.securing.method, "/proof/verificationMethod"))
