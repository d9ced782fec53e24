"""What others signed beneath an authority's checkpoints."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database.tables import COSIGNATURE
from tulen.values import PartyCode

_C = COSIGNATURE.c


async def attach(
    connection: AsyncConnection,
    authority: PartyCode,
    size: int,
    *,
    name: str,
    key_id: bytes,
    signature: bytes,
) -> None:
    """Keep a signature; it takes the place of an earlier one by the same key.

    Raises:
        ConstraintError: there is no such checkpoint.
    """
    new = insert(COSIGNATURE).values(
        authority=authority, size=size, name=name, key_id=key_id, signature=signature
    )
    await connection.execute(
        new.on_conflict_do_update(
            index_elements=["authority", "size", "name", "key_id"],
            set_={"signature": new.excluded.signature, "attached_at": func.now()},
            where=_C.signature != new.excluded.signature,
        )
    )


async def beneath(
    connection: AsyncConnection, authority: PartyCode, size: int
) -> list[tuple[str, bytes, bytes]]:
    """Return name, key id and signature of all who signed beneath a checkpoint, oldest first."""
    query = (
        select(_C.name, _C.key_id, _C.signature)
        .where(_C.authority == authority, _C.size == size)
        .order_by(_C.attached_at, _C.name, _C.key_id)
    )
    return [(row[0], row[1], row[2]) for row in await connection.execute(query)]
