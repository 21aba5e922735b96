"""Relations proposed from what was ordered together, and what people decided about them."""

import sqlalchemy as sa
from alembic import op

import assist.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "learned_pair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.String(length=190), nullable=False),
        sa.Column("sku", sa.String(length=190), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("together", sa.Integer(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("also", sa.Integer(), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column("proposed_at", assist.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", assist.db.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learned_pair")),
        sa.UniqueConstraint("anchor", "sku", name=op.f("uq_learned_pair_anchor_sku")),
    )


def downgrade() -> None:
    op.drop_table("learned_pair")
