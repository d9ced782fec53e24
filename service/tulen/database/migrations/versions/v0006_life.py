"""The life of applications, certificates and verification requests, step by step."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Change the application, create the table of steps."""
    script = Path(__file__).with_suffix(".sql").read_text("utf-8")
    # The driver itself: SQLAlchemy would read "%" as a placeholder.
    op.get_bind().connection.cursor().execute(script)
