"""The database's shape: bringing it up to date, and saying whether it is."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

import migrations


def upgrade(engine: Engine, revision: str = "head") -> None:
    with engine.begin() as connection:
        upgrade_within(connection, revision)


def upgrade_within(connection: Connection, revision: str = "head") -> None:
    """In the transaction at hand, which stays open."""
    command.upgrade(_alembic(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        command.downgrade(_alembic(connection), revision)


def find_revision(engine: Engine) -> str | None:
    """None for an empty database."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_known(revision: str | None) -> bool:
    """Whether this version of the program can bring such a database up to date."""
    return revision in {script.revision for script in ScriptDirectory(_folder()).walk_revisions()}


def is_current(engine: Engine) -> bool:
    return find_revision(engine) == ScriptDirectory(_folder()).get_current_head()


def write_revision(engine: Engine, message: str, *, revision_id: str) -> None:
    """Draft a new step from the difference between the tables and the database; for developers."""
    with engine.begin() as connection:
        command.revision(_alembic(connection), message, autogenerate=True, rev_id=revision_id)


def _alembic(connection: Connection) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", _folder())
    config.attributes["connection"] = connection
    return config


def _folder() -> str:
    return str(Path(migrations.__file__).parent)
