"""Releases of what is said to whom, when each was in force, and which one a decision rests on."""

import sqlalchemy as sa
from alembic import op

import assist.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "release",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("imported_at", assist.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", assist.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["imported_by"], ["user_account.id"], name=op.f("fk_release_imported_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user_account.id"], name=op.f("fk_release_approved_by_user_account")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_release")),
    )
    op.create_table(
        "activation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("begins_at", assist.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", assist.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("rollback", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["release.digest"], name=op.f("fk_activation_digest_release")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_activation_decided_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activation")),
    )
    op.create_index(op.f("ix_activation_begins_at"), "activation", ["begins_at"])
    op.add_column("decision", sa.Column("release", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("decision", "release")
    op.drop_table("activation")
    op.drop_table("release")
