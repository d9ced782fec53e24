"""An idempotency key is used up by an answer, and by nothing else."""

import asyncio
import hashlib

import pytest
from desk import PERSONS, Desk
from failing import Crashed

from tulen.errors import UnavailableError
from tulen.workflows.once import InProgressError, KeyReusedError, once
from tulen.workflows.upkeep import forget

pytestmark = pytest.mark.anyio


class Work:
    """Counts how often it is done."""

    def __init__(self, *failures: BaseException) -> None:
        self.done = 0
        self._failures = list(failures)

    async def __call__(self) -> tuple[int, bytes]:
        self.done += 1
        if self._failures:
            raise self._failures.pop(0)
        return 201, b"answer %d" % self.done


async def asked(desk: Desk, work: Work, who: str = "exporter", body: bytes = b"{}") -> bytes:
    status, answer = await once(
        desk.office,
        PERSONS[who],
        route="POST /v1/things",
        key="key-1",
        fingerprint=hashlib.sha256(body).digest(),
        work=work,
    )
    assert status == 201
    return answer


async def test_a_repeat_gets_the_first_answer(desk: Desk) -> None:
    work = Work()
    assert [await asked(desk, work) for _ in range(3)] == [b"answer 1"] * 3
    assert work.done == 1


async def test_a_repeat_with_another_body_is_refused(desk: Desk) -> None:
    work = Work()
    await asked(desk, work)
    with pytest.raises(KeyReusedError):
        await asked(desk, work, body=b"{ }")
    assert work.done == 1


async def test_one_officers_answer_is_not_anothers(desk: Desk) -> None:
    work = Work()
    assert await asked(desk, work, "officer-1") != await asked(desk, work, "officer-2")


async def test_while_the_first_is_under_way_a_second_waits_its_turn(desk: Desk) -> None:
    going, release = asyncio.Event(), asyncio.Event()

    async def slow() -> tuple[int, bytes]:
        going.set()
        await release.wait()
        return 201, b"slow"

    first = asyncio.create_task(asked(desk, slow))  # type: ignore[arg-type] - any work will do
    await going.wait()
    with pytest.raises(InProgressError):
        await asked(desk, Work())
    release.set()
    assert await first == b"slow"
    assert await asked(desk, Work()) == b"slow"


@pytest.mark.parametrize("failure", [UnavailableError("away"), ZeroDivisionError()])
async def test_a_failure_gives_the_key_back(desk: Desk, failure: Exception) -> None:
    work = Work(failure)
    with pytest.raises(type(failure)):
        await asked(desk, work)
    assert await asked(desk, work) == b"answer 2"


async def test_what_a_crash_left_is_taken_over_after_a_minute(desk: Desk) -> None:
    work = Work(Crashed())
    with pytest.raises(Crashed):
        await asked(desk, work)
    with pytest.raises(InProgressError):
        await asked(desk, work)
    await desk.rows("UPDATE idempotency SET created_at = now() - interval '61 s'")
    answers = await asyncio.gather(*(asked(desk, work) for _ in range(4)), return_exceptions=True)
    assert b"answer 2" in answers
    assert work.done == 2


async def test_answers_are_forgotten_after_a_week(desk: Desk) -> None:
    await asked(desk, Work())
    await desk.rows("UPDATE idempotency SET created_at = now() - interval '6 days'")
    await forget(desk.office)
    assert await desk.rows("SELECT count(*) FROM idempotency") == [(1,)]
    await desk.rows("UPDATE idempotency SET created_at = now() - interval '8 days'")
    await forget(desk.office)
    assert await desk.rows("SELECT count(*) FROM idempotency") == [(0,)]
