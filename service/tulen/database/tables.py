"""The tables as queries see them: columns, keys and indexes.

What a row may hold is said once, by the constraints in ``migrations/versions``; a test keeps the
two together. The order of columns is the order of fields of the record that is read from them.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from tulen.certificate.life import Subject
from tulen.database import states
from tulen.values import (
    AgreementCode,
    Country,
    Digest,
    Ed25519PublicKey,
    FormCode,
    HsCode,
    PartyCode,
    UnitCode,
)

METADATA = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
    }
)


class As(TypeDecorator[Any]):
    """A column that is read as a value type that checks itself.

    Args:
        stored: The column's type in the database.
        kind: Makes the value from what is stored.
    """

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    cache_ok = True

    def __init__(self, stored: TypeEngine[Any], kind: Callable[[Any], Any]) -> None:
        super().__init__()
        self.impl = self.stored = stored
        self.kind = kind
        self.bare = stored.python_type

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - inherited
        """Return the plain value: the driver knows no subclasses."""
        return None if value is None else self.bare(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - inherited
        """Return the checked value."""
        return None if value is None else self.kind(value)


MOMENT = DateTime(timezone=True)
AGREEMENT = As(Text(), AgreementCode)
FORM = As(Text(), FormCode)
PARTY_CODE = As(Text(), PartyCode)
DIGEST = As(LargeBinary(), Digest)
MICRO = As(Numeric(24), int)
WEI = As(Numeric(78), int)


def _key(name: str, kind: Any, *more: Any) -> Column[Any]:  # noqa: ANN401 - whatever Column takes
    return Column(name, kind, *more, primary_key=True, autoincrement=False)


def _some(name: str, kind: Any, *more: Any, **options: Any) -> Column[Any]:  # noqa: ANN401 - whatever Column takes
    return Column(name, kind, *more, nullable=False, **options)


def _now(name: str) -> Column[Any]:
    return _some(name, MOMENT, server_default=text("now()"))


PARTY = Table(
    "party",
    METADATA,
    _key("code", PARTY_CODE),
    _some("name", Text),
    _some("country", As(Text(), Country)),
    _some("roles", ARRAY(Text)),
)

API_KEY = Table(
    "api_key",
    METADATA,
    _key("prefix", Text),
    _some("secret_hash", LargeBinary),
    _some("party", PARTY_CODE, ForeignKey("party.code")),
    _some("officer", Text),
    _some("role", As(Text(), states.Role)),
    _some("created_at", MOMENT),
    Column("revoked_at", MOMENT),
    Index("api_key_party_idx", "party"),
)

APPLICATION = Table(
    "application",
    METADATA,
    _key("id", Uuid),
    _some("exporter", PARTY_CODE, ForeignKey("party.code")),
    _some("authority", PARTY_CODE, ForeignKey("party.code")),
    _some("agreement", AGREEMENT),
    _some("form", FORM),
    _some("document_ref", DIGEST),
    _some("outcome", Text),
    _some("verdict_digest", DIGEST),
    _some("submitted_at", MOMENT),
    _some("state", As(Text(), states.ApplicationState)),
    Column("recommended_by", Text),
    Column("recommended_at", MOMENT),
    Column("approved_by", Text),
    Column("approved_at", MOMENT),
    Column("rejected_by", Text),
    Column("rejected_at", MOMENT),
    Column("rejection", Text),
    _some("version", SmallInteger, server_default=text("1")),
    Index("application_exporter_idx", "exporter", "submitted_at"),
    Index("application_authority_idx", "authority", "state", "submitted_at"),
)

LIFE_STEP = Table(
    "life_step",
    METADATA,
    _key("subject", As(Text(), Subject)),
    _key("id", Text),
    _key("step", SmallInteger),
    _some("event", Text),
    _some("state", Text),
    _some("party", PARTY_CODE, ForeignKey("party.code")),
    _some("officer", Text),
    _some("at", MOMENT),
    _some("article", Text),
    _some("detail", JSONB),
)

CERTIFICATE = Table(
    "certificate",
    METADATA,
    _key("number", Text),
    _some("application", Uuid, ForeignKey("application.id"), unique=True),
    _some("authority", PARTY_CODE, ForeignKey("party.code")),
    _some("agreement", AGREEMENT),
    _some("form", FORM),
    _some("year", SmallInteger),
    _some("serial", Integer),
    _some("digest", DIGEST, unique=True),
    _some("document_ref", DIGEST),
    _some("key", As(LargeBinary(), Ed25519PublicKey)),
    _some("issued_on", Date),
    _some("valid_until", Date),
    _some("precommitted_at", MOMENT),
    _some("state", As(Text(), states.CertificateState)),
    Column("signature", LargeBinary),
    Column("signed_at", MOMENT),
    Column("log_index", BigInteger),
    UniqueConstraint("authority", "form", "year", "serial"),
    ForeignKeyConstraint(["authority", "log_index"], ["log_entry.authority", "log_entry.index"]),
    Index("certificate_log_idx", "authority", "log_index", unique=True),
    Index(
        "certificate_unfinished_idx", "precommitted_at", postgresql_where=text("state <> 'logged'")
    ),
)

CERTIFICATE_LINE = Table(
    "certificate_line",
    METADATA,
    _key("number", Text, ForeignKey("certificate.number")),
    _key("line", SmallInteger),
    _some("hs_code", As(Text(), HsCode)),
    _some("unit", As(Text(), UnitCode)),
    _some("certified_micro", MICRO),
)

SERIAL_FLOOR = Table(
    "serial_floor",
    METADATA,
    _key("authority", PARTY_CODE, ForeignKey("party.code")),
    _key("year", SmallInteger),
    _some("serial", Integer),
)

REVOCATION = Table(
    "revocation",
    METADATA,
    _key("id", Uuid),
    _some("certificate", Text, ForeignKey("certificate.number")),
    _some("kind", As(Text(), states.RevocationKind)),
    _some("reason", SmallInteger),
    _some("note", Text),
    _some("requested_by", Text),
    _some("requested_at", MOMENT),
    Index("revocation_certificate_idx", "certificate", "requested_at"),
)

LOG_STATE = Table(
    "log_state",
    METADATA,
    _key("authority", PARTY_CODE, ForeignKey("party.code")),
    _some("size", BigInteger),
    _some("sealed_size", BigInteger),
)

LOG_ENTRY = Table(
    "log_entry",
    METADATA,
    _key("authority", PARTY_CODE, ForeignKey("log_state.authority")),
    _key("index", BigInteger),
    _some("kind", SmallInteger),
    _some("digest", DIGEST),
    _some(
        "leaf_hash",
        LargeBinary,
        Computed(r"sha256('\x00'::bytea || set_byte('\x00'::bytea, 0, kind) || digest)"),
    ),
    _now("logged_at"),
    Column("previous", BigInteger, Computed("nullif(index, 0) - 1")),
    UniqueConstraint("authority", "digest"),
    ForeignKeyConstraint(["authority", "previous"], ["log_entry.authority", "log_entry.index"]),
)

LOG_TILE = Table(
    "log_tile",
    METADATA,
    _key("authority", PARTY_CODE, ForeignKey("log_state.authority")),
    _key("level", SmallInteger),
    _key("index", BigInteger),
    _some("hashes", LargeBinary),
)

CHECKPOINT = Table(
    "checkpoint",
    METADATA,
    _key("authority", PARTY_CODE, ForeignKey("log_state.authority")),
    _key("size", BigInteger),
    _some("root_hash", DIGEST, unique=True),
    _some("note", Text),
    _some("sealed_at", MOMENT),
)

COSIGNATURE = Table(
    "cosignature",
    METADATA,
    _key("authority", PARTY_CODE),
    _key("size", BigInteger),
    _key("name", Text),
    _key("key_id", LargeBinary),
    _some("signature", LargeBinary),
    _now("attached_at"),
    ForeignKeyConstraint(["authority", "size"], ["checkpoint.authority", "checkpoint.size"]),
)

CHAIN_TRANSACTION = Table(
    "chain_transaction",
    METADATA,
    _key("chain_id", BigInteger),
    _key("sender", LargeBinary),
    _key("nonce", BigInteger),
    _some("purpose", Text),
    _some("ref", Text),
    _some("fence", BigInteger),
    _some("state", As(Text(), states.TransactionState)),
    _now("created_at"),
    Index(
        "chain_transaction_live_idx",
        "chain_id",
        "purpose",
        "ref",
        unique=True,
        postgresql_where=text("state <> 'failed'"),
    ),
    Index(
        "chain_transaction_unsettled_idx",
        "chain_id",
        "sender",
        "nonce",
        postgresql_where=text("state IN ('ready', 'sent', 'mined')"),
    ),
)

LEASE = Table(
    "lease",
    METADATA,
    _key("name", Text),
    _some("fence", BigInteger),
    _now("taken_at"),
)

_NONCE = ("chain_id", "sender", "nonce")

CHAIN_ATTEMPT = Table(
    "chain_attempt",
    METADATA,
    _key("tx_hash", DIGEST),
    _some("chain_id", BigInteger),
    _some("sender", LargeBinary),
    _some("nonce", BigInteger),
    _some("raw", LargeBinary),
    _some("max_fee", WEI),
    _some("tip", WEI),
    _some("cancels", Boolean),
    Column("sent_at", MOMENT),
    Column("block_number", BigInteger),
    Column("block_hash", DIGEST),
    Column("gas_used", BigInteger),
    Column("succeeded", Boolean),
    _now("signed_at"),
    ForeignKeyConstraint(_NONCE, [f"chain_transaction.{name}" for name in _NONCE]),
    Index("chain_attempt_nonce_idx", *_NONCE),
    Index(
        "chain_attempt_mined_idx",
        *_NONCE,
        unique=True,
        postgresql_where=text("block_hash IS NOT NULL"),
    ),
)

CHAIN_BLOCK = Table(
    "chain_block",
    METADATA,
    _key("chain_id", BigInteger),
    _key("hash", DIGEST),
    _some("number", BigInteger),
    _some("parent_hash", DIGEST),
    _some("block_time", MOMENT),
    _some("final", Boolean),
    UniqueConstraint("chain_id", "number"),
    Index("chain_block_pending_idx", "chain_id", "number", postgresql_where=text("NOT final")),
)

CHAIN_EVENT = Table(
    "chain_event",
    METADATA,
    _key("chain_id", BigInteger),
    _some("tx_hash", DIGEST),
    _key("block_hash", DIGEST),
    _key("log_index", Integer),
    _some("block_number", BigInteger),
    _some("address", LargeBinary),
    _some("name", Text),
    _some("subject", LargeBinary),
    _some("arguments", JSONB),
    ForeignKeyConstraint(
        ["chain_id", "block_hash"],
        ["chain_block.chain_id", "chain_block.hash"],
        ondelete="CASCADE",
    ),
    Index("chain_event_subject_idx", "subject", "name"),
    Index("chain_event_name_idx", "chain_id", "name", "block_number"),
)

CHAIN_CURSOR = Table(
    "chain_cursor",
    METADATA,
    _key("chain_id", BigInteger),
    _some("block_number", BigInteger),
    _some("block_hash", DIGEST),
    _now("moved_at"),
)

DECLARATION = Table(
    "declaration",
    METADATA,
    _key("number", Text),
    _some("importer", PARTY_CODE, ForeignKey("party.code")),
    _some("content_digest", DIGEST),
    _some("document_ref", DIGEST),
    _some("assessment", JSONB),
    _some("declared_on", Date),
    _some("filed_at", MOMENT),
    Index("declaration_importer_idx", "importer", "filed_at"),
)

DRAWDOWN = Table(
    "drawdown",
    METADATA,
    _key("declaration", Text, ForeignKey("declaration.number")),
    _key("line", SmallInteger),
    _some("certificate", Text),
    _some("digest", DIGEST),
    _some("certificate_line", SmallInteger),
    _some("quantity_micro", MICRO),
    _some("office", Text),
    _some("customs", PARTY_CODE, ForeignKey("party.code")),
    _some("salt", LargeBinary),
    _some("reference", DIGEST, unique=True),
    _some("requested_at", MOMENT),
    _some("state", As(Text(), states.DrawdownState)),
    Column("refusal", Text),
    Column("settled_at", MOMENT),
    Index("drawdown_certificate_idx", "digest", "certificate_line"),
)

IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    _key("party", PARTY_CODE, ForeignKey("party.code")),
    _key("route", Text),
    _key("key", Text),
    _some("request_hash", LargeBinary),
    Column("status", SmallInteger),
    Column("response", LargeBinary),
    _now("created_at"),
    Index("idempotency_age_idx", "created_at"),
)
