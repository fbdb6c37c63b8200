"""In which letter's mail another letter goes out, where several notices are one mail."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("bundled_into", sa.BigInteger().with_variant(sa.Integer, "sqlite")))
    op.create_index("ix_outbox_bundled_into", "outbox", ["bundled_into"])
