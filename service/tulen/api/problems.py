"""Errors as RFC 9457 problem documents: the one place that knows HTTP statuses.

Every deliberate error has a family and a stable code; a body names the offending field, its value
and what to do, and never shows a stack trace.
"""

from collections.abc import Iterable, Iterator, Mapping

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from tulen.errors import (
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    RuleViolationError,
    TulenError,
    UnavailableError,
    shown,
)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
UNAVAILABLE = 503
METHOD_NOT_ALLOWED = 405

_STATUS: Mapping[type[TulenError], int] = {
    NotFoundError: 404,
    NotPermittedError: 403,
    RuleViolationError: 409,
    InvalidInputError: 422,
    UnavailableError: UNAVAILABLE,
}
_TITLES = {
    400: "The request cannot be read",
    401: "No valid API key was given",
    403: "The caller may not do this",
    404: "Not in the register",
    405: "This address does not take that method",
    409: "A rule forbids this",
    413: "The body is too large",
    422: "A field holds something that it cannot hold",
    500: "Tulen failed",
    503: "Something that Tulen needs did not answer",
}


class UnauthenticatedError(TulenError):
    """The request carries no API key, or one that is unknown, malformed or withdrawn."""

    code = "unauthenticated"


def problem(
    status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, /, **more: str
) -> Response:
    """Return a problem document; one that may pass by itself says when to ask again."""
    after = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == UNAVAILABLE else {}
    body = {
        "type": f"urn:tulen:problem:{code}",
        "title": _TITLES.get(status, "The request failed"),
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }
    return Response(orjson.dumps(body), status, after | dict(headers or {}), media_type=MEDIA_TYPE)


def status_of(error: TulenError) -> int:
    """Return the HTTP status of a deliberate error: that of its nearest family."""
    if isinstance(error, UnauthenticatedError):
        return 401
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)


def install(app: FastAPI) -> None:
    """Make ``app`` answer every error with a problem document."""

    @app.exception_handler(TulenError)
    def deliberate(_: Request, error: TulenError) -> Response:
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    def parameter(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        field = "/".join(str(part) for part in first["loc"])
        more = {"field": field}
        if first["type"] != "missing":
            more["value"] = shown(first["input"])
        return problem(422, "invalid-input", f"{field}: {first['msg']}", **more)

    @app.exception_handler(HTTPException)
    def framework(request: Request, error: HTTPException) -> Response:
        if error.status_code == METHOD_NOT_ALLOWED:
            error.headers = {"Allow": ", ".join(_methods(request))}
        code = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}.get(
            error.status_code, "bad-request"
        )
        return problem(error.status_code, code, str(error.detail), error.headers)


def _methods(request: Request) -> list[str]:
    """Return every method that the request's address takes; the framework names one route's."""
    taken: set[str] = set()
    for route in _each(request.app.routes):
        if route.matches(request.scope)[0] is not Match.NONE:
            taken |= getattr(route, "methods", None) or set()
    return sorted(taken)


def _each(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Yield routes, and those of routers that were included with their own prefix."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from _each(included.routes)


def problem_of(error: TulenError) -> Response:
    """Return the problem document of a deliberate error."""
    status = status_of(error)
    headers: dict[str, str] = {}
    more: dict[str, str] = {}
    if isinstance(error, InvalidInputError):
        more = {"field": error.field, "value": error.value}
    elif isinstance(error, UnauthenticatedError):
        headers["WWW-Authenticate"] = "Bearer"
    return problem(status, error.code, str(error), headers, **more)
