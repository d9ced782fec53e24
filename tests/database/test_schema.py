"""The schema that migrations make is the schema that queries are written for."""

import dataclasses

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from procrastinate.schema import SchemaManager
from sqlalchemy import Table, create_engine, inspect
from sqlalchemy.pool import NullPool

from tulen.database import (
    alarms,
    applications,
    certificates,
    checkpoints,
    declarations,
    events,
    idempotency,
    life,
    migrate,
    parties,
    tables,
    transactions,
    webhook_tables,
    webhooks,
)

RECORDS = {
    tables.PARTY: parties.Party,
    tables.API_KEY: parties.ApiKey,
    tables.APPLICATION: applications.Application,
    tables.LIFE_STEP: life.LifeStep,
    tables.CERTIFICATE: certificates.Certificate,
    tables.REVOCATION: certificates.Revocation,
    tables.CHECKPOINT: checkpoints.Checkpoint,
    tables.CHAIN_TRANSACTION: transactions.ChainTransaction,
    tables.CHAIN_ATTEMPT: transactions.Attempt,
    tables.CHAIN_BLOCK: events.Block,
    tables.CHAIN_EVENT: events.Event,
    tables.DECLARATION: declarations.Declaration,
    tables.DRAWDOWN: declarations.Drawdown,
    webhook_tables.ALARM: alarms.Alarm,
    webhook_tables.WEBHOOK: webhooks.Webhook,
    webhook_tables.WEBHOOK_EVENT: webhooks.WebhookEvent,
    webhook_tables.WEBHOOK_DELIVERY: webhooks.Delivery,
    webhook_tables.WEBHOOK_ATTEMPT: webhooks.Attempt,
}


def differences(url: str) -> list[object]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, tables.METADATA)


def plain(url: str) -> str:
    return url.replace("+psycopg", "")


def test_the_migrated_schema_is_the_declared_one(postgres_url: str) -> None:
    assert differences(postgres_url) == []


def test_the_comparison_would_notice_a_missing_index(postgres_url: str) -> None:
    with psycopg.connect(plain(postgres_url)) as connection:
        connection.execute("DROP INDEX drawdown_certificate_idx")
    assert [change[0] for change in differences(postgres_url)] == ["add_index"]


def test_migrating_twice_changes_nothing(empty_postgres_url: str) -> None:
    migrate(empty_postgres_url)
    with psycopg.connect(plain(empty_postgres_url)) as connection:
        connection.execute("INSERT INTO party VALUES ('VN.MOIT', 'Moit', 'VN', '{authority}')")
    migrate(empty_postgres_url)
    with psycopg.connect(plain(empty_postgres_url)) as connection:
        assert connection.execute("SELECT code FROM party").fetchall() == [("VN.MOIT",)]
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            ("0006",)
        ]


QUEUE = r"""
    SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type
        || coalesce(' ' || replace(column_default, table_schema || '.', ''), '')
    FROM information_schema.columns WHERE table_schema = %(schema)s
    UNION ALL SELECT 'function ' || proname
        || replace(pg_get_function_arguments(pg_proc.oid), %(schema)s || '.', '')
        || ' ' || md5(regexp_replace(prosrc, '\s+', ' ', 'g'))
    FROM pg_proc WHERE pronamespace = %(schema)s::regnamespace
    UNION ALL SELECT 'index ' || replace(indexdef, %(schema)s || '.', '')
    FROM pg_indexes WHERE schemaname = %(schema)s
    UNION ALL SELECT 'trigger ' || trigger_name || event_object_table || event_manipulation
    FROM information_schema.triggers WHERE trigger_schema = %(schema)s ORDER BY 1
"""


def test_the_queue_has_the_schema_that_its_installed_version_makes(postgres_url: str) -> None:
    with psycopg.connect(plain(postgres_url)) as connection:
        connection.execute("CREATE SCHEMA made_at_once")
        connection.execute("SET LOCAL search_path = made_at_once")
        connection.cursor().execute(SchemaManager.get_schema())
        ours, theirs = (
            connection.execute(QUEUE, {"schema": schema}).fetchall()
            for schema in ("procrastinate", "made_at_once")
        )
        assert len(ours) > 60
        assert ours == theirs


def test_computed_columns_are_computed_as_declared(postgres_url: str) -> None:
    engine = create_engine(postgres_url, poolclass=NullPool)
    computed = {
        column["name"]: column["computed"]["sqltext"]
        for column in inspect(engine).get_columns("log_entry")
        if "computed" in column
    }
    assert set(computed) == {"leaf_hash", "previous"}


@pytest.mark.parametrize("table", RECORDS, ids=lambda table: table.name)
def test_a_record_has_the_fields_of_its_table_in_order(table: Table) -> None:
    names = [field.name for field in dataclasses.fields(RECORDS[table])]
    assert names == [column.name for column in table.columns]


def test_an_earlier_request_is_a_part_of_its_table() -> None:
    for field in dataclasses.fields(idempotency.EarlierRequest):
        assert field.name in tables.IDEMPOTENCY.columns
