"""An authority revokes what it issued, for ever, with a reason."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID, uuid5

from tulen.certificate import CertificateNumber
from tulen.chain import calls, follower
from tulen.chain.refusals import ContractRefusalError
from tulen.database import certificates, transactions
from tulen.database.certificates import Revocation
from tulen.database.errors import OtherContentError, PurposeTakenError
from tulen.database.states import CertificateState, RevocationKind, Role
from tulen.errors import (
    InvalidInputError,
    NotFoundError,
    RuleViolationError,
    UnavailableError,
)
from tulen.values import Digest, instant_text, line_of_text
from tulen.values.fields import members_of
from tulen.verify import StatusReason, reason_words
from tulen.workflows import clock
from tulen.workflows.office import Caller, Office
from tulen.workflows.send import attempt_for, mined, send
from tulen.workflows.settle import record_mined

PURPOSE = "revoke"
REQUESTS = UUID("0d1f5b53-51c4-5c8e-8f7e-0c8b2c5d3a11")
"""Namespace in which a certificate's number becomes its revocation's identifier."""
REASONS = {
    reason.name.lower().replace("_", "-"): reason
    for reason in StatusReason
    if reason not in (StatusReason.UNDER_VERIFICATION, StatusReason.VERIFIED)
}


class NotIssuedError(RuleViolationError):
    """The certificate does not stand in the log yet, so there is nothing to revoke."""

    code: ClassVar[str] = "not-issued"


class RevokedAlreadyError(RuleViolationError):
    """The certificate is revoked already, for another reason."""

    code: ClassVar[str] = "revoked-already"


@dataclass(frozen=True, slots=True)
class RevocationView:
    """A revocation as far as it has come.

    Attributes:
        request: What was asked.
        transaction: Hash of the transaction, mined or not; empty where it failed.
        revoked_at: Block time; empty while it is not mined, or cannot be read.
    """

    request: Revocation
    transaction: str = ""
    revoked_at: str = ""

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "certificate": self.request.certificate,
            "reason": reason_words(self.request.reason),
            "reason_code": self.request.reason,
            "note": self.request.note,
            "requested_by": self.request.requested_by,
            "requested_at": instant_text(self.request.requested_at),
            "transaction": self.transaction,
            "revoked_at": self.revoked_at,
        }


async def revoke(office: Office, caller: Caller, document: dict[str, Any]) -> RevocationView:
    """Revoke a certificate; the same once more changes nothing.

    Args:
        office: Where.
        caller: An officer of the authority that issued it.
        document: ``{"certificate", "reason", "note"}``; the note stays off the chain.

    Raises:
        WrongRoleError: the caller is no officer.
        InvalidInputError: the body is malformed, or the reason unknown.
        NotFoundError: the caller's authority issued no such certificate.
        NotIssuedError: it is not in the log yet.
        RevokedAlreadyError: it was revoked for another reason.
        ContractRefusalError: the contract refuses.
        UnavailableError: the chain does not answer; nothing is kept.
    """
    caller.must_be(Role.OFFICER)
    number, reason, note = _request_in(document)
    async with office.database.transaction() as connection:
        row = await certificates.find(connection, number)
    if row is None or row.authority != caller.party:
        raise NotFoundError(f"certificate {number} is not in the register")
    if row.state is not CertificateState.LOGGED:
        raise NotIssuedError(f"certificate {number} is {row.state}; ask again in a moment")
    request = Revocation(
        uuid5(REQUESTS, number),
        number,
        RevocationKind.REVOKE,
        reason,
        note,
        caller.officer,
        clock.now(),
    )
    kept = await _kept(office, request)
    if kept is None:
        await _send(office, caller, request, row.digest)
        kept = await _kept(office, request)
    return await _view(office, kept or request)


async def _kept(office: Office, request: Revocation) -> Revocation | None:
    """Return the revocation that is under way or done; None before it is, and if it has failed.

    Raises:
        RevokedAlreadyError: it was asked for with another reason.
    """
    async with office.database.transaction() as connection:
        chain_id = office.chain.chain_id
        live = await transactions.live(connection, chain_id, PURPOSE, str(request.id))
        kept = await certificates.revocations_of(connection, request.certificate)
    known = next((item for item in kept if item.id == request.id), None)
    if known is not None and known.reason != request.reason:
        raise RevokedAlreadyError(
            f"certificate {request.certificate} was revoked already: {reason_words(known.reason)}"
        )
    return known if live is not None else None


async def _send(office: Office, caller: Caller, request: Revocation, digest: Digest) -> None:
    """Send the revocation, and wait a moment for a block to hold it."""
    try:
        sent = await send(
            office,
            caller.party,
            calls.revoke(office.deployment, [digest], request.reason),
            purpose=PURPOSE,
            ref=str(request.id),
            record=lambda connection: certificates.request_revocation(connection, request),
        )
    except (OtherContentError, PurposeTakenError):
        return  # Somebody else asked at this moment.
    except ContractRefusalError:
        if await _kept(office, request) is None:
            raise
        return  # Likewise, and it is revoked by now.
    receipt = await mined(office, sent)
    refusal = await record_mined(office, receipt) if receipt else None
    if refusal is not None:
        raise refusal


async def _view(office: Office, request: Revocation) -> RevocationView:
    attempt = await attempt_for(office, PURPOSE, str(request.id))
    if attempt is None or attempt.succeeded is False:
        return RevocationView(request)
    revoked_at = ""
    if attempt.block_number is not None:
        try:
            block = await follower.block(office.chain, attempt.block_number)
        except UnavailableError:
            block = None  # It stands; only the time of its block cannot be told now.
        revoked_at = instant_text(block.time) if block else ""
    return RevocationView(request, attempt.tx_hash.hex(), revoked_at)


def _request_in(document: dict[str, Any]) -> tuple[str, StatusReason, str]:
    members = members_of(document, "", ("certificate", "reason", "note"))
    number, reason = members["certificate"], members["reason"]
    number = CertificateNumber(number, "/certificate")
    if not isinstance(reason, str) or reason not in REASONS:
        raise InvalidInputError(
            "/reason", reason, f"is not a reason; known are {', '.join(REASONS)}"
        )
    return number, REASONS[reason], line_of_text(members["note"], "/note")
