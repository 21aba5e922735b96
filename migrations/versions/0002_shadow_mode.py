"""Connections in shadow mode, which of them gets a person's notes, and when one was removed."""

import sqlalchemy as sa
from alembic import op

import assist.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Column by column, never by Alembic's batches: on SQLite those drop the table to copy it, and with it, by its
# foreign keys, everything that was read from a CRM.


def upgrade() -> None:
    for name in ("shadow", "notes_first"):
        op.add_column("connection", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("connection", sa.Column("removed_at", assist.db.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.execute("UPDATE outbox SET state = 'cancelled' WHERE state = 'shadow'")
    op.execute("UPDATE connection SET enabled = false, writes = false WHERE removed_at IS NOT NULL")
    op.execute("UPDATE connection SET writes = false WHERE shadow")
    for name in ("removed_at", "notes_first", "shadow"):
        op.drop_column("connection", name)
