"""The routes by which customs asks the issuer, and tells it what it has done."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from tulen.api.documentation import answers, takes
from tulen.api.requests import IdempotencyKey, TheCaller, TheOffice, act, shown
from tulen.database.states import VerificationState
from tulen.workflows.customs_response import respond, response_of
from tulen.workflows.customs_response import responses as responses_of
from tulen.workflows.verification import ask, verification_of, verifications
from tulen.workflows.verification_steps import determine, reply, take

router = APIRouter(prefix="/v1/verifications")
responses = APIRouter(prefix="/v1/customs-responses")


@router.post("", **takes("asking"), **answers("verification_request", tag="Customs"))
async def ask_for_verification(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey
) -> Response:
    """Ask the issuing authority about a certificate, as customs of the importing country."""
    return await act(
        request, office, caller, key, lambda document: ask(office, caller, document, key)
    )


@router.get("", **answers("verification_requests", 200, tag="Customs"))
async def list_verifications(
    office: TheOffice,
    caller: TheCaller,
    state: Annotated[
        VerificationState | None, Query(description="Only those; all where it is left out.")
    ] = None,
) -> JSONResponse:
    """Return at most 100 requests: to customs its own, the latest first; an authority's by age."""
    return shown(await verifications(office, caller, state))


@router.get("/{verification}", **answers("verification_request", 200, tag="Customs"))
async def read_verification(
    office: TheOffice, caller: TheCaller, verification: UUID
) -> JSONResponse:
    """Return a request, to customs that asked and to the authority that is asked."""
    return shown(await verification_of(office, caller, verification))


@router.post(
    "/{verification}/steps", **takes("step"), **answers("verification_request", tag="Customs")
)
async def take_verification_step(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey, verification: UUID
) -> Response:
    """Acknowledge, ask more, withdraw; announce, postpone, agree to, refuse or make a visit."""
    return await act(
        request,
        office,
        caller,
        key,
        lambda document: take(office, caller, verification, document),
    )


@router.post(
    "/{verification}/replies", **takes("reply"), **answers("verification_request", tag="Customs")
)
async def reply_to_verification(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey, verification: UUID
) -> Response:
    """Answer line by line, as the issuing authority."""
    return await act(
        request,
        office,
        caller,
        key,
        lambda document: reply(office, caller, verification, document),
    )


@router.post(
    "/{verification}/determinations",
    **takes("determination"),
    **answers("verification_request", tag="Customs"),
)
async def determine_verification(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey, verification: UUID
) -> Response:
    """Determine line by line whether preference is kept, as customs that asked."""
    return await act(
        request,
        office,
        caller,
        key,
        lambda document: determine(office, caller, verification, document),
    )


@responses.post("", **takes("response"), **answers("customs_response", tag="Customs"))
async def respond_to_issuer(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey
) -> Response:
    """Tell the issuer what was done with a certificate: accepted, partly, or refused, and why."""
    return await act(
        request, office, caller, key, lambda document: respond(office, caller, document, key)
    )


@responses.get("", **answers("customs_responses", 200, tag="Customs"))
async def list_customs_responses(office: TheOffice, caller: TheCaller) -> JSONResponse:
    """Return at most 100 responses that the caller gave or got, the latest first."""
    return shown(await responses_of(office, caller))


@responses.get("/{response}", **answers("customs_response", 200, tag="Customs"))
async def read_customs_response(
    office: TheOffice, caller: TheCaller, response: UUID
) -> JSONResponse:
    """Return a response, to customs that gave it, the issuer and the exporter."""
    return shown(await response_of(office, caller, response))
