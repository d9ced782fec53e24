"""What a replay leaves in the register: numbers not given again, documents that are named."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from small_register import MOIT, alone, digest_of, submit
from sqlalchemy import text

from tulen.database import Database, applications, certificates, recovery
from tulen.database.errors import ConstraintError
from tulen.database.states import ApplicationState
from tulen.values import Digest, FormCode

pytestmark = pytest.mark.anyio

NONE = Digest(bytes(32))


async def next_serial(register: Database, form: str = "D", year: int = 2026) -> int:
    return await alone(register, lambda c: certificates.next_serial(c, MOIT, FormCode(form), year))


async def test_no_number_up_to_a_floor_is_given_in_any_form_of_that_year(
    register: Database,
) -> None:
    await alone(register, lambda c: recovery.raise_floor(c, MOIT, 2026, 41))
    assert [await next_serial(register), await next_serial(register, "AI")] == [42, 42]
    assert await next_serial(register, year=2027) == 1


async def test_a_floor_rises_and_never_sinks(register: Database) -> None:
    for serial, floor in ((5, 5), (9, 9), (3, 9)):
        await alone(register, lambda c, n=serial: recovery.raise_floor(c, MOIT, 2026, n))
        assert await alone(register, lambda c: recovery.highest_serial(c, MOIT, 2026)) == floor
    for statement in ("UPDATE serial_floor SET serial = 8", "DELETE FROM serial_floor"):
        with pytest.raises(ConstraintError, match="serial_floor_only_rises"):
            await alone(register, lambda c, said=statement: c.execute(text(said)))


async def test_the_documents_that_rows_name_come_in_order_and_page_by_page(
    register: Database,
) -> None:
    for number in (3, 1, 2):
        await alone(register, lambda c, n=number: submit(c, uuid4(), document_ref=digest_of(n)))
    assert await alone(register, lambda c: recovery.named_documents(c, NONE, 2)) == [
        digest_of(1),
        digest_of(2),
    ]
    assert await alone(register, lambda c: recovery.named_documents(c, digest_of(2), 2)) == [
        digest_of(3)
    ]


async def test_an_application_that_was_rejected_is_not_approved_by_a_replay(
    register: Database, submitted: UUID
) -> None:
    rejected = (
        "UPDATE application SET state = 'rejected', rejected_by = 'officer-1', "
        "rejected_at = submitted_at, rejection = 'no'"
    )
    await alone(register, lambda c: c.execute(text(rejected)))
    known = await alone(register, lambda c: applications.find(c, submitted))
    assert known is not None
    approved = replace(
        known,
        state=ApplicationState.APPROVED,
        recommended_by="officer-1",
        recommended_at=known.submitted_at,
        approved_by="officer-2",
        approved_at=known.submitted_at,
    )
    await alone(register, lambda c: recovery.restore_application(c, approved))
    assert await alone(register, lambda c: applications.find(c, submitted)) == known
