"""What agents gave away."""

import sqlalchemy as sa
from alembic import op

import assist.db

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "concession",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("suggestion_id", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("at", assist.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", assist.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["suggestion_id"],
            ["suggestion.id"],
            name=op.f("fk_concession_suggestion_id_suggestion"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_concession_customer_id_customer"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["user_account.id"], name=op.f("fk_concession_agent_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concession")),
    )
    op.create_index(op.f("ix_concession_suggestion_id"), "concession", ["suggestion_id"])
    op.create_index(op.f("ix_concession_agent_id_at"), "concession", ["agent_id", "at"])
    op.create_index(op.f("ix_concession_customer_id_at"), "concession", ["customer_id", "at"])


def downgrade() -> None:
    op.drop_table("concession")
