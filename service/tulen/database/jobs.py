"""Jobs of the queue, put in by the transaction whose fact they follow.

The queue is Procrastinate's, in the schema ``procrastinate``. Its own function is called here on
our connection: the job is there if, and only if, the transaction is committed. Who does the jobs:
`tulen.worker.jobs`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import DateTime, Text, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

QUEUE: Final = "tulen"
SCHEMA: Final = "procrastinate"
DELIVER: Final = "deliver"
"""The job that tries one delivery once, with ``delivery`` and ``version`` of its row."""

_DEFER = text(
    """
    SELECT procrastinate.procrastinate_defer_jobs_v1(array_agg(
        ROW(:queue, :task, 0, NULL, NULL, args, :due)
        ::procrastinate.procrastinate_job_to_defer_v1))
    FROM jsonb_array_elements(:jobs) AS args
    """
).bindparams(
    bindparam("queue", QUEUE, Text),
    bindparam("task", DELIVER, Text),
    bindparam("jobs", type_=JSONB),
    bindparam("due", type_=DateTime(timezone=True)),
)


async def defer_deliveries(
    connection: AsyncConnection,
    deliveries: Sequence[tuple[UUID, int]],
    due: datetime | None = None,
) -> None:
    """Put in a job for each delivery.

    Args:
        connection: Within the transaction that makes them due.
        deliveries: Identifier and version of each.
        due: When to try; at once where None.
    """
    if deliveries:
        jobs: list[dict[str, Any]] = [
            {"delivery": str(identifier), "version": version} for identifier, version in deliveries
        ]
        await connection.execute(_DEFER, {"jobs": jobs, "due": due})
