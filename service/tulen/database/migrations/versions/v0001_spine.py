"""The tables of the spine."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything."""
    script = Path(__file__).with_suffix(".sql").read_text("utf-8")
    # The driver itself: SQLAlchemy would read "%" as a placeholder.
    op.get_bind().connection.cursor().execute(script)
