"""`assist db`: the database's shape, backups and restores."""

from pathlib import Path

import click

from assist.app import build_desk
from assist.cli.output import explained, open_desk
from assist.config import load_config
from assist.services import backup
from assist.store import schema


@click.group("db")
def command() -> None:
    """The database: bring it up to date, back it up, restore it."""


@command.command()
def upgrade() -> None:
    """Create the tables, or bring them to this version's shape. Safe to repeat."""
    config = load_config()
    with explained():
        desk = build_desk(config)
        schema.upgrade(desk.database.engine)
    click.echo(f"The database is up to date ({schema.find_revision(desk.database.engine)}).")


@command.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def back_up(file: Path) -> None:
    """Write everything (database, keys, models) to FILE, a .tar.gz that holds secrets: keep it safe."""
    desk = open_desk()
    with explained():
        size = backup.write(desk, file)
    click.echo(f"Wrote {file} ({size / 1e6:.1f} MB). It holds the keys to all secrets: keep it safe.")


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask before replacing what is there.")
def restore(file: Path, yes: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Replace the database, keys and models by those in FILE. Stop the server and workers first."""
    config = load_config()
    if not yes:
        click.confirm(f"Replace what is in {config.data_dir} by the backup?", abort=True)
    with explained():
        try:
            backup.restore(config, file)
        except backup.BadBackup as error:
            raise click.ClickException(str(error)) from error
    click.echo("Restored. Start the server again.")
