"""What agents say a customer's persona is."""

import sqlalchemy as sa
from alembic import op

import assist.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "persona_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("context", sa.String(length=200), nullable=False),
        sa.Column("persona", sa.String(length=80), nullable=True),
        sa.Column("proposed", sa.String(length=80), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("score", sa.Numeric(precision=6, scale=4), nullable=True),
        sa.Column("coverage", sa.Numeric(precision=6, scale=4), nullable=True),
        sa.Column("known", sa.JSON(), nullable=False),
        sa.Column("release", sa.String(length=64), nullable=False),
        sa.Column("chosen_at", assist.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", assist.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["user_account.id"], name=op.f("fk_persona_choice_agent_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_persona_choice_customer_id_customer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persona_choice")),
    )
    op.create_index(
        op.f("ix_persona_choice_customer_id_chosen_at"), "persona_choice", ["customer_id", "chosen_at"]
    )


def downgrade() -> None:
    op.drop_table("persona_choice")
