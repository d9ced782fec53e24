"""Deadlines, alarms and webhooks; and the queue, in a schema of its own."""

from importlib import resources
from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"

QUEUE_UP_TO = "03.04.00_50"
"""The last of Procrastinate's own migrations that this one applies; a later one needs one of ours,
or a database made today would differ from one that was made before."""

_OWN_PATH = """
DO $$
DECLARE
    known record;
BEGIN
    FOR known IN
        SELECT pg_proc.oid::regprocedure AS signature FROM pg_proc
        JOIN pg_namespace ON pg_namespace.oid = pronamespace WHERE nspname = 'procrastinate'
    LOOP
        EXECUTE format(
            'ALTER FUNCTION %s SET search_path = procrastinate, pg_temp', known.signature);
    END LOOP;
END $$
"""
"""Its functions name its tables without their schema; so they are found from any connection."""


def upgrade() -> None:
    """Create everything."""
    # The driver itself: SQLAlchemy would read "%" as a placeholder.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    cursor.execute("CREATE SCHEMA procrastinate")
    cursor.execute("SELECT current_setting('search_path')")
    before = cursor.fetchone()
    cursor.execute("SET LOCAL search_path = procrastinate")
    scripts = resources.files("procrastinate.sql") / "migrations"
    for script in sorted(scripts.iterdir(), key=lambda entry: entry.name):
        if script.name.endswith(".sql") and script.name[: len(QUEUE_UP_TO)] <= QUEUE_UP_TO:
            cursor.execute(script.read_text("utf-8"))
    cursor.execute(_OWN_PATH)
    cursor.execute("SELECT set_config('search_path', %s, true)", before)
