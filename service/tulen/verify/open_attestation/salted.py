"""The salted values of an OpenAttestation document, and what is hashed of them.

A value stands as ``salt:type:value`` (docs/specs/open-attestation.md, section 2). What is hashed is
that text and the way to it, so what is shown to anybody is taken from there and never converted:
``number:1.10`` stays the text ``1.10``.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

import orjson

from tulen.errors import InvalidInputError
from tulen.values.fields import pointer_step

Value: TypeAlias = str | bool | None
"""What a salted text says: numbers as their text; None for ``null`` and ``undefined``."""

_SALTED: Final = re.compile(
    "(?i:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"
    ":(string|number|boolean|null|undefined):(.*)",
    re.DOTALL,
)
_NUMBER: Final = re.compile(
    r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e[+-][1-9][0-9]*)?|NaN|-?Infinity", re.ASCII
)
"""How ECMAScript spells a number (ECMA-262, Number::toString)."""
_FIXED: Final[Mapping[str, Mapping[str, Value]]] = {
    "boolean": {"true": True, "false": False},
    "null": {"null": None},
    "undefined": {"undefined": None},
}


def value_of(salted: object, field: str) -> Value:
    """Return what ``salted`` says.

    Raises:
        InvalidInputError: it is not a salted value, or one that two readers read differently.
    """
    found = _SALTED.fullmatch(salted) if isinstance(salted, str) else None
    if found is None:
        raise InvalidInputError(
            field, salted, "is not a salted value, '<UUID of version 4>:<type>:<value>'"
        )
    kind, text = found[1], found[2]
    if kind == "string":
        return text
    if kind == "number":
        if _NUMBER.fullmatch(text):
            return text
    elif text in _FIXED[kind]:
        return _FIXED[kind][text]
    raise InvalidInputError(field, text, f"is not how a {kind} is written")


class Leaf:
    """One value of a document with the way to it.

    Attributes:
        pointer: RFC 6901 pointer from the document's data.
        value: What it says; None for nothing, and for an empty object or array.
        hashed: The JSON text that its hash is of.
    """

    __slots__ = ("hashed", "pointer", "value")

    def __init__(self, pointer: str, value: Value, hashed: bytes) -> None:
        self.pointer = pointer
        self.value = value
        self.hashed = hashed


def leaves(data: dict[str, object], field: str) -> Iterator[Leaf]:
    """Return every value in ``data``, in its order.

    Ways are written with dots, so a name that holds one could be read as two; and the peer's
    library leaves out of the hash what stands below an empty name or is named ``__proto__``.

    Raises:
        InvalidInputError: a name or a value is not to be had without doubt.
    """
    trail: list[tuple[str, str, object]] = [("", "", data)]
    while trail:
        pointer, way, value = trail.pop()
        if isinstance(value, dict) and value:
            for name in value:
                if not name or "." in name or name == "__proto__":
                    raise InvalidInputError(
                        f"{field}{pointer}", name, "is a name that the hash does not bind"
                    )
            items = [(pointer_step(name), name, item) for name, item in value.items()]
        elif isinstance(value, list) and value:
            items = [(str(index), str(index), item) for index, item in enumerate(value)]
        else:
            empty = isinstance(value, dict | list)
            if pointer or not empty:
                says = None if empty else value_of(value, f"{field}{pointer}")
                yield Leaf(pointer, says, orjson.dumps({way: value}))
            continue
        trail += [
            (f"{pointer}/{step}", f"{way}.{name}" if way else name, item)
            for step, name, item in reversed(items)
        ]
