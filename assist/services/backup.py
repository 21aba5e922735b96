"""Backups in one portable file: the database as SQLite whatever it runs on, the keys, and the models.

The same file restores into SQLite or PostgreSQL, so it is also the way from one to the other.
"""

import gzip
import json
import os
import shutil
import tarfile
import tempfile
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Integer, func, insert, select, text
from sqlalchemy.exc import DatabaseError

from assist.config import Config
from assist.db import Base, open_engine
from assist.services.desk import Desk
from assist.store import schema

FORMAT = 1
ROWS_AT_ONCE = 5_000
UNREADABLE = (tarfile.TarError, OSError, EOFError, zlib.error, ValueError, DatabaseError)


class BadBackup(Exception):  # noqa: N818 - named for what it says
    """The file is not a backup of ours, or of a newer version; the message says which."""


def write(desk: Desk, file: Path) -> int:
    """Bytes written. The database is read in one transaction: a backup never mixes two moments."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        copy = open_engine(f"sqlite:///{stage / 'assist.sqlite'}")
        schema.upgrade(copy)
        with copy.begin() as written:
            _copy_rows(desk.database.engine, written)
        copy.dispose()
        (stage / "about.json").write_text(json.dumps({"format": FORMAT}))
        _pack(stage, desk.config, file)
    return file.stat().st_size


def restore(config: Config, file: Path) -> None:
    """Replaces database, keys and models. Raises BadBackup before anything is touched; where the database
    itself fails, it is left as it was."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        source = _unpack(file, stage)
        config.data_dir.mkdir(parents=True, exist_ok=True)
        target = open_engine(config.database_url)
        with target.begin() as connection:
            _empty(connection)
            schema.upgrade_within(connection)
            _copy_rows(source, connection)
        source.dispose()
        target.dispose()
        _replace_files(stage, config)


def _pack(stage: Path, config: Config, file: Path) -> None:
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as stream, tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name in ("about.json", "assist.sqlite"):
            archive.add(stage / name, name)
        for name in ("keys.json", "models"):
            if (config.data_dir / name).exists():
                archive.add(config.data_dir / name, name)
    part.replace(file)


def _unpack(file: Path, stage: Path) -> Engine:
    """The database in the file, brought up to date."""
    try:
        _read_through(file)
        with tarfile.open(file) as archive:
            archive.extractall(stage, filter="data")
        about: Any = json.loads((stage / "about.json").read_text())
        if not isinstance(about, dict) or not (stage / "assist.sqlite").exists():
            raise ValueError("no backup of ours")
        source = open_engine(f"sqlite:///{stage / 'assist.sqlite'}")
        revision = schema.find_revision(source)
    except UNREADABLE as error:
        raise BadBackup(f"{file} is not a backup, or is damaged; take another one.") from error
    if about.get("format") != FORMAT or not schema.is_known(revision):
        source.dispose()
        raise BadBackup(f"{file} was written by another version of this program; restore it with that one.")
    schema.upgrade(source)
    return source


def _read_through(file: Path) -> None:
    """To the checksum at its end, which unpacking need not reach."""
    with closing(gzip.open(file)) as stream:
        while stream.read(1 << 20):
            pass


def _empty(connection: Connection) -> None:
    Base.metadata.drop_all(connection)
    connection.execute(text("DROP TABLE IF EXISTS alembic_version"))


def _copy_rows(source: Engine, target: Connection) -> None:
    reading = (
        source
        if source.dialect.name == "sqlite"
        else source.execution_options(isolation_level="REPEATABLE READ")
    )
    with reading.begin() as read:
        for table in Base.metadata.sorted_tables:
            rows = read.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table)).mappings()
            for part in rows.partitions(ROWS_AT_ONCE):
                target.execute(insert(table), [dict(row) for row in part])
    _advance_sequences(target)


def _advance_sequences(connection: Connection) -> None:
    """PostgreSQL counts on from where its own inserts were, not from the ids that were copied in."""
    if connection.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        keys = list(table.primary_key.columns)
        if len(keys) == 1 and isinstance(keys[0].type, Integer) and not keys[0].foreign_keys:
            last = connection.scalar(select(func.max(keys[0])))
            if last:
                name = func.pg_get_serial_sequence(table.name, keys[0].name)
                connection.execute(select(func.setval(name, last)))


def _replace_files(stage: Path, config: Config) -> None:
    if (stage / "keys.json").exists():
        shutil.copy2(stage / "keys.json", config.data_dir / "keys.json")
    shutil.rmtree(config.models_dir, ignore_errors=True)
    if (stage / "models").exists():
        shutil.copytree(stage / "models", config.models_dir)
