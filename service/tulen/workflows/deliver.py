"""Try one delivery once; keep what came of it, and put in the next try with it."""

import logging
import secrets
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from uuid import UUID

from tulen.database import webhooks
from tulen.database.states import DeliveryState
from tulen.database.webhooks import Attempt, Delivery, Webhook, WebhookEvent
from tulen.values import canonical_bytes, instant_text
from tulen.webhooks import post, signed_headers
from tulen.workflows import clock
from tulen.workflows.office import Office

PAUSES: Final = tuple(
    timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 21_600, 54_000)
)
"""After each of the first seven tries; with the eighth, after about a day, it is given up."""
JITTER_PER_CENT: Final = 20

_log = logging.getLogger("tulen.webhook")


async def deliver(office: Office, delivery: UUID, version: int) -> None:
    """Try a delivery, unless that version of it was tried, replayed or given up already.

    A crash between the request and its record leaves the job to be done again: the receiver gets
    the same event under the same ``webhook-id``, at least once.

    Raises:
        UnavailableError: the database does not answer.
    """
    async with office.database.transaction() as connection:
        found = await webhooks.pending(connection, delivery, version)
    if found is None:
        return
    webhook, event, row = found
    now = clock.now()
    body = body_of(event)
    headers = signed_headers(
        f"msg_{event.id}", int(now.timestamp()), body, _secrets(office, webhook, now)
    )
    headers |= {"content-type": "application/json", "user-agent": "Tulen-Webhooks/1"}
    answer = await post(webhook.url, headers, body, office.settings.webhook_networks)
    attempt = Attempt(
        row.id, version + 1, now, answer.milliseconds, answer.status, _shortened(answer.error)
    )
    gone = answer.status == HTTPStatus.GONE
    state, due = _next(row, answer.error is None, gone)
    async with office.database.transaction() as connection:
        recorded = await webhooks.record(connection, attempt, state, due)
        if recorded and gone:
            await webhooks.disable(connection, webhook.id, "its receiver answered 410 Gone")
    if recorded and state is DeliveryState.FAILED:
        _log.warning(
            "webhook:given-up webhook=%s delivery=%s cause=%s", webhook.id, row.id, answer.error
        )


def body_of(event: WebhookEvent) -> bytes:
    """Return what is sent of ``event``, byte for byte the same each time."""
    return canonical_bytes(
        {
            "type": event.type.value,
            "timestamp": instant_text(event.occurred_at),
            "data": event.data,
        }
    )


def _secrets(office: Office, webhook: Webhook, now: datetime) -> list[bytes]:
    """Return the secret, and the one before while it still counts."""
    sealed = [webhook.secret]
    if webhook.previous_until is not None and now < webhook.previous_until:
        sealed.append(webhook.previous_secret)
    return [office.vault.unseal(envelope) for envelope in sealed if envelope is not None]


def _next(row: Delivery, taken: bool, gone: bool) -> tuple[DeliveryState, datetime | None]:
    """Return what a delivery is after a try, and when it is tried again."""
    if taken:
        return DeliveryState.DELIVERED, None
    if gone or row.tries >= len(PAUSES):
        return DeliveryState.FAILED, None
    spread = 100 - JITTER_PER_CENT + secrets.randbelow(2 * JITTER_PER_CENT + 1)
    return DeliveryState.PENDING, clock.now() + PAUSES[row.tries] * spread / 100


def _shortened(error: str | None) -> str | None:
    return None if error is None else error[:500]
