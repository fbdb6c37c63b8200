"""What was signed and has had its effect, so that no copy of it has one again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signatures",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("inbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_signatures_inbox_id_inbox"),
        sa.PrimaryKeyConstraint("digest", name="pk_signatures"),
    )
