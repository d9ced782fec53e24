"""The routes that answer questions about origin: public, and nothing is made or kept by asking."""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse

from tulen.api.documentation import answers, takes
from tulen.api.requests import View, document_in
from tulen.origin import Correlation
from tulen.values import AgreementCode, date_from
from tulen.workflows.agreements import agreement_on, agreements
from tulen.workflows.origin import assess_origin, compare_origin

router = APIRouter(prefix="/v1")


Day = Annotated[
    str | None,
    Query(
        description="Day whose parties and terms are shown; today where it is left out.",
        json_schema_extra={"format": "date"},
    ),
]


@router.get("/agreements", **answers("agreements", 200, tag="Origin", absent=(404, 409)))
async def read_agreements(on: Day = None) -> JSONResponse:
    """Return the agreements whose rules are loaded, with their parties on a day."""
    return await _answered(lambda: agreements(_day(on)))


@router.get("/agreements/{agreement}", **answers("agreement", 200, tag="Origin"))
async def read_agreement(
    agreement: Annotated[str, Path(pattern="^[A-Z0-9]([A-Z0-9-]{0,14}[A-Z0-9])?$")],
    on: Day = None,
) -> JSONResponse:
    """Return what one agreement says on a day: parties, terms, and how origin is proven."""
    code = AgreementCode(agreement, "path/agreement")
    return await _answered(lambda: agreement_on(code, _day(on)))


@router.post(
    "/origin/assessments",
    **takes("assessment"),
    **answers("assessment", 200, tag="Origin", absent=()),
)
async def assess_good(request: Request) -> JSONResponse:
    """Judge the origin of one good under one agreement. Not known is UNDETERMINED, not an error.

    The good is described by inputs, or by a bill of materials of many levels. How it came is judged
    too where `consignment` states it, beside the verdict: outcome and digest are of origin alone.
    """
    question, correlation = await document_in(request), _correlation(request)
    return await _answered(lambda: assess_origin(question, correlation))


@router.post(
    "/origin/comparisons",
    **takes("comparison"),
    **answers("comparison", 200, tag="Origin", absent=(404, 409)),
)
async def compare_agreements(request: Request) -> JSONResponse:
    """Judge one good under every agreement open between two countries, best first."""
    question, correlation = await document_in(request), _correlation(request)
    return await _answered(lambda: compare_origin(question, correlation))


async def _answered(ask: Callable[[], View]) -> JSONResponse:
    """Answer in a thread: many materials take a while, and other requests do not wait for them."""
    view = await asyncio.to_thread(ask)
    return JSONResponse(view.to_document())


def _correlation(request: Request) -> Correlation | None:
    """Return the correlation table that was loaded at start."""
    table: Correlation | None = request.app.state.correlation
    return table


def _day(on: str | None) -> date | None:
    return None if on is None else date_from(on, "query/on")
