"""The routes of `/v1/applications`: an exporter asks, two officers decide."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from tulen.api.documentation import answers, takes
from tulen.api.requests import IdempotencyKey, TheCaller, TheOffice, act, shown
from tulen.database.states import ApplicationState
from tulen.workflows.apply import application_of, apply
from tulen.workflows.approve import approve
from tulen.workflows.decide import reject, send_back, withdraw
from tulen.workflows.queue import queue
from tulen.workflows.recommend import recommend
from tulen.workflows.supplement import ask, supplement

router = APIRouter(prefix="/v1/applications")


@router.post("", **takes("application"), **answers("application", tag="Authority"))
async def submit_application(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey
) -> Response:
    """Apply for a certificate. The origin of every line is judged at once, with its reasons."""
    return await act(
        request, office, caller, key, lambda document: apply(office, caller, document, key)
    )


@router.get("/{application}", **answers("application", 200, tag="Authority"))
async def read_application(office: TheOffice, caller: TheCaller, application: UUID) -> JSONResponse:
    """Return an application, to its exporter and its authority."""
    return shown(await application_of(office, caller, application))


@router.post(
    "/{application}/recommendations",
    **takes("recommendation"),
    **answers("application", tag="Authority"),
)
async def recommend_application(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey, application: UUID
) -> Response:
    """Recommend an application, as the first of two officers."""
    return await act(
        request,
        office,
        caller,
        key,
        lambda document: recommend(office, caller, application, document),
    )


@router.post(
    "/{application}/approvals",
    **takes("approval"),
    **answers("application", tag="Authority"),
)
async def approve_application(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey, application: UUID
) -> Response:
    """Approve a recommended application, as the second of two officers."""
    return await act(
        request,
        office,
        caller,
        key,
        lambda document: approve(office, caller, application, document),
    )


@router.get("", **answers("queue", 200, tag="Authority"))
async def list_applications(
    office: TheOffice,
    caller: TheCaller,
    state: Annotated[
        ApplicationState | None, Query(description="Only those; all where it is left out.")
    ] = None,
) -> JSONResponse:
    """Return the caller's applications, at most 100: an office's by age, an exporter's latest."""
    return shown(await queue(office, caller, state))


@router.post(
    "/{application}/requests",
    **takes("supplementing"),
    **answers("application", tag="Authority"),
)
async def ask_for_supplement(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey, application: UUID
) -> Response:
    """Ask the exporter for a supplement, with a remark for each box."""
    return await act(
        request,
        office,
        caller,
        key,
        lambda document: ask(office, caller, application, document),
    )


@router.post(
    "/{application}/supplements",
    **takes("application"),
    **answers("application", tag="Authority"),
)
async def supplement_application(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey, application: UUID
) -> Response:
    """Answer with the next version of the application; it is judged anew."""
    return await act(
        request,
        office,
        caller,
        key,
        lambda document: supplement(office, caller, application, document),
    )


@router.post(
    "/{application}/rejections",
    **takes("rejection"),
    **answers("application", tag="Authority"),
)
async def reject_application(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey, application: UUID
) -> Response:
    """Reject an application, with the reason that the exporter is told."""
    return await act(
        request,
        office,
        caller,
        key,
        lambda document: reject(office, caller, application, document),
    )


@router.post(
    "/{application}/returns",
    **takes("return"),
    **answers("application", tag="Authority"),
)
async def return_application(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey, application: UUID
) -> Response:
    """Send a recommended application back to the first officer's desk."""
    return await act(
        request,
        office,
        caller,
        key,
        lambda document: send_back(office, caller, application, document),
    )


@router.post(
    "/{application}/withdrawals",
    **takes("withdrawal"),
    **answers("application", tag="Authority"),
)
async def withdraw_application(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey, application: UUID
) -> Response:
    """Withdraw an application that is not approved yet, as its exporter."""
    return await act(
        request,
        office,
        caller,
        key,
        lambda document: withdraw(office, caller, application, document),
    )
