"""Strict JSON in, canonical JSON (RFC 8785) out.

Two readers must never see two documents in the same bytes, so what JSON leaves open is refused
here: duplicate member names, numbers that are not integers of at most 2^53 - 1, lone surrogates,
deep nesting and big bodies.
"""

import json
from dataclasses import dataclass
from typing import Any

import orjson
import rfc8785

from tulen.errors import InvalidInputError

MAX_INTEGER = 2**53 - 1
"""RFC 8785 section 3.2.2.3: beyond it, two JSON readers may see two numbers."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one document may hold."""

    size_bytes: int = 1 << 20
    depth: int = 32
    nodes: int = 20_000
    string_characters: int = 8_192


DEFAULT_LIMITS = Limits()


def canonical_bytes(value: object) -> bytes:
    """Return the RFC 8785 form of ``value``.

    Raises:
        InvalidInputError: ``value`` holds something that has no exact form, such as a float.
    """
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # it checks the type itself
    except (rfc8785.CanonicalizationError, TypeError, ValueError) as error:
        raise InvalidInputError("", str(error), "has no canonical form") from error


def parse_strict(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Any:  # noqa: ANN401 - it is JSON
    """Return the JSON document in ``data``.

    Raises:
        InvalidInputError: ``data`` is not UTF-8 JSON, is ambiguous, or exceeds ``limits``.
    """
    if len(data) > limits.size_bytes:
        raise InvalidInputError("", f"{len(data)} bytes", f"exceed {limits.size_bytes} bytes")
    try:
        document = orjson.loads(data)
        _check_bounds(document, limits)
        if orjson.dumps(document) != data:  # Blanks, escapes, or two members with one name.
            _refuse_duplicates(data)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError("", _beginning(data), f"is not JSON: {error}") from error
    return document


def _refuse_duplicates(data: bytes) -> None:
    """Read ``data`` once more, slowly, looking only at member names."""

    def unique(members: list[tuple[str, object]]) -> None:
        names = set()
        for name, _ in members:
            if name in names:
                raise InvalidInputError(f"/{name}", name, "stands twice in one object")
            names.add(name)

    json.loads(data, object_pairs_hook=unique)


def _check_bounds(document: object, limits: Limits) -> None:
    """Walk ``document`` without recursion and refuse the first value out of bounds."""
    nodes = 0
    stack: list[tuple[str, object, int]] = [("", document, 1)]
    while stack:
        pointer, value, depth = stack.pop()
        nodes += 1
        if nodes > limits.nodes:
            raise InvalidInputError(pointer, f"{nodes} values", f"exceed {limits.nodes}")
        if depth > limits.depth:
            raise InvalidInputError(pointer[:200], f"depth {depth}", f"exceeds {limits.depth}")
        if isinstance(value, str):
            if len(value) > limits.string_characters:
                raise InvalidInputError(
                    pointer, value, f"is longer than {limits.string_characters} characters"
                )
        elif isinstance(value, float):
            raise InvalidInputError(
                pointer, value, "is not an integer; write decimals as strings, such as \"0.5\""
            )
        elif isinstance(value, int):
            if not -MAX_INTEGER <= value <= MAX_INTEGER:
                raise InvalidInputError(pointer, value, "is beyond 2^53 - 1; write it as a string")
        elif isinstance(value, dict):
            stack.extend((f"{pointer}/{name}", item, depth + 1) for name, item in value.items())
        elif isinstance(value, list):
            stack.extend((f"{pointer}/{i}", item, depth + 1) for i, item in enumerate(value))


def _beginning(data: bytes) -> str:
    return data[:40].decode("utf-8", "replace")
