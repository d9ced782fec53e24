"""`ICertificateLedger.evidence`: how it is asked, and what its answer says.

This is the hot path of every verification, and all members are of fixed size, so words are put
together and taken apart by hand. What the registry says is the same for many certificates of one
authority, and is taken apart once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from tulen.chain import contracts
from tulen.chain.calls import ISSUING_AUTHORITY
from tulen.errors import InvalidInputError, UnavailableError
from tulen.values import AgreementCode, Country, Digest, FormCode
from tulen.verify.facts import (
    CertificateStatus,
    ChainQuestion,
    RegisteredKey,
    RegisteredMandate,
    RegisteredParty,
    State,
)

WORD: Final = 32
EVIDENCE_WORDS: Final = 20
_OWN_WORDS: Final = 7
"""How many of them, the first, are about the one certificate; the others are the registry's."""
_LAST_SECOND: Final = 253_402_300_799  # 9999-12-31T23:59:59Z, where Python's calendar ends


@dataclass(frozen=True, slots=True)
class RegistryPart:
    """What the registry says of who issued, and for whom; see `ChainFacts`."""

    party: RegisteredParty | None
    key: RegisteredKey | None
    mandate: RegisteredMandate | None
    mandate_when_anchored: RegisteredMandate | None
    recognised: bool
    recognised_when_anchored: bool
    issuing_paused: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """`ICertificateLedger.Evidence` as values; see `ChainFacts`."""

    as_of_block: int
    as_of: datetime
    anchored_at: datetime | None
    status: CertificateStatus
    registry: RegistryPart


def evidence_call(question: ChainQuestion) -> bytes:
    """Return the call data that asks for what ``question`` asks."""
    return (
        contracts.ledger().functions["evidence"].selector
        + question.authority.ljust(WORD, b"\0")
        + question.root
        + question.size.to_bytes(WORD)
        + question.digest
        + question.key
        + _code(question.agreement)
        + _code(question.form)
        + (question.importing_country or "").encode("ascii").ljust(WORD, b"\0")
    )


def evidence_from(answer: bytes) -> Evidence:
    """Return what the words in ``answer`` say.

    Raises:
        UnavailableError: they say what the interface does not allow.
    """
    own = [answer[at : at + WORD] for at in range(0, _OWN_WORDS * WORD, WORD)]
    numbers = [int.from_bytes(word) for word in own]
    try:
        return Evidence(
            numbers[0],
            _instant(numbers[1]),
            _instant(numbers[2]) if numbers[2] else None,
            _status(State(numbers[3]), numbers[4], numbers[5], own[6]),
            _registry_part(answer[_OWN_WORDS * WORD :]),
        )
    except (ValueError, InvalidInputError) as error:
        raise UnavailableError(
            f"the ledger answers what its interface does not allow: {error}"
        ) from error


@lru_cache(maxsize=1024)
def _registry_part(answer: bytes) -> RegistryPart:
    words = [int.from_bytes(answer[at : at + WORD]) for at in range(0, len(answer), WORD)]
    return RegistryPart(
        RegisteredParty(
            Country(answer[:2].decode("ascii"), "country"),
            bool(words[1] & ISSUING_AUTHORITY),
            _instant(words[2]),
        )
        if words[2]
        else None,
        RegisteredKey(_instant(words[3]), _until(words[4]), _until(words[5])) if words[3] else None,
        _mandate(words[6:8]),
        _mandate(words[8:10]),
        _flag(words[10]),
        _flag(words[11]),
        _flag(words[12]),
    )


def _mandate(words: Sequence[int]) -> RegisteredMandate | None:
    since, until = words
    return RegisteredMandate(_instant(since), _until(until)) if since else None


def _flag(word: int) -> bool:
    if word > 1:
        raise ValueError(f"{word} is neither true nor false")
    return bool(word)


def _code(code: AgreementCode | FormCode | None) -> bytes:
    """Return ``code`` as an argument; zeros, which name no mandate, where it is not known."""
    return (code.on_chain if code is not None else b"").ljust(WORD, b"\0")


def _status(state: State, reason: int, since: int, successor: bytes) -> CertificateStatus:
    if state is State.GOOD:
        return _GOOD
    replaced = Digest(successor) if state is State.REPLACED else None
    return CertificateStatus(state, reason, _instant(since), replaced)


_GOOD: Final = CertificateStatus(State.GOOD, 0, None, None)


@lru_cache(maxsize=1024)
def _instant(seconds: int) -> datetime:
    """Return block time as an instant; what lies beyond the calendar is its last second."""
    return datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC)


def _until(seconds: int) -> datetime | None:
    return _instant(seconds) if seconds else None
