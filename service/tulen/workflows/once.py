"""Doing a thing once per idempotency key, however often it is asked for."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from tulen.database import idempotency
from tulen.errors import InvalidInputError, RuleViolationError
from tulen.workflows.office import Caller, Office


class KeyReusedError(InvalidInputError):
    """The idempotency key was used before, with another body."""

    code: ClassVar[str] = "idempotency-key-reused"


class InProgressError(RuleViolationError):
    """The same request is being worked on at this moment."""

    code: ClassVar[str] = "in-progress"


async def once(
    office: Office,
    caller: Caller,
    *,
    route: str,
    key: str,
    fingerprint: bytes,
    work: Callable[[], Awaitable[tuple[int, bytes]]],
) -> tuple[int, bytes]:
    """Return the answer of ``work``, or the one given before for the same key and body.

    A crash in the middle leaves a claim without an answer, which the next attempt takes over: every
    workflow is idempotent by its own content, so doing it again changes nothing.

    Args:
        office: Where.
        caller: Whose key it is; two callers never share one.
        route: Method and path; one key may serve several routes.
        key: The caller's key.
        fingerprint: SHA-256 of the body.
        work: Does it and returns status and body.

    Raises:
        KeyReusedError: the key was used with another body.
        InProgressError: another request with this key is under way.
        Exception: what ``work`` raises; nothing is remembered then, so it may be tried again.
    """
    # The second officer's request must never be answered with what the first one did.
    route = f"{route} as {caller.role} {caller.officer}"
    async with office.database.transaction() as connection:
        earlier = await idempotency.claim(
            connection, party=caller.party, route=route, key=key, request_hash=fingerprint
        )
    if earlier is not None:
        if earlier.request_hash != fingerprint:
            raise KeyReusedError(
                "Idempotency-Key", key, "was used before with another body; choose a new key"
            )
        if earlier.status is None or earlier.response is None:
            raise InProgressError("the same request is being worked on; ask again in a moment")
        return earlier.status, earlier.response
    try:
        status, body = await work()
    except Exception:
        async with office.database.transaction() as connection:
            await idempotency.forget(connection, party=caller.party, route=route, key=key)
        raise
    async with office.database.transaction() as connection:
        await idempotency.answer(
            connection, party=caller.party, route=route, key=key, status=status, response=body
        )
    return status, body
