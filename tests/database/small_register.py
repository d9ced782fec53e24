"""A small register: one party of each kind, an application, a certificate."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database import Database, applications, certificates, parties
from tulen.values import (
    AgreementCode,
    Country,
    Digest,
    Ed25519PublicKey,
    FormCode,
    HsCode,
    PartyCode,
    UnitCode,
)

MOIT = PartyCode("VN.MOIT")
EXPORTER = PartyCode("VN.EXP")
IMPORTER = PartyCode("ID.IMP")
CUSTOMS = PartyCode("ID.DJBC")
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
LINE = certificates.CertificateLine(1, HsCode("210111"), UnitCode("KGM"), 1_000_000_000)

PARTIES = (
    parties.Party(MOIT, "Ministry", Country("VN"), frozenset({"authority"})),
    parties.Party(EXPORTER, "Exporter", Country("VN"), frozenset({"exporter"})),
    parties.Party(IMPORTER, "Importer", Country("ID"), frozenset({"importer"})),
    parties.Party(CUSTOMS, "Customs", Country("ID"), frozenset({"customs"})),
)


def digest_of(number: int) -> Digest:
    return Digest(number.to_bytes(32, "big"))


Result = TypeVar("Result")


async def alone(database: Database, ask: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
    """Return what ``ask`` returns in a transaction of its own."""
    async with database.transaction() as connection:
        return await ask(connection)


async def submit(
    connection: AsyncConnection, application: UUID, **changes: object
) -> applications.Application:
    values: dict[str, Any] = {
        "application": application,
        "exporter": EXPORTER,
        "authority": MOIT,
        "agreement": AgreementCode("ATIGA"),
        "form": FormCode("D"),
        "document_ref": digest_of(1),
        "outcome": "MET",
        "verdict_digest": digest_of(2),
        "at": NOON,
    }
    return await applications.submit(connection, **(values | changes))


async def precommit(
    connection: AsyncConnection, application: UUID, **changes: object
) -> certificates.Certificate:
    values: dict[str, Any] = {
        "number": "VN-D-2026-1",
        "application": application,
        "authority": MOIT,
        "agreement": AgreementCode("ATIGA"),
        "form": FormCode("D"),
        "serial": 1,
        "digest": digest_of(3),
        "document_ref": digest_of(4),
        "key": Ed25519PublicKey(bytes(32)),
        "issued_on": date(2026, 1, 15),
        "valid_until": date(2027, 1, 15),
        "lines": [LINE],
        "at": NOON,
    }
    return await certificates.precommit(connection, **(values | changes))
