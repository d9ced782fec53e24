"""The tables of what customs asks and tells the issuer; see `tulen.database.tables`."""

from typing import Any

from sqlalchemy import Column, Date, ForeignKey, Index, SmallInteger, Table, Text, Uuid, text

from tulen.database import states
from tulen.database.tables import AGREEMENT, METADATA, MICRO, MOMENT, PARTY_CODE, As
from tulen.values import UnitCode


def _some(name: str, kind: Any, *more: Any, key: bool = False) -> Column[Any]:  # noqa: ANN401 - whatever Column takes
    return Column(name, kind, *more, nullable=False, primary_key=key, autoincrement=False)


VERIFICATION_REQUEST = Table(
    "verification_request",
    METADATA,
    _some("id", Uuid, key=True),
    _some("certificate", Text, ForeignKey("certificate.number")),
    _some("authority", PARTY_CODE, ForeignKey("party.code")),
    _some("customs", PARTY_CODE, ForeignKey("party.code")),
    _some("agreement", AGREEMENT),
    _some("doubt", As(Text(), states.Doubt)),
    _some("reason", Text),
    _some("question", Text),
    _some("asked_by", Text),
    _some("asked_at", MOMENT),
    _some("state", As(Text(), states.VerificationState)),
    _some("changed_at", MOMENT),
    Column("due_clock", Text),
    Column("due_on", Date),
    Index("verification_request_certificate_idx", "certificate"),
    Index("verification_request_customs_idx", "customs", "asked_at"),
    Index("verification_request_authority_idx", "authority", "asked_at"),
    Index("verification_request_due_idx", "due_on", postgresql_where=text("due_on IS NOT NULL")),
)

VERIFICATION_LINE = Table(
    "verification_line",
    METADATA,
    _some("request", Uuid, ForeignKey("verification_request.id"), key=True),
    _some("line", SmallInteger, key=True),
    Column("answer", As(Text(), states.Answer)),
    Column("note", Text),
    Column("preference", As(Text(), states.Preference)),
    Column("denial", Text),
)

CUSTOMS_RESPONSE = Table(
    "customs_response",
    METADATA,
    _some("id", Uuid, key=True),
    _some("certificate", Text, ForeignKey("certificate.number")),
    _some("authority", PARTY_CODE, ForeignKey("party.code")),
    _some("customs", PARTY_CODE, ForeignKey("party.code")),
    _some("agreement", AGREEMENT),
    _some("kind", As(Text(), states.ResponseKind)),
    Column("reason", Text),
    Column("note", Text),
    _some("received_on", Date),
    _some("responded_by", Text),
    _some("responded_at", MOMENT),
    Index("customs_response_certificate_idx", "certificate"),
    Index("customs_response_customs_idx", "customs", "responded_at"),
    Index("customs_response_authority_idx", "authority", "responded_at"),
)

CUSTOMS_RESPONSE_LINE = Table(
    "customs_response_line",
    METADATA,
    _some("response", Uuid, ForeignKey("customs_response.id"), key=True),
    _some("line", SmallInteger, key=True),
    _some("unit", As(Text(), UnitCode)),
    _some("used_micro", MICRO),
)
