import asyncio

import pytest
from desk import Desk

pytestmark = pytest.mark.anyio


async def test_twenty_at_once_get_twenty_consecutive_numbers(desk: Desk) -> None:
    applications = [await desk.approved() for _ in range(20)]
    issued = await asyncio.gather(*(desk.issue(application) for application in applications))
    serials = sorted(int(item["number"].rpartition("-")[2]) for item in issued)
    assert serials == list(range(1, 21))
    entries = await desk.rows("SELECT index FROM log_entry ORDER BY index")
    assert [index for (index,) in entries] == list(range(20))
    await desk.until_idle()
    assert await desk.complaints() == []


async def test_one_application_issued_many_times_at_once_is_one_certificate(desk: Desk) -> None:
    application = await desk.approved()
    issued = await asyncio.gather(*(desk.issue(application) for _ in range(8)))
    assert len({item["number"] for item in issued}) == 1
    assert await desk.rows("SELECT count(*) FROM log_entry") == [(1,)]
