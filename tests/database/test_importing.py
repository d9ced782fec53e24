"""Declarations, drawdowns and idempotency keys: once, whoever asks and however often."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from small_register import CUSTOMS, IMPORTER, MOIT, NOON, alone, digest_of
from sqlalchemy import text

from tulen.database import Database, declarations, idempotency
from tulen.database.errors import ConstraintError, OtherContentError, StateChangedError
from tulen.database.states import DrawdownState

pytestmark = pytest.mark.anyio

FILED = declarations.Declaration(
    "PIB-1",
    IMPORTER,
    digest_of(1),
    digest_of(2),
    {"customs_value": "159000000"},
    date(2026, 1, 20),
    NOON,
)
DRAWN = declarations.Drawdown(
    "PIB-1",
    1,
    "VN-D-2026-1",
    digest_of(3),
    1,
    600_000_000,
    "IDTPP",
    CUSTOMS,
    bytes(16),
    digest_of(4),
    NOON,
)


@pytest.fixture
async def filed(register: Database) -> Database:
    await alone(register, lambda c: declarations.file(c, FILED))
    return register


async def test_a_declaration_is_filed_once(filed: Database) -> None:
    again = replace(FILED, document_ref=digest_of(9), filed_at=NOON + timedelta(hours=1))
    assert await alone(filed, lambda c: declarations.file(c, again)) == FILED
    other = replace(FILED, content_digest=digest_of(9))
    with pytest.raises(OtherContentError, match="PIB-1"):
        await alone(filed, lambda c: declarations.file(c, other))


async def test_a_repeated_drawdown_keeps_its_first_salt_and_reference(filed: Database) -> None:
    again = replace(DRAWN, salt=b"\x01" * 16, reference=digest_of(5), requested_at=NOON)
    first, second = await asyncio.gather(
        alone(filed, lambda c: declarations.request_drawdown(c, DRAWN)),
        alone(filed, lambda c: declarations.request_drawdown(c, again)),
    )
    assert first == second
    assert await alone(filed, lambda c: declarations.drawdowns_of(c, DRAWN.digest)) == (first,)


async def test_one_line_drawn_by_many_at_once_is_recorded_once(filed: Database) -> None:
    for line in range(1, 41):
        drawn = replace(DRAWN, line=line, reference=digest_of(100 + line))
        found = await asyncio.gather(
            *(
                alone(filed, lambda c, drawn=drawn: declarations.request_drawdown(c, drawn))
                for _ in range(8)
            )
        )
        assert {item.line for item in found} == {line}


@pytest.mark.parametrize(
    "change",
    [
        {"quantity_micro": 600_000_001},
        {"digest": digest_of(8)},
        {"certificate_line": 2},
        {"office": "IDSUB"},
        {"customs": MOIT},
        {"certificate": "VN-D-2026-2"},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_a_declaration_line_with_other_content_is_refused(
    filed: Database, change: dict[str, object]
) -> None:
    await alone(filed, lambda c: declarations.request_drawdown(c, DRAWN))
    with pytest.raises(OtherContentError, match=f"{next(iter(change))} was"):
        await alone(filed, lambda c: declarations.request_drawdown(c, replace(DRAWN, **change)))


async def test_a_drawdown_needs_its_declaration(register: Database) -> None:
    with pytest.raises(ConstraintError, match="drawdown_declaration_fkey"):
        await alone(register, lambda c: declarations.request_drawdown(c, DRAWN))


async def test_a_reference_belongs_to_one_drawdown(filed: Database) -> None:
    await alone(filed, lambda c: declarations.request_drawdown(c, DRAWN))
    with pytest.raises(StateChangedError, match="line 2"):
        await alone(filed, lambda c: declarations.request_drawdown(c, replace(DRAWN, line=2)))


async def test_a_drawdown_is_settled_by_the_chain(filed: Database) -> None:
    await alone(filed, lambda c: declarations.request_drawdown(c, DRAWN))

    async def settle(state: DrawdownState, refusal: str | None = None) -> declarations.Drawdown:
        return await alone(
            filed,
            lambda c: declarations.settle_drawdown(c, DRAWN.reference, state, refusal=refusal),
        )

    mined = await settle(DrawdownState.MINED)
    assert mined.settled_at is not None
    assert await settle(DrawdownState.REQUESTED) == DRAWN
    final = await settle(DrawdownState.FINAL)
    assert await settle(DrawdownState.FINAL) == final
    for state in (DrawdownState.REQUESTED, DrawdownState.MINED):
        with pytest.raises(StateChangedError, match="final"):
            await settle(state)


async def test_a_refusal_says_why(filed: Database) -> None:
    await alone(filed, lambda c: declarations.request_drawdown(c, DRAWN))
    refused = DrawdownState.REFUSED
    with pytest.raises(ConstraintError, match="refusal_says_why"):
        await alone(filed, lambda c: declarations.settle_drawdown(c, DRAWN.reference, refused))
    known = await alone(
        filed,
        lambda c: declarations.settle_drawdown(c, DRAWN.reference, refused, refusal="0 left"),
    )
    assert (known.state, known.refusal) == (refused, "0 left")


async def test_a_salt_is_not_shown() -> None:
    assert "salt" not in repr(DRAWN)


KEY = {"party": MOIT, "route": "POST /v1/applications", "key": "k1"}


async def claim(database: Database, content: int = 1) -> idempotency.EarlierRequest | None:
    return await alone(
        database, lambda c: idempotency.claim(c, **KEY, request_hash=digest_of(content))
    )


async def answer(database: Database, status: int) -> None:
    await alone(database, lambda c: idempotency.answer(c, **KEY, status=status, response=b"body"))


async def test_of_many_with_one_key_one_does_the_work(register: Database) -> None:
    claims = await asyncio.gather(*(claim(register) for _ in range(8)))
    assert claims.count(None) == 1
    assert {c for c in claims if c} == {idempotency.EarlierRequest(digest_of(1), None, None)}


async def test_a_repeat_gets_the_first_answer(register: Database) -> None:
    assert await claim(register) is None
    await answer(register, 201)
    await answer(register, 500)
    earlier = idempotency.EarlierRequest(digest_of(1), 201, b"body")
    assert await claim(register) == earlier
    assert await claim(register, content=2) == earlier


async def test_a_rival_waits_for_the_transaction_and_sees_its_answer(register: Database) -> None:
    async with register.transaction() as connection:
        assert await idempotency.claim(connection, **KEY, request_hash=digest_of(1)) is None
        rival = asyncio.create_task(claim(register))
        await asyncio.sleep(0.1)
        assert not rival.done()
        await idempotency.answer(connection, **KEY, status=201, response=b"body")
    assert (await rival).status == 201


async def test_a_rival_of_what_was_undone_does_the_work(register: Database) -> None:
    async with register.transaction() as connection:
        await idempotency.claim(connection, **KEY, request_hash=digest_of(1))
        rival = asyncio.create_task(claim(register))
        await asyncio.sleep(0.1)
        await connection.rollback()
    assert await rival is None


async def age(database: Database, seconds: int) -> None:
    statement = text("UPDATE idempotency SET created_at = now() - make_interval(secs => :seconds)")
    await alone(database, lambda c: c.execute(statement, {"seconds": seconds}))


async def test_an_abandoned_claim_is_taken_over_by_the_same_request_alone(
    register: Database,
) -> None:
    await claim(register)
    await age(register, 59)
    assert await claim(register) is not None
    await age(register, 61)
    assert await claim(register, content=2) is not None
    assert await claim(register) is None
    assert await claim(register) is not None


async def test_a_forgotten_key_is_free_but_an_answer_is_never_forgotten(
    register: Database,
) -> None:
    await claim(register)
    await alone(register, lambda c: idempotency.forget(c, **KEY))
    assert await claim(register, content=2) is None
    await answer(register, 201)
    await alone(register, lambda c: idempotency.forget(c, **KEY))
    assert (await claim(register)).status == 201


async def test_old_keys_are_purged(register: Database) -> None:
    await claim(register)
    assert await alone(register, lambda c: idempotency.purge(c, before=NOON)) == 0
    later = NOON + timedelta(days=36_500)
    assert await alone(register, lambda c: idempotency.purge(c, before=later)) == 1
