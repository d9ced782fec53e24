"""Rows that a replay writes again after the database was set back; see `tulen.workflows.replay`.

What is written here happened before, so the rules of the present are not asked: the chain, the
signed log or a sealed document says that it did.
"""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import and_, exists, func, select, union_all, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database import applications, locks, transactions
from tulen.database.applications import Application
from tulen.database.checkpoints import ANCHORED_EVENT
from tulen.database.events import Event, SeenEvent
from tulen.database.states import ApplicationState, DrawdownState, TransactionState
from tulen.database.tables import (
    APPLICATION,
    CERTIFICATE,
    CHAIN_ATTEMPT,
    CHAIN_BLOCK,
    CHAIN_EVENT,
    CHAIN_TRANSACTION,
    DECLARATION,
    DRAWDOWN,
    LOG_ENTRY,
    REVOCATION,
    SERIAL_FLOOR,
)
from tulen.database.transactions import Attempt
from tulen.values import Digest, PartyCode

_TX = CHAIN_TRANSACTION.c
_ATTEMPT = CHAIN_ATTEMPT.c
_SEEN = (
    select(CHAIN_EVENT, CHAIN_BLOCK.c.block_time, CHAIN_BLOCK.c.final)
    .join(
        CHAIN_BLOCK,
        and_(
            CHAIN_BLOCK.c.chain_id == CHAIN_EVENT.c.chain_id,
            CHAIN_BLOCK.c.hash == CHAIN_EVENT.c.block_hash,
        ),
    )
    .order_by(CHAIN_EVENT.c.block_number, CHAIN_EVENT.c.log_index)
)


@dataclass(frozen=True, slots=True)
class PastNonce:
    """A transaction of ours that the chain has, as a row of its nonce.

    Attributes:
        purpose: What it did.
        ref: What it did that to.
        state: What became of it.
        sent_at: Time of its block.
    """

    purpose: str
    ref: str
    state: TransactionState
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class SeenRevocation:
    """A revocation on chain.

    Attributes:
        seen: The event.
        certificate: Number of the certificate; None where it is not in the register.
        recorded: Whether the register says that it was revoked.
    """

    seen: SeenEvent
    certificate: str | None
    recorded: bool


@dataclass(frozen=True, slots=True)
class SeenDraw:
    """A drawdown on chain.

    Attributes:
        seen: The event.
        micro: What the register says was drawn, in millionths; None where it knows nothing of it.
    """

    seen: SeenEvent
    micro: int | None


async def named_documents(connection: AsyncConnection, after: Digest, limit: int) -> list[Digest]:
    """Return up to ``limit`` addresses of documents that rows name, after that one, in order."""
    columns = (table.c.document_ref for table in (APPLICATION, CERTIFICATE, DECLARATION))
    every = union_all(
        *(select(column.label("ref")).where(column > after) for column in columns)
    ).subquery()
    return list(await connection.scalars(select(every.c.ref).order_by(every.c.ref).limit(limit)))


async def restore_application(connection: AsyncConnection, application: Application) -> None:
    """Record an application as it was, or bring the row that is there as far as it had come.

    A row that is further, or was rejected, stays as it is.
    """
    if await applications.find(connection, application.id) is None:
        values = {part.name: getattr(application, part.name) for part in fields(application)}
        await connection.execute(insert(APPLICATION).values(values))
        return
    if application.approved_by is None:
        return
    acts = ("recommended_by", "recommended_at", "approved_by", "approved_at")
    await connection.execute(
        update(APPLICATION)
        .where(
            APPLICATION.c.id == application.id,
            APPLICATION.c.state.in_((ApplicationState.SUBMITTED, ApplicationState.RECOMMENDED)),
        )
        .values(
            state=ApplicationState.APPROVED, **{name: getattr(application, name) for name in acts}
        )
    )


async def finish_application(connection: AsyncConnection, application: Application) -> None:
    """Record that a certificate was issued for it, unless that is known."""
    known = await applications.find(connection, application.id)
    if known is not None and known.state is ApplicationState.APPROVED:
        await applications.record_issue(connection, application.id)


async def raise_floor(
    connection: AsyncConnection, authority: PartyCode, year: int, serial: int
) -> None:
    """Let no number of ``authority`` in ``year`` be given any more up to ``serial``."""
    new = insert(SERIAL_FLOOR).values(authority=authority, year=year, serial=serial)
    await connection.execute(
        new.on_conflict_do_update(
            index_elements=["authority", "year"],
            set_={"serial": func.greatest(SERIAL_FLOOR.c.serial, new.excluded.serial)},
        )
    )


async def highest_serial(connection: AsyncConnection, authority: PartyCode, year: int) -> int:
    """Return the highest serial that is known to have been given, of any form."""
    given = select(func.max(CERTIFICATE.c.serial)).where(
        CERTIFICATE.c.authority == authority, CERTIFICATE.c.year == year
    )
    floor = select(SERIAL_FLOOR.c.serial).where(
        SERIAL_FLOOR.c.authority == authority, SERIAL_FLOOR.c.year == year
    )
    query = select(func.greatest(given.scalar_subquery(), floor.scalar_subquery(), 0))
    return int((await connection.execute(query)).scalar_one())


async def entry_at(connection: AsyncConnection, authority: PartyCode, digest: Digest) -> int | None:
    """Return where ``digest`` stands in the log of ``authority``, or None."""
    query = select(LOG_ENTRY.c.index).where(
        LOG_ENTRY.c.authority == authority, LOG_ENTRY.c.digest == digest
    )
    index: int | None = await connection.scalar(query)
    return index


async def undocumented(
    connection: AsyncConnection, authority: PartyCode, kind: int, first: int
) -> list[tuple[int, Digest]]:
    """Return index and digest of entries from ``first`` on that no certificate has."""
    query = (
        select(LOG_ENTRY.c.index, LOG_ENTRY.c.digest)
        .where(
            LOG_ENTRY.c.authority == authority,
            LOG_ENTRY.c.index >= first,
            LOG_ENTRY.c.kind == kind,
            ~exists().where(CERTIFICATE.c.digest == LOG_ENTRY.c.digest),
        )
        .order_by(LOG_ENTRY.c.index)
    )
    return [(row[0], row[1]) for row in await connection.execute(query)]


async def anchored_since(
    connection: AsyncConnection, chain_id: int, authority: PartyCode, size: int
) -> list[SeenEvent]:
    """Return the anchors of the authority over more than ``size`` entries, in order."""
    argument = CHAIN_EVENT.c.arguments
    query = _SEEN.where(
        CHAIN_EVENT.c.chain_id == chain_id,
        CHAIN_EVENT.c.name == ANCHORED_EVENT,
        argument["authority"].astext == authority.on_chain.hex(),
        argument["size"].as_integer() > size,
    )
    return [SeenEvent(Event(*row[:-2]), *row[-2:]) for row in await connection.execute(query)]


async def revocations_seen(
    connection: AsyncConnection, chain_id: int, authority: PartyCode, most: int | None = None
) -> list[SeenRevocation]:
    """Return what the authority has revoked on chain, the latest first, beside what is here."""
    query = (
        _SEEN.add_columns(
            CERTIFICATE.c.number, exists().where(REVOCATION.c.certificate == CERTIFICATE.c.number)
        )
        .outerjoin(
            CERTIFICATE,
            and_(
                CERTIFICATE.c.digest == CHAIN_EVENT.c.subject,
                CERTIFICATE.c.authority == authority,
            ),
        )
        .where(
            CHAIN_EVENT.c.chain_id == chain_id,
            CHAIN_EVENT.c.name == "Revoked",
            CHAIN_EVENT.c.arguments["authority"].astext == authority.on_chain.hex(),
        )
        .order_by(None)
        .order_by(CHAIN_EVENT.c.block_number.desc(), CHAIN_EVENT.c.log_index.desc())
        .limit(most)
    )
    return [
        SeenRevocation(SeenEvent(Event(*row[:-4]), *row[-4:-2]), row[-2], row[-1])
        for row in await connection.execute(query)
    ]


async def draws_seen(
    connection: AsyncConnection, chain_id: int, customs: PartyCode, most: int | None = None
) -> list[SeenDraw]:
    """Return what the customs has drawn on chain, the latest first, beside what is here.

    What was refused here was not drawn, whatever the row says.
    """
    query = (
        _SEEN.add_columns(DRAWDOWN.c.quantity_micro)
        .outerjoin(
            DRAWDOWN,
            and_(
                DRAWDOWN.c.reference
                == func.decode(CHAIN_EVENT.c.arguments["declaration"].astext, "hex"),
                DRAWDOWN.c.state != DrawdownState.REFUSED,
            ),
        )
        .where(
            CHAIN_EVENT.c.chain_id == chain_id,
            CHAIN_EVENT.c.name == "Drawn",
            CHAIN_EVENT.c.arguments["customs"].astext == customs.on_chain.hex(),
        )
        .order_by(None)
        .order_by(CHAIN_EVENT.c.block_number.desc(), CHAIN_EVENT.c.log_index.desc())
        .limit(most)
    )
    return [
        SeenDraw(SeenEvent(Event(*row[:-3]), *row[-3:-1]), row[-1])
        for row in await connection.execute(query)
    ]


async def last_block_of(connection: AsyncConnection, chain_id: int, sender: bytes) -> int | None:
    """Return the highest block that is known to hold a transaction of the account, or None."""
    height: int | None = await connection.scalar(
        select(func.max(_ATTEMPT.block_number)).where(
            _ATTEMPT.chain_id == chain_id, _ATTEMPT.sender == sender
        )
    )
    return height


async def restore_transaction(
    connection: AsyncConnection, attempt: Attempt, past: PastNonce
) -> bool:
    """Record a transaction that the chain has; return whether that was unknown.

    The nonce's row may be there, with signed bytes that lost to these.
    """
    key = (attempt.chain_id, attempt.sender, attempt.nonce)
    await locks.in_order(connection, f"nonce/{attempt.chain_id}/{attempt.sender.hex()}")
    if await transactions.find_attempt(connection, attempt.tx_hash) is not None:
        return False
    if await transactions.find(connection, *key) is None:
        # Reverted before it came through, a purpose may stand here twice: it is the hash's then.
        live = await transactions.live(connection, attempt.chain_id, past.purpose, past.ref)
        ref = past.ref if live is None else attempt.tx_hash.hex()
        await connection.execute(
            insert(CHAIN_TRANSACTION).values(
                chain_id=attempt.chain_id,
                sender=attempt.sender,
                nonce=attempt.nonce,
                purpose=past.purpose,
                ref=ref,
                fence=0,
                state=past.state,
                created_at=past.sent_at,
            )
        )
    else:
        await connection.execute(
            update(CHAIN_TRANSACTION)
            .where(_TX.chain_id == key[0], _TX.sender == key[1], _TX.nonce == key[2])
            .values(state=past.state)
        )
        await connection.execute(
            update(CHAIN_ATTEMPT)
            .where(_ATTEMPT.chain_id == key[0], _ATTEMPT.sender == key[1], _ATTEMPT.nonce == key[2])
            .values(block_number=None, block_hash=None, gas_used=None, succeeded=None)
        )
    values = {part.name: getattr(attempt, part.name) for part in fields(attempt)}
    # What the database sets by itself is not set to nothing.
    values = {name: value for name, value in values.items() if value is not None}
    await connection.execute(insert(CHAIN_ATTEMPT).values(values))
    return True
