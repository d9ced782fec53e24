"""What OpenAPI says of each route: its body, its answer and its problems."""

from collections.abc import Collection, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from tulen.api.bodies import BODIES
from tulen.api.problems import MEDIA_TYPE
from tulen.api.schemas import Schema
from tulen.api.views import PROBLEM, VIEWS

_PROBLEMS = {
    401: "No valid API key",
    403: "The caller's role does not include this",
    404: "Not in the register, or not the caller's to see",
    409: "A rule forbids it; the detail says which",
    413: "The body is too large",
    422: "A field holds something that it cannot hold; it is named",
    503: "Something that Tulen needs does not answer; try again",
}
_NEEDS_A_KEY = {401, 403}
_NOTHING_MADE = (409,)  # No rule can forbid what makes nothing, unless the question is of a rule.
_WITHOUT_A_KEY = ("Anyone", "Origin")


def _title(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


_NAMED: dict[str, Schema] = {
    "Problem": PROBLEM,
    "Bundle": BODIES["bundle"][0],
    **{f"{name.capitalize()}Request": BODIES[name][0] for name in BODIES if name != "bundle"},
    **{f"{_title(name)}View": VIEWS[name][0] for name in VIEWS if name != "bundle"},
}
TAGS = (
    {"name": "Authority", "description": "Applying, deciding, issuing, revoking."},
    {"name": "Import", "description": "Declaring with proofs of origin."},
    {"name": "Customs", "description": "Drawing quantities down."},
    {"name": "Webhooks", "description": "Being told, and being told again."},
    {"name": "Origin", "description": "Asking the rules of origin, without a key."},
    {"name": "Anyone", "description": "Verifying, without a key."},
)
_CREATED = 201
_JSON: Mapping[str, Schema | None] = {"application/json": None}


def takes(name: str) -> dict[str, Any]:
    """Return the arguments of a route that describe its body."""
    schema, shown = BODIES[name]
    content = {"application/json": {"schema": schema, "example": shown}}
    return {
        "openapi_extra": {
            "requestBody": {
                "required": bool(schema.get("required") or schema.get("oneOf")),
                "content": content,
            }
        }
    }


def answers(
    name: str,
    status: int = _CREATED,
    *,
    tag: str,
    absent: Collection[int] = _NOTHING_MADE,
    media: Mapping[str, Schema | None] = _JSON,
) -> dict[str, Any]:
    """Return the arguments of a route that describe its answer and its problems.

    Args:
        name: Name of the answer in `VIEWS`.
        status: The status of success.
        tag: What the route belongs to.
        absent: Problems that a route which makes nothing does not have.
        media: Its media types, with the schema of those whose schema is not the answer's own.
    """
    schema, description = VIEWS[name]
    never = (_NEEDS_A_KEY if tag in _WITHOUT_A_KEY else set()) | (
        set() if status == _CREATED else set(absent)
    )
    problems: dict[int | str, Any] = {
        code: {"description": text, "content": {MEDIA_TYPE: {"schema": PROBLEM}}}
        for code, text in _PROBLEMS.items()
        if code not in never
    }
    problems[503]["headers"] = {
        "Retry-After": {
            "description": "Seconds after which to ask again.",
            "schema": {"type": "integer"},
        }
    }
    content = {kind: {"schema": other or schema} for kind, other in media.items()}
    described = {status: {"description": description, "content": content}}
    return {"status_code": status, "tags": [tag], "responses": problems | described}


def install(app: FastAPI) -> None:
    """Make ``app`` describe itself with its bodies and answers said once, under their names."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            paths = _referring(document["paths"])
            schemas = {name: _members_referring(schema) for name, schema in _NAMED.items()}
            app.openapi_schema = document | {
                "paths": paths,
                "components": document["components"] | {"schemas": schemas},
                "tags": list(TAGS),
            }
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]  # how FastAPI has it replaced


def operation_id(route: APIRoute) -> str:
    """Return the name of an operation in clients that are made from the description."""
    return route.name


def _referring(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return ``value`` with a reference wherever a named schema stood."""
    for name, schema in _NAMED.items():
        if value == schema:
            return {"$ref": f"#/components/schemas/{name}"}
    return _members_referring(value)


def _members_referring(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {name: _referring(member) for name, member in value.items()}
    return [_referring(item) for item in value] if isinstance(value, list) else value
