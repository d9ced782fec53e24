"""The routes that answer questions about origin: public, and nothing is made or kept by asking."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from tulen.api.documentation import answers, takes
from tulen.api.requests import View, document_in
from tulen.values import date_from
from tulen.workflows.origin import agreements, assess_origin, compare_origin

router = APIRouter(prefix="/v1")


@router.get("/agreements", **answers("agreements", 200, tag="Origin", absent=(404, 409)))
async def read_agreements(
    on: Annotated[
        str | None,
        Query(
            description="Day whose parties and coverage are shown; today where it is left out.",
            json_schema_extra={"format": "date"},
        ),
    ] = None,
) -> JSONResponse:
    """Return the agreements whose rules are loaded, with their parties on a day."""
    day = None if on is None else date_from(on, "query/on")
    return await _answered(agreements, day)


@router.post(
    "/origin/assessments",
    **takes("assessment"),
    **answers("assessment", 200, tag="Origin", absent=()),
)
async def assess_good(request: Request) -> JSONResponse:
    """Judge the origin of one good under one agreement. Not known is UNDETERMINED, not an error."""
    return await _answered(assess_origin, await document_in(request))


@router.post(
    "/origin/comparisons",
    **takes("comparison"),
    **answers("comparison", 200, tag="Origin", absent=(404, 409)),
)
async def compare_agreements(request: Request) -> JSONResponse:
    """Judge one good under every agreement open between two countries, best first."""
    return await _answered(compare_origin, await document_in(request))


async def _answered(ask: Callable[[Any], View], question: object) -> JSONResponse:
    """Answer in a thread: many materials take a while, and other requests do not wait for them."""
    view = await asyncio.to_thread(ask, question)
    return JSONResponse(view.to_document())
