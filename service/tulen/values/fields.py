"""Strict reading of JSON members: one spelling, nothing unknown, nothing missing.

Readers name a field relative to what they read; whoever reads the parent puts its own name before
it (`InvalidInputError.within`). So a valid document costs no pointer, and an invalid one has it.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar

from tulen.errors import InvalidInputError
from tulen.values.amounts import (
    MAX_FRACTION_DIGITS,
    MAX_INTEGER_DIGITS,
    decimal_from,
    decimal_text,
)
from tulen.values.digest import bytes_of_hex
from tulen.values.json import MAX_INTEGER, MAX_POINTER_CHARACTERS

Scalar: TypeAlias = str | bool | int
Tree: TypeAlias = "Scalar | Mapping[str, Tree] | Sequence[Tree]"
"""A document of scalars: what docs/specs/certificate.md section 1 admits."""
Document: TypeAlias = dict[str, Any]
"""A JSON object as `tulen.values.parse_strict` returns it."""

Read = TypeVar("Read")


def members(
    value: object, required: frozenset[str], optional: frozenset[str] = frozenset()
) -> Document:
    """Return ``value`` if it is an object with all ``required`` members and no unknown one.

    Raises:
        InvalidInputError: it is not; the field is that of the first member in question.
    """
    if type(value) is not dict:
        raise InvalidInputError("", value, "is not an object")
    names = value.keys()
    if names != required and names - optional != required:
        for name in sorted(names - required - optional):
            known = ", ".join(sorted(required | optional))
            field = f"/{name[:MAX_POINTER_CHARACTERS]}"
            raise InvalidInputError(field, value[name], f"is unknown; known are {known}")
        for name in sorted(required - names):
            raise InvalidInputError(f"/{name}", "", "is missing")
    return value


def members_of(
    value: object, field: str, required: Collection[str], optional: Collection[str] = ()
) -> Document:
    """Return the same as `members`, for readers that name fields from the top of the document.

    Raises:
        InvalidInputError: as `members`, below ``field``.
    """
    return below(field, lambda: members(value, frozenset(required), frozenset(optional)))


def below(pointer: str, read: Callable[[], Read]) -> Read:
    """Return what ``read`` returns; the fields of its errors are placed below ``pointer``.

    Raises:
        InvalidInputError: ``read`` does.
    """
    try:
        return read()
    except InvalidInputError as error:
        raise error.within(pointer) from None


def part(document: Document, name: str, read: Callable[[object], Read]) -> Read:
    """Return what ``read`` makes of the member ``name``, its errors placed below that name."""
    try:
        return read(document[name])
    except InvalidInputError as error:
        raise error.within(f"/{name}") from None


def each(
    document: Document,
    name: str,
    read: Callable[[object], Read],
    *,
    most: int,
    least: int = 1,
) -> tuple[Read, ...]:
    """Return what ``read`` makes of each element of the array member ``name``.

    Raises:
        InvalidInputError: it is not an array of ``least`` to ``most`` elements, or one is refused.
    """
    items = document[name]
    if type(items) is not list:
        raise InvalidInputError(f"/{name}", items, "is not an array")
    if not least <= len(items) <= most:
        raise InvalidInputError(
            f"/{name}", f"{len(items)} elements", f"are not {least} to {most} elements"
        )
    elements = []
    for index, item in enumerate(items):
        try:
            elements.append(read(item))
        except InvalidInputError as error:
            raise error.within(f"/{name}/{index}") from None
    return tuple(elements)


_SHORTEST = re.compile(
    rf"(?:0|[1-9][0-9]{{0,{MAX_INTEGER_DIGITS - 1}}})"
    rf"(?:\.[0-9]{{0,{MAX_FRACTION_DIGITS - 1}}}[1-9])?"
)


def exact_decimal(text: object, field: str) -> Decimal:
    """Return the decimal that ``text`` spells in its one, shortest spelling.

    Raises:
        InvalidInputError: it is no decimal, or has zeros that say nothing, as in ``12.50``.
    """
    if isinstance(text, str) and _SHORTEST.fullmatch(text):
        return Decimal(text)
    shortest = decimal_text(decimal_from(text, field))
    raise InvalidInputError(field, text, f"is not in its shortest spelling, {shortest}")


def whole_number(value: object, field: str, *, least: int = 0, most: int = MAX_INTEGER) -> int:
    """Return ``value`` if it is an integer from ``least`` to ``most``; a boolean is none.

    Raises:
        InvalidInputError: it is not.
    """
    if type(value) is not int or not least <= value <= most:
        raise InvalidInputError(field, value, f"is not an integer from {least} to {most}")
    return value


def hex_bytes(value: object, field: str, count: int) -> bytes:
    """Return the ``count`` bytes that ``value`` spells in lower-case hexadecimal.

    Raises:
        InvalidInputError: it does not.
    """
    if (spelled := bytes_of_hex(value, count)) is None:
        raise InvalidInputError(field, value, f"is not {2 * count} lower-case hexadecimal digits")
    return spelled


def constant(value: object, field: str, expected: str) -> None:
    """Refuse any ``value`` but ``expected``.

    Raises:
        InvalidInputError: it is another.
    """
    if value != expected:
        raise InvalidInputError(field, value, f"is not '{expected}'")


def pointer_step(name: str) -> str:
    """Return ``name`` as RFC 6901 section 3 escapes it."""
    return name.replace("~", "~0").replace("/", "~1")
