"""Leases of leaders, and when each transaction was signed."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create and add them."""
    script = Path(__file__).with_suffix(".sql").read_text("utf-8")
    # The driver itself: SQLAlchemy would read "%" as a placeholder.
    op.get_bind().connection.cursor().execute(script)
