"""When people went away and what was theirs, so that one mail tells them of it when they are back."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("absences", sa.Column("since", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("absences", sa.Column("is_said", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("absences", sa.Column("cases", sa.JSON(), nullable=False, server_default="[]"))
