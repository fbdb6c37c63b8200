"""On what ground each case's deadlines were computed, so that a changed process or directory reaches open cases."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("ground", sa.String(length=32), nullable=False, server_default=""))
