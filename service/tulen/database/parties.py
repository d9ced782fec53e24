"""The parties of this deployment, and the API keys that act for them."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database.errors import OtherContentError
from tulen.database.states import Role
from tulen.database.tables import API_KEY, PARTY
from tulen.values import Country, PartyCode


@dataclass(frozen=True, slots=True)
class Party:
    """A party.

    Attributes:
        code: Its code.
        name: Its name, for people.
        country: Its country, which is the code's.
        roles: Of exporter, authority, importer, customs, steward, auditor.
    """

    code: PartyCode
    name: str
    country: Country
    roles: frozenset[str]

    def __post_init__(self) -> None:
        """Take the roles in any collection."""
        object.__setattr__(self, "roles", frozenset(self.roles))


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A credential.

    Attributes:
        prefix: Its public part, by which it is found.
        secret_hash: SHA-256 of its random 256-bit secret.
        party: Whom it acts for.
        officer: Who acts; a reference that the party can resolve, such as a staff number.
        role: What it may do.
        created_at: When it was made.
        revoked_at: When it ended; None while it is good.
    """

    prefix: str
    secret_hash: bytes = field(repr=False)
    party: PartyCode
    officer: str
    role: Role
    created_at: datetime
    revoked_at: datetime | None = None


async def register(connection: AsyncConnection, party: Party) -> None:
    """Record ``party``; once more with the same content changes nothing.

    Raises:
        OtherContentError: the code belongs to a party that differs.
    """
    values = {
        "code": party.code,
        "name": party.name,
        "country": party.country,
        "roles": sorted(party.roles),
    }
    await connection.execute(insert(PARTY).values(values).on_conflict_do_nothing())
    known = await find(connection, party.code)
    if known != party:
        raise OtherContentError(f"party {party.code}", f"it is {known}")


async def find(connection: AsyncConnection, code: str) -> Party | None:
    """Return the party with ``code``, or None."""
    row = (await connection.execute(select(PARTY).where(PARTY.c.code == code))).first()
    return None if row is None else Party(*row)


async def all_parties(connection: AsyncConnection) -> tuple[Party, ...]:
    """Return every party, by code."""
    rows = await connection.execute(select(PARTY).order_by(PARTY.c.code))
    return tuple(Party(*row) for row in rows)


async def add_api_key(connection: AsyncConnection, key: ApiKey) -> None:
    """Record ``key``.

    Raises:
        ConstraintError: its prefix is taken, or its party is not registered.
    """
    await connection.execute(
        insert(API_KEY).values(
            prefix=key.prefix,
            secret_hash=key.secret_hash,
            party=key.party,
            officer=key.officer,
            role=key.role,
            created_at=key.created_at,
        )
    )


async def find_api_key(connection: AsyncConnection, prefix: str) -> ApiKey | None:
    """Return the key with ``prefix``, revoked or not, or None."""
    row = (await connection.execute(select(API_KEY).where(API_KEY.c.prefix == prefix))).first()
    return None if row is None else ApiKey(*row)


async def revoke_api_key(connection: AsyncConnection, prefix: str, *, at: datetime) -> None:
    """End the key with ``prefix``; one that has ended keeps its first end."""
    await connection.execute(
        update(API_KEY)
        .where(API_KEY.c.prefix == prefix, API_KEY.c.revoked_at.is_(None))
        .values(revoked_at=at)
    )
