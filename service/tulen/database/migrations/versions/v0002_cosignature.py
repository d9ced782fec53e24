"""Cosignatures of checkpoints."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create their table."""
    script = Path(__file__).with_suffix(".sql").read_text("utf-8")
    # The driver itself: SQLAlchemy would read "%" as a placeholder.
    op.get_bind().connection.cursor().execute(script)
