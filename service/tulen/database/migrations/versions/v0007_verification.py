"""What customs asks the issuing authority, and what it tells it."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables of requests for verification and of customs' responses."""
    script = Path(__file__).with_suffix(".sql").read_text("utf-8")
    # The driver itself: SQLAlchemy would read "%" as a placeholder.
    op.get_bind().connection.cursor().execute(script)
