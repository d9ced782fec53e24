"""A certificate that replaces another: what it may replace, and in which order it is done.

The ledger counts what was drawn on a certificate for its successor from the moment that it is told.
So the replacement is final before the successor stands in the log (docs/specs/log.md, section 9).
"""

import asyncio
import secrets
from typing import ClassVar, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.certificate import Certificate, PriorProof
from tulen.certificate.life import Subject, life_of
from tulen.chain import calls, sender
from tulen.chain.refusals import ContractRefusalError
from tulen.database import applications, certificates, life, locks, transactions
from tulen.database.errors import OtherContentError, PurposeTakenError
from tulen.database.states import CertificateState, TransactionState
from tulen.errors import RuleViolationError
from tulen.values import Digest
from tulen.verify import StatusReason
from tulen.workflows import clock
from tulen.workflows.office import Office
from tulen.workflows.send import mined, send
from tulen.workflows.settle import record_mined
from tulen.workflows.standing import standing
from tulen.workflows.step import record_step

PURPOSE = "replace"
"""Purpose of a transaction whose reference is the number of the certificate that is replaced."""
EVENT = "replace"
DIGEST_BYTES: Final = 32


class NotReplaceableError(RuleViolationError):
    """What the application says it replaces cannot be replaced by it."""

    code: ClassVar[str] = "not-replaceable"


async def claim(
    connection: AsyncConnection,
    application: applications.Application,
    named: PriorProof,
    successor: Certificate,
    digest: Digest,
) -> None:
    """Write down which certificate is replaced, in the transaction that writes its successor down.

    From then on nothing else can replace it.

    Args:
        connection: That transaction.
        application: What is answered.
        named: What the application says that it replaces.
        successor: The certificate that replaces it.
        digest: The successor's digest.

    Raises:
        NotReplaceableError: it is not the authority's, not this exporter's, past its period, not
            what the application says of it, or replaced already.
        IllegalStepError: it is neither valid nor suspended.
    """
    where = f"/replaces: certificate {named.reference}"
    await locks.in_order(connection, f"replace/{named.reference}")
    old = await certificates.find(connection, named.reference)
    if old is None or named.authority not in (None, old.authority):
        raise NotReplaceableError(f"{where} is not in the register; only what stands there is")
    if old.authority != application.authority:
        raise NotReplaceableError(f"{where} is of {old.authority}, which alone can replace it")
    before = await applications.find(connection, old.application)
    if before is None or before.exporter != application.exporter:
        raise NotReplaceableError(f"{where} was issued to another exporter")
    if old.state is not CertificateState.LOGGED:
        raise NotReplaceableError(f"{where} is {old.state}; ask again in a moment")
    if named.issued_on != old.issued_on or named.digest not in (None, old.digest):
        raise NotReplaceableError(f"{where} has another date of issue or another digest")
    if (old.agreement, old.form) != (application.agreement, application.form):
        raise NotReplaceableError(f"{where} is a Form {old.form} of {old.agreement}")
    steps = await life.steps_of(connection, Subject.CERTIFICATE, old.number)
    if known := next((step for step in steps if step.event == EVENT), None):
        by = known.detail["successor"]
        raise NotReplaceableError(f"{where} is replaced by {by}, and nothing has two successors")
    state, _ = await standing(connection, old)
    if state in ("valid", "suspended") and old.valid_until <= clock.today():
        state = "expired"
    await record_step(
        connection,
        life_of(Subject.CERTIFICATE).step(state, EVENT),
        old.number,
        agreement=old.agreement,
        by=(old.authority, application.approved_by or ""),
        at=clock.now(),
        detail={"successor": successor.number, "successor_digest": digest.hex()},
    )


async def require_willing(office: Office, named: PriorProof) -> None:
    """Ask whether the ledger would let it be replaced, before anything is written down.

    It refuses what is revoked or replaced, and what ends the longest chain of replacements.

    Raises:
        ContractRefusalError: it would not.
        UnavailableError: the chain does not answer.
    """
    async with office.database.transaction() as connection:
        old = await certificates.find(connection, named.reference)
    if old is None:
        return  # `claim` says so.
    some = Digest(secrets.token_bytes(DIGEST_BYTES))
    call = calls.replace(office.deployment, old.digest, some, StatusReason.SUPERSEDED)
    account = await asyncio.to_thread(office.account, old.authority)
    await sender.preflight(office.chain, account.address, call, None)


async def is_replaced(office: Office, named: PriorProof, row: certificates.Certificate) -> bool:
    """Return whether the ledger holds for ever that ``row`` replaces what it names; ask it to.

    Raises:
        ContractRefusalError: the ledger refuses, as what it replaces was revoked meanwhile.
        UnavailableError: the chain does not answer; nothing is kept.
    """
    async with office.database.transaction() as connection:
        chain_id = office.chain.chain_id
        known = await transactions.live(connection, chain_id, PURPOSE, named.reference)
        old = await certificates.find(connection, named.reference)
    if known is not None:
        return known.state is TransactionState.FINAL
    if old is None:
        raise NotReplaceableError(f"certificate {named.reference} has left the register")
    call = calls.replace(office.deployment, old.digest, row.digest, StatusReason.SUPERSEDED)
    try:
        sent = await send(office, row.authority, call, purpose=PURPOSE, ref=old.number)
    except (OtherContentError, PurposeTakenError):
        return False  # Somebody else asked at this moment.
    receipt = await mined(office, sent)
    refusal: ContractRefusalError | None = await record_mined(office, receipt) if receipt else None
    if refusal is not None:
        raise refusal
    return False
