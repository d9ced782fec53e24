"""An authority revokes what it issued, for ever, with a reason."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.certificate import CertificateNumber
from tulen.certificate.life import Step, Subject, life_of
from tulen.chain import calls, follower
from tulen.chain.calls import Call
from tulen.chain.refusals import ContractRefusalError
from tulen.database import certificates, declarations, events, transactions
from tulen.database.certificates import Revocation
from tulen.database.errors import OtherContentError, PurposeTakenError
from tulen.database.states import DrawdownState, RevocationKind, Role
from tulen.errors import (
    InvalidInputError,
    RuleViolationError,
    UnavailableError,
)
from tulen.values import instant_text, line_of_text
from tulen.values.fields import members_of
from tulen.verify import StatusReason, reason_words
from tulen.workflows import clock
from tulen.workflows.issued import issued_by
from tulen.workflows.office import Caller, Office
from tulen.workflows.send import attempt_for, mined, send
from tulen.workflows.settle import record_mined
from tulen.workflows.step import record_step

PURPOSE = "revoke"
REQUESTS = UUID("0d1f5b53-51c4-5c8e-8f7e-0c8b2c5d3a11")
"""Namespace in which a certificate's number becomes its revocation's identifier."""
REASONS = {
    reason.name.lower().replace("_", "-"): reason
    for reason in StatusReason
    if reason not in (StatusReason.UNDER_VERIFICATION, StatusReason.VERIFIED)
}


UNUSED_REASONS = {
    name: reason
    for name, reason in REASONS.items()
    if reason in (StatusReason.WITHDRAWN, StatusReason.NOT_EXPORTED)
}
"""Why a certificate is cancelled of which nothing was used."""
_SIGNS = {"Drawn": 1, "Released": -1}


class InUseError(RuleViolationError):
    """Some of the certificate was drawn, so it cannot be cancelled as unused."""

    code: ClassVar[str] = "in-use"


class RevokedAlreadyError(RuleViolationError):
    """The certificate is revoked already, for another reason."""

    code: ClassVar[str] = "revoked-already"


Record = Callable[[AsyncConnection], Awaitable[None]]


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
    return await _revoke(office, caller, document, "revoke", REASONS)


async def cancel_unused(office: Office, caller: Caller, document: dict[str, Any]) -> RevocationView:
    """Cancel a certificate of which nothing was drawn; on the chain it is revoked for ever.

    Args:
        office: Where.
        caller: An officer of the authority that issued it.
        document: ``{"certificate", "reason", "note"}``, as for `revoke`; the reason is
            ``withdrawn`` or ``not-exported``.

    Raises:
        InUseError: some of it was drawn, or is being drawn.
        TulenError: as `revoke` raises.
    """
    return await _revoke(office, caller, document, "cancel", UNUSED_REASONS)


async def _revoke(
    office: Office,
    caller: Caller,
    document: dict[str, Any],
    event: str,
    reasons: Mapping[str, StatusReason],
) -> RevocationView:
    caller.must_be(Role.OFFICER)
    number, reason, note = _request_in(document, reasons)
    async with office.database.transaction() as connection:
        row = await issued_by(connection, caller, number)
        used = event == "cancel" and await _used(connection, row)
    if used:
        raise InUseError(
            f"certificate {number}: some of it was drawn, so it cannot be cancelled; revoke it, or "
            "have customs release what was drawn first"
        )
    request = Revocation(
        uuid5(REQUESTS, number),
        number,
        RevocationKind.REVOKE,
        reason,
        note,
        caller.officer,
        clock.now(),
    )
    return await request_status(
        office,
        caller,
        request,
        calls.revoke(office.deployment, [row.digest], reason),
        step=life_of(Subject.CERTIFICATE).steps[event][0],
        row=row,
        detail={"reason": reason_words(reason), "note": note},
    )


async def request_status(
    office: Office,
    caller: Caller,
    request: Revocation,
    call: Call,
    *,
    step: Step,
    row: certificates.Certificate,
    detail: Mapping[str, str],
) -> RevocationView:
    """Ask the ledger to change a certificate's status; the same once more changes nothing.

    Args:
        office: Where.
        caller: The officer.
        request: What is asked.
        call: The call that asks it.
        step: The step in the certificate's life, written down with the signed call.
        row: The certificate.
        detail: What the step says besides.

    Raises:
        RevokedAlreadyError: it was asked for with another reason.
        ContractRefusalError: the contract refuses.
        UnavailableError: the chain does not answer; nothing is kept.
    """

    async def record(connection: AsyncConnection) -> None:
        await certificates.request_revocation(connection, request)
        await record_step(
            connection,
            step,
            request.certificate,
            agreement=row.agreement,
            by=caller,
            at=request.requested_at,
            detail=detail,
        )

    kept = await _kept(office, request)
    if kept is None:
        await _send(office, caller, request, call, record)
        kept = await _kept(office, request)
    return await _view(office, kept or request)


async def _kept(office: Office, request: Revocation) -> Revocation | None:
    """Return the revocation that is under way or done; None before it is, and if it has failed.

    Raises:
        RevokedAlreadyError: it was asked for with another reason.
    """
    async with office.database.transaction() as connection:
        chain_id = office.chain.chain_id
        live = await transactions.live(connection, chain_id, request.kind.value, str(request.id))
        kept = await certificates.revocations_of(connection, request.certificate)
    known = next((item for item in kept if item.id == request.id), None)
    if known is not None and known.reason != request.reason:
        raise RevokedAlreadyError(
            f"certificate {request.certificate} was revoked already: {reason_words(known.reason)}"
        )
    return known if live is not None else None


async def _send(
    office: Office, caller: Caller, request: Revocation, call: Call, record: Record
) -> None:
    """Send what is asked of the ledger, and wait a moment for a block to hold it."""
    try:
        sent = await send(
            office,
            caller.party,
            call,
            purpose=request.kind.value,
            ref=str(request.id),
            record=record,
        )
    except (OtherContentError, PurposeTakenError):
        return  # Somebody else asked at this moment.
    except ContractRefusalError:
        if await _kept(office, request) is None:
            raise
        return  # Likewise, and it is done by now.
    receipt = await mined(office, sent)
    refusal = await record_mined(office, receipt) if receipt else None
    if refusal is not None:
        raise refusal


async def _view(office: Office, request: Revocation) -> RevocationView:
    attempt = await attempt_for(office, request.kind.value, str(request.id))
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


async def _used(connection: AsyncConnection, row: certificates.Certificate) -> bool:
    """Return whether anything of it is drawn on chain, or about to be."""
    left = sum(
        _SIGNS.get(item.event.name, 0) * item.event.arguments.get("quantity", 0)
        for item in await events.about(connection, row.digest)
    )
    coming = await declarations.drawdowns_of(connection, row.digest)
    return left > 0 or any(item.state is DrawdownState.REQUESTED for item in coming)


def _request_in(
    document: dict[str, Any], reasons: Mapping[str, StatusReason]
) -> tuple[str, StatusReason, str]:
    members = members_of(document, "", ("certificate", "reason", "note"))
    number, reason = members["certificate"], members["reason"]
    number = CertificateNumber(number, "/certificate")
    if not isinstance(reason, str) or reason not in reasons:
        raise InvalidInputError(
            "/reason", reason, f"is not a reason; known are {', '.join(reasons)}"
        )
    return number, reasons[reason], line_of_text(members["note"], "/note")
