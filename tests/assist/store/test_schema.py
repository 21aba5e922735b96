"""The tables: the steps that make them lead to what the models say, up, down and up again."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, select

from assist.db import Base, Database
from assist.models.connection import Connection, SyncState
from assist.store import schema
from tests.assist.databases import opened, postgres_database


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        with opened(f"sqlite:///{tmp_path / 'empty.sqlite'}") as engine:
            yield engine
    else:
        with postgres_database() as url, opened(url) as engine:
            yield engine


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def test_up_down_and_up_again(empty: Engine) -> None:
    assert not schema.is_current(empty)
    schema.upgrade(empty)
    assert schema.is_current(empty)
    assert tables(empty) == set(Base.metadata.tables) | {"alembic_version"}
    schema.upgrade(empty)
    schema.downgrade(empty, "base")
    assert tables(empty) == {"alembic_version"}
    assert schema.find_revision(empty) is None
    schema.upgrade(empty)
    assert schema.is_current(empty)


def test_the_steps_lead_to_what_the_models_say(empty: Engine) -> None:
    schema.upgrade(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_steps_keep_what_is_there(empty: Engine) -> None:
    """SQLite makes some tables anew for a step, and must not lose what points at them."""
    schema.upgrade(empty, "0001")
    columns = "id, name, adapter, settings, writes, enabled, created_at"
    shop = "1, 'shop', 'sample', '{}', TRUE, TRUE, '2026-03-02 09:00:00+00:00'"
    with empty.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO connection ({columns}) VALUES ({shop})")
        connection.exec_driver_sql(
            "INSERT INTO sync_state VALUES (1, 'orders', NULL, NULL, NULL, 1, 1, 0, NULL, 1)"
        )
    schema.upgrade(empty)
    assert _count(empty, "sync_state") == 1
    schema.downgrade(empty, "0001")
    assert (_count(empty, "connection"), _count(empty, "sync_state")) == (1, 1)


def _count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() or 0


def test_a_failing_step_leaves_the_database_as_it_was(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE suggestion (id INTEGER)")
    with pytest.raises(Exception, match="already exists"):
        schema.upgrade(empty)
    assert tables(empty) == {"suggestion"}


def test_a_step_back_takes_columns_and_nothing_that_hangs_on_their_table(empty: Engine) -> None:
    """On SQLite a table that is copied is dropped, and drops by its keys whatever was read from a CRM."""
    schema.upgrade(empty)
    values: dict[str, Any] = {
        "settings": {},
        "created_at": datetime(2026, 3, 2, tzinfo=UTC),
        "adapter": "sample",
        "enabled": True,
    }
    with Database(empty).writing() as session:
        for number, shadow in ((1, True), (2, False)):
            row = Connection(id=number, name=f"crm {number}", writes=True, shadow=shadow, **values)
            session.add(row)
            session.flush()
            session.add(SyncState(connection_id=number, kind="orders"))
    schema.downgrade(empty, "0001")
    with empty.begin() as connection:
        columns = {column["name"] for column in inspect(connection).get_columns("connection")}
        assert not columns & {"shadow", "notes_first", "removed_at"}
        writes = connection.exec_driver_sql("SELECT writes FROM connection ORDER BY id").scalars()
        assert [bool(one) for one in writes] == [False, True], (
            "what was told nothing is told nothing after it"
        )
        assert connection.exec_driver_sql("SELECT count(*) FROM sync_state").scalar() == 2
    schema.upgrade(empty)
    with Database(empty).reading() as session:
        kept = session.scalars(select(Connection).order_by(Connection.id)).all()
        assert [(one.shadow, one.notes_first, one.removed_at) for one in kept] == [(False, False, None)] * 2
