"""The tables of what is published, raised and told; see `tulen.database.tables`."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from tulen.database import states
from tulen.database.tables import METADATA, MOMENT, PARTY_CODE, As

EVENT_TYPE = As(Text(), states.EventType)


def _some(name: str, kind: Any, *more: Any) -> Column[Any]:  # noqa: ANN401 - whatever Column takes
    return Column(name, kind, *more, nullable=False)


def _made(name: str, kind: Any, default: str) -> Column[Any]:  # noqa: ANN401 - whatever Column takes
    return Column(name, kind, nullable=False, server_default=text(default))


def _id() -> Column[Any]:
    return Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()"))


PUBLISHED = Table(
    "published",
    METADATA,
    Column("authority", PARTY_CODE, ForeignKey("log_state.authority"), primary_key=True),
    _some("size", BigInteger),
    _made("final_at", MOMENT, "now()"),
)

ALARM = Table(
    "alarm",
    METADATA,
    _id(),
    _some("kind", EVENT_TYPE),
    _some("subject", Text),
    _some("detail", Text),
    _made("raised_at", MOMENT, "now()"),
    Column("ended_at", MOMENT),
    Index(
        "alarm_open_idx",
        "kind",
        "subject",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
)

WEBHOOK = Table(
    "webhook",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _some("party", PARTY_CODE),
    _some("url", Text),
    _some("types", ARRAY(Text)),
    Column("secret", LargeBinary),
    Column("previous_secret", LargeBinary),
    Column("previous_until", MOMENT),
    _made("state", As(Text(), states.WebhookState), "'active'"),
    Column("reason", Text),
    _some("created_by", Text),
    _some("created_at", MOMENT),
    Index("webhook_party_idx", "party", postgresql_where=text("state <> 'deleted'")),
)

WEBHOOK_EVENT = Table(
    "webhook_event",
    METADATA,
    _id(),
    _some("party", PARTY_CODE),
    _some("type", EVENT_TYPE),
    _some("key", Text),
    _made("occurred_at", MOMENT, "now()"),
    _some("data", JSONB),
    UniqueConstraint("party", "type", "key"),
    Index("webhook_event_party_idx", "party", "occurred_at"),
    Index("webhook_event_age_idx", "occurred_at"),
)

WEBHOOK_DELIVERY = Table(
    "webhook_delivery",
    METADATA,
    _id(),
    _some("webhook", Uuid, ForeignKey("webhook.id")),
    _some("event", Uuid, ForeignKey("webhook_event.id", ondelete="CASCADE")),
    _made("state", As(Text(), states.DeliveryState), "'pending'"),
    _made("version", Integer, "0"),
    _made("tries", SmallInteger, "0"),
    _made("created_at", MOMENT, "now()"),
    Column("due_at", MOMENT, server_default=text("now()")),
    Column("settled_at", MOMENT),
    UniqueConstraint("webhook", "event"),
    Index("webhook_delivery_recent_idx", "webhook", "created_at"),
    Index("webhook_delivery_event_idx", "event"),
)

WEBHOOK_ATTEMPT = Table(
    "webhook_attempt",
    METADATA,
    Column(
        "delivery", Uuid, ForeignKey("webhook_delivery.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _some("attempted_at", MOMENT),
    _some("milliseconds", Integer),
    Column("status", SmallInteger),
    Column("error", Text),
)
