"""The database: engine, sessions, and the column types that keep values honest."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, Executable, MetaData, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from assist.config import BadConfig

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=CONVENTION)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes only, stored and returned in UTC. A naive one raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone cannot be stored")
        aware = value.astimezone(UTC)
        return aware.replace(tzinfo=None) if dialect.name == "sqlite" else aware

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy passes it by position
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def open_engine(url: str) -> Engine:
    """SQLite with WAL, foreign keys and a busy timeout; PostgreSQL by psycopg. Raises BadConfig without that."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    try:
        engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    except ModuleNotFoundError as error:
        raise BadConfig("PostgreSQL needs one package more: pip install 'sales-assist[postgres]'.") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgresql)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # pysqlite's own transaction handling starts too late for SELECT … then UPDATE; we emit BEGIN ourselves.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    options = connection.get_execution_options()
    execute = connection.connection.driver_connection.execute
    if options.get("writes"):
        execute(f"PRAGMA synchronous={'FULL' if options.get('promised') else 'NORMAL'}")
    execute("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def _begin_postgresql(connection: Any) -> None:
    options = connection.get_execution_options()
    if options.get("writes") and not options.get("promised"):
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")


def fetch(session: Session, statement: Executable, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
    """Columns instead of objects, in the session's transaction: for what somebody waits for, since what the ORM
    does around a small statement takes longer than the statement. Sees nothing that was not flushed."""
    return session.connection().execute(statement, values).all()


class Database:
    """Sessions over one engine: `reading` never commits, `writing` commits at its end or rolls back."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._readers = sessionmaker(engine, expire_on_commit=False)
        # A SQLite transaction that reads first and writes later fails with "database is locked" at once,
        # whatever the busy timeout; writers therefore take the lock when they begin.
        self._writers = {
            promised: sessionmaker(
                engine.execution_options(writes=True, promised=promised), expire_on_commit=False
            )
            for promised in (True, False)
        }

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self._readers() as session:
            yield session

    @contextmanager
    def writing(self, *, promised: bool = True) -> Iterator[Session]:
        """What is not promised is not waited for until the disk has it: a power cut, though no crash of ours,
        may take it, unless something promised was written after it."""
        with self._writers[promised].begin() as session:
            yield session
