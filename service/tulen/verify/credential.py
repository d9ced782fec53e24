"""The verifier of docs/specs/credential.md: six steps over a credential, and one verdict.

As with a bundle, who calls it has read everything outside: the registry on chain, status lists, and
the verification of the bundle inside. Nothing is fetched here, and nothing is raised for what a
credential holds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from tulen.certificate import Bundle
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
from tulen.verify.result import FAIL, PASS, UNKNOWN, Check, CheckOutcome, Verdict, Verification

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


@dataclass(frozen=True, slots=True)
class CredentialVerification:
    """The result of verifying one credential.

    Attributes:
        verdict: The verdict.
        checks: The checks in order; only the first where the credential cannot be read.
        at: The instant that it was verified for.
        credential: What was read; None where it cannot be.
        evidence: What the bundle inside gave; None where there is none.
    """

    verdict: Verdict
    checks: tuple[Check, ...]
    at: datetime
    credential: Credential | None = None
    evidence: Verification | None = None

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form; what is not known is left out."""
        document: dict[str, Any] = {
            "verdict": self.verdict.value,
            "at": instant_text(self.at),
            "checks": [check.to_document() for check in self.checks],
        }
        if self.credential is not None:
            document["issuer"] = self.credential.issuer["id"]
            document["types"] = list(self.credential.types)
            if self.credential.id is not None:
                document["id"] = self.credential.id
        if self.evidence is not None:
            document["evidence"] = self.evidence.to_document()
        return document


class _Answer(NamedTuple):
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
    return None if key is None or credential.party is None else IssuerQuestion(credential.party, key)


def evidence_in(credential: Credential) -> Bundle | None:
    """Return the bundle that ``credential`` carries, or None.

    Raises:
        InvalidInputError: there is evidence of that type, and it is no bundle.
    """
    item = credential.evidence(PROOF_TYPE)
    return None if item is None else Bundle.from_document(item.get("bundle"))


def verify_credential(
    credential: Credential | RefusedCredentialError, at: datetime, outside: Outside
) -> CredentialVerification:
    """Return what ``credential`` proves at ``at``.

    Args:
        credential: What was read, or why it could not be.
        at: The instant.
        outside: What was read elsewhere for it.
    """
    # Step 1: read it. Only this step is answered where that fails.
    question = "Is this a credential of the data model 2.0, secured in a way known here?"
    if isinstance(credential, RefusedCredentialError):
        check = Check(
            1, "format", question, FAIL, str(credential), _ASK_HOLDER, True, credential.cause.value
        )
        return CredentialVerification(Verdict.INVALID, (check,), at)
    types = ", ".join(credential.types)
    checks = [Check(1, "format", question, PASS, f"the credential is well formed: {types}")]

    # Steps 2 to 6: each is taken, whatever the others say.
    for step, (name, question, take) in enumerate(_STEPS, 2):
        answer = take(credential, at, outside)
        checks.append(Check(step, name, question, *answer))
    return CredentialVerification(
        _verdict(checks, outside.evidence), tuple(checks), at, credential, outside.evidence
    )


def _proof(credential: Credential, at: datetime, _outside: Outside) -> _Answer:
    """Step 2: the key that the issuer names signed exactly this."""
    securing, key = credential.securing, _key_of(credential)
    if key is None:
        return _Answer(
            UNKNOWN,
            f"the key of {securing.method} would have to be fetched, and nothing is fetched here",
            "Ask the issuer to name its key by did:key, or by a did:web whose fragment is the key.",
            cause=Cause.UNKNOWN_KEY,
        )
    if not securing.is_by(key):
        return _Answer(
            FAIL,
            f"the signature is not that of {securing.method} over these contents",
            _DO_NOT_RELY,
            cause=Cause.BAD_SIGNATURE,
        )
    if securing.expires is not None and securing.expires <= at:
        return _Answer(
            FAIL,
            f"the proof ended at {securing.expires.isoformat()}",
            _ASK_HOLDER,
            cause=Cause.EXPIRED,
        )
    starts = [securing.created, getattr(securing, "not_before", None)]
    late = max((moment for moment in starts if moment is not None), default=at)
    if late > at + CLOCKS_DIFFER:
        return _Answer(
            FAIL,
            f"the proof begins at {late.isoformat()}, which is to come",
            _DO_NOT_RELY,
            cause=Cause.NOT_YET_VALID,
        )
    return _Answer(PASS, f"{securing.method} signed exactly these contents")


def _period(credential: Credential, at: datetime, _outside: Outside) -> _Answer:
    """Step 3: the instant asked for lies in the validity of the credential."""
    since, until = credential.valid_from, credential.valid_until
    if since is not None and at < since:
        return _Answer(
            FAIL,
            f"it is valid from {since.isoformat()} on",
            "Ask for an instant at which it is valid.",
            cause=Cause.NOT_YET_VALID,
        )
    if until is not None and until < at:
        return _Answer(
            FAIL,
            f"it was valid until {until.isoformat()}",
            "Ask the issuer for a new credential.",
            cause=Cause.EXPIRED,
        )
    begins = "" if since is None else f" from {since.isoformat()}"
    ends = ", with no end" if until is None else f" until {until.isoformat()}"
    return _Answer(PASS, f"it is valid{begins}{ends}")


def _issuer(credential: Credential, at: datetime, outside: Outside) -> _Answer:  # noqa: PLR0911 - a list of reasons
    """Step 4: the issuer is an authority of the registry, and the key is good there."""
    question = issuer_question(credential)
    if question is None:
        return _Answer(
            UNKNOWN,
            f"{credential.issuer['id']} names no party of the registry, or none of its keys",
            "Decide by other means whether this issuer is to be trusted.",
            cause=Cause.UNKNOWN_ISSUER,
        )
    facts = outside.issuers.get(question, Unavailable("the registry was not asked"))
    if isinstance(facts, Unavailable):
        return _Answer(UNKNOWN, facts.cause, _ASK_AGAIN)
    if facts.party is None or not facts.party.issues:
        what = "not registered" if facts.party is None else "registered, but issues nothing"
        return _Answer(
            FAIL, f"{question.party} is {what}", _DO_NOT_RELY, cause=Cause.UNKNOWN_ISSUER
        )
    key, made = facts.key, credential.securing.created or at
    if key is None:
        return _Answer(
            FAIL,
            f"the key that signed is not registered for {question.party}",
            _DO_NOT_RELY,
            cause=Cause.UNKNOWN_ISSUER,
        )
    if key.compromised_since is not None:
        return _Answer(  # Whoever has the key may date what it signs as it likes.
            FAIL,
            f"the key of {question.party} was in other hands from "
            f"{instant_text(key.compromised_since)} on",
            _DO_NOT_RELY,
            cause=Cause.KEY_NOT_GOOD,
        )
    if made < key.since or (key.until is not None and made >= key.until):
        until = "" if key.until is None else f" until {instant_text(key.until)}"
        return _Answer(
            FAIL,
            f"the key of {question.party} was good from {instant_text(key.since)}{until}, and the "
            f"credential was signed at {made.isoformat()}",
            _DO_NOT_RELY,
            cause=Cause.KEY_NOT_GOOD,
        )
    return _Answer(
        PASS,
        f"the key is registered for {question.party}, an issuing authority, as of "
        f"{instant_text(facts.as_of)}",
    )


def _status(credential: Credential, at: datetime, outside: Outside) -> _Answer:
    """Step 5: neither revoked nor suspended, by the issuer's lists."""
    entries = [entry for entry in credential.statuses if entry.purpose in list(Purpose)]
    if not entries:
        return _Answer(
            UNKNOWN, "the credential names no list of revocations or suspensions", required=False
        )
    answers = [_listed(credential, entry, at, outside) for entry in entries]
    for outcome in (FAIL, UNKNOWN):
        for answer in answers:
            if answer.outcome is outcome:
                return answer
    return _Answer(PASS, "; ".join(answer.reason for answer in answers))


def _listed(
    credential: Credential, entry: StatusEntry, at: datetime, outside: Outside
) -> _Answer:
    """Return what one list says of the credential; a list that cannot be relied on says nothing."""
    found = outside.lists.get(entry.list_id)
    if found is None or isinstance(found, Unavailable):
        cause = "is not at hand" if found is None else f"is not at hand: {found.cause}"
        return _Answer(
            UNKNOWN,
            f"the status list {entry.list_id} {cause}",
            _ASK_FOR_LIST,
            cause=Cause.NO_STATUS_LIST,
        )
    if isinstance(found, RefusedCredentialError):
        return _no_list(entry, f"cannot be read: {found}", Cause.WRONG_STATUS_LIST)
    if found.id != entry.list_id or found.issuer["id"] != credential.issuer["id"]:
        return _no_list(entry, "is another list, or another issuer's", Cause.WRONG_STATUS_LIST)
    for take in (_proof, _issuer):
        answer = take(found, at, outside)
        if answer.outcome is not PASS:
            return _no_list(entry, answer.reason, Cause.WRONG_STATUS_LIST)
    answer = _period(found, at, outside)
    if answer.outcome is not PASS:
        return _no_list(entry, f"is too old: {answer.reason}", Cause.STALE_STATUS_LIST)
    try:
        bad = is_set(found, entry.purpose, entry.index)
    except RefusedCredentialError as error:
        return _no_list(entry, str(error), error.cause)
    since = "" if found.valid_from is None else f" of {found.valid_from.isoformat()}"
    if not bad:
        return _Answer(PASS, f"no {entry.purpose} stands in the list{since}")
    advice, cause = _MARKED[Purpose(entry.purpose)]
    return _Answer(FAIL, f"the list{since} shows its {entry.purpose}", advice, cause=cause)


_MARKED = {
    Purpose.REVOCATION: ("Give no preference on it.", Cause.REVOKED),
    Purpose.SUSPENSION: (
        "Wait for the authority's answer; preference may be given against security.",
        Cause.SUSPENDED,
    ),
}


def _no_list(entry: StatusEntry, why: str, cause: Cause) -> _Answer:
    return _Answer(
        UNKNOWN, f"the status list {entry.list_id}: {why}", _ASK_FOR_LIST, cause=cause
    )


def _evidence(credential: Credential, _at: datetime, outside: Outside) -> _Answer:
    """Step 6: the bundle inside proves what the credential says, under its anchor."""
    if credential.evidence(PROOF_TYPE) is None:
        return _Answer(
            UNKNOWN, "it carries no bundle: nothing links it to a log", required=False
        )
    found = outside.evidence
    if found is None:
        return _Answer(UNKNOWN, "the bundle in it was not looked at", _ASK_AGAIN)
    if found.bundle is None or found.digest is None:
        return _failed_evidence(found)
    try:
        said = subject_of(found.bundle.certificate, found.digest)
    except InvalidInputError as error:
        return _Answer(FAIL, str(error), _DO_NOT_RELY, cause=Cause.EVIDENCE_FAILS)
    if credential.subject != said:
        return _Answer(
            FAIL,
            "the subject says something else than the certificate in the bundle",
            _DO_NOT_RELY,
            cause=Cause.EVIDENCE_DIFFERS,
        )
    if credential.party != found.bundle.certificate.heading.authority:
        return _Answer(
            FAIL,
            f"{credential.issuer['id']} is not the authority of the certificate in the bundle",
            _DO_NOT_RELY,
            cause=Cause.EVIDENCE_DIFFERS,
        )
    if found.verdict is Verdict.VALID:
        return _Answer(PASS, "the bundle proves what the credential says: VALID")
    if found.verdict is Verdict.UNKNOWN:
        open_step = next(check for check in found.checks if check.outcome is UNKNOWN)
        return _Answer(UNKNOWN, f"the bundle: {open_step.reason}", open_step.advice)
    return _failed_evidence(found)


def _failed_evidence(found: Verification) -> _Answer:
    failure = found.first_failure
    why = f": {failure.reason}" if failure else ""
    return _Answer(
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

_STEPS: Final[
    tuple[tuple[str, str, Callable[[Credential, datetime, Outside], _Answer]], ...]
] = (
    ("proof", "Did the issuer's key sign exactly these contents?", _proof),
    ("period", "Is it valid at the instant asked for?", _period),
    ("issuer", "Is the issuer an authority of the registry, with that key?", _issuer),
    ("status", "Is it neither revoked nor suspended?", _status),
    ("evidence", "Does the bundle in it prove what it says?", _evidence),
)

_AUTHENTIC = frozenset({"proof", "issuer"})
"""The steps that show that the issuer made it: only its own lists and log can take it back."""
_TAKEN_BACK = {Cause.REVOKED: Verdict.REVOKED, Cause.SUSPENDED: Verdict.SUSPENDED}


def _key_of(credential: Credential) -> Ed25519PublicKey | None:
    return key_in(*parts_of(credential.securing.method, "/proof/verificationMethod"))


def _verdict(checks: list[Check], evidence: Verification | None) -> Verdict:
    """Return the verdict, in the order of docs/specs/credential.md."""
    failed = [check for check in checks if check.outcome is FAIL]
    if all(check.outcome is PASS for check in checks if check.name in _AUTHENTIC):
        for cause, verdict in _TAKEN_BACK.items():
            if any(check.cause == cause for check in failed):
                replaced = evidence is not None and evidence.verdict is Verdict.REPLACED
                return Verdict.REPLACED if replaced else verdict
    if any(check.cause != Cause.EXPIRED for check in failed):
        return Verdict.INVALID
    if any(check.outcome is UNKNOWN and check.required for check in checks):
        return Verdict.UNKNOWN
    return Verdict.EXPIRED if failed else Verdict.VALID
