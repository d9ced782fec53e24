"""What the register claims of the chain and of itself, for `tulen doctor` to compare."""

from dataclasses import dataclass

from sqlalchemy import Text, and_, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database.states import DrawdownState, RevocationKind, TransactionState
from tulen.database.tables import (
    CERTIFICATE,
    CHAIN_BLOCK,
    CHAIN_TRANSACTION,
    DRAWDOWN,
    REVOCATION,
)
from tulen.values import AgreementCode, Digest, FormCode, PartyCode

REVOKE = "revoke"
"""Purpose of the transactions whose reference is a row of ``revocation``."""


@dataclass(frozen=True, slots=True)
class DrawnSum:
    """What was drawn here from one certificate line.

    Attributes:
        digest: The certificate.
        certificate: Its number.
        line: The line.
        micro: Millionths of its unit.
    """

    digest: Digest
    certificate: str
    line: int
    micro: int


@dataclass(frozen=True, slots=True)
class Revoked:
    """A certificate whose revocation is final.

    Attributes:
        authority: Who issued and revoked it.
        digest: Its digest.
        certificate: Its number.
    """

    authority: PartyCode
    digest: Digest
    certificate: str


async def drawn_sums(connection: AsyncConnection, most: int) -> tuple[DrawnSum, ...]:
    """Return what was drawn here, finally, from up to ``most`` lines, the latest first."""
    key = (DRAWDOWN.c.digest, DRAWDOWN.c.certificate, DRAWDOWN.c.certificate_line)
    query = (
        select(*key, func.sum(DRAWDOWN.c.quantity_micro))
        .where(DRAWDOWN.c.state == DrawdownState.FINAL)
        .group_by(*key)
        .order_by(func.max(DRAWDOWN.c.requested_at).desc(), *key)
        .limit(most)
    )
    return tuple(DrawnSum(*row[:3], int(row[3])) for row in await connection.execute(query))


async def revoked(connection: AsyncConnection, most: int) -> tuple[Revoked, ...]:
    """Return up to ``most`` certificates whose revocation is final, the latest first."""
    query = (
        select(CERTIFICATE.c.authority, CERTIFICATE.c.digest, CERTIFICATE.c.number)
        .join(REVOCATION, REVOCATION.c.certificate == CERTIFICATE.c.number)
        .join(
            CHAIN_TRANSACTION,
            and_(
                CHAIN_TRANSACTION.c.purpose == REVOKE,
                CHAIN_TRANSACTION.c.ref == cast(REVOCATION.c.id, Text),
            ),
        )
        .where(
            REVOCATION.c.kind == RevocationKind.REVOKE,
            CHAIN_TRANSACTION.c.state == TransactionState.FINAL,
        )
        .order_by(REVOCATION.c.requested_at.desc(), CERTIFICATE.c.number)
        .limit(most)
    )
    return tuple(Revoked(*row) for row in await connection.execute(query))


async def last_final_block(connection: AsyncConnection, chain_id: int) -> tuple[int, Digest] | None:
    """Return number and hash of the highest block recorded as final; None before the first."""
    query = (
        select(CHAIN_BLOCK.c.number, CHAIN_BLOCK.c.hash)
        .where(CHAIN_BLOCK.c.chain_id == chain_id, CHAIN_BLOCK.c.final)
        .order_by(CHAIN_BLOCK.c.number.desc())
        .limit(1)
    )
    row = (await connection.execute(query)).first()
    return None if row is None else (row[0], row[1])


async def forms_issued(
    connection: AsyncConnection, authority: PartyCode, most: int
) -> list[tuple[AgreementCode, FormCode]]:
    """Return agreement and form of the authority's latest certificates, each pair once."""
    latest = (
        select(CERTIFICATE.c.agreement, CERTIFICATE.c.form)
        .where(CERTIFICATE.c.authority == authority, CERTIFICATE.c.log_index.is_not(None))
        .order_by(CERTIFICATE.c.log_index.desc())
        .limit(most)
        .subquery()
    )
    query = select(latest.c.agreement, latest.c.form).distinct()
    return sorted((row[0], row[1]) for row in await connection.execute(query))
