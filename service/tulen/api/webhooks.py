"""The routes of webhooks: whoever acts for a party says where it is told what."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from tulen.api.documentation import answers, takes
from tulen.api.requests import IdempotencyKey, TheCaller, TheOffice, act
from tulen.values import instant_from
from tulen.workflows.webhooks import (
    WebhookView,
    add_webhook,
    delete_webhook,
    deliveries_of,
    replay,
    rotate_secret,
    webhook_of,
    webhooks_of,
)

router = APIRouter(prefix="/v1/webhooks")

_TAG = "Webhooks"


@router.post("", **takes("webhook"), **answers("webhook", tag=_TAG))
async def create_webhook(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey
) -> Response:
    """Make a webhook. Its secret is in this answer and in no other, a repeat's included."""
    return await _shown_once(
        request, office, caller, key, lambda document: add_webhook(office, caller, document, key)
    )


@router.get("", **answers("webhooks", 200, tag=_TAG))
async def list_webhooks(office: TheOffice, caller: TheCaller) -> JSONResponse:
    """Return the webhooks of the caller's party."""
    views = await webhooks_of(office, caller)
    return JSONResponse({"webhooks": [view.to_document() for view in views]})


@router.get("/{webhook}", **answers("webhook", 200, tag=_TAG))
async def read_webhook(office: TheOffice, caller: TheCaller, webhook: UUID) -> JSONResponse:
    """Return a webhook, to its party."""
    return JSONResponse((await webhook_of(office, caller, webhook)).to_document())


@router.delete("/{webhook}", **answers("webhook", 200, tag=_TAG))
async def remove_webhook(office: TheOffice, caller: TheCaller, webhook: UUID) -> JSONResponse:
    """Delete a webhook, its secrets, and what is on its way to it."""
    return JSONResponse((await delete_webhook(office, caller, webhook)).to_document())


@router.post("/{webhook}/rotations", **takes("rotation"), **answers("webhook", tag=_TAG))
async def rotate_webhook(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey, webhook: UUID
) -> Response:
    """Give a webhook a new secret, shown once; for a day the one before signs beside it."""
    return await _shown_once(
        request,
        office,
        caller,
        key,
        lambda document: rotate_secret(office, caller, webhook, document),
    )


@router.get("/{webhook}/deliveries", **answers("deliveries", 200, tag=_TAG))
async def list_deliveries(
    office: TheOffice,
    caller: TheCaller,
    webhook: UUID,
    before: Annotated[
        str | None,
        Query(
            description="Only those that were made before this instant.",
            json_schema_extra={"format": "date-time", "pattern": "Z$"},
        ),
    ] = None,
) -> JSONResponse:
    """Return the latest deliveries of a webhook, with every attempt."""
    instant = None if before is None else instant_from(before, "query/before")
    return JSONResponse((await deliveries_of(office, caller, webhook, instant)).to_document())


@router.post("/{webhook}/replays", **takes("replay"), **answers("replay", tag=_TAG))
async def replay_webhook(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey, webhook: UUID
) -> Response:
    """Deliver once more, under the same `webhook-id`: one delivery, or all since an instant."""
    return await act(
        request, office, caller, key, lambda document: replay(office, caller, webhook, document)
    )


async def _shown_once(
    request: Request,
    office: TheOffice,
    caller: TheCaller,
    key: str,
    work: Callable[[dict[str, Any]], Awaitable[WebhookView]],
) -> Response:
    """Answer with the secret whoever has just made it; what is kept for a repeat has none."""
    secret = ""

    async def kept(document: dict[str, Any]) -> WebhookView:
        nonlocal secret
        view = await work(document)
        secret = view.secret
        return view

    response = await act(request, office, caller, key, kept)
    if not secret:
        return response
    document = orjson.loads(response.body) | {"secret": secret}
    return Response(orjson.dumps(document), response.status_code, media_type="application/json")
