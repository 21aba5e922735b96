"""What people see of connections that run: switches, attempts, lost fields, former secrets, ids of requests."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import assist.db

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NAMED = ("decision", "outcome", "outbox")
ON_CONNECTION: dict[str, Any] = {
    "former_sealed": sa.LargeBinary(),
    "former_until": assist.db.UtcDateTime(timezone=True),
    "former_used_at": assist.db.UtcDateTime(timezone=True),
    "rotated_at": assist.db.UtcDateTime(timezone=True),
    "hosts": sa.JSON(),
    "fields_checked_at": assist.db.UtcDateTime(timezone=True),
    "fields_error": sa.String(length=300),
}


def upgrade() -> None:
    op.create_table(
        "thrown_switch",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("thrown_by", sa.Integer(), nullable=True),
        sa.Column("thrown_at", assist.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["thrown_by"], ["user_account.id"], name=op.f("fk_thrown_switch_thrown_by_user_account")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_thrown_switch")),
    )
    op.create_table(
        "delivery_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", assist.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", assist.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("cause", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["outbox.id"], name=op.f("fk_delivery_attempt_entry_id_outbox"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempt")),
    )
    op.create_index(op.f("ix_delivery_attempt_entry_id"), "delivery_attempt", ["entry_id"])
    op.create_table(
        "lost_field",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("ours", sa.String(length=120), nullable=False),
        sa.Column("theirs", sa.String(length=200), nullable=False),
        sa.Column("cause", sa.String(length=300), nullable=False),
        sa.Column("since", assist.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_lost_field_connection_id_connection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", "ours", name=op.f("pk_lost_field")),
    )
    for name, kind in ON_CONNECTION.items():
        op.add_column("connection", sa.Column(name, kind, nullable=True))
    op.add_column("sync_state", sa.Column("through_at", assist.db.UtcDateTime(timezone=True), nullable=True))
    for table in NAMED:
        op.add_column(table, sa.Column("request_id", sa.String(length=64), nullable=True))
        op.create_index(op.f(f"ix_{table}_request_id"), table, ["request_id"])
    op.create_index(op.f("ix_audit_entry_request_id"), "audit_entry", ["request_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_audit_entry_request_id"), "audit_entry")
    for table in reversed(NAMED):
        op.drop_index(op.f(f"ix_{table}_request_id"), table)
        op.drop_column(table, "request_id")
    # Not as a batch: SQLite would make the tables anew, and take along whatever belongs to them.
    op.drop_column("sync_state", "through_at")
    for name in reversed(ON_CONNECTION):
        op.drop_column("connection", name)
    op.drop_table("lost_field")
    op.drop_table("delivery_attempt")
    op.drop_table("thrown_switch")
