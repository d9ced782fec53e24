"""Strict JSON in, canonical JSON (RFC 8785) out.

Two readers must never see two documents in the same bytes, so what JSON leaves open is refused
here: duplicate member names, numbers that are not integers of at most 2^53 - 1, lone surrogates,
deep nesting and big bodies.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
import rfc8785

from tulen.errors import InvalidInputError

MAX_INTEGER = 2**53 - 1
"""RFC 8785 section 3.2.2.3: beyond it, two JSON readers may see two numbers."""

_AS_RFC8785 = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER

MAX_POINTER_CHARACTERS = 200
"""How much of a pointer a message repeats."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one document may hold; member names count as strings.

    Attributes:
        size_bytes: Bytes of the whole document.
        depth: How deep it may be nested.
        nodes: How many values it may hold.
        string_characters: How long a text may be.
        fractions: Whether numbers with a fraction are taken: in documents of others only, which
            never become one of ours.
    """

    size_bytes: int = 1 << 20
    depth: int = 32
    nodes: int = 20_000
    string_characters: int = 8_192
    fractions: bool = False


DEFAULT_LIMITS = Limits()


def canonical_bytes(value: object, *, fractions: bool = False) -> bytes:
    """Return the RFC 8785 form of ``value``.

    Args:
        value: The document.
        fractions: Whether it may hold floats, as documents of others do.

    Raises:
        InvalidInputError: ``value`` holds something that has no exact form, such as a float.
    """
    try:
        if _is_plain(value):
            return orjson.dumps(value, option=_AS_RFC8785)
        if not fractions:
            _refuse_floats(value)
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # it checks the type itself
    except (TypeError, ValueError, RecursionError) as error:
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
        # What is short holds no long string, and then a quick look does for nearly all.
        if len(data) > limits.string_characters or not _is_bounded(document, limits):
            _check_bounds(document, limits)
        if orjson.dumps(document) != data:  # Blanks, escapes, or two members with one name.
            _refuse_duplicates(data)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError("", _beginning(data), f"is not JSON: {error}") from error
    return document


def _is_plain(value: object) -> bool:
    """Return whether orjson writes ``value`` as RFC 8785 does, some thirty times as fast.

    It sorts names by their UTF-8, where RFC 8785 section 3.2.3 asks for UTF-16: the same order for
    ASCII. A test shows the same bytes from both.
    """
    kind = type(value)
    if kind is dict:
        for name, item in value.items():  # type: ignore[attr-defined]  # it is a dict
            if type(name) is not str or not name.isascii():
                return False
            if type(item) is not str and not _is_plain(item):
                return False
        return True
    if kind is list or kind is tuple:
        return all(map(_is_plain, value))  # type: ignore[call-overload]  # it is one of the two
    return kind is int or kind is bool or value is None or isinstance(value, str)


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError(f"{value} is not exact")
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for item in value:
        _refuse_floats(item)


def _refuse_duplicates(data: bytes) -> None:
    """Read ``data`` once more, slowly, looking only at member names."""

    def unique(members: list[tuple[str, object]]) -> None:
        names = set()
        for name, _ in members:
            if name in names:
                raise InvalidInputError(_pointer((None, name)), name, "stands twice in one object")
            names.add(name)

    json.loads(data, object_pairs_hook=unique)


_Trail = tuple["_Trail | None", str | int | None]
"""The way to a value: that to its parent, and its own name or index; None for the document."""


def _is_bounded(document: object, limits: Limits) -> bool:
    """Return whether ``document`` surely keeps ``limits`` and the numbers' bounds, level by level.

    Strings are not looked at. Where this is unsure, `_check_bounds` says what is wrong.
    """
    level: list[Any] = [[document]]
    nodes = 0
    for _ in range(limits.depth):
        below: list[Any] = []
        for container in level:
            nodes += len(container)
            for value in container.values() if type(container) is dict else container:
                kind = type(value)
                if kind is str:
                    continue
                if kind is dict or kind is list:
                    below.append(value)
                elif kind is float or (kind is int and abs(value) > MAX_INTEGER):
                    return False
        if nodes > limits.nodes:
            return False
        if not below:
            return True
        level = below
    return False


def _check_bounds(document: object, limits: Limits) -> None:
    """Walk ``document`` without recursion and refuse the first value out of bounds.

    Pointers are spelled out only for a refusal: a long member name above many values would
    otherwise be copied for each of them.
    """
    nodes, longest = 1, limits.string_characters
    stack: list[tuple[_Trail | None, Iterable[tuple[str | int | None, Any]], int]]
    stack = [(None, [(None, document)], 1)]
    while stack:
        parent, members, depth = stack.pop()
        for name, value in members:
            kind = type(value)
            if kind is str and len(value) <= longest:
                continue  # Nearly every value.
            trail = parent, name
            if kind is not dict and kind is not list:
                _check_scalar(value, trail, limits)
            elif value:
                nodes += len(value)
                _check_container(nodes, depth + 1, trail, limits)
                if kind is dict:
                    _check_scalar(max(value, key=len), trail, limits)  # The longest of the names.
                stack.append(
                    (trail, value.items() if kind is dict else enumerate(value), depth + 1)
                )


def _check_container(nodes: int, depth: int, trail: _Trail, limits: Limits) -> None:
    if depth > limits.depth:
        raise InvalidInputError(_pointer(trail), f"depth {depth}", f"exceeds {limits.depth}")
    if nodes > limits.nodes:
        raise InvalidInputError(_pointer(trail), f"{nodes} values", f"exceed {limits.nodes}")


def _check_scalar(value: object, trail: _Trail, limits: Limits) -> None:
    if isinstance(value, str):
        if len(value) > limits.string_characters:
            raise InvalidInputError(
                _pointer(trail), value, f"is longer than {limits.string_characters} characters"
            )
    elif isinstance(value, float) and not limits.fractions:
        problem = 'is not an integer up to 2^53 - 1; write decimals as strings, such as "0.5"'
        raise InvalidInputError(_pointer(trail), value, problem)
    elif isinstance(value, int) and not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise InvalidInputError(_pointer(trail), value, "is beyond 2^53 - 1; write it as a string")


def _pointer(trail: _Trail | None) -> str:
    """Return the RFC 6901 pointer along ``trail``, cut where it is too long for a message."""
    tokens: list[str] = []
    while trail is not None:
        trail, name = trail
        if name is not None:
            tokens.append(str(name).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{token}" for token in reversed(tokens))[:MAX_POINTER_CHARACTERS]


def _beginning(data: bytes) -> str:
    return data[:40].decode("utf-8", "replace")
