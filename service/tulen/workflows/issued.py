"""The certificate that an officer of its authority acts on, once it stands in the log."""

from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database import certificates
from tulen.database.certificates import Certificate
from tulen.database.states import CertificateState
from tulen.errors import NotFoundError, RuleViolationError
from tulen.workflows.office import Caller


class NotIssuedError(RuleViolationError):
    """The certificate does not stand in the log yet, so nothing can be done with it."""

    code: ClassVar[str] = "not-issued"


async def issued_by(connection: AsyncConnection, caller: Caller, number: str) -> Certificate:
    """Return the certificate of this number that the caller's authority issued.

    Raises:
        NotFoundError: it issued no such certificate.
        NotIssuedError: it is not in the log yet.
    """
    row = await certificates.find(connection, number)
    if row is None or row.authority != caller.party:
        raise NotFoundError(f"certificate {number} is not in the register")
    if row.state is not CertificateState.LOGGED:
        raise NotIssuedError(f"certificate {number} is {row.state}; ask again in a moment")
    return row
