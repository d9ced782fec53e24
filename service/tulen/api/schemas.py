"""The small words of the OpenAPI description: codes, amounts, dates and how they are put together.

They describe what the core's parsers accept, and are tested against them; nothing is checked here.
"""

from typing import Any

Schema = dict[str, Any]


def text(pattern: str, **more: object) -> Schema:
    """Return the schema of a text that fits ``pattern``."""
    return {"type": "string", "pattern": pattern, **more}


def line(most: int = 512) -> Schema:
    """Return the schema of one line of visible text."""
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": most,
        "description": "One line of visible text in Unicode normal form C: no control or invisible "
        "format characters, no blanks around it.",
    }


def record(required: Schema, optional: Schema | None = None) -> Schema:
    """Return the schema of an object with these members and no others."""
    schema: Schema = {"type": "object", "properties": required | (optional or {})}
    if required:
        schema["required"] = list(required)
    return schema | {"additionalProperties": False}


def several(items: Schema, most: int | None = None, least: int = 1) -> Schema:
    """Return the schema of an array."""
    limit = {} if most is None else {"maxItems": most}
    return {"type": "array", "items": items, "minItems": least, **limit}


def integer(least: int = 0, most: int = 2**53 - 1) -> Schema:
    """Return the schema of a whole number."""
    return {"type": "integer", "minimum": least, "maximum": most}


DECIMAL = text(
    r"^(0|[1-9][0-9]{0,17})(\.[0-9]{1,6})?$",
    description="Exact decimal as text: up to 18 digits, optionally a point and up to 6 more.",
)
SHORTEST = text(
    r"^(0|[1-9][0-9]{0,17})(\.[0-9]{0,5}[1-9])?$",
    description="Exact decimal as text, in its shortest spelling: no zeros that say nothing.",
)
ABOVE_ZERO = text(
    r"^([1-9][0-9]{0,17}(\.[0-9]{0,5}[1-9])?|0\.[0-9]{0,5}[1-9])$",
    description="Exact decimal above zero as text, in its shortest spelling.",
)
DATE: Schema = {"type": "string", "format": "date"}
INSTANT: Schema = {
    "type": "string",
    "format": "date-time",
    "pattern": "Z$",
    "description": "UTC instant, to the second.",
}
COUNTRY = text("^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")
CURRENCY = text("^[A-Z]{3}$", description="ISO 4217.")
UNIT = text("^[A-Z0-9]{2,3}$", description="UN/ECE Recommendation 20.")
HS_CODE = text(
    "^(0[1-9]|[1-9][0-9])[0-9]{2}([0-9]{2}){0,3}$",
    description="HS code of 4, 6, 8 or 10 digits.",
)
AGREEMENT = text("^[A-Z0-9]([A-Z0-9-]{0,14}[A-Z0-9])?$")
FORM = text("^[A-Z0-9]{1,8}$")
PARTY = text(r"^[A-Z]{2}\.[A-Z0-9]([A-Z0-9-]{0,22}[A-Z0-9])?$")
CERTIFICATE_NUMBER = text(r"^[A-Z0-9]([A-Z0-9.-]{0,38}[A-Z0-9])?$")
DECLARATION_NUMBER = text("^[A-Za-z0-9]{26}$")
IDENTIFIER: Schema = {"type": "string", "format": "uuid"}
HASH = text("^[0-9a-f]{64}$", description="32 bytes in lower-case hexadecimal.")
MONEY = record({"amount": SHORTEST, "currency": CURRENCY})
QUANTITY_TEXT = text(
    r"^[0-9]+(\.[0-9]+)? [A-Z0-9]{2,3}$", description="A quantity and its unit, as in 600 KGM."
)
