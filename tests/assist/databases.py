"""Databases for tests: SQLite files, and PostgreSQL where it answers; empty, with their tables."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine, text

from assist.db import Base, open_engine
from assist.store import schema

POSTGRESQL = os.environ.get("ASSIST_TEST_POSTGRESQL", "host=127.0.0.1 user=root dbname=postgres")
FAST = "options=-csynchronous_commit%3Doff"

on_both_databases = pytest.mark.parametrize("template", ["sqlite", "postgres"], indirect=True)


class Template:
    """A database with the tables, from which each test gets an empty one."""

    def make(self, folder: Path) -> str:
        """Its URL."""
        raise NotImplementedError

    def clear(self) -> None:
        """After each test."""


class SqliteTemplate(Template):
    def __init__(self, folder: Path) -> None:
        self._file = folder / "template.sqlite"
        with opened(f"sqlite:///{self._file}") as engine:
            schema.upgrade(engine)

    def make(self, folder: Path) -> str:
        copy = folder / "assist.sqlite"
        shutil.copy(self._file, copy)
        return f"sqlite:///{copy}"


class PostgresTemplate(Template):
    def __init__(self, url: str) -> None:
        self._url = url
        with opened(url) as engine:
            schema.upgrade(engine)

    def make(self, folder: Path) -> str:
        return self._url

    def clear(self) -> None:
        with opened(self._url) as engine, engine.begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(table.delete())
            connection.execute(
                text("SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'")
            )


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def postgres_database() -> Iterator[str]:
    """The URL of an empty one, dropped at the end. Skips without a server, unless this is CI."""
    name = f"assist_test_{uuid4().hex[:12]}"
    try:
        server = psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        missing("PostgreSQL", POSTGRESQL, error)
    with server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            user, host = server.info.user, server.info.host
            yield f"postgresql://{user}@/{name}?host={host}&port={server.info.port}&{FAST}"
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def missing(server: str, address: str, error: Exception) -> NoReturn:
    """Skip on a machine of one's own; CI says that it has everything."""
    reason = f"{server} does not answer at {address}: {type(error).__name__}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
