"""What answers share: members that may grow in number, texts, amounts, problems."""

from tulen.api.schemas import Schema, integer, record, text

TEXT: Schema = {"type": "string"}
AMOUNT = text(r"^-?[0-9]+(\.[0-9]+)?$", description="Exact amount as text.")
UNKNOWN: Schema = {"const": "UNKNOWN", "description": "The chain did not answer."}


def view(required: Schema, optional: Schema | None = None) -> Schema:
    """Return the schema of an object that has these members, and may get more."""
    return record(required, optional) | {"additionalProperties": True}


OUTCOME: Schema = {"enum": ["MET", "NOT_MET", "UNDETERMINED"]}

PROBLEM = view(
    {
        "type": {"type": "string", "format": "uri"},
        "title": TEXT,
        "status": integer(400, 599),
        "code": text("^[a-z]+(-[a-z0-9]+)*$"),
        "detail": TEXT,
    },
    {
        "field": {"type": "string", "description": "JSON pointer of the offending field."},
        "value": {"type": "string", "description": "The offending value, shortened."},
    },
)
"""An error, as RFC 9457 has it."""
