"""Alembic's entry: runs the steps on the connection that the application hands over."""

from alembic import context

import assist.models
from assist.db import Base

assert assist.models  # noqa: S101 - imported for the tables it declares

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    transactional_ddl=True,  # SQLite too: our engine begins its transactions itself
)
with context.begin_transaction():
    context.run_migrations()
