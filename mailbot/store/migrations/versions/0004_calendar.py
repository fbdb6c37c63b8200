"""What is due when, for the calendar of who gets a letter."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("calendar", sa.Text(), nullable=False, server_default=""))
