"""Webhooks and the hints they bring; writes to a CRM of more than one kind."""

import sqlalchemy as sa
from alembic import op

import assist.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "connection", sa.Column("last_sync_at", assist.db.UtcDateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "webhook",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", assist.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.Column("received_at", assist.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("refused_at", assist.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("paused_until", assist.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_webhook_connection_id_connection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("digest", name=op.f("uq_webhook_digest")),
    )
    op.create_table(
        "hint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("ref", sa.String(length=190), nullable=False),
        sa.Column("received_at", assist.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", assist.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", assist.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("read_at", assist.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_hint_connection_id_connection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hint")),
        sa.UniqueConstraint("connection_id", "event", name=op.f("uq_hint_connection_id_event")),
    )
    op.create_index(op.f("ix_hint_read_at_due_at"), "hint", ["read_at", "due_at"])
    op.create_index(op.f("ix_hint_connection_id_kind_ref"), "hint", ["connection_id", "kind", "ref"])
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.add_column(
            sa.Column("operation", sa.String(length=12), nullable=False, server_default="note")
        )
        batch_op.alter_column("outcome_id", existing_type=sa.String(length=32), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE operation <> 'note'")
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.alter_column("outcome_id", existing_type=sa.String(length=32), nullable=False)
        batch_op.drop_column("operation")
    op.drop_table("hint")
    op.drop_table("webhook")
    # Not as a batch: SQLite would make the table anew, and take along whatever belongs to a connection.
    op.drop_column("connection", "last_sync_at")
