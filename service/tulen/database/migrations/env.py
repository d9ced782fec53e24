"""What Alembic runs: the connection comes from `tulen.database.migrate`, never from a file."""

from alembic import context

from tulen.database.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
