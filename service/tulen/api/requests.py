"""What every route does first: who calls, what the body says, and whether it was said before."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Protocol

import orjson
from fastapi import Depends, Header, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from tulen.api.problems import UnauthenticatedError
from tulen.errors import InvalidInputError
from tulen.values import parse_strict
from tulen.workflows.authenticate import authenticate
from tulen.workflows.office import Caller, Office
from tulen.workflows.once import once

_bearer = HTTPBearer(auto_error=False, description="An API key, bound to a party and a role.")


class View(Protocol):
    """What a workflow answers with."""

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON."""


def office_of(request: Request) -> Office:
    """Return the office that serves this request."""
    office: Office = request.app.state.office
    return office


async def caller_of(
    office: Annotated[Office, Depends(office_of)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """Return whom the API key belongs to.

    Raises:
        UnauthenticatedError: there is no key, or it is not in the register.
    """
    if credentials is None:
        raise UnauthenticatedError("send the header 'Authorization: Bearer <API key>'")
    caller = await authenticate(office, credentials.credentials)
    if caller is None:
        raise UnauthenticatedError("this API key is unknown or withdrawn; ask for a new one")
    return caller


TheOffice = Annotated[Office, Depends(office_of)]
TheCaller = Annotated[Caller, Depends(caller_of)]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        pattern=r"^[\x21-\x7e]+$",
        description="Chosen by the caller, new for each new request. The same key with the same "
        "body gets the first answer again; with another body it is refused.",
    ),
]


async def document_in(request: Request) -> dict[str, Any]:
    """Return the JSON object in the body; an empty body is an empty object.

    Raises:
        InvalidInputError: the body is no JSON object, or an ambiguous one.
    """
    body = await request.body()
    document = parse_strict(body) if body else {}
    if not isinstance(document, dict):
        raise InvalidInputError("", document, "is not a JSON object")
    return document


async def act(
    request: Request,
    office: Office,
    caller: Caller,
    key: str,
    work: Callable[[dict[str, Any]], Awaitable[View]],
) -> Response:
    """Do ``work`` on the body once per idempotency key, and answer 201 with its result.

    Only what was done is remembered. A refusal is not: it has changed nothing, so the same request
    may be sent again, with the same key, once what stood in its way is gone.
    """
    document = await document_in(request)
    route = f"{request.method} {request.url.path}"
    fingerprint = hashlib.sha256(await request.body()).digest()

    async def answer() -> tuple[int, bytes]:
        view = await work(document)
        return 201, orjson.dumps(view.to_document())

    status, body = await once(
        office, caller, route=route, key=key, fingerprint=fingerprint, work=answer
    )
    return Response(body, status, media_type="application/json")


def shown(view: View) -> JSONResponse:
    """Return a workflow's answer as the response."""
    return JSONResponse(view.to_document())
